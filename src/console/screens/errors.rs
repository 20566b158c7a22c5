//! Recent errors by cause: what is still broken, since when, where.

use super::super::keys::Command;
use super::super::painter::{Painter, wrap};
use super::super::query::{Answer, CauseLine, Choose, Place, Query};
use super::super::screen::{Screen, Target, View, Wish};
use super::super::theme::Role;
use super::super::time::age;
use super::super::widgets::list::{Keyed, List, Move};
use super::super::widgets::table::{self, Column};
use super::asking::{self, Known};
use crate::domain::{Timestamp, grouped};

/// How far back the list looks, in days; it says so.
const DAYS: i64 = 1;

impl Keyed for CauseLine {
    type Key = Place;
    fn key(&self) -> Place {
        (self.last_at.0, self.digest)
    }
}

const fn column(
    heading: &'static str,
    width: u16,
    right: bool,
    drop: u8,
    cell: fn(&CauseLine, &View) -> (String, Role),
) -> Column<CauseLine> {
    Column { heading, width, most: width, right, drop, cell }
}

fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

static COLUMNS: [Column<CauseLine>; 5] = [
    column("Last, ago", 11, true, 0, |cause, view| plain(age(view.now.since(cause.last_at)))),
    column("Open", 5, true, 0, |cause, _| (grouped(cause.open), if cause.open > 0 { Role::Bad } else { Role::Text })),
    column("24 h", 6, true, 2, |cause, _| plain(grouped(cause.errors))),
    column("DBs", 4, true, 1, |cause, _| plain(grouped(cause.channel_databases))),
    column("Cause, numbers and names masked", 20, false, 0, |cause, _| plain(&cause.masked)),
];

/// `!` for a new cause, `z` for a muted one.
fn sign(cause: &CauseLine, view: &View) -> char {
    match (&cause.muted, cause.is_new(view.now)) {
        (Some(_), _) => 'z',
        (None, true) => '!',
        (None, false) => ' ',
    }
}

fn known(cause: &CauseLine) -> Known {
    Known { digest: cause.digest, note: cause.note.clone().unwrap_or_default(), muted: Some(cause.muted.is_some()) }
}

/// The screen.
pub struct Errors {
    list: List<CauseLine>,
    fault: Option<String>,
    top: usize,
}

impl Errors {
    /// The screen, empty as yet.
    pub fn new() -> Self {
        Self { list: List::default(), fault: None, top: 0 }
    }

    fn step(&mut self, step: Move) -> Vec<Wish> {
        self.top = 0;
        self.list.step(step);
        Vec::new()
    }

    /// The sessions that are still in the failure, of the direction in which it was seen last.
    fn sessions(&self) -> Vec<Wish> {
        let target =
            |cause: &CauseLine| Target::SessionsOfCause(cause.last_direction, cause.digest, cause.masked.clone());
        self.list.current().map(|cause| Wish::Go(target(cause))).into_iter().collect()
    }

    /// The messages of the store that reported it last.
    fn messages(&self) -> Vec<Wish> {
        let filter = |cause: &CauseLine| {
            format!("status:failed direction:{} store:\"{}\"", cause.last_direction, cause.last_channel_database)
        };
        self.list.current().map(|cause| Wish::Go(Target::Messages(filter(cause)))).into_iter().collect()
    }

    fn actions(&self, view: &View) -> Option<Vec<Wish>> {
        let cause = self.list.current()?;
        let open = usize::try_from(cause.open).unwrap_or(0);
        let actions = asking::actions(None, open, Some(&known(cause)), view);
        Some(vec![Wish::Actions(format!("Actions on the {} open sessions of the cause", grouped(cause.open)), actions)])
    }

    fn draw_detail(&mut self, painter: &mut Painter, view: &View) {
        let Some(cause) = self.list.current() else {
            painter.rule(0, "", "", false);
            return;
        };
        let at = |at: Timestamp| view.zone.long(at);
        let place = if cause.last_channel_database.is_empty() { "the package" } else { &cause.last_channel_database };
        let title = format!(
            "Newest of {}: on {place}, job {}, {}",
            grouped(cause.errors),
            cause.last_job_name,
            at(cause.last_at)
        );
        painter.rule(0, &title, "", false);
        let width = usize::from(painter.width().saturating_sub(2));
        let mut lines = wrap(cause.last_message.as_deref().unwrap_or("It came without a text."), width);
        lines.push(String::new());
        lines.push(format!(
            "Open in    {} sessions (Enter shows them; r the failures of this store)",
            grouped(cause.open)
        ));
        lines.push(format!("Seen       first {}, last {}", at(cause.first_seen_at), at(cause.last_at)));
        let note = cause.note.as_deref().unwrap_or("none yet: a writes one, or mutes the cause until a date");
        lines.extend(wrap(&format!("Note       {note}"), width));
        if let Some((until, by)) = &cause.muted {
            lines.push(format!("Muted      until {} by {by}; it hides nothing, the cause is listed last", at(*until)));
        }
        let height = usize::from(painter.height().saturating_sub(1));
        self.top = self.top.min(lines.len().saturating_sub(height));
        for (y, line) in (1..painter.height()).zip(lines.iter().skip(self.top)) {
            painter.text(1, y, painter.width(), line, Role::Text);
        }
    }
}

impl Screen for Errors {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Recent errors"]
    }

    fn target(&self) -> Target {
        Target::Errors
    }

    fn load(&mut self, view: &View) -> Vec<Wish> {
        vec![Wish::Ask(Query::Causes(view.now.minus_days(DAYS)))]
    }

    fn offers(&self, command: Command) -> bool {
        !matches!(
            command,
            Command::MarkRange
                | Command::MarkAll
                | Command::Dates
                | Command::Follow
                | Command::Histogram
                | Command::Export
                | Command::Sort
                | Command::Columns
                | Command::NextHit
                | Command::PreviousHit
                | Command::Mark
                | Command::Explain
                | Command::Filter
                | Command::GoTo
                | Command::ShowAll
                | Command::Actions
                | Command::NextPane
                | Command::Grow
                | Command::Shrink
        )
    }

    fn command(&mut self, command: Command, view: &View) -> Option<Vec<Wish>> {
        Some(match command {
            Command::Up | Command::PreviousError => self.step(Move::Rows(-1)),
            Command::Down | Command::NextError => self.step(Move::Rows(1)),
            Command::PageUp => self.step(Move::Pages(-1)),
            Command::PageDown => self.step(Move::Pages(1)),
            Command::HalfUp => self.step(Move::HalfPages(-1)),
            Command::HalfDown => self.step(Move::HalfPages(1)),
            Command::First => self.step(Move::Rows(isize::MIN / 2)),
            Command::Last => self.step(Move::Rows(isize::MAX / 2)),
            Command::Open => self.sessions(),
            Command::Related => self.messages(),
            Command::Copy => {
                let text = |cause: &CauseLine| cause.last_message.clone().unwrap_or_else(|| cause.masked.clone());
                self.list.current().map(|cause| Wish::Copy(text(cause))).into_iter().collect()
            }
            Command::Actions => return self.actions(view),
            Command::CopyCommand => vec![Wish::Copy("cdx errors --since 24h".to_owned())],
            _ => return None,
        })
    }

    fn acted(&mut self, letter: char, _: &View) -> Vec<Wish> {
        let Some(cause) = self.list.current() else { return Vec::new() };
        if letter == 'y' {
            return vec![Wish::Copy("cdx errors --since 24h".to_owned())];
        }
        asking::acted(letter, &Choose::OpenOf(cause.digest), Some(&known(cause)))
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Causes(causes)) => {
                self.list.take_whole(causes);
                self.fault = None;
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        let above = (height / 2).max(4);
        let remark = match self.list.known_length() {
            Some(causes) => format!("new, then open · {causes} causes in 24 h"),
            None => "reading …".to_owned(),
        };
        painter.rule(0, "Recent errors by cause", &remark, true);
        let mut part = painter.part(0, 1, width, above.saturating_sub(1));
        table::draw_signed(&mut part, &mut self.list, &COLUMNS, true, view, |cause| sign(cause, view));
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if self.list.known_length() == Some(0) {
            painter.text(2, 2, width, "No errors in the last 24 hours.", Role::Good);
        }
        let mut part = painter.part(0, above, width, height - above);
        self.draw_detail(&mut part, view);
    }

    fn notice(&self, _: &View) -> String {
        "! new since yesterday · z muted".to_owned()
    }
}
