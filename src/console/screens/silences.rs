//! Silences: which alerts are held back, until when, why, by which operator, and how many were.

use crate::batch::silence_filter;
use crate::console::protocol::effect::{Action, Confirm, Effect, Prompt};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Query, Silence};
use crate::console::protocol::route::Route;
use crate::console::screens::related;
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, words,
};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Timestamp, counted, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, lists};

/// A silence, and whether it is open.
#[derive(Clone)]
pub struct SilenceRow {
    silence: Silence,
    is_open: bool,
}

impl Keyed for SilenceRow {
    type Key = i64;
    fn key(&self) -> i64 {
        self.silence.silence_id
    }
}

static COLUMNS: [Column<SilenceRow>; 6] = [
    column("Until", 12).cell(|row, view| plain(view.zone.day(row.silence.ends_at(), view.now))),
    column("State", 7)
        .drop(2)
        .cell(|row, _| if row.is_open { ("! open".to_owned(), Role::Warn) } else { plain("ended") }),
    column("By", 9).up_to(16).drop(1).cell(|row, _| plain(&row.silence.created_by)),
    column("Held", 6).align_right().cell(|row, _| plain(grouped(row.silence.held_back))),
    column("Alerts", 14).up_to(40).cell(|row, _| plain(&row.silence.filter)),
    column("Reason", 16).cell(|row, _| plain(&row.silence.reason)),
];

impl Row for SilenceRow {
    const NAME: &'static str = "silences";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Open ones, then newest first", "");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Until", |row| Rank::Number(row.silence.ends_at().0)),
        ("State", |row| Rank::Number(i64::from(row.is_open))),
        ("By", |row| words(&row.silence.created_by)),
        ("Held", |row| Rank::Number(row.silence.held_back)),
        ("Alerts", |row| words(&row.silence.filter)),
        ("Reason", |row| words(&row.silence.reason)),
    ];
    const FIELDS: &'static FieldSet = lists::SILENCES;

    fn to_json(&self) -> serde_json::Value {
        to_json(&self.silence)
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        self.silence.field_value(field, self.is_open)
    }
}

/// The source of its rows.
pub struct Silences;

fn actions(row: Option<&SilenceRow>, view: &ViewContext) -> Vec<Action> {
    let mut actions = vec![start("", view)];
    if let Some(SilenceRow { silence, is_open }) = row {
        let id = silence.silence_id;
        let line = format!("Alerts that match {} are sent again.", silence.filter);
        let ask = Confirm::yes(format!("End silence {id}?"), line, vec![Effect::Mutation(Mutation::EndSilence(id))]);
        let ended = || (!is_open).then(|| "it has ended".to_owned());
        let refused = view.refusal().or_else(ended);
        actions.push(Action::new('e', "End it now…", vec![ask]).refused(refused));
        actions.push(related::changes_action(format!("on:\"silence {id}\"")));
    }
    actions
}

/// The action that starts a silence; the terms of its filter may be given.
pub fn start(terms: &str, view: &ViewContext) -> Action {
    let ask = Prompt::line("Silence alerts (job:3 event:late; * is every alert):", terms, |typed| {
        let filter = silence_filter(typed.text)?.to_string();
        Ok(vec![Prompt::line("Until, and why (2h or 06:00, then the reason):", "", move |typed| {
            let split = typed.zone.split_future(typed.text, typed.now);
            let (until, reason) = split.map_err(|error| format!("{error}; begin with 2h or 06:00, then the reason"))?;
            if reason.is_empty() {
                return Err("type the reason behind the time".to_owned());
            }
            Ok(vec![Effect::Mutation(Mutation::Silence(filter.clone(), until, reason.to_owned()))])
        })])
    });
    let refused = view.refusal();
    Action::new('s', "Silence alerts…", vec![ask]).refused(refused)
}

/// The silence in words, for the pane.
fn details(row: &SilenceRow, view: &ViewContext) -> Vec<(String, Role)> {
    let silence = &row.silence;
    let at = |at: Timestamp| view.zone.short(at, view.now);
    let text = |text: String| (text, Role::Text);
    let ended = silence.ended_at.zip(silence.ended_by.as_ref());
    let ends = ended
        .map_or_else(|| at(silence.until), |(ended, by)| format!("{}; ended by {by} {}", at(silence.until), at(ended)));
    vec![
        text(format!("Alerts     {}", silence.filter)),
        text(format!("Until      {ends}")),
        text(format!("Reason     {}", silence.reason)),
        text(format!("Made by    {} {}", silence.created_by, at(silence.created_at))),
        text(format!("Held back  {}", counted(silence.held_back, "alert"))),
        (view.keys("They are listed in Notifications ({notifications}), but not sent."), Role::Dim),
    ]
}

impl RowSource for Silences {
    type Row = SilenceRow;
    const PATH: &'static [&'static str] = &["Home", "Silences"];
    const COMMANDS: &'static [Command] = &[Command::Actions];

    fn route(&self, _: &str) -> Route {
        Route::Silences
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Silences
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn rows(&mut self, answer: Answer, view: &ViewContext) -> Option<Vec<SilenceRow>> {
        let Answer::Silences(silences) = answer else { return None };
        let row = |silence: Silence| SilenceRow { is_open: silence.is_open(view.now), silence };
        let (open, ended): (Vec<_>, Vec<_>) = silences.into_iter().map(row).partition(|row| row.is_open);
        Some(open.into_iter().chain(ended).collect())
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx silences --all", true))
    }

    fn actions(&self, list: &SmallList<SilenceRow>, view: &ViewContext) -> Option<ActionMenu> {
        Some(("Silences".to_owned(), actions(list.current(), view)))
    }

    fn copied(&self, row: &SilenceRow) -> String {
        row.silence.filter.clone()
    }

    fn frame(&self, rows: &[SilenceRow], view: &ViewContext) -> ListFrame<'static> {
        let open = rows.iter().filter(|row| row.is_open).count();
        ListFrame {
            title: "Silences",
            remark: format!("{open} open"),
            empty: (view.keys("No silences. {actions}, s holds alerts back until a time."), Role::Dim),
            detail: |_| 8,
        }
    }

    fn describe(&self, row: &SilenceRow, _: usize, view: &ViewContext) -> Details {
        (format!("Silence {}", row.silence.silence_id), details(row, view))
    }

    fn notice(&self, _: Option<&SilenceRow>, _: &ViewContext) -> String {
        "A silence holds back alerts; lists and Overview show everything.".to_owned()
    }
}
