//! What goes into which field of the import workbook: `templates/import/mof.toml`, or an office's
//! own copy of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::import::codes::{self, CodeList};
use crate::import::schema::{Table, schema};

/// A mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// What a length counts.
    pub counts: Counts,
    /// Money unit of amounts, `元` or `万元`.
    pub money_unit: String,
    /// The sheets in order.
    pub sheets: Vec<Sheet>,
    /// The code lists that sheets use.
    pub lists: Vec<CodeList>,
}

/// What the n of `VARCHAR2(n)` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counts {
    /// Bytes of UTF-8.
    Bytes,
    /// Bytes of GBK.
    Gbk,
    /// Characters.
    Chars,
}

/// A sheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Chinese name.
    pub title: String,
    /// What its rows are, where that needs a word.
    pub about: String,
    /// Its fields in order.
    pub columns: Vec<Column>,
    /// Where its rows come from.
    pub sources: Vec<Source>,
}

impl Sheet {
    /// The value of the run for a field.
    pub fn given<'s>(&self, set: &'s BTreeMap<String, String>, column: &Column) -> Option<&'s str> {
        let own = set.get(&format!("{}.{}", self.name, column.field));
        own.or_else(|| set.get(&column.field)).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Whether nothing in the mapping or the run fills a column.
    pub fn is_open(&self, column: usize, set: &BTreeMap<String, String>) -> bool {
        let supplied = self.sources.iter().any(|source| !matches!(source.values[column], Value::Nothing));
        !supplied && self.given(set, &self.columns[column]).is_none()
    }
}

/// A field.
#[derive(Clone, Debug)]
pub struct Column {
    /// English name.
    pub field: String,
    /// Chinese name; may be empty.
    pub label: String,
    /// Its type as the system says it.
    pub printed_type: String,
    /// Its type.
    pub kind: Kind,
    /// The system does not take a row without it.
    pub required: bool,
    /// The code list of its values.
    pub list: Option<ListOf>,
    /// Exactly so many characters.
    pub length: Option<u32>,
    /// One value for the run.
    pub ask: bool,
    /// Why a filing has no value.
    pub why: String,
}

/// A type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, of this length at most.
    Text(Option<usize>),
    /// A number, of so many digits and decimals at most.
    Number(Option<(u32, u32)>),
    /// A date.
    Date,
}

/// A list of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOf {
    /// The units of the run.
    Agencies,
    /// A list of the mapping, by index.
    Codes(usize),
}

/// Where rows come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Index of the table.
    pub table: usize,
    /// Columns that have a text.
    pub only: Vec<(usize, String)>,
    /// A column that is not empty.
    pub require: Option<usize>,
    /// Columns that are all empty.
    pub unless: Vec<usize>,
    /// The value of each field of the sheet.
    pub values: Vec<Value>,
}

/// The value of a field.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Nothing a filing has.
    #[default]
    Nothing,
    /// Always this.
    Fixed(String),
    /// The first of these that is not empty.
    First(Vec<Part>),
}

/// A value made of the row.
#[derive(Clone, Debug)]
pub enum Part {
    /// A column.
    Column(Path),
    /// Pieces of text with columns in them; a piece of which a column is empty is left out.
    Text(Vec<Vec<Segment>>),
}

/// A bit of a text.
#[derive(Clone, Debug)]
pub enum Segment {
    /// As it stands.
    Plain(String),
    /// A column.
    Column(Path),
}

/// A column of the row, or of the row that a column of it refers to.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    /// Column that refers to another table, and that table.
    pub through: Option<(usize, usize)>,
    /// Column.
    pub column: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    length_counts: Counts,
    money_unit: String,
    sheet: Vec<SheetSpec>,
    #[serde(default)]
    list: Vec<CodeList>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SheetSpec {
    name: String,
    title: String,
    #[serde(default)]
    about: String,
    column: Vec<ColumnSpec>,
    #[serde(default)]
    from: BTreeMap<String, OneOrMany>,
    source: Vec<SourceSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnSpec {
    field: String,
    #[serde(default)]
    label: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    required: bool,
    list: Option<String>,
    length: Option<u32>,
    #[serde(default)]
    ask: bool,
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceSpec {
    table: String,
    #[serde(default, rename = "where")]
    only: BTreeMap<String, String>,
    require: Option<String>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    value: BTreeMap<String, String>,
    #[serde(default)]
    from: BTreeMap<String, OneOrMany>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn all(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

/// The built-in mapping.
pub fn built_in() -> &'static Mapping {
    static MAPPING: OnceLock<Mapping> = OnceLock::new();
    MAPPING.get_or_init(|| {
        Mapping::parse(include_str!("../../../templates/import/mof.toml")).expect("the built-in mapping is tested")
    })
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// With the line, or the name that is not known.
    pub fn parse(text: &str) -> Result<Mapping> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let what = error.message();
            Error::new(format!("第 {line} 行有误：{what}"), format!("line {line}: {what}"))
        })?;
        if !matches!(file.money_unit.as_str(), "元" | "万元") {
            return Err(wrong("money_unit", &file.money_unit, "元、万元", "元, 万元"));
        }
        let mut lists = file.list;
        for list in codes::built_in() {
            if lists.iter().all(|own| own.name != list.name) {
                lists.push(list.clone());
            }
        }
        let mut names = BTreeSet::new();
        let mut sheets = Vec::new();
        for spec in file.sheet {
            let legal = (1..=28).contains(&spec.name.chars().count())
                && !spec.name.contains(['[', ']', ':', '*', '?', '/', '\\'])
                && !spec.name.starts_with('\'')
                && !spec.name.ends_with('\'');
            if !legal || !names.insert(spec.name.to_lowercase()) {
                return Err(Error::new(
                    format!("工作表名“{}”不能用：最多 28 个字，不含 []:*?/\\，不重复", spec.name),
                    format!("no sheet can be named '{}': 28 characters, none of []:*?/\\, no repeats", spec.name),
                ));
            }
            let name = spec.name.clone();
            sheets.push(sheet(spec, &lists).map_err(|error| error.within(&name))?);
        }
        Ok(Mapping { counts: file.length_counts, money_unit: file.money_unit, sheets, lists })
    }

    /// The columns that have one value for the whole run, each field once.
    pub fn asked(&self) -> Vec<&Column> {
        let mut seen = BTreeSet::new();
        let columns = self.sheets.iter().flat_map(|sheet| &sheet.columns);
        columns.filter(|column| column.ask && seen.insert(column.field.as_str())).collect()
    }

    /// Fails for a name that is neither a field nor `SHEET.FIELD`.
    ///
    /// # Errors
    /// With the fields that are asked for.
    pub fn check_set(&self, set: &BTreeMap<String, String>) -> Result<()> {
        for name in set.keys() {
            let known = self.sheets.iter().any(|sheet| {
                let field = name.strip_prefix(&sheet.name).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
                sheet.columns.iter().any(|column| column.field == field)
            });
            if !known {
                let asked = self.asked().iter().map(|column| column.field.as_str()).collect::<Vec<_>>().join(", ");
                return Err(wrong("--set", name, &asked, &asked));
            }
        }
        Ok(())
    }
}

fn wrong(what: &str, name: &str, zh: &str, en: &str) -> Error {
    Error::new(format!("{what}：没有“{name}”；可用 {zh}"), format!("{what}: no '{name}'; there is {en}"))
}

fn sheet(spec: SheetSpec, lists: &[CodeList]) -> Result<Sheet> {
    let mut columns = Vec::new();
    for column in spec.column {
        let list = match column.list.as_deref() {
            None => None,
            Some("@agencies") => Some(ListOf::Agencies),
            Some(name) => {
                let known = || lists.iter().map(|list| list.name.as_str()).collect::<Vec<_>>().join(", ");
                let index = lists.iter().position(|list| list.name == name);
                Some(ListOf::Codes(index.ok_or_else(|| wrong("list", name, &known(), &known()))?))
            }
        };
        columns.push(Column {
            kind: kind(&column.kind)?,
            field: column.field,
            label: column.label,
            printed_type: column.kind,
            required: column.required,
            list,
            length: column.length,
            ask: column.ask,
            why: column.why,
        });
    }
    let fields: Vec<&str> = columns.iter().map(|column| column.field.as_str()).collect();
    let mut sources = Vec::new();
    for source in spec.source {
        sources.push(source_of(source, &spec.from, &fields)?);
    }
    Ok(Sheet { name: spec.name, title: spec.title, about: spec.about, columns, sources })
}

fn source_of(spec: SourceSpec, common: &BTreeMap<String, OneOrMany>, fields: &[&str]) -> Result<Source> {
    let names = || schema().tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ");
    let index = schema().index(&spec.table).ok_or_else(|| wrong("table", &spec.table, &names(), &names()))?;
    let table = &schema().tables[index];
    let mut values = vec![Value::Nothing; fields.len()];
    let at = |field: &str| {
        let all = || fields.join(", ");
        fields.iter().position(|one| *one == field).ok_or_else(|| wrong("field", field, &all(), &all()))
    };
    for (field, from) in common.iter().chain(&spec.from) {
        let parts = from.all().iter().map(|part| part_of(part, table)).collect::<Result<_>>()?;
        values[at(field)?] = Value::First(parts);
    }
    for (field, value) in &spec.value {
        values[at(field)?] = Value::Fixed(value.clone());
    }
    Ok(Source {
        table: index,
        only: spec
            .only
            .iter()
            .map(|(column, text)| Ok((column_of(column, table)?, text.clone())))
            .collect::<Result<_>>()?,
        require: spec.require.map(|column| column_of(&column, table)).transpose()?,
        unless: spec.unless.iter().map(|column| column_of(column, table)).collect::<Result<_>>()?,
        values,
    })
}

fn column_of(name: &str, table: &Table) -> Result<usize> {
    let all = || table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    table.column(name).ok_or_else(|| wrong(&table.name, name, &all(), &all()))
}

fn path(text: &str, table: &Table) -> Result<Path> {
    let Some((reference, column)) = text.split_once('.') else {
        return Ok(Path { through: None, column: column_of(text, table)? });
    };
    let reference = column_of(reference, table)?;
    let other = table.columns[reference].refers.as_deref().and_then(|name| schema().index(name));
    let Some(other) = other else {
        return Err(Error::new(
            format!("{}.{} 不指向别的表", table.name, table.columns[reference].name),
            format!("{}.{} refers to no table", table.name, table.columns[reference].name),
        ));
    };
    Ok(Path { through: Some((reference, other)), column: column_of(column, &schema().tables[other])? })
}

fn part_of(text: &str, table: &Table) -> Result<Part> {
    if !text.contains('{') {
        return Ok(Part::Column(path(text, table)?));
    }
    let mut pieces = Vec::new();
    for piece in text.split('；') {
        let mut segments = Vec::new();
        let mut rest = piece;
        while let Some(open) = rest.find('{') {
            let Some(close) = rest[open..].find('}').map(|close| open + close) else {
                return Err(Error::new(format!("“{text}”缺少 }}"), format!("'{text}' lacks a }}")));
            };
            segments.push(Segment::Plain(rest[..open].to_owned()));
            segments.push(Segment::Column(path(&rest[open + 1..close], table)?));
            rest = &rest[close + 1..];
        }
        segments.push(Segment::Plain(rest.to_owned()));
        pieces.push(segments);
    }
    Ok(Part::Text(pieces))
}

fn kind(text: &str) -> Result<Kind> {
    let unknown =
        || wrong("type", text, "VARCHAR2(n)、NUMBER(p,s)、NUMBER、DATE", "VARCHAR2(n), NUMBER(p,s), NUMBER, DATE");
    let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    Ok(match text {
        "" => Kind::Text(None),
        "NUMBER" => Kind::Number(None),
        "DATE" => Kind::Date,
        _ => {
            if let Some(length) = inside("VARCHAR2") {
                Kind::Text(Some(length.parse().map_err(|_| unknown())?))
            } else {
                let (digits, decimals) = inside("NUMBER").ok_or_else(unknown)?.split_once(',').map_or_else(
                    || (inside("NUMBER").unwrap_or_default(), "0"),
                    |(digits, decimals)| (digits, decimals),
                );
                let number = |text: &str| text.trim().parse().map_err(|_| unknown());
                Kind::Number(Some((number(digits)?, number(decimals)?)))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Mapping::parse(text).expect_err("wrong").en
    }

    #[test]
    fn the_built_in_mapping_loads() {
        let mapping = built_in();
        let asked: Vec<&str> = mapping.asked().iter().map(|column| column.field.as_str()).collect();
        assert!(asked.contains(&"MOF_DIV_CODE"));
        for sheet in &mapping.sheets {
            for source in &sheet.sources {
                assert!(source.values.iter().any(|value| !matches!(value, Value::Nothing)), "{}", sheet.name);
            }
        }
    }

    #[test]
    fn a_wrong_mapping_is_told_what_is_wrong() {
        let start = "length_counts = 'bytes'\nmoney_unit = '元'\n";
        assert!(error("length_counts = 3").starts_with("line 1:"));
        assert!(error("length_counts = 'bytes'\nmoney_unit = '分'\nsheet = []").contains("元, 万元"));
        let sheet = |source: &str| {
            format!(
                "{start}[[sheet]]\nname = 'S'\ntitle = '表'\ncolumn = [{{ field = 'A' }}]\n[[sheet.source]]\n{source}"
            )
        };
        assert!(error(&sheet("table = 'project'")).contains("no 'project'"));
        assert!(error(&sheet("table = 'projects'\nfrom = { B = 'no' }")).contains("no 'B'"));
        assert!(error(&sheet("table = 'projects'\nfrom = { A = 'nothing' }")).contains("no 'nothing'"));
        assert!(error(&sheet("table = 'projects'\nfrom = { A = 'no.code' }")).contains("refers to no table"));
        assert!(Mapping::parse(&sheet("table = 'projects'\nfrom = { A = '{no}号' }")).is_ok());
        let named = format!("{start}[[sheet]]\nname = 'a/b'\ntitle = ''\ncolumn = []\nsource = []");
        assert!(error(&named).contains("no sheet can be named"));
        assert!(kind("VARCHAR2(x)").is_err() && kind("TEXT").is_err());
        assert_eq!(kind("NUMBER(20,2)"), Ok(Kind::Number(Some((20, 2)))));
    }
}
