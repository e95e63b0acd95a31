//! The workbook as a package (ECMA-376 part 2): its sheets, each deflated as soon as it is drawn,
//! and the parts around them.
//!
//! The general workbook library keeps every cell of every sheet until the end and takes half the
//! time of a run; what our sheets need of the format is little. Styles are its work.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_xlsxwriter::{
    ConditionalFormatCell, ConditionalFormatCellRule, DocProperties, ExcelDateTime, Format, Workbook, XlsxError,
};
use zip::ZipArchive;

use super::checks::VERDICTS;
use super::look::{self, HEIGHT, Look, Styles, WIDTH};
use super::name::quoted;
use super::sheet::{Sheet, failed};
use super::strings::Strings;
use super::sums::Sums;
use super::xml::{self, DECLARATION, put};
use super::{cells, notes};
use crate::error::{Error, Result};
use crate::original;
use crate::service::CONTENTS;
use crate::source::column_name;
use crate::write::zip::{Deflater, Zip};

const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// A workbook that is being drawn.
pub(super) struct Book<'f, 'l> {
    look: &'l Look,
    title: String,
    styles: Styles<'l>,
    strings: Strings<'f>,
    sheets: Vec<String>,
    names: Vec<Name>,
    /// Sheets with notes, and the next block of shape numbers.
    noted: usize,
    block: usize,
    /// Whether a sheet has verdicts to colour.
    verdicts: bool,
    drawn: Zip,
    boxes: Zip,
    deflater: Deflater,
    xml: String,
}

/// A defined name.
struct Name {
    order: u8,
    name: String,
    /// Index of the sheet it belongs to; `None` for the whole workbook.
    sheet: Option<usize>,
    range: String,
}

impl<'f, 'l> Book<'f, 'l> {
    /// A workbook without sheets.
    pub fn new(look: &'l Look, title: &str) -> Book<'f, 'l> {
        Book {
            look,
            title: title.chars().filter(|ch| !ch.is_control()).take(200).collect(),
            styles: Styles::new(look),
            strings: Strings::default(),
            sheets: Vec::new(),
            names: Vec::new(),
            noted: 0,
            block: 1,
            verdicts: false,
            drawn: Zip::default(),
            boxes: Zip::default(),
            deflater: Deflater::default(),
            xml: String::new(),
        }
    }

    /// Draws a sheet at the end of the workbook.
    pub fn draw(&mut self, sheet: &Sheet<'f>, sums: &Sums<'_>) -> Result<()> {
        let index = self.sheets.len();
        self.xml.clear();
        let drawn = cells::draw(&mut self.xml, sheet, index == 0, self.look, &mut self.styles, &mut self.strings, sums)
            .map_err(|error| failed(&sheet.name, &error))?;
        self.drawn.add(&mut self.deflater, &format!("xl/worksheets/sheet{}.xml", index + 1), self.xml.as_bytes())?;
        if !drawn.notes.is_empty() {
            self.noted += 1;
            let number = self.noted;
            let of_sheet = format!(
                r#"{DECLARATION}<Relationships xmlns="{RELATIONSHIPS}"><Relationship Id="rId1" Type="{OFFICE}/vmlDrawing" Target="../drawings/vmlDrawing{number}.vml"/><Relationship Id="rId2" Type="{OFFICE}/comments" Target="../comments{number}.xml"/></Relationships>"#
            );
            self.drawn.add(
                &mut self.deflater,
                &format!("xl/worksheets/_rels/sheet{}.xml.rels", index + 1),
                of_sheet.as_bytes(),
            )?;
            let boxes = notes::boxes(&drawn, self.block);
            self.boxes.add(&mut self.deflater, &format!("xl/drawings/vmlDrawing{number}.vml"), boxes.as_bytes())?;
            self.boxes.add(
                &mut self.deflater,
                &format!("xl/comments{number}.xml"),
                notes::comments(&drawn.notes).as_bytes(),
            )?;
            self.block += notes::blocks(drawn.notes.len());
        }
        self.verdicts |= sheet.verdicts.is_some();
        self.name_parts(sheet, index);
        self.sheets.push(sheet.name.clone());
        Ok(())
    }

    fn name_parts(&mut self, sheet: &Sheet<'_>, index: usize) {
        let own = quoted(&sheet.name);
        let mut add = |order, name: &str, sheet, range| {
            self.names.push(Name { order, name: name.to_owned(), sheet, range });
        };
        if let Some((head, last)) = sheet.filter {
            let col = column_name(sheet.widths.len().max(1) as u32 - 1);
            let range = format!("{own}!$A${}:${col}${}", head + 1, last + 1);
            add(0, "_xlnm._FilterDatabase", Some(index), range);
        }
        if !sheet.repeat.is_empty() {
            let range = format!("{own}!${}:${}", sheet.repeat.start + 1, sheet.repeat.end);
            add(1, "_xlnm.Print_Titles", Some(index), range);
        }
        if let Some(anchor) = &sheet.anchor {
            add(2, anchor, None, format!("{own}!$A$1"));
        }
    }

    /// The bytes of the workbook, which carries its original.
    pub fn finish(mut self, original: Option<&[u8]>) -> Result<Vec<u8>> {
        let original = original.filter(|original| original.len() <= original::MOST);
        // Excel keeps names in order.
        self.names.sort_by(|left, right| {
            (left.order, &left.name, &left.range).cmp(&(right.order, &right.name, &right.range))
        });
        let strings = std::mem::take(&mut self.strings).part();
        let [styles, theme, core, package] = &self.common_parts()?;
        let types = self.content_types(strings.is_some(), original.is_some());
        let relationships = self.relationships(strings.is_some());
        let (workbook, application) = (self.workbook(), self.application());
        let Book { drawn, boxes, mut deflater, .. } = self;
        let mut book = Zip::default();
        let mut add = |book: &mut Zip, name: &str, content: &[u8]| book.add(&mut deflater, name, content);
        add(&mut book, "[Content_Types].xml", types.as_bytes())?;
        add(&mut book, "_rels/.rels", package)?;
        add(&mut book, "xl/_rels/workbook.xml.rels", relationships.as_bytes())?;
        add(&mut book, "xl/theme/theme1.xml", theme)?;
        add(&mut book, "xl/styles.xml", styles)?;
        add(&mut book, "xl/workbook.xml", workbook.as_bytes())?;
        book.append(drawn);
        if let Some(strings) = strings {
            add(&mut book, "xl/sharedStrings.xml", strings.as_bytes())?;
        }
        add(&mut book, "docProps/core.xml", core)?;
        add(&mut book, "docProps/app.xml", application.as_bytes())?;
        book.append(boxes);
        if let Some(original) = original {
            add(&mut book, original::PART, original)?;
        }
        book.finish()
    }

    /// Styles, theme, properties and the package's relationships, as the library writes them for a
    /// workbook of one sheet in which each style stands once.
    fn common_parts(&self) -> Result<[Vec<u8>; 4]> {
        let made = |alone| {
            let saved = || self.carrier(alone).and_then(|mut book| book.save_to_buffer());
            catch_unwind(AssertUnwindSafe(saved))
        };
        // It starts a thread for the sheet and panics when the system gives it none; a sheet that it
        // keeps in a temporary file needs none.
        let made = made(false).or_else(|_| made(true)).map_err(|_| {
            Error::new("线程不够，工作簿写不出", "the system gives no thread to write the workbook with")
        })?;
        let bytes = made.map_err(|error| failed(CONTENTS.name, &error))?;
        let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("the library writes a package");
        Ok(["xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml", "_rels/.rels"].map(|name| {
            let mut part = Vec::new();
            archive.by_name(name).expect("it writes this part").read_to_end(&mut part).expect("and writes it whole");
            part
        }))
    }

    fn carrier(&self, alone: bool) -> std::result::Result<Workbook, XlsxError> {
        let mut book = Workbook::new();
        let properties = DocProperties::new()
            .set_title(&self.title)
            .set_author("yusuan")
            // A fixed time: the same filing gives the same bytes.
            .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
        book.set_properties(&properties);
        book.set_default_format(&look::default_format(self.look), HEIGHT, WIDTH)?;
        let sheet = if alone { book.add_worksheet_with_constant_memory()? } else { book.add_worksheet() };
        for (row, format) in (0..).zip(self.styles.formats()) {
            sheet.write_blank(row, 0, format)?;
        }
        let colours = [&self.look.colour.holds, &self.look.colour.rounding, &self.look.colour.broken];
        for (sign, colour) in VERDICTS.iter().zip(colours).filter(|_| self.verdicts) {
            let format = ConditionalFormatCell::new()
                .set_rule(ConditionalFormatCellRule::EqualTo(*sign))
                .set_format(Format::new().set_background_color(look::colour(colour)));
            sheet.add_conditional_format(0, 0, 0, 0, &format)?;
        }
        Ok(book)
    }

    fn content_types(&self, strings: bool, original: bool) -> String {
        let mut xml = String::from(DECLARATION);
        xml.push_str(r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>"#);
        if self.noted > 0 {
            xml.push_str(
                r#"<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>"#,
            );
        }
        let mut add = |part: std::fmt::Arguments<'_>, kind: &str| {
            put(&mut xml, format_args!(r#"<Override PartName="/{part}" ContentType="{kind}+xml"/>"#));
        };
        add(format_args!("docProps/app.xml"), "application/vnd.openxmlformats-officedocument.extended-properties");
        add(format_args!("docProps/core.xml"), "application/vnd.openxmlformats-package.core-properties");
        add(format_args!("xl/styles.xml"), &format!("{TYPES}.styles"));
        add(format_args!("xl/theme/theme1.xml"), "application/vnd.openxmlformats-officedocument.theme");
        add(format_args!("xl/workbook.xml"), &format!("{TYPES}.sheet.main"));
        let kind = format!("{TYPES}.worksheet");
        for number in 1..=self.sheets.len() {
            add(format_args!("xl/worksheets/sheet{number}.xml"), &kind);
        }
        let kind = format!("{TYPES}.comments");
        for number in 1..=self.noted {
            add(format_args!("xl/comments{number}.xml"), &kind);
        }
        if strings {
            add(format_args!("xl/sharedStrings.xml"), &format!("{TYPES}.sharedStrings"));
        }
        if original {
            put(
                &mut xml,
                format_args!(r#"<Override PartName="/{}" ContentType="application/octet-stream"/>"#, original::PART),
            );
        }
        xml.push_str("</Types>");
        xml
    }

    fn relationships(&self, strings: bool) -> String {
        let mut xml = String::from(DECLARATION);
        put(&mut xml, format_args!(r#"<Relationships xmlns="{RELATIONSHIPS}">"#));
        let mut count = 0;
        let mut add = |kind: &str, target: std::fmt::Arguments<'_>| {
            count += 1;
            put(&mut xml, format_args!(r#"<Relationship Id="rId{count}" Type="{OFFICE}/{kind}" Target="{target}"/>"#));
        };
        for number in 1..=self.sheets.len() {
            add("worksheet", format_args!("worksheets/sheet{number}.xml"));
        }
        add("theme", format_args!("theme/theme1.xml"));
        add("styles", format_args!("styles.xml"));
        if strings {
            add("sharedStrings", format_args!("sharedStrings.xml"));
        }
        xml.push_str("</Relationships>");
        xml
    }

    fn workbook(&self) -> String {
        let mut xml = String::from(DECLARATION);
        put(
            &mut xml,
            format_args!(
                r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{OFFICE}"><fileVersion appName="xl" lastEdited="4" lowestEdited="4" rupBuild="4505"/><workbookPr defaultThemeVersion="124226"/><bookViews><workbookView xWindow="240" yWindow="15" windowWidth="16095" windowHeight="9660"/></bookViews><sheets>"#
            ),
        );
        for (number, name) in (1..).zip(&self.sheets) {
            xml.push_str(r#"<sheet name=""#);
            xml::attribute(&mut xml, name);
            put(&mut xml, format_args!(r#"" sheetId="{number}" r:id="rId{number}"/>"#));
        }
        xml.push_str("</sheets>");
        if !self.names.is_empty() {
            xml.push_str("<definedNames>");
            for name in &self.names {
                put(&mut xml, format_args!(r#"<definedName name="{}""#, name.name));
                if let Some(sheet) = name.sheet {
                    put(&mut xml, format_args!(r#" localSheetId="{sheet}""#));
                }
                xml.push_str(if name.order == 0 { r#" hidden="1">"# } else { ">" });
                xml::text(&mut xml, &name.range);
                xml.push_str("</definedName>");
            }
            xml.push_str("</definedNames>");
        }
        // Results are computed again when the workbook is opened.
        xml.push_str(r#"<calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>"#);
        xml
    }

    fn application(&self) -> String {
        let mut xml = String::from(DECLARATION);
        xml.push_str(r#"<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><Application>Microsoft Excel</Application><DocSecurity>0</DocSecurity><ScaleCrop>false</ScaleCrop>"#);
        let names: Vec<String> = self
            .names
            .iter()
            .filter_map(|name| match (name.order, name.sheet) {
                (0, _) => None,
                (_, Some(sheet)) => Some(format!("{}!Print_Titles", quoted(&self.sheets[sheet]))),
                (_, None) => Some(name.name.clone()),
            })
            .collect();
        let groups = [("Worksheets", self.sheets.len()), ("Named Ranges", names.len())];
        let groups = groups.iter().filter(|(_, count)| *count > 0);
        put(
            &mut xml,
            format_args!(r#"<HeadingPairs><vt:vector size="{}" baseType="variant">"#, groups.clone().count() * 2),
        );
        for (group, count) in groups {
            put(
                &mut xml,
                format_args!(
                    "<vt:variant><vt:lpstr>{group}</vt:lpstr></vt:variant><vt:variant><vt:i4>{count}</vt:i4></vt:variant>"
                ),
            );
        }
        put(
            &mut xml,
            format_args!(
                r#"</vt:vector></HeadingPairs><TitlesOfParts><vt:vector size="{}" baseType="lpstr">"#,
                self.sheets.len() + names.len()
            ),
        );
        for title in self.sheets.iter().chain(&names) {
            xml.push_str("<vt:lpstr>");
            xml::text(&mut xml, title);
            xml.push_str("</vt:lpstr>");
        }
        xml.push_str("</vt:vector></TitlesOfParts><Company></Company><LinksUpToDate>false</LinksUpToDate><SharedDoc>false</SharedDoc><HyperlinksChanged>false</HyperlinksChanged><AppVersion>12.0000</AppVersion></Properties>");
        xml
    }
}
