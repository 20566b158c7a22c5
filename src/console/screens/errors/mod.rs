//! Recent errors by cause: what is still broken, since when, where.

mod rows;

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, CauseFacts, CauseLine, Choose, Query, TREND};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::open_sessions::open_cause;
use crate::console::screens::overview::start_of_trends;
use crate::console::screens::related;
use crate::console::screens::screen::Screen;
use crate::console::screens::session_actions::{self, KnownCause, Target};
use crate::console::screens::small_list::{Around, SmallList};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::domain::{Timestamp, grouped};
use rows::{CauseRow, details, title};
use std::collections::HashMap;

/// The days that the list covers.
const DAYS: i64 = 1;

/// `z` for a muted cause, `@` for one that an operator works on, `!` for a new one.
fn sign(line: &CauseRow, view: &ViewContext) -> char {
    match &line.cause {
        cause if cause.muted.is_some() => 'z',
        cause if cause.taken_at(view.now).is_some() => '@',
        cause if cause.is_new(view.now) => '!',
        _ => ' ',
    }
}

fn known(cause: &CauseLine, view: &ViewContext) -> KnownCause {
    let taken = Some(cause.taken_at(view.now).is_some());
    KnownCause { digest: cause.digest, muted: Some(cause.muted.is_some()), taken }
}

/// The screen.
pub struct Errors {
    list: SmallList<CauseRow>,
    causes: Vec<CauseLine>,
    trends: HashMap<i64, [i64; TREND]>,
    facts: HashMap<i64, CauseFacts>,
    /// Whether these were read before the causes were read again: they are shown until they are
    /// read, too.
    facts_are_old: bool,
    loaded_at: Timestamp,
    /// Whether the cursor was put on the newest failure; from then on the operator moves it.
    is_placed: bool,
    /// Whether another screen opened it with a filter.
    is_visit: bool,
}

impl Errors {
    /// The screen in its saved state, before its first answer.
    pub fn new(memory: &SavedState) -> Self {
        let loaded_at = Timestamp::default();
        Self {
            list: SmallList::new(memory),
            causes: Vec::new(),
            trends: HashMap::new(),
            facts: HashMap::new(),
            facts_are_old: false,
            loaded_at,
            is_placed: false,
            is_visit: false,
        }
    }

    /// The screen with a filter, which is not saved.
    pub fn with(filter: String) -> Self {
        Self { list: SmallList::filtered(filter), is_visit: true, ..Self::new(&SavedState::default()) }
    }

    fn arrange(&mut self, view: &ViewContext) {
        let from = start_of_trends(self.loaded_at);
        let line = |cause: &CauseLine| {
            let counts = self.trends.get(&cause.digest).copied();
            CauseRow { counts, is_new: cause.is_new(view.now), cause: cause.clone(), from }
        };
        self.list.take(Ok(self.causes.iter().map(line).collect()), view);
    }

    /// Puts the cursor on the cause that failed last, whatever the order.
    fn place(&mut self) {
        let shown = self.list.shown().filter(|line| line.cause.muted.is_none());
        let newest = shown.max_by_key(|line| line.cause.last_at).map(|line| line.cause.digest);
        if self.cause().map(|cause| cause.digest) != newest {
            self.list.find(true, |line| Some(line.cause.digest) == newest);
        }
    }

    fn cause(&self) -> Option<&CauseLine> {
        self.list.current().map(|line| &line.cause)
    }

    /// Where the cause under the cursor is open, unless that is known.
    fn ask_facts(&self) -> Vec<Effect> {
        let is_known = self.cause().is_some_and(|cause| self.facts.contains_key(&cause.digest));
        if is_known { Vec::new() } else { self.ask_facts_again() }
    }

    fn ask_facts_again(&self) -> Vec<Effect> {
        let ask = |cause: &CauseLine| Effect::Ask(Query::CauseFacts(cause.digest, self.loaded_at.minus_days(DAYS)));
        self.cause().map(ask).into_iter().collect()
    }

    fn with_cause(&self, effect: impl Fn(&CauseLine) -> Effect) -> Vec<Effect> {
        self.cause().map(effect).into_iter().collect()
    }

    fn actions(&self, view: &ViewContext) -> Option<Vec<Effect>> {
        let cause = self.cause()?;
        let open = usize::try_from(cause.open).unwrap_or(0);
        let target = Target { one: None, count: open, choose: Choose::OpenOf(cause.digest) };
        let mut actions = session_actions::actions(target, Some(known(cause, view)), COMMAND.to_owned(), view);
        actions.push(related::who(format!("cause:{}", cause.digest)));
        let title = match cause.open {
            0 => "Actions on the cause".to_owned(),
            1 => "Actions on the open session of the cause".to_owned(),
            open => format!("Actions on the {} open sessions of the cause", grouped(open)),
        };
        Some(vec![Effect::Actions(title, actions)])
    }
}

/// Its messages since an instant, or all of them if there is none since.
fn messages(cause: &CauseLine, since: Timestamp) -> Effect {
    let since = if cause.errors > 0 { format!(" from:{}", since.to_rfc3339()) } else { String::new() };
    Effect::Go(Route::Messages(format!("cause:{}{since}", cause.digest)))
}

const COMMAND: &str = "cdx errors --since 24h";

impl Screen for Errors {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Recent errors"]
    }

    fn target(&self) -> Route {
        if self.is_visit { Route::ErrorsWith(self.list.typed().to_owned()) } else { Route::Errors }
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.loaded_at = view.now;
        self.facts_are_old = true;
        let trends = Query::Trends(start_of_trends(view.now));
        vec![Effect::Ask(Query::Causes(view.now.minus_days(DAYS))), Effect::Ask(trends)]
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        (!self.is_visit).then(|| self.list.list_state(view))
    }

    fn list_view(&self, view: &ViewContext) -> Option<(String, ListState)> {
        Some(self.list.list_state(view))
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        use Command as C;
        SmallList::<CauseRow>::offers(command)
            || matches!(command, C::NextError | C::PreviousError | C::Open | C::Related | C::Explain)
            || matches!(command, C::CopyCommand | C::Actions)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        Some(match command {
            Command::NextError => self.list.find_around(true, "no cause", |_| true),
            Command::PreviousError => self.list.find_around(false, "no cause", |_| true),
            Command::Open => {
                let cause = self.list.current().map(|line| &line.cause);
                cause.map_or_else(Vec::new, open_cause)
            }
            Command::Related => self.with_cause(|cause| messages(cause, self.loaded_at.minus_days(DAYS))),
            Command::Explain => {
                let line = self.list.current()?;
                let lines = details(line, self.facts.get(&line.cause.digest), view);
                vec![Effect::Show {
                    title: title(line, view),
                    lines: lines.into_iter().map(|(text, _)| text).collect(),
                }]
            }
            Command::Copy => {
                let text = |cause: &CauseLine| cause.last_message.clone().unwrap_or_else(|| cause.masked.clone());
                self.with_cause(|cause| Effect::Copy(text(cause)))
            }
            Command::Actions => return self.actions(view),
            Command::CopyCommand => self.list.copy_command(COMMAND, true),
            _ => return self.list.obey(command, view),
        })
    }

    fn debounced(&mut self, _: &ViewContext) -> Vec<Effect> {
        self.ask_facts()
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Causes(causes)) => {
                self.causes = causes;
                self.arrange(view);
                if !std::mem::replace(&mut self.is_placed, true) {
                    self.place();
                }
                let current = self.cause().map(|cause| cause.digest);
                let old = std::mem::take(&mut self.facts_are_old);
                self.facts.retain(|cause, _| !old || Some(*cause) == current);
                return if old { self.ask_facts_again() } else { self.ask_facts() };
            }
            Ok(Answer::Trends(trends)) => {
                self.trends = trends.into_iter().collect();
                self.arrange(view);
            }
            Ok(Answer::CauseFacts(cause, facts)) => _ = self.facts.insert(cause, facts),
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn store(&self) -> Option<String> {
        self.cause().map(|cause| cause.last_channel_database.clone())
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let counted = |count: usize| if count == 1 { "1 cause".to_owned() } else { format!("{count} causes") };
        let older = self.list.rows().iter().filter(|line| line.cause.errors == 0).count();
        let recent = counted(self.list.rows().len() - older);
        let older = if older == 0 { String::new() } else { format!(" · {older} older, still open") };
        let around = Around {
            title: "Recent errors by cause",
            remark: format!("{recent} in 24 h{older}"),
            empty: ("No errors in the last 24 hours.".to_owned(), Role::Good),
            detail: |height| height - (height / 2).max(4),
        };
        let facts = &self.facts;
        let describe = |line: &CauseRow, _| (title(line, view), details(line, facts.get(&line.cause.digest), view));
        self.list.draw(painter, view, &around, |line| sign(line, view), describe);
    }

    fn notice(&self, view: &ViewContext) -> String {
        let muted = self.cause().and_then(|cause| Some((cause.muted.as_ref()?, cause.note.as_deref())));
        let otherwise = match muted {
            Some(((_, by), note)) => {
                format!("z muted by {by}{}", note.map_or_else(String::new, |note| format!(": {note}")))
            }
            None => "! new since yesterday · @ an operator is on it · z muted".to_owned(),
        };
        self.list.notice(otherwise, view)
    }
}
