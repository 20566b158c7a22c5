//! Text for tests that means harm. What proptest takes for any text holds no control character and
//! hardly one that hides.

use proptest::prelude::*;
use std::ops::{Range, RangeInclusive};

/// What steers a terminal, hides, reorders or breaks a line, written down from Unicode's tables,
/// not from what the program takes out.
const RANGES: [RangeInclusive<u32>; 25] = [
    // C0, DEL and C1.
    0x00..=0x1F,
    0x7F..=0x9F,
    // Soft hyphen, grapheme joiner, Arabic letter mark, what fills a letter's place, vowels and
    // selectors without a shape.
    0xAD..=0xAD,
    0x034F..=0x034F,
    0x061C..=0x061C,
    0x115F..=0x1160,
    0x17B4..=0x17B5,
    0x180B..=0x180F,
    // Zero width; line and paragraph separators; bidi embeddings, overrides and isolates.
    0x200B..=0x200D,
    0x200E..=0x200F,
    0x2028..=0x2029,
    0x202A..=0x202E,
    0x2060..=0x2064,
    0x2066..=0x2069,
    0x206A..=0x206F,
    // Blanks that are no spaces.
    0x2800..=0x2800,
    0x3164..=0x3164,
    0xFFA0..=0xFFA0,
    0xFE00..=0xFE0F,
    // The byte order mark, annotations, shorthand and musical controls.
    0xFEFF..=0xFEFF,
    0xFFF9..=0xFFFB,
    0x1BCA0..=0x1BCA3,
    0x1D173..=0x1D17A,
    // Tag characters and the selectors beyond.
    0xE0000..=0xE007F,
    0xE0100..=0xE01EF,
];

/// Whether a character is one of them.
pub fn is_hostile(c: char) -> bool {
    RANGES.iter().any(|range| range.contains(&u32::from(c)))
}

fn hostile_char() -> impl Strategy<Value = char> {
    // Those that are tried in earnest come as often as all the others together.
    let known = prop::sample::select(
        &['\u{1b}', '\u{9b}', '\0', '\r', '\n', '\u{202e}', '\u{200b}', '\u{feff}', '\u{2028}'][..],
    );
    let any = prop::sample::select(&RANGES[..])
        .prop_flat_map(|range| range)
        .prop_filter_map("it is a character", char::from_u32);
    prop_oneof![known, any]
}

/// Text of this many characters: hostile ones, any of Unicode, and those of plain lines.
pub fn hostile_text(length: Range<usize>) -> impl Strategy<Value = String> {
    let one = prop_oneof![2 => hostile_char(), 2 => any::<char>(), 3 => prop::char::range(' ', '~')];
    prop::collection::vec(one, length).prop_map(String::from_iter)
}
