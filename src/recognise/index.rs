//! What every form prints, by folded label: one look-up tells which forms a cell may belong to.

use std::collections::HashMap;

use crate::form::label::{Folded, Pattern, fold_label};
use crate::form::{Form, Forms, LayoutCell};

/// Longest printed label, in characters; longer cells are content.
const LONGEST_LABEL: usize = 40;

/// A use of a label by a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Part of a column's header path.
    Head { form: usize },
    /// A label of the field block, at a layout row and cell.
    Field { form: usize, row: usize, cell: usize },
}

/// All forms and their labels.
pub(super) struct Index<'f> {
    pub forms: Vec<&'f Form>,
    labels: HashMap<String, Vec<Use>>,
    patterns: Vec<(Pattern, Use)>,
}

impl<'f> Index<'f> {
    pub fn new(forms: &'f Forms) -> Index<'f> {
        let mut index = Index { forms: forms.all().collect(), labels: HashMap::new(), patterns: Vec::new() };
        for number in 0..index.forms.len() {
            let form = index.forms[number];
            for column in &form.columns {
                for head in std::iter::once(&column.head).chain(&column.aliases) {
                    for label in head.iter().chain(&column.parts) {
                        index.add(label, Use::Head { form: number });
                    }
                }
            }
            for (row, cells) in form.layout.iter().enumerate() {
                for (cell, layout) in cells.iter().enumerate() {
                    if let LayoutCell::Text { pattern, .. } = layout
                        && pattern.slots().next().is_none()
                    {
                        index.add(pattern, Use::Field { form: number, row, cell });
                    }
                }
            }
        }
        index
    }

    fn add(&mut self, label: &Pattern, with: Use) {
        match label.key() {
            Some(key) => {
                let uses = self.labels.entry(key.to_owned()).or_default();
                if !uses.contains(&with) {
                    uses.push(with);
                }
            }
            None if label.is_empty() => {}
            None => {
                if !self.patterns.iter().any(|(known, used)| known == label && *used == with) {
                    self.patterns.push((label.clone(), with));
                }
            }
        }
    }

    /// Uses of a cell's text as a label.
    pub fn uses(&self, text: &str) -> Vec<Use> {
        let number = |ch: char| ch.is_ascii_digit() || matches!(ch, '.' | ',' | '%' | '-');
        if text.is_empty() || text.len() > LONGEST_LABEL * 3 || text.chars().all(number) {
            return Vec::new();
        }
        let folded = fold_label(text);
        let mut uses = self.labels.get(&folded).cloned().unwrap_or_default();
        if !self.patterns.iter().any(|(pattern, _)| pattern.may_begin(&folded)) {
            return uses;
        }
        let characters = Folded::new(&folded);
        for (pattern, with) in &self.patterns {
            if !uses.contains(with) && pattern.matches_folded(&characters) {
                uses.push(*with);
            }
        }
        uses
    }
}
