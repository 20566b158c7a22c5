//! Tests of the form fields by their keys.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::view::theme::{ColorDepth, Theme};
use crate::console::widgets::date::DateField;
use crate::console::widgets::drop_down::DropDown;
use crate::console::widgets::field::{Field, FocusRing, LocalNow};
use crate::console::widgets::number::NumberField;
use crate::console::widgets::radio::Radio;
use crate::console::widgets::text::TextField;
use crate::console::widgets::tick::Tick;
use crate::console::widgets::time_of_day::TimeField;
use crate::console::widgets::weekday_row::WeekdayRow;
use crate::recurrence::Weekdays;
use chrono::{NaiveDate, NaiveTime};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

fn press(field: &mut impl Field, keys: &[Key]) -> Vec<bool> {
    let now = LocalNow { today: NaiveDate::default(), time: NaiveTime::MIN };
    keys.iter().map(|key| field.key(key, &now)).collect()
}

fn typed(field: &mut impl Field, text: &str) {
    text.chars().for_each(|c| drop(press(field, &[Key::Char(c)])));
}

fn row(field: &impl Field, focused: bool) -> String {
    let area = Rect::new(0, 0, 30, 1);
    let mut buffer = Buffer::empty(area);
    field.draw(&mut Painter::new(&mut buffer, area, Theme { depth: ColorDepth::Mono, ascii: false }), 0, 0, focused);
    let text: String = (0..30).map(|x| buffer[(x, 0)].symbol()).collect();
    text.trim_end().to_owned()
}

#[test]
fn the_first_digit_replaces_a_number_and_anything_but_digits_is_refused() {
    let mut number = NumberField::new("Jobs", 1..=999, 3);
    number.set("15");
    typed(&mut number, "78+");
    assert_eq!((number.text().as_str(), number.fault()), ("79", None));
    let digits = "Jobs: only digits, 1 to 999";
    for refused in [Key::Char('q'), Key::Char('.'), Key::Paste("1.5".to_owned()), Key::Paste("-5".to_owned())] {
        press(&mut number, std::slice::from_ref(&refused));
        assert_eq!((number.text().as_str(), number.fault().as_deref()), ("79", Some(digits)), "{refused:?}");
        press(&mut number, &[Key::Right]);
        assert_eq!(number.value(), Ok(79));
    }
    // 1.5 is not 15 until the operator has seen that it was not typed.
    press(&mut number, &[Key::Ctrl('u')]);
    typed(&mut number, "1.5");
    assert_eq!((number.text().as_str(), number.value()), ("15", Err(digits.to_owned())));
    press(&mut number, &[Key::Backspace]);
    assert_eq!(number.value(), Ok(1));
    number.set("79");
    // The minus of -5 steps, so the 5 is no number of its own.
    typed(&mut number, "-5");
    assert_eq!(number.text(), "78");
    assert!(number.fault().is_some_and(|fault| fault.contains("no sign")));
    press(&mut number, &[Key::Ctrl('u'), Key::Char('-')]);
    assert_eq!((number.text().as_str(), number.fault().as_deref()), ("", Some(digits)));
    press(&mut number, &[Key::Backspace, Key::Paste(" 7 ".to_owned())]);
    number.entered();
    press(&mut number, &[Key::Backspace]);
    typed(&mut number, "12345");
    assert_eq!(number.text(), "1234", "after an edit digits are appended, one more than the greatest number has");
    let range = Err("Jobs: a whole number, 1 to 999".to_owned());
    assert_eq!(number.value(), range, "the 5 was refused");
    press(&mut number, &[Key::Left]);
    assert_eq!(number.value(), range);
    number.set("1");
    typed(&mut number, "--");
    assert_eq!(number.text(), "1", "the minimum is 1");
    assert_eq!(row(&number, true), "►[1█  ]◄");
    assert_eq!(row(&number, false), " [1   ]");
}

#[test]
fn space_toggles_ticks_and_chooses_radio_buttons() {
    let mut tick = Tick::default();
    assert_eq!(press(&mut tick, &[Key::Char(' '), Key::Char('x'), Key::Enter]), [true, false, false]);
    assert!(tick.on);
    let mut radio = Radio::new(&["go on", "stop"], 2, 12);
    press(&mut radio, &[Key::Right]);
    assert_eq!((radio.chosen(), row(&radio, true).as_str()), (0, " (•) go on  ►( )◄stop"));
    press(&mut radio, &[Key::Right, Key::Char(' ')]);
    assert_eq!(radio.chosen(), 1);
}

#[test]
fn weekdays_are_toggled_by_number_w_and_space() {
    let mut days = WeekdayRow::default();
    typed(&mut days, "w6");
    assert_eq!(row(&days, true), " [x] [x] [x] [x] [x]►[x]◄[ ]");
    press(&mut days, &[Key::Right, Key::Char(' ')]);
    assert_eq!(days.days, Weekdays::ALL);
    typed(&mut days, "wwq8");
    assert!(days.days.is_empty());
}

#[test]
fn a_drop_down_opens_searches_chooses_and_closes() {
    fn search(typed: &str) -> Vec<String> {
        ["Always", "Errors only", "Never"]
            .into_iter()
            .filter(|word| word.to_lowercase().contains(typed))
            .map(str::to_owned)
            .collect()
    }
    let mut list = DropDown::new("Always", 12, search);
    assert_eq!(press(&mut list, &[Key::Enter, Key::Char('5'), Key::Right]), [false, false, true]);
    assert_eq!(list.value(), "Errors only");
    press(&mut list, &[Key::Char('n'), Key::Char('e'), Key::Down, Key::Enter]);
    assert_eq!((list.value(), list.is_open()), ("Never", false));
    press(&mut list, &[Key::Char(' '), Key::Up, Key::Up, Key::Esc]);
    assert_eq!((list.value(), list.is_open()), ("Never", false));
    press(&mut list, &[Key::Char('z'), Key::Enter]);
    assert_eq!((list.value(), list.is_open()), ("Never", true), "Enter without a match chooses nothing");
    assert_eq!(row(&list, false), " [Never      ▼]");
}

#[test]
fn a_long_text_shows_the_part_at_the_cursor_and_no_control_characters() {
    let mut text = TextField::new(10);
    press(&mut text, &[Key::Paste("磁盘空间不足 \u{1b}[2J and more".to_owned())]);
    assert_eq!(row(&text, true), "►[ and more█]◄");
    press(&mut text, &[Key::Home]);
    assert_eq!(row(&text, true), "►[█磁 盘 空 间  ]◄");
}

#[test]
fn the_focus_wraps_around_and_leaves_a_field_that_is_gone() {
    let mut ring = FocusRing::new('a');
    ring.step(&['a', 'b'], true);
    assert_eq!(ring.focused(), 'b');
    ring.step(&['a', 'b'], false);
    ring.go('x');
    ring.step(&['a', 'b'], false);
    assert_eq!(ring.focused(), 'a');
    ring.step(&[], false);
    assert_eq!(ring.focused(), 'a');
}

#[test]
fn a_date_is_typed_with_its_dashes_and_never_becomes_another() {
    for (keys, shown, is_date) in [
        ("2027-02-15", "2027-02-15", true),
        ("2027-2-05", "2027-02-05", true),
        ("20270215", "2027-02-15", true),
        ("12-24", "12  -24-30", false),
        ("2027-02-30", "2027-02-30", false),
        ("5", "5026-11-30", true),
        ("--", "2024-11-30", true),
        ("2027+", "2027-12-30", true),
        ("2027-02-30+-", "2027-02-30", false),
    ] {
        let mut date = DateField::new("Day");
        date.set("2026-11-30");
        typed(&mut date, keys);
        assert_eq!((date.text().as_str(), date.value().is_ok()), (shown, is_date), "{keys}");
    }
    let mut date = DateField::new("Day");
    date.set("2026-11-30");
    press(&mut date, &[Key::Ctrl('u')]);
    typed(&mut date, "2020-12-01");
    assert_eq!(date.text(), "2020-12-01");
    press(&mut date, &[Key::Ctrl('u'), Key::Char('-')]);
    assert_eq!(date.text(), "1970-01-01", "an empty field becomes today");
    press(&mut date, &[Key::Paste("2027-2-5".to_owned())]);
    assert_eq!(date.text(), "2027-02-05");
}

#[test]
fn an_incomplete_time_stays_as_typed() {
    let mut time = TimeField::new("Time");
    time.set("02:30");
    typed(&mut time, "4-5");
    assert_eq!((time.text().as_str(), time.value().is_ok()), ("04:50", true));
    press(&mut time, &[Key::Ctrl('u')]);
    assert!(time.value().is_err());
    typed(&mut time, "12");
    press(&mut time, &[Key::Char('+')]);
    assert_eq!((time.text().as_str(), time.value().is_err()), ("12:  ", true));
}

#[test]
fn a_date_or_time_refuses_what_it_cannot_read_and_says_what_it_takes() {
    let mut time = TimeField::new("Start time");
    let refusal = Some("Start time: only digits, such as 14:30; t is now".to_owned());
    for (typed_keys, shown) in [("1x30", "13:0 "), ("noon", ""), ("14:30 h", "14:30"), ("14:305", "14:30")] {
        time.set("");
        time.entered();
        typed(&mut time, typed_keys);
        assert_eq!(
            (time.text(), time.fault(), time.value().err()),
            (shown.to_owned(), refusal.clone(), refusal.clone())
        );
    }
    press(&mut time, &[Key::Left]);
    assert_eq!((time.fault(), time.value().is_ok()), (None, true), "moving ends the refusal");
    for pasted in ["noon", "1430x", "24.11.2026", ""] {
        press(&mut time, &[Key::Paste(pasted.to_owned())]);
        assert_eq!((time.text().as_str(), time.refusal()), ("14:30", refusal.clone()), "{pasted}");
    }
    press(&mut time, &[Key::Paste("9:15\n".to_owned())]);
    assert_eq!((time.text().as_str(), time.fault()), ("09:15", None));
    press(&mut time, &[Key::Home]);
    typed(&mut time, "2599");
    assert_eq!(time.fault().as_deref(), Some("Start time: no such time; write one such as 14:30"));
    press(&mut time, &[Key::Backspace]);
    assert_eq!(time.fault(), None, "it is being typed");
    assert_eq!(time.value(), Err("Start time: incomplete time; write one such as 14:30".to_owned()));
    press(&mut time, &[Key::Ctrl('u')]);
    assert_eq!(time.value(), Err("Start time: fill in a time such as 14:30".to_owned()));
}
