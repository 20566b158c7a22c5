//! Recent errors by cause: what is still broken, since when, where.

mod rows;

use crate::console::protocol::effect::Effect;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, CauseFacts, CauseLine, Choose, Query, TREND_COLUMNS};
use crate::console::protocol::route::Route;
use crate::console::screens::open_sessions::open_cause;
use crate::console::screens::overview::start_of_trends;
use crate::console::screens::related;
use crate::console::screens::session_actions::{self, KnownCause, Target};
use crate::console::screens::small_list::{ActionMenu, Details, ListCommand, ListFrame, RowSource, SmallList};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{Timestamp, counted, grouped};
use rows::{CauseRow, details, title};
use std::collections::HashMap;

/// Causes that half of a screen of 24 rows shows; more get one of its pane's rows.
const MANY_CAUSES: usize = 8;

/// The days that the list covers.
const LISTED_DAYS: i64 = 1;

fn known(cause: &CauseLine, view: &ViewContext) -> KnownCause {
    let taken = Some(cause.taken_at(view.now).is_some());
    KnownCause { digest: cause.digest, muted: Some(cause.muted.is_some()), taken }
}

/// How the screen was opened.
#[derive(Clone, Copy, Default)]
enum Opened {
    /// From the menu or the palette.
    #[default]
    ByMenu,
    /// By another screen, with a filter.
    ByScreen,
}

/// The source of its rows.
#[derive(Default)]
pub struct Errors {
    causes: Vec<CauseLine>,
    trends: HashMap<i64, [i64; TREND_COLUMNS]>,
    facts: HashMap<i64, CauseFacts>,
    /// Whether these were read before the causes were read again: they are shown until they are
    /// read, too.
    facts_are_old: bool,
    loaded_at: Timestamp,
    /// Whether the list was given other causes, not only their trends.
    has_new_causes: bool,
    /// Whether the cursor was put on the newest failure; from then on the operator moves it.
    is_placed: bool,
    opened: Opened,
}

impl Errors {
    /// The source for another screen, which opens it with a filter.
    pub fn for_visit() -> Self {
        Self { opened: Opened::ByScreen, ..Self::default() }
    }

    /// Asks where the cause is open.
    fn ask_facts(&self, cause: Option<i64>) -> Vec<Effect> {
        let ask = |cause| Effect::Ask(Query::CauseFacts(cause, self.loaded_at.minus_days(LISTED_DAYS)));
        cause.map(ask).into_iter().collect()
    }
}

/// Puts the cursor on the cause that failed last, whatever the order.
fn place(list: &mut SmallList<CauseRow>) {
    let shown = list.shown().filter(|line| line.cause.muted.is_none());
    let newest = shown.max_by_key(|line| line.cause.last_at).map(|line| line.cause.digest);
    if list.current().map(|line| line.cause.digest) != newest {
        list.find(true, |line| Some(line.cause.digest) == newest);
    }
}

fn actions(cause: &CauseLine, view: &ViewContext) -> ActionMenu {
    let open = usize::try_from(cause.open).unwrap_or(0);
    let target = Target { one: None, count: open, choose: Choose::OpenOf(cause.digest), can_cancel: true };
    let mut actions = session_actions::actions(&target, Some(known(cause, view)), COMMAND.to_owned(), view);
    actions.push(related::changes_action(format!("cause:{}", cause.digest)));
    let title = match cause.open {
        0 => "Actions on the cause".to_owned(),
        1 => "Actions on the open session of the cause".to_owned(),
        open => format!("Actions on the {} open sessions of the cause", grouped(open)),
    };
    (title, actions)
}

/// Its messages since an instant, or all of them if there is none since.
fn messages(cause: &CauseLine, since: Timestamp) -> Effect {
    let since = if cause.errors > 0 { format!(" from:{}", since.to_rfc3339()) } else { String::new() };
    Effect::Go(Route::Messages(format!("cause:{}{since}", cause.digest)))
}

const COMMAND: &str = "cdx errors --since 24h";

impl RowSource for Errors {
    type Row = CauseRow;
    const PATH: &'static [&'static str] = &["Retail", "Inquiries", "Commerce Data Exchange", "Recent errors"];
    const COMMANDS: &'static [Command] = &[
        Command::NextError,
        Command::PreviousError,
        Command::Open,
        Command::Related,
        Command::Explain,
        Command::Actions,
    ];
    const NO_ERROR: &'static str = "no cause";

    fn route(&self, filter: &str) -> Route {
        match self.opened {
            Opened::ByMenu => Route::Errors,
            Opened::ByScreen => Route::ErrorsWith(filter.to_owned()),
        }
    }

    fn query(&self, view: &ViewContext) -> Query {
        Query::Causes(view.now.minus_days(LISTED_DAYS))
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.loaded_at = view.now;
        self.facts_are_old = true;
        vec![Effect::Ask(self.query(view)), Effect::Ask(Query::Trends(start_of_trends(view.now)))]
    }

    fn rows(&mut self, answer: Answer, view: &ViewContext) -> Option<Vec<CauseRow>> {
        match answer {
            Answer::Causes(causes) => (self.causes, self.has_new_causes) = (causes, true),
            Answer::Trends(trends) => self.trends = trends.into_iter().collect(),
            Answer::CauseFacts(cause, facts) => {
                self.facts.insert(cause, facts);
                return None;
            }
            _ => return None,
        }
        let from = start_of_trends(self.loaded_at);
        let line = |cause: &CauseLine| {
            let counts = self.trends.get(&cause.digest).copied();
            CauseRow { counts, is_new: cause.is_new(view.now), cause: cause.clone(), from }
        };
        Some(self.causes.iter().map(line).collect())
    }

    fn loaded(&mut self, list: &mut SmallList<CauseRow>) -> Vec<Effect> {
        if !std::mem::take(&mut self.has_new_causes) {
            return Vec::new();
        }
        if !std::mem::replace(&mut self.is_placed, true) {
            place(list);
        }
        let current = list.current().map(|line| line.cause.digest);
        if !std::mem::take(&mut self.facts_are_old) {
            return self.debounced(list);
        }
        self.facts.retain(|cause, _| Some(*cause) == current);
        self.ask_facts(current)
    }

    fn debounced(&self, list: &SmallList<CauseRow>) -> Vec<Effect> {
        let current = list.current().map(|line| line.cause.digest);
        self.ask_facts(current.filter(|cause| !self.facts.contains_key(cause)))
    }

    fn list_command(&self) -> ListCommand {
        Ok((COMMAND, true))
    }

    fn actions(&self, list: &SmallList<CauseRow>, view: &ViewContext) -> Option<ActionMenu> {
        Some(actions(&list.current()?.cause, view))
    }

    fn perform_command(
        &mut self,
        command: Command,
        list: &mut SmallList<CauseRow>,
        view: &ViewContext,
    ) -> Option<Vec<Effect>> {
        let Some(line) = list.current() else { return (command != Command::Explain).then(Vec::new) };
        Some(match command {
            Command::Open => open_cause(&line.cause),
            Command::Related => vec![messages(&line.cause, self.loaded_at.minus_days(LISTED_DAYS))],
            _ => {
                let (title, lines) = self.describe(line, 0, view);
                vec![Effect::Show { title, lines: lines.into_iter().map(|(text, _)| text).collect() }]
            }
        })
    }

    fn is_error(&self, _: &CauseRow) -> bool {
        true
    }

    fn copied(&self, line: &CauseRow) -> String {
        line.cause.last_message.clone().unwrap_or_else(|| line.cause.masked.clone())
    }

    fn store(&self, line: &CauseRow) -> Option<String> {
        Some(line.cause.last_channel_database.clone())
    }

    fn frame(&self, rows: &[CauseRow], _: &ViewContext) -> ListFrame<'static> {
        let older = rows.iter().filter(|line| line.cause.errors == 0).count();
        let recent = counted(rows.len() - older, "cause");
        let older = if older == 0 { String::new() } else { format!(" · {older} older, still open") };
        ListFrame {
            title: "Recent errors by cause",
            remark: format!("{recent} in 24 h{older}"),
            empty: ("No errors in the last 24 hours.".to_owned(), Role::Good),
            detail: if rows.len() > MANY_CAUSES {
                |height| height - (height / 2 + 1).max(4)
            } else {
                |height| height - (height / 2).max(4)
            },
        }
    }

    fn marker(&self, line: &CauseRow, view: &ViewContext) -> char {
        match &line.cause {
            cause if cause.muted.is_some() => 'z',
            cause if cause.taken_at(view.now).is_some() => '@',
            cause if cause.is_new(view.now) => '!',
            _ => ' ',
        }
    }

    fn describe(&self, line: &CauseRow, _: usize, view: &ViewContext) -> Details {
        (title(line, view), details(line, self.facts.get(&line.cause.digest), view))
    }

    fn notice(&self, line: Option<&CauseRow>, _: &ViewContext) -> String {
        let muted = line.and_then(|line| Some((line.cause.muted.as_ref()?, line.cause.note.as_deref())));
        match muted {
            Some(((_, by), note)) => {
                format!("z muted by {by}{}", note.map_or_else(String::new, |note| format!(": {note}")))
            }
            None => "! new since yesterday · @ taken by an operator · z muted".to_owned(),
        }
    }
}
