//! Many inputs on all cores: a queue of threads in which one input that panics or takes too long
//! does not stop the rest.
//!
//! A thread cannot be stopped from outside, so one whose time is up is left behind and another
//! takes its place; a [`Claim`] keeps it from writing anything after it was given up.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use yusuan::Error;

use super::confine;
use super::console::shown;
use super::underway;

/// Stack of a worker; readers walk nested input with explicit stacks, so this is ample.
const STACK: usize = 8 << 20;

const WORKING: u8 = 0;
const WRITING: u8 = 1;
const GIVEN_UP: u8 = 2;

/// One worker's right to write the result of its input.
#[derive(Clone, Debug, Default)]
pub struct Claim(Arc<AtomicU8>);

impl Claim {
    /// Takes the right to write; from now on the input is waited for. `false` when its time is up.
    pub fn take(&self) -> bool {
        self.settle(WRITING)
    }

    fn give_up(&self) -> bool {
        self.settle(GIVEN_UP)
    }

    fn settle(&self, state: u8) -> bool {
        self.0.compare_exchange(WORKING, state, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    fn is_given_up(&self) -> bool {
        self.0.load(Ordering::SeqCst) == GIVEN_UP
    }
}

/// Why an input has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It could not be read or written.
    Error(Error),
    /// It took longer than the limit.
    TimedOut,
}

impl Failure {
    /// As an error of the input.
    pub fn into_error(self, input: &Path) -> Error {
        let shown = shown(input);
        match self {
            Failure::Error(error) => error,
            Failure::TimedOut => Error::new(
                format!("{shown} 超过每个文件的时限（--time-limit）"),
                format!("{shown} took longer than the time limit (--time-limit)"),
            ),
        }
    }
}

/// What happens in a run.
#[derive(Debug)]
pub enum Event<R> {
    /// An input is begun.
    Started(usize),
    /// An input has ended, after some time.
    Ended(usize, Result<R, Failure>, Duration),
}

/// How a run is spread.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Inputs at a time.
    pub jobs: usize,
    /// Time for one input.
    pub limit: Option<Duration>,
}

/// Inputs that may be begun before the first one that has not ended: results that are taken in
/// order wait for it, and must not pile up.
const AHEAD: usize = 256;

enum Message<R> {
    Started { worker: usize, index: usize, claim: Claim },
    Ended { worker: usize, index: usize, result: Result<R, Error>, time: Duration },
    Idle,
}

struct Queue<T, W> {
    items: Vec<T>,
    next: AtomicUsize,
    work: W,
    /// The first input that has not ended.
    first_open: Mutex<usize>,
    moved: Condvar,
}

impl<T, W> Queue<T, W> {
    /// The next input, once it is not too far ahead.
    fn take(&self) -> Option<(usize, &T)> {
        let index = self.next.fetch_add(1, Ordering::SeqCst);
        let item = self.items.get(index)?;
        let first_open = self.first_open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.moved.wait_while(first_open, |first_open| index >= *first_open + AHEAD));
        Some((index, item))
    }

    fn move_on(&self, first_open: usize) {
        *self.first_open.lock().unwrap_or_else(PoisonError::into_inner) = first_open;
        self.moved.notify_all();
    }
}

/// Works through `items`, at most `plan.jobs` at a time, and tells what happens as it happens,
/// until it is told to stop.
pub fn run<T, R, W>(items: Vec<T>, plan: Plan, work: W, mut tell: impl FnMut(Event<R>) -> ControlFlow<()>)
where
    T: Send + Sync + 'static,
    R: Send + 'static,
    W: Fn(&T, &Claim) -> Result<R, Error> + Send + Sync + 'static,
{
    let jobs = plan.jobs.clamp(1, items.len().max(1));
    let mut open: Vec<bool> = vec![true; items.len()];
    let mut first_open = 0;
    let queue =
        Arc::new(Queue { items, next: AtomicUsize::new(0), work, first_open: Mutex::new(0), moved: Condvar::new() });
    let gate = Arc::clone(&queue);
    let mut close = |index: usize| {
        open[index] = false;
        if index == first_open {
            first_open += open[index..].iter().take_while(|open| !**open).count();
            gate.move_on(first_open);
        }
    };
    let (sender, receiver) = mpsc::channel();
    let mut workers = 0;
    let mut start = || {
        workers += 1;
        start_worker(workers, Arc::clone(&queue), sender.clone())
    };
    // Where the system gives no more threads, those there are do the work.
    let mut alive = (0..jobs).take_while(|_| start()).count();
    let mut running: HashMap<usize, (usize, Instant, Claim)> = HashMap::new();
    let mut flow = ControlFlow::Continue(());
    while alive > 0 && flow.is_continue() {
        let due = plan.limit.and_then(|limit| running.values().map(|(_, since, _)| *since + limit).min());
        let wait = due.map_or(Duration::from_secs(3600), |due| due.saturating_duration_since(Instant::now()));
        match receiver.recv_timeout(wait) {
            Ok(Message::Started { worker, index, claim }) => {
                running.insert(worker, (index, Instant::now(), claim));
                flow = tell(Event::Started(index));
            }
            Ok(Message::Ended { worker, index, result, time }) => {
                if running.remove(&worker).is_some() {
                    close(index);
                    flow = tell(Event::Ended(index, result.map_err(Failure::Error), time));
                }
            }
            Ok(Message::Idle) => alive -= 1,
            Err(RecvTimeoutError::Timeout) => {
                let Some(limit) = plan.limit else { continue };
                let over: Vec<usize> = running
                    .iter()
                    .filter(|(_, (_, since, _))| since.elapsed() >= limit)
                    .map(|(worker, _)| *worker)
                    .collect();
                for worker in over {
                    let Some((index, since, claim)) = running.remove(&worker) else { continue };
                    if claim.give_up() {
                        close(index);
                        flow = tell(Event::Ended(index, Err(Failure::TimedOut), since.elapsed()));
                        alive -= usize::from(!start());
                    } else {
                        // It is writing already, which does not take long.
                        running.insert(worker, (index, Instant::now(), claim));
                    }
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // What no thread took is done here, without a time limit.
    while flow.is_continue() {
        let Some((index, item)) = queue.take() else { break };
        let since = Instant::now();
        flow = tell(Event::Started(index));
        let result = catch(|| (queue.work)(item, &Claim::default())).and_then(|result| result);
        confine::ended();
        close(index);
        if flow.is_continue() {
            flow = tell(Event::Ended(index, result.map_err(Failure::Error), since.elapsed()));
        }
    }
    // Those that still run are given up, so that they write nothing any more.
    gate.next.store(usize::MAX / 2, Ordering::SeqCst);
    for (_, _, claim) in running.values() {
        claim.give_up();
    }
}

/// `false` when the system gives no thread.
fn start_worker<T, R, W>(worker: usize, queue: Arc<Queue<T, W>>, sender: Sender<Message<R>>) -> bool
where
    T: Send + Sync + 'static,
    R: Send + 'static,
    W: Fn(&T, &Claim) -> Result<R, Error> + Send + Sync + 'static,
{
    let body = move || {
        while let Some((index, item)) = queue.take() {
            let claim = Claim::default();
            // A send fails only when the run is over; then nobody wants to know.
            let _ = sender.send(Message::Started { worker, index, claim: claim.clone() });
            let since = Instant::now();
            let result = catch(|| (queue.work)(item, &claim)).and_then(|result| result);
            confine::ended();
            // From here on it cannot be given up any more; if it was, another thread has its place.
            if !claim.take() && claim.is_given_up() {
                return;
            }
            let _ = sender.send(Message::Ended { worker, index, result, time: since.elapsed() });
        }
        let _ = sender.send(Message::Idle);
    };
    thread::Builder::new().stack_size(STACK).spawn(body).is_ok()
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Panics are our mistakes; they are reported as an error of the input that met them instead of
/// being printed where they happen.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| place_in(at.file(), at.line()));
        PANIC.with(|panic| *panic.borrow_mut() = place);
    }));
}

/// File and line of a panic. Where libraries lie on the machine that built the program is nobody's
/// matter.
fn place_in(file: &str, line: u32) -> String {
    format!("{}:{line}", file.rsplit(['/', '\\']).next().unwrap_or(file))
}

/// Runs `work`; a panic becomes an error of the inputs it has begun that says where to report it.
pub fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Error> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let place = PANIC.with(|panic| panic.take());
        underway::blame(underway::internal(&place, &place))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended<R: Send + 'static>(
        plan: Plan,
        count: usize,
        work: impl Fn(&usize, &Claim) -> Result<R, Error> + Send + Sync + 'static,
    ) -> Vec<(usize, Result<R, Failure>)> {
        let mut all = Vec::new();
        run((0..count).collect(), plan, work, |event| {
            if let Event::Ended(index, result, _) = event {
                all.push((index, result));
            }
            ControlFlow::Continue(())
        });
        all.sort_by_key(|(index, _)| *index);
        all
    }

    #[test]
    fn a_panic_names_file_and_line_and_no_folder() {
        assert_eq!(place_in("/home/a/.cargo/registry/src/index/zip-1.0.0/src/read.rs", 7), "read.rs:7");
        assert_eq!(place_in("src\\cli\\pool.rs", 7), "pool.rs:7");
    }

    #[test]
    fn a_panic_is_an_error_of_its_input() {
        let all = ended(Plan { jobs: 2, limit: None }, 5, |item, _| {
            assert_ne!(*item, 3, "three");
            Ok(*item * 2)
        });
        assert_eq!(all.len(), 5);
        assert_eq!(all[2].1, Ok(4));
        assert!(matches!(&all[3].1, Err(Failure::Error(error)) if error.en.contains("internal error")));
    }

    #[test]
    fn a_panic_names_the_inputs_its_thread_had_begun() {
        let panicked: Result<(), Error> = catch(|| {
            underway::begun(Path::new("a.txt"));
            panic!("a mistake")
        });
        underway::ended();
        let error = panicked.expect_err("it panicked");
        assert!(error.en.starts_with("a.txt: internal error"), "{error}");
        let panicked: Result<(), Error> = catch(|| panic!("another"));
        let error = panicked.expect_err("it panicked");
        assert!(error.en.starts_with("internal error"), "{error}");
    }

    #[test]
    fn an_input_whose_time_is_up_is_given_up_and_cannot_write() {
        let wrote = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&wrote);
        let plan = Plan { jobs: 1, limit: Some(Duration::from_millis(50)) };
        let all = ended(plan, 3, move |item, claim| {
            if *item == 1 {
                thread::sleep(Duration::from_millis(150));
            }
            if claim.take() {
                counter.fetch_add(1, Ordering::SeqCst);
            }
            Ok(())
        });
        assert_eq!(all[1].1, Err(Failure::TimedOut));
        assert_eq!((all[0].1.clone(), all[2].1.clone()), (Ok(()), Ok(())));
        thread::sleep(Duration::from_millis(150));
        assert_eq!(wrote.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn no_input_is_begun_far_ahead_of_the_first_open_one() {
        let (mut first_ended, mut furthest) = (false, 0);
        let work = |item: &usize, _: &Claim| {
            if *item == 0 {
                thread::sleep(Duration::from_millis(200));
            }
            Ok(())
        };
        run((0..3 * AHEAD).collect(), Plan { jobs: 3, limit: None }, work, |event| {
            match event {
                Event::Started(index) if !first_ended => furthest = furthest.max(index),
                Event::Ended(0, ..) => first_ended = true,
                _ => {}
            }
            ControlFlow::Continue(())
        });
        assert_eq!(furthest, AHEAD - 1);
    }

    #[test]
    fn a_run_that_is_told_to_stop_begins_nothing_more() {
        let begun = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&begun);
        let work = move |_: &usize, _: &Claim| {
            counter.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(20));
            Ok(())
        };
        run((0..100).collect(), Plan { jobs: 2, limit: None }, work, |event| match event {
            Event::Ended(..) => ControlFlow::Break(()),
            Event::Started(_) => ControlFlow::Continue(()),
        });
        thread::sleep(Duration::from_millis(100));
        assert!(begun.load(Ordering::SeqCst) <= 6);
    }

    #[test]
    fn nothing_to_do_ends_at_once() {
        assert!(ended(Plan { jobs: 4, limit: None }, 0, |_, _| Ok(())).is_empty());
    }
}
