//! Notes on clock changes.

use crate::domain::Timestamp;
use crate::recurrence::Rule;
use chrono_tz::Tz;

fn notes(words: &str, now: &str) -> Vec<String> {
    let now = Timestamp::parse_rfc3339(now).expect("an instant");
    let rule = Rule::from_words(words, now, Tz::Europe__Amsterdam).expect("a rule");
    let noted = (1..).zip(rule.preview(now, 10)).filter_map(|(number, run): (usize, _)| {
        run.note.map(|note| format!("{number} {}: {note}", rule.wall_clock(run.at)))
    });
    noted.collect()
}

#[test]
fn a_wall_clock_time_that_is_skipped_or_occurs_twice_is_noted() {
    assert_eq!(
        notes("daily 02:30", "2026-03-26T12:00:00Z"),
        ["3 Sun 2026-03-29 03:30 CEST: clocks go forward: 02:30 does not exist, it runs at 03:30 CEST"]
    );
    assert_eq!(
        notes("daily 02:30", "2026-10-22T12:00:00Z"),
        ["3 Sun 2026-10-25 02:30 CEST: clocks go back: 02:30 occurs twice, it runs the first time"]
    );
    assert_eq!(notes("daily 12:00", "2026-03-26T12:00:00Z"), [""; 0]);
}

#[test]
fn elapsed_time_goes_on_while_the_wall_clock_jumps() {
    assert_eq!(
        notes("hourly", "2026-03-28T22:30:00Z"),
        ["3 Sun 2026-03-29 03:00 CEST: clocks went forward from 02:00 to 03:00, so it is 03:00 CEST"]
    );
    assert_eq!(
        notes("every 30 min", "2026-10-24T23:10:00Z"),
        ["4 Sun 2026-10-25 02:00 CET: clocks went back from 03:00 to 02:00, so it is 02:00 CET"]
    );
    assert_eq!(notes("hourly utc", "2026-03-28T22:30:00Z"), [""; 0]);
}

#[test]
fn the_next_change_of_clocks_is_known() {
    let rule = |words: &str| Rule::from_words(words, Timestamp(1_795_483_142_000), Tz::UTC).expect("a rule");
    let change = |words: &str| rule(words).clocks_change_after(Timestamp(1_795_483_142_000));
    assert_eq!(change("hourly chicago"), Some(("14 Mar 2027".to_owned(), true)));
    assert_eq!(change("hourly lord howe"), Some(("4 Apr 2027".to_owned(), false)));
    assert_eq!(change("hourly utc"), None);
}

#[test]
fn a_zone_is_found_by_its_city_its_name_or_a_part() {
    use crate::recurrence::{zone_named, zones_like};
    assert_eq!(zone_named("new york"), Some(Tz::America__New_York));
    assert_eq!(zone_named("EUROPE/amsterdam"), Some(Tz::Europe__Amsterdam));
    assert_eq!(zone_named("utc"), Some(Tz::UTC));
    assert_eq!(zone_named("atlantis"), None);
    assert_eq!(zones_like("utc").first(), Some(&Tz::UTC));
    assert_eq!(zones_like("chi").first(), Some(&Tz::America__Chicago));
    assert_eq!(zones_like("lord howe"), [Tz::Australia__Lord_Howe]);
    assert_eq!(zones_like("").len(), chrono_tz::TZ_VARIANTS.len());
}
