//! What every form prints, by folded label: one look-up tells which forms a cell may belong to.

use std::cell::RefCell;
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};

use super::header::{Assignment, Label};
use super::title;
use crate::form::label::{Folded, Pattern, bare_label, fold_label};
use crate::form::preamble::{AnyLine, Preambles};
use crate::form::{Form, Forms};

/// Longest printed label, in characters; longer cells are content.
const LONGEST_LABEL: usize = 40;

/// Texts whose uses are remembered.
const REMEMBERED: usize = 8_192;

/// Headers whose columns are remembered.
const REMEMBERED_HEADERS: usize = 512;

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
    /// The year of the filing, where its first lines say one.
    pub year: Option<u16>,
    labels: HashMap<String, Vec<Use>>,
    patterns: Vec<(Pattern, Use)>,
    /// Texts looked up: labels are printed again on every table.
    seen: RefCell<HashMap<String, Rc<[Use]>>>,
    /// Labels of headers, folded: each is compared with the columns of many forms.
    folded: RefCell<HashMap<String, Rc<Label>>>,
    /// Headers, and what their columns are for a form.
    assigned: RefCell<HashMap<String, Assignment>>,
    /// The lines above the tables of all forms.
    any_line: AnyLine,
    /// Texts above tables, and the forms in whose preamble they may stand.
    preambles: RefCell<HashMap<String, Rc<Preambles>>>,
}

impl<'f> Index<'f> {
    pub fn new(forms: &'f Forms, year: Option<u16>) -> Index<'f> {
        let mut index = Index {
            forms: forms.all().collect(),
            year,
            labels: HashMap::new(),
            patterns: Vec::new(),
            seen: RefCell::default(),
            folded: RefCell::default(),
            assigned: RefCell::default(),
            any_line: AnyLine::new(forms.all()),
            preambles: RefCell::default(),
        };
        for number in 0..index.forms.len() {
            let form = index.forms[number];
            for column in &form.columns {
                for head in std::iter::once(&column.head).chain(&column.aliases) {
                    for label in head.iter().chain(&column.parts) {
                        index.add(label, Use::Head { form: number });
                    }
                }
            }
            for (row, cell, label) in form.labels() {
                index.add(label, Use::Field { form: number, row, cell });
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
                // A form that nobody has filled in prints it with nothing in its slots.
                let unfilled = label.fill(|_| None);
                if label.is_unfilled(&Folded::new(&unfilled)) {
                    let uses = self.labels.entry(fold_label(&unfilled)).or_default();
                    if !uses.contains(&with) {
                        uses.push(with);
                    }
                }
                if !self.patterns.iter().any(|(known, used)| known == label && *used == with) {
                    self.patterns.push((label.clone(), with));
                }
            }
        }
    }

    /// Uses of a cell's text as a label.
    pub fn uses(&self, text: &str) -> Rc<[Use]> {
        let number = |ch: char| ch.is_ascii_digit() || matches!(ch, '.' | ',' | '%' | '-');
        if text.is_empty() || text.len() > LONGEST_LABEL * 3 || text.chars().all(number) {
            return Rc::default();
        }
        remembered(&self.seen, text, || self.find(text).into())
    }

    /// Whether a text is part of the header of a form.
    pub fn is_head(&self, form: usize, text: &str) -> bool {
        self.uses(text).contains(&Use::Head { form })
    }

    /// A label of a header.
    pub fn label(&self, text: &str) -> Rc<Label> {
        remembered(&self.folded, text, || Rc::new(Label::new(text)))
    }

    /// What the columns of a header are, from memory if the same one came before.
    pub fn assigned(&self, header: String, assign: impl FnOnce() -> Assignment) -> Assignment {
        if let Some(known) = self.assigned.borrow().get(&header) {
            return known.clone();
        }
        let found = assign();
        let mut memory = self.assigned.borrow_mut();
        if memory.len() == REMEMBERED_HEADERS {
            memory.clear();
        }
        memory.insert(header, found.clone());
        found
    }

    /// The forms in whose preamble a text may stand: nearly always none.
    pub fn preambles_of(&self, text: &str) -> Rc<Preambles> {
        remembered(&self.preambles, text, || Rc::new(title::preambles_of(&self.forms, &self.any_line, text)))
    }

    fn find(&self, text: &str) -> Vec<Use> {
        let folded = fold_label(text);
        let mut uses = self.labels.get(&folded).cloned().unwrap_or_default();
        // A label of a column may be numbered, and name its unit.
        if let Some(bare) = bare_label(&folded).filter(|_| uses.is_empty()) {
            let heads = self.labels.get(bare).into_iter().flatten().filter(|with| matches!(with, Use::Head { .. }));
            uses.extend(heads);
        }
        let mut characters: Option<Folded> = None;
        for (pattern, with) in &self.patterns {
            if pattern.may_match(&folded)
                && !uses.contains(with)
                && pattern.matches_folded(characters.get_or_insert_with(|| Folded::new(&folded)))
            {
                uses.push(*with);
            }
        }
        uses
    }
}

/// What was found for a text, from memory if it is a short one that came before.
fn remembered<T: ?Sized>(memory: &RefCell<HashMap<String, Rc<T>>>, text: &str, find: impl FnOnce() -> Rc<T>) -> Rc<T> {
    if let Some(found) = memory.borrow().get(text) {
        return Rc::clone(found);
    }
    let found = find();
    if text.len() <= LONGEST_LABEL * 3 {
        let mut memory = memory.borrow_mut();
        if memory.len() == REMEMBERED {
            memory.clear();
        }
        memory.insert(text.to_owned(), Rc::clone(&found));
    }
    found
}
