//! The inputs each thread has begun: some errors do not know which input they are of (a panic, the end
//! of a process), and would name none.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use yusuan::Error;

use super::console::shown_within;

thread_local! {
    static BEGUN: RefCell<Vec<PathBuf>> = const { RefCell::new(Vec::new()) };
}

/// This thread begins an input.
pub fn begun(input: &Path) {
    BEGUN.with_borrow_mut(|begun| begun.push(input.to_owned()));
}

/// This thread is done with its inputs.
pub fn ended() {
    BEGUN.with_borrow_mut(Vec::clear);
}

/// A mistake of ours, with what is known of it.
pub fn internal(zh: &str, en: &str) -> Error {
    Error::new(
        format!("程序内部错误（{zh}）；请把这份文件和这一行报告给开发者"),
        format!("internal error ({en}); please report it with this file"),
    )
}

/// The error, with the names of what this thread has begun before it.
pub fn blame(error: Error) -> Error {
    BEGUN.with_borrow(|begun| within(error, &begun.iter().map(PathBuf::as_path).collect::<Vec<_>>()))
}

/// The error, with the names of the inputs before it that it may come of.
pub fn within(error: Error, inputs: &[&Path]) -> Error {
    /// Of all names together; what is said needs the rest of the line.
    const LONGEST: usize = 90;
    let mut names: Vec<String> = inputs.iter().map(|input| shown_within(input, LONGEST / inputs.len())).collect();
    names.dedup();
    if names.is_empty() { error } else { error.within(&names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_what_it_may_come_of() {
        let error = || Error::new("坏", "bad");
        assert_eq!(within(error(), &[]).en, "bad");
        assert_eq!(within(error(), &[Path::new("a")]).en, "a: bad");
        assert_eq!(within(error(), &[Path::new("a"), Path::new("b")]).en, "a, b: bad");
        let long = "长".repeat(100);
        assert!(within(error(), &[Path::new(&long), Path::new("b")]).en.chars().count() < 60);
    }
}
