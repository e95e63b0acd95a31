//! Form files (TOML) to [`Form`]s; errors name the file and the line.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::label::Pattern;
use super::{Addends, ColumnSpec, Family, FieldSpec, Form, Forms, Kind, LayoutCell, SumSpec, Tree};
use crate::error::{Error, Result};
use crate::filing::{FormKey, RowKind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyFile {
    name: String,
    inherits: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    form: String,
    sheet: String,
    title: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    title_words: Vec<Vec<String>>,
    #[serde(default)]
    title_not: Vec<String>,
    #[serde(default)]
    preamble: Vec<Vec<String>>,
    #[serde(default)]
    layout: Vec<Vec<String>>,
    #[serde(default)]
    field: Vec<FieldFile>,
    #[serde(default)]
    column: Vec<ColumnFile>,
    numbering: Option<String>,
    tree: Option<TreeFile>,
    #[serde(default)]
    sum: Vec<SumFile>,
    #[serde(default)]
    field_sum: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    lines: BTreeMap<String, Vec<String>>,
    empty_note: Option<String>,
    #[serde(default)]
    repair: Vec<String>,
    #[serde(default)]
    many: bool,
    unit: Option<String>,
    #[serde(default)]
    landscape: bool,
    min_columns: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldFile {
    id: String,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    name: String,
    #[serde(default)]
    optional: bool,
    list: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    id: String,
    head: Vec<String>,
    #[serde(default)]
    aliases: Vec<Vec<String>>,
    #[serde(default)]
    kind: Kind,
    #[serde(default = "default_width")]
    width: f64,
    #[serde(default = "one")]
    span: usize,
    #[serde(default)]
    sum: Vec<String>,
    #[serde(default)]
    merge: Option<String>,
    #[serde(default)]
    optional: bool,
    list: Option<String>,
    #[serde(default)]
    parts: Vec<String>,
    #[serde(default)]
    key: bool,
    fixed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TreeFile {
    code: String,
    levels: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SumFile {
    #[serde(default)]
    label: String,
    #[serde(default)]
    row: OneOrMany,
    #[serde(default)]
    columns: Vec<String>,
    of: OneOrMany,
    #[serde(default)]
    or_above: bool,
    #[serde(default)]
    kind: SumKind,
    #[serde(default)]
    reference: String,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum SumKind {
    #[default]
    Subtotal,
    Total,
    Detail,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> OneOrMany {
        OneOrMany::Many(Vec::new())
    }
}

impl OneOrMany {
    fn patterns(&self) -> Vec<Pattern> {
        match self {
            OneOrMany::One(one) => vec![Pattern::new(one)],
            OneOrMany::Many(many) => many.iter().map(|one| Pattern::new(one)).collect(),
        }
    }
}

fn default_width() -> f64 {
    12.0
}

fn one() -> usize {
    1
}

fn patterns(texts: &[String]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::new(text)).collect()
}

/// One file: TOML as people write it, or JSON as `build.rs` makes of it.
struct Source<'t> {
    path: &'t str,
    text: &'t str,
    json: bool,
}

impl Source<'_> {
    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        if self.json {
            return serde_json::from_str(self.text)
                .map_err(|error| bad(self.path, error.to_string(), error.to_string()));
        }
        toml::from_str(self.text).map_err(|error| toml_error(self.path, self.text, &error))
    }
}

fn toml_error(name: &str, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let what = error.message().lines().next().unwrap_or_default().to_owned();
    Error::new(format!("模板 {name} 第 {line} 行：{what}"), format!("form file {name}, line {line}: {what}"))
}

fn bad(name: &str, zh: String, en: String) -> Error {
    Error::new(format!("模板 {name}：{zh}"), format!("form file {name}: {en}"))
}

/// Splits `{slot}|2` into the pattern and the number of grid columns it covers.
fn layout_cell(text: &str) -> LayoutCell {
    if text == "^" {
        return LayoutCell::Above;
    }
    let (printed, columns) = match text.rsplit_once('|') {
        Some((printed, number)) => match number.parse() {
            Ok(columns) => (printed, columns),
            Err(_) => (text, 1),
        },
        None => (text, 1),
    };
    LayoutCell::Text { pattern: Pattern::new(printed), columns }
}

fn form_of(name: &str, family: &str, file: FormFile) -> Result<Form> {
    let layout: Vec<Vec<LayoutCell>> =
        file.layout.iter().map(|row| row.iter().map(|cell| layout_cell(cell)).collect()).collect();
    let preamble: Vec<Vec<Pattern>> = file.preamble.iter().map(|row| patterns(row)).collect();
    let columns: Vec<ColumnSpec> = file
        .column
        .into_iter()
        .map(|column| ColumnSpec {
            id: column.id,
            head: patterns(&column.head),
            aliases: column.aliases.iter().map(|head| patterns(head)).collect(),
            kind: column.kind,
            width: column.width,
            span: column.span,
            sum: column.sum,
            merge_down: column.merge.as_deref() == Some("down"),
            optional: column.optional,
            list: column.list,
            parts: patterns(&column.parts),
            key: column.key,
            fixed: column.fixed,
        })
        .collect();
    for column in &columns {
        if column.head.is_empty() {
            return Err(bad(
                name,
                format!("列 {} 没有表头 head", column.id),
                format!("column {} has no head", column.id),
            ));
        }
        for part in &column.sum {
            if !columns.iter().any(|other| other.id == *part) {
                return Err(bad(
                    name,
                    format!("列 {} 的合计中没有列 {part}", column.id),
                    format!("the sum of column {} names no column {part}", column.id),
                ));
            }
        }
    }
    let fields: Vec<FieldSpec> = file
        .field
        .into_iter()
        .map(|field| FieldSpec {
            id: field.id,
            kind: field.kind,
            name: field.name,
            optional: field.optional,
            list: field.list,
            aliases: patterns(&field.aliases),
        })
        .collect();
    let sums = file
        .sum
        .into_iter()
        .map(|sum| {
            let of = match &sum.of {
                OneOrMany::One(word) => match word.as_str() {
                    "above" => Addends::Above,
                    "below" => Addends::Below,
                    "roots" => Addends::Roots,
                    "children" => Addends::Children,
                    "subtotals" => Addends::Subtotals,
                    _ => Addends::Rows(sum.of.patterns()),
                },
                OneOrMany::Many(_) => Addends::Rows(sum.of.patterns()),
            };
            SumSpec {
                label: sum.label,
                row: sum.row.patterns(),
                columns: sum.columns,
                of,
                or_above: sum.or_above,
                kind: match sum.kind {
                    SumKind::Subtotal => RowKind::Subtotal,
                    SumKind::Total => RowKind::Total,
                    SumKind::Detail => RowKind::Detail,
                },
                reference: sum.reference,
            }
        })
        .collect();
    let min_columns = file.min_columns.unwrap_or(columns.iter().filter(|column| !column.optional).count());
    Ok(Form {
        key: FormKey { form: file.form, family: family.to_owned() },
        sheet: file.sheet,
        title: Pattern::new(&file.title),
        aliases: patterns(&file.aliases),
        title_words: file
            .title_words
            .iter()
            .map(|group| group.iter().map(|word| super::label::fold(word)).collect())
            .collect(),
        title_not: file.title_not.iter().map(|word| super::label::fold(word)).collect(),
        preamble,
        layout,
        fields,
        columns,
        numbering: file.numbering,
        tree: file.tree.map(|tree| Tree { code: tree.code, levels: tree.levels }),
        sums,
        field_sums: file.field_sum.into_iter().collect(),
        lines: file.lines,
        empty_note: file.empty_note,
        repairs: file.repair,
        many: file.many,
        unit: file.unit,
        landscape: file.landscape,
        min_columns,
    })
}

impl Forms {
    /// Loads families from named texts: `(path below templates, content)`. Paths are
    /// `<family>/family.toml`, `<family>/<form>.toml` and `lists/<list>.toml`.
    ///
    /// # Errors
    /// When a file is not TOML of the right shape; the message names file and line.
    pub fn load<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Forms> {
        Forms::of(files.into_iter().map(|(path, text)| Source { path, text, json: false }))
    }

    /// Loads the built-in families: files as [`Forms::load`] takes them, in JSON.
    pub(super) fn load_json<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Forms> {
        Forms::of(files.into_iter().map(|(path, text)| Source { path, text, json: true }))
    }

    fn of<'t>(sources: impl Iterator<Item = Source<'t>>) -> Result<Forms> {
        let mut forms = Forms::default();
        for source in sources {
            let path = source.path;
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            if folder == "lists" {
                for (name, entries) in source.read::<BTreeMap<String, Vec<String>>>()? {
                    forms.lists.insert(name, patterns(&entries));
                }
                continue;
            }
            let index = match forms.families.iter().position(|family| family.id == folder) {
                Some(index) => index,
                None => {
                    forms.families.push(Family {
                        id: folder.to_owned(),
                        name: folder.to_owned(),
                        inherits: None,
                        forms: Vec::new(),
                    });
                    forms.families.len() - 1
                }
            };
            let family = &mut forms.families[index];
            if file == "family.toml" {
                let read: FamilyFile = source.read()?;
                family.name = read.name;
                family.inherits = read.inherits;
            } else {
                family.forms.push(form_of(path, folder, source.read()?)?);
            }
        }
        Ok(forms)
    }

    /// Puts the families of a folder before those already known: a family of the same name
    /// replaces the built-in one form by form.
    ///
    /// # Errors
    /// When the folder cannot be read or a file in it is no form file.
    pub fn add_folder(&mut self, folder: &Path) -> Result<()> {
        let mut texts: Vec<(String, String)> = Vec::new();
        let shown = folder.display().to_string();
        for entry in std::fs::read_dir(folder).map_err(|error| Error::from(error).within(&shown))? {
            let family = entry?.path();
            // `import/` holds mappings of import tables, no forms.
            if !family.is_dir() || family.ends_with("import") {
                continue;
            }
            let name = family.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for entry in std::fs::read_dir(&family)? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "toml") {
                    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let text = std::fs::read_to_string(&path)
                        .map_err(|error| Error::from(error).within(&path.display().to_string()))?;
                    texts.push((format!("{name}/{file}"), text));
                }
            }
        }
        if texts.is_empty() && !folder.join("import").is_dir() {
            return Err(Error::new(
                format!("{shown}：没有模板文件（应为 <模板族>/<表>.toml）"),
                format!("{shown}: no form files (expected <family>/<form>.toml)"),
            ));
        }
        texts.sort();
        let added = Forms::load(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())))?;
        self.lists.extend(added.lists);
        for mut family in added.families.into_iter().rev() {
            if let Some(index) = self.families.iter().position(|known| known.id == family.id) {
                let known = self.families.remove(index);
                let own: Vec<Form> = known
                    .forms
                    .into_iter()
                    .filter(|form| !family.forms.iter().any(|new| new.key.form == form.key.form))
                    .collect();
                family.forms.extend(own);
                family.inherits = family.inherits.or(known.inherits);
            }
            self.families.insert(0, family);
        }
        Ok(())
    }
}
