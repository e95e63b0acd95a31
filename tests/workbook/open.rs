//! Looks into a written workbook: values, formulas, raw parts, and what LibreOffice makes of it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::Command;

use calamine::{Data, Reader, Xlsx};
use yusuan::filing::Filing;
use yusuan::write::workbook::{Options, Written, write};

use crate::build::forms;

/// Sheets by name, in order.
pub struct Book {
    pub bytes: Vec<u8>,
    pub names: Vec<String>,
    cells: BTreeMap<(String, u32, u32), Data>,
    formulas: BTreeMap<(String, u32, u32), String>,
    pub defined: Vec<(String, String)>,
}

/// Writes a filing and opens the workbook.
pub fn written(filing: &Filing) -> Book {
    Book::open(write_with(filing, &Options::default()).bytes)
}

pub fn write_with(filing: &Filing, options: &Options) -> Written {
    let equations = yusuan::check::equations(filing, forms());
    write(filing, forms(), &equations, options).expect("a filing can be written")
}

impl Book {
    pub fn open(bytes: Vec<u8>) -> Book {
        let mut xlsx: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.clone())).expect("an xlsx");
        let names = xlsx.sheet_names().to_vec();
        let (mut cells, mut formulas) = (BTreeMap::new(), BTreeMap::new());
        for name in &names {
            let range = xlsx.worksheet_range(name).expect("a sheet");
            let (row0, col0) = range.start().unwrap_or_default();
            for (row, col, value) in range.used_cells() {
                cells.insert((name.clone(), row0 + row as u32, col0 + col as u32), value.clone());
            }
            let range = xlsx.worksheet_formula(name).expect("a sheet");
            let (row0, col0) = range.start().unwrap_or_default();
            for (row, col, formula) in range.used_cells() {
                formulas.insert((name.clone(), row0 + row as u32, col0 + col as u32), formula.clone());
            }
        }
        let defined = xlsx.defined_names().to_vec();
        Book { bytes, names, cells, formulas, defined }
    }

    /// `D5` of a sheet, as text; numbers in their shortest form.
    pub fn cell(&self, sheet: &str, cell: &str) -> String {
        let (row, col) = position(cell);
        text(self.cells.get(&(sheet.to_owned(), row, col)))
    }

    pub fn is_number(&self, sheet: &str, cell: &str) -> bool {
        let (row, col) = position(cell);
        matches!(self.cells.get(&(sheet.to_owned(), row, col)), Some(Data::Float(_) | Data::Int(_)))
    }

    pub fn formula(&self, sheet: &str, cell: &str) -> Option<&str> {
        let (row, col) = position(cell);
        self.formulas.get(&(sheet.to_owned(), row, col)).map(String::as_str)
    }

    /// The cell of a sheet that holds a text.
    pub fn find(&self, sheet: &str, wanted: &str) -> Option<String> {
        self.cells.iter().find_map(|((name, row, col), value)| {
            (name == sheet && text(Some(value)) == wanted)
                .then(|| format!("{}{}", yusuan::source::column_name(*col), row + 1))
        })
    }

    /// All texts of a row of a sheet, counted from 1.
    pub fn row(&self, sheet: &str, row: u32) -> Vec<String> {
        let last = self.cells.keys().filter(|(name, ..)| name == sheet).map(|(_, _, col)| *col).max().unwrap_or(0);
        (0..=last).map(|col| text(self.cells.get(&(sheet.to_owned(), row - 1, col)))).collect()
    }

    /// All formulas with their sheet, cell and value.
    pub fn formulas(&self) -> impl Iterator<Item = (String, &str, String)> {
        self.formulas.iter().map(|(key, formula)| {
            let place = format!("{}!{}{}", key.0, yusuan::source::column_name(key.2), key.1 + 1);
            (place, formula.as_str(), text(self.cells.get(key)))
        })
    }

    /// A part of the package.
    pub fn part(&self, name: &str) -> String {
        let mut zip = zip::ZipArchive::new(Cursor::new(&self.bytes)).expect("a package");
        let mut part = String::new();
        zip.by_name(name).expect("the part").read_to_string(&mut part).expect("text");
        part
    }

    /// The part of a sheet.
    pub fn sheet_part(&self, sheet: &str) -> String {
        let index = self.names.iter().position(|name| name == sheet).expect("the sheet");
        self.part(&format!("xl/worksheets/sheet{}.xml", index + 1))
    }
}

fn text(value: Option<&Data>) -> String {
    match value {
        None | Some(Data::Empty) => String::new(),
        Some(Data::Float(number)) => number.to_string(),
        Some(other) => other.to_string(),
    }
}

fn position(cell: &str) -> (u32, u32) {
    let digits = cell.find(|ch: char| ch.is_ascii_digit()).expect("a row");
    let col = cell[..digits].bytes().fold(0, |col, letter| col * 26 + u32::from(letter - b'A') + 1);
    (cell[digits..].parse::<u32>().expect("a row") - 1, col - 1)
}

/// The workbooks with every formula calculated by LibreOffice from nothing: the results are taken
/// out first. `None` where LibreOffice is not installed.
pub fn calculated_by_libreoffice(books: &[Book], profile: &str) -> Option<Vec<Book>> {
    let folder = tempfile::tempdir().expect("a folder");
    let names: Vec<String> = (0..books.len()).map(|index| format!("{index}.xlsx")).collect();
    for (book, name) in books.iter().zip(&names) {
        std::fs::write(folder.path().join(name), without_results(&book.bytes)).expect("written");
    }
    soffice(folder.path(), "xlsx", &names, profile)?;
    let read = |name| std::fs::read(folder.path().join("out").join(name)).expect("LibreOffice wrote a workbook");
    Some(names.iter().map(|name| Book::open(read(name))).collect())
}

fn without_results(bytes: &[u8]) -> Vec<u8> {
    let result = regex::Regex::new(r"(<f>[^<]*</f>)<v>[^<]*</v>").expect("a pattern");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("its bytes");
        if name.starts_with("xl/worksheets/sheet") {
            let xml = String::from_utf8(content).expect("UTF-8");
            content = result.replace_all(&xml, "$1").into_owned().into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        out.write_all(&content).expect("written");
    }
    out.finish().expect("a package").into_inner()
}

/// Every sheet as LibreOffice shows it, by name: rows of cells as text.
pub fn shown_by_libreoffice(bytes: &[u8], profile: &str) -> Option<BTreeMap<String, Vec<Vec<String>>>> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("in.xlsx"), bytes).expect("written");
    let filter = "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,true,true,false,false,-1";
    soffice(folder.path(), filter, &["in.xlsx".to_owned()], profile)?;
    let mut sheets = BTreeMap::new();
    for entry in std::fs::read_dir(folder.path().join("out")).expect("the folder") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let name = stem.strip_prefix("in-").unwrap_or(&stem).to_owned();
        sheets.insert(name, rows(&std::fs::read_to_string(&path).expect("text")));
    }
    Some(sheets)
}

/// Tab-separated cells, quoted where they hold a line break, a tab or a quotation mark.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            '\t' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            ch => cell.push(ch),
        }
    }
    rows
}

fn soffice(folder: &Path, to: &str, files: &[String], profile: &str) -> Option<()> {
    let profile = format!("-env:UserInstallation=file://{}/yusuan-{profile}", std::env::temp_dir().display());
    let run = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", to, "--outdir"])
        .arg(folder.join("out"))
        .args(files.iter().map(|file| folder.join(file)))
        .output();
    match run {
        Ok(run) => {
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
            Some(())
        }
        Err(_) => {
            eprintln!("skipped: LibreOffice is not installed");
            None
        }
    }
}
