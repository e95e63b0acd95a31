//! Filings made by hand: an invented department of an invented county.

use std::sync::Arc;

use yusuan::filing::{Block, Cell, Column, Department, Field, Filing, FormKey, Heading, Row, RowKind, Table, Value};
use yusuan::form::{Form, Forms, built_in};
use yusuan::source::{Kind, Source};
use yusuan::text::Text;

/// The built-in forms.
pub fn forms() -> &'static Forms {
    built_in::forms()
}

/// A form of a family, or the one it inherits.
pub fn form(family: &str, id: &str) -> &'static Form {
    forms().in_family(family, id).expect("a built-in form")
}

/// A filing of 云岭县林草服务局 with these blocks.
pub fn filing(blocks: Vec<Block>) -> Filing {
    Filing {
        title: Text::from("云岭县林草服务局2023年部门预算公开"),
        department: Department { code: "407".to_owned(), name: "云岭县林草服务局".to_owned() },
        fiscal_year: Some(2023),
        unit: Some("万元".to_owned()),
        blocks,
        ..Filing::new(Arc::new(Source::new("云岭.txt", Kind::Text, b"")))
    }
}

pub fn heading(level: u8, text: &str) -> Block {
    Block::Heading(Heading { level, text: Text::from(text) })
}

pub fn paragraph(text: &str) -> Block {
    Block::Paragraph(Text::from(text))
}

pub fn block(table: Table) -> Block {
    Block::Table(Box::new(table))
}

/// A table on a built-in form: its columns by id, its rows as `a|b|c`; `^` repeats the cell above.
pub fn table(family: &str, id: &str, columns: &[&str], rows: &[&str]) -> Table {
    let form = form(family, id);
    let columns: Vec<Column> = columns
        .iter()
        .map(|id| Column {
            id: (*id).to_owned(),
            label: form
                .column(id)
                .map(|spec| spec.head.iter().map(|head| head.fill(|_| Some("2023".to_owned()))).collect())
                .unwrap_or_else(|| vec![(*id).to_owned()]),
        })
        .collect();
    let mut table = Table {
        form: Some(FormKey { form: id.to_owned(), family: form.key.family.clone() }),
        title: Text::from(form.title.fill(|_| None).as_str()),
        columns,
        rows: body(rows),
        ..Table::default()
    };
    let kinds = yusuan::form::sums::row_kinds(form, &table);
    for (row, kind) in table.rows.iter_mut().zip(kinds) {
        row.kind = kind;
    }
    table
}

/// Every column of a form that holds values.
pub fn all_columns(family: &str, id: &str) -> Vec<&'static str> {
    form(family, id).columns.iter().filter(|column| column.fixed.is_none()).map(|column| column.id.as_str()).collect()
}

/// A table no form knows.
pub fn unknown(title: &str, labels: &[&str], rows: &[&str]) -> Table {
    Table {
        title: Text::from(title),
        columns: labels
            .iter()
            .enumerate()
            .map(|(index, label)| Column { id: format!("c{}", index + 1), label: vec![(*label).to_owned()] })
            .collect(),
        rows: body(rows),
        ..Table::default()
    }
}

fn body(rows: &[&str]) -> Vec<Row> {
    let mut made: Vec<Row> = Vec::new();
    for row in rows {
        let cells = row
            .split('|')
            .enumerate()
            .map(|(index, text)| match (text, made.last()) {
                ("^", Some(above)) => Cell { text: above.cells[index].text.clone(), filled: true },
                _ => Cell { text: Text::from(text), filled: false },
            })
            .collect();
        made.push(Row { kind: RowKind::Detail, cells });
    }
    made
}

impl TableExt for Table {}

/// Shorthand for parts of a table.
pub trait TableExt: Sized + Into<Table> {
    fn titled(self, title: &str) -> Table {
        let mut table: Table = self.into();
        table.title = Text::from(title);
        table
    }

    fn noted(self, note: &str) -> Table {
        let mut table: Table = self.into();
        table.note = Text::from(note);
        table
    }

    fn field(self, id: &str, value: &str) -> Table {
        let mut table: Table = self.into();
        table.fields.push(Field { id: id.to_owned(), value: Value::One(Text::from(value)) });
        table
    }

    fn goals(self, goals: &[&str]) -> Table {
        let mut table: Table = self.into();
        let goals = goals.iter().map(|goal| Text::from(*goal)).collect();
        table.fields.push(Field { id: "goals".to_owned(), value: Value::Many(goals) });
        table
    }
}

/// The indicator rows most project forms of the tests have.
pub const INDICATORS: &[&str] = &[
    "产出指标|数量指标|巡护里程|全年完成林区巡护的公里数|≥1200公里|年度工作计划",
    "^|^|管护面积|纳入日常管护的林草面积|36.5万亩|2022年森林督查成果",
    "^|质量指标|巡护记录完整率|巡护日志完整的天数占应巡护天数的比例|≥95%|林长制考核办法",
    "^|时效指标|补助发放及时率|按月发放护林员补助|100%|合同约定",
    "^|成本指标|人均补助标准|护林员人均年补助|≤1.2万元|财政补助标准",
    "效益指标|生态效益指标|森林火灾受害率|受害森林面积占森林总面积的比例|≤0.9‰|森林防火规划",
    "^|社会效益指标|带动脱贫户就业|聘用脱贫户担任护林员的人数|=86人|乡村振兴部门名册",
    "满意度指标|服务对象满意度指标|护林员满意度|受访护林员满意的比例|≥90%|问卷调查",
];

/// A project form of 2021 with everything on it.
pub fn project_2021(no: &str, name: &str, budget: &str, fiscal: &str, other: &str) -> Table {
    table("hebei-2021", "project-performance", &all_columns("hebei-2021", "project-performance"), INDICATORS)
        .titled(&format!("{no}、{name}绩效目标表"))
        .field("no", no)
        .field("project_name", name)
        .field("unit_code", "407001")
        .field("unit_name", "云岭县林草服务局本级")
        .field("project_code", "13990021P00A1B2C3D4E5")
        .field("budget", budget)
        .field("fiscal", fiscal)
        .field("other", other)
        .field("purpose", "用于护林员补助、巡护装备购置和防火宣传，不足部分由上级补助解决。")
        .field("plan_03", "25.00%")
        .field("plan_06", "50.00%")
        .field("plan_10", "80.00%")
        .field("plan_12", "100.00%")
        .goals(&[
            "1.完成全县36.5万亩林草资源的日常巡护，火情早发现、早处置。",
            "2.按月足额发放护林员补助，稳定护林员队伍，带动脱贫户增收。",
        ])
}
