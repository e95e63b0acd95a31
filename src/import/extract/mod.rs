//! A filing to the rows of the pooled tables.
//!
//! Only leaf rows are taken: what a sum of the form adds up to is left out as long as one of its
//! parts is printed, so that adding up a table gives the totals of the filing. `其中` rows, which
//! are part of another row, stand in a table of their own.

mod leaf;
mod performance;
mod units;

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::key::{self, Unique};
use super::schema::{self, Item, ItemKind, PRECISION, Rows, SCALE, Schema, schema};
use crate::filing::target::{self, Target};
use crate::filing::{Block, Filing, Table, Value, amount};
use crate::finding::render::at_line;
use crate::finding::{Finding, Lang};
use crate::form::Forms;
use crate::text::{Place, is_blank};

/// The rows of one filing, table by table.
#[derive(Clone, Debug)]
pub struct Extract {
    /// Key of the filing; all other keys begin with it.
    pub key: String,
    /// Name of the source.
    pub source_name: String,
    /// Rows of each table of the schema.
    pub rows: Vec<Vec<Row>>,
    /// What was found while extracting.
    pub findings: Vec<Finding>,
}

/// One row; `data` has an entry for each column of its table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it stands.
    pub place: Place,
    /// Its values.
    pub data: Vec<Datum>,
}

/// One value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Datum {
    /// Nothing is printed, or it does not apply.
    #[default]
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An exact number that fits [`PRECISION`] and [`SCALE`].
    Decimal(Decimal),
    /// Yes or no.
    Flag(bool),
}

impl Datum {
    /// A text; `Null` when it is empty.
    pub fn text(text: impl Into<String>) -> Datum {
        let text = text.into();
        if text.is_empty() { Datum::Null } else { Datum::Text(text) }
    }

    /// A whole number that counts something.
    pub fn count(count: usize) -> Datum {
        Datum::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// The text of a text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Datum::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as it is printed; empty for `Null`.
    pub fn print(&self) -> Cow<'_, str> {
        match self {
            Datum::Null => Cow::Borrowed(""),
            Datum::Text(text) => Cow::Borrowed(text),
            Datum::Integer(number) => Cow::Owned(number.to_string()),
            Datum::Decimal(number) => Cow::Owned(number.to_string()),
            Datum::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
        }
    }
}

impl Extract {
    /// Gives the filing another key, and all that is made of it.
    pub(super) fn rekey(&mut self, new: String) {
        let old = std::mem::replace(&mut self.key, new);
        for (table, rows) in schema().tables.iter().zip(&mut self.rows) {
            let keys: Vec<usize> = table
                .columns
                .iter()
                .enumerate()
                .filter(|(_, column)| column.name == "id" || column.refers.is_some())
                .map(|(index, _)| index)
                .collect();
            for row in rows {
                for &index in &keys {
                    if let Datum::Text(text) = &mut row.data[index]
                        && text.starts_with(&old)
                    {
                        text.replace_range(..old.len(), &self.key);
                    }
                }
            }
        }
    }
}

/// Takes the rows of a filing; `findings` is everything that is to be reported about it, `lang` the
/// language of their messages in the table of findings.
pub fn extract(filing: &Filing, findings: &[Finding], forms: &Forms, lang: Lang) -> Extract {
    let schema = schema();
    let mut work = Extractor {
        filing,
        forms,
        schema,
        key: key::filing(filing),
        unique: Unique::default(),
        rows: schema.tables.iter().map(|_| Vec::new()).collect(),
        findings: Vec::new(),
    };
    let projects = units::projects(filing);
    for (index, target) in schema.tables.iter().enumerate() {
        match target.rows {
            Rows::Filing => work.filing_row(index, findings),
            Rows::Institution => work.institutions(index),
            Rows::Project => work.projects(index, &projects),
            Rows::Indicator => work.indicators(index, &projects),
            Rows::Activity => work.activities(index),
            // Made together with what they belong to.
            Rows::ActivityIndicator | Rows::OfWhich | Rows::Finding => {}
            Rows::Leaf | Rows::ThreePublic | Rows::Procurement => work.leaves(index, &projects),
        }
    }
    if let Some(index) = schema.tables.iter().position(|table| table.rows == Rows::Finding) {
        let own = work.findings.clone();
        for finding in findings.iter().chain(&own) {
            work.finding_row(index, finding, lang);
        }
    }
    Extract { key: work.key, source_name: filing.source.name.clone(), rows: work.rows, findings: work.findings }
}

/// What a column of a row is made of.
enum Found<'f> {
    Nothing,
    Text(Cow<'f, str>),
    Datum(Datum),
}

impl<'f> From<&'f str> for Found<'f> {
    fn from(text: &'f str) -> Found<'f> {
        Found::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Found<'_> {
    fn from(text: String) -> Self {
        Found::Text(Cow::Owned(text))
    }
}

impl From<Datum> for Found<'_> {
    fn from(datum: Datum) -> Self {
        Found::Datum(datum)
    }
}

/// What a row is made of: a table of the filing, a row of it, and what was computed.
#[derive(Default)]
struct Parts<'f> {
    block: Option<usize>,
    table: Option<&'f Table>,
    row: Option<usize>,
    /// Values by their `@name`.
    computed: Vec<(&'static str, Found<'f>)>,
    /// Where the row stands, when it is no row of the table.
    place: Place,
}

impl<'f> Parts<'f> {
    fn of(block: usize, table: &'f Table, row: Option<usize>) -> Parts<'f> {
        Parts { block: Some(block), table: Some(table), row, place: table.place, ..Parts::default() }
    }

    fn with(mut self, name: &'static str, found: impl Into<Found<'f>>) -> Parts<'f> {
        self.computed.push((name, found.into()));
        self
    }

    fn get(&self, from: &str) -> Found<'_> {
        if let Some((_, found)) = self.computed.iter().find(|(name, _)| *name == from) {
            return match found {
                Found::Nothing => Found::Nothing,
                Found::Text(text) => Found::Text(Cow::Borrowed(text)),
                Found::Datum(datum) => Found::Datum(datum.clone()),
            };
        }
        let Some(table) = self.table else { return Found::Nothing };
        if let (Some(row), Some(_)) = (self.row, table.column(from)) {
            return Found::from(table.cell(row, from));
        }
        match table.field(from) {
            Some(Value::One(text)) => Found::from(text.as_str()),
            Some(Value::Many(texts)) => {
                Found::from(texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n"))
            }
            None => Found::Nothing,
        }
    }

    fn text(&self, from: &str) -> String {
        match self.get(from) {
            Found::Text(text) => text.into_owned(),
            Found::Datum(datum) => datum.print().into_owned(),
            Found::Nothing => String::new(),
        }
    }

    /// What stands in the row's columns that the form does not know (`x1…`).
    fn unknown(&self) -> String {
        let Some((table, row)) = self.table.zip(self.row) else { return String::new() };
        let unknown = table.columns.iter().enumerate().filter(|(_, column)| {
            column.id.strip_prefix('x').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
        });
        let texts = unknown.filter_map(|(index, column)| {
            let text = table.rows.get(row)?.cells.get(index)?.text.as_str();
            let label = column.label.last().map_or(column.id.as_str(), String::as_str);
            (!text.is_empty()).then(|| format!("{label}：{text}"))
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Where the row begins in the source.
    fn place(&self) -> Place {
        let cells = self.table.zip(self.row).and_then(|(table, row)| table.rows.get(row));
        let first = cells.and_then(|row| {
            let own = row.cells.iter().filter(|cell| !cell.filled && !cell.text.is_empty());
            own.map(|cell| cell.text.place()).find(|place| *place != Place::Nowhere)
        });
        first.unwrap_or(self.place)
    }
}

struct Extractor<'f> {
    filing: &'f Filing,
    forms: &'f Forms,
    schema: &'static Schema,
    key: String,
    unique: Unique,
    rows: Vec<Vec<Row>>,
    findings: Vec<Finding>,
}

impl<'f> Extractor<'f> {
    /// The tables of the filing that a target is made of.
    fn tables_of(&self, target: &schema::Table) -> impl Iterator<Item = (usize, &'f Table)> + use<'f> {
        let forms: Vec<String> = target.forms.clone();
        self.filing.tables().filter(move |(_, table)| forms.iter().any(|form| form == table.form_id()))
    }

    /// Adds a row with a natural key; yields its whole key.
    fn push(&mut self, index: usize, natural: &str, parts: &Parts<'_>) -> String {
        let target = &self.schema.tables[index];
        let id = self.unique.key(index, format!("{}/{natural}", self.key));
        self.push_as(index, id.clone(), target, parts);
        id
    }

    /// Adds a row whose key is made of the key columns of its table.
    fn push_by_key(&mut self, index: usize, parts: &Parts<'_>) -> String {
        let target = &self.schema.tables[index];
        let texts: Vec<String> = target
            .key
            .iter()
            .map(|name| target.items.iter().find(|item| item.name == *name).map_or(name.as_str(), Item::source))
            .map(|from| parts.text(from))
            .collect();
        let natural = key::natural(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        self.push(index, &natural, parts)
    }

    fn push_as(&mut self, index: usize, id: String, target: &schema::Table, parts: &Parts<'_>) {
        let filing = self.filing;
        let place = parts.place();
        let mut data = vec![Datum::Text(id)];
        if target.rows != Rows::Filing {
            data.push(Datum::Text(self.key.clone()));
        }
        data.push(filing.fiscal_year.map_or(Datum::Null, |year| Datum::Integer(i64::from(year))));
        data.push(Datum::text(filing.department.code.as_str()));
        data.push(Datum::text(filing.department.name.as_str()));
        let mut unit = None;
        for item in &target.items {
            self.push_item(item, parts, place, &mut unit, &mut data);
        }
        if target.has_unit() {
            data.push(unit.map_or(Datum::Null, Datum::Text));
        }
        if target.has_unknown() {
            data.push(Datum::text(parts.unknown()));
        }
        data.push(Datum::text(filing.source.name.as_str()));
        data.push(Datum::text(filing.source.locate(place).map(|at| at_line(&at)).unwrap_or_default()));
        debug_assert_eq!(data.len(), target.columns.len());
        self.rows[index].push(Row { place, data });
    }

    fn push_item(
        &mut self,
        item: &Item,
        parts: &Parts<'_>,
        place: Place,
        unit: &mut Option<String>,
        data: &mut Vec<Datum>,
    ) {
        let from = item.source();
        let found = match parts.get(from) {
            Found::Datum(datum) => {
                data.push(datum);
                if matches!(item.kind, ItemKind::Amount | ItemKind::Number) {
                    data.push(Datum::Null);
                }
                return;
            }
            Found::Text(text) => text,
            Found::Nothing => Cow::Borrowed(""),
        };
        let text = found.as_ref();
        match item.kind {
            ItemKind::Text | ItemKind::Code => data.push(Datum::text(text)),
            ItemKind::Year => data.push(year(text)),
            ItemKind::Integer => data.push(text.trim().parse().map_or(Datum::Null, Datum::Integer)),
            ItemKind::Flag => data.push(Datum::Null),
            ItemKind::Decimal => {
                data.push(text.trim().parse().ok().and_then(fitting).map_or(Datum::Null, Datum::Decimal));
            }
            ItemKind::Number => {
                data.push(self.number(text, item, parts, place).map_or(Datum::Null, Datum::Decimal));
                data.push(Datum::text(text));
            }
            ItemKind::Amount => {
                let own = self.unit_of(parts, from);
                data.push(self.yuan(text, own.as_deref(), item, parts, place).map_or(Datum::Null, Datum::Decimal));
                data.push(Datum::text(text));
                if unit.is_none() || (item.measure && !text.is_empty()) {
                    *unit = own;
                }
            }
        }
    }

    /// The money unit of a column: the one in its own head (`价值（万元）`), else of the table, else
    /// of the filing.
    fn unit_of(&self, parts: &Parts<'_>, from: &str) -> Option<String> {
        let table = parts.table?;
        let head = table.column(from).and_then(|column| {
            table.columns[column].label.iter().rev().find_map(|label| unit_in_brackets(label).map(str::to_owned))
        });
        let form = table.form.as_ref().and_then(|key| self.forms.get(key));
        head.or_else(|| table.unit.clone()).or_else(|| form?.unit.clone()).or_else(|| self.filing.unit.clone())
    }

    fn yuan(
        &mut self,
        text: &str,
        unit: Option<&str>,
        item: &Item,
        parts: &Parts<'_>,
        place: Place,
    ) -> Option<Decimal> {
        if is_no_number(text) {
            return None;
        }
        let printed = amount::parse(text).filter(|amount| !amount.percent);
        let Some(printed) = printed else {
            let value = with_own_unit(text).and_then(fitting);
            if value.is_none() {
                self.unread(text, item, parts, place);
            }
            return value;
        };
        let Some(factor) = unit.and_then(amount::yuan_in) else {
            let finding = Finding::of(
                "import-unit-unknown",
                place,
                format!("“{}”没有可识别的金额单位，{text} 无法折算为元", item.title),
                format!("'{}' has no known money unit; {text} cannot be counted in yuan", item.name),
            );
            self.report(finding, item, parts);
            return None;
        };
        let value = printed.value.checked_mul(factor).and_then(fitting);
        if value.is_none() {
            self.unread(text, item, parts, place);
        }
        value
    }

    fn number(&mut self, text: &str, item: &Item, parts: &Parts<'_>, place: Place) -> Option<Decimal> {
        if is_no_number(text) {
            return None;
        }
        let value = amount::parse(text).and_then(|amount| fitting(amount.value));
        if value.is_none() {
            self.unread(text, item, parts, place);
        }
        value
    }

    fn unread(&mut self, text: &str, item: &Item, parts: &Parts<'_>, place: Place) {
        let shown: String = text.chars().take(40).collect();
        let finding = Finding::of(
            "import-no-number",
            place,
            format!("“{}”的“{shown}”不是数字，数据表中只有原样文字，没有数值", item.title),
            format!("'{shown}' in '{}' is no number: the tables hold the text and no value", item.name),
        );
        self.report(finding, item, parts);
    }

    fn report(&mut self, finding: Finding, item: &Item, parts: &Parts<'_>) {
        let finding = match parts.block {
            Some(block) => finding.at_cell(block, parts.row, item.source()),
            None => finding,
        };
        self.findings.push(finding);
    }

    fn filing_row(&mut self, index: usize, findings: &[Finding]) {
        let filing = self.filing;
        let mut families: Vec<&str> =
            filing.tables().filter_map(|(_, table)| table.form.as_ref()).map(|key| key.family.as_str()).collect();
        families.sort_unstable();
        families.dedup();
        let unrecognised = filing.tables().filter(|(_, table)| table.form.is_none()).count();
        let operation = filing.tables().find_map(|(block, table)| {
            let row = leaf::last_printed(table, "agency_operation")?;
            Some((block, table, table.cell(row, "agency_operation")))
        });
        let parts = match operation {
            Some((block, table, text)) => {
                let parts = Parts::of(block, table, None).with("@agency_operation", text);
                Parts { place: filing.title.place(), ..parts }
            }
            None => Parts { place: filing.title.place(), ..Parts::default() },
        };
        let parts = parts
            .with("@title", filing.title.as_str())
            .with("@unit", filing.unit.as_deref().unwrap_or_default())
            .with("@families", families.join(" "))
            .with("@tables", Datum::count(filing.tables().count()))
            .with("@unrecognised", Datum::count(unrecognised))
            .with("@findings", Datum::count(findings.len()))
            .with("@overall_goal", overall_goal(filing))
            .with("@kind", filing.source.kind.name())
            .with("@sha256", filing.source.sha256.as_str());
        let target = &self.schema.tables[index];
        self.push_as(index, self.key.clone(), target, &parts);
    }

    fn finding_row(&mut self, index: usize, finding: &Finding, lang: Lang) {
        let table = finding.table.and_then(|block| self.filing.table(block));
        let message = finding.message(lang);
        let mut parts = Parts { place: finding.place, ..Parts::default() }
            .with("@severity", finding.severity.name())
            .with("@rule", finding.rule)
            .with("@message", message.to_owned())
            .with("@form", table.map_or("", Table::form_id).to_owned())
            .with("@table_title", table.map_or("", |table| table.title.as_str()).to_owned())
            .with("@column", finding.column.clone().unwrap_or_default())
            .with("@stated", finding.stated.clone().unwrap_or_default())
            .with("@computed", finding.computed.clone().unwrap_or_default());
        if let Some(row) = finding.row {
            parts = parts.with("@row", Datum::count(row + 1));
        }
        // The words of a message differ between languages, its key does not.
        let place = self.filing.source.locate(finding.place).map(|at| at_line(&at)).unwrap_or_default();
        let natural = format!("{}-{}", finding.rule, key::hash(&[&place, &finding.en]));
        self.push(index, &natural, &parts);
    }
}

/// The goal of the whole department: the prose under the heading 总体绩效目标, else the goals of
/// the form.
fn overall_goal(filing: &Filing) -> String {
    for (index, block) in filing.blocks.iter().enumerate() {
        let Block::Heading(heading) = block else { continue };
        let title = heading.text.as_str();
        if !title.contains("总体绩效目标") {
            continue;
        }
        let texts = filing.blocks[index + 1..].iter().map_while(|block| match block {
            Block::Paragraph(text) => Some(text.as_str()),
            _ => None,
        });
        let goal = texts.collect::<Vec<_>>().join("\n");
        if !goal.is_empty() {
            return goal;
        }
    }
    let form = filing.tables().find(|(_, table)| table.form_id() == "overall-performance");
    form.map_or(String::new(), |(block, table)| Parts::of(block, table, None).text("goals"))
}

/// An amount that names its unit itself, `850万元` or `21万`, in 元.
fn with_own_unit(text: &str) -> Option<Decimal> {
    let Target::Quantity(quantity) = target::parse(text) else { return None };
    if quantity.sign.is_some() || !quantity.rest.is_empty() {
        return None;
    }
    match quantity.unit.as_str() {
        "万" | "亿" => quantity.number.checked_mul(amount::yuan_in(&format!("{}元", quantity.unit))?),
        _ => quantity.in_yuan(),
    }
}

/// The money unit in the brackets of a column head.
fn unit_in_brackets(label: &str) -> Option<&str> {
    let from = label.find(['（', '('])?;
    let inside = label[from..].trim_matches(['（', '(', '）', ')']);
    let unit = inside.rsplit(['：', ':']).next()?.trim_matches(is_blank);
    amount::yuan_in(unit).map(|_| unit)
}

/// A blank cell, or a dash for "does not apply".
fn is_no_number(text: &str) -> bool {
    text.chars().all(|ch| is_blank(ch) || matches!(ch, '—' | '–' | '-' | '－' | '―' | '/' | '／' | '*' | '×'))
        || matches!(text, "无" | "不适用")
}

/// The number in its shortest form; `None` when it does not fit the decimals of the tables.
fn fitting(value: Decimal) -> Option<Decimal> {
    let value = value.normalize();
    let limit = Decimal::from_i128_with_scale(10_i128.pow(PRECISION - SCALE), 0);
    (value.scale() <= SCALE && value.abs() < limit).then_some(value)
}

/// The first four digits in a row.
fn year(text: &str) -> Datum {
    let digits = text.split(|ch: char| !ch.is_ascii_digit()).find(|run| run.len() == 4);
    digits.and_then(|run| run.parse().ok()).map_or(Datum::Null, Datum::Integer)
}
