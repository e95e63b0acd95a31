//! A zip package that grows part by part (APPNOTE 6.3.10).

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use crate::error::{Error, Result};

/// 1980-01-01, the first day a package knows: the same parts give the same bytes.
const DATE: u16 = 0x21;
const VERSION: u16 = 20;
const DEFLATED: u16 = 8;

/// A package that is being written.
#[derive(Default)]
pub(super) struct Zip {
    bytes: Vec<u8>,
    parts: Vec<Part>,
}

/// What deflates the parts. One serves a whole workbook: its state takes a third of a megabyte, and
/// a workbook of thousands of small sheets would take longer to make such states than to deflate.
pub(super) struct Deflater {
    state: Compress,
    room: Vec<u8>,
}

impl Default for Deflater {
    fn default() -> Self {
        // Level 1, as Excel does: three times as fast as the usual level 6 for a third more bytes.
        Deflater { state: Compress::new(Compression::fast(), false), room: vec![0; 1 << 15] }
    }
}

impl Deflater {
    /// Puts what the content comes to at the end of the bytes.
    fn deflate(&mut self, content: &[u8], bytes: &mut Vec<u8>) {
        self.state.reset();
        loop {
            let (read, made) = (self.state.total_in() as usize, self.state.total_out());
            let status = self
                .state
                .compress(&content[read..], &mut self.room, FlushCompress::Finish)
                .expect("a deflater takes any bytes");
            let fresh = (self.state.total_out() - made) as usize;
            bytes.extend_from_slice(&self.room[..fresh]);
            if status == Status::StreamEnd {
                return;
            }
        }
    }
}

struct Part {
    name: String,
    crc: u32,
    packed: usize,
    size: usize,
    offset: usize,
}

impl Zip {
    /// Adds a part.
    pub fn add(&mut self, deflater: &mut Deflater, name: &str, content: &[u8]) -> Result<()> {
        let mut crc = Crc::new();
        crc.update(content);
        let offset = self.bytes.len();
        let part = Part { name: name.to_owned(), crc: crc.sum(), packed: 0, size: content.len(), offset };
        self.bytes.extend_from_slice(b"PK\x03\x04");
        self.describe(&part)?;
        self.bytes.extend_from_slice(name.as_bytes());
        let start = self.bytes.len();
        deflater.deflate(content, &mut self.bytes);
        let packed = self.bytes.len() - start;
        self.bytes[offset + 18..offset + 22].copy_from_slice(&number(packed)?.to_le_bytes());
        self.parts.push(Part { packed, ..part });
        Ok(())
    }

    /// Adds the parts of another package.
    pub fn append(&mut self, other: Zip) {
        let shift = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.parts.extend(other.parts.into_iter().map(|part| Part { offset: part.offset + shift, ..part }));
    }

    /// The package, with its directory.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        let start = self.bytes.len();
        let parts = std::mem::take(&mut self.parts);
        for part in &parts {
            self.bytes.extend_from_slice(b"PK\x01\x02");
            self.bytes.extend_from_slice(&VERSION.to_le_bytes());
            self.describe(part)?;
            // Comment, disk and attributes: none.
            self.bytes.extend_from_slice(&[0; 10]);
            self.bytes.extend_from_slice(&number(part.offset)?.to_le_bytes());
            self.bytes.extend_from_slice(part.name.as_bytes());
        }
        let end = self.bytes.len();
        let length = number(end - start)?;
        let count = match u16::try_from(parts.len()) {
            Ok(count) if count < u16::MAX => count,
            _ => {
                self.long_directory(parts.len() as u64, start as u64, end as u64);
                u16::MAX
            }
        };
        self.bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend_from_slice(&count.to_le_bytes());
        self.bytes.extend_from_slice(&count.to_le_bytes());
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(&number(start)?.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 2]);
        Ok(self.bytes)
    }

    /// What a part's header and its line in the directory have in common.
    fn describe(&mut self, part: &Part) -> Result<()> {
        for word in [VERSION, 0, DEFLATED, 0, DATE] {
            self.bytes.extend_from_slice(&word.to_le_bytes());
        }
        self.bytes.extend_from_slice(&part.crc.to_le_bytes());
        self.bytes.extend_from_slice(&number(part.packed)?.to_le_bytes());
        self.bytes.extend_from_slice(&number(part.size)?.to_le_bytes());
        let name = u16::try_from(part.name.len()).expect("names of parts are short");
        self.bytes.extend_from_slice(&name.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 2]);
        Ok(())
    }

    /// The directory's end where it has more lines than its usual end can say.
    fn long_directory(&mut self, count: u64, start: u64, end: u64) {
        self.bytes.extend_from_slice(b"PK\x06\x06");
        self.bytes.extend_from_slice(&44_u64.to_le_bytes());
        self.bytes.extend_from_slice(&45_u16.to_le_bytes());
        self.bytes.extend_from_slice(&45_u16.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 8]);
        for long in [count, count, end - start, start] {
            self.bytes.extend_from_slice(&long.to_le_bytes());
        }
        self.bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
        self.bytes.extend_from_slice(&end.to_le_bytes());
        self.bytes.extend_from_slice(&1_u32.to_le_bytes());
    }
}

fn number(value: usize) -> Result<u32> {
    u32::try_from(value).map_err(|_| {
        Error::new("写出的文件超过 4 GB；请把文件分成几份", "the output would be larger than 4 GB; split the file")
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    fn read(bytes: Vec<u8>, name: &str) -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
        let mut content = Vec::new();
        archive.by_name(name).expect("a part").read_to_end(&mut content).expect("its bytes");
        content
    }

    #[test]
    fn every_part_reads_back() {
        // More than the buffer of the deflater holds, of bytes that do not deflate.
        let noise: Vec<u8> =
            (0..300_000_u64).map(|index| (index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect();
        let (mut first, mut second, mut deflater) = (Zip::default(), Zip::default(), Deflater::default());
        first.add(&mut deflater, "a.xml", "甲".repeat(1000).as_bytes()).expect("added");
        second.add(&mut deflater, "b.bin", &noise).expect("added");
        second.add(&mut deflater, "empty", b"").expect("added");
        first.append(second);
        let bytes = first.finish().expect("finished");
        assert_eq!(read(bytes.clone(), "a.xml"), "甲".repeat(1000).as_bytes());
        assert_eq!(read(bytes.clone(), "b.bin"), noise);
        assert_eq!(read(bytes, "empty"), b"");
    }

    #[test]
    fn a_package_has_more_parts_than_sixteen_bits_count() {
        let (mut zip, mut deflater) = (Zip::default(), Deflater::default());
        for index in 0..70_000 {
            zip.add(&mut deflater, &format!("{index}.xml"), b"x").expect("added");
        }
        assert_eq!(read(zip.finish().expect("finished"), "69999.xml"), b"x");
    }
}
