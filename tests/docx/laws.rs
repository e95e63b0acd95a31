//! Laws over documents made at random: what is written is read, every origin is true, and the
//! places found again hold the text.

use proptest::prelude::*;
use yusuan::document::{Block, Cover, Document};
use yusuan::limits::Limits;
use yusuan::read::docx::places::Places;
use yusuan::text::{Place, Text};

use crate::make::*;

#[derive(Clone, Debug)]
struct Cell {
    text: String,
    columns: usize,
    rows: usize,
}

#[derive(Clone, Debug)]
enum Made {
    Paragraph(String, Option<u8>),
    /// The rows of cells, each with its merges; `None` where covered from above.
    Table(Vec<Vec<Option<Cell>>>),
}

/// How a document is written: what different programs do.
#[derive(Clone, Copy, Debug)]
struct Manner {
    split_runs: bool,
    noise: bool,
    controls: bool,
    tracked: bool,
    old_merges: bool,
    cdata: bool,
    fields: bool,
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!["预", "算", "8.00", "<", "&", ">", " ", "“", "\u{3000}", "≥95%", "]]>", "\u{20bb7}"]),
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

fn table() -> impl Strategy<Value = Made> {
    (1usize..5, 1usize..5).prop_flat_map(|(width, height)| {
        prop::collection::vec((text(), 1usize..4, 1usize..3), width * height).prop_map(move |cells| {
            let mut taken = vec![vec![false; width]; height];
            let mut rows = Vec::new();
            let mut merged: Vec<Vec<Option<(usize, usize)>>> = vec![vec![None; width]; height];
            for (row, column) in (0..height).flat_map(|row| (0..width).map(move |column| (row, column))) {
                if taken[row][column] {
                    continue;
                }
                let (_, columns, tall) = &cells[row * width + column];
                let mut columns = (*columns).min(width - column);
                while (column..column + columns).any(|at| taken[row][at]) {
                    columns -= 1;
                }
                let tall = (*tall).min(height - row);
                for line in &mut taken[row..row + tall] {
                    line[column..column + columns].fill(true);
                }
                merged[row][column] = Some((columns, tall));
                for below in merged.iter_mut().take(row + tall).skip(row + 1) {
                    // Marks the cell as covered from above.
                    below[column] = Some((columns, 0));
                }
            }
            for row in 0..height {
                let mut line = Vec::new();
                for column in 0..width {
                    if let Some((columns, tall)) = merged[row][column] {
                        let text = if tall == 0 { String::new() } else { cells[row * width + column].0.clone() };
                        line.push(Some(Cell { text, columns, rows: tall }));
                    }
                }
                rows.push(line);
            }
            Made::Table(rows)
        })
    })
}

fn made() -> impl Strategy<Value = Vec<Made>> {
    let paragraph = (text(), prop::option::of(1u8..=9)).prop_map(|(text, level)| Made::Paragraph(text, level));
    prop::collection::vec(prop_oneof![paragraph, table()], 0..6)
}

fn manner() -> impl Strategy<Value = Manner> {
    prop::array::uniform7(any::<bool>()).prop_map(
        |[split_runs, noise, controls, tracked, old_merges, cdata, fields]| Manner {
            split_runs,
            noise,
            controls,
            tracked,
            old_merges,
            cdata,
            fields,
        },
    )
}

impl Manner {
    fn runs(self, text: &str) -> String {
        let pieces: Vec<String> =
            if self.split_runs { text.chars().map(String::from).collect() } else { vec![text.to_owned()] };
        let mut xml = String::new();
        for (index, piece) in pieces.iter().enumerate() {
            let content = if self.cdata && !piece.contains("]]>") && index % 2 == 0 {
                format!("<![CDATA[{piece}]]>")
            } else {
                escape(piece)
            };
            let run = format!(r#"<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">{content}</w:t></w:r>"#);
            let run = match index % 3 {
                0 if self.tracked => format!(
                    r#"<w:ins w:id="1" w:author="x">{run}</w:ins><w:del w:id="2"><w:r><w:delText>旧</w:delText></w:r></w:del>"#
                ),
                1 if self.fields => format!(
                    r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>QUOTE "旧"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{run}<w:r><w:fldChar w:fldCharType="end"/></w:r>"#
                ),
                2 if self.controls => format!("<w:sdt><w:sdtPr/><w:sdtContent>{run}</w:sdtContent></w:sdt>"),
                _ => run,
            };
            if self.noise {
                xml.push_str("<w:proofErr w:type=\"gramStart\"/><!-- x --><w:bookmarkStart w:id=\"1\" w:name=\"旧\"/>");
            }
            xml.push_str(&run);
        }
        xml
    }

    fn paragraph(self, text: &str, level: Option<u8>) -> String {
        let properties = level.map(|level| format!(r#"<w:pPr><w:outlineLvl w:val="{}"/></w:pPr>"#, level - 1));
        format!("<w:p>{}{}</w:p>", properties.unwrap_or_default(), self.runs(text))
    }

    fn table(self, rows: &[Vec<Option<Cell>>]) -> String {
        let mut xml = String::from("<w:tbl><w:tblPr/><w:tblGrid/>");
        for row in rows {
            let mut cells = String::new();
            for cell in row.iter().flatten() {
                let vertical = match cell.rows {
                    0 => "<w:vMerge/>",
                    1 => "",
                    _ => "<w:vMerge w:val=\"restart\"/>",
                };
                let old = self.old_merges && cell.columns > 1 && cell.rows == 1;
                let span = match (old, cell.columns) {
                    (true, _) => "<w:hMerge w:val=\"restart\"/>".to_owned(),
                    (false, 1) => String::new(),
                    (false, columns) => format!("<w:gridSpan w:val=\"{columns}\"/>"),
                };
                let one = format!("<w:tc><w:tcPr>{span}{vertical}</w:tcPr>{}</w:tc>", self.paragraph(&cell.text, None));
                cells.push_str(&if self.controls {
                    format!("<w:sdt><w:sdtContent>{one}</w:sdtContent></w:sdt>")
                } else {
                    one
                });
                if old {
                    cells.push_str(&"<w:tc><w:tcPr><w:hMerge/></w:tcPr><w:p/></w:tc>".repeat(cell.columns - 1));
                }
            }
            xml.push_str(&format!("<w:tr>{cells}</w:tr>"));
        }
        xml + "</w:tbl>"
    }

    fn main_part(self, blocks: &[Made]) -> String {
        let body: String = blocks
            .iter()
            .map(|block| match block {
                Made::Paragraph(text, level) => self.paragraph(text, *level),
                Made::Table(rows) => self.table(rows),
            })
            .collect();
        part("document", &format!("<w:body>{body}</w:body>"))
    }
}

/// What [`lines`] must say.
fn expected(blocks: &[Made]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut gap = false;
    for block in blocks {
        match block {
            Made::Paragraph(text, level) => {
                gap = text.chars().all(yusuan::text::is_blank);
                if !gap {
                    lines.push(format!("P{} {text}", level.map(|level| level.to_string()).unwrap_or_default()));
                }
            }
            Made::Table(rows) => {
                for (index, row) in rows.iter().enumerate() {
                    let mut cells = Vec::new();
                    for cell in row.iter().flatten() {
                        cells.push(if cell.rows == 0 { "^".to_owned() } else { cell.text.clone() });
                        cells.extend((1..cell.columns).map(|_| "<".to_owned()));
                    }
                    let start = if index > 0 {
                        "+"
                    } else if gap {
                        "~"
                    } else {
                        "T"
                    };
                    lines.push(format!("{start} {}", cells.join(" | ")));
                }
                gap = false;
            }
        }
    }
    lines
}

fn texts(document: &Document) -> Vec<Text> {
    let mut texts = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Paragraph(paragraph) => texts.push(paragraph.text.clone()),
            Block::Grid(grid) => {
                let cells = grid.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.cover == Cover::No);
                texts.extend(cells.map(|cell| cell.text.clone()).filter(|text| !text.is_empty()));
            }
        }
    }
    texts
}

/// What a source range of a part says.
fn decoded(source: &str) -> String {
    let source = source.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>")).unwrap_or(source);
    source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// Properties of paragraphs as they come, those of hostile files among them.
const OF_PARAGRAPHS: [&str; 11] = [
    "<w:jc w:val=\"left\"/>",
    "<w:pStyle w:val=\"a\"/><w:jc w:val=\"left\"/>",
    "<w:outlineLvl w:val=\"1\"/><w:rPr><w:b/></w:rPr>",
    "<w:outlineLvl w:val=\"0\"/></w:pPr><w:pPr><w:jc w:val=\"left\"/>",
    "<w:outlineLvl q:val=\"2\"/>",
    "<w:rPr><w:vanish/></w:rPr>",
    "<w:sectPr/>",
    "<w:r><w:t>藏</w:t></w:r>",
    "<w:p><w:r><w:t>内</w:t></w:r></w:p>",
    "<w:jc w:val=\"left\"/>字<w:b/>",
    "<w:outlineLvl w:val=\"3\"/><w:pPrChange w:id=\"1\"><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr></w:pPrChange>",
];

/// Properties of cells.
const OF_CELLS: [&str; 8] = [
    "<w:tcW w:w=\"1000\" w:type=\"dxa\"/>",
    "<w:tcW w:w=\"2000\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/>",
    "<w:tcBorders><w:top w:val=\"single\"/></w:tcBorders><w:gridSpan w:val=\"2\"/>",
    "<w:vMerge w:val=\"restart\"/>",
    "<w:vMerge/>",
    "<w:cellDel w:id=\"1\"/>",
    "<w:p><w:r><w:t>内</w:t></w:r></w:p>",
    "<w:gridSpan q:val=\"2\"/><w:tcPrChange w:id=\"1\"><w:tcPr><w:gridSpan w:val=\"3\"/></w:tcPr></w:tcPrChange>",
];

/// A paragraph or a row with properties again and again; the prefix `q` may mean Word's vocabulary there.
fn with_properties() -> impl Strategy<Value = (usize, [usize; 3], Option<&'static str>)> {
    let cell = || 0..OF_CELLS.len();
    let meaning = prop::sample::select(vec![None, None, None, Some(WORD), Some("urn:other")]);
    (0..OF_PARAGRAPHS.len(), [cell(), cell(), cell()], meaning)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_any_program_writes_is_read_alike(blocks in made(), manner in manner()) {
        let main = manner.main_part(&blocks);
        let document = document(&Package::of_main(main.clone()).build());
        prop_assert_eq!(lines(&document), expected(&blocks));

        let places = Places::read(&main, &Limits::default()).unwrap();
        for text in texts(&document) {
            for piece in text.pieces() {
                let value = &text.as_str()[piece.at as usize..(piece.at + piece.len) as usize];
                prop_assert_eq!(decoded(&main[piece.source.range()]), value);
            }
            let extent = text.extent().expect("written, so from somewhere").range();
            let range = match text.place() {
                Place::Paragraph { paragraph, .. } => places.paragraph(paragraph).expect("there").range.clone(),
                Place::TableCell { table, row, column, .. } => {
                    let row_range = places.row(table, row).expect("there").range.clone();
                    prop_assert!(main[row_range.clone()].starts_with("<w:tr>") && main[row_range].ends_with("</w:tr>"));
                    let cell = places.cell(table, row, column).expect("there");
                    prop_assert_eq!(cell.column, column);
                    let first = &cell.paragraphs[0];
                    prop_assert!(main[first.range.clone()].starts_with("<w:p>") && first.insert_at.is_some());
                    cell.range.clone()
                }
                other => panic!("{other:?}"),
            };
            prop_assert!(range.start < extent.start && extent.end < range.end);
        }
    }

    /// A comment before them keeps properties from being taken for those that were read before.
    #[test]
    fn properties_that_come_again_say_the_same(parts in prop::collection::vec(with_properties(), 1..20)) {
        let body = |comment: &str| -> String {
            let element = |(at, (paragraph, cells, meaning)): (usize, &(usize, [usize; 3], Option<&str>))| {
                let comment = comment.replace('n', &at.to_string());
                let paragraph = OF_PARAGRAPHS[*paragraph].replace("<w:pPr>", &format!("<w:pPr>{comment}"));
                let cell = |cell: &usize| tc_with(&(comment.clone() + OF_CELLS[*cell]), &format!("格{at}"));
                let table = tbl(3, &[tr(&cells.each_ref().map(cell)), row(&["一", "二", "三"])]);
                let whole = styled(&(comment.clone() + &paragraph), &format!("段{at}")) + &table;
                let declared = meaning.map(|meaning| format!(" xmlns:q=\"{meaning}\"")).unwrap_or_default();
                format!("<w:sdt{declared}><w:sdtContent>{whole}</w:sdtContent></w:sdt>")
            };
            parts.iter().enumerate().map(element).collect()
        };
        let styles = "<w:style w:type=\"paragraph\" w:styleId=\"a\"><w:pPr><w:outlineLvl w:val=\"4\"/></w:pPr></w:style>";
        let read = |body: &str| document(&Package::new(body).related("styles", styles).build());
        let (again, alone) = (read(&body("")), read(&body("<!--n-->")));
        prop_assert_eq!(lines(&again), lines(&alone));
        prop_assert_eq!(codes(&again), codes(&alone));
    }

    #[test]
    fn any_xml_is_read_or_refused(parts in prop::collection::vec(prop::sample::select(vec![
        "<w:p>", "</w:p>", "<w:r>", "</w:r>", "<w:t>", "</w:t>", "a", "&amp;", "<w:tbl>", "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>", "</w:tc>",
        "<w:tc/>", "<w:p/>", "<w:tbl/>", "<w:tr/>", "<w:txbxContent>", "</w:txbxContent>", "<w:footnoteReference w:id=\"1\"/>",
        "<w:fldChar w:fldCharType=\"begin\"/>", "<w:fldChar w:fldCharType=\"separate\"/>", "<w:fldChar w:fldCharType=\"end\"/>",
        "<w:fldSimple w:instr=\"PAGE\">", "</w:fldSimple>", "<w:del>", "</w:del>", "<mc:AlternateContent>", "</mc:AlternateContent>",
        "<mc:Choice Requires=\"w14\">", "</mc:Choice>", "<mc:Fallback>", "</mc:Fallback>", "<w:pPr>", "</w:pPr>", "<w:rPr>", "</w:rPr>", "<w:vanish/>",
        "<w:del w:id=\"1\"/>", "<w:tcPr>", "</w:tcPr>", "<w:vMerge/>", "<w:hMerge/>", "<w:gridSpan w:val=\"3\"/>", "<w:cellDel/>", "<w:sdt>", "</w:sdt>",
        "<w:footnote w:id=\"1\">", "</w:footnote>", "<a:txBody>", "</a:txBody>", "<a:p>", "</a:p>", "<m:t>", "</m:t>",
    ]), 0..40)) {
        // Close what is open, so that most of them are well-formed.
        let mut open: Vec<&str> = Vec::new();
        let mut body = String::new();
        for part in &parts {
            if let Some(name) = part.strip_prefix("</") {
                if open.last().is_none_or(|last| *last != name.trim_end_matches('>')) {
                    continue;
                }
                open.pop();
            } else if part.starts_with('<') && !part.ends_with("/>") {
                open.push(part[1..part.len() - 1].split(' ').next().unwrap());
            }
            body.push_str(part);
        }
        for name in open.iter().rev() {
            body.push_str(&format!("</{name}>"));
        }
        let main = part("document", &format!("<w:body>{body}</w:body>"));
        let _ = document(&Package::of_main(main.clone()).build());
        let _ = Places::read(&main, &Limits::default()).unwrap();
    }
}
