//! Numbers as people read them.

/// A number with separators, for sentences. A number beyond `i64` prints as the largest one.
pub fn grouped(number: impl TryInto<i64>) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// A count with its noun, whose plural takes an s: `1 row`, `1,234 rows`.
pub fn counted(number: impl TryInto<i64>, what: &str) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    if number == 1 { format!("1 {what}") } else { format!("{} {what}s", grouped(number)) }
}

#[cfg(test)]
mod tests {
    use super::{counted, grouped};

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn one_of_something_is_no_plural() {
        for (number, text) in [(0_i64, "0 rows"), (1, "1 row"), (-1, "-1 rows"), (1_234, "1,234 rows")] {
            assert_eq!(counted(number, "row"), text);
        }
    }
}
