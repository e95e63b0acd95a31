//! What each element means to the walk.

use super::*;

impl<'a> Walker<'a, '_> {
    /// Decides what an element means; `None` when it has been passed over with all it holds.
    pub(super) fn open_element(&mut self, tag: &Tag<'a>) -> Result<Option<Element>> {
        match tag.ns {
            Ns::Word => self.open_word(tag),
            Ns::Compatibility => self.open_compatibility(tag),
            Ns::Math => Ok(Some(self.open_math(tag))),
            Ns::Drawing | Ns::Vml | Ns::VmlOffice | Ns::Chart | Ns::Diagram => Ok(Some(self.open_drawing(tag))),
            _ => Ok(Some(Element::Transparent)),
        }
    }

    pub(super) fn open_word(&mut self, tag: &Tag<'a>) -> Result<Option<Element>> {
        let parent = self.open.last().copied();
        let flat = self.flat_depth > 0;
        Ok(Some(match tag.name {
            // The frequent ones first.
            "r" => {
                self.run = Run::default();
                Element::Run
            }
            "t" => {
                self.preserve = match self.xml.attribute_of(tag, Ns::Xml, "space") {
                    Some(space) => space == "preserve",
                    None => self.preserve_all,
                };
                self.text_begins = true;
                Element::Text
            }
            "p" => {
                self.start_paragraph();
                Element::Paragraph
            }
            "pPr" => {
                let first = parent == Some(Element::Paragraph) && self.paragraph.properties == Properties::default();
                match if first { self.properties.recall(&mut self.xml, tag) } else { None } {
                    Some(properties) => self.paragraph.properties = properties,
                    None => {
                        self.jump_to_close(tag, paragraph_matters);
                    }
                }
                Element::ParagraphProperties
            }
            "rPr" => match parent {
                Some(Element::ParagraphProperties) => {
                    self.jump_to_close(tag, paragraph_matters);
                    Element::MarkProperties
                }
                Some(Element::Run) => {
                    let styles = self.context.styles.any_hidden;
                    self.jump_to_close(tag, |name| look_matters(name, styles));
                    Element::RunProperties
                }
                _ => Element::Transparent,
            },
            // The look, and what was there before a tracked change.
            "tcBorders" | "tcMar" | "tcPrChange" | "trPrChange" => return self.pass_over(tag),
            "tc" if !flat && !self.tables.is_empty() => {
                self.end_paragraph();
                if let Some(table) = self.tables.last_mut() {
                    table.open_cell();
                }
                self.containers.push(Container::Cell);
                Element::Cell
            }
            "tcPr" if !flat => {
                if parent == Some(Element::Cell)
                    && let Some(cell) = self.tables.last_mut().and_then(TableBuild::cell)
                    && cell.shape == CellShape::default()
                    && let Some(shape) = self.shapes.recall(&mut self.xml, tag)
                {
                    cell.shape = shape;
                }
                Element::CellProperties
            }
            "tr" if !flat => {
                if let Some(table) = self.tables.last_mut() {
                    table.open_row();
                }
                Element::Row
            }
            "trPr" if !flat => Element::RowProperties,
            "tbl" => self.start_table(tag)?,
            "tblPr" if parent == Some(Element::Table) => Element::TableProperties,
            "tblCaption" if parent == Some(Element::TableProperties) => {
                let caption = self.xml.attribute(tag, "val").map(|caption| caption.into_owned());
                if let Some(table) = self.tables.last_mut() {
                    table.caption = caption.filter(|caption| !caption.chars().all(is_blank));
                }
                Element::Transparent
            }
            "gridCol" if !flat => {
                let width = self.twips(tag).unwrap_or(0);
                if let Some(table) = self.tables.last_mut()
                    && table.grid.len() < self.limits.columns
                {
                    table.grid.push(width);
                }
                Element::Transparent
            }
            _ => match parent {
                Some(Element::RunProperties) => self.open_run_property(tag),
                Some(Element::CellProperties) => self.open_cell_property(tag),
                Some(Element::RowProperties) => self.open_row_property(tag),
                Some(Element::ParagraphProperties | Element::MarkProperties) => {
                    return self.open_paragraph_property(tag);
                }
                _ => return self.open_content(tag),
            },
        }))
    }

    /// Elements of the text itself.
    pub(super) fn open_content(&mut self, tag: &Tag<'a>) -> Result<Option<Element>> {
        let parent = self.open.last().copied();
        Ok(Some(match tag.name {
            "tab" | "ptab" if parent == Some(Element::Run) => {
                self.made("\t");
                Element::Transparent
            }
            "br" => {
                match self.xml.attribute(tag, "type").as_deref() {
                    Some("page" | "column") => self.paragraph.broken = true,
                    _ => self.made("\n"),
                }
                Element::Transparent
            }
            "cr" => {
                self.made("\n");
                Element::Transparent
            }
            "noBreakHyphen" => {
                self.made("-");
                Element::Transparent
            }
            "sym" => {
                let font = self.xml.attribute(tag, "font").and_then(|name| symbol_font(&name));
                let code = self.xml.attribute(tag, "char");
                let code = code.and_then(|hex| u32::from_str_radix(hex.trim(), 16).ok()).and_then(char::from_u32);
                if let Some(ch) = code.filter(|ch| !ch.is_control()) {
                    let mut buffer = [0; 4];
                    let shown = font.map_or(ch, |font| symbol_char(font, ch));
                    self.made(shown.encode_utf8(&mut buffer));
                }
                Element::Transparent
            }
            "fldChar" => {
                match self.xml.attribute(tag, "fldCharType").as_deref() {
                    Some("begin") => self.fields.begin(tag.start),
                    Some("separate") => self.fields.separate(self.seen),
                    Some("end") => self.end_field(),
                    _ => {}
                }
                Element::FieldMark
            }
            "instrText" => Element::Instruction,
            "fldSimple" => {
                let instruction = self.xml.attribute(tag, "instr").unwrap_or_default();
                self.fields.begin_simple(&instruction, self.seen);
                Element::SimpleField
            }
            "listEntry" => {
                let entry = self.xml.attribute(tag, "val").unwrap_or_default();
                self.fields.add_entry(&entry);
                Element::Transparent
            }
            "result" | "default" | "checked" => {
                self.open_form_field(tag);
                Element::Transparent
            }
            "footnoteReference" | "endnoteReference" => {
                let kind = if tag.name == "footnoteReference" { NoteKind::Foot } else { NoteKind::End };
                if let (Some(id), true) = (self.number(tag, "id"), self.is_shown()) {
                    self.pending_notes.push((kind, id));
                }
                Element::Transparent
            }
            "footnote" | "endnote" => {
                let kind = if tag.name == "footnote" { NoteKind::Foot } else { NoteKind::End };
                let separator = self.xml.attribute(tag, "type").is_some_and(|kind| kind != "normal");
                if separator || tag.empty {
                    let mut text = String::new();
                    self.pass(tag, Some(&mut text))?;
                    if !text.trim().is_empty() {
                        self.context.left_out.notes.add_whole(self.place(), &text);
                    }
                    return Ok(None);
                }
                let id = self.number(tag, "id").unwrap_or(-1);
                self.containers.push(Container::Note { kind, id, blocks: Vec::new() });
                Element::Note
            }
            "txbxContent" => self.start_text_box(),
            "altChunk" | "subDoc" => {
                self.context.left_out.imported.add_name(self.place(), tag.name);
                self.seen += 1;
                Element::Transparent
            }
            "del" | "moveFrom" => return self.pass_over_text(tag, |told| &mut told.deleted),
            // It repeats its base in another script.
            "rt" => return self.pass_over_text(tag, |told| &mut told.readings),
            // Properties, or what was there before a tracked change.
            "rubyPr" | "sdtPr" | "sdtEndPr" | "smartTagPr" | "customXmlPr" | "tblPr" | "tblPrEx" | "sectPr"
            | "delText" | "delInstrText" | "tblGridChange" | "tblPrExChange" => {
                return self.pass_over(tag);
            }
            "document" | "body" => {
                if let Some(space) = self.xml.attribute_of(tag, Ns::Xml, "space") {
                    self.preserve_all = space == "preserve";
                }
                Element::Transparent
            }
            _ => Element::Transparent,
        }))
    }

    pub(super) fn open_paragraph_property(&mut self, tag: &Tag<'a>) -> Result<Option<Element>> {
        match tag.name {
            "pStyle" => {
                let style = self.xml.attribute(tag, "val");
                self.paragraph.properties.style = style.and_then(|id| self.context.styles.find(&id));
            }
            // Its children are taken as properties of the paragraph.
            "numPr" => return Ok(Some(Element::ParagraphProperties)),
            "numId" => {
                self.paragraph.properties.instance = self.number(tag, "val").and_then(|id| u32::try_from(id).ok())
            }
            "ilvl" => {
                self.paragraph.properties.level = self.number(tag, "val").and_then(|level| u8::try_from(level).ok())
            }
            "outlineLvl" => {
                let level = self.xml.attribute(tag, "val");
                self.paragraph.properties.own_outline = Some(outline_level(level.as_deref()));
            }
            "framePr" => {
                let drop = self.xml.attribute(tag, "dropCap");
                if drop.is_some_and(|drop| drop != "none") {
                    self.paragraph.properties.joins = Joins::Next;
                }
            }
            "sectPr" => {
                self.paragraph.properties.ends_section = true;
                return self.pass_over(tag);
            }
            "del" | "moveFrom" if self.open.last() == Some(&Element::MarkProperties) => {
                self.paragraph.properties.joins = Joins::Next;
            }
            "vanish" | "specVanish" if self.paragraph.properties.joins == Joins::No => {
                let hidden = is_on(self.xml.attribute(tag, "val"));
                self.paragraph.properties.joins = if hidden { Joins::Hidden } else { Joins::No };
            }
            "tabs" | "pBdr" | "pPrChange" | "rPrChange" | "numberingChange" => return self.pass_over(tag),
            _ => {}
        }
        Ok(Some(Element::Transparent))
    }

    pub(super) fn open_run_property(&mut self, tag: &Tag<'a>) -> Element {
        match tag.name {
            "vanish" => self.run.hidden = Some(is_on(self.xml.attribute(tag, "val"))),
            "rStyle" if self.context.styles.any_hidden => {
                let style = self.xml.attribute(tag, "val").and_then(|id| self.context.styles.find(&id));
                self.run.style_hidden = self.context.styles.get(style).hidden;
            }
            "rFonts" => {
                let font = self.xml.attribute(tag, "ascii").or_else(|| self.xml.attribute(tag, "hAnsi"));
                self.run.symbols = font.and_then(|name| symbol_font(&name));
            }
            _ => {}
        }
        Element::Transparent
    }

    pub(super) fn open_cell_property(&mut self, tag: &Tag<'a>) -> Element {
        // Borders and shades stand by the million: attributes are read where the name matters.
        match tag.name {
            "gridSpan" | "vMerge" | "hMerge" => {
                let value = self.xml.attribute(tag, "val");
                let merge = if value.as_deref() == Some("restart") { Merge::Start } else { Merge::Continue };
                let span = value.and_then(|value| value.trim().parse::<i64>().ok());
                let Some(cell) = self.open_cell() else { return Element::Transparent };
                match tag.name {
                    "gridSpan" => cell.shape.span = span.map_or(1, |span| usize::try_from(span).unwrap_or(1).max(1)),
                    "vMerge" => cell.shape.vertical = merge,
                    _ => cell.shape.horizontal = merge,
                }
            }
            "tcW" => {
                let width = self.twips(tag);
                if let Some(cell) = self.open_cell() {
                    cell.shape.width = width;
                }
            }
            "cellDel" => {
                if let Some(cell) = self.open_cell() {
                    cell.shape.deleted = true;
                }
            }
            _ => {}
        }
        Element::Transparent
    }

    fn open_cell(&mut self) -> Option<&mut CellBuild> {
        self.tables.last_mut().and_then(TableBuild::cell)
    }

    pub(super) fn open_row_property(&mut self, tag: &Tag<'a>) -> Element {
        match tag.name {
            "gridBefore" | "gridAfter" => {
                let number = self.number(tag, "val").and_then(|value| usize::try_from(value).ok()).unwrap_or(0);
                let Some(table) = self.tables.last_mut() else { return Element::Transparent };
                match tag.name {
                    "gridBefore" => table.row.before = number,
                    _ => table.row.after = number,
                }
            }
            "tblHeader" => {
                let on = is_on(self.xml.attribute(tag, "val"));
                if let Some(table) = self.tables.last_mut() {
                    table.header = on;
                }
            }
            "del" | "moveFrom" => {
                if let Some(table) = self.tables.last_mut() {
                    table.dropped = true;
                }
            }
            _ => {}
        }
        Element::Transparent
    }

    pub(super) fn open_form_field(&mut self, tag: &Tag<'a>) {
        let value = self.xml.attribute(tag, "val");
        let number = value.as_deref().and_then(|value| value.trim().parse::<usize>().ok());
        let default = tag.name == "default";
        if tag.name != "checked"
            && let Some(entry) = number
        {
            self.fields.choose(entry, default);
        }
        if tag.name != "result" {
            self.fields.check(is_on(value), default);
        }
    }

    pub(super) fn open_compatibility(&mut self, tag: &Tag<'a>) -> Result<Option<Element>> {
        let taken = matches!(self.open.last(), Some(Element::Alternate(true)));
        Ok(Some(match tag.name {
            "AlternateContent" => Element::Alternate(false),
            "Choice" => {
                let requires = self.xml.attribute_of(tag, Ns::Compatibility, "Requires").unwrap_or_default();
                if taken || !self.xml.understands(&requires) {
                    return self.pass_over(tag);
                }
                Element::Choice(self.seen)
            }
            "Fallback" if taken => return self.pass_over(tag),
            _ => Element::Transparent,
        }))
    }

    pub(super) fn open_math(&mut self, tag: &Tag<'a>) -> Element {
        match tag.name {
            "r" => {
                self.run = Run::default();
                Element::Run
            }
            "t" => {
                self.preserve = true;
                Element::Text
            }
            "den" => {
                self.made("/");
                Element::Transparent
            }
            "sup" => {
                self.made("^");
                Element::Transparent
            }
            _ => Element::Transparent,
        }
    }

    pub(super) fn open_drawing(&mut self, tag: &Tag<'a>) -> Element {
        let place = self.place();
        let left_out = &mut self.context.left_out;
        match (tag.ns, tag.name) {
            (Ns::Drawing, "blip") | (Ns::Vml, "imagedata") => left_out.pictures.add(place, ""),
            (Ns::Chart, "chart") | (Ns::Diagram, "relIds") => left_out.charts.add(place, ""),
            (Ns::VmlOffice, "OLEObject") => {
                let program =
                    self.xml.attribute_of(tag, Ns::Unknown, "ProgID").or_else(|| self.xml.attribute(tag, "ProgID"));
                left_out.objects.add_name(place, &program.unwrap_or_default());
            }
            // Text of shapes in a drawing that is no text box of Word's (a locked canvas).
            (Ns::Drawing, "txBody") => return self.start_text_box(),
            (Ns::Drawing, "p") if self.in_drawn_text() => {
                self.start_paragraph_without_number();
                return Element::Paragraph;
            }
            (Ns::Drawing, "t") if self.in_drawn_text() => {
                self.preserve = true;
                return Element::Text;
            }
            (Ns::Drawing, "r") => {
                self.run = Run::default();
                return Element::Transparent;
            }
            _ => return Element::Transparent,
        }
        self.seen += 1;
        Element::Transparent
    }

    pub(super) fn close_element(&mut self, element: Element) -> Result<()> {
        match element {
            Element::Transparent
            | Element::MarkProperties
            | Element::Run
            | Element::RunProperties
            | Element::Text
            | Element::Instruction
            | Element::FieldMark
            | Element::RowProperties
            | Element::TableProperties
            | Element::Alternate(_) => {}
            Element::ParagraphProperties => self.properties.learn(&self.xml, self.paragraph.properties),
            Element::CellProperties => {
                if let Some(cell) = self.tables.last_mut().and_then(TableBuild::cell) {
                    self.shapes.learn(&self.xml, cell.shape);
                }
            }
            Element::Paragraph => {
                self.end_paragraph();
                self.check_cell()?;
            }
            Element::SimpleField => self.end_field(),
            Element::Cell => {
                self.end_paragraph();
                self.flush_carried();
                self.containers.pop();
            }
            Element::Row => {
                if let Some(table) = self.tables.last_mut() {
                    let added = table.close_row(self.part, self.limits.columns);
                    self.count_cells(added)?;
                }
            }
            Element::Table => {
                self.end_table()?;
                self.check_cell()?;
            }
            Element::FlatTable => {
                self.table_depth -= 1;
                self.flat_depth -= 1;
                self.xml.depth_limit -= ELEMENTS_OF_TABLE;
            }
            Element::TextBox => self.end_text_box(),
            Element::Note => {
                self.end_paragraph();
                self.flush_carried();
                if let Some(Container::Note { kind, id, blocks }) = self.containers.pop() {
                    // Of two notes of one id the reference can mean only one.
                    if let Some(earlier) = self.context.notes.insert((kind, id), blocks) {
                        self.context.left_out.add_note(&earlier);
                    }
                }
            }
            Element::Choice(before) => {
                if self.seen != before
                    && let Some(Element::Alternate(taken)) = self.open.last_mut()
                {
                    *taken = true;
                }
            }
        }
        Ok(())
    }
}
