//! Finds what a filter matches in the texts of a row, to highlight it.

use crate::filter::{Pattern, Term, Test, lists};
use std::ops::Range;

/// The patterns of the terms that rows must match, each with its field; a plain word has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlights(Vec<(&'static str, Pattern)>);

impl Highlights {
    /// Returns the highlights of some terms.
    pub fn of(terms: &[Term]) -> Self {
        let patterns = terms
            .iter()
            .filter(|term| !term.negated)
            .flat_map(|term| patterns_of(&term.test, term.field).into_iter().map(|pattern| (term.field, pattern)));
        Self(patterns.collect())
    }

    /// The ranges of bytes of `drawn` that match, where `drawn` may be a part of the text of a cell
    /// under a heading.
    pub fn in_cell(&self, heading: &str, text: &str, drawn: &str) -> Vec<Range<usize>> {
        let found = |(field, pattern): &(&str, Pattern)| {
            let matches = (pattern.is_anywhere() || pattern.matches(text)) && !names_another(heading, field);
            if matches { pattern.spans(drawn) } else { Vec::new() }
        };
        merged(self.0.iter().flat_map(found).collect())
    }

    /// The ranges of bytes of a line of text that match. A name with wildcards is not looked for,
    /// as its text is a part of others.
    pub fn in_line(&self, line: &str) -> Vec<Range<usize>> {
        let patterns = self.0.iter().map(|(_, pattern)| pattern);
        let found = patterns.filter(|pattern| pattern.is_anywhere() || pattern.is_plain());
        merged(found.flat_map(|pattern| pattern.spans(line)).collect())
    }
}

/// The patterns that texts of rows that pass a test match.
fn patterns_of(test: &Test, field: &str) -> Vec<Pattern> {
    match test {
        Test::Anywhere(pattern) => vec![pattern.clone()],
        Test::Matches(_, patterns) => patterns.clone(),
        // A number that was typed by itself.
        Test::Within(_, ranges) if field.is_empty() => {
            let single = ranges.iter().filter(|(low, high)| low == high);
            single.map(|(number, _)| Pattern::new(vec![number.to_string()])).collect()
        }
        Test::Within(..) | Test::Missing(_) | Test::Is(..) => Vec::new(),
        Test::Any(tests) => tests.iter().flat_map(|test| patterns_of(test, field)).collect(),
    }
}

/// Whether a heading is the name of another field than this one.
fn names_another(heading: &str, field: &str) -> bool {
    let named = || lists::ALL.iter().filter_map(|(_, fields)| fields.find(heading));
    !field.is_empty() && named().next().is_some() && named().all(|named| named.name != field)
}

/// The ranges in order, those that overlap as one.
fn merged(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_unstable_by_key(|span| span.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Direction, Timestamp};
    use crate::filter::parse;
    use crate::text::time::Zone;

    #[test]
    fn what_matches_is_found_in_cells_and_lines() {
        let of = |typed: &str| {
            let fields = lists::sessions(Direction::Download);
            Highlights::of(&parse(typed, fields, Zone::Utc, Timestamp(0)).expect("understood").terms)
        };
        let marked = |text: &str, spans: Vec<Range<usize>>| {
            spans.into_iter().map(|span| text[span].to_owned()).collect::<Vec<_>>().join("|")
        };
        for (typed, text, cell, line) in [
            ("time", "A Timeout in time", "Time|time", "Time|time"),
            ("é", "É é é", "", ""),
            ("tion*cord", "Violation of a record, no cord", "tion|cord", "tion|cord"),
            ("store:S0131", "S0131", "S0131", "S0131"),
            ("store:S0131", "on S0131 and s01311", "", "S0131|s0131"),
            ("store:S01*,LON*", "S0131", "S01", ""),
            ("text:deadlock", "a deadlock", "deadlock", "deadlock"),
            ("1084971", "1084971", "1084971", "1084971"),
            ("1084971", "11084971", "", "1084971"),
            ("118,608", "118608", "118608", "118608"),
            ("118,608", "118,608", "118,608", "118,608"),
            ("-time status:failed session:7 a", "a time 7 failed", "", ""),
            ("ab abc", "xabcab", "abcab", "abcab"),
        ] {
            let found = of(typed);
            assert_eq!(marked(text, found.in_cell("Channel DB", text, text)), cell, "{typed}: {text}");
            assert_eq!(marked(text, found.in_line(text)), line, "{typed}: {text}");
        }
        let runs = parse("59699", lists::RUNS, Zone::Utc, Timestamp(0)).expect("understood");
        let found = Highlights::of(&runs.terms);
        assert_eq!(marked("59,699", found.in_cell("Read", "59,699", "59,699")), "59,699", "as it is shown");
        let cut = "S0…";
        assert_eq!(
            marked(cut, of("store:S01*").in_cell("Channel DB", "S0131", cut)),
            "",
            "what is cut off is not marked"
        );
        let in_column = |heading| marked("London 1", of("store:lon*").in_cell(heading, "London 1", "London 1"));
        assert_eq!(["Database", "Group", "Job"].map(in_column), ["Lon", "", ""]);
        assert_eq!(marked("London", of("lon").in_cell("Group", "London", "London")), "Lon", "a word is in any column");
    }
}
