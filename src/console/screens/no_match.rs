//! What an empty list says of its filter: how many rows there are, and which term excludes the last
//! ones.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::groups::MAX_COUNTED_ROWS;
use crate::console::protocol::query::{CountState, FilterCount, Freshness, Query};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::Role;
use crate::domain::{Timestamp, grouped};
use crate::filter::Filter;

/// The numbers of rows that other filters find.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NoMatch {
    /// The numbers of rows without any filter, and without one term.
    counts: Vec<FilterCount>,
    /// The number of terms.
    terms: usize,
    /// A term for the names that begin with the one given.
    beginning: Option<String>,
}

impl NoMatch {
    /// What was counted for a filter.
    pub fn new(counts: Vec<FilterCount>, filter: &Filter) -> Self {
        Self { counts, terms: filter.terms.len(), beginning: filter.beginning() }
    }

    /// The query that counts on for the filter with this text; `None` if all is counted.
    fn rest(&self, typed: &str) -> Option<Effect> {
        let is_pending = self.counts.iter().any(FilterCount::is_pending);
        is_pending.then(|| Effect::Ask(Query::Counts(typed.to_owned(), self.counts.clone())))
    }

    /// The sentence, such as `0 of 17,820; without store:LON*: 12.`
    fn sentence(&self) -> String {
        let number = |count: &FilterCount| {
            let more = if count.state == CountState::Complete { "" } else { "+" };
            format!("{}{more}", grouped(count.rows))
        };
        let part = |count: &FilterCount| match (count.term.as_str(), &count.state) {
            ("", CountState::Complete) => Some(format!("0 of {}", number(count))),
            ("", _) => (count.rows > 0).then(|| format!("0 of {}", number(count))),
            (term, CountState::Capped) if count.rows == 0 => {
                Some(format!("without {term}: none of the newest {}", grouped(MAX_COUNTED_ROWS)))
            }
            (term, _) => (count.rows > 0).then(|| format!("without {term}: {}", number(count))),
        };
        let mut parts: Vec<_> = self.counts.iter().filter_map(part).collect();
        let total = self.counts.iter().find(|count| count.term.is_empty());
        let is_useless = |count: &FilterCount| count.state == CountState::Complete && count.rows == 0;
        let without = || self.counts.iter().filter(|count| !count.term.is_empty());
        if self.counts.iter().any(FilterCount::is_pending) {
            parts.push("counting …".to_owned());
        } else if self.terms > 1
            && without().count() == self.terms
            && without().all(is_useless)
            && !total.is_some_and(is_useless)
        {
            parts.push("leaving out one term does not help".to_owned());
        }
        // Where leaving out another term leaves rows, the name is known.
        let is_known = |term: &String| without().any(|count| count.rows > 0 && !term.starts_with(&count.term));
        let is_unknown = |term: &&String| !total.is_some_and(is_useless) && !is_known(term);
        if let Some(term) = self.beginning.as_ref().filter(is_unknown) {
            parts.push(format!("{term} finds names that begin so"));
        }
        match parts.join("; ") {
            text if text.is_empty() => "No row matches the filter.".to_owned(),
            text if text.ends_with('…') => text,
            text => format!("{text}."),
        }
    }
}

/// What is said of the filter of an empty list whose rows are counted by several queries.
#[derive(Debug, Default)]
pub struct Explanation {
    /// The filter as it was typed, and the counts for it.
    counted: Option<(String, NoMatch)>,
    /// Whether other rows may match since.
    is_old: bool,
    /// What the freshness line showed when they were counted.
    freshness: Option<Freshness>,
}

impl Explanation {
    /// Whether to count the rows for this filter: they are not being counted, and were not since
    /// the last change. `freshness`: what the freshness line shows.
    pub fn begin(&mut self, typed: &str, freshness: Option<&Freshness>) -> bool {
        let is_same = |now: &Freshness| self.freshness.as_ref().is_none_or(|then| then.is_as_new_as(now));
        let is_old = std::mem::take(&mut self.is_old) || !freshness.is_none_or(is_same);
        self.freshness = freshness.cloned();
        if self.for_filter(typed).is_none() {
            self.counted = Some((typed.to_owned(), NoMatch::default()));
            return true;
        }
        is_old
    }

    /// Has the rows counted again. What was said stays until then.
    pub fn outdate(&mut self) {
        self.is_old = true;
    }

    /// Takes the counts for this filter, with the text typed; returns the query that counts on.
    pub fn take(&mut self, typed: String, counts: Vec<FilterCount>, filter: &Filter) -> Option<Effect> {
        let no_match = NoMatch::new(counts, filter);
        let rest = no_match.rest(&typed);
        self.counted = Some((typed, no_match));
        rest
    }

    /// The explanation of this filter, if it is the one that was counted.
    pub fn for_filter(&self, typed: &str) -> Option<&NoMatch> {
        self.counted.as_ref().filter(|(of, _)| of == typed).map(|(_, no_match)| no_match)
    }
}

/// Says that no row is of the time asked for, and of when the last row at `at` is.
pub fn of_that_time(at: Timestamp, is_ascending: bool, view: &ViewContext) -> Effect {
    let (long, last) = (view.zone.long(at), if is_ascending { "newest" } else { "oldest" });
    Effect::Say(format!("Nothing is of that time; the {last} is of {}.", long.get(..16).unwrap_or(&long)))
}

/// Writes into an empty list that no row matches its filter, and why. `is_typed`: the filter is
/// being typed.
pub fn draw(painter: &mut Painter, counted: Option<&NoMatch>, is_typed: bool, view: &ViewContext) {
    let mut text = counted.map_or_else(|| NoMatch::default().sentence(), NoMatch::sentence);
    if !is_typed {
        text.push_str(&view.keys(" {back} clears the filter."));
    }
    let room = usize::from(painter.width().saturating_sub(3));
    for (y, line) in (0..painter.height()).zip(wrap(&text, room)) {
        painter.text(2, y, painter.width(), &line, Role::Dim);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::groups::GroupQuery;
    use crate::console::protocol::time::Zone;
    use crate::domain::Seek;
    use crate::filter::{self, lists};
    use crate::store::head_office::MessageFilter;

    #[test]
    fn the_sentence_names_the_terms_whose_absence_leaves_rows() {
        let complete = || CountState::Complete;
        let pending = || CountState::Searched(Box::new(GroupQuery::Messages(MessageFilter::default())), Seek::First, 0);
        let of = |counts: Vec<(&str, i64, CountState)>, terms| {
            let count =
                |(term, rows, state): (&str, i64, CountState)| FilterCount { term: term.to_owned(), rows, state };
            NoMatch { counts: counts.into_iter().map(count).collect(), terms, beginning: None }.sentence()
        };
        let total = |rows| ("", rows, CountState::Complete);
        assert_eq!(
            of(vec![total(17_820), ("store:LON*", 12, complete()), ("status:failed", 0, complete())], 2),
            "0 of 17,820; without store:LON*: 12."
        );
        let capped = of(vec![("", 100_000, CountState::Capped), ("a", 100_000, CountState::Capped)], 2);
        assert_eq!(capped, "0 of 100,000+; without a: 100,000+.");
        let rare = of(vec![total(9_000_000), ("a", 0, CountState::Capped), ("b", 12, CountState::Capped)], 2);
        assert_eq!(rare, "0 of 9,000,000; without a: none of the newest 100,000; without b: 12+.");
        let begun = of(vec![total(9), ("a", 3, pending()), ("b", 0, pending())], 2);
        assert_eq!(begun, "0 of 9; without a: 3+; counting …");
        assert_eq!(of(vec![total(7)], 1), "0 of 7.");
        let useless = of(vec![total(7), ("a", 0, complete()), ("b", 0, complete())], 2);
        assert_eq!(useless, "0 of 7; leaving out one term does not help.");
        assert_eq!(of(vec![total(7), ("a", 0, complete())], 8), "0 of 7.", "not every term is counted");
        assert_eq!(of(vec![total(0), ("a", 0, complete()), ("b", 0, complete())], 2), "0 of 0.");
        assert_eq!(of(Vec::new(), 2), "No row matches the filter.");
        let filter = filter::parse("store:LON", lists::MESSAGES, Zone::Utc, Timestamp(0)).expect("a filter");
        let no_match = NoMatch::new(vec![FilterCount { term: String::new(), rows: 7, state: complete() }], &filter);
        assert_eq!(no_match.sentence(), "0 of 7; store:LON* finds names that begin so.");
    }
}
