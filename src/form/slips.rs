//! Slips in form files: names that nothing in the form has.

use toml::de::{DeTable, DeValue};

use super::{Addends, Form, LayoutCell};

/// A slip, and where in the file it stands: keys and positions from the top, `sum.2.columns`.
pub(super) struct Slip {
    pub at: String,
    pub zh: String,
    pub en: String,
}

fn slip(at: String, zh: String, en: String) -> Slip {
    Slip { at, zh, en }
}

/// The first slip of a form, as far as its own file tells.
pub(super) fn check(form: &Form) -> Result<(), Slip> {
    fields(form)?;
    columns(form)?;
    sums(form)
}

fn fields(form: &Form) -> Result<(), Slip> {
    for (index, field) in form.fields.iter().enumerate() {
        if form.fields[..index].iter().any(|other| other.id == field.id) {
            return Err(slip(
                format!("field.{index}.id"),
                format!("字段 {} 写了两次", field.id),
                format!("there are two fields {}", field.id),
            ));
        }
    }
    for (row, cells) in form.layout.iter().enumerate() {
        for (cell, pattern) in cells.iter().enumerate() {
            let LayoutCell::Text { pattern, .. } = pattern else { continue };
            for name in pattern.slots() {
                field(form, name, || format!("layout.{row}.{cell}"))?;
            }
        }
    }
    for (target, parts) in &form.field_sums {
        field(form, target, || format!("field_sum.{target}"))?;
        for (index, part) in parts.iter().enumerate() {
            field(form, part, || format!("field_sum.{target}.{index}"))?;
        }
    }
    Ok(())
}

fn columns(form: &Form) -> Result<(), Slip> {
    for (index, spec) in form.columns.iter().enumerate() {
        if form.columns[..index].iter().any(|other| other.id == spec.id) {
            return Err(slip(
                format!("column.{index}.id"),
                format!("列 {} 写了两次", spec.id),
                format!("there are two columns {}", spec.id),
            ));
        }
        if spec.head.is_empty() {
            return Err(slip(
                format!("column.{index}.head"),
                format!("列 {} 没有表头 head", spec.id),
                format!("column {} has no head", spec.id),
            ));
        }
        for (part, name) in spec.sum.iter().enumerate() {
            column(form, name, || format!("column.{index}.sum.{part}"))?;
        }
    }
    if let Some(tree) = &form.tree {
        column(form, &tree.code, || "tree.code".to_owned())?;
    }
    form.lines.keys().try_for_each(|name| column(form, name, || format!("lines.{name}")))
}

fn sums(form: &Form) -> Result<(), Slip> {
    for (index, sum) in form.sums.iter().enumerate() {
        let at = |key: &str| format!("sum.{index}.{key}");
        if !sum.label.is_empty() {
            column(form, &sum.label, || at("label"))?;
        } else if !sum.row.is_empty() {
            return Err(slip(
                at("row"),
                "没有写用哪一列的文字认行（label）".to_owned(),
                "no column is named whose text names the row (label)".to_owned(),
            ));
        }
        for (part, name) in sum.columns.iter().enumerate() {
            column(form, name, || at(&format!("columns.{part}")))?;
        }
        match &sum.of {
            // A row is named in Chinese: a word of other letters was to be a keyword.
            Addends::Rows(rows) if rows.len() == 1 && rows[0].printed().is_ascii() => {
                let word = rows[0].printed();
                return Err(slip(
                    at("of"),
                    format!(
                        "of 没有“{word}”这种写法，应为行名，或 above、running、parts、below、roots、children、subtotals 之一"
                    ),
                    format!(
                        "of cannot be `{word}`: names of rows, or above, running, parts, below, roots, children or subtotals"
                    ),
                ));
            }
            Addends::Roots | Addends::Children if form.tree.is_none() => {
                return Err(slip(
                    at("of"),
                    "没有写科目编码是哪一列（tree），roots、children 无从算起".to_owned(),
                    "roots and children need the column with the codes (tree)".to_owned(),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn column(form: &Form, name: &str, at: impl FnOnce() -> String) -> Result<(), Slip> {
    match form.column(name) {
        Some(_) => Ok(()),
        None => Err(slip(at(), format!("本表没有列 {name}"), format!("the form has no column {name}"))),
    }
}

fn field(form: &Form, name: &str, at: impl FnOnce() -> String) -> Result<(), Slip> {
    match form.field(name) {
        Some(_) => Ok(()),
        None => Err(slip(at(), format!("本表没有字段 {name}"), format!("the form has no field {name}"))),
    }
}

/// The lists that columns of a form take their values from, and the slip where there is none.
pub(super) fn lists(form: &Form) -> impl Iterator<Item = (String, Slip)> {
    form.columns.iter().enumerate().filter_map(|(index, column)| {
        let name = column.list.clone()?;
        let at = format!("column.{index}.list");
        let slip = slip(at, format!("lists/ 中没有名单 {name}"), format!("lists/ has no list {name}"));
        Some((name, slip))
    })
}

/// The slip where a family names a form that it has not.
pub(super) fn no_form(at: usize, name: &str) -> Slip {
    slip(format!("forms.{at}"), format!("这个文件夹里没有表 {name}"), format!("the folder has no form {name}"))
}

/// The slip where a family inherits from none.
pub(super) fn no_family(name: &str) -> Slip {
    slip("inherits".to_owned(), format!("没有模板族 {name}"), format!("there is no family {name}"))
}

/// Where in the text of a file a place begins; of one that is not there, the nearest around it.
pub(super) fn start_of(text: &str, at: &str) -> Option<usize> {
    let file = DeTable::parse(text).ok()?;
    let mut names = at.split('.');
    let mut found = file.get_ref().get(names.next()?)?;
    for name in names {
        let below = match (found.get_ref(), name.parse::<usize>()) {
            (value @ DeValue::Array(_), Ok(index)) => value.get(index),
            (value, _) => value.get(name),
        };
        let Some(below) = below else { break };
        found = below;
    }
    Some(found.span().start)
}
