//! What kind of file some bytes are: by content, never by name. Government sites serve `.xls` files
//! that are xlsx or HTML, and `.docx` files that are old `.doc` ones.

use super::compound::Compound;
use super::package::Package;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::text::is_blank;

/// Kinds of files that some reader takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// WordprocessingML package: docx, docm, dotx, dotm.
    Docx,
    /// SpreadsheetML package: xlsx, xlsm, xltx.
    Xlsx,
    /// Binary workbook package.
    Xlsb,
    /// OpenDocument spreadsheet.
    Ods,
    /// Binary workbook of Excel 97–2003 or WPS (`.xls`, `.et`).
    Xls,
    /// Binary document of Word 97–2003 or WPS (`.doc`, `.wps`).
    Doc,
    /// OpenDocument text.
    Odt,
    /// Rich text format.
    Rtf,
    /// A document as one XML file: Word 2003 XML, flat OPC, flat OpenDocument text.
    WordXml,
    /// A workbook as one XML file: Excel 2003 XML.
    SheetXml,
    /// A web page, as some systems export under the name `.xls`.
    Html,
    /// Anything else that may be text.
    Text,
}

/// Files that we know and cannot read: first bytes, what to say, what to do.
const UNREADABLE: &[(&[u8], &str, &str)] = &[
    (
        b"%PDF",
        "这是 PDF，不能直接读；请用 Word 或 WPS 打开后另存为 docx",
        "a PDF, which is not read; open it in Word or WPS and save it as docx",
    ),
    (b"\x89PNG", "这是图片（PNG），里面的文字读不出来", "an image (PNG): its text cannot be read"),
    (b"\xff\xd8\xff", "这是图片（JPEG），里面的文字读不出来", "an image (JPEG): its text cannot be read"),
    (b"II*\0", "这是图片（TIFF），里面的文字读不出来", "an image (TIFF): its text cannot be read"),
    (b"MM\0*", "这是图片（TIFF），里面的文字读不出来", "an image (TIFF): its text cannot be read"),
    (b"Rar!", "这是 RAR 压缩包；请先解压", "a RAR archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "这是 7z 压缩包；请先解压", "a 7z archive; unpack it first"),
    (b"\x1f\x8b", "这是 gzip 压缩文件；请先解压", "a gzip file; unpack it first"),
    (b"SQLite format 3\0", "这是 SQLite 数据库，不是文档", "an SQLite database, not a document"),
    (b"PAR1", "这是 Parquet 数据，不是文档", "Parquet data, not a document"),
];

/// The kind of a file.
///
/// # Errors
/// When it is of no kind that we read, is encrypted, or is a package that cannot be opened.
pub fn sniff(bytes: &[u8], limits: &Limits) -> Result<Format> {
    if bytes.starts_with(b"PK") && matches!(bytes.get(2..4), Some([1, 2] | [3, 4] | [5, 6] | [7, 8])) {
        return sniff_package(bytes, limits);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return sniff_compound(bytes);
    }
    if let Some((_, zh, en)) = UNREADABLE.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return Err(Error::new(*zh, *en));
    }
    if super::sheet::is_bare_xls(bytes) {
        return Ok(Format::Xls);
    }
    let head = head_of(bytes);
    let start = head.trim_start_matches(|ch: char| ch.is_whitespace() || ch == '\u{feff}');
    if start.starts_with("{\\rtf") {
        return Ok(Format::Rtf);
    }
    if start.starts_with('<') {
        return Ok(match sniff_markup(&start.to_ascii_lowercase()) {
            Format::Html if !is_all_html(bytes) => Format::Text,
            format => format,
        });
    }
    if head.contains('\0') {
        return Err(Error::new(
            "认不出这种文件；能读的是文本、docx、doc、wps、rtf、odt、xlsx、xls、xlsb、ods",
            "not a kind of file that is read: text, docx, doc, wps, rtf, odt, xlsx, xls, xlsb, ods",
        ));
    }
    Ok(Format::Text)
}

/// The beginning of a file as text, good enough to look at: UTF-16 decoded, anything else lossy.
fn head_of(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let encoding = match head.get(..2) {
        Some([0xff, 0xfe]) => encoding_rs::UTF_16LE,
        Some([0xfe, 0xff]) => encoding_rs::UTF_16BE,
        // Text has line breaks and digits, so UTF-16 without a mark shows zeros on one side only.
        _ if even == 0 && odd > 0 => encoding_rs::UTF_16LE,
        _ if odd == 0 && even > 0 => encoding_rs::UTF_16BE,
        _ => return String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned(),
    };
    encoding.decode(head).0.into_owned()
}

/// The kind of a file that begins with a tag; `head` is in lower case.
fn sniff_markup(head: &str) -> Format {
    let has = |needle: &str| head.contains(needle);
    if has("progid=\"excel.sheet\"") || has("urn:schemas-microsoft-com:office:spreadsheet") {
        return Format::SheetXml;
    }
    let word = [
        "progid=\"word.document\"",
        "schemas.microsoft.com/office/word/2003/wordml",
        "schemas.microsoft.com/office/2006/xmlpackage",
        "office:mimetype=\"application/vnd.oasis.opendocument.text\"",
    ];
    if has("office:mimetype=\"application/vnd.oasis.opendocument.spreadsheet\"") {
        return Format::SheetXml;
    }
    if word.into_iter().any(has) {
        return Format::WordXml;
    }
    let first = head.trim_start_matches(|ch: char| ch != '<');
    let html = ["<!doctype html", "<html", "<head", "<meta", "<style", "<body", "<table"];
    if html.into_iter().any(|tag| first.starts_with(tag)) || has("<html") {
        return Format::Html;
    }
    Format::Text
}

/// Whether a text that begins as HTML is nothing else. OCR tools write texts that begin with a table,
/// bare or in a page of its own, and go on with prose and other tables.
fn is_all_html(bytes: &[u8]) -> bool {
    let Ok(decoded) = super::text::decode::decode(bytes) else { return true };
    let text = decoded.text.to_ascii_lowercase();
    if let Some((_, after)) = text.split_once("</html>") {
        return after.chars().all(is_blank);
    }
    if !text.trim_start_matches(is_blank).starts_with("<table") {
        return true;
    }
    let mut outside = text.split("<table").filter_map(|part| part.rsplit_once("</table>")).map(|(_, after)| after);
    outside.all(|part| {
        let mut in_tag = false;
        part.chars().all(|ch| {
            in_tag = ch == '<' || (in_tag && ch != '>');
            in_tag || ch == '>' || is_blank(ch)
        })
    })
}

fn sniff_package(bytes: &[u8], limits: &Limits) -> Result<Format> {
    let mut package = Package::open(bytes, limits)?;
    if let Some((name, kind)) = package.main_part()? {
        let known = [
            ("wordprocessingml", Format::Docx),
            ("vnd.ms-word", Format::Docx),
            ("spreadsheetml", Format::Xlsx),
            ("vnd.ms-excel.sheet.binary", Format::Xlsb),
            ("vnd.ms-excel", Format::Xlsx),
        ];
        if let Some((_, format)) = known.iter().find(|(word, _)| kind.contains(word)) {
            return Ok(*format);
        }
        // A missing or careless content type: the usual names say enough.
        match name.to_ascii_lowercase().as_str() {
            "word/document.xml" => return Ok(Format::Docx),
            "xl/workbook.xml" => return Ok(Format::Xlsx),
            "xl/workbook.bin" => return Ok(Format::Xlsb),
            _ if kind.contains("presentationml") || kind.contains("powerpoint") => return Err(presentation()),
            _ => {}
        }
    }
    if package.has("mimetype") || package.has("META-INF/manifest.xml") {
        let declared = package.read("mimetype")?.unwrap_or_default();
        let manifest = package.read("META-INF/manifest.xml")?.unwrap_or_default();
        let (declared, manifest) = (String::from_utf8_lossy(&declared), String::from_utf8_lossy(&manifest));
        if manifest.contains(":encryption-data") {
            return Err(encrypted());
        }
        for text in [declared, manifest] {
            if text.contains("application/vnd.oasis.opendocument.text") {
                return Ok(Format::Odt);
            }
            if text.contains("application/vnd.oasis.opendocument.spreadsheet") {
                return Ok(Format::Ods);
            }
        }
    }
    Err(Error::new(
        "这是压缩包，里面没有 Word 或 Excel 文档的正文；如果是打包的几份文件，请先解压",
        "a zip file without the main part of a document or workbook; if it is an archive of files, unpack it first",
    ))
}

fn sniff_compound(bytes: &[u8]) -> Result<Format> {
    let Some(compound) = Compound::open(bytes) else {
        return Err(Error::new(
            "文件已损坏或不完整（旧版 Office 格式）；请用 Word、WPS 或 Excel 打开后另存",
            "damaged or incomplete file (old Office format); open it in Word, WPS or Excel and save it anew",
        ));
    };
    if compound.has("EncryptedPackage") || compound.has("EncryptionInfo") {
        return Err(encrypted());
    }
    if let Some(stream) = compound.stream("WordDocument") {
        // fEncrypted, [MS-DOC] 2.5.2.
        if stream.get(0x0b).is_some_and(|flags| flags & 1 != 0) {
            return Err(encrypted());
        }
        return Ok(Format::Doc);
    }
    if compound.has("Workbook") || compound.has("Book") {
        return Ok(Format::Xls);
    }
    if compound.has("PowerPoint Document") {
        return Err(presentation());
    }
    Err(Error::new(
        "认不出这种旧版 Office 文件：里面既没有文档，也没有工作簿",
        "an old Office file with neither a document nor a workbook in it",
    ))
}

fn encrypted() -> Error {
    Error::new(
        "文件设有打开密码；请先用密码打开，另存为没有密码的文件",
        "the file is encrypted; open it with its password and save it without",
    )
}

fn presentation() -> Error {
    Error::new("这是演示文稿，不是部门预算文本", "a presentation, not a filing")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: impl AsRef<[u8]>) -> Result<Format> {
        sniff(bytes.as_ref(), &Limits::default())
    }

    #[test]
    fn kinds_by_their_first_bytes() {
        assert_eq!(kind("云岭县2023年部门预算"), Ok(Format::Text));
        assert_eq!(kind(""), Ok(Format::Text));
        assert_eq!(kind("{\\rtf1\\ansi"), Ok(Format::Rtf));
        assert_eq!(kind("\u{feff}\r\n<!DOCTYPE HTML><html>"), Ok(Format::Html));
        assert_eq!(kind("<table border=1><tr>"), Ok(Format::Html));
        assert_eq!(kind("<h2>收入总表</h2>\n预算"), Ok(Format::Text));
        assert_eq!(kind("<TABLE><tr><td>甲</td></tr></TABLE>\n<br>\n<table></table>\n"), Ok(Format::Html));
        assert_eq!(kind("<table><tr><td>甲</td></tr></table>\n\n一、说明\n<table></table>\n"), Ok(Format::Text));
        assert_eq!(kind("<html><body><table></table></body></html>\n\n一、说明\n"), Ok(Format::Text));
        assert_eq!(kind("<?xml version='1.0'?>\n<html xmlns='…'>"), Ok(Format::Html));
        assert_eq!(kind("<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>"), Ok(Format::SheetXml));
        assert_eq!(kind("<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?>"), Ok(Format::WordXml));
        let utf16: Vec<u8> = "收入1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(kind(&utf16), Ok(Format::Text));
    }

    #[test]
    fn what_cannot_be_read_says_what_it_is() {
        for (bytes, word) in [
            (&b"%PDF-1.7"[..], "PDF"),
            (b"\x89PNG\r\n", "PNG"),
            (b"PK\x03\x04 truncated", "damaged"),
            (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "zip"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
            (b"\x7fELF\x02\x01\0\0\0\x03\0\0", "not a kind"),
        ] {
            let error = kind(bytes).expect_err("no kind we read");
            assert!(error.en.contains(word), "{error}");
        }
    }
}
