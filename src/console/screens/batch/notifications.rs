//! Notifications of the operator, newest first: the unread ones if there are some, otherwise all.
//! Leaving the list marks all as read.

use crate::batch::AlertEvent;
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, Notification};
use crate::console::protocol::effect::{Action, Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::screen::Screen;
use crate::console::screens::silences;
use crate::console::screens::small_list::{Around, Details, Rank, Row, SmallList, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
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
pub struct Notifications {
    list: SmallList<Notification>,
    all: Vec<Notification>,
    /// Whether only unread ones are listed; `None` until the first answer.
    only_unread: Option<bool>,
}

impl Notifications {
    /// The list before its first answer.
    pub fn new(memory: &SavedState) -> Self {
        Self { list: SmallList::new(memory), all: Vec::new(), only_unread: None }
    }

    fn unread(&self) -> usize {
        self.all.iter().filter(|row| row.is_unread()).count()
    }

    fn take(&mut self, rows: Vec<Notification>, view: &ViewContext) {
        self.all = rows;
        let any = self.unread() > 0;
        self.only_unread.get_or_insert(any);
        self.list.take(Ok(self.shown()), view);
    }

    fn shown(&self) -> Vec<Notification> {
        let only_unread = self.only_unread == Some(true);
        self.all.iter().filter(|row| !only_unread || row.is_unread()).cloned().collect()
    }

    fn history(&self) -> Vec<Effect> {
        match self.list.current().and_then(|row| row.job_id) {
            Some(job_id) => vec![Effect::Go(Route::BatchHistory(format!("job:{job_id}")))],
            None => vec![Effect::Say("this is about no batch job".to_owned())],
        }
    }
}

impl Screen for Notifications {
    fn path(&self) -> Vec<&'static str> {
        vec!["Home", "Notifications"]
    }

    fn route(&self) -> Route {
        Route::Notifications
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Batch(BatchQuery::Notifications(view.operator.to_owned())))]
    }

    fn tick(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.load(view)
    }

    fn leave(&mut self, view: &ViewContext) -> Vec<Effect> {
        let newest = self.all.iter().filter(|row| row.read_at.is_none()).map(|row| row.notification_id).max();
        let read = newest.filter(|_| !view.read_only);
        read.map(|up_to| Effect::Mutation(Mutation::Batch(BatchMutation::NoteRead(up_to)))).into_iter().collect()
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<Notification>::offers(command)
            || matches!(command, Command::Open | Command::Related | Command::Copy | Command::ShowAll)
            || matches!(command, Command::NextError | Command::PreviousError | Command::Actions)
            || command == Command::CopyCommand
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::NextError | Command::PreviousError => {
                let forward = command == Command::NextError;
                Some(self.list.find_around(forward, "none that is not a success", Row::is_failure))
            }
            Command::Actions => {
                let terms = self.list.current().map(terms).unwrap_or_default();
                let list = Action::new('l', "List the silences", vec![Effect::Go(Route::Silences)]);
                let alerts = Action::new('t', "What alert rules found", vec![Effect::Go(Route::Alerts)]);
                let actions = vec![silences::start(&terms, view), list, alerts];
                Some(vec![Effect::Actions("Actions on alerts".to_owned(), actions)])
            }
            Command::ShowAll => {
                self.only_unread = self.only_unread.map(|only_unread| !only_unread);
                self.list.take(Ok(self.shown()), view);
                Some(Vec::new())
            }
            Command::Open | Command::Related => Some(self.history()),
            Command::CopyCommand => {
                let unread = if self.only_unread == Some(true) { " --unread" } else { "" };
                Some(self.list.copy_command(&format!("cdx notifications{unread}"), true))
            }
            Command::Copy => Some(self.list.current().map(|row| Effect::Copy(row.text.clone())).into_iter().collect()),
            _ => self.list.perform_command(command, view),
        }
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        Some(self.list.list_state(view))
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Batch(answer)) => {
                if let BatchAnswer::Notifications(rows) = *answer {
                    self.take(rows, view);
                }
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let remark = match self.only_unread {
            Some(true) => format!("{} unread", self.unread()),
            _ => format!("{} unread of {}", self.unread(), self.list.rows().len()),
        };
        let none = "No notifications. Alerts of a batch job ({place_7}, {actions}, t) create them.";
        let around = Around { title: "Notifications", remark, empty: (view.keys(none), Role::Dim), detail: |_| 6 };
        let sign = |row: &Notification| match row.silence_id {
            Some(_) => 'z',
            None if row.read_at.is_none() => '*',
            None => ' ',
        };
        self.list.draw(painter, view, &around, sign, |row, _| describe(row, view));
    }

    fn notice(&self, view: &ViewContext) -> String {
        let notice = view.keys(match self.only_unread {
            Some(true) => "Leaving the list marks all as read. {show_all} lists the read ones, too.",
            _ => "* unread; leaving the list marks all as read. {open}: history of the job.",
        });
        self.list.notice(notice, view)
    }
}

/// The notification in words, for the pane.
fn describe(row: &Notification, view: &ViewContext) -> Details {
    let fault = row.fault.iter().map(|fault| format!("! Not sent yet: {fault}"));
    let silence = row.silence_id.iter().map(|id| format!("z Not sent: silence {id} held it back."));
    let lines = std::iter::once(row.text.clone()).chain(fault).chain(silence);
    (view.zone.long(row.at), lines.map(|line| (line, Role::Text)).collect())
}
