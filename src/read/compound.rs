//! The directory of an OLE2 compound file ([MS-CFB]): enough to tell old documents, old workbooks
//! and encrypted packages apart. Everything in the file is a claim: every index is checked and
//! every chain is as long as the file at most.

/// Marks the end of a chain of sectors, and every other special sector number above it.
const LAST_SECTOR: u32 = 0xffff_fffa;
/// No entry.
const NO_ENTRY: u32 = 0xffff_ffff;
/// Directory entries are this long.
const ENTRY: usize = 128;

/// A compound file whose directory could be read.
#[derive(Debug)]
pub struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// Streams and storages directly under the root: name, first sector, size.
    root: Vec<(String, u32, u32)>,
}

impl<'a> Compound<'a> {
    /// Reads the directory; `None` when it makes no sense.
    pub fn open(bytes: &'a [u8]) -> Option<Compound<'a>> {
        let shift = u16_at(bytes, 30)?;
        if !matches!(shift, 9 | 12) {
            return None;
        }
        let mut file = Compound { bytes, sector: 1 << shift, root: Vec::new() };
        let table = file.allocation_table()?;
        let mut directory = Vec::new();
        let mut sector = u32_at(bytes, 48)?;
        while sector < LAST_SECTOR && directory.len() <= table.len() {
            let Some(content) = file.sector(sector) else { break };
            directory.push(content);
            sector = *table.get(sector as usize)?;
        }
        let entry = |index: u32| {
            let at = index as usize * ENTRY;
            directory.get(at / file.sector)?.get(at % file.sector..)?.get(..ENTRY)
        };
        // The children of the root are a binary tree; a damaged one may loop, so count.
        let mut open = vec![u32_at(entry(0)?, 76)?];
        let mut visits = directory.len() * file.sector / ENTRY;
        let mut root = Vec::new();
        while let (Some(index), true) = (open.pop(), visits > 0) {
            visits -= 1;
            if let Some(found) = (index != NO_ENTRY).then(|| entry(index)).flatten() {
                root.push((entry_name(found)?, u32_at(found, 116)?, u32_at(found, 120)?));
                open.extend([u32_at(found, 68)?, u32_at(found, 72)?]);
            }
        }
        file.root = root;
        Some(file)
    }

    /// Whether the root has a stream or storage of this name.
    pub fn has(&self, name: &str) -> bool {
        self.root.iter().any(|(found, ..)| found.eq_ignore_ascii_case(name))
    }

    /// The first sector of a stream of the root; empty for short streams, which are kept elsewhere.
    pub fn stream(&self, name: &str) -> Option<&'a [u8]> {
        let (_, sector, size) = self.root.iter().find(|(found, ..)| found.eq_ignore_ascii_case(name))?;
        Some(if *size < 4096 { &[] } else { self.sector(*sector).unwrap_or_default() })
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let at = (number as usize).checked_add(1)?.checked_mul(self.sector)?;
        // The last sector of a carelessly written file may be short.
        self.bytes.get(at..self.bytes.len().min(at.checked_add(self.sector)?)).filter(|content| !content.is_empty())
    }

    /// The sector allocation table: for each sector the next of its chain.
    fn allocation_table(&self) -> Option<Vec<u32>> {
        let sectors = self.bytes.len() / self.sector + 1;
        let mut holders: Vec<u32> = (0..109).map_while(|index| u32_at(self.bytes, 76 + index * 4)).collect();
        let mut next = u32_at(self.bytes, 68)?;
        while next < LAST_SECTOR && holders.len() <= sectors {
            let Some(content) = self.sector(next) else { break };
            let numbers = content.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
            holders.extend(numbers);
            next = if content.len() == self.sector { holders.pop()? } else { NO_ENTRY };
        }
        let mut table = Vec::new();
        for holder in holders.into_iter().filter(|holder| *holder < LAST_SECTOR) {
            let Some(content) = self.sector(holder) else { continue };
            table.extend(content.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])));
            if table.len() > sectors {
                break;
            }
        }
        Some(table)
    }
}

fn entry_name(entry: &[u8]) -> Option<String> {
    let length = usize::from(u16_at(entry, 64)?).min(64).saturating_sub(2);
    let units: Vec<u16> = entry[..length].chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A compound file with the given root children, all in one directory sector chain.
    fn file(names: &[&str]) -> Vec<u8> {
        let mut bytes = vec![0u8; 512];
        bytes[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
        bytes[30] = 9;
        bytes[48..52].copy_from_slice(&1u32.to_le_bytes());
        bytes[68..72].copy_from_slice(&LAST_SECTOR.to_le_bytes());
        bytes[76..512].fill(0xff);
        bytes[76..80].copy_from_slice(&0u32.to_le_bytes());
        let sectors = (names.len() + 1).div_ceil(4);
        let mut table = [0xffu8; 512];
        for index in 0..sectors {
            let next = if index + 1 == sectors { LAST_SECTOR + 4 } else { index as u32 + 2 };
            table[(index + 1) * 4..(index + 2) * 4].copy_from_slice(&next.to_le_bytes());
        }
        bytes.extend(table);
        for (index, name) in ["Root Entry"].iter().chain(names).enumerate() {
            let mut entry = [0u8; ENTRY];
            let units: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
            entry[..units.len()].copy_from_slice(&units);
            entry[64] = units.len() as u8;
            let more = if index > 0 && index < names.len() { index as u32 + 1 } else { NO_ENTRY };
            entry[68..72].copy_from_slice(&NO_ENTRY.to_le_bytes());
            entry[72..76].copy_from_slice(&more.to_le_bytes());
            entry[76..80].copy_from_slice(&if index == 0 { 1u32 } else { NO_ENTRY }.to_le_bytes());
            bytes.extend(entry);
        }
        bytes.resize(bytes.len().next_multiple_of(512), 0xff);
        bytes
    }

    #[test]
    fn the_children_of_the_root_are_found_over_several_sectors() {
        let bytes = file(&["a", "b", "c", "d", "Workbook"]);
        let compound = Compound::open(&bytes).unwrap();
        assert!(compound.has("Workbook") && compound.has("A") && !compound.has("Root Entry"));
    }

    #[test]
    fn damage_anywhere_never_panics() {
        let whole = file(&["WordDocument", "1Table", "x", "y"]);
        for length in 0..whole.len() {
            let _ = Compound::open(&whole[..length]);
        }
        for at in 0..whole.len() {
            for value in [0x00, 0x01, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let _ = Compound::open(&bytes);
            }
        }
    }
}
