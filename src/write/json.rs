//! The filing as JSON, schema `yusuan/filing@1`: for programs, and for `diff` between two runs.
//!
//! Cell contents stay the strings that were printed; nothing is rounded or retyped. What is absent
//! is `null` or `[]`, an empty cell is `""`.

use std::io;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use crate::filing::{Block, Field, Filing, Row, RowKind, Table, Value};
use crate::finding::render::FindingJson;
use crate::finding::{Finding, Lang};
use crate::source::{At, Source};
use crate::text::{Place, Text};

/// Name of the schema, for readers of the file.
pub const SCHEMA: &str = "yusuan/filing@1";

/// Writes a filing and what is to be reported about it, messages in `lang`.
///
/// A row of a table stands on one line, so that two files can be compared by line.
///
/// ```
/// # use yusuan::{filing::Filing, finding::Lang, source::{Kind, Source}};
/// let source = Source::new("空.txt", Kind::Text, b"");
/// let filing = Filing::new(std::sync::Arc::new(source));
/// let json = yusuan::write::json::write(&filing, &[], Lang::Zh);
/// assert!(json.starts_with(b"{\n  \"schema\": \"yusuan/filing@1\""));
/// ```
pub fn write(filing: &Filing, findings: &[Finding], lang: Lang) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Lines::default());
    Whole { filing, findings, lang }
        .serialize(&mut serializer)
        .expect("a Vec takes every byte and all keys are strings");
    out.push(b'\n');
    out
}

struct Whole<'f> {
    filing: &'f Filing,
    findings: &'f [Finding],
    lang: Lang,
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let filing = self.filing;
        let source = filing.source.as_ref();
        let department = &filing.department;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", SCHEMA)?;
        map.serialize_entry(
            "source",
            &Object(&[
                ("name", Some(source.name.as_str())),
                ("kind", Some(source.kind.name())),
                ("sha256", Some(source.sha256.as_str())),
            ]),
        )?;
        map.serialize_entry("title", &present(filing.title.as_str()))?;
        map.serialize_entry(
            "department",
            &Object(&[("code", present(&department.code)), ("name", present(&department.name))]),
        )?;
        map.serialize_entry("fiscal_year", &filing.fiscal_year)?;
        map.serialize_entry("unit", &filing.unit)?;
        map.serialize_entry("blocks", &list(&filing.blocks, |block| BlockJson { filing, block }))?;
        map.serialize_entry(
            "figures",
            &list(&filing.figures, |figure| FigureJson {
                what: &figure.what,
                value: figure.value.as_str(),
                unit: &figure.unit,
                block: figure.block,
                at: source.locate(figure.value.place()),
            }),
        )?;
        map.serialize_entry(
            "findings",
            &list(self.findings, |finding| FindingJson::new(finding, source.locate(finding.place), self.lang)),
        )?;
        map.end()
    }
}

/// What is empty is absent.
fn present(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A list whose items are turned into JSON one at a time.
struct List<'l, T, F>(&'l [T], F);

fn list<'l, T, F: Fn(&'l T) -> J, J>(items: &'l [T], json: F) -> List<'l, T, F> {
    List(items, json)
}

impl<'l, T, F, J> Serialize for List<'l, T, F>
where
    F: Fn(&'l T) -> J,
    J: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(&self.1(item))?;
        }
        list.end()
    }
}

/// A small object with fixed keys.
struct Object<'o>(&'o [(&'o str, Option<&'o str>)]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct FigureJson<'f> {
    what: &'f str,
    value: &'f str,
    unit: &'f str,
    block: usize,
    at: Option<At>,
}

struct BlockJson<'f> {
    filing: &'f Filing,
    block: &'f Block,
}

impl Serialize for BlockJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let source = self.filing.source.as_ref();
        let mut map = serializer.serialize_map(None)?;
        match self.block {
            Block::Heading(heading) => {
                map.serialize_entry("type", "heading")?;
                map.serialize_entry("level", &heading.level)?;
                map.serialize_entry("text", heading.text.as_str())?;
                map.serialize_entry("at", &line_of(source, heading.text.place()))?;
            }
            Block::Paragraph(text) => {
                map.serialize_entry("type", "paragraph")?;
                map.serialize_entry("text", text.as_str())?;
                map.serialize_entry("at", &line_of(source, text.place()))?;
            }
            Block::Table(table) => {
                map.serialize_entry("type", "table")?;
                map.serialize_entry("form", &table.form.as_ref().map(|key| key.form.as_str()))?;
                map.serialize_entry("family", &table.form.as_ref().map(|key| key.family.as_str()))?;
                map.serialize_entry("title", table.title.as_str())?;
                // Tables in another unit than the filing's would otherwise be misread (a “三公” table in 元).
                if table.unit.is_some() && table.unit != self.filing.unit {
                    map.serialize_entry("unit", &table.unit)?;
                }
                map.serialize_entry("at", &source.locate_range(table.place, table.end))?;
                map.serialize_entry("fields", &Fields(&table.fields))?;
                map.serialize_entry("columns", &table.columns)?;
                map.serialize_entry("rows", &list(&table.rows, |row| RowJson { table, row }))?;
                map.serialize_entry("note", table.note.as_str())?;
            }
        }
        map.end()
    }
}

/// The line of a block; its column says nothing that a reader needs.
fn line_of(source: &Source, place: Place) -> Option<At> {
    source.locate(place).map(|at| match at {
        At::Line { line, end_line, .. } => At::Line { line, column: None, end_line },
        other => other,
    })
}

struct Fields<'f>(&'f [Field]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for field in self.0 {
            match &field.value {
                Value::One(text) => map.serialize_entry(&field.id, text.as_str())?,
                Value::Many(texts) => map.serialize_entry(&field.id, &list(texts, Text::as_str))?,
            }
        }
        map.end()
    }
}

struct RowJson<'f> {
    table: &'f Table,
    row: &'f Row,
}

impl Serialize for RowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        debug_assert_eq!(self.row.cells.len(), self.table.columns.len());
        let mut map = serializer.serialize_map(Some(2))?;
        let kind = match self.row.kind {
            RowKind::Detail => "detail",
            RowKind::Subtotal => "subtotal",
            RowKind::Total => "total",
        };
        map.serialize_entry("kind", kind)?;
        map.serialize_entry("cells", &list(&self.row.cells, |cell| cell.text.as_str()))?;
        map.end()
    }
}

/// Breaks lines and indents down to the rows of a table; what is deeper stays on its line.
#[derive(Default)]
struct Lines {
    depth: usize,
    filled: bool,
}

/// filing → blocks → table → rows.
const BROKEN_DEPTH: usize = 4;

impl Lines {
    fn open<W: ?Sized + io::Write>(&mut self, out: &mut W, sign: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(sign)
    }

    fn close<W: ?Sized + io::Write>(&mut self, out: &mut W, sign: &[u8]) -> io::Result<()> {
        if self.filled && self.depth <= BROKEN_DEPTH {
            out.write_all(b"\n")?;
            indent(out, self.depth - 1)?;
        }
        self.depth -= 1;
        self.filled = true;
        out.write_all(sign)
    }

    fn item<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(if self.depth <= BROKEN_DEPTH { b"," } else { b", " })?;
        }
        if self.depth <= BROKEN_DEPTH {
            out.write_all(b"\n")?;
            indent(out, self.depth)?;
        }
        Ok(())
    }
}

fn indent<W: ?Sized + io::Write>(out: &mut W, depth: usize) -> io::Result<()> {
    (0..depth).try_for_each(|_| out.write_all(b"  "))
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _out: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _out: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value as Json, json};

    use super::*;
    use crate::filing::{Cell, Column, Figure, FormKey, Heading};
    use crate::source::Kind;

    const TEXT: &str = "一、职责\n预算收入总计8.00万元。\n项目\t金额\n护林\t8.00\n\t\n";

    fn text(part: &str) -> Text {
        let start = TEXT.find(part).expect("part of the text");
        Text::from_source(part, start, Place::Text(start as u32))
    }

    fn filing() -> Filing {
        let mut source = Source::new("云岭.txt", Kind::Text, TEXT.as_bytes());
        source.text = TEXT.to_owned();
        let cell = |text: Text| Cell { text, filled: false };
        let table = Table {
            form: Some(FormKey { form: "project-performance".into(), family: "hebei-2021".into() }),
            title: "护林绩效目标表".into(),
            unit: Some("元".into()),
            fields: vec![
                Field { id: "budget".into(), value: Value::One("8.00".into()) },
                Field { id: "purpose".into(), value: Value::One(Text::default()) },
                Field { id: "goals".into(), value: Value::Many(vec!["1.护林".into(), "2.防火".into()]) },
            ],
            columns: vec![
                Column { id: "c1".into(), label: vec!["项目".into()] },
                Column { id: "c2".into(), label: vec!["金额".into()] },
            ],
            rows: vec![
                Row { kind: RowKind::Total, cells: vec![cell(text("护林")), cell("8.00".into())] },
                Row { kind: RowKind::Detail, cells: vec![Cell::default(), Cell::default()] },
            ],
            place: text("项目").place(),
            end: text("护林").place(),
            ..Table::default()
        };
        let mut filing = Filing::new(Arc::new(source));
        filing.fiscal_year = Some(2021);
        filing.unit = Some("万元".into());
        filing.department.name = "云岭县林草服务局".into();
        filing.blocks = vec![
            Block::Heading(Heading { level: 1, text: text("一、职责") }),
            Block::Paragraph(text("预算收入总计8.00万元。")),
            Block::Table(Box::new(table)),
        ];
        filing.figures =
            vec![Figure { what: "预算收入总计".into(), value: text("8.00"), unit: "万元".into(), block: 1 }];
        filing
    }

    fn written(filing: &Filing, findings: &[Finding]) -> Json {
        serde_json::from_slice(&write(filing, findings, Lang::Zh)).expect("valid JSON")
    }

    #[test]
    fn the_filing_stands_in_the_contracts_shape() {
        let filing = filing();
        let finding = Finding::new(
            crate::finding::Severity::Inconsistency,
            "sum-mismatch",
            text("护林").place(),
            "合计不符",
            "the total is wrong",
        )
        .at_cell(2, Some(0), "c2")
        .numbers("8.00", "8.01");
        let json = written(&filing, &[finding]);
        assert_eq!(json["schema"], SCHEMA);
        assert_eq!(json["source"]["name"], "云岭.txt");
        assert_eq!(json["source"]["kind"], "text");
        assert_eq!(json["title"], Json::Null);
        assert_eq!(json["department"], json!({"code": null, "name": "云岭县林草服务局"}));
        assert_eq!(json["blocks"][0], json!({"type": "heading", "level": 1, "text": "一、职责", "at": {"line": 1}}));
        assert_eq!(
            json["blocks"][2],
            json!({"type": "table", "form": "project-performance", "family": "hebei-2021", "title": "护林绩效目标表",
                   "unit": "元", "at": {"line": 3, "end_line": 4},
                   "fields": {"budget": "8.00", "purpose": "", "goals": ["1.护林", "2.防火"]},
                   "columns": [{"id": "c1", "label": ["项目"]}, {"id": "c2", "label": ["金额"]}],
                   "rows": [{"kind": "total", "cells": ["护林", "8.00"]}, {"kind": "detail", "cells": ["", ""]}],
                   "note": ""})
        );
        assert_eq!(
            json["figures"],
            json!([{"what": "预算收入总计", "value": "8.00", "unit": "万元", "block": 1,
                    "at": {"line": 2, "column": 7}}])
        );
        assert_eq!(
            json["findings"],
            json!([{"severity": "inconsistency", "rule": "sum-mismatch", "message": "合计不符", "table": 2, "row": 0,
                    "column": "c2", "stated": "8.00", "computed": "8.01", "at": {"line": 4, "column": 1}}])
        );
    }

    #[test]
    fn a_table_no_form_knows_says_so() {
        let mut filing = filing();
        if let Block::Table(table) = &mut filing.blocks[2] {
            table.form = None;
        }
        let json = written(&filing, &[]);
        assert_eq!(json["blocks"][2]["form"], Json::Null);
        assert_eq!(json["blocks"][2]["family"], Json::Null);
    }

    #[test]
    fn a_row_is_a_line() {
        let filing = filing();
        let text = String::from_utf8(write(&filing, &[], Lang::En)).expect("UTF-8");
        assert!(text.contains("\n        {\"kind\": \"total\", \"cells\": [\"护林\", \"8.00\"]},\n"), "{text}");
        assert!(text.ends_with("}\n"));
    }
}
