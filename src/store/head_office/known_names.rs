//! Names with a beginning, to complete what is typed.

use crate::filter::complete::common;
use crate::filter::{Names, pattern_of_cause};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::value::values;
use std::collections::BTreeSet;

/// Failures searched for causes, newest first.
const FAILURES_SEARCHED: i64 = 2_000;
/// Causes compared besides those, in the order of their digests.
const OTHER_CAUSES: i64 = 2_000;
/// Characters of a cause's text that a filter names it by at most.
const MAX_CAUSE_CHARS: usize = 48;
/// With more causes than this, filters name them by their numbers: each text that a filter may
/// name one by is compared with all of them.
const MAX_COMPARED: i64 = 20_000;
/// Letters whose case is varied when no usual spelling matches.
const VARIED_LETTERS: usize = 4;
/// Rows scanned per spelling in that case.
const ROWS_PER_SPELLING: i64 = 2_000;

/// Names that begin with a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownNames {
    /// The first of them, in order.
    pub names: Vec<String>,
    /// Whether there are more.
    pub has_more: bool,
    /// What is shown instead of each name; empty if the names are shown.
    pub labels: Vec<String>,
    /// The longest beginning that all of them have.
    pub common: String,
}

impl KnownNames {
    fn of(names: BTreeSet<String>, last: Option<&String>, limit: usize) -> Self {
        let common = common(names.iter().chain(last).map(String::as_str)).to_owned();
        Self {
            has_more: names.len() > limit,
            names: names.into_iter().take(limit).collect(),
            labels: Vec::new(),
            common,
        }
    }
}

impl HeadOffice {
    /// The names that begin with a text, ignoring the case of ASCII letters; at most `limit` of
    /// them. The cost does not depend on the number of names.
    pub fn names_beginning(&self, names: Names, text: &str, limit: usize) -> Result<KnownNames, StoreError> {
        match names {
            Names::Stores => self.names_of("channel_database", text, limit),
            Names::Schedules => self.names_of("distribution_schedule", text, limit),
            Names::Jobs => self.names_of("known_job", text, limit),
            Names::Groups => self.names_of("known_group", text, limit),
            Names::BatchGroups => self.names_in("select batch_group as name from batch_group", text, limit),
            Names::Causes | Names::CauseNumbers => self.causes_with(text, limit, names == Names::Causes),
            Names::BatchServers => self.names_in("select name from batch_server", text, limit),
        }
    }

    /// Names in `table` that begin with `text`, by the table's index on `name`; if there are none,
    /// those that contain it.
    fn names_of(&self, table: &str, text: &str, limit: usize) -> Result<KnownNames, StoreError> {
        // A job may be known in two directions.
        let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1).saturating_mul(2);
        let (mut names, last) = self.names_spelled(table, text, most)?;
        if names.is_empty() {
            names = self.names_in_mixed_case(table, text, most)?;
        }
        if !names.is_empty() || text.is_empty() {
            return Ok(KnownNames::of(names, last.as_ref(), limit));
        }
        // Names with the text inside; what they have in common does not continue it.
        let sql = format!("select distinct name from {table} where name like $1 escape '\\' order by name limit $2");
        let inside = self.connection.query(&sql, values![&format!("%{}", like(text)), most], |row| row.text("name"))?;
        Ok(KnownNames { common: String::new(), ..KnownNames::of(inside.into_iter().collect(), None, limit) })
    }

    /// The first names that begin with a usual spelling of the text, and the greatest of all.
    fn names_spelled(
        &self,
        table: &str,
        text: &str,
        most: i64,
    ) -> Result<(BTreeSet<String>, Option<String>), StoreError> {
        let (mut names, mut last) = (BTreeSet::new(), None);
        for beginning in spellings(text) {
            // The greatest character is beyond all others in UTF-8.
            let end = format!("{beginning}{}", char::MAX);
            let range = |order: &str| {
                format!(
                    "select name from {table} where name >= $1 and name < $2 and name <> '' order by name {order} limit $3"
                )
            };
            names
                .extend(self.connection.query(&range("asc"), values![&beginning, &end, most], |row| row.text("name"))?);
            let greatest =
                self.connection.first(&range("desc"), values![&beginning, &end, 1], |row| row.text("name"))?;
            last = last.max(greatest);
        }
        Ok((names, last))
    }

    /// The names that begin with the text, its first letters in any case.
    fn names_in_mixed_case(&self, table: &str, text: &str, most: i64) -> Result<BTreeSet<String>, StoreError> {
        let sql = format!(
            "select name from (select name from {table} where name >= $1 and name < $2 order by name limit {ROWS_PER_SPELLING}) as near
             where name like $3 escape '\\' order by name limit $4"
        );
        let (mut names, pattern) = (BTreeSet::new(), like(text));
        for beginning in mixed_spellings(text) {
            let end = format!("{beginning}{}", char::MAX);
            let values = values![&beginning, &end, &pattern, most];
            names.extend(self.connection.query(&sql, values, |row| row.text("name"))?);
        }
        Ok(names)
    }

    /// Causes by the beginning of their texts, or by their numbers: those with a text, or with a
    /// number that begins with it; those seen last first. They are named by their numbers, or where
    /// `by_text` and a beginning of the text is of no other cause, by that. No index has the texts:
    /// the causes of the newest failures and some others are compared.
    fn causes_with(&self, text: &str, limit: usize, by_text: bool) -> Result<KnownNames, StoreError> {
        let sql = format!(
            "select cause.digest, cause.masked from (
                 select cause as digest from (select cause from status_message where cause is not null
                     order by occurred_at desc limit {FAILURES_SEARCHED}) as newest
                 union select digest from (select digest from cause order by digest limit {OTHER_CAUSES}) as near
             ) as known join cause on cause.digest = known.digest
             where cause.masked like $1 escape '\\' or cast(cause.digest as text) like $2 escape '\\'
             order by cause.last_seen_at desc, cause.digest limit $3"
        );
        let (begins, most) = (like(text), i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1));
        let contains = format!("%{begins}");
        let found = self.connection.query(&sql, values![&contains, &begins, most], |row| {
            Ok((row.int("digest")?.to_string(), row.text("masked")?))
        })?;
        let has_more = found.len() > limit;
        let by_text = by_text && !found.is_empty() && self.has_few_causes()?;
        let (mut names, mut labels) = (Vec::new(), Vec::new());
        for (digest, masked) in found.into_iter().take(limit) {
            let named = beginning(&masked);
            names.push(if by_text && self.is_only(&digest, named)? { named.to_owned() } else { digest });
            labels.push(masked);
        }
        Ok(KnownNames { names, labels, has_more, common: String::new() })
    }

    fn has_few_causes(&self) -> Result<bool, StoreError> {
        let sql = "select count(*) as causes from (select digest from cause limit $1) as known";
        let causes = self.connection.first(sql, values![MAX_COMPARED + 1], |row| row.int("causes"))?;
        Ok(causes.is_some_and(|causes| causes <= MAX_COMPARED))
    }

    /// Whether a filter that gives this text finds the cause with this digest and no other.
    fn is_only(&self, digest: &str, text: &str) -> Result<bool, StoreError> {
        let Some(pattern) = pattern_of_cause(text) else { return Ok(false) };
        let sql = "select digest from cause where masked like $1 escape '\\' limit 2";
        let found = self.connection.query(sql, values![pattern.like()], |row| row.int("digest"))?;
        Ok(matches!(found.as_slice(), [only] if only.to_string() == digest))
    }

    fn names_in(&self, select: &str, text: &str, limit: usize) -> Result<KnownNames, StoreError> {
        let sql =
            format!("select distinct name from ({select}) as known where name like $1 escape '\\' and name <> ''");
        let names = self.connection.query(&sql, values![&like(text)], |row| row.text("name"))?;
        Ok(KnownNames::of(names.into_iter().collect(), None, limit))
    }
}

/// The beginning of a cause's text that a filter names it by, whole words.
fn beginning(masked: &str) -> &str {
    let Some((end, _)) = masked.char_indices().nth(MAX_CAUSE_CHARS) else { return masked.trim_end() };
    let cut = &masked[..end];
    cut.rfind(' ').map_or(cut, |blank| &cut[..blank])
}

/// A text as it is typed, in capitals, in small letters and with one capital.
fn spellings(text: &str) -> BTreeSet<String> {
    let small = text.to_ascii_lowercase();
    let mut one_capital = small.clone();
    if let Some(first) = one_capital.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    BTreeSet::from([text.to_owned(), text.to_ascii_uppercase(), small, one_capital])
}

/// The text up to its letter after the first [`VARIED_LETTERS`], each of those in both cases.
fn mixed_spellings(text: &str) -> Vec<String> {
    let letters = text.char_indices().filter(|(_, c)| c.is_ascii_alphabetic());
    let places: Vec<_> = letters.map(|(at, _)| at).take(VARIED_LETTERS + 1).collect();
    let beginning = places.get(VARIED_LETTERS).map_or(text, |end| &text[..*end]).to_ascii_lowercase();
    let varied = &places[..places.len().min(VARIED_LETTERS)];
    let spelling = |capitals: u32| {
        let mut spelling = beginning.clone();
        for (_, at) in varied.iter().enumerate().filter(|(number, _)| capitals & (1 << number) != 0) {
            if let Some(letter) = spelling.get_mut(*at..=*at) {
                letter.make_ascii_uppercase();
            }
        }
        spelling
    };
    (0..1 << varied.len()).map(spelling).collect()
}

fn like(beginning: &str) -> String {
    let escaped = |c| if matches!(c, '%' | '_' | '\\') { format!("\\{c}") } else { String::from(c) };
    format!("{}%", beginning.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{mixed_spellings, spellings};

    #[test]
    fn a_beginning_is_looked_for_in_few_spellings() {
        assert_eq!(Vec::from_iter(spellings("lOn-1")), ["LON-1", "Lon-1", "lOn-1", "lon-1"]);
        assert_eq!(Vec::from_iter(spellings("")), [""]);
        assert_eq!(mixed_spellings("7aÉb"), ["7aÉb", "7AÉb", "7aÉB", "7AÉB"]);
        let many = mixed_spellings("Store number 1");
        assert!(many.len() == 16 && many.iter().all(|text| text.len() == 4), "{many:?}");
        assert_eq!(mixed_spellings("42"), ["42"]);
    }
}
