//! What an empty list says of its filter: how many rows there are, and which term excludes the last
//! ones.

use crate::console::protocol::query::COUNT_LIMIT;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::Role;
use crate::domain::grouped;

/// Terms without which a long list is counted.
pub const MOST_COUNTED: usize = 6;

/// The numbers of rows that other filters find.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoMatch {
    /// Without any filter; `None` where it is not known.
    pub total: Option<i64>,
    /// Without one term, by that term; terms that cannot be counted cheaply are missing.
    pub without: Vec<(String, i64)>,
    /// The number of terms.
    pub terms: usize,
}

impl NoMatch {
    /// What was counted for a filter with so many terms; the count without any filter has no term.
    pub fn of(counts: Vec<(String, i64)>, terms: usize) -> Self {
        let (total, without): (Vec<_>, _) = counts.into_iter().partition(|(term, _)| term.is_empty());
        Self { total: total.first().map(|(_, count)| *count), without, terms }
    }

    /// The sentence, such as `0 of 17,820; without store:LON*: 12.`
    fn sentence(&self) -> String {
        let number = |count: i64| match count {
            count if count > COUNT_LIMIT => format!("more than {}", grouped(COUNT_LIMIT)),
            count => grouped(count),
        };
        let mut parts: Vec<_> = self.total.map(|total| format!("0 of {}", number(total))).into_iter().collect();
        // Without its only term, a filter finds all rows.
        if self.terms > 1 {
            let found = self.without.iter().filter(|(_, count)| *count > 0);
            parts.extend(found.map(|(term, count)| format!("without {term}: {}", number(*count))));
            let is_counted = self.without.len() == self.terms;
            if is_counted && self.without.iter().all(|(_, count)| *count == 0) && self.total != Some(0) {
                parts.push("leaving out one term does not help".to_owned());
            }
        }
        if parts.is_empty() { "No row matches the filter.".to_owned() } else { format!("{}.", parts.join("; ")) }
    }
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
    use super::NoMatch;

    #[test]
    fn the_sentence_names_the_terms_whose_absence_leaves_rows() {
        let of = |total, without: &[(&str, i64)], terms| {
            let without = without.iter().map(|(term, count)| ((*term).to_owned(), *count)).collect();
            NoMatch { total, without, terms }.sentence()
        };
        assert_eq!(
            of(Some(17_820), &[("store:LON*", 12), ("status:failed", 0)], 2),
            "0 of 17,820; without store:LON*: 12."
        );
        assert_eq!(of(Some(100_001), &[("a", 100_001)], 2), "0 of more than 100,000; without a: more than 100,000.");
        assert_eq!(of(Some(7), &[("a", 7)], 1), "0 of 7.");
        assert_eq!(of(Some(7), &[("a", 0), ("b", 0)], 2), "0 of 7; leaving out one term does not help.");
        assert_eq!(of(Some(7), &[("a", 0)], 2), "0 of 7.", "b cannot be counted");
        assert_eq!(of(Some(0), &[("a", 0), ("b", 0)], 2), "0 of 0.");
        assert_eq!(of(None, &[], 2), "No row matches the filter.");
    }
}
