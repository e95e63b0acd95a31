//! One part of a package replaced, every other byte of the zip file as it was.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::error::{Error, Result};
use crate::read::package::part_name;

const LOCAL: usize = 30;
const CENTRAL: usize = 46;
const END: usize = 22;

/// The zip file with new content for one part (APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16).
///
/// # Errors
/// When the zip file is laid out in a way that no office program uses.
pub(super) fn replace_part(bytes: &[u8], name: &str, content: &[u8]) -> Result<Vec<u8>> {
    rebuild(bytes, name, content).ok_or_else(|| {
        Error::new(
            "压缩包的结构特殊（ZIP64、分卷等），不能原样改写；请用 Word 或 WPS 打开后另存为 docx",
            "the zip file has an unusual structure (ZIP64, several disks); open it in Word or WPS and save it as docx",
        )
    })
}

/// An entry of the directory.
struct Entry {
    /// Where its directory record stands.
    record: usize,
    /// Where its local header stands.
    local: usize,
    wanted: bool,
}

fn rebuild(bytes: &[u8], name: &str, content: &[u8]) -> Option<Vec<u8>> {
    let end = memchr::memmem::rfind(bytes, b"PK\x05\x06")?;
    let count = usize::from(short(bytes, end + 10)?);
    let (size, offset) = (long(bytes, end + 12)?, long(bytes, end + 16)?);
    let directory = end.checked_sub(size)?;
    if count == 0xffff || offset == 0xffff_ffff || bytes.len() < end + END {
        return None;
    }
    // Bytes before the first header that the offsets do not count.
    let shift = directory.checked_sub(offset)?;
    let mut entries = Vec::new();
    let mut at = directory;
    for _ in 0..count {
        if bytes.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let lengths = [28, 30, 32].map(|field| short(bytes, at + field).map(usize::from));
        let [name_length, extra, comment] = [lengths[0]?, lengths[1]?, lengths[2]?];
        let stored = String::from_utf8_lossy(bytes.get(at + CENTRAL..at + CENTRAL + name_length)?);
        let wanted = part_name(&stored).eq_ignore_ascii_case(&part_name(name));
        entries.push(Entry { record: at, local: long(bytes, at + 42)?.checked_add(shift)?, wanted });
        at += CENTRAL + name_length + extra + comment;
    }
    let old = entries.iter().find(|entry| entry.wanted)?;
    let next = entries.iter().map(|entry| entry.local).filter(|local| *local > old.local).min();
    let old_end = next.unwrap_or(directory);
    let packed = deflate(content)?;
    let mut out = bytes.get(..old.local)?.to_vec();
    let header = local_header(bytes, old.local, &packed)?;
    out.extend_from_slice(&header);
    out.extend_from_slice(&packed.data);
    // What stands behind the part moves by as much as that grows.
    let new_end = out.len();
    let moved = |at: usize| if at > old.local { (at + new_end).checked_sub(old_end) } else { Some(at) };
    let new_directory = moved(directory)?;
    let locals = entries.iter().map(|entry| moved(entry.local)?.checked_sub(shift)).collect::<Option<Vec<_>>>()?;
    out.extend_from_slice(bytes.get(old_end..)?);
    for (entry, local) in entries.iter().zip(locals) {
        let record = moved(entry.record)?;
        put(&mut out, record + 42, local)?;
        if entry.wanted {
            let flags = short(&out, record + 8)? & !8;
            out[record + 8..record + 10].copy_from_slice(&flags.to_le_bytes());
            out[record + 10..record + 12].copy_from_slice(&8u16.to_le_bytes());
            put(&mut out, record + 16, packed.crc as usize)?;
            put(&mut out, record + 20, packed.data.len())?;
            put(&mut out, record + 24, content.len())?;
        }
    }
    put(&mut out, moved(end)? + 16, new_directory.checked_sub(shift)?)?;
    Some(out)
}

/// The local header of an entry with the sizes of its new data.
fn local_header(bytes: &[u8], at: usize, packed: &Packed) -> Option<Vec<u8>> {
    if bytes.get(at..at + 4)? != b"PK\x03\x04" {
        return None;
    }
    let (name, extra) = (usize::from(short(bytes, at + 26)?), usize::from(short(bytes, at + 28)?));
    let mut header = bytes.get(at..at + LOCAL + name + extra)?.to_vec();
    // Sizes follow the data no more.
    let flags = short(&header, 6)? & !8;
    header[6..8].copy_from_slice(&flags.to_le_bytes());
    header[8..10].copy_from_slice(&8u16.to_le_bytes());
    put(&mut header, 14, packed.crc as usize)?;
    put(&mut header, 18, packed.data.len())?;
    put(&mut header, 22, packed.size)?;
    Some(header)
}

/// Deflated data.
struct Packed {
    data: Vec<u8>,
    size: usize,
    crc: u32,
}

/// Deflates by way of a zip file of one entry.
fn deflate(content: &[u8]) -> Option<Packed> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    writer.start_file("part", options).ok()?;
    writer.write_all(content).ok()?;
    let file = writer.finish().ok()?.into_inner();
    let mut archive = ZipArchive::new(Cursor::new(file)).ok()?;
    let mut entry = archive.by_index_raw(0).ok()?;
    let crc = entry.crc32();
    let mut data = Vec::new();
    entry.read_to_end(&mut data).ok()?;
    Some(Packed { data, size: content.len(), crc })
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize)
}

fn put(bytes: &mut [u8], at: usize, value: usize) -> Option<()> {
    let value = u32::try_from(value).ok()?;
    bytes.get_mut(at..at + 4)?.copy_from_slice(&value.to_le_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).expect("an entry");
            writer.write_all(content.as_bytes()).expect("content");
        }
        writer.finish().expect("a zip file").into_inner()
    }

    fn contents(bytes: &[u8]) -> Vec<(String, String)> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a zip file");
        (0..archive.len())
            .map(|index| {
                let mut entry = archive.by_index(index).expect("an entry");
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("text");
                (entry.name().expect("a name").into_owned(), text)
            })
            .collect()
    }

    #[test]
    fn only_the_part_changes() {
        let old = [("a.xml", "甲".repeat(500)), ("word/b.xml", "乙".repeat(300)), ("c.xml", "丙".repeat(200))];
        let bytes = package(&old.each_ref().map(|(name, text)| (*name, text.as_str())));
        for (index, (name, _)) in old.iter().enumerate() {
            let new = replace_part(&bytes, name, "新的内容".repeat(99).as_bytes()).expect("a package");
            let found = contents(&new);
            for (number, (name, text)) in old.iter().enumerate() {
                let expected = if number == index { "新的内容".repeat(99) } else { text.clone() };
                assert_eq!(found[number], ((*name).to_owned(), expected));
            }
        }
    }

    #[test]
    fn bytes_before_the_archive_stay() {
        let inner = package(&[("a.xml", "甲"), ("b.xml", "乙")]);
        let bytes = [b"front".as_slice(), &inner].concat();
        let new = replace_part(&bytes, "A.XML", "新".as_bytes()).expect("a package");
        assert!(new.starts_with(b"frontPK\x03\x04"));
        assert_eq!(contents(&new)[0].1, "新");
        assert_eq!(contents(&new)[1].1, "乙");
        assert!(replace_part(b"PK", "a.xml", b"").is_err());
    }
}
