//! Where a line may break.

/// Words behind a number that it is not separated from.
const UNITS: [&str; 18] =
    ["ms", "s", "min", "h", "d", "%", "B", "kB", "MB", "GB", "KiB", "MiB", "GiB", "/s", "row", "rows", "day", "days"];

/// Splits a line where it may break: between words, but not between a number and its unit, between
/// the parts of a duration, or between a date and its time.
pub(super) fn pieces(line: &str) -> Vec<&str> {
    let words: Vec<&str> = line.split_inclusive(' ').collect();
    let (mut pieces, mut start, mut end) = (Vec::new(), 0, 0);
    for (at, word) in words.iter().enumerate() {
        end += word.len();
        let behind = |by: usize| words.get(at + by).map_or("", |word| word.trim_end());
        if !is_joined(word.trim_end(), behind(1), behind(2)) {
            pieces.push(&line[start..end]);
            start = end;
        }
    }
    pieces
}

/// Whether a word and the next one are not separated; `after`: the one after these.
fn is_joined(word: &str, next: &str, after: &str) -> bool {
    let is_part = is_number(next) && is_unit(after);
    (is_number(word) && is_unit(next)) || (UNITS.contains(&word) && is_part) || (is_date(word) && is_time(next))
}

fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['(', '+', '-', '<', '>', '~']);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.')
}

fn is_unit(word: &str) -> bool {
    UNITS.contains(&word.trim_end_matches(['.', ',', ';', ':', ')', '?', '!', '…']))
}

/// Whether it is `11-29` or `2026-11-29`.
fn is_date(word: &str) -> bool {
    let word = word.trim_start_matches('(');
    (word.len() == 5 || word.len() == 10) && consists_of_digits(word, '-')
}

/// Whether it is `21:08` or `21:08:33`.
fn is_time(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ';', ':', ')', '?', '!', '…']);
    (word.len() == 5 || word.len() == 8) && consists_of_digits(word, ':')
}

fn consists_of_digits(word: &str, separator: char) -> bool {
    word.contains(separator)
        && word.split(separator).all(|part| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stays_with_its_unit_and_a_date_with_its_time() {
        for (line, expected) in [
            ("late by 1 d 23 h, then", vec!["late ", "by ", "1 d 23 h, ", "then"]),
            ("(of 5) 1,240 rows; 15 min", vec!["(of ", "5) ", "1,240 rows; ", "15 min"]),
            ("since 11-29 21:08: 99 %", vec!["since ", "11-29 21:08: ", "99 %"]),
            ("2 h, 3 min", vec!["2 h, ", "3 min"]),
            ("a 1  s 2 of 3", vec!["a ", "1 ", " ", "s ", "2 ", "of ", "3"]),
            ("5 stores", vec!["5 ", "stores"]),
            ("", vec![]),
        ] {
            assert_eq!(pieces(line), expected, "{line}");
        }
    }
}
