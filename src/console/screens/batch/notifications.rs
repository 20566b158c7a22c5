//! Notifications of the operator, newest first: the unread ones if there are some, otherwise all.
//! Leaving the list marks all as read.

use crate::batch::AlertEvent;
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, Notification};
use crate::console::protocol::effect::{Action, Effect};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::{BatchMutation, Mutation};
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::silences;
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, words,
};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column};
use crate::domain::to_json;
use crate::filter::{FieldSet, FieldValue, Subject, lists};

impl Keyed for Notification {
    type Key = i64;
    fn key(&self) -> i64 {
        self.notification_id
    }
}

static ORDERS: [SortOrder<Notification>; 3] = [
    ("When", |row| Rank::Number(row.at.0)),
    ("About", |row| words(about(row.event).0.trim_start_matches(|c: char| !c.is_alphabetic()))),
    ("What", |row| words(&row.text)),
];

static COLUMNS: [Column<Notification>; 3] = [
    column("When", 11).cell(|row, view| (view.zone.short(row.at, view.now), Role::Text)),
    column("About", 13).drop(1).cell(|row, _| about(row.event)),
    column("What", 12).cell(|row, _| (row.text.clone(), Role::Text)),
];

fn about(event: Option<AlertEvent>) -> (String, Role) {
    let (text, role) = match event {
        Some(AlertEvent::Ended) => ("√ Ended", Role::Good),
        Some(AlertEvent::Error) => ("× Error", Role::Bad),
        Some(AlertEvent::Canceled) => ("– Canceled", Role::Text),
        Some(AlertEvent::NotStarted) => ("» Not started", Role::Warn),
        Some(AlertEvent::RunsLong) => ("● Runs long", Role::Warn),
        Some(AlertEvent::Firing) => ("! Firing", Role::Warn),
        Some(AlertEvent::Resolved) => ("√ Resolved", Role::Good),
        Some(AlertEvent::SelfTest) => ("√ Test", Role::Good),
        None => ("", Role::Text),
    };
    (text.to_owned(), role)
}

impl Row for Notification {
    const NAME: &'static str = "notifications";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Newest first", "When");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &ORDERS;
    const FIELDS: &'static FieldSet = lists::NOTIFICATIONS;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn is_failure(&self) -> bool {
        !matches!(self.event, Some(AlertEvent::Ended | AlertEvent::Resolved | AlertEvent::SelfTest))
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }

    fn search_text(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}

/// The terms of a silence that holds alerts like this one back.
fn terms(row: &Notification) -> String {
    let event = row.event.map(|event| format!("event:{}", event.word()));
    let job = row.job_id.map(|job_id| format!("job:{job_id}"));
    job.into_iter().chain(event).collect::<Vec<_>>().join(" ")
}

/// Notifications of the operator.
#[derive(Default)]
pub struct Notifications {
    all: Vec<Notification>,
    /// Whether only unread ones are listed; `None` until the first answer.
    only_unread: Option<bool>,
}

impl Notifications {
    fn unread(&self) -> usize {
        self.all.iter().filter(|row| row.is_unread()).count()
    }

    fn listed(&self) -> Vec<Notification> {
        let only_unread = self.only_unread == Some(true);
        self.all.iter().filter(|row| !only_unread || row.is_unread()).cloned().collect()
    }
}

/// The actions on alerts like the one under the cursor.
fn actions(row: Option<&Notification>, view: &ViewContext) -> Vec<Action> {
    let list = Action::new('l', "List the silences", vec![Effect::Go(Route::Silences)]);
    let alerts = Action::new('t', "What alert rules found", vec![Effect::Go(Route::Alerts)]);
    vec![silences::start(&row.map(terms).unwrap_or_default(), view), list, alerts]
}

/// Opens the history of the job that it is about.
fn history(row: Option<&Notification>) -> Effect {
    match row.and_then(|row| row.job_id) {
        Some(job_id) => Effect::Go(Route::BatchHistory(format!("job:{job_id}"))),
        None => Effect::Say("this is about no batch job".to_owned()),
    }
}

impl RowSource for Notifications {
    type Row = Notification;
    const PATH: &'static [&'static str] = &["Home", "Notifications"];
    const COMMANDS: &'static [Command] = &[
        Command::Open,
        Command::Related,
        Command::ShowAll,
        Command::NextError,
        Command::PreviousError,
        Command::Actions,
    ];
    const NO_ERROR: &'static str = "none that is not a success";

    fn route(&self, _: &str) -> Route {
        Route::Notifications
    }

    fn query(&self, view: &ViewContext) -> Query {
        Query::Batch(BatchQuery::Notifications(view.operator.to_owned()))
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<Notification>> {
        let Answer::Batch(answer) = answer else { return None };
        let BatchAnswer::Notifications(rows) = *answer else { return None };
        self.all = rows;
        let any = self.unread() > 0;
        self.only_unread.get_or_insert(any);
        Some(self.listed())
    }

    fn leave(&mut self, view: &ViewContext) -> Vec<Effect> {
        let newest = self.all.iter().filter(|row| row.read_at.is_none()).map(|row| row.notification_id).max();
        let read = newest.filter(|_| view.read_only.is_none());
        read.map(|up_to| Effect::Mutation(Mutation::Batch(BatchMutation::NoteRead(up_to)))).into_iter().collect()
    }

    fn list_command(&self) -> ListCommand {
        Ok((if self.only_unread == Some(true) { "cdx notifications --unread" } else { "cdx notifications" }, true))
    }

    fn actions(&self, list: &SmallList<Notification>, view: &ViewContext) -> Option<ActionMenu> {
        Some(("Actions on alerts".to_owned(), actions(list.current(), view)))
    }

    fn perform_command(
        &mut self,
        command: Command,
        list: &mut SmallList<Notification>,
        view: &ViewContext,
    ) -> Option<Vec<Effect>> {
        Some(match command {
            Command::ShowAll => {
                self.only_unread = self.only_unread.map(|only_unread| !only_unread);
                list.take(Ok(self.listed()), view);
                Vec::new()
            }
            _ => vec![history(list.current())],
        })
    }

    fn copied(&self, row: &Notification) -> String {
        row.text.clone()
    }

    fn frame(&self, rows: &[Notification], view: &ViewContext) -> ListFrame<'static> {
        let remark = match self.only_unread {
            Some(true) => format!("{} unread", self.unread()),
            _ => format!("{} unread of {}", self.unread(), rows.len()),
        };
        let none = "No notifications. Alerts of a batch job ({place_7}, {actions}, t) create them.";
        ListFrame { title: "Notifications", remark, empty: (view.keys(none), Role::Dim), detail: |_| 6 }
    }

    fn marker(&self, row: &Notification, _: &ViewContext) -> char {
        match row.silence_id {
            Some(_) => 'z',
            None if row.read_at.is_none() => '*',
            None => ' ',
        }
    }

    fn describe(&self, row: &Notification, _: usize, view: &ViewContext) -> Details {
        describe(row, view)
    }

    fn notice(&self, _: Option<&Notification>, view: &ViewContext) -> String {
        view.keys(match self.only_unread {
            Some(true) => "Leaving the list marks all as read. {show_all} lists the read ones, too.",
            _ => "* unread; leaving the list marks all as read. {open}: history of the job.",
        })
    }
}

/// The notification in words, for the pane.
fn describe(row: &Notification, view: &ViewContext) -> Details {
    let fault = row.fault.iter().map(|fault| format!("! Not sent yet: {fault}"));
    let silence = row.silence_id.iter().map(|id| format!("z Not sent: silence {id} held it back."));
    let lines = std::iter::once(row.text.clone()).chain(fault).chain(silence);
    (view.zone.long(row.at), lines.map(|line| (line, Role::Text)).collect())
}
