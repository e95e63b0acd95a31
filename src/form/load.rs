//! Form files (TOML) to [`Form`]s; errors name the file and the line.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::label::Pattern;
use super::slips::{self, Slip};
use super::{Addends, ColumnSpec, Family, FieldSpec, Form, Forms, Kind, LayoutCell, Repair, SumSpec, Tree};
use crate::error::{Error, Result};
use crate::filing::{FormKey, RowKind};
use crate::limits::too_large;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyFile {
    name: String,
    inherits: Option<String>,
    #[serde(default = "last")]
    order: u32,
    #[serde(default)]
    forms: Vec<String>,
}

fn last() -> u32 {
    u32::MAX
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
    #[serde(default)]
    repair: Vec<Repair>,
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
    merge: Option<Merge>,
    #[serde(default)]
    optional: bool,
    list: Option<String>,
    #[serde(default)]
    parts: Vec<String>,
    #[serde(default)]
    key: bool,
    fixed: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Merge {
    Down,
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
    perhaps: OneOrMany,
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
#[derive(Clone, Copy)]
struct Source<'t> {
    path: &'t str,
    text: &'t str,
    json: bool,
}

impl Source<'_> {
    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        if self.json {
            return serde_json::from_str(self.text)
                .map_err(|error| bad(self.path, 1, &error.to_string(), &error.to_string()));
        }
        toml::from_str(self.text).map_err(|error| {
            let what = error.message().lines().next().unwrap_or_default();
            bad(self.path, error.span().map_or(1, |span| line_of(self.text, span.start)), &in_chinese(what), what)
        })
    }

    fn slip(&self, slip: &Slip) -> Error {
        let start = if self.json { None } else { slips::start_of(self.text, &slip.at) };
        bad(self.path, start.map_or(1, |start| line_of(self.text, start)), &slip.zh, &slip.en)
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn bad(path: &str, line: usize, zh: &str, en: &str) -> Error {
    Error::new(format!("模板 {path} 第 {line} 行：{zh}"), format!("form file {path}, line {line}: {en}"))
}

/// What the parser says of a file most often, for people who read no English.
fn in_chinese(what: &str) -> String {
    const WORDS: [(&str, &str); 8] = [
        ("unknown field ", "没有这个键："),
        ("unknown variant ", "没有这种写法："),
        ("missing field ", "缺少这个键："),
        ("duplicate field ", "键重复："),
        ("duplicate key", "键重复"),
        ("invalid type: ", "值的类型不对："),
        (", expected one of ", "，应为其中之一："),
        (", expected ", "，应为："),
    ];
    WORDS.iter().fold(what.to_owned(), |what, (en, zh)| what.replace(en, zh))
}

/// A name that another file may define: it is looked up once all files are read.
struct Reference<'t> {
    source: Source<'t>,
    slip: Slip,
    name: String,
    to: Target,
}

enum Target {
    List,
    Family,
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

fn form_of(family: &str, file: FormFile) -> Form {
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
            merge_down: column.merge == Some(Merge::Down),
            optional: column.optional,
            list: column.list,
            parts: patterns(&column.parts),
            key: column.key,
            fixed: column.fixed,
        })
        .collect();
    let fields: Vec<FieldSpec> = file
        .field
        .into_iter()
        .map(|field| FieldSpec { id: field.id, kind: field.kind, name: field.name, aliases: patterns(&field.aliases) })
        .collect();
    let sums = file
        .sum
        .into_iter()
        .map(|sum| {
            let of = match &sum.of {
                OneOrMany::One(word) => match word.as_str() {
                    "above" => Addends::Above,
                    "running" => Addends::Running,
                    "parts" => Addends::Parts,
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
                perhaps: sum.perhaps.patterns(),
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
    Form {
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
        repairs: file.repair,
        many: file.many,
        unit: file.unit,
        landscape: file.landscape,
        min_columns,
    }
}

impl Forms {
    /// Loads families from named texts: `(path below templates, content)`. Paths are
    /// `<family>/family.toml`, `<family>/<form>.toml` and `lists/<list>.toml`.
    ///
    /// # Errors
    /// When a file is not TOML of the right shape, or uses a name that nothing has; the message
    /// names file and line.
    pub fn load<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Forms> {
        let mut forms = Forms::default();
        forms.add(files)?;
        Ok(forms)
    }

    /// Loads the built-in families: files as [`Forms::load`] takes them, in JSON.
    pub(super) fn load_json<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Forms> {
        let sources = files.into_iter().map(|(path, text)| Source { path, text, json: true });
        let (forms, references) = Forms::of(sources)?;
        forms.look_up(&references)?;
        Ok(forms)
    }

    /// The forms of some files, and the names in them that other files may define.
    fn of<'t>(sources: impl Iterator<Item = Source<'t>>) -> Result<(Forms, Vec<Reference<'t>>)> {
        let mut forms = Forms::default();
        let mut references = Vec::new();
        // What family files say of order: families by their numbers, forms as they are named.
        let mut orders: HashMap<String, (u32, Vec<String>, Source<'t>)> = HashMap::new();
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
                if let Some(name) = &read.inherits {
                    let slip = slips::no_family(name);
                    references.push(Reference { source, slip, name: name.clone(), to: Target::Family });
                }
                family.inherits = read.inherits;
                orders.insert(folder.to_owned(), (read.order, read.forms, source));
            } else {
                let form = form_of(folder, source.read()?);
                slips::check(&form).map_err(|slip| source.slip(&slip))?;
                references.extend(slips::lists(&form).map(|(name, slip)| Reference {
                    source,
                    slip,
                    name,
                    to: Target::List,
                }));
                family.forms.push(form);
            }
        }
        for family in &mut forms.families {
            let Some((_, named, source)) = orders.get(&family.id) else { continue };
            if let Some(at) = named.iter().position(|name| family.forms.iter().all(|form| form.key.form != *name)) {
                return Err(source.slip(&slips::no_form(at, &named[at])));
            }
            let place = |form: &Form| named.iter().position(|name| *name == form.key.form).unwrap_or(named.len());
            family.forms.sort_by_key(place);
        }
        forms.families.sort_by_key(|family| orders.get(&family.id).map_or(last(), |(order, ..)| *order));
        Ok((forms, references))
    }

    fn look_up(&self, references: &[Reference<'_>]) -> Result<()> {
        let unknown = references.iter().find(|reference| match reference.to {
            Target::List => !self.lists.contains_key(&reference.name),
            Target::Family => !self.families.iter().any(|family| family.id == reference.name),
        });
        unknown.map_or(Ok(()), |reference| Err(reference.source.slip(&reference.slip)))
    }

    /// Puts the families of named texts (see [`Forms::load`]) before those already known: a family
    /// of the same name replaces the known one form by form.
    ///
    /// # Errors
    /// As [`Forms::load`].
    pub fn add<'t>(&mut self, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<()> {
        let (added, references) = Forms::of(files.into_iter().map(|(path, text)| Source { path, text, json: false }))?;
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
        self.look_up(&references)
    }

    /// Puts the families of a folder before those already known, as [`Forms::add`].
    ///
    /// # Errors
    /// When the folder cannot be read, a file in it is no form file, or has a place where it would
    /// be without effect.
    pub fn add_folder(&mut self, folder: &Path) -> Result<()> {
        let mut texts: Vec<(String, String)> = Vec::new();
        for (name, path) in entries(folder)? {
            if !path.is_dir() {
                return Err(not_read(&path));
            }
            if name == "import" {
                // `mof.toml` is read for the import workbook; other mappings are named in `yusuan.toml`.
                let without_effect = ["tables.toml", "lists.toml"].map(|name| path.join(name));
                if let Some(path) = without_effect.iter().find(|path| path.exists()) {
                    return Err(not_read(path));
                }
                let mapping = path.join("mof.toml");
                if mapping.exists() {
                    must_be_file(&mapping)?;
                }
                continue;
            }
            for (file, path) in entries(&path)? {
                if !file.ends_with(".toml") || path.is_dir() || (name == "lists" && file == "measures.toml") {
                    return Err(not_read(&path));
                }
                texts.push((format!("{name}/{file}"), read(&path)?));
            }
        }
        if texts.is_empty() && !folder.join("import").is_dir() {
            let shown = folder.display();
            return Err(Error::new(
                format!("{shown}：没有模板文件（应为 <模板族>/<表>.toml）"),
                format!("{shown}: no form files (expected <family>/<form>.toml)"),
            ));
        }
        texts.sort();
        self.add(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    }
}

/// Bytes of a form file. The longest built-in one has some ten thousand.
const LONGEST: u64 = 4 << 20;

/// The text of a form file.
fn read(path: &Path) -> Result<String> {
    let within = |error: Error| error.within(&path.display().to_string());
    must_be_file(path)?;
    let mut file = File::open(path).map_err(|error| within(error.into()))?;
    if file.metadata().is_ok_and(|metadata| metadata.len() > LONGEST) {
        return Err(within(too_large(LONGEST)));
    }
    let mut text = String::new();
    file.by_ref().take(LONGEST).read_to_string(&mut text).map_err(|error| within(error.into()))?;
    Ok(text)
}

/// A pipe would be waited for, and a device has no end.
fn must_be_file(path: &Path) -> Result<()> {
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(Error::new(format!("{shown}：不是普通文件"), format!("{shown}: no regular file"))),
        Err(error) => Err(Error::from(error).within(&shown.to_string())),
    }
}

/// What stands in a folder, by name. What systems, editors and people put beside form files is
/// passed over: hidden files, copies, explanations.
fn entries(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let within = |error| Error::from(error).within(&folder.display().to_string());
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(within)? {
        let path = entry.map_err(within)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = name.starts_with(['.', '~'])
            || name.ends_with('~')
            || [".md", ".bak"].iter().any(|end| name.ends_with(end))
            || ["Thumbs.db", "desktop.ini"].contains(&name.as_str());
        if !beside {
            found.insert(name, path);
        }
    }
    Ok(found)
}

/// A file that the folder of forms has no place for: whoever put it there expects an effect.
fn not_read(path: &Path) -> Error {
    let shown = path.display();
    Error::new(
        format!(
            "{shown}：自备模板里不读这个文件；只读 <模板族>/*.toml、lists/ 中的名单和 import/mof.toml，其余是程序自带的"
        ),
        format!(
            "{shown}: not read from a folder of forms; <family>/*.toml, lists in lists/ and import/mof.toml are, all else is built in"
        ),
    )
}
