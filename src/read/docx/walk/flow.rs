//! Where text goes: paragraphs, tables, text boxes and notes become blocks.

use super::*;

impl<'a> Walker<'a, '_> {
    // Paragraphs.

    pub(super) fn start_paragraph(&mut self) {
        self.end_paragraph();
        if self.table_depth == 0 {
            self.paragraph_count += 1;
        }
        self.paragraph.start(self.paragraph_count);
        self.run = Run::default();
    }

    pub(super) fn start_paragraph_without_number(&mut self) {
        self.end_paragraph();
        self.paragraph.start(self.paragraph_count);
        self.paragraph.resolved = true;
    }

    pub(super) fn in_drawn_text(&self) -> bool {
        matches!(self.containers.last(), Some(Container::TextBox { .. }))
    }

    /// Finds outline level and number, once style and properties are known.
    pub(super) fn resolve_paragraph(&mut self) {
        let paragraph = &mut self.paragraph;
        let context = &mut *self.context;
        paragraph.resolved = true;
        let index = paragraph.properties.style.or(context.styles.default);
        let style = context.styles.get(index);
        paragraph.outline = paragraph.properties.own_outline.unwrap_or(style.outline);
        // Where the mark is gone there is no paragraph to number.
        if context.numbering.is_empty() || paragraph.properties.joins == Joins::Next {
            return;
        }
        let (instance, level) = match (paragraph.properties.instance, style.numbering) {
            (Some(own), _) => (own, paragraph.properties.level.unwrap_or(0)),
            (None, Some((inherited, level))) => {
                let linked =
                    index.and_then(|index| context.numbering.level_of_style(inherited, context.styles.id(index)));
                (inherited, paragraph.properties.level.or(linked).or(level).unwrap_or(0))
            }
            (None, None) => return,
        };
        if instance > 0 {
            paragraph.number = context.numbering.count(instance, level);
        }
    }

    pub(super) fn end_paragraph(&mut self) {
        if !std::mem::take(&mut self.paragraph.open) {
            return;
        }
        let goes_on = self.paragraph.text.is_empty() && self.paragraph.properties.joins != Joins::No;
        let empty = self.paragraph.text.is_empty() && self.paragraph.carried.is_none();
        if !self.paragraph.resolved && !goes_on {
            self.resolve_paragraph();
            self.paragraph.write_start(None);
        }
        match self.paragraph.properties.joins {
            Joins::No => {}
            // Nothing to carry, and an earlier text may be waiting already.
            _ if self.paragraph.text.is_empty() => return,
            joins => {
                self.paragraph.carried = Some(self.paragraph.carry(joins == Joins::Hidden));
                return;
            }
        }
        let outline = self.paragraph.outline;
        if self.paragraph.page_number == Some(true) && self.table_depth == 0 {
            let place = self.place();
            self.context.left_out.page_numbers.add(place, self.paragraph.text.as_str());
        } else if self.target_is_cell() {
            if let Some(table) = self.tables.last_mut() {
                table.add_paragraph(&self.paragraph.text, outline);
            }
        } else if empty || self.paragraph.text.is_blank() {
            // A number without text is no line of the document outside a table.
            self.gap |= self.containers.len() == 1;
        } else {
            let place = self.place();
            let mut text = self.paragraph.text.clone();
            text.set_place(place);
            // Body text by its own word (`w:outlineLvl` 9), not only for want of a level.
            let whole = self.paragraph.properties.own_outline == Some(None);
            self.emit(Block::Paragraph(Paragraph { text, outline, whole }));
            self.gap = self.paragraph.broken;
        }
        self.gap |= self.paragraph.properties.ends_section;
        for block in std::mem::take(&mut self.paragraph.after) {
            self.emit(block);
        }
        if self.containers.len() == 1 {
            self.flush_notes();
        }
    }

    /// Ends a paragraph that was to go on in the next when there is none.
    pub(super) fn flush_carried(&mut self) {
        if let Some(carried) = self.paragraph.carried.take() {
            let (mut text, outline) = Carried::into_parts(carried);
            if self.target_is_cell() {
                if let Some(table) = self.tables.last_mut() {
                    table.add_paragraph(&text, outline);
                }
            } else if !text.is_blank() {
                text.set_place(self.place());
                self.emit(Block::Paragraph(Paragraph { text, outline, whole: false }));
            }
            for block in std::mem::take(&mut self.paragraph.after) {
                self.emit(block);
            }
        }
    }

    // Tables.

    pub(super) fn start_table(&mut self, tag: &Tag<'a>) -> Result<Element> {
        self.end_paragraph();
        self.flush_carried();
        self.table_count += 1;
        if tag.empty {
            return Ok(Element::Transparent);
        }
        self.table_depth += 1;
        if self.table_depth > DEEPEST {
            return Err(broken("表格嵌套过深", "nests tables too deeply"));
        }
        self.xml.depth_limit += ELEMENTS_OF_TABLE;
        if self.tables.len() >= self.limits.nested_tables {
            let place = self.place();
            self.context.left_out.deep_tables.add(place, "");
            self.flat_depth += 1;
            return Ok(Element::FlatTable);
        }
        self.tables.push(TableBuild::new(self.table_count));
        Ok(Element::Table)
    }

    pub(super) fn end_table(&mut self) -> Result<()> {
        self.end_paragraph();
        self.flush_carried();
        self.table_depth -= 1;
        self.xml.depth_limit -= ELEMENTS_OF_TABLE;
        let Some(mut table) = self.tables.pop() else { return Ok(()) };
        // Cells outside any row, as no program should write them.
        if table.cell().is_some() {
            let added = table.close_row(self.part, self.limits.columns);
            self.count_cells(added)?;
        }
        self.count_cells(Added { blank: table.missing_cells(), ..Added::default() })?;
        let place = Place::TableCell { part: self.part, table: table.number, row: 1, column: 1 };
        if table.cut {
            self.context.left_out.spans.add(place, "");
        }
        if let Some(place) = table.covered_text {
            self.context.left_out.covered.add(place, "");
        }
        let in_body = self.containers.len() == 1;
        let mut caption = table.caption.take().map(|caption| Text::placed(caption, place));
        for mut block in table.finish() {
            if let (Block::Grid(grid), true) = (&mut block, in_body) {
                grid.gap_before = self.gap;
                grid.caption = caption.take();
            }
            self.gap &= !in_body;
            self.emit(block);
        }
        if in_body {
            self.flush_notes();
        }
        Ok(())
    }

    pub(super) fn count_cells(&mut self, added: Added) -> Result<()> {
        let (filled, blank) = &mut self.context.cells;
        *filled += added.filled;
        *blank += added.blank;
        let blanks = BLANK_CELLS.min(self.limits.cells).saturating_add(filled.saturating_mul(BLANK_CELLS_EACH));
        if *filled > self.limits.cells || *blank > blanks {
            return Err(Error::new(
                format!("表格过大：超过 {} 个单元格", if *filled > self.limits.cells { *filled } else { *blank }),
                format!(
                    "the tables are too large: more than {} cells",
                    if *filled > self.limits.cells { filled } else { blank }
                ),
            ));
        }
        if added.dropped > 0 {
            let place = self.place();
            self.context.left_out.deleted.add(place, "");
        }
        Ok(())
    }

    // Text boxes and blocks.

    pub(super) fn start_text_box(&mut self) -> Element {
        let before = self.paragraph.is_blank();
        let outer = std::mem::take(&mut self.paragraph);
        self.containers.push(Container::TextBox {
            saved: Box::new((outer, self.run)),
            waiting: (!before).then(Vec::new),
            field_floor: self.fields.depth(),
        });
        self.run = Run { hidden: self.run.hidden.filter(|hidden| *hidden), ..Run::default() };
        Element::TextBox
    }

    pub(super) fn end_text_box(&mut self) {
        self.end_paragraph();
        self.flush_carried();
        if let Some(Container::TextBox { saved, waiting, field_floor }) = self.containers.pop() {
            for text in self.fields.close_above(field_floor) {
                self.show_field(Shown::Hidden(text));
            }
            (self.paragraph, self.run) = *saved;
            self.paragraph.after.extend(waiting.unwrap_or_default());
        }
    }

    /// Whether blocks at this point become text of a table's cell.
    pub(super) fn target_is_cell(&self) -> bool {
        for container in self.containers.iter().rev() {
            match container {
                Container::TextBox { waiting: None, .. } => {}
                Container::Cell => return true,
                _ => return false,
            }
        }
        false
    }

    pub(super) fn emit(&mut self, block: Block) {
        for container in self.containers.iter_mut().rev() {
            match container {
                Container::TextBox { waiting: None, .. } => {}
                Container::TextBox { waiting: Some(blocks), .. } | Container::Note { blocks, .. } => {
                    blocks.push(block);
                    return;
                }
                Container::Cell => {
                    let Some(table) = self.tables.last_mut() else { break };
                    match block {
                        Block::Paragraph(paragraph) => table.add_paragraph(&paragraph.text, paragraph.outline),
                        Block::Grid(grid) => {
                            let cells = grid.rows.iter().flat_map(|row| &row.cells);
                            let bytes: usize = cells.map(|cell| cell.text.as_str().len()).sum();
                            let keep = bytes > 0 && self.context.inner_text + bytes <= INNER_TEXT;
                            if keep {
                                self.context.inner_text += bytes;
                            }
                            table.add_grid(grid, keep);
                        }
                    }
                    return;
                }
                Container::Body => break,
            }
        }
        self.blocks.push(block);
    }

    /// Puts the notes that the last blocks refer to after them, each with its number in brackets:
    /// in the text the number would run into the figures it stands at.
    pub(super) fn flush_notes(&mut self) {
        if self.part > 0 {
            // Word has no notes in notes, and what follows here is no text of the document.
            self.pending_notes.clear();
        }
        for (kind, id) in std::mem::take(&mut self.pending_notes) {
            let Some(blocks) = self.context.notes.remove(&(kind, id)) else { continue };
            let count = &mut self.note_count[kind as usize];
            *count += 1;
            let mut mark = Some(format!("[{count}] "));
            for block in blocks {
                match (block, mark.take()) {
                    (Block::Paragraph(Paragraph { text, outline, whole: false }), Some(mark)) => {
                        let mut marked = Text::default();
                        marked.push_str(&mark);
                        let blanks = text.as_str().len() - text.as_str().trim_start().len();
                        marked.push(&text.slice(blanks..text.as_str().len()));
                        marked.set_place(text.place());
                        self.blocks.push(Block::Paragraph(Paragraph { text: marked, outline, whole: false }));
                    }
                    (block, _) => self.blocks.push(block),
                }
            }
        }
    }
}
