//! The card of one channel database: what is known of it, and its newest sessions.

mod facts;
mod rows;

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::StoreCard;
use crate::console::protocol::query::{Answer, Connection, PlacedSession, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::connections;
use crate::console::screens::related;
use crate::console::screens::screen::Screen;
use crate::console::screens::session_actions;
use crate::console::screens::sessions;
use crate::console::screens::small_list::{ListFrame, Row, SmallList};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{self, TWO_COLUMNS, within};
use crate::console::view::painter::{Painter, wrap_labeled};
use crate::console::view::pane;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Move;
use crate::domain::SessionKey;
use ratatui::layout::Rect;

/// Rows of the list of sessions at least, its rule and heading included.
const MIN_LIST_ROWS: u16 = 6;

/// The store card.
pub struct Store {
    name: String,
    card: Option<Box<StoreCard>>,
    list: SmallList<PlacedSession>,
    fault: Option<String>,
    in_facts: bool,
    top: usize,
    /// Lines of a page of the facts, as last drawn.
    page: isize,
}

impl Store {
    /// The card of this channel database, before its first answer.
    pub fn new(name: String, memory: &SavedState) -> Self {
        Self { name, card: None, list: SmallList::new(memory), fault: None, in_facts: false, top: 0, page: 1 }
    }

    /// What the list of connections says about it.
    fn connection(&self) -> Option<Connection> {
        let card = self.card.as_ref()?;
        let agent = card.agents.first().cloned();
        (card.database.is_some() || agent.is_some()).then(|| Connection {
            database: card.database.clone(),
            agent,
            quiet: card.quiet,
        })
    }

    fn lines(&self, width: usize, view: &ViewContext) -> Vec<(String, Role)> {
        let lines = match (&self.fault, &self.card) {
            (Some(fault), _) => vec![(format!("! {fault}"), Role::Bad)],
            (None, None) => vec![("reading …".to_owned(), Role::Text)],
            (None, Some(card)) => facts::lines(card, self.connection().as_ref(), view),
        };
        let wrapped = lines.into_iter().flat_map(|(text, role)| {
            let wrapped = wrap_labeled(&text, width);
            let wrapped = if wrapped.is_empty() { vec![String::new()] } else { wrapped };
            wrapped.into_iter().map(move |line| (line, role))
        });
        wrapped.collect()
    }

    fn draw_facts(&mut self, painter: &mut Painter, lines: &[(String, Role)], view: &ViewContext) {
        let rows = usize::from(painter.height().saturating_sub(1));
        self.page = isize::try_from(rows.saturating_sub(1).max(1)).unwrap_or(1);
        pane::draw(
            painter,
            (&self.name, ""),
            (lines, &mut self.top),
            (self.in_facts, pane::key_to(view, self.in_facts).as_deref()),
        );
    }

    fn draw_list(&mut self, painter: &mut Painter, view: &ViewContext) {
        let remark = match &self.card {
            None => String::new(),
            Some(card) => match (card.recent.is_more, card.recent.reached) {
                (_, Some(at)) => format!("searched back to {}", view.zone.short(at, view.now)),
                (true, None) => format!("the newest {}", card.recent.rows.len()),
                (false, None) => card.recent.rows.len().to_string(),
            },
        };
        self.list.focus(u8::from(self.in_facts));
        let frame = ListFrame {
            title: "Recent sessions, both directions",
            remark,
            empty: ("No session among those searched.".to_owned(), Role::Dim),
            detail: |_| 0,
        };
        self.list.draw_rows(painter, view, &frame);
    }
}

impl Screen for Store {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Async Server connection status", "Store"]
    }

    fn route(&self) -> Route {
        Route::Store(self.name.clone())
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Store(self.name.clone()))]
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        use Command as C;
        Move::of(command).is_some()
            || matches!(command, C::Open | C::Related | C::Explain | C::NextPane | C::PreviousPane | C::Actions)
            || matches!(command, C::Copy | C::CopyCommand | C::NextError | C::PreviousError)
            || matches!(command, C::Filter | C::Sort | C::Columns | C::Totals | C::Export | C::Record)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        let (name, state) = self.list.list_state(view);
        // Another store's card opens without the filter.
        Some((name, ListState { filter: String::new(), ..state }))
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
    }

    fn notice(&self, view: &ViewContext) -> String {
        self.list.notice(String::new(), view)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        if let Some(step) = Move::of(command).filter(|_| self.in_facts) {
            self.top = self.top.saturating_add_signed(step.rows(self.page));
            return Some(Vec::new());
        }
        match command {
            Command::NextPane | Command::PreviousPane => self.in_facts = !self.in_facts,
            Command::Back if self.in_facts => self.in_facts = false,
            Command::Open => {
                let open = |row: &PlacedSession| Effect::Go(Route::Session(row.session.key.clone()));
                return Some(self.list.current().map(open).into_iter().collect());
            }
            Command::Related => {
                let row = self.list.current().filter(|_| !self.in_facts);
                let session = row.map(|row| {
                    let key = row.session.key.clone();
                    (format!("Session {}", key.session_number), Route::Session(key))
                });
                return Some(related::offer(session.into_iter().chain(related::of_store(&self.name)).collect()));
            }
            Command::NextError | Command::PreviousError => {
                let none = "no failed session in this list";
                return Some(self.list.find_around(command == Command::NextError, none, Row::is_failure));
            }
            Command::Copy => return Some(vec![Effect::Copy(self.name.clone())]),
            Command::CopyCommand => return Some(vec![Effect::Copy(format!("cdx store {}", shell_quoted(&self.name)))]),
            Command::Actions => {
                let session = self.list.current().filter(|_| !self.in_facts).map(|row| &row.session);
                let mut actions = session.map(|session| session_actions::on_one(session, view)).unwrap_or_default();
                let database = self.connection().map(|connection| connections::actions(&connection, view));
                for mut action in database.into_iter().flatten() {
                    if actions.iter().any(|known| known.key == action.key) {
                        action.key = action.key.to_ascii_uppercase();
                    }
                    action.label = format!("{}: {}", self.name, action.label);
                    actions.push(action);
                }
                let title = session.map_or_else(|| self.name.clone(), sessions::title);
                return Some(vec![Effect::Actions(format!("Actions on {title}"), actions)]);
            }
            Command::Grow | Command::Shrink | Command::Explain => return None,
            command => return self.list.perform_command(command, view),
        }
        Some(Vec::new())
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Store(name, card)) if name == self.name => {
                self.list.take(Ok(card.recent.rows.clone()), view);
                (self.card, self.fault) = (Some(card), None);
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn store(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn session(&self) -> Option<SessionKey> {
        self.list.current().map(|row| row.session.key.clone())
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        if width >= TWO_COLUMNS {
            let left = (width * 2 / 5).min(100);
            let lines = self.lines(usize::from(left.saturating_sub(2)), view);
            self.draw_facts(&mut within(painter, Rect::new(0, 0, left, height)), &lines, view);
            layout::line(painter, left, height);
            let right = Rect::new(left + 1, 0, width - left - 1, height);
            return self.draw_list(&mut within(painter, right), view);
        }
        let lines = self.lines(usize::from(width.saturating_sub(2)), view);
        let needed = u16::try_from(lines.len() + 1).unwrap_or(u16::MAX);
        let listed = u16::try_from(self.list.rows().len()).unwrap_or(u16::MAX).saturating_add(2);
        let above = needed.min(height.saturating_sub(listed.clamp(3, MIN_LIST_ROWS.min(height / 2).max(3))));
        self.draw_facts(&mut within(painter, Rect::new(0, 0, width, above)), &lines, view);
        self.draw_list(&mut within(painter, Rect::new(0, above, width, height - above)), view);
    }
}
