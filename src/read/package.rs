//! Office packages (OPC, ISO/IEC 29500-2): zip files opened under limits. Shared by the readers of
//! documents and workbooks, and by patching.
//!
//! A package is checked before anything in it is believed: two entries of one name, names that
//! leave the package, encrypted entries and too many entries are refused; what comes out of an
//! entry is counted, whatever its size field says. Nothing is ever extracted to disk, and no
//! relationship that points outside the package is followed.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::part::{Part, broken};
use super::xml::{Ns, Token, Xml};
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Below this many inflated bytes no ratio is suspicious: blank parts compress very well.
const RATIO_FREE: u64 = 8 << 20;

/// An open package.
pub struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Entry index and name as stored, by name in lower case: part names differ by more than case.
    entries: HashMap<String, (usize, String)>,
    limits: Limits,
    inflated: u64,
}

/// A relationship from one part to another, or to something outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relationship {
    /// The id that the part uses for it.
    pub id: String,
    /// The last segment of its type: `styles`, `worksheet`, `image`, …; transitional and strict
    /// types share it.
    pub kind: String,
    /// Name of the part, or the address of what is outside.
    pub target: String,
    /// It points outside the package. Never follow it.
    pub external: bool,
}

impl<'a> Package<'a> {
    /// Opens a package.
    ///
    /// # Errors
    /// When the bytes are no zip file, or one that no office program writes.
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Package<'a>> {
        if bytes.len() as u64 > limits.input_bytes {
            return Err(too_large(limits.input_bytes));
        }
        // Counted before the directory is read: the zip library keeps an entry for each of them.
        let entries = memchr::memmem::find_iter(bytes, b"PK\x01\x02").take(limits.entries * 2 + 1).count();
        if entries > limits.entries * 2 {
            return Err(too_many_entries(limits.entries));
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            Error::new(
                "文件已损坏或不完整（打不开压缩包）；请用 Word、WPS 或 Excel 打开后另存",
                format!(
                    "damaged or incomplete file (bad zip: {error}); open it in Word, WPS or Excel and save it anew"
                ),
            )
        })?;
        if archive.len() > limits.entries {
            return Err(too_many_entries(limits.entries));
        }
        let duplicate = |name: &str| {
            Error::new(
                format!("压缩包里有两个同名文件（{name}），不安全，拒绝读取"),
                format!("two entries of the package have one name ({name}); refused as unsafe"),
            )
        };
        if archive.has_duplicate_names() {
            return Err(duplicate("…"));
        }
        let mut package = Package { archive, entries: HashMap::new(), limits: limits.clone(), inflated: 0 };
        for index in 0..package.archive.len() {
            let entry = package.archive.by_index_data(index).map_err(|error| bad_entry("…", &error))?;
            let stored = String::from_utf8_lossy(entry.name_raw()).into_owned();
            if entry.encrypted() {
                return Err(Error::new(
                    "文件已加密；请先用密码打开，另存为不加密的文件",
                    "the file is encrypted; open it with its password and save it without",
                ));
            }
            if entry.is_dir() {
                continue;
            }
            let name = part_name(&stored);
            if name.split('/').any(|segment| segment == "..") || name.contains('\0') {
                return Err(Error::new(
                    "压缩包里有越出压缩包的文件名，不安全，拒绝读取",
                    "an entry of the package has a name that leaves the package; refused as unsafe",
                ));
            }
            if package.entries.insert(name.to_ascii_lowercase(), (index, name.clone())).is_some() {
                return Err(duplicate(&name));
            }
        }
        Ok(package)
    }

    /// The names of all parts, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.values().map(|(_, name)| name.as_str())
    }

    /// Whether there is a part of this name.
    pub fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&part_name(name).to_ascii_lowercase())
    }

    /// The bytes of a part, if there is one of this name.
    ///
    /// # Errors
    /// When the entry is damaged, or inflates beyond the limits.
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some((index, name)) = self.entries.get(&part_name(name).to_ascii_lowercase()).cloned() else {
            return Ok(None);
        };
        let mut entry = self.archive.by_index(index).map_err(|error| bad_entry(&name, &error))?;
        let deflated = entry.compressed_size().max(1);
        let left = self.limits.package_bytes.saturating_sub(self.inflated);
        let by_ratio = RATIO_FREE.max(deflated.saturating_mul(self.limits.ratio));
        let allowed = self.limits.part_bytes.min(left).min(by_ratio);
        // The size field is only a hint for the first allocation, and only where it can be true:
        // deflate cannot do better than 1032:1.
        let hint = entry.size().min(allowed).min(deflated.saturating_mul(1032));
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(hint as usize + 1).map_err(|_| out_of_memory().within(&name))?;
        entry.by_ref().take(allowed + 1).read_to_end(&mut bytes).map_err(|error| bad_entry(&name, &error))?;
        if bytes.len() as u64 > allowed {
            let (zh, en) = if allowed == left {
                let most = self.limits.package_bytes >> 20;
                (
                    format!("压缩包里的内容解压后共超过 {most} MB"),
                    format!("the package inflates to more than {most} MB in all"),
                )
            } else if allowed == by_ratio {
                let most = self.limits.ratio;
                (format!("{name} 的压缩比超过 {most}:1"), format!("{name} inflates to more than {most} times its size"))
            } else {
                let most = self.limits.part_bytes >> 20;
                (format!("{name} 解压后超过 {most} MB"), format!("{name} inflates to more than {most} MB"))
            };
            return Err(Error::new(format!("{zh}，拒绝读取"), format!("{en}; refused as a zip bomb")));
        }
        self.inflated += bytes.len() as u64;
        Ok(Some(bytes))
    }

    /// The text of an XML part, if there is one of this name.
    ///
    /// # Errors
    /// As [`Package::read`]; also when the bytes are no text.
    pub fn part(&mut self, name: &str) -> Result<Option<Part>> {
        let Some(bytes) = self.read(name)? else { return Ok(None) };
        Part::decode(bytes).map(Some).map_err(|error| error.within(name))
    }

    /// The relationships of a part; those of the package for `""`.
    ///
    /// # Errors
    /// When the relationship part is damaged. A part without one has none.
    pub fn relationships(&mut self, part: &str) -> Result<Vec<Relationship>> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let slash = if folder.is_empty() { "" } else { "/" };
        let name = format!("{folder}{slash}_rels/{file}.rels");
        let Some(text) = self.part(&name)? else { return Ok(Vec::new()) };
        read_relationships(&text.text, folder, &self.limits).map_err(|error| error.within(&name))
    }

    /// The content type of a part as `[Content_Types].xml` has it.
    ///
    /// # Errors
    /// When that list is damaged or missing.
    pub fn content_type(&mut self, part: &str) -> Result<Option<String>> {
        const LIST: &str = "[Content_Types].xml";
        let Some(text) = self.part(LIST)? else { return Ok(None) };
        content_type(&text.text, part, &self.limits).map_err(|error| error.within(LIST))
    }

    /// The name and content type of the main part: the target of the package's `officeDocument`
    /// relationship, or the part that the content types say is one.
    ///
    /// # Errors
    /// When the lists that say so are damaged.
    pub fn main_part(&mut self) -> Result<Option<(String, String)>> {
        // A damaged list is no reason to give up while the other may do.
        let relationships = self.relationships("");
        let named = relationships
            .as_ref()
            .ok()
            .and_then(|found| found.iter().find(|one| one.kind == "officeDocument" && !one.external))
            .map(|one| one.target.clone());
        for name in
            named.into_iter().chain(["word/document.xml", "xl/workbook.xml", "xl/workbook.bin"].map(String::from))
        {
            if self.has(&name) {
                let kind = self.content_type(&name)?.unwrap_or_default();
                let stored = self.entries[&part_name(&name).to_ascii_lowercase()].1.clone();
                return Ok(Some((stored, kind)));
            }
        }
        relationships.map(|_| None)
    }
}

/// A part name as we compare them: forward slashes, no slash or `./` before.
pub(crate) fn part_name(stored: &str) -> String {
    let name = stored.replace('\\', "/");
    let name = name.trim_start_matches('/');
    name.strip_prefix("./").unwrap_or(name).to_owned()
}

/// The part that a relationship target names, from the folder of the part that has it. A path
/// that climbs out of the package stays at its root.
fn resolve_target(folder: &str, target: &str) -> String {
    let target = percent_decoded(target.split(['#', '?']).next().unwrap_or_default()).replace('\\', "/");
    let mut segments: Vec<&str> =
        if target.starts_with('/') { Vec::new() } else { folder.split('/').filter(|one| !one.is_empty()).collect() };
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    segments.join("/")
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, hex.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn read_relationships(text: &str, folder: &str, limits: &Limits) -> Result<Vec<Relationship>> {
    let mut xml = Xml::new(text, limits);
    let mut found = Vec::new();
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.ns == Ns::Relationships && tag.name == "Relationship" => {
                let mut value = |name| xml.attribute(&tag, name).map(|value| value.into_owned()).unwrap_or_default();
                let external = value("TargetMode") == "External";
                let target = value("Target");
                found.push(Relationship {
                    id: value("Id"),
                    kind: value("Type").rsplit('/').next().unwrap_or_default().to_owned(),
                    target: if external { target } else { resolve_target(folder, &target) },
                    external,
                });
            }
            Token::End => return Ok(found),
            _ => {}
        }
    }
}

fn content_type(text: &str, part: &str, limits: &Limits) -> Result<Option<String>> {
    let mut xml = Xml::new(text, limits);
    let part = part_name(part);
    let extension = part.rsplit_once('.').map_or("", |(_, extension)| extension);
    let mut by_extension = None;
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.ns == Ns::ContentTypes => {
                let mut value = |name| xml.attribute(&tag, name).unwrap_or_default();
                match tag.name {
                    "Override" if part_name(&value("PartName")).eq_ignore_ascii_case(&part) => {
                        return Ok(Some(value("ContentType").into_owned()));
                    }
                    "Default" if value("Extension").eq_ignore_ascii_case(extension) => {
                        by_extension = Some(value("ContentType").into_owned());
                    }
                    _ => {}
                }
            }
            Token::End => return Ok(by_extension),
            _ => {}
        }
    }
}

fn bad_entry(name: &str, error: &dyn std::fmt::Display) -> Error {
    broken("解不开", &format!("cannot be unpacked: {error}")).within(name)
}

fn out_of_memory() -> Error {
    Error::new("内存不足，读不了这么大的文件", "not enough memory for so large a file")
}

fn too_large(limit: u64) -> Error {
    Error::new(
        format!("文件过大，超过 {} MB", limit >> 20),
        format!("the file is too large: more than {} MB", limit >> 20),
    )
}

fn too_many_entries(limit: usize) -> Error {
    Error::new(
        format!("压缩包里的文件超过 {limit} 个，拒绝读取"),
        format!("the package has more than {limit} entries; refused"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stay_inside_the_package() {
        assert_eq!(resolve_target("word", "styles.xml"), "word/styles.xml");
        assert_eq!(resolve_target("word", "/xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(resolve_target("xl/worksheets", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolve_target("word", "../../../etc/passwd"), "etc/passwd");
        assert_eq!(resolve_target("word", "a%20b.xml#c"), "word/a b.xml");
        assert_eq!(resolve_target("word", "%"), "word/%");
    }

    #[test]
    fn names_of_careless_zip_writers_are_understood() {
        assert_eq!(part_name(r"word\document.xml"), "word/document.xml");
        assert_eq!(part_name("/word/document.xml"), "word/document.xml");
    }
}
