//! What keys come to.

use crate::console::forms::recurrence::tests::*;

#[test]
fn every_15_minutes_on_weekdays_takes_eight_keys() {
    let keys = "15m wd⏎⏎";
    assert!(keys.chars().count() <= 15);
    assert_eq!(
        ended(&mut form(), keys),
        "Every 15 minutes on weekdays, from 24 Nov 2026 at 02:30 Amsterdam time, without end."
    );
    // By hand, from the fields: past the quick line to the weekdays, then OK.
    let by_hand = "⇤⇤⇤w⏎⏎";
    assert_eq!(
        ended(&mut form(), by_hand),
        "Every 15 minutes on weekdays, from 24 Nov 2026 at 02:30 Amsterdam time, without end."
    );
}

#[test]
fn space_offers_common_quick_lines_until_one_is_edited() {
    let mut form = form();
    press(&mut form, " ");
    assert_eq!(form.fields.quick.text(), "15m weekdays");
    press(&mut form, "  ");
    assert_eq!(form.fields.quick.text(), "1h");
    press(&mut form, "⌫h ");
    assert_eq!(form.fields.quick.text(), "1h ", "after an edit Space is a blank");
    for quick in COMMON {
        Rule::from_words(quick, NOW, HOME).expect(quick);
    }
    assert_eq!(
        ended(&mut super::form(), " ⏎⏎"),
        "Every 15 minutes on weekdays, from 24 Nov 2026 at 02:30 Amsterdam time, without end."
    );
}

#[test]
fn the_fields_are_filled_by_hand() {
    // Zone by letters, date and time typed over, weeks chosen, every second, Sunday ticked.
    let keys = "⇥chicago⏎⇥20261206⇥0230⇥⇥⇥⇥→→→ ⇥2⇥7⏎⏎";
    assert_eq!(
        ended(&mut form(), keys),
        "Every 2 weeks on Sunday at 02:30 Chicago time, from 6 Dec 2026, without end."
    );
    // The last Friday of each month, ten times.
    let keys = "⇥⇥⇥2330⇥⇥10⇥⇥→→→→ ⇥1⇥⇥----++++⇥fri⏎⏎⏎";
    assert_eq!(
        ended(&mut form(), keys),
        "Every month on the last Friday at 23:30 Amsterdam time, from 24 Nov 2026, 10 times."
    );
    // A day of a year by its month, until a day.
    let keys = "⇥⇥⇥⇥⇥⇥20291231⇥→→→→→ ⇥1⇥dec⏎⇥24⏎⏎";
    assert_eq!(
        ended(&mut form(), keys),
        "Every year on 24 December at 02:30 Amsterdam time, from 24 Nov 2026, until 31 Dec 2029."
    );
    // Hours between two times.
    let keys = "⇥⇥⇥⇥⇥⇥⇥→ ⇥1⇥18:⇥8:00⏎⏎";
    let mut form = form();
    assert_eq!(
        ended(&mut form, keys),
        "FormEnd::Stay".replace("FormEnd::", ""),
        "18: alone is no time: {}",
        form.notice(NOW)
    );
    assert_eq!(form.notice(NOW), "Not yet: From: invalid time (hh:mm).");
    assert_eq!(
        ended(&mut form, "1800⏎⏎"),
        "Every hour between 18:00 and 08:00 Amsterdam time, from 24 Nov 2026 at 02:30, without end."
    );
}

#[test]
fn a_date_steps_part_by_part_and_t_is_today() {
    let mut form = form();
    press(&mut form, "⇥⇥+");
    assert_eq!(form.fields.start_date.text(), "2027-11-24");
    press(&mut form, "→→→→+++");
    assert_eq!(form.fields.start_date.text(), "2028-02-24");
    press(&mut form, "→→------------------------");
    assert_eq!(form.fields.start_date.text(), "2028-01-31");
    press(&mut form, "t");
    assert_eq!(form.fields.start_date.text(), "2026-11-24");
    press(&mut form, "⇥t-");
    assert_eq!(form.fields.start_time.text(), "01:19");
    press(&mut form, "→→--------------------");
    assert_eq!(form.fields.start_time.text(), "00:59");
    press(&mut form, "⌃9:50");
    assert_eq!(form.fields.start_time.text(), "09:50");
    press(&mut form, "qp!x");
    assert_eq!(form.fields.start_time.text(), "09:50");
}

#[test]
fn the_quick_line_takes_every_letter_and_leaves_nothing_of_half_a_word() {
    let mut form = form();
    press(&mut form, "daily 6:00");
    assert_eq!(form.fields.draft().start_time, "06:00");
    press(&mut form, "?q");
    assert_eq!(form.fields.quick.text(), "daily 6:00?q");
    assert_eq!(form.fields.draft(), form.opened, "what is not understood fills nothing");
    assert_eq!(form.notice(NOW), r#"cannot read "6:00?q"; try 15m, daily 06:00, weekdays 02:00."#);
    assert_eq!(press(&mut form, "⏎⏎⏎"), FormEnd::Stay);
    assert_eq!(press(&mut form, "⇤⏎"), FormEnd::Stay, "Cancel asks, as Esc does");
    assert_eq!(form.notice(NOW), "Discard the changes? y = yes, any other key = no");
    assert_eq!(press(&mut form, "y"), FormEnd::Cancel);
    // OK comes back to what is not understood.
    let mut form = self::form();
    assert_eq!(press(&mut form, "fortnigt⇥⏎⏎"), FormEnd::Stay);
    assert_eq!(
        form.notice(NOW),
        "Quick entry: cannot read \"fortnigt\"; try 15m, daily 06:00, weekdays 02:00; correct it or clear it"
    );
    assert_eq!(ended(&mut form, "⌃⏎⏎"), "Every 15 minutes, from 24 Nov 2026 at 02:30 Amsterdam time, without end.");
}

#[test]
fn a_pasted_line_is_no_enter() {
    let mut form = form();
    assert_eq!(form.key(&Key::Paste("15m wd\n\n".to_owned()), &view()), FormEnd::Stay);
    assert_eq!(form.ring.focused(), FieldId::Quick);
    assert_eq!(form.fields.draft().rule().expect("a rule").words(), "every 15 minutes on weekdays");
}

#[test]
fn esc_asks_only_if_something_has_changed() {
    assert_eq!(press(&mut form(), "⎋"), FormEnd::Cancel);
    assert_eq!(press(&mut form(), "⇥⇥⎋"), FormEnd::Cancel);
    let mut form = form();
    assert_eq!(press(&mut form, "daily⎋"), FormEnd::Stay);
    assert_eq!(form.notice(NOW), "Discard the changes? y = yes, any other key = no");
    assert_eq!(press(&mut form, "⎋"), FormEnd::Stay);
    assert_eq!(press(&mut form, "⏎⎋⏎"), FormEnd::Stay, "Enter throws nothing away");
    assert_eq!(press(&mut form, "⎋y"), FormEnd::Cancel);
    // In an open list Esc closes the list.
    let mut form = self::form();
    assert_eq!(press(&mut form, "⇥ ⎋"), FormEnd::Stay);
    assert_eq!(press(&mut form, "⎋"), FormEnd::Cancel);
}

#[test]
fn a_recurrence_is_removed_and_one_that_is_over_is_not_taken() {
    assert_eq!(press(&mut over("daily 6:00"), "⇤⇤⇤⏎"), FormEnd::Ok(None));
    assert_eq!(press(&mut over("daily 6:00"), "⏎←⏎"), FormEnd::Ok(None));
    assert_eq!(press(&mut form(), "⏎←⏎"), FormEnd::Cancel, "there is nothing to remove");
    let mut form = over("daily 6:00 from 2020-01-01 until 2020-02-01");
    assert_eq!(press(&mut form, "⏎⏎"), FormEnd::Stay);
    assert_eq!(form.notice(NOW), "The rule has no occurrence from now on; change it or choose Cancel");
}

#[test]
fn what_holds_everywhere_passes_and_nothing_else_does() {
    let mut form = form();
    for key in [Key::F(1), Key::Ctrl('c'), Key::Ctrl('l'), Key::Ctrl('z')] {
        assert_eq!(form.key(&key, &view()), FormEnd::Pass);
    }
    press(&mut form, "⇥⇥");
    assert_eq!(form.key(&Key::Char('?'), &view()), FormEnd::Pass);
    for key in "qpm:!uz1".chars().filter(|c| !c.is_ascii_digit()) {
        assert_eq!(form.key(&Key::Char(key), &view()), FormEnd::Stay);
    }
    assert_eq!(form.fields.draft(), form.opened);
}
