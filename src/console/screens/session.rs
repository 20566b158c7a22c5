//! One session: its facts and its messages, step by step.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query, TransferredMessage};
use crate::console::protocol::route::Route;
use crate::console::protocol::route::form_title;
use crate::console::protocol::time::age;
use crate::console::screens::related::{self, Link};
use crate::console::screens::screen::Screen;
use crate::console::screens::session_actions;
use crate::console::screens::sessions::facts;
use crate::console::screens::sessions::{copies, title};
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{self, TWO_COLUMNS};
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::pane;
use crate::console::view::theme::{Role, status_glyph};
use crate::console::widgets::list::Move;
use crate::domain::{Session, SessionKey, counted, to_json};

/// Runs that are offered as related.
const MAX_RUNS: usize = 9;

/// A session with its messages.
pub struct OneSession {
    key: SessionKey,
    session: Option<Box<Session>>,
    /// Oldest first.
    messages: Vec<TransferredMessage>,
    loaded: bool,
    fault: Option<String>,
    /// The pane that scrolls on a wide screen: the facts, or beside them what happened.
    in_facts: bool,
    /// The first lines shown of what happened, and of the facts beside it.
    top: [usize; 2],
    /// Lines of a page, as last drawn.
    page: isize,
    is_wide: bool,
}

impl OneSession {
    /// The screen of this session.
    pub fn new(key: SessionKey) -> Self {
        Self {
            key,
            session: None,
            messages: Vec::new(),
            loaded: false,
            fault: None,
            in_facts: false,
            top: [0; 2],
            page: 1,
            is_wide: false,
        }
    }

    fn related(&self) -> Vec<Link> {
        let mut related = vec![related::messages_of_session(&self.key)];
        // Each run that brought messages of it, the last one first.
        let mut runs: Vec<i64> = Vec::new();
        for message in self.messages.iter().rev() {
            if !runs.contains(&message.run_id) && runs.len() < MAX_RUNS {
                runs.push(message.run_id);
            }
        }
        for run_id in runs {
            let brought = self.messages.iter().filter(|message| message.run_id == run_id).count();
            let brought = counted(brought, "message");
            related.extend(related::run(run_id, &format!("which transferred {brought} of it")));
        }
        related.extend(self.session.iter().flat_map(|session| related::of_session(session)));
        related.push(related::changes_of_session(&self.key));
        related
    }

    fn facts(&self, view: &ViewContext, width: usize) -> Vec<(String, Role)> {
        let mut lines = Vec::new();
        let Some(session) = &self.session else {
            let text = match (&self.fault, self.loaded) {
                (Some(fault), _) => format!("! {fault}"),
                (None, true) => "There is no such session at head office (any more).".to_owned(),
                (None, false) => "reading …".to_owned(),
            };
            return vec![(text, Role::Text)];
        };
        for (text, role) in facts::known(session, view).into_iter().chain([facts::dates(session, view)]) {
            lines.extend(wrap(&text, width).into_iter().map(|line| (line, role)));
        }
        lines
    }

    fn course(&self, view: &ViewContext, width: usize) -> Vec<(String, Role)> {
        let mut lines = Vec::new();
        let mut before = None;
        for message in &self.messages {
            let (shape, role) = status_glyph(message.status);
            let since = before.map_or_else(String::new, |at| format!("+{}", age(message.occurred_at.since(at))));
            before = Some(message.occurred_at);
            let head =
                format!("{:<11} {since:>9} {shape} {}", view.zone.short(message.occurred_at, view.now), message.status);
            let by = message.posted_by.as_deref().map_or_else(String::new, |by| format!("  {by}"));
            let tried = if message.try_count > 0 { format!("  try {}", message.try_count) } else { String::new() };
            lines.push((format!("{head}{tried}{by}"), role));
            if let Some(text) = &message.message {
                lines.extend(
                    wrap(text, width.saturating_sub(22))
                        .into_iter()
                        .map(|line| (format!("{:22}{line}", ""), Role::Text)),
                );
            }
        }
        lines
    }
}

impl Screen for OneSession {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", form_title(self.key.direction), "Session"]
    }

    fn route(&self) -> Route {
        Route::Session(self.key.clone())
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Session(self.key.clone()))]
    }

    fn offers(&self, command: Command) -> bool {
        use Command as C;
        Move::of(command).is_some()
            || (self.is_wide && matches!(command, C::NextPane | C::PreviousPane))
            || matches!(command, C::Related | C::Record | C::Explain | C::Copy | C::CopyCommand | C::Actions)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        if let Some(step) = Move::of(command) {
            let top = &mut self.top[usize::from(self.is_wide && self.in_facts)];
            *top = top.saturating_add_signed(step.rows(self.page));
            return Some(Vec::new());
        }
        match command {
            Command::NextPane | Command::PreviousPane if self.is_wide => {
                self.in_facts = !self.in_facts;
                Some(Vec::new())
            }
            Command::Record => {
                let record = |session: &Session| {
                    let mut record = to_json(session);
                    record["messages"] = to_json(&self.messages);
                    Effect::ShowRecord { title: title(session), record }
                };
                Some(self.session.iter().map(|session| record(session)).collect())
            }
            Command::Related => Some(related::offer(self.related())),
            Command::Actions => {
                let session = self.session.as_deref()?;
                let actions = session_actions::on_one(session, view);
                Some(vec![Effect::Actions(format!("Actions on {}", title(session)), actions)])
            }
            Command::Copy => Some(self.session.iter().map(|session| Effect::Copy(copies(session).0)).collect()),
            Command::CopyCommand => Some(self.session.iter().map(|session| Effect::Copy(copies(session).1)).collect()),
            _ => None,
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Session(session, mut messages)) => {
                messages.reverse();
                (self.session, self.messages, self.fault, self.loaded) = (session, messages, None, true);
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn store(&self) -> Option<String> {
        Some(self.key.channel_database.clone())
    }

    fn session(&self) -> Option<SessionKey> {
        Some(self.key.clone())
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let name = self.session.as_ref().map_or_else(|| self.key.session_number.to_string(), |session| title(session));
        let messages = counted(self.messages.len(), "message");
        self.is_wide = painter.width() >= TWO_COLUMNS && self.session.is_some();
        let height = usize::from(painter.height().saturating_sub(1));
        self.page = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1);
        if self.is_wide {
            let left = painter.width() * 2 / 5;
            let mut part = painter.part(0, 0, left, painter.height());
            let facts = self.facts(view, usize::from(left.saturating_sub(2)));
            pane::draw(
                &mut part,
                (&name, ""),
                (&facts, &mut self.top[1]),
                (self.in_facts, pane::key_to(view, self.in_facts).as_deref()),
            );
            layout::line(painter, left, painter.height());
            let right = painter.width() - left - 1;
            let mut part = painter.part(left + 1, 0, right, painter.height());
            let course = self.course(view, usize::from(right.saturating_sub(2)));
            let title = ("What happened", messages.as_str());
            return pane::draw(
                &mut part,
                title,
                (&course, &mut self.top[0]),
                (!self.in_facts, pane::key_to(view, !self.in_facts).as_deref()),
            );
        }
        let width = usize::from(painter.width().saturating_sub(2));
        let mut lines = self.facts(view, width);
        if self.session.is_some() {
            lines.push((String::new(), Role::Text));
            lines.push(("What happened".to_owned(), Role::Title));
            lines.extend(self.course(view, width));
        }
        pane::draw(painter, (&name, &messages), (&lines, &mut self.top[0]), (true, None));
    }
}
