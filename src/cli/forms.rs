//! `yusuan forms`: the standard forms it knows.

use std::fmt::Write as _;
use std::path::PathBuf;

use yusuan::Error;
use yusuan::finding::Lang;
use yusuan::form::label::Pattern;
use yusuan::form::{Addends, Form, Forms};

use super::args::FormsAction;
use super::atomic::{self, Existing};
use super::console::{Console, pad, shown};
use super::settings::Settings;
use super::{Outcome, args};

/// Runs the command.
pub fn run(args: args::Forms, console: &Console) -> Result<Outcome, Error> {
    let forms = Settings::load()?.forms(args.templates.as_deref())?;
    match args.action.unwrap_or(FormsAction::List) {
        FormsAction::List => console.result(list(forms, console).as_bytes())?,
        FormsAction::Show { form } => console.result(show(find(forms, &form)?, console).as_bytes())?,
        FormsAction::Blank { form, output, force } => blank(forms, &form, output, force, console)?,
    }
    Ok(Outcome::Done)
}

fn blank(forms: &Forms, name: &str, output: Option<PathBuf>, force: bool, console: &Console) -> Result<(), Error> {
    let form = find(forms, name)?;
    let bytes = yusuan::write::workbook::blank(form, forms)?;
    let output = output.unwrap_or_else(|| PathBuf::from(format!("{}.xlsx", form.key.form)));
    if output.as_os_str() == "-" {
        return console.workbook(&bytes);
    }
    atomic::write(&output, &bytes, if force { Existing::Replace } else { Existing::Keep })?;
    let (title, shown) = (form.title.printed(), shown(&output));
    console.say(&format!("{title} → {shown}"), &format!("{title} → {shown}"));
    Ok(())
}

/// A form by its id, or by family and id (`hebei-2021/procurement`).
fn find<'f>(forms: &'f Forms, name: &str) -> Result<&'f Form, Error> {
    let found = match name.split_once('/') {
        Some((family, form)) => forms.in_family(family, form),
        None => forms.all().find(|form| form.key.form == name),
    };
    found.ok_or_else(|| {
        Error::new(
            format!("没有表样“{name}”；yusuan forms list 列出全部"),
            format!("no form '{name}'; yusuan forms list names all"),
        )
    })
}

fn list(forms: &Forms, console: &Console) -> String {
    let mut out = String::new();
    for family in forms.families.iter().filter(|family| !family.forms.is_empty()) {
        let _ = writeln!(out, "{}  {}", family.id, family.name);
        if let Some(parent) = &family.inherits {
            let _ = writeln!(out, "  {} {parent}", console.pick("其余沿用", "for the rest uses"));
        }
        for form in &family.forms {
            let _ = writeln!(out, "  {}  {}", pad(&form.key.form, 28), form.title.printed());
        }
    }
    out
}

fn show(form: &Form, console: &Console) -> String {
    let mut out = format!("{}/{}\n{}\n", form.key.family, form.key.form, form.title.printed());
    if !form.fields.is_empty() {
        let _ = writeln!(out, "\n{}", console.pick("填报项", "Fields"));
        for field in &form.fields {
            let kind = kind(field.kind, console.lang);
            let _ = writeln!(out, "  {}  {}  {}", pad(&field.id, 22), pad(kind, 10), field.name);
        }
    }
    if !form.columns.is_empty() {
        let _ = writeln!(out, "\n{}", console.pick("栏目", "Columns"));
        for column in &form.columns {
            let head: Vec<String> = column.head.iter().map(|label| label.fill(|_| None)).collect();
            let kind = kind(column.kind, console.lang);
            let mut line = format!("  {}  {}  {}", pad(&column.id, 22), pad(kind, 10), head.join(" / "));
            if !column.sum.is_empty() {
                let _ = write!(line, "  = {}", column.sum.join(" + "));
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    let sums: Vec<String> = form.sums.iter().map(|sum| said(sum, console)).collect();
    let fields = form.field_sums.iter().map(|(target, parts)| format!("{target} = {}", parts.join(" + ")));
    let all: Vec<String> = sums.into_iter().chain(fields).collect();
    if !all.is_empty() {
        let _ = writeln!(out, "\n{}", console.pick("合计关系", "Sums"));
        for sum in all {
            let _ = writeln!(out, "  {sum}");
        }
    }
    out
}

fn said(sum: &yusuan::form::SumSpec, console: &Console) -> String {
    let printed = |row: &Pattern| row.printed().replace('*', "…");
    let rows: Vec<String> = sum.row.iter().map(printed).collect();
    let target = match rows.is_empty() {
        true => console.pick("有下级的各行", "each row with rows below it").to_owned(),
        false => rows.join(console.pick("、", ", ")),
    };
    let of = match &sum.of {
        Addends::Above => console.pick("以上各行", "the rows above").to_owned(),
        Addends::Running => console.pick("上一个合计行及其后各行", "the total before and the rows after it").to_owned(),
        Addends::Parts => console.pick("其下各分项", "its parts below").to_owned(),
        Addends::Below => console.pick("以下各行", "the rows below").to_owned(),
        Addends::Roots => console.pick("各类", "the top rows of the tree").to_owned(),
        Addends::Children => console.pick("下级各行", "the rows below it in the tree").to_owned(),
        Addends::Subtotals => console.pick("各小计", "the subtotals").to_owned(),
        Addends::Rows(rows) => rows.iter().map(printed).collect::<Vec<_>>().join(" + "),
    };
    match sum.reference.as_str() {
        "" => format!("{target} = {of}"),
        reference => format!("{target} = {of}  ({reference})"),
    }
}

fn kind(kind: yusuan::form::Kind, lang: Lang) -> &'static str {
    use yusuan::form::Kind;
    let (zh, en) = match kind {
        Kind::Text => ("文字", "text"),
        Kind::Money => ("金额", "money"),
        Kind::Number => ("数量", "number"),
        Kind::Percent => ("百分比", "percent"),
        Kind::Code => ("编码", "code"),
        Kind::Ordinal => ("序号", "ordinal"),
        Kind::Target => ("指标值", "target"),
        Kind::List => ("条目", "list"),
        Kind::Date => ("日期", "date"),
        Kind::Year => ("年度", "year"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}
