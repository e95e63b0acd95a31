//! The import workbook of the integrated budget system (预算管理一体化).
//!
//! What goes where is data ([`mapping`]); this module fills and checks the cells. What a filing
//! does not supply stays empty and is marked: a value of the whole run is asked for once
//! ([`Mapping::asked`]), all else is for a person to fill in. Nothing is cut and nothing made up.

mod book;
mod guide;
mod look;
pub mod mapping;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use rust_decimal::Decimal;

use super::extract::{Datum, Extract, Row};
use super::schema::schema;
use crate::error::Result;
use crate::finding::Finding;
use book::{Book, Content};
use mapping::{Column, Counts, Kind, ListOf, Mapping, Part, Segment, Sheet, Source, Value};

/// Most UTF-16 units in a cell of a workbook.
const CELL_UNITS: usize = 32_767;

/// Writes the import workbook.
#[derive(Debug)]
pub struct Import {
    mapping: Mapping,
    set: BTreeMap<String, String>,
    book: Book,
    /// Units of the run, code and name.
    agencies: BTreeSet<(String, String)>,
}

/// The units of one filing, code and name: other filings of the run may use a code otherwise.
type Agencies = Vec<(String, String)>;

/// Rows of other tables by their key.
type Index<'e> = HashMap<(usize, &'e str), &'e Row>;

/// What a cell has before it is checked.
enum Filled {
    Nothing,
    Text(String),
    /// A number, and whether it is an amount in 元.
    Number(Decimal, bool),
}

impl Import {
    /// Begins a workbook; large parts of it go to temporary files in `folder`.
    pub fn create(mapping: &Mapping, set: &BTreeMap<String, String>, folder: &Path) -> Result<Import> {
        mapping.check_set(set)?;
        let book = Book::create(mapping, set, folder)?;
        Ok(Import { mapping: mapping.clone(), set: set.clone(), book, agencies: BTreeSet::new() })
    }

    /// Adds the rows of a filing; yields what was found about its cells.
    pub fn add(&mut self, extract: &Extract) -> Result<Vec<Finding>> {
        let agencies = agencies_of(extract);
        self.agencies.extend(agencies.iter().cloned());
        let index: Index<'_> = extract
            .rows
            .iter()
            .enumerate()
            .flat_map(|(table, rows)| {
                rows.iter().filter_map(move |row| Some(((table, row.data.first()?.as_str()?), row)))
            })
            .collect();
        let mut findings = Vec::new();
        // A missing code is told once a filing, not once a row.
        let mut told = BTreeSet::new();
        let mapping = std::mem::replace(&mut self.mapping, empty());
        for (number, sheet) in mapping.sheets.iter().enumerate() {
            for source in &sheet.sources {
                for row in extract.rows[source.table].iter().filter(|row| source.takes(row)) {
                    let cells = sheet
                        .columns
                        .iter()
                        .zip(&source.values)
                        .map(|(column, value)| {
                            let filled = self.fill(sheet, column, value, source, row, &index);
                            let mut cell = Cell {
                                mapping: &mapping,
                                sheet,
                                column,
                                row,
                                findings: &mut findings,
                                told: &mut told,
                            };
                            cell.check(filled, &agencies)
                        })
                        .collect::<Vec<Content>>();
                    self.book.row(number, &cells)?;
                }
            }
        }
        self.mapping = mapping;
        for (place, finding) in &findings {
            self.book.problem(&extract.source_name, place, finding)?;
        }
        Ok(findings.into_iter().map(|(_, finding)| finding).collect())
    }

    /// Writes the lists and the instructions, and saves the workbook.
    pub fn finish(self, path: &Path) -> Result<()> {
        let Import { mapping, set, book, agencies } = self;
        book.finish(&mapping, &set, &agencies, path)
    }

    /// The fields that have one value for the run and were not given: name and Chinese name.
    pub fn missing(&self) -> Vec<(String, String)> {
        missing(&self.mapping, &self.set)
    }

    /// The value of a cell: of the filing, else of the run.
    fn fill(
        &self,
        sheet: &Sheet,
        column: &Column,
        value: &Value,
        source: &Source,
        row: &Row,
        index: &Index<'_>,
    ) -> Filled {
        let found = match value {
            Value::Nothing => Filled::Nothing,
            Value::Fixed(text) => Filled::Text(text.clone()),
            Value::First(parts) => parts
                .iter()
                .map(|part| value_of(part, source.table, row, index))
                .find(|filled| !matches!(filled, Filled::Nothing))
                .unwrap_or(Filled::Nothing),
        };
        match found {
            Filled::Nothing => {
                sheet.given(&self.set, column).map_or(Filled::Nothing, |text| Filled::Text(text.to_owned()))
            }
            found => found,
        }
    }
}

fn agencies_of(extract: &Extract) -> Agencies {
    let Some(table) = schema().index("institutions") else { return Agencies::new() };
    let columns = &schema().tables[table];
    let (Some(code), Some(name)) = (columns.column("code"), columns.column("name")) else { return Agencies::new() };
    let rows = extract.rows[table].iter();
    rows.filter_map(|row| Some((row.data[code].as_str()?.to_owned(), row.data[name].as_str()?.to_owned()))).collect()
}

fn missing(mapping: &Mapping, set: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let asked = mapping.asked().into_iter();
    asked
        .filter(|column| set.get(&column.field).is_none_or(String::is_empty))
        .map(|column| (column.field.clone(), column.label.clone()))
        .collect()
}

fn empty() -> Mapping {
    Mapping { counts: Counts::Bytes, money_unit: String::new(), sheets: Vec::new(), lists: Vec::new() }
}

impl Source {
    /// Whether a row of its table is taken.
    fn takes(&self, row: &Row) -> bool {
        let is_empty = |column: &usize| row.data[*column] == Datum::Null;
        self.only.iter().all(|(column, text)| row.data[*column].print() == text.as_str())
            && !self.require.as_ref().is_some_and(is_empty)
            && self.unless.iter().all(is_empty)
    }
}

/// The value at the end of a path, and whether it is an amount in 元.
fn datum<'e>(path: mapping::Path, table: usize, row: &'e Row, index: &Index<'e>) -> Option<(&'e Datum, bool)> {
    let (table, row) = match path.through {
        None => (table, row),
        Some((reference, other)) => (other, *index.get(&(other, row.data[reference].as_str()?))?),
    };
    let datum = row.data.get(path.column)?;
    (*datum != Datum::Null).then(|| (datum, schema().tables[table].columns[path.column].amount))
}

fn value_of(part: &Part, table: usize, row: &Row, index: &Index<'_>) -> Filled {
    match part {
        Part::Column(path) => match datum(*path, table, row, index) {
            None => Filled::Nothing,
            Some((Datum::Decimal(number), amount)) => Filled::Number(*number, amount),
            Some((Datum::Integer(number), _)) => Filled::Number(Decimal::from(*number), false),
            Some((Datum::Flag(flag), _)) => Filled::Text(if *flag { "是" } else { "否" }.to_owned()),
            Some((datum, _)) => Filled::Text(datum.print().into_owned()),
        },
        Part::Text(pieces) => {
            let piece = |segments: &Vec<Segment>| {
                segments
                    .iter()
                    .map(|segment| match segment {
                        Segment::Plain(text) => Some(text.clone()),
                        Segment::Column(path) => {
                            datum(*path, table, row, index).map(|(datum, _)| datum.print().into_owned())
                        }
                    })
                    .collect::<Option<String>>()
            };
            let text = pieces.iter().filter_map(piece).collect::<Vec<_>>().join("；");
            if text.is_empty() { Filled::Nothing } else { Filled::Text(text) }
        }
    }
}

/// A cell on its way into the workbook.
struct Cell<'c> {
    mapping: &'c Mapping,
    sheet: &'c Sheet,
    column: &'c Column,
    row: &'c Row,
    findings: &'c mut Vec<(String, Finding)>,
    told: &'c mut BTreeSet<(String, String)>,
}

impl Cell<'_> {
    fn check(&mut self, filled: Filled, agencies: &Agencies) -> Content {
        match (filled, self.column.list) {
            (Filled::Nothing, _) => Content::Empty,
            (Filled::Text(text), Some(list)) => self.coded(&text, list, agencies),
            (Filled::Number(number, _), Some(list)) => self.coded(&number.to_string(), list, agencies),
            (Filled::Text(text), None) => self.text(text),
            (Filled::Number(number, amount), None) => self.number(number, amount),
        }
    }

    /// `code-name`; what the list does not have stays empty, unless the list is open.
    fn coded(&mut self, text: &str, list: ListOf, agencies: &Agencies) -> Content {
        let (code, printed) = match list {
            ListOf::Agencies => match agencies.iter().find(|(code, name)| code == text || name == text) {
                Some((code, name)) => (code.clone(), format!("{code}-{name}")),
                // A code that was given for the run.
                None if text.starts_with(|ch: char| ch.is_ascii_alphanumeric()) => {
                    let code = text.split('-').next().unwrap_or(text);
                    (code.to_owned(), text.to_owned())
                }
                None => {
                    self.no_code(text, "@agencies", "单位");
                    return Content::Empty;
                }
            },
            ListOf::Codes(index) => {
                let list = &self.mapping.lists[index];
                match list.find(text) {
                    Some(entry) => (entry.code.clone(), entry.code_and_name()),
                    None if list.open => (text.to_owned(), text.to_owned()),
                    None => {
                        self.no_code(text, &list.name, &list.title);
                        return Content::Empty;
                    }
                }
            }
        };
        self.check_length(&code);
        self.fitting(printed)
    }

    fn text(&mut self, text: String) -> Content {
        self.check_length(&text);
        self.fitting(text)
    }

    fn number(&mut self, number: Decimal, amount: bool) -> Content {
        let mut value = number;
        if amount && self.mapping.money_unit == "万元" {
            // Exact: a decimal point moves.
            value = Decimal::from_i128_with_scale(number.mantissa(), number.scale() + 4).normalize();
        }
        match self.column.kind {
            Kind::Text(None) if !amount => Content::Number(value),
            Kind::Text(_) | Kind::Date => self.text(value.to_string()),
            Kind::Number(limits) => {
                if let Some((digits, decimals)) = limits {
                    let whole = value.trunc().abs().to_string();
                    let whole = if whole == "0" { 0 } else { whole.len() };
                    if value.scale() > decimals || whole > (digits - decimals.min(digits)) as usize {
                        self.too_long(&value.to_string(), &format!("NUMBER({digits},{decimals})"));
                    }
                }
                if amount { Content::Amount(value) } else { Content::Number(value) }
            }
        }
    }

    fn check_length(&mut self, text: &str) {
        let counted = match self.mapping.counts {
            Counts::Bytes => text.len(),
            Counts::Gbk => encoding_rs::GB18030.encode(text).0.len(),
            Counts::Chars => text.chars().count(),
        };
        if let Kind::Text(Some(limit)) = self.column.kind
            && counted > limit
        {
            let unit = match self.mapping.counts {
                Counts::Chars => ("字", "characters"),
                _ => ("字节", "bytes"),
            };
            let field = self.field();
            let place = self.row.place;
            self.report(
                Finding::of(
                    "import-too-long",
                    place,
                    format!("{field} 有 {counted} {}，系统只收 {limit} {}；内容未截断，请改短", unit.0, unit.0),
                    format!("{field} has {counted} {}, the system takes {limit}; nothing was cut", unit.1),
                )
                .numbers(counted.to_string(), limit.to_string()),
            );
        }
        let chars = text.chars().count();
        if let Some(exact) = self.column.length
            && chars != exact as usize
        {
            self.too_long(text, &format!("{exact}"));
        }
    }

    /// A text that a cell can hold.
    fn fitting(&mut self, text: String) -> Content {
        let units = text.encode_utf16().count();
        if units <= CELL_UNITS {
            return Content::Text(text);
        }
        let field = self.field();
        self.report(Finding::of(
            "import-too-long",
            self.row.place,
            format!("{field} 有 {units} 字，一个单元格最多 {CELL_UNITS} 字；未写入"),
            format!("{field} has {units} characters, a cell holds {CELL_UNITS}; it was left out"),
        ));
        Content::Empty
    }

    fn too_long(&mut self, text: &str, limit: &str) {
        let field = self.field();
        let shown: String = text.chars().take(30).collect();
        self.report(
            Finding::of(
                "import-too-long",
                self.row.place,
                format!("{field} 的 {shown} 超出 {limit}；内容未改"),
                format!("{shown} in {field} is beyond {limit}; it was not changed"),
            )
            .numbers(shown, limit),
        );
    }

    fn no_code(&mut self, text: &str, list: &str, title: &str) {
        if !self.told.insert((list.to_owned(), text.to_owned())) {
            return;
        }
        let shown: String = text.chars().take(30).collect();
        let field = self.field();
        self.report(Finding::of(
            "import-no-code",
            self.row.place,
            format!("{field}：“{shown}”在“{title}”代码表中没有代码，留空"),
            format!("{field}: '{shown}' has no code in list {list}; left empty"),
        ));
    }

    fn report(&mut self, finding: Finding) {
        // The last column names the row's place.
        let place = self.row.data.last().and_then(Datum::as_str).unwrap_or_default();
        self.findings.push((place.to_owned(), finding));
    }

    fn field(&self) -> String {
        format!("{}.{}", self.sheet.name, self.column.field)
    }
}
