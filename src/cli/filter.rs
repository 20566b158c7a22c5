//! Parses `--filter`, in the language of the console's lists.

use crate::cli::exit::Failure;
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::domain::grouped;
use crate::filter::{FieldSet, Filter, Subject, parse as parse_filter};
use crate::text::time::Zone;

/// Parses the terms; without any, all rows match. Dates and times are UTC.
pub fn parse(typed: Option<&str>, fields: &FieldSet) -> Result<Filter, Failure> {
    let parsed = parse_filter(typed.unwrap_or_default(), fields, Zone::Utc, SystemClock.now());
    parsed.map_err(|fault| Failure::usage(format!("--filter: {fault}")))
}

/// The most rows that are searched.
const MAX_SEARCHED: i64 = 100_000;

/// Parses the terms and keeps the rows that match, at most `limit`. Says if there may be more
/// beyond those searched.
pub fn keep<T: Subject>(
    typed: Option<&str>,
    fields: &FieldSet,
    limit: i64,
    rows: impl FnOnce(i64) -> Result<Vec<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let (rows, remark) = search(typed, fields, limit, rows)?;
    if let Some(remark) = remark {
        print_message(&remark);
    }
    Ok(rows)
}

/// Filters the rows of a command with `--since`, within which `rows` reads.
pub fn keep_since<T: Subject>(
    typed: Option<&str>,
    fields: &FieldSet,
    limit: i64,
    rows: impl FnOnce(i64) -> Result<Vec<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let (rows, remark) = search(typed, fields, limit, rows)?;
    if let Some(remark) = remark {
        print_message(&format!("{remark}; --since narrows them"));
    }
    Ok(rows)
}

/// The rows that match, and a remark if there may be more.
fn search<T: Subject>(
    typed: Option<&str>,
    fields: &FieldSet,
    limit: i64,
    rows: impl FnOnce(i64) -> Result<Vec<T>, Failure>,
) -> Result<(Vec<T>, Option<String>), Failure> {
    let filter = parse(typed, fields)?;
    let searched = if filter.is_empty() { limit } else { limit.max(MAX_SEARCHED) };
    let mut rows = rows(searched)?;
    let is_all = i64::try_from(rows.len()).is_ok_and(|count| count < searched);
    rows.retain(|row| filter.matches(row));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_partial = !filter.is_empty() && !is_all && rows.len() < limit;
    rows.truncate(limit);
    Ok((rows, is_partial.then(|| format!("only the first {} rows were searched", grouped(searched)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{FieldValue, lists};

    struct Run(i64);

    impl Subject for Run {
        fn field_value(&self, _: &str) -> FieldValue<'_> {
            FieldValue::Number(self.0)
        }

        fn any_text(&self, _: &dyn Fn(&str) -> bool) -> bool {
            false
        }
    }

    #[test]
    fn a_bounded_number_of_rows_is_searched_and_only_with_a_filter_more_than_are_listed() {
        let kept = |typed: Option<&str>, limit: i64| {
            let mut asked = 0;
            let rows = keep(typed, lists::RUNS, limit, |most| {
                asked = most;
                Ok((0..most).map(Run).collect())
            });
            (asked, rows.expect("understood").iter().map(|run| run.0).collect::<Vec<_>>())
        };
        assert_eq!(kept(None, 2), (2, vec![0, 1]));
        assert_eq!(kept(Some("run>=7"), 2), (MAX_SEARCHED, vec![7, 8]));
        assert_eq!(kept(Some("run<3"), 5), (MAX_SEARCHED, vec![0, 1, 2]));
        assert_eq!(kept(Some("run<0"), MAX_SEARCHED + 1).0, MAX_SEARCHED + 1);
        let remark = |rows: i64| {
            let read = |_| Ok((0..rows).map(Run).collect());
            search(Some("run<3"), lists::RUNS, 5, read).expect("understood").1
        };
        assert_eq!(remark(MAX_SEARCHED).as_deref(), Some("only the first 100,000 rows were searched"));
        assert_eq!(remark(MAX_SEARCHED - 1), None);
    }
}
