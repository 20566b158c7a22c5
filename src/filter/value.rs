//! Reads the values of terms.

use crate::domain::grouped;
use crate::filter::pattern::Pattern;
use crate::filter::token::Mark;

/// The characters as a pattern: `*` outside quotes stands for any text.
pub fn pattern(marks: &[Mark]) -> Pattern {
    let mut parts = vec![String::new()];
    for mark in marks {
        match parts.last_mut() {
            Some(part) if !mark.is('*') => part.push(mark.c),
            _ => parts.push(String::new()),
        }
    }
    Pattern::new(parts)
}

/// Reads `1,084` or `1,084,971`: digits in groups of three, as lists show numbers.
pub fn grouped_number(text: &str) -> Option<i64> {
    let (first, rest) = text.split_once(',')?;
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = (1..=3).contains(&first.len()) && is_digits(first) && !first.starts_with('0');
    let is_grouped = is_grouped && rest.split(',').all(|part| part.len() == 3 && is_digits(part));
    is_grouped.then(|| text.replace(',', "").parse().ok()).flatten()
}

/// A number of four or more digits as it was typed, and as lists may also show it: `59699` and
/// `59,699`.
pub fn spellings(text: &str) -> Option<[String; 2]> {
    let other = match grouped_number(text) {
        Some(number) => number.to_string(),
        None if text.len() > 3 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            grouped(text.parse::<i64>().ok()?)
        }
        None => return None,
    };
    Some([text.to_owned(), other])
}

/// Whether the commas separate thousands: in a number, or in both ends of a range.
pub fn is_grouped(text: &str) -> bool {
    let ends = || text.split("..").filter(|end| !end.is_empty());
    text.contains(',') && ends().count() <= 2 && ends().all(|end| number(end).is_some())
}

/// Reads `1000`, `1,084`, `10k`, `1.5M`, `300kB`, `2G` or `-7`; the units are powers of a thousand.
/// A dot needs a unit: in `1.000` it may separate thousands or decimals.
pub fn number(text: &str) -> Option<i64> {
    if let Some(number) = grouped_number(text) {
        return Some(number);
    }
    let in_bytes = text.strip_suffix(['b', 'B']).filter(|text| text.ends_with(['k', 'K', 'm', 'M', 'g', 'G']));
    let text = in_bytes.unwrap_or(text);
    let (digits, unit) = match text.char_indices().next_back()? {
        (at, 'k' | 'K') => (&text[..at], 1_000),
        (at, 'm' | 'M') => (&text[..at], 1_000_000),
        (at, 'g' | 'G') => (&text[..at], 1_000_000_000),
        _ if text.contains('.') => return None,
        _ => (text, 1),
    };
    let (sign, digits) = digits.strip_prefix('-').map_or((1, digits), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || part.is_some_and(|part| !is_number(part) || part.len() > 9) {
        return None;
    }
    let mut value = whole.parse::<i128>().ok()?.checked_mul(unit)?;
    if let Some(part) = part {
        let scaled = part.parse::<i128>().ok()? * unit;
        let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
        if scaled % scale != 0 {
            return None;
        }
        value += scaled / scale;
    }
    i64::try_from(sign * value).ok()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_have_units_and_signs() {
        let known = [
            ("0", 0),
            ("10k", 10_000),
            ("1.5M", 1_500_000),
            ("2G", 2_000_000_000),
            ("-7", -7),
            ("1,084", 1_084),
            ("1,084,971", 1_084_971),
            ("300kb", 300_000),
            ("1.5MB", 1_500_000),
        ];
        for (text, value) in known {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in [
            "",
            "k",
            "-",
            "1,00",
            "0,100",
            "1,0000",
            "1.000",
            "7b",
            "0.5",
            "1.",
            ".5k",
            "1e3",
            "99999999999999999999",
            "1.0001k",
            "é",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
