//! Reads the values of terms.

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

/// Reads `1000`, `10k`, `1.5M`, `2G` or `-7`; the units are powers of a thousand.
pub fn number(text: &str) -> Option<i64> {
    let (digits, unit) = match text.char_indices().next_back()? {
        (at, 'k' | 'K') => (&text[..at], 1_000),
        (at, 'm' | 'M') => (&text[..at], 1_000_000),
        (at, 'g' | 'G') => (&text[..at], 1_000_000_000),
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
        let known = [("0", 0), ("10k", 10_000), ("1.5M", 1_500_000), ("2G", 2_000_000_000), ("-7", -7)];
        for (text, value) in known {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", "k", "-", "1,000", "0.5", "1.", ".5k", "1e3", "99999999999999999999", "1.0001k", "é"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
