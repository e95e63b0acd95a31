//! What reading leaves out of a document, counted, to be told at the end: one finding a kind, with
//! the first place and a sample, not one for each of a thousand runs.

use crate::finding::Finding;
use crate::text::Place;

/// Characters of a sample.
const SAMPLE: usize = 30;

/// Characters of the texts that stand nowhere but in their finding.
const WHOLE: usize = 10_000;

/// What was left out, how often, where first.
#[derive(Debug, Default)]
pub struct Tally {
    count: usize,
    place: Place,
    sample: String,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, place: Place, sample: &str) {
        self.count_one(place);
        self.append(sample, SAMPLE);
    }

    /// Counts one more of which all the text is told, not a sample.
    pub fn add_whole(&mut self, place: Place, text: &str) {
        self.count_one(place);
        if self.count > 1 {
            self.append("；", WHOLE);
        }
        self.append(text, WHOLE);
    }

    fn count_one(&mut self, place: Place) {
        if self.count == 0 {
            self.place = place;
        }
        self.count += 1;
    }

    fn append(&mut self, text: &str, most: usize) {
        let left = most.saturating_sub(self.sample.chars().count());
        self.sample.extend(text.chars().filter(|ch| !ch.is_control()).take(left));
    }

    /// Counts one more of which only different names are worth telling.
    pub fn add_name(&mut self, place: Place, name: &str) {
        let known = self.sample.split('、').any(|known| known == name);
        let comma = if self.sample.is_empty() || known { "" } else { "、" };
        self.add(place, &if known { String::new() } else { format!("{comma}{name}") });
    }
}

/// All that was left out of a document.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// Hidden text: one for each run.
    pub hidden: Tally,
    /// Deleted by tracked changes.
    pub deleted: Tally,
    /// Readings printed above words (`w:ruby`).
    pub readings: Tally,
    /// Parts in other formats that Word would show (`w:altChunk`) or fetch (`w:subDoc`).
    pub imported: Tally,
    /// Embedded objects, such as worksheets: what shows is a picture.
    pub objects: Tally,
    /// Charts and diagrams, whose text stands in other parts.
    pub charts: Tally,
    /// Pictures.
    pub pictures: Tally,
    /// Page numbers in the text.
    pub page_numbers: Tally,
    /// Headers and footers that say more than a page number.
    pub headers: Tally,
    /// Notes that nothing refers to.
    pub notes: Tally,
    /// Fields without a result.
    pub fields: Tally,
    /// Text of the document inside the instructions of fields, where Word does not show it.
    pub typed: Tally,
    /// Fields that never end.
    pub unclosed: Tally,
    /// Tables nested too deep to be grids of their own.
    pub deep_tables: Tally,
    /// Tables with spans that had to be cut.
    pub spans: Tally,
    /// Tables with text in covered cells.
    pub covered: Tally,
}

impl LeftOut {
    /// The findings.
    pub fn findings(self) -> Vec<Finding> {
        type Row = (Tally, &'static str, fn(usize, &str) -> (String, String));
        let rows: [Row; 16] = [
            (self.hidden, "docx-hidden-text", |count, sample| {
                (
                    format!("有 {count} 处隐藏文字没有读入（“{sample}”）；如果要保留，请在 Word 里取消隐藏"),
                    format!(
                        "{count} runs of hidden text were left out (\"{sample}\"); unhide them in Word to keep them"
                    ),
                )
            }),
            (self.deleted, "docx-deleted-text", |count, sample| {
                (
                    format!("有 {count} 处修订标记为删除的内容没有读入（“{sample}”），插入的内容已读入"),
                    format!("{count} tracked deletions were left out (\"{sample}\"); insertions were read"),
                )
            }),
            (self.readings, "docx-ruby", |count, sample| {
                (
                    format!("有 {count} 处拼音标注没有读入（“{sample}”），被标注的文字已读入"),
                    format!("{count} readings above words were left out (\"{sample}\"); the words were read"),
                )
            }),
            (self.imported, "docx-imported-part", |count, sample| {
                (
                    format!("文档里嵌入了 {count} 份别的文件（{sample}），内容没有读入；请在 Word 里打开后另存"),
                    format!(
                        "{count} other files inside the document were not read ({sample}); open it in Word and save it anew"
                    ),
                )
            }),
            (self.objects, "docx-embedded-object", |count, sample| {
                (
                    format!("有 {count} 个嵌入对象（{sample}）没有读入；如果是表格，请在 Word 里改成普通表格"),
                    format!(
                        "{count} embedded objects were not read ({sample}); make tables among them plain tables in Word"
                    ),
                )
            }),
            (self.charts, "docx-chart", |count, _| {
                (format!("有 {count} 个图表或图示没有读入"), format!("{count} charts or diagrams were not read"))
            }),
            (self.pictures, "docx-picture", |count, _| {
                (
                    format!("有 {count} 幅图片，图片里的文字读不出来"),
                    format!("{count} pictures; text in them cannot be read"),
                )
            }),
            (self.page_numbers, "docx-page-number", |count, sample| {
                (
                    format!("正文里有 {count} 处页码没有读入（“{sample}”）"),
                    format!("{count} page numbers in the text were left out (\"{sample}\")"),
                )
            }),
            (self.headers, "docx-header-footer", |count, sample| {
                (
                    format!("有 {count} 个页眉页脚带文字，没有计入正文（“{sample}”）"),
                    format!("{count} headers or footers with text were left out (\"{sample}\")"),
                )
            }),
            (self.notes, "docx-unused-note", |count, sample| {
                (
                    format!("有 {count} 条脚注或尾注没有被正文引用，没有读入（“{sample}”）"),
                    format!("{count} footnotes or endnotes that nothing refers to were left out (\"{sample}\")"),
                )
            }),
            (self.fields, "docx-field-without-result", |count, sample| {
                (
                    format!("有 {count} 个域没有保存结果，没有读入（“{sample}”）；请在 Word 里按 F9 更新后保存"),
                    format!("{count} fields have no saved result (\"{sample}\"); update them in Word (F9) and save"),
                )
            }),
            (self.typed, "docx-text-in-field-code", |count, sample| {
                (
                    format!(
                        "有 {count} 处文字夹在域代码里，Word 不显示，没有读入（“{sample}”）；要保留时请移到域代码之外"
                    ),
                    format!(
                        "{count} texts inside field codes, which Word does not show, were left out (\"{sample}\"); move them out of the field codes to keep them"
                    ),
                )
            }),
            (self.unclosed, "docx-unclosed-field", |count, _| {
                (
                    format!("有 {count} 个域没有结束标记，其后的文字照常读入"),
                    format!("{count} fields never end; the text after them was read as usual"),
                )
            }),
            (self.deep_tables, "docx-deep-table", |count, _| {
                (
                    format!("有 {count} 个表格嵌套过深，只保留了文字"),
                    format!("{count} tables are nested too deep; only their text was kept"),
                )
            }),
            (self.spans, "docx-span-cut", |count, _| {
                (
                    format!("有 {count} 个表格的跨列数不合理，已截短"),
                    format!("{count} tables have absurd column spans, which were cut"),
                )
            }),
            (self.covered, "docx-covered-text", |count, _| {
                (
                    format!("有 {count} 个表格在被合并的单元格里还有文字，已并入合并后的单元格"),
                    format!("{count} tables have text in covered cells; it was added to the merged cell"),
                )
            }),
        ];
        let told = rows.into_iter().filter(|(tally, ..)| tally.count > 0);
        told.map(|(tally, rule, say)| {
            let (zh, en) = say(tally.count, &tally.sample);
            Finding::of(rule, tally.place, zh, en)
        })
        .collect()
    }
}
