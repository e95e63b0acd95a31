//! Makes Word documents: the parts by hand, the package around them.

use std::io::{Cursor, Write};

use yusuan::document::{Block, Cover, Document, Grid};
use yusuan::limits::Limits;
use yusuan::source::{Kind, Source};
use zip::write::SimpleFileOptions;

const DECLARATIONS: &str = concat!(
    r#" xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main""#,
    r#" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships""#,
    r#" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math""#,
    r#" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#,
    r#" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office""#,
    r#" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main""#,
    r#" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing""#,
    r#" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape""#,
    r#" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml""#,
    r#" xmlns:wpsCustomData="http://www.wps.cn/officeDocument/2013/wpsCustomData""#,
    r#" mc:Ignorable="w14 wpsCustomData""#,
);

/// A part of WordprocessingML around some content.
pub fn part(root: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:{root}{DECLARATIONS}>{content}</w:{root}>"
    )
}

/// A document package being put together.
#[derive(Default)]
pub struct Package {
    parts: Vec<(String, Vec<u8>)>,
    relationships: Vec<(String, String)>,
}

impl Package {
    /// A document with this body.
    pub fn new(body: &str) -> Package {
        Package::of_main(part("document", &format!("<w:body>{body}</w:body>")))
    }

    /// A document with this main part.
    pub fn of_main(main: impl Into<Vec<u8>>) -> Package {
        Package::default().with("word/document.xml", main)
    }

    /// With a part.
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Package {
        self.parts.push((name.to_owned(), bytes.into()));
        self
    }

    /// With a part that the main one has a relationship to.
    pub fn related(mut self, kind: &str, content: &str) -> Package {
        let root = match kind {
            "header" => "hdr",
            "footer" => "ftr",
            other => other,
        };
        self.relationships.push((kind.to_owned(), format!("{kind}.xml")));
        self.with(&format!("word/{kind}.xml"), part(root, content))
    }

    /// With one more relationship of the main part.
    pub fn also_related(mut self, kind: &str, target: &str) -> Package {
        self.relationships.push((kind.to_owned(), target.to_owned()));
        self
    }

    /// The zip file.
    pub fn build(self) -> Vec<u8> {
        let relationships: String = self
            .relationships
            .iter()
            .map(|(kind, target)| {
                format!(
                    r#"<Relationship Id="r_{kind}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>"#
                )
            })
            .collect();
        let mut parts = vec![
            ("[Content_Types].xml".to_owned(), CONTENT_TYPES.into()),
            ("_rels/.rels".to_owned(), PACKAGE_RELATIONSHIPS.into()),
            (
                "word/_rels/document.xml.rels".to_owned(),
                format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relationships}</Relationships>"#)
                    .into_bytes(),
            ),
        ];
        for (name, bytes) in self.parts {
            parts.retain(|(other, _)| *other != name);
            parts.push((name, bytes));
        }
        zip(&parts)
    }
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;

const PACKAGE_RELATIONSHIPS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

/// A zip file of these entries, in this order.
pub fn zip(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).expect("a new entry");
        writer.write_all(bytes).expect("written to memory");
    }
    writer.finish().expect("written to memory").into_inner()
}

/// Escapes text for XML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A paragraph with one run.
pub fn p(text: &str) -> String {
    format!(r#"<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>"#, escape(text))
}

/// A paragraph with properties.
pub fn styled(properties: &str, text: &str) -> String {
    format!(r#"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{}</w:t></w:r></w:p>"#, escape(text))
}

/// A table of rows.
pub fn tbl(columns: usize, rows: &[String]) -> String {
    let grid = r#"<w:gridCol w:w="1000"/>"#.repeat(columns);
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{}</w:tbl>",
        rows.concat()
    )
}

/// A row of cells.
pub fn tr(cells: &[String]) -> String {
    format!("<w:tr>{}</w:tr>", cells.concat())
}

/// A plain cell.
pub fn tc(text: &str) -> String {
    tc_with("", text)
}

/// A cell with properties.
pub fn tc_with(properties: &str, text: &str) -> String {
    let paragraphs: String = text.split('\n').map(p).collect();
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{paragraphs}</w:tc>")
}

/// A row of plain cells.
pub fn row(cells: &[&str]) -> String {
    tr(&cells.iter().map(|text| tc(text)).collect::<Vec<_>>())
}

/// Reads a document.
pub fn read(bytes: &[u8]) -> yusuan::Result<(Source, Document)> {
    yusuan::read::read("a.docx", bytes, &Limits::default())
}

/// Reads a document that must be readable.
pub fn document(bytes: &[u8]) -> Document {
    let (source, document) = read(bytes).expect("a readable document");
    assert_eq!(source.kind, Kind::Docx);
    document
}

/// The document of a body.
pub fn of_body(body: &str) -> Document {
    document(&Package::new(body).build())
}

/// What a document says, a line a block or row: `P text`, `P1 heading`, `T a | b`, rows after the
/// first begin with `+`, header rows with `#`; `<` and `^` are covered cells, line breaks are `⏎`,
/// tabs `→`, a gap before a table `~`.
pub fn lines(document: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Paragraph(paragraph) => {
                let level = paragraph.outline.map(|level| level.to_string()).unwrap_or_default();
                lines.push(format!("P{level} {}", visible(paragraph.text.as_str())));
            }
            Block::Grid(grid) => grid_lines(grid, &mut lines),
        }
    }
    lines
}

/// The lines of a grid.
pub fn grid_lines(grid: &Grid, lines: &mut Vec<String>) {
    assert!(grid.exact);
    for (index, row) in grid.rows.iter().enumerate() {
        assert_eq!(row.cells.len(), grid.rows[0].cells.len(), "rows are equally wide");
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|cell| match cell.cover {
                Cover::No => visible(cell.text.as_str()),
                Cover::Left => format!("<{}", visible(cell.text.as_str())),
                Cover::Above => format!("^{}", visible(cell.text.as_str())),
            })
            .collect();
        let start = match (index, grid.gap_before) {
            (0, false) => "T",
            (0, true) => "~",
            _ => "+",
        };
        lines.push(format!("{start}{} {}", if row.header { "#" } else { "" }, cells.join(" | ")));
    }
}

fn visible(text: &str) -> String {
    text.replace('\n', "⏎").replace('\t', "→")
}

/// Checks the lines of a body.
#[track_caller]
pub fn check(body: &str, expect: &[&str]) {
    assert_eq!(lines(&of_body(body)), expect);
}

/// Codes of the findings.
pub fn codes(document: &Document) -> Vec<&'static str> {
    document.findings.iter().map(|finding| finding.rule).collect()
}
