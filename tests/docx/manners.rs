//! What other programs, and people, do to a document without changing what it says.

use std::collections::BTreeSet;

use crate::tree::{Element, Node, nodes};

/// Namespaces that the manners use.
pub const DECLARATIONS: &str = concat!(
    r#" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#,
    r#" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape""#,
    r#" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:new="urn:not-known-to-anybody""#,
);

fn element(name: &str, attributes: &str, children: Vec<Node>) -> Node {
    Node::Element(Element::new(name, attributes, children))
}

/// Wraps every element of a name.
fn wrap(root: &mut Element, name: &str, mut with: impl FnMut(Element) -> Vec<Node>) {
    root.change(name, &mut |element| with(element));
}

// Runs.

/// Every text in runs of a few characters, with what Word strews between them.
pub fn split_runs(root: &mut Element) {
    wrap(root, "w:r", |run| {
        let mut out = Vec::new();
        for child in run.elements().filter(|child| child.name != "w:rPr") {
            let properties = run.child("w:rPr").map(|properties| Node::Element(properties.clone()));
            let mut push = |child: Node| {
                let children = properties.clone().into_iter().chain([child]).collect();
                out.push(element("w:r", r#"w:rsidR="00AA11BB""#, children));
            };
            if child.name != "w:t" {
                push(Node::Element(child.clone()));
                continue;
            }
            let chars: Vec<char> = child.text().chars().collect();
            // Short texts everywhere, long ones here and there.
            for piece in chars.chunks(chars.len() / 4 + 1) {
                let text = Node::Text(piece.iter().collect());
                push(element("w:t", r#"xml:space="preserve""#, vec![text]));
            }
            push(element("w:lastRenderedPageBreak", "", Vec::new()));
        }
        out.extend(nodes(
            r#"<w:proofErr w:type="gramEnd"/><w:bookmarkStart w:id="7" w:name="旧"/><w:bookmarkEnd w:id="7"/>"#,
        ));
        out
    });
}

/// Runs, cells, rows, tables and paragraphs each in a content control.
pub fn controls(root: &mut Element) {
    for name in ["w:r", "w:tc", "w:tr", "w:tbl"] {
        wrap(root, name, |inner| {
            let properties = nodes(
                r#"<w:sdtPr><w:alias w:val="控件"/><w:placeholder><w:docPart w:val="x"/></w:placeholder><w:text/></w:sdtPr>"#,
            );
            let content = element("w:sdtContent", "", vec![Node::Element(inner)]);
            vec![element("w:sdt", "", properties.into_iter().chain([content]).collect())]
        });
    }
}

pub fn smart_tags(root: &mut Element) {
    wrap(root, "w:r", |run| {
        let smart = element(
            "w:smartTag",
            r#"w:element="date""#,
            nodes(r#"<w:smartTagPr><w:attr w:name="旧" w:val="旧"/></w:smartTagPr>"#)
                .into_iter()
                .chain([Node::Element(run)])
                .collect(),
        );
        vec![element("w:customXml", r#"w:element="x""#, vec![smart])]
    });
    wrap(root, "w:tbl", |table| vec![element("w:customXml", r#"w:element="y""#, vec![Node::Element(table)])]);
}

/// Everything was inserted or moved here, and something else was deleted or moved away.
pub fn tracked_changes(root: &mut Element) {
    let old_run = |text: &str| format!("<w:r><w:{text}>旧文</w:{text}></w:r>");
    wrap(root, "w:r", |run| {
        let moved = run.text().chars().count() % 2 == 0;
        let name = if moved { "w:moveTo" } else { "w:ins" };
        let mut out = nodes(&format!(r#"<w:del w:id="2" w:author="甲">{}</w:del>"#, old_run("delText")));
        out.push(element(name, r#"w:id="1" w:author="甲" w:date="2023-01-01T00:00:00Z""#, vec![Node::Element(run)]));
        out.extend(nodes(&format!(r#"<w:moveFrom w:id="3">{}</w:moveFrom>"#, old_run("t"))));
        out
    });
    wrap(root, "w:tr", |mut row| {
        row.child_mut("w:trPr").children.extend(nodes(r#"<w:ins w:id="4" w:author="甲"/>"#));
        let mut deleted = row.clone();
        deleted.change("w:trPr", &mut |_| nodes(r#"<w:trPr><w:del w:id="5" w:author="甲"/></w:trPr>"#));
        deleted.change("w:vMerge", &mut |_| Vec::new());
        vec![Node::Element(row), Node::Element(deleted)]
    });
    wrap(root, "w:body", |mut body| {
        let mut children = Vec::new();
        for child in std::mem::take(&mut body.children) {
            if matches!(&child, Node::Element(element) if element.name == "w:p") {
                let deleted = format!(
                    r#"<w:p><w:pPr><w:rPr><w:del w:id="6"/></w:rPr></w:pPr><w:del w:id="7">{}</w:del></w:p>"#,
                    old_run("delText")
                );
                children.extend(nodes(&deleted));
            }
            children.push(child);
        }
        vec![Node::Element(Element { children, ..body })]
    });
}

/// Every text with a reading above it.
pub fn ruby(root: &mut Element) {
    wrap(root, "w:t", |text| {
        let base = element("w:rubyBase", "", vec![element("w:r", "", vec![Node::Element(text)])]);
        let reading = nodes("<w:rubyPr><w:hps w:val=\"10\"/></w:rubyPr><w:rt><w:r><w:t>旧</w:t></w:r></w:rt>");
        vec![element("w:ruby", "", reading.into_iter().chain([base]).collect())]
    });
}

/// Hidden text, comments and marks between the runs.
pub fn hidden_text(root: &mut Element) {
    wrap(root, "w:r", |run| {
        let before = r#"<w:commentRangeStart w:id="3"/><w:r><w:rPr><w:vanish/></w:rPr><w:t>旧</w:t></w:r><w:permStart w:id="4"/>"#;
        let after = r#"<w:permEnd w:id="4"/><w:commentRangeEnd w:id="3"/><w:r><w:commentReference w:id="3"/></w:r><w:r><w:softHyphen/></w:r>"#;
        [nodes(before), vec![Node::Element(run)], nodes(after)].concat()
    });
}

/// Paragraphs cut in two whose cut somebody took away again, tracked.
pub fn deleted_marks(root: &mut Element) {
    wrap(root, "w:p", |paragraph| {
        if paragraph.elements().filter(|child| child.name == "w:r").count() != 1
            || paragraph.child("w:pPr").is_some_and(|it| it.child("w:sectPr").is_some())
        {
            return vec![Node::Element(paragraph)];
        }
        let chars: Vec<char> = paragraph.text().chars().collect();
        let (first, rest): (String, String) =
            (chars[..chars.len() / 2].iter().collect(), chars[chars.len() / 2..].iter().collect());
        let half = |text: String, deleted: bool| {
            let mut half = paragraph.clone();
            half.change("w:t", &mut |mut old| {
                old.children = vec![Node::Text(text.clone())];
                vec![Node::Element(old)]
            });
            if deleted {
                half.child_mut("w:pPr").children.extend(nodes(r#"<w:rPr><w:del w:id="8" w:author="甲"/></w:rPr>"#));
            }
            Node::Element(half)
        };
        vec![half(first, true), half(rest, false)]
    });
}

/// No styles and no levels: headings are told by what they say.
pub fn no_styles(root: &mut Element) {
    for name in ["w:pStyle", "w:outlineLvl", "w:keepNext", "w:jc", "w:rPr"] {
        root.change(name, &mut |_| Vec::new());
    }
}

/// Text that is the result of fields, beside fields that show nothing.
pub fn fields(root: &mut Element) {
    let mark = |kind: &str| nodes(&format!(r#"<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>"#));
    let says = |text: &str| nodes(&format!("<w:r><w:instrText xml:space=\"preserve\">{text}</w:instrText></w:r>"));
    wrap(root, "w:p", |mut paragraph| {
        let mut children = Vec::new();
        let mut count = 0;
        for child in std::mem::take(&mut paragraph.children) {
            if !matches!(&child, Node::Element(element) if element.name == "w:r") {
                children.push(child);
                continue;
            }
            count += 1;
            // An index entry, of which the text of a page shows nothing.
            children.extend([mark("begin"), says(" TC \"旧\" \\f C \\l 1 "), mark("end")].concat());
            match count % 3 {
                0 => children.push(element("w:fldSimple", r#"w:instr=" QUOTE 旧 ""#, vec![child])),
                1 => {
                    // A field within the instruction of another.
                    let inner = [
                        mark("begin"),
                        says("REF 旧"),
                        mark("separate"),
                        nodes("<w:r><w:t>旧</w:t></w:r>"),
                        mark("end"),
                    ];
                    children
                        .extend([mark("begin"), says("IF "), inner.concat(), says(" = 1"), mark("separate")].concat());
                    children.push(child);
                    children.extend(mark("end"));
                }
                _ => children.push(element("w:hyperlink", r#"w:anchor="旧""#, vec![child])),
            }
        }
        vec![Node::Element(Element { children, ..paragraph })]
    });
}

/// Each text twice, of which one counts.
pub fn alternate_content(root: &mut Element) {
    let mut count = 0;
    root.change("w:t", &mut |text| {
        count += 1;
        let old = || nodes("<w:t>旧</w:t>");
        let text = || vec![Node::Element(text.clone())];
        let choices = if count % 2 == 0 {
            vec![element("mc:Choice", r#"Requires="wps""#, text()), element("mc:Fallback", "", text())]
        } else {
            vec![element("mc:Choice", r#"Requires="new""#, old()), element("mc:Fallback", "", text())]
        };
        vec![element("mc:AlternateContent", "", choices)]
    });
}

// Tables.

/// The grid columns that a cell covers.
fn span(cell: &Element) -> usize {
    let properties = cell.child("w:tcPr");
    properties.and_then(|it| it.child("w:gridSpan")?.value()?.parse().ok()).unwrap_or(1)
}

fn merge(cell: &Element) -> Option<&Element> {
    cell.child("w:tcPr")?.child("w:vMerge")
}

fn row_cells(row: &mut Element) -> impl Iterator<Item = &mut Element> {
    row.children.iter_mut().filter_map(|node| match node {
        Node::Element(element) if element.name == "w:tc" => Some(element),
        _ => None,
    })
}

fn rows(table: &mut Element) -> impl Iterator<Item = &mut Element> {
    table.children.iter_mut().filter_map(|node| match node {
        Node::Element(element) if element.name == "w:tr" => Some(element),
        _ => None,
    })
}

fn is_header(row: &Element) -> bool {
    row.child("w:trPr").is_some_and(|properties| properties.child("w:tblHeader").is_some())
}

/// Merged cells all of whose parts say "go on", where nothing merged stands above them.
pub fn merges_without_start(root: &mut Element) {
    wrap(root, "w:tbl", |mut table| {
        let mut above: Vec<usize> = Vec::new();
        for row in rows(&mut table) {
            let (mut column, mut merged) = (0, Vec::new());
            for cell in row_cells(row) {
                let covers = span(cell);
                if merge(cell).is_some() {
                    merged.push(column);
                    if merge(cell).and_then(Element::value) == Some("restart") && !above.contains(&column) {
                        cell.change("w:vMerge", &mut |_| nodes("<w:vMerge/>"));
                    }
                }
                column += covers;
            }
            above = merged;
        }
        vec![Node::Element(table)]
    });
}

/// A cell for every column, merged as before Word 2000.
pub fn horizontal_merges(root: &mut Element) {
    wrap(root, "w:tc", |mut cell| {
        let count = span(&cell);
        if count == 1 {
            return vec![Node::Element(cell)];
        }
        cell.change("w:tcW", &mut |_| Vec::new());
        cell.change("w:gridSpan", &mut |_| nodes(r#"<w:hMerge w:val="restart"/>"#));
        let mut rest = cell.clone();
        rest.change("w:hMerge", &mut |_| nodes("<w:hMerge/>"));
        rest.change("w:r", &mut |_| Vec::new());
        let rest = vec![Node::Element(rest); count - 1];
        std::iter::once(Node::Element(cell)).chain(rest).collect()
    });
}

pub fn spans_by_width(root: &mut Element) {
    root.change("w:gridSpan", &mut |_| Vec::new());
}

/// The same with the units that strict documents have.
pub fn spans_by_width_in_points(root: &mut Element) {
    spans_by_width(root);
    for name in ["w:tcW", "w:gridCol"] {
        wrap(root, name, |mut column| {
            let twips: u32 =
                column.attributes.split('"').nth(1).and_then(|width| width.parse().ok()).expect("our writer's widths");
            let points = format!("w:w=\"{}pt\"", f64::from(twips) / 20.0);
            column.attributes = column.attributes.replace(&format!("w:w=\"{twips}\""), &points);
            vec![Node::Element(column)]
        });
    }
}

/// Blank cells at the ends of rows left out.
pub fn gaps_in_rows(root: &mut Element) {
    wrap(root, "w:tr", |mut row| {
        let cells: Vec<Element> = row_cells(&mut row).map(|cell| cell.clone()).collect();
        let is_gap = |cell: &&Element| cell.text().is_empty() && merge(cell).is_none();
        let before: Vec<&Element> = cells.iter().take_while(is_gap).collect();
        let after: Vec<&Element> = cells.iter().rev().take_while(is_gap).collect();
        if before.len() == cells.len() {
            return vec![Node::Element(row)];
        }
        let columns = |cells: &[&Element]| cells.iter().map(|cell| span(cell)).sum::<usize>();
        let marks = [("w:gridBefore", columns(&before)), ("w:gridAfter", columns(&after))];
        let marks = marks.iter().filter(|(_, columns)| *columns > 0);
        let marks: Vec<Node> =
            marks.map(|(name, columns)| element(name, &format!("w:val=\"{columns}\""), Vec::new())).collect();
        row.child_mut("w:trPr").children.extend(marks);
        let kept = before.len()..cells.len() - after.len();
        let mut index = 0;
        row.children.retain(|node| {
            let is_cell = matches!(node, Node::Element(element) if element.name == "w:tc");
            index += usize::from(is_cell);
            !is_cell || kept.contains(&(index - 1))
        });
        vec![Node::Element(row)]
    });
}

pub fn cut_tables(root: &mut Element) {
    cut(root, false, PAGE_BREAK);
}

pub fn cut_tables_with_headers(root: &mut Element) {
    cut(root, true, PAGE_BREAK);
}

/// The number of the page became a line of text.
pub fn cut_tables_with_page_numbers(root: &mut Element) {
    cut(root, false, "<w:p><w:r><w:t>- 12 -</w:t></w:r></w:p>");
}

const PAGE_BREAK: &str = r#"<w:p><w:r><w:br w:type="page"/></w:r></w:p>"#;

/// Two tables of one, with a page break between; the first row of the second repeats no merged text.
fn cut(root: &mut Element, repeat: bool, between: &str) {
    wrap(root, "w:tbl", |mut table| {
        let count = rows(&mut table).count();
        let headers: Vec<Node> =
            rows(&mut table).filter(|row| is_header(row)).map(|row| Node::Element(row.clone())).collect();
        let body = count - headers.len();
        // Only header rows that stand first are repeated.
        if body < 4 || headers.is_empty() || rows(&mut table).skip(headers.len()).any(|row| is_header(row)) {
            return vec![Node::Element(table)];
        }
        let at = headers.len() + body / 2;
        let mut second = Element { children: Vec::new(), ..table.clone() };
        let mut seen = 0;
        let mut first = Vec::new();
        for node in std::mem::take(&mut table.children) {
            let is_row = matches!(&node, Node::Element(element) if element.name == "w:tr");
            if !is_row {
                second.children.push(node.clone());
                first.push(node);
                continue;
            }
            if seen == at && repeat {
                second.children.extend(headers.clone());
            }
            seen += 1;
            if seen <= at { first.push(node) } else { second.children.push(node) }
        }
        table.children = first;
        std::iter::once(Node::Element(table)).chain(nodes(between)).chain([Node::Element(second)]).collect()
    });
}

/// Each table in a table of one cell.
pub fn frames(root: &mut Element) {
    wrap(root, "w:tbl", |table| {
        let properties = nodes(
            r#"<w:tblPr><w:tblpPr w:leftFromText="180" w:vertAnchor="page"/></w:tblPr><w:tblGrid><w:gridCol w:w="9000"/></w:tblGrid>"#,
        );
        let cell = [nodes("<w:tcPr/>"), vec![Node::Element(table)], nodes("<w:p/>")].concat();
        let row = element("w:tr", "", vec![element("w:tc", "", cell)]);
        vec![element("w:tbl", "", properties.into_iter().chain([row]).collect())]
    });
}

/// Each table with its title in a table of its own, as web pages are pasted.
pub fn frames_with_titles(root: &mut Element) {
    let body = root.child_mut("w:body");
    let mut children: Vec<Node> = Vec::new();
    for child in std::mem::take(&mut body.children) {
        let Node::Element(table) = child else { continue };
        if table.name != "w:tbl" {
            children.push(Node::Element(table));
            continue;
        }
        let row =
            |content: Vec<Node>| element("w:tr", "", vec![element("w:tc", "", [nodes("<w:tcPr/>"), content].concat())]);
        let is_title = |node: &Node| matches!(node, Node::Element(paragraph) if paragraph.child("w:pPr").and_then(|it| it.child("w:pStyle")?.value()) == Some("TableTitle"));
        let title = children.pop_if(|last| is_title(last));
        let mut rows = nodes(r#"<w:tblPr/><w:tblGrid><w:gridCol w:w="9000"/></w:tblGrid>"#);
        rows.extend(title.map(|title| row(vec![title])));
        rows.push(row([vec![Node::Element(table)], nodes("<w:p/>")].concat()));
        children.push(element("w:tbl", "", rows));
    }
    body.children = children;
}

/// Tables with nothing but a title between them made one, which has the columns of both.
pub fn touching_tables(root: &mut Element) {
    touch(root, false);
}

/// The same, and the titles between them are rows of the table.
pub fn touching_tables_with_titles(root: &mut Element) {
    touch(root, true);
}

fn touch(root: &mut Element, titles: bool) {
    let body = root.child_mut("w:body");
    let mut children: Vec<Node> = Vec::new();
    // The table that may go on, and the paragraphs since.
    let mut open: Option<Element> = None;
    let mut between: Vec<Element> = Vec::new();
    let close = |open: &mut Option<Element>, between: &mut Vec<Element>, children: &mut Vec<Node>| {
        children.extend(open.take().map(Node::Element));
        children.extend(between.drain(..).map(Node::Element));
    };
    for child in std::mem::take(&mut body.children) {
        let Node::Element(block) = child else { continue };
        let style = block.child("w:pPr").and_then(|it| it.child("w:pStyle")?.value());
        match (block.name.as_str(), &mut open) {
            ("w:tbl", Some(first)) => {
                let rows = between.drain(..).filter(|title| !title.text().is_empty()).map(|title| {
                    let span = nodes(&format!(r#"<w:tcPr><w:gridSpan w:val="{}"/></w:tcPr>"#, edges(first).len()));
                    let cell = element("w:tc", "", span.into_iter().chain([Node::Element(title)]).collect());
                    element("w:tr", "", vec![cell])
                });
                let rows: Vec<Node> = rows.collect();
                first.children.extend(rows);
                append(first, block);
            }
            ("w:tbl", None) => open = Some(block),
            ("w:p", Some(_)) if block.text().is_empty() || (titles && style == Some("TableTitle")) => {
                between.push(block)
            }
            _ => {
                close(&mut open, &mut between, &mut children);
                children.push(Node::Element(block));
            }
        }
    }
    close(&mut open, &mut between, &mut children);
    body.children = children;
}

/// Where the columns of a table end, in twips.
fn edges(table: &Element) -> Vec<u32> {
    let columns = table.child("w:tblGrid").into_iter().flat_map(Element::elements);
    let width = |column: &Element| -> u32 {
        column.attributes.split('"').nth(1).and_then(|width| width.parse().ok()).expect("our writer's widths")
    };
    let mut edge = 0;
    columns
        .map(|column| {
            edge += width(column);
            edge
        })
        .collect()
}

/// Puts the rows of a table under those of another.
fn append(first: &mut Element, mut second: Element) {
    let (one, other) = (edges(first), edges(&second));
    let all: Vec<u32> = one.iter().chain(&other).copied().collect::<BTreeSet<u32>>().into_iter().collect();
    for (table, own) in [(&mut *first, one), (&mut second, other)] {
        for row in rows(table) {
            let mut column = 0;
            for cell in row_cells(row) {
                let covers = span(cell);
                let from = if column == 0 { 0 } else { own[column - 1] };
                let to = own[column + covers - 1];
                column += covers;
                let parts = all.iter().filter(|edge| **edge > from && **edge <= to).count();
                cell.change("w:gridSpan", &mut |_| Vec::new());
                cell.child_mut("w:tcPr").children.extend(nodes(&format!(r#"<w:gridSpan w:val="{parts}"/>"#)));
            }
        }
    }
    let mut from = 0;
    let grid = all.iter().map(|edge| {
        let width = edge - std::mem::replace(&mut from, *edge);
        element("w:gridCol", &format!("w:w=\"{width}\""), Vec::new())
    });
    first.child_mut("w:tblGrid").children = grid.collect();
    first
        .children
        .extend(second.children.into_iter().filter(|node| matches!(node, Node::Element(row) if row.name == "w:tr")));
}

/// Each table in a text box, written for new programs and for old ones.
pub fn text_boxes(root: &mut Element) {
    wrap(root, "w:tbl", |table| {
        let content = || {
            vec![element(
                "w:txbxContent",
                "",
                vec![Node::Element(table.clone())].into_iter().chain(nodes("<w:p/>")).collect(),
            )]
        };
        let drawing = element("w:drawing", "", vec![element("wps:wsp", "", vec![element("wps:txbx", "", content())])]);
        let picture = element("w:pict", "", vec![element("v:shape", "", vec![element("v:textbox", "", content())])]);
        let choices =
            vec![element("mc:Choice", r#"Requires="wps""#, vec![drawing]), element("mc:Fallback", "", vec![picture])];
        let run = element("w:r", "", vec![element("mc:AlternateContent", "", choices)]);
        vec![element("w:p", "", vec![run])]
    });
}

pub fn no_grid(root: &mut Element) {
    for name in ["w:tblGrid", "w:tblPr", "w:tcW", "w:trPr"] {
        root.change(name, &mut |_| Vec::new());
    }
}

/// The line after the first column drawn twice, a twip apart, and every other row keeps to the other.
pub fn slivers(root: &mut Element) {
    wrap(root, "w:tbl", |mut table| {
        let grid = table.child_mut("w:tblGrid");
        if grid.children.len() < 3 {
            return vec![Node::Element(table)];
        }
        grid.children.splice(1..1, nodes(r#"<w:gridCol w:w="1"/>"#));
        for (index, row) in rows(&mut table).enumerate() {
            let mut column = 0;
            for cell in row_cells(row) {
                let covers = span(cell);
                let edge = if index % 2 == 0 { column + covers == 1 } else { column == 1 };
                if edge || (column < 1 && column + covers > 1) {
                    let wider = nodes(&format!(r#"<w:gridSpan w:val="{}"/>"#, covers + 1));
                    cell.change("w:gridSpan", &mut |_| Vec::new());
                    cell.child_mut("w:tcPr").children.extend(wider);
                }
                column += covers;
            }
        }
        vec![Node::Element(table)]
    });
}

// Numbers.

/// Instances of the list: one for each level and number that it may have to begin again with.
const STARTS: usize = 120;

pub const NUMBERING_RELATIONSHIP: &str = r#"<Relationship Id="rIdNumbers" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/>"#;

/// Lists of paragraphs outside tables are fewer.
const IN_CELLS: usize = 100_000;

const WORD: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main""#;

/// Formats and texts of the levels of a list.
const LEVELS: [(&str, &str); 8] = [
    ("chineseCounting", "第%1部分"),
    ("chineseCountingThousand", "%2、"),
    ("chineseCounting", "（%3）"),
    ("decimal", "%4、"),
    ("decimal", "%5."),
    ("decimal", "（%6）"),
    ("decimal", "%7）"),
    ("decimalEnclosedCircle", "%8"),
];

/// The lists that a document names, as `word/numbering.xml`.
pub fn numbering(document: &str) -> String {
    let level = |at: usize| {
        let (format, text) = LEVELS[at];
        format!(
            r#"<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{format}"/><w:suff w:val="nothing"/><w:lvlText w:val="{text}"/></w:lvl>"#
        )
    };
    let levels: String = (0..LEVELS.len()).map(level).collect();
    let (mut lists, mut instances) = (String::new(), String::new());
    let named = document.split(r#"<w:numId w:val=""#).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok());
    let used: BTreeSet<usize> = named.chain([1]).collect();
    for id in used {
        lists.push_str(&format!(
            r#"<w:abstractNum w:abstractNumId="{id}"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>"#
        ));
        let (level, start) = ((id.max(100) - 100) / STARTS % LEVELS.len(), (id.max(101) - 100) % STARTS);
        instances.push_str(&format!(
            r#"<w:num w:numId="{id}"><w:abstractNumId w:val="{id}"/><w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride></w:num>"#
        ));
    }
    format!(r#"<?xml version="1.0" encoding="UTF-8"?><w:numbering {WORD}>{lists}{instances}</w:numbering>"#)
}

/// The id of the `count`-th list that begins again, at a level with a number.
fn instance(count: usize, level: usize, start: usize) -> usize {
    100 + (count * LEVELS.len() + level) * STARTS + start
}

/// Styles that carry the list, one for each level, based on those of our writer.
pub fn numbering_styles() -> String {
    let style = |at: usize| {
        format!(
            r#"<w:style w:type="paragraph" w:styleId="zidong{at}"><w:name w:val="自动编号 {at}"/><w:pPr><w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>"#
        )
    };
    (0..LEVELS.len()).map(style).collect()
}

/// Level and number that a text begins with, and the bytes they take.
fn typed_number(text: &str) -> Option<(usize, usize, usize)> {
    for (level, (format, printed)) in LEVELS.iter().enumerate() {
        let (before, after) = printed.split_once(['%']).expect("a level has a number");
        let after = &after[1..];
        for number in (1..STARTS).rev() {
            let number_printed = match *format {
                "decimal" => number.to_string(),
                "decimalEnclosedCircle" if number > 20 => continue,
                "decimalEnclosedCircle" => {
                    char::from_u32(0x245F + number as u32).expect("a circled number").to_string()
                }
                _ => chinese(number),
            };
            let printed = format!("{before}{number_printed}{after}");
            // `2.5%` begins with no number of a list.
            let whole = |rest: &str| !rest.is_empty() && !rest.starts_with(|ch: char| ch.is_ascii_digit());
            if text.strip_prefix(printed.as_str()).is_some_and(whole) {
                return Some((level, number, printed.len()));
            }
        }
    }
    None
}

fn chinese(number: usize) -> String {
    let digits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
    let mut text = String::new();
    if hundreds > 0 {
        text.push_str(&format!("{}百", digits[hundreds]));
        if tens == 0 && ones > 0 {
            text.push('零');
        }
    }
    match tens {
        0 => {}
        1 if hundreds == 0 => text.push('十'),
        _ => text.push_str(&format!("{}十", digits[tens])),
    }
    text + digits[ones]
}

/// Typed numbers at the beginnings of paragraphs outside tables made automatic.
pub fn automatic_numbers(root: &mut Element) {
    let mut lists = Lists::new(false);
    wrap_body(root, |paragraph| lists.number(paragraph));
}

/// The same, by styles where the list goes on.
pub fn numbers_of_styles(root: &mut Element) {
    let mut lists = Lists::new(true);
    wrap_body(root, |paragraph| lists.number(paragraph));
}

/// The same in cells: goals, and lines of forms that begin with a number.
pub fn numbers_in_cells(root: &mut Element) {
    let mut lists = Lists::new(false);
    // Lists of their own.
    (lists.list, lists.again) = (instance(IN_CELLS, 0, 1), IN_CELLS + 1);
    wrap(root, "w:tc", |mut cell| {
        for child in &mut cell.children {
            if let Node::Element(paragraph) = child
                && paragraph.name == "w:p"
            {
                lists.number(paragraph);
            }
        }
        vec![Node::Element(cell)]
    });
}

/// Lists in the making.
struct Lists {
    by_style: bool,
    /// The list that goes on, and what each of its levels has counted.
    list: usize,
    counts: [usize; LEVELS.len()],
    /// The level of the list that does not begin with 1, and with what it begins.
    begins: (usize, usize),
    /// Lists that began again.
    again: usize,
}

impl Lists {
    fn new(by_style: bool) -> Lists {
        Lists { by_style, list: 1, counts: [0; LEVELS.len()], begins: (0, 1), again: 0 }
    }

    /// Makes the typed number of a paragraph automatic.
    fn number(&mut self, paragraph: &mut Element) {
        let text = paragraph.text();
        let Some((level, number, length)) = typed_number(&text) else { return };
        // What one level counts begins again below a higher one; the number must come out by itself.
        let next =
            if self.counts[level] == 0 && level == self.begins.0 { self.begins.1 } else { self.counts[level] + 1 };
        // A level that was skipped counts as begun.
        let skipped = self.counts[level] == 0 && self.counts[level + 1..].iter().any(|count| *count > 0);
        if number != next || skipped {
            self.begins = (level, number);
            self.list = instance(self.again, level, number);
            self.again += 1;
            self.counts = [0; LEVELS.len()];
        }
        self.counts[level] = number;
        self.counts[level + 1..].fill(0);
        let list = self.list;
        let properties = paragraph.child_mut("w:pPr");
        if self.by_style && list == 1 && properties.child("w:pStyle").and_then(Element::value) == Some("Body") {
            properties.change("w:pStyle", &mut |_| nodes(&format!(r#"<w:pStyle w:val="zidong{level}"/>"#)));
        } else {
            let numbered = format!(r#"<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list}"/></w:numPr>"#);
            properties.children.extend(nodes(&numbered));
        }
        let mut left = length;
        paragraph.change("w:t", &mut |mut text| {
            let printed = text.text();
            let cut = left.min(printed.len());
            left -= cut;
            text.children = vec![Node::Text(printed[cut..].to_owned())];
            vec![Node::Element(text)]
        });
    }
}

/// Changes the paragraphs of the body in order, not those of tables.
fn wrap_body(root: &mut Element, mut change: impl FnMut(&mut Element)) {
    let body = root.child_mut("w:body");
    for child in &mut body.children {
        if let Node::Element(paragraph) = child
            && paragraph.name == "w:p"
        {
            change(paragraph);
        }
    }
}
