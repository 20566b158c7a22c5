//! How it looks at three sizes and at odd ones.

use crate::console::forms::recurrence::tests::*;

#[test]
fn the_form_of_weeks() {
    let mut form = form();
    press(&mut form, "every 2 weeks on sunday 02:30 chicago⇤⇤⇤");
    insta::assert_snapshot!(at_all_sizes(&mut form));
}

#[test]
fn an_empty_form() {
    insta::assert_snapshot!(at_all_sizes(&mut form()));
}

#[test]
fn the_form_of_minutes_with_faults() {
    let mut form = RecurrenceForm::new(
        "Status of \u{1b}[2JHouston",
        Some(&rule("every 5 min between 22:00 and 06:00 on mon,wed")),
        NOW,
        HOME,
        Some(RecentRuns { count: 20, longest_ms: 540_000, shortest_ms: 9_000 }),
    );
    let fine = at_all_sizes(&mut form);
    press(&mut form, "⇥⇥20270230⇥⇥⇥⇥20260101⇥⇥⇥⌃");
    insta::assert_snapshot!(fine + &at_all_sizes(&mut form));
}

#[test]
fn the_form_of_months_years_and_an_open_list() {
    let mut form = form();
    press(&mut form, "last weekday of december 23:30⇥chi");
    let zones = at_all_sizes(&mut form);
    press(&mut form, "⎋⇥⇥⇥⇥⇥⇥⇥⇥⇥⇥ ");
    insta::assert_snapshot!(zones + &at_all_sizes(&mut form));
}

#[test]
fn in_ascii_every_line_of_it_is_ascii() {
    let mut form = over("hourly 18:00-08:00 lord howe");
    let text: String = ROOMS.into_iter().map(|room| drawn(&mut form, room, true)).collect();
    let shown: String = text.lines().filter(|line| line.starts_with('|')).collect();
    assert!(shown.is_ascii(), "{text}");
}

#[test]
fn no_size_however_odd_makes_it_fail() {
    for words in ["daily 6:00", "15m wd", "24 december", "last friday monthly", "every 3 weeks on sun"] {
        let mut form = over(words);
        for width in [0, 1, 30, 59, 60, 79, 80, 81, 110, 200] {
            for height in [0, 1, 4, 10, 11, 19, 20, 29, 30, 80] {
                drawn(&mut form, (width, height), false);
            }
        }
    }
}

#[test]
fn a_narrow_but_high_terminal_lists_five_runs() {
    let mut form = over("hourly lord howe");
    insta::assert_snapshot!(drawn(&mut form, (60, 26), false));
}

#[test]
fn the_quick_line_does_not_claim_what_was_changed_by_hand() {
    let mut form = form();
    press(&mut form, "15m wd");
    assert!(drawn(&mut form, (80, 20), false).contains("√ understood"));
    press(&mut form, "⇤⇤⇤7");
    let text = drawn(&mut form, (80, 20), false);
    assert!(text.contains("changed below") && !text.contains("√ understood"), "{text}");
}

#[test]
fn four_letters_no_letters_and_widths_between() {
    let mut shown = drawn(&mut over("daily 9:00 sydney"), (80, 20), false);
    shown += &drawn(&mut over("every 90 min kathmandu"), (100, 22), false);
    let mut form = over("weekly sun");
    press(&mut form, "⇥⇥⇥⇥⇥⇥⇥⇥⇥7");
    shown += &drawn(&mut form, (60, 11), false);
    insta::assert_snapshot!(shown);
}

#[test]
fn the_word_that_is_not_understood_is_marked_where_it_stands() {
    let marked = |keys: &str| {
        let mut form = form();
        press(&mut form, keys);
        let area = Rect::new(0, 0, 80, 20);
        let mut buffer = Buffer::empty(area);
        form.draw(&mut Painter::new(&mut buffer, area, Theme { depth: ColorDepth::Sixteen, ascii: false }), &view());
        let red = |x: &u16| buffer[(*x, 1)].fg == ratatui::style::Color::Red && *x < 60;
        (0..80).filter(red).map(|x| buffer[(x, 1)].symbol().to_owned()).collect::<String>()
    };
    assert_eq!(marked("every 2 fortnigts on sunday"), "fortnigts");
    assert_eq!(marked("every 2 fortnigts on sunday⇥"), "fortnigts", "also from another field");
    assert_eq!(marked("every 2 fortnigts on sunday←←←←←←←←←←←←←←←←←←←←←←←"), "fortnigts", "the cursor before it");
    assert_eq!(marked("every 2 fortnigts on sunday←←←←←←←←←←←←"), "fortnig█ts", "the cursor inside");
    assert_eq!(marked("every 15 min"), "");
}
