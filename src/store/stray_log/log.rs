//! Reads what a write-ahead log says of its database, in the file format of SQLite.

use std::fs::File;
use std::os::unix::fs::FileExt;

/// Bytes of the log's header, and of the one before each page.
pub(super) const LOG_HEADER_BYTES: u64 = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// Where the first page has its change counter.
pub(super) const CHANGE_COUNTER_AT: usize = 24;

/// What a log that holds a commit says of the database that it belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Log {
    page_size: u32,
    salts: [u8; 8],
    /// The change counters of the first pages in it, in their order.
    counters: Vec<u32>,
}

impl Log {
    /// Reads it as SQLite recovers it; `None` if nothing would be recovered.
    pub(super) fn read(file: &File) -> Option<Self> {
        let mut header = [0; 32];
        file.read_exact_at(&mut header, 0).ok()?;
        let (magic, page_size) = (number(&header, 0)?, number(&header, 8)?);
        let is_big_endian = magic & 1 == 1;
        let mut sums = checksum(is_big_endian, &header[..24], [0, 0]);
        if magic & !1 != 0x377F_0682
            || !page_size.is_power_of_two()
            || !(512..=65_536).contains(&page_size)
            || !has_sums(&header[24..], sums)
        {
            return None;
        }
        let salts: [u8; 8] = header.get(16..24)?.try_into().ok()?;
        let (mut counters, mut committed) = (Vec::new(), None);
        let mut at = LOG_HEADER_BYTES;
        let mut frame = vec![0; FRAME_HEADER_BYTES + usize::try_from(page_size).ok()?];
        while file.read_exact_at(&mut frame, at).is_ok() && frame[8..16] == salts && number(&frame, 0)? != 0 {
            sums = checksum(is_big_endian, &frame[..8], sums);
            sums = checksum(is_big_endian, &frame[FRAME_HEADER_BYTES..], sums);
            if !has_sums(&frame[16..], sums) {
                break;
            }
            if number(&frame, 0)? == 1 {
                counters.push(number(&frame, FRAME_HEADER_BYTES + CHANGE_COUNTER_AT)?);
            }
            if number(&frame, 4)? != 0 {
                committed = Some(counters.len());
            }
            at += u64::try_from(frame.len()).ok()?;
        }
        counters.truncate(committed?);
        Some(Self { page_size, salts, counters })
    }

    /// Why a database with this header is not the log's.
    pub(super) fn objection(&self, header: &[u8; 100]) -> Option<String> {
        let page_size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => u32::from(size),
        };
        if !header.starts_with(b"SQLite format 3\0") {
            return None;
        }
        if page_size != self.page_size {
            return Some(format!("its pages have {page_size} bytes, those of the log {}", self.page_size));
        }
        // In a database with a log both numbers are 2.
        if header[18..20] != [2, 2] {
            return Some("the file is of a time when there was no log".to_owned());
        }
        let found = number(header, CHANGE_COUNTER_AT)?;
        let before = self.counters.first()?.wrapping_sub(1);
        let may_be = |is_so: &dyn Fn([u8; 4]) -> bool| {
            is_so(before.to_be_bytes()) || self.counters.iter().any(|counter| is_so(counter.to_be_bytes()))
        };
        // A disk may write a part of the bytes only.
        let bytes = found.to_be_bytes();
        let is_explained = (0..4)
            .any(|cut| may_be(&|other| other[..cut] == bytes[..cut]) && may_be(&|other| other[cut..] == bytes[cut..]));
        (!is_explained).then(|| format!("the file is at change {found}, the log begins after change {before}"))
    }
}

/// The log's running checksum, over pairs of words.
fn checksum(is_big_endian: bool, bytes: &[u8], [mut first, mut second]: [u32; 2]) -> [u32; 2] {
    let word = |bytes: [u8; 4]| if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    for pair in bytes.as_chunks::<4>().0.as_chunks::<2>().0 {
        first = first.wrapping_add(word(pair[0])).wrapping_add(second);
        second = second.wrapping_add(word(pair[1])).wrapping_add(first);
    }
    [first, second]
}

/// Whether the bytes begin with the checksum.
fn has_sums(bytes: &[u8], sums: [u32; 2]) -> bool {
    number(bytes, 0) == Some(sums[0]) && number(bytes, 4) == Some(sums[1])
}

pub(super) fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
