//! Edits: byte ranges of a source and what stands there afterwards.

use std::ops::Range;

use crate::error::{Error, Result};

/// One edit of a decoded text or an XML part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What is replaced; empty for an insertion.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub new: String,
}

impl Edit {
    pub fn new(range: Range<usize>, new: impl Into<String>) -> Edit {
        Edit { range, new: new.into() }
    }
}

/// Brings edits in order; of edits that say the same, one stays.
///
/// # Errors
/// When two edits want different things of the same bytes.
pub(super) fn settle(mut edits: Vec<Edit>) -> Result<Vec<Edit>> {
    edits.retain(|edit| !edit.range.is_empty() || !edit.new.is_empty());
    // An insertion comes before the replacement of what follows it; insertions keep their order.
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup_by(|one, other| one == other && !one.range.is_empty());
    for pair in edits.windows(2) {
        if pair[1].range.start < pair[0].range.end {
            return Err(Error::new(
                "两处修改落在原文的同一处，互相矛盾；请分开修改",
                "two edits fall on the same spot of the original and contradict each other; make them one by one",
            ));
        }
    }
    Ok(edits)
}

/// The text after settled edits.
pub(super) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.new);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    out
}
