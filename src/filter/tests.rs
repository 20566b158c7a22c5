use super::*;
use crate::domain::{Direction, Status, Timestamp};
use crate::text::time::Zone;
use proptest::prelude::*;

/// 2026-11-13 03:43:28 UTC.
const NOW: Timestamp = Timestamp(1_794_541_408_000);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// 2026-11-13.
const TODAY: i64 = 1_794_528_000_000;

fn downloads(typed: &str) -> Result<Filter, Fault> {
    parse(typed, lists::sessions(Direction::Download), Zone::Utc, NOW)
}

fn terms_of(typed: &str) -> Vec<(bool, Test)> {
    let filter = downloads(typed).unwrap_or_else(|fault| panic!("{typed}: {fault}"));
    filter.terms.into_iter().map(|term| (term.negated, term.test)).collect()
}

fn parts(parts: &[&str]) -> Pattern {
    Pattern::new(parts.iter().map(|part| (*part).to_owned()).collect())
}

#[test]
fn terms_become_tests() {
    use Test::{Anywhere, Is, Matches, Within};
    let word = |text| Anywhere(parts(&["", text, ""]));
    for (typed, negated, expected) in [
        ("timeout", false, word("timeout")),
        ("\"two words\"", false, word("two words")),
        ("-\"a:b\"", true, word("a:b")),
        ("time*out", false, Anywhere(parts(&["", "time", "out", ""]))),
        ("\"100*\"", false, word("100*")),
        ("\"1040\"", false, word("1040")),
        ("1084971", false, Within("session", vec![(1_084_971, 1_084_971)])),
        ("store:S0042", false, Matches("store", vec![parts(&["S0042"])])),
        ("DATABASE:S0042", false, Matches("store", vec![parts(&["S0042"])])),
        ("!store:LON*,\"S 7\"", true, Matches("store", vec![parts(&["LON", ""]), parts(&["S 7"])])),
        ("store:\"a,b*\"", false, Matches("store", vec![parts(&["a,b*"])])),
        ("store:\"a \"\"b\"\"\"", false, Matches("store", vec![parts(&["a \"b\""])])),
        ("text:\"duplicate key\"", false, Matches("text", vec![parts(&["", "duplicate key", ""])])),
        ("not store:S1", true, Matches("store", vec![parts(&["S1"])])),
        ("NOT timeout", true, word("timeout")),
        ("\"not\"", false, word("not")),
        ("(timeout)", false, word("(timeout)")),
        ("136450,136457", false, Within("session", vec![(136_450, 136_450), (136_457, 136_457)])),
        ("136450..136457", false, Within("session", vec![(136_450, 136_457)])),
        ("session:7..9,12", false, Within("session", vec![(7, 9), (12, 12)])),
        ("142150..", false, Within("session", vec![(142_150, i64::MAX)])),
        ("..142150", false, Within("session", vec![(i64::MIN, 142_150)])),
        ("rows:7..", false, Within("rows", vec![(7, i64::MAX)])),
        ("\"142150-142152\"", false, word("142150-142152")),
        ("..", false, word("..")),
        ("11-12..", false, Within("modified", vec![(TODAY - DAY, i64::MAX)])),
        ("4,098", false, Test::Any(vec![Within("session", vec![(4_098, 4_098)]), word("4,098")])),
        ("\"4,098\"", false, word("4,098")),
        ("rows>1,084", false, Within("rows", vec![(1_085, i64::MAX)])),
        ("rows:1,084", false, Within("rows", vec![(1_084, 1_084)])),
        ("rows:1,000..2,000", false, Within("rows", vec![(1_000, 2_000)])),
        ("rows:1,000..", false, Within("rows", vec![(1_000, i64::MAX)])),
        ("rows:5,7..9", false, Within("rows", vec![(5, 5), (7, 9)])),
        ("size>300kb", false, Within("size", vec![(300_001, i64::MAX)])),
        ("today", false, Within("modified", vec![(TODAY, TODAY + DAY - 1)])),
        ("2026-11-12", false, Within("modified", vec![(TODAY - DAY, TODAY - 1)])),
        ("11-12", false, Within("modified", vec![(TODAY - DAY, TODAY - 1)])),
        ("11-11..11-12", false, Within("modified", vec![(TODAY - 2 * DAY, TODAY - 1)])),
        ("modified:yesterday..today", false, Within("modified", vec![(TODAY - DAY, TODAY + DAY - 1)])),
        ("age<1h30m", false, Within("modified", vec![(NOW.0 - 3 * HOUR / 2 + 1, i64::MAX)])),
        ("age>1w", false, Within("modified", vec![(i64::MIN, NOW.0 - 7 * DAY - 1)])),
        ("since:yesterday", false, Within("modified", vec![(TODAY - DAY, i64::MAX)])),
        ("date:today", false, Within("modified", vec![(TODAY, TODAY + DAY - 1)])),
        ("error:lock", false, Matches("text", vec![parts(&["", "lock", ""])])),
        ("channel:S1", false, Matches("store", vec![parts(&["S1"])])),
        ("store:\"\"", false, Test::Missing("store")),
        ("!cause:\"\"", true, Test::Missing("cause")),
        ("cause:-17", false, Within("cause", vec![(-17, -17)])),
        ("cause:deadlock", false, Matches(CAUSE_TEXT, vec![parts(&["", "deadlock", ""])])),
        (
            "cause:\"after 30 s\",dead*lock",
            false,
            Matches(CAUSE_TEXT, vec![parts(&["", "after # s", ""]), parts(&["", "dead", "lock", ""])]),
        ),
        (
            "cause:deadlock,4711,-1..7",
            false,
            Test::Any(vec![
                Within("cause", vec![(4_711, 4_711), (-1, 7)]),
                Matches(CAUSE_TEXT, vec![parts(&["", "deadlock", ""])]),
            ]),
        ),
        ("cause:4,711", false, Within("cause", vec![(4, 4), (711, 711)])),
        ("status:failed", false, Is("status", vec!["apply_failed", "create_failed", "download_failed"])),
        ("status:Applied,\"no data\"", false, Is("status", vec!["applied", "no_data"])),
        ("status:*load*", false, Is("status", vec!["download_failed", "downloaded"])),
        ("status!=applied", true, Is("status", vec!["applied"])),
        ("rows>1000", false, Within("rows", vec![(1_001, i64::MAX)])),
        ("size>=1.5M", false, Within("size", vec![(1_500_000, i64::MAX)])),
        ("try<2", false, Within("try", vec![(i64::MIN, 1)])),
        ("try:2,3", false, Within("try", vec![(2, 2), (3, 3)])),
        ("-row_version:7", true, Within("version", vec![(7, 7)])),
        ("age<2h", false, Within("modified", vec![(NOW.0 - 2 * HOUR + 1, i64::MAX)])),
        ("age>=2h", false, Within("modified", vec![(i64::MIN, NOW.0 - 2 * HOUR)])),
        ("from:yesterday", false, Within("modified", vec![(TODAY - DAY, i64::MAX)])),
        ("to:yesterday", false, Within("modified", vec![(i64::MIN, TODAY - 1)])),
        ("modified>2026-11-12", false, Within("modified", vec![(TODAY, i64::MAX)])),
        ("modified:today", false, Within("modified", vec![(TODAY, TODAY + DAY - 1)])),
        ("applied<=\"2026-11-13 01:00\"", false, Within("applied", vec![(i64::MIN, TODAY + HOUR + 59_999)])),
        ("packages:no", false, Is("packages", vec!["no"])),
    ] {
        assert_eq!(terms_of(typed), [(negated, expected)], "{typed}");
    }
    assert_eq!(terms_of("  status:failed   S0042 ").len(), 2);
    assert_eq!(terms_of("status:failed and S0042"), terms_of("status:failed S0042"));
    assert_eq!(terms_of(" "), []);
}

#[test]
fn a_quoted_value_matches_only_itself() {
    let longest = "\u{7}".repeat(crate::domain::NAME_LIMIT);
    for value in ["S 1", "it's", "a\"b", "\"", "\"\"", "100%_*", "-x", "!", "a:b,c", "a\\", longest.as_str()] {
        let typed = format!("direction:download session:1 store:{}", quoted(value));
        let filter =
            parse(&typed, lists::MESSAGES, Zone::Utc, NOW).unwrap_or_else(|fault| panic!("{value:?}: {fault}"));
        let Test::Matches("store", patterns) = &filter.terms[2].test else { panic!("{filter:?}") };
        assert!(patterns[0].matches(value), "{value:?} {patterns:?}");
        let matches_longer_text = patterns[0].matches(&format!("{value}x"));
        assert!(patterns.len() == 1 && matches_longer_text == value.contains(char::is_control), "{value:?}");
    }
}

#[test]
fn an_unknown_word_is_marked_and_refused_with_suggestions() {
    for (typed, at, says) in [
        ("S0042 stor:LON", "stor:", "no field \"stor\"; did you mean store? known: status store"),
        ("status:failed,aplied", "aplied", "status cannot be \"aplied\"; did you mean applied? known: failed"),
        ("rows>many", "rows>many", "rows cannot be \"many\"; write rows:7, rows:7,9, rows:7..9, rows>1000"),
        ("rows:1,000,7", "rows:1,000,7", "write numbers without commas"),
        ("rows>1.000", "rows>1.000", "a dot may mean thousands or decimals: write 1,000 or 1000"),
        ("rows>1 000", "rows>1 000", "a number has no blank: write 1000 or 1,000"),
        ("142150-142152", "142150-142152", "write session:142150..142152 for a range"),
        ("142152..142150", "142152..142150", "no range from 142152 to 142150; write 142150..142152"),
        ("session:9..7", "session:9..7", "no range from 9 to 7; write 7..9"),
        ("11-12..11-11", "11-12..11-11", "no range from 11-12 to 11-11"),
        ("modified:today..yesterday", "modified:today..yesterday", "no range from today to yesterday"),
        ("x OR y", "OR", "terms have no or"),
        ("x and", "and", "and needs a term after it"),
        ("not", "not", "not needs a term after it"),
        ("not -x", "not", "one negation"),
        ("text:\"not closed", "text:\"not closed", "the quotation is not closed"),
        ("cause>deadlock", "cause>deadlock", "write cause:deadlock or cause:\"two words\""),
        ("cause:\"4711\"", "cause:\"4711\"", "cause cannot be \"4711\": causes mask numbers and names; write cause:"),
        ("cause:dead*4711", "cause:dead*4711", "causes mask numbers and names"),
        ("cause:deadlock,\"'S0042' -7\"", "cause:deadlock,\"'S0042' -7\"", "cause cannot be \"'S0042' -7\""),
        ("session:13645*", "session:13645*", "session:7..9"),
        ("age>1y", "age>1y", "units: s m h d w"),
        ("store>5", "store>5", "store has no order; write store:NAME"),
        ("age<soon", "age<soon", "write age<90m"),
        ("age:2h", "age:2h", "write age<90m"),
        ("modified>2h", "modified>2h", "write modified>2026-11-20"),
        ("from>today", "from>today", "from takes a colon"),
        ("store:", "store:", "store needs a value"),
        ("status:applied,", "status:applied,", "status needs a value"),
        ("to:2026-02-30", "to:2026-02-30", "to cannot be \"2026-02-30\""),
        (">5", ">", "quote the text to look for it"),
        ("!", "!", "\"!\" needs a term after it, such as !timeout"),
        ("\"\"", "\"\"", "lacks the text"),
        ("!!x", "!!x", "one ! or - negates"),
        ("-status!=applied", "-status!=applied", "one negation"),
        ("http://x", "http:", "no field \"http\"; known: "),
        ("x\u{7}y", "\u{7}", "control characters"),
    ] {
        let fault = downloads(typed).expect_err(typed);
        assert_eq!(&typed[fault.at.clone()], at, "{typed}: {fault}");
        assert!(fault.text.contains(says), "{typed}: {fault}");
    }
    assert!(downloads(&"x ".repeat(MAX_FILTER_BYTES)).is_err());
    assert!(downloads(&"x ".repeat(MAX_TERMS + 1)).is_err() && downloads(&"x ".repeat(MAX_TERMS)).is_ok());
}

#[test]
fn suggestions_resemble_the_typed_word() {
    let of = |typed: &str, fields| parse(typed, fields, Zone::Utc, NOW).expect_err(typed).text;
    assert!(!of("trigger:x", lists::REJECTED).contains("did you mean"));
    assert!(of("reasn:x", lists::SILENCES).contains("no field \"reasn\""));
    assert!(of("stat:x", lists::RUNS).contains("did you mean status?"));
    assert!(of("staus:x", lists::RUNS).contains("did you mean status?"));
}

#[test]
fn a_list_has_only_fields_that_its_rows_have() {
    let is_known = |typed: &str, fields| parse(typed, fields, Zone::Utc, NOW).is_ok();
    for typed in ["text:timeout", "rows>7"] {
        assert_eq!([is_known(typed, lists::STATES), is_known(typed, lists::MATRIX)], [true, false], "{typed}");
    }
}

#[test]
fn columns_that_show_an_age_or_a_time_ahead_compare_with_either() {
    let range = |typed: &str, fields| match parse(typed, fields, Zone::Utc, NOW).expect(typed).terms.remove(0).test {
        Test::Within(field, ranges) => (field, ranges[0]),
        test => panic!("{test:?}"),
    };
    assert_eq!(range("last<2h", lists::CAUSES), ("last", (NOW.0 - 2 * HOUR + 1, i64::MAX)));
    assert_eq!(range("last>2026-11-12", lists::CAUSES), ("last", (TODAY, i64::MAX)));
    assert_eq!(range("due<2h", lists::JOBS), ("due", (i64::MIN, NOW.0 + 2 * HOUR - 1)));
    assert_eq!(range("next:today", lists::JOBS), ("next", (TODAY, TODAY + DAY - 1)));
    assert_eq!(range("new:yes", lists::CAUSES), ("first", (NOW.0 - DAY, i64::MAX)));
    let default = parse("group:default", lists::JOBS, Zone::Utc, NOW).expect("understood").terms.remove(0).test;
    assert_eq!(default, Test::Matches("group", vec![parts(&[""])]));
}

#[test]
fn every_status_can_be_filtered_and_field_names_are_unique() {
    for direction in Direction::ALL {
        for status in Status::all(direction) {
            for fields in [lists::sessions(direction), lists::MESSAGES] {
                let typed = format!("status:{}", status.word());
                let filter = parse(&typed, fields, Zone::Utc, NOW).expect("known");
                assert_eq!(filter.terms[0].test, Test::Is("status", vec![status.word()]));
                let failed = parse("status:failed", fields, Zone::Utc, NOW).expect("known");
                let Test::Is(_, words) = &failed.terms[0].test else { panic!("{failed:?}") };
                assert_eq!(words.contains(&status.word()), status.is_failed(), "{status}");
            }
        }
    }
    for (list, fields) in lists::ALL {
        let mut names: Vec<_> =
            fields.fields.iter().flat_map(|field| std::iter::once(&field.name).chain(field.synonyms)).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{list}");
        let instants = fields.fields.iter().filter_map(|field| match field.kind {
            Kind::Age(of) | Kind::From(of) | Kind::To(of) => Some(of),
            _ => None,
        });
        for name in instants.chain(fields.bare_number) {
            assert!(fields.find(name).is_some_and(|field| field.name == name), "{list}: {name}");
        }
    }
}

/// Text in which terms are likely.
fn typed() -> impl Strategy<Value = String> {
    let field = prop::sample::select(vec!["status", "store", "rows", "age", "from", "modified", "text", "x", ""]);
    let operator = prop::sample::select(vec![":", "<", "<=", ">", ">=", "=", "!=", "", " "]);
    let value = prop_oneof![
        "[a-z0-9*,\"!:< é-]{0,8}",
        prop::sample::select(vec!["failed", "LON*", "1.5M", "2h", "yesterday", "2026-11-20", "-7", "\"a b\""])
            .prop_map(str::to_owned),
    ];
    let term = ("[!-]{0,2}", field, operator, value)
        .prop_map(|(negation, field, operator, value)| format!("{negation}{field}{operator}{value}"));
    prop_oneof![prop::collection::vec(term, 0..5).prop_map(|terms| terms.join(" ")), any::<String>()]
}

proptest! {
    #[test]
    fn no_text_panics_and_the_display_of_a_filter_parses_to_the_same_filter(typed in typed()) {
        for (list, fields) in lists::ALL {
            match parse(&typed, fields, Zone::Utc, NOW) {
                Ok(filter) => {
                    let again = parse(&filter.to_string(), fields, Zone::Utc, NOW);
                    prop_assert_eq!(again.as_ref(), Ok(&filter), "{}: {:?}", list, typed);
                }
                Err(fault) => {
                    prop_assert!(typed.get(fault.at.clone()).is_some_and(|word| !word.is_empty()), "{:?} {:?}", typed, fault);
                    prop_assert!(!fault.text.contains('\n'));
                }
            }
        }
    }
}
