//! What Excel asks to repair: parts, references and elements that are not as ECMA-376 has them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::build::forms;
use crate::common::{example_filings, filing, real_filings};
use crate::everything::everything;
use crate::open::write_with;
use yusuan::write::workbook::{Options, blank};

/// The children of a worksheet, in their order (CT_Worksheet, ECMA-376 part 1, 18.3.1.99).
const WORKSHEET: [&str; 19] = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "autoFilter",
    "mergeCells",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "ignoredErrors",
    "drawing",
    "legacyDrawing",
    "tableParts",
];

/// The children of a workbook (CT_Workbook, 18.2.27).
const WORKBOOK: [&str; 6] = ["fileVersion", "workbookPr", "bookViews", "sheets", "definedNames", "calcPr"];

/// An element: its depth, name, attributes and the text directly in it.
struct Element {
    depth: usize,
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

impl Element {
    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn number(&self, name: &str) -> usize {
        self.get(name).parse().unwrap_or_else(|_| panic!("{} of {}: {:?}", name, self.name, self.get(name)))
    }
}

fn elements(part: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(part);
    let (mut found, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().expect("well-formed XML");
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.expect("an attribute");
                    let key = attribute.key.as_ref().to_owned();
                    (key, attribute.value.to_string())
                });
                found.push(Element {
                    depth: open.len(),
                    name: tag.name().as_ref().to_owned(),
                    attributes: attributes.collect(),
                    text: String::new(),
                });
                if matches!(event, Event::Start(_)) {
                    open.push(found.len() - 1);
                }
            }
            Event::End(_) => open.truncate(open.len() - 1),
            Event::Text(text) => {
                if let Some(at) = open.last() {
                    found[*at].text.push_str(text);
                }
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn in_order(elements: &[Element], order: &[&str], part: &str) {
    let places: Vec<usize> = (elements.iter().filter(|element| element.depth == 1))
        .map(|element| {
            order.iter().position(|name| *name == element.name).unwrap_or_else(|| panic!("{part}: {}", element.name))
        })
        .collect();
    assert!(places.is_sorted(), "{part}: children in another order than the schema's");
}

/// `C5` as row and column, from 1.
fn place(cell: &str) -> (usize, usize) {
    let letters = cell.bytes().take_while(u8::is_ascii_uppercase).count();
    let column = cell[..letters].bytes().fold(0, |column, letter| column * 26 + usize::from(letter - b'A') + 1);
    (cell[letters..].parse().expect("a row"), column)
}

fn area(range: &str) -> [usize; 4] {
    let (first, last) = range.split_once(':').unwrap_or((range, range));
    let ((top, left), (bottom, right)) = (place(first), place(last));
    assert!(top <= bottom && left <= right, "{range}");
    [top, left, bottom, right]
}

struct Counts {
    strings: usize,
    styles: usize,
    conditional: usize,
}

fn check_sheet(part: &str, name: &str, counts: &Counts) {
    let elements = elements(part);
    in_order(&elements, &WORKSHEET, name);
    let mut at = (0, 0);
    let mut merged: Vec<[usize; 4]> = Vec::new();
    let mut cell: Option<(&Element, usize)> = None;
    for element in &elements {
        match element.name.as_str() {
            "row" => {
                assert!(element.number("r") > at.0, "{name}: rows in order");
                at = (element.number("r"), 0);
            }
            "c" => {
                let (row, column) = place(element.get("r"));
                assert!(row == at.0 && column > at.1, "{name}: cells in order");
                at.1 = column;
                if element.attributes.contains_key("s") {
                    assert!(element.number("s") < counts.styles, "{name}: a style there is not");
                }
                cell = Some((element, 0));
            }
            "v" => {
                let (of, values) = cell.as_mut().expect("a value in a cell");
                *values += 1;
                assert_eq!(*values, 1, "{name}: one value a cell");
                match of.get("t") {
                    "s" => assert!(element.text.parse::<usize>().is_ok_and(|at| at < counts.strings), "{name}"),
                    "str" => {}
                    _ => assert!(element.text.parse::<f64>().is_ok_and(f64::is_finite), "{name}: {}", element.text),
                }
            }
            "mergeCell" => {
                let new = area(element.get("ref"));
                let [top, left, bottom, right] = new;
                assert!((top, left) != (bottom, right), "{name}: a merged cell of one");
                let apart = |old: &[usize; 4]| old[2] < top || bottom < old[0] || old[3] < left || right < old[1];
                assert!(merged.iter().all(apart), "{name}: merged cells overlap at {}", element.get("ref"));
                merged.push(new);
            }
            "mergeCells" | "dataValidations" => {
                let of = if element.name == "mergeCells" { "mergeCell" } else { "dataValidation" };
                let count = elements.iter().filter(|element| element.name == of).count();
                assert_eq!(element.number("count"), count, "{name}: {of}");
            }
            "formula1" => assert!(element.text.chars().count() <= 255, "{name}: a list longer than Excel takes"),
            "cfRule" => assert!(element.number("dxfId") < counts.conditional, "{name}: a style there is not"),
            _ => {}
        }
    }
}

fn check(bytes: &[u8]) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut parts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("its bytes");
        let name = entry.name().expect("a name").into_owned();
        assert!(parts.insert(name.clone(), content).is_none(), "{name} twice");
    }
    let text = |name: &str| std::str::from_utf8(&parts[name]).expect("UTF-8");

    // Every part has a content type, and every content type its part.
    let types = elements(text("[Content_Types].xml"));
    let of = |kind: &str, key: &str| -> BTreeSet<String> {
        types.iter().filter(|element| element.name == kind).map(|element| element.get(key).to_owned()).collect()
    };
    let (defaults, overrides) = (of("Default", "Extension"), of("Override", "PartName"));
    for name in parts.keys().filter(|name| *name != "[Content_Types].xml") {
        let extension = name.rsplit('.').next().unwrap_or_default();
        assert!(defaults.contains(extension) || overrides.contains(&format!("/{name}")), "{name} has no type");
    }
    overrides.iter().for_each(|name| assert!(parts.contains_key(&name[1..]), "{name}: a type and no part"));

    // Every relationship leads to a part, and every id is there.
    for (name, _) in parts.iter().filter(|(name, _)| name.ends_with(".rels")) {
        let folder = name.rsplit_once("_rels/").map_or("", |(folder, _)| folder);
        let mut ids = HashSet::new();
        for element in elements(text(name)).iter().filter(|element| element.name == "Relationship") {
            assert!(ids.insert(element.get("Id").to_owned()), "{name}: an id twice");
            let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
            for step in element.get("Target").split('/') {
                match step {
                    ".." => path.truncate(path.len().saturating_sub(1)),
                    step => path.push(step),
                }
            }
            assert!(parts.contains_key(&path.join("/")), "{name}: no part {}", element.get("Target"));
        }
        let of =
            format!("{folder}{}", name.rsplit_once("_rels/").map_or("", |(_, file)| file.trim_end_matches(".rels")));
        if let Some(part) = parts.get(&of) {
            for element in elements(std::str::from_utf8(part).expect("UTF-8")) {
                let id = element.get("r:id");
                assert!(id.is_empty() || ids.contains(id), "{of}: no relationship {id}");
            }
        }
    }

    let workbook = elements(text("xl/workbook.xml"));
    in_order(&workbook, &WORKBOOK, "workbook");
    let mut names = HashSet::new();
    for sheet in workbook.iter().filter(|element| element.name == "sheet") {
        assert!(names.insert(sheet.get("name").to_lowercase()) && sheet.get("name").chars().count() <= 31);
    }
    let mut defined = HashSet::new();
    for name in workbook.iter().filter(|element| element.name == "definedName") {
        assert!(defined.insert((name.get("name").to_lowercase(), name.get("localSheetId").to_owned())), "a name twice");
        assert!(name.get("localSheetId").is_empty() || name.number("localSheetId") < names.len());
    }

    let styles = elements(text("xl/styles.xml"));
    let count =
        |name: &str| styles.iter().find(|element| element.name == name).map_or(0, |element| element.number("count"));
    let strings = parts.get("xl/sharedStrings.xml").map_or(0, |_| {
        let strings = elements(text("xl/sharedStrings.xml"));
        let unique = strings.iter().filter(|element| element.name == "si").count();
        assert_eq!(strings[0].number("uniqueCount"), unique);
        unique
    });
    let counts = Counts { strings, styles: count("cellXfs"), conditional: count("dxfs") };
    let sheets = parts.keys().filter(|name| name.starts_with("xl/worksheets/sheet"));
    let checked = sheets.map(|name| check_sheet(text(name), name, &counts)).count();
    assert_eq!(checked, names.len());
}

#[test]
fn every_package_is_as_the_standard_has_it() {
    let options = Options { original: Some(b"original".to_vec()), ..Options::default() };
    check(&write_with(&everything(), &Options::default()).bytes);
    let files = real_filings("every_package_is_as_the_standard_has_it");
    for (name, bytes) in files.into_iter().chain(example_filings()) {
        check(&write_with(&filing(&name, &bytes), &options).bytes);
    }
    for form in forms().all() {
        check(&blank(form, forms()).expect("a blank form"));
    }
}
