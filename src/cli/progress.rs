//! Progress of a run over several inputs: a bar on a terminal, plain lines elsewhere.

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use yusuan::finding::Lang;

use super::confine;
use super::console::{Console, print_line};

/// The progress of a run.
pub struct Progress {
    bar: Option<ProgressBar>,
    console: Console,
    done: usize,
    failed: usize,
    current: Vec<(usize, String)>,
}

impl Progress {
    /// Progress over `total` inputs.
    pub fn new(total: usize, console: &Console) -> Progress {
        let bar = console.shows_progress().then(|| {
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr_with_hz(10));
            let template = match console.lang {
                Lang::Zh => "{bar:24} {pos}/{len} {prefix}  {rate}  剩余 {eta}  {wide_msg}",
                Lang::En => "{bar:24} {pos}/{len} {prefix}  {rate}  {eta} left  {wide_msg}",
            };
            let style = ProgressStyle::with_template(template).expect("the template is right");
            bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.1}/s", state.per_sec());
            }));
            bar
        });
        Progress { bar, console: *console, done: 0, failed: 0, current: Vec::new() }
    }

    /// An input is begun.
    pub fn started(&mut self, index: usize, name: &str) {
        if self.bar.is_some() {
            self.current.push((index, name.to_owned()));
            self.show();
        }
    }

    /// An input has ended; `line` is for where there is no bar.
    pub fn ended(&mut self, index: usize, input: &Path, failed: bool, line: &str) {
        *(if failed { &mut self.failed } else { &mut self.done }) += 1;
        self.current.retain(|(running, _)| *running != index);
        match &self.bar {
            Some(bar) => {
                if failed {
                    bar.suspend(|| print_line(line));
                }
                bar.inc(1);
                self.show();
            }
            None if failed || !self.console.quiet => confine::say_of(input, line),
            None => {}
        }
    }

    /// The run is over.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&self) {
        let Some(bar) = &self.bar else { return };
        bar.set_prefix(match self.console.lang {
            Lang::Zh => format!("完成 {} 失败 {}", self.done, self.failed),
            Lang::En => format!("{} done {} failed", self.done, self.failed),
        });
        bar.set_message(self.current.last().map(|(_, name)| name.clone()).unwrap_or_default());
    }
}
