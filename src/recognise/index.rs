//! What every form prints, by folded label: one look-up tells which forms a cell may belong to.

use std::collections::HashMap;

use crate::form::label::{Folded, Pattern, fold};
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
        if label.slots().next().is_some() || label.printed().contains('*') {
            if !self.patterns.iter().any(|(known, used)| known == label && *used == with) {
                self.patterns.push((label.clone(), with));
            }
            return;
        }
        let uses = self.labels.entry(fold_label(label.printed())).or_default();
        if !uses.contains(&with) {
            uses.push(with);
        }
    }

    /// Uses of a cell's text as a label.
    pub fn uses(&self, text: &str) -> Vec<Use> {
        if text.is_empty() || text.len() > LONGEST_LABEL * 3 {
            return Vec::new();
        }
        let folded = fold_label(text);
        let mut uses = self.labels.get(&folded).cloned().unwrap_or_default();
        let characters = Folded::new(&folded);
        for (pattern, with) in &self.patterns {
            if !uses.contains(with) && pattern.matches_folded(&characters) {
                uses.push(*with);
            }
        }
        uses
    }
}

/// Folds a label; a colon at its end is no part of it.
pub(super) fn fold_label(text: &str) -> String {
    let mut folded = fold(text);
    while folded.ends_with(':') {
        folded.pop();
    }
    folded
}
