//! Compound files ([MS-CFB]), the container of xls, doc and encrypted packages: a little file
//! system of sectors.
//!
//! Every number in it is a claim: sectors outside the file end a chain, a chain is no longer than
//! the file, and a stream no larger.

/// First bytes of every compound file.
pub const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// An open compound file.
pub struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    next: Vec<u32>,
    mini: Vec<u8>,
    mini_next: Vec<u32>,
    mini_cutoff: u64,
    entries: Vec<Entry>,
    root: Vec<usize>,
}

struct Entry {
    name: String,
    kind: u8,
    start: u32,
    size: u64,
    left: u32,
    right: u32,
    child: u32,
}

const MINI_SECTOR: usize = 64;
const STREAM: u8 = 2;
/// Above are marks: free, end of chain, table sectors.
const LAST_SECTOR: u32 = 0xffff_fffa;

impl<'a> Compound<'a> {
    /// Opens a compound file; `None` when its header, sector table or directory make no sense.
    pub fn open(bytes: &'a [u8]) -> Option<Compound<'a>> {
        if bytes.len() < 512 || !bytes.starts_with(&MAGIC) {
            return None;
        }
        let sector = match u16_at(bytes, 30) {
            Some(shift @ 7..=16) => 1usize << shift,
            _ => return None,
        };
        let mut file = Compound {
            bytes,
            sector,
            next: Vec::new(),
            mini: Vec::new(),
            mini_next: Vec::new(),
            mini_cutoff: u64::from(u32_at(bytes, 56).unwrap_or(4096)),
            entries: Vec::new(),
            root: Vec::new(),
        };
        file.read_table();
        let directory = file.chain(u32_at(bytes, 48).unwrap_or(u32::MAX), u64::MAX);
        file.entries = directory.chunks_exact(128).map(read_entry).collect();
        let mini_table = file.chain(u32_at(bytes, 60).unwrap_or(u32::MAX), u64::MAX);
        file.mini_next = mini_table.chunks_exact(4).filter_map(|four| u32_at(four, 0)).collect();
        let root = file.entries.first()?;
        file.mini = file.chain(root.start, root.size);
        file.root = file.walk_root();
        Some(file)
    }

    /// The sector table: which sector follows which.
    fn read_table(&mut self) {
        let sectors = self.bytes.len() / self.sector + 1;
        let mut tables: Vec<u32> = (0..109).filter_map(|index| u32_at(self.bytes, 76 + index * 4)).collect();
        let mut more = u32_at(self.bytes, 68).unwrap_or(u32::MAX);
        // Each sector of the list of table sectors names the next; a ring ends after all sectors.
        let mut left = sectors;
        while left > 0
            && let Some(content) = self.sector(more)
        {
            let count = content.len() / 4;
            tables.extend((0..count.saturating_sub(1)).filter_map(|index| u32_at(content, index * 4)));
            more = u32_at(content, content.len().saturating_sub(4)).unwrap_or(u32::MAX);
            left -= 1;
        }
        for table in tables {
            if table > LAST_SECTOR {
                continue;
            }
            if self.next.len() > sectors {
                break;
            }
            let content = self.sector(table).unwrap_or_default();
            let before = self.next.len();
            self.next.extend(content.chunks_exact(4).filter_map(|four| u32_at(four, 0)));
            self.next.resize(before + self.sector / 4, u32::MAX);
        }
    }

    /// The bytes of a sector, cut short at the end of the file.
    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        if number > LAST_SECTOR {
            return None;
        }
        // The header takes the place of one sector, 512 bytes or more.
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = start.saturating_add(self.sector).min(self.bytes.len());
        self.bytes.get(start..end).filter(|content| !content.is_empty())
    }

    /// The content of a chain of sectors, up to `size` bytes.
    fn chain(&self, first: u32, size: u64) -> Vec<u8> {
        let mut out = Vec::new();
        let mut number = first;
        let mut left = self.bytes.len() / self.sector + 1;
        while left > 0
            && (out.len() as u64) < size
            && let Some(content) = self.sector(number)
        {
            out.extend_from_slice(content);
            number = self.next.get(number as usize).copied().unwrap_or(u32::MAX);
            left -= 1;
        }
        out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        out
    }

    fn mini_chain(&self, first: u32, size: u64) -> Vec<u8> {
        let mut out = Vec::new();
        let mut number = first;
        let mut left = self.mini.len() / MINI_SECTOR + 1;
        while left > 0 && (out.len() as u64) < size && number <= LAST_SECTOR {
            let start = number as usize * MINI_SECTOR;
            let Some(content) = self.mini.get(start..(start + MINI_SECTOR).min(self.mini.len())) else { break };
            out.extend_from_slice(content);
            number = self.mini_next.get(number as usize).copied().unwrap_or(u32::MAX);
            left -= 1;
        }
        out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        out
    }

    /// Whether the root has a stream or storage of this name.
    pub fn has(&self, name: &str) -> bool {
        self.top_level().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The content of a stream of the root. (A workbook inside a document has streams of the same
    /// names further down.)
    pub fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.top_level().find(|entry| entry.kind == STREAM && entry.name.eq_ignore_ascii_case(name))?;
        Some(if entry.size < self.mini_cutoff {
            self.mini_chain(entry.start, entry.size)
        } else {
            self.chain(entry.start, entry.size)
        })
    }

    fn top_level(&self) -> impl Iterator<Item = &Entry> {
        self.root.iter().filter_map(|index| self.entries.get(*index))
    }

    /// The entries of the root storage, which are a tree; a damaged one may loop.
    fn walk_root(&self) -> Vec<usize> {
        let mut found = Vec::new();
        let mut seen = vec![false; self.entries.len()];
        let mut waiting: Vec<u32> = self.entries.first().map(|root| root.child).into_iter().collect();
        while let Some(index) = waiting.pop() {
            let index = index as usize;
            if let (Some(entry), Some(false)) = (self.entries.get(index), seen.get(index)) {
                seen[index] = true;
                found.push(index);
                waiting.extend([entry.left, entry.right]);
            }
        }
        found
    }
}

fn read_entry(bytes: &[u8]) -> Entry {
    let length = usize::from(u16_at(bytes, 64).unwrap_or(0)).min(64);
    let units: Vec<u16> = (0..length / 2).filter_map(|index| u16_at(bytes, index * 2)).collect();
    let name = String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned();
    let number = |at| u32_at(bytes, at).unwrap_or(u32::MAX);
    Entry {
        name,
        kind: bytes.get(66).copied().unwrap_or(0),
        left: number(68),
        right: number(72),
        child: number(76),
        start: number(116),
        // Version 3 files may have rubbish in the upper half.
        size: u64::from(number(120)),
    }
}

/// A little-endian number, if the bytes are there.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// A little-endian number, if the bytes are there.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A little-endian double, if the bytes are there.
pub(crate) fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_without_sectors_is_an_error_or_empty() {
        let mut bytes = vec![0u8; 512];
        bytes[..8].copy_from_slice(&MAGIC);
        assert!(Compound::open(&bytes).is_none());
        bytes[30] = 9;
        assert!(Compound::open(&bytes).is_none());
    }

    #[test]
    fn chains_that_bite_their_tail_end() {
        let mut bytes = vec![0u8; 512 * 4];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[30] = 9;
        // Every number is zero: sector 0 follows sector 0, and is table, directory and mini table.
        let file = Compound::open(&bytes).expect("a directory of blank entries");
        assert!(file.stream("Workbook").is_none());
    }
}
