//! Why starts were late: which reason held at which time.

use crate::batch::SkipReason;
use crate::domain::Timestamp;

/// Reasons for late starts, each with the span in which it held, and one for all other times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyLate {
    /// Adjoining spans.
    spans: Vec<(Timestamp, SkipReason)>,
    rest: SkipReason,
}

impl WhyLate {
    /// Builds it from spans with reasons: where several overlap, the earlier in the list counts;
    /// elsewhere, `rest`.
    pub fn of(held: &[(Timestamp, Timestamp, SkipReason)], rest: SkipReason) -> Self {
        let mut edges: Vec<_> = held.iter().flat_map(|(from, until, _)| [*from, *until]).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut spans: Vec<(Timestamp, SkipReason)> = Vec::new();
        let mut from = Timestamp(i64::MIN);
        for until in edges {
            let why = held.iter().find(|(begins, ends, _)| *begins <= from && until <= *ends);
            let why = why.map_or(&rest, |(.., why)| why);
            match spans.last_mut() {
                Some((end, same)) if same == why => *end = until,
                _ => spans.push((until, why.clone())),
            }
            from = until;
        }
        Self { spans, rest }
    }

    /// The reason for a start at that instant.
    pub fn at(&self, start: Timestamp) -> &SkipReason {
        let span = self.spans.iter().find(|(until, _)| start < *until);
        span.map_or(&self.rest, |(_, why)| why)
    }

    /// The spans in order, each with the instant before which it ends; the last one has no end.
    pub fn spans(&self) -> impl Iterator<Item = (Option<Timestamp>, &SkipReason)> {
        let spans = self.spans.iter().map(|(until, why)| (Some(*until), why));
        spans.chain(std::iter::once((None, &self.rest)))
    }
}

impl From<SkipReason> for WhyLate {
    fn from(rest: SkipReason) -> Self {
        Self { spans: Vec::new(), rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_several_reasons_held_the_first_counts_and_where_none_did_the_rest() {
        let at = Timestamp;
        let held = [
            (at(10), at(20), SkipReason::Withheld(at(10), at(20))),
            (at(i64::MIN), at(15), SkipReason::NoServer(at(15))),
            (at(30), at(40), SkipReason::OutsideWindow { servers: "aos-1".to_owned() }),
        ];
        let why = WhyLate::of(&held, SkipReason::Blocked);
        let spans: Vec<_> = why.spans().map(|(until, why)| (until.map(|at| at.0), why.clone())).collect();
        let expected = [
            (Some(10), SkipReason::NoServer(at(15))),
            (Some(20), SkipReason::Withheld(at(10), at(20))),
            (Some(30), SkipReason::Blocked),
            (Some(40), SkipReason::OutsideWindow { servers: "aos-1".to_owned() }),
            (None, SkipReason::Blocked),
        ];
        assert_eq!(spans, expected);
    }
}
