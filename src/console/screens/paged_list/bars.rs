//! The histogram above a list: how many of its rows, and failures among them, fell into each stretch of the last day.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{COLUMN, COLUMNS, MessageCounts};
use crate::console::screens::overview::{draw_bars, start_of_bars};
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::domain::Timestamp;

/// Rows of it: a rule, two of bars, one of failures, the hours.
pub(super) const ROWS: u16 = 5;
/// Rows of a screen that has room for it.
pub(super) const LEAST: u16 = 18;

/// What is known of it.
#[derive(Clone)]
pub(super) struct Bars {
    from: Timestamp,
    busy: Option<Vec<MessageCounts>>,
    column: usize,
    pub(super) focused: bool,
}

impl Bars {
    /// Where it begins.
    pub(super) fn from(&self) -> Timestamp {
        self.from
    }
}

impl<S: ListSource> PagedList<S> {
    /// Opens the histogram, gives it the focus, or closes it, in turn.
    pub(super) fn turn_bars(&mut self, view: &ViewContext) -> Vec<Effect> {
        match &mut self.bars {
            None if self.terms.searches_text() => {
                vec![Effect::Say(
                    "not while a text is searched for, piece by piece; / asks for something else".to_owned(),
                )]
            }
            None if !self.has_room => vec![Effect::Say("there is no room for it; 22 rows are needed".to_owned())],
            None => {
                let from = start_of_bars(view.now);
                self.bars = Some(Bars { from, busy: None, column: COLUMNS - 1, focused: true });
                self.leave_panes();
                self.ask_bars()
            }
            Some(bars) if !bars.focused => {
                bars.focused = true;
                Vec::new()
            }
            Some(_) => {
                self.bars = None;
                Vec::new()
            }
        }
    }

    /// The query for the histogram after the list was restarted.
    pub(super) fn ask_bars(&mut self) -> Vec<Effect> {
        if self.terms.searches_text() {
            self.bars = None;
        }
        let Some(bars) = &mut self.bars else { return Vec::new() };
        bars.busy = None;
        vec![Effect::Ask(self.source.busy(&self.terms, self.all, bars.from))]
    }

    /// Takes the answer.
    pub(super) fn take_bars(&mut self, from: Timestamp, busy: Vec<MessageCounts>) {
        if let Some(bars) = self.bars.as_mut().filter(|bars| bars.from == from) {
            bars.busy = Some(busy);
        }
    }

    /// What a command does while the histogram has the focus; `None` if it leaves it to the list.
    pub(super) fn obey_bars(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        let bars = self.bars.as_mut().filter(|bars| bars.focused)?;
        match command {
            Command::Left => bars.column = bars.column.saturating_sub(1),
            Command::Right => bars.column = (bars.column + 1).min(COLUMNS - 1),
            Command::First => bars.column = 0,
            Command::Last => bars.column = COLUMNS - 1,
            Command::NextPane | Command::PreviousPane => bars.focused = false,
            Command::Back => self.bars = None,
            Command::Open => {
                let start = Timestamp(bars.from.0 + i64::try_from(bars.column).unwrap_or(0) * COLUMN);
                let end = Timestamp(start.0 + COLUMN);
                bars.focused = false;
                let dates = format!("{}..{}", start.to_rfc3339(), end.to_rfc3339());
                let typed = self.terms.with_dates(&dates);
                match Terms::parse(&typed, self.source.direction(), view.zone, view.now) {
                    Ok(terms) => self.terms = terms,
                    Err(fault) => return Some(vec![Effect::Say(fault.text)]),
                }
                self.is_visit = false;
                // The histogram keeps showing the day that the column was picked from.
                return Some(self.restart_below());
            }
            _ => return None,
        }
        Some(Vec::new())
    }

    /// Draws it.
    pub(super) fn draw_bars(&self, painter: &mut Painter, view: &ViewContext) {
        let Some(bars) = &self.bars else { return };
        let what = self.source.name().map_or("rows", |name| name.rsplit(' ').next().unwrap_or("rows"));
        match &bars.busy {
            Some(busy) => {
                let chosen = bars.focused.then_some(bars.column);
                draw_bars(painter, (bars.from, busy), (ROWS - 3, what), chosen, view);
            }
            None => painter.rule(0, "Last 24 hours, 20 minutes a column", "counting …", bars.focused),
        }
    }
}
