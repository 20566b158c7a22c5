//! The histogram above a list: how many of its rows, and failures among them, fell into each
//! stretch of the last day.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{MessageCounts, TimeColumns};
use crate::console::screens::overview::DayHistogram;
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;

/// Rows of it: a rule, two of bars, one of failures, the hours.
pub(super) const HISTOGRAM_ROWS: u16 = 5;
/// Rows of a screen that has room for it.
pub(super) const MIN_SCREEN_ROWS: u16 = 18;

/// The histogram of a list.
#[derive(Clone)]
pub(super) struct ListHistogram {
    day: DayHistogram,
    /// The columns that are being counted.
    asked: TimeColumns,
    pub(super) is_focused: bool,
}

impl<S: ListSource> PagedList<S> {
    /// Opens the histogram, gives it the focus, or closes it, in turn.
    pub(super) fn turn_histogram(&mut self, view: &ViewContext) -> Vec<Effect> {
        match &mut self.histogram {
            None if self.terms.searches_text() => {
                vec![Effect::Say(
                    "No histogram while a text is searched for, piece by piece; filter by something else.".to_owned(),
                )]
            }
            None if self.size.1 < MIN_SCREEN_ROWS => {
                vec![Effect::Say("The histogram needs a terminal of 22 rows.".to_owned())]
            }
            None => {
                let day = DayHistogram::new(self.size.0);
                self.histogram = Some(ListHistogram { asked: day.asked(view.now), day, is_focused: true });
                self.leave_panes();
                self.ask_histogram()
            }
            Some(histogram) if !histogram.is_focused => {
                histogram.is_focused = true;
                Vec::new()
            }
            Some(_) => {
                self.histogram = None;
                Vec::new()
            }
        }
    }

    /// The query for the histogram after the list was restarted.
    pub(super) fn ask_histogram(&mut self) -> Vec<Effect> {
        if self.terms.searches_text() {
            self.histogram = None;
        }
        if let Some(histogram) = &mut self.histogram {
            histogram.day.clear();
        }
        self.recount_histogram()
    }

    /// The query for the counts of the same columns.
    pub(super) fn recount_histogram(&self) -> Vec<Effect> {
        let asked = self.histogram.as_ref().map(|histogram| histogram.asked);
        let query = asked.map(|columns| self.source.histogram_query(&self.terms, self.all, columns));
        query.map(Effect::Ask).into_iter().collect()
    }

    /// The query for the columns that are drawn, if the terminal was resized since they were
    /// counted.
    pub(super) fn resize_histogram(&mut self, view: &ViewContext) -> Vec<Effect> {
        match self.histogram.as_mut().filter(|histogram| histogram.day.is_outdated()) {
            Some(histogram) => {
                histogram.asked = histogram.day.asked(view.now);
                self.recount_histogram()
            }
            None => Vec::new(),
        }
    }

    /// Takes the answer.
    pub(super) fn take_histogram(&mut self, columns: TimeColumns, counts: Vec<MessageCounts>) {
        if let Some(histogram) = self.histogram.as_mut().filter(|histogram| histogram.asked == columns) {
            histogram.day.take(columns, counts);
        }
    }

    /// What a command does while the histogram has the focus; `None` if it leaves it to the list.
    pub(super) fn perform_histogram_command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        let histogram = self.histogram.as_mut().filter(|histogram| histogram.is_focused)?;
        let day = &mut histogram.day;
        match command {
            Command::Left => day.step(-1, view.now),
            Command::Right => day.step(1, view.now),
            Command::First => day.step(isize::MIN, view.now),
            Command::Last => day.step(isize::MAX, view.now),
            Command::MarkRange => day.toggle_range(view.now),
            Command::Back if day.end_range() => {}
            Command::NextPane | Command::PreviousPane => histogram.is_focused = false,
            Command::Back => self.histogram = None,
            Command::Open => {
                let (start, end) = day.span(view.now)?;
                histogram.is_focused = false;
                let [start, end] = [start, end].map(|at| view.zone.typed(at, view.now));
                let dates = format!("{start}..{end}");
                let typed = self.terms.with_dates(&dates);
                match Terms::parse(&typed, self.source.fields(), view.zone, view.now) {
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
    pub(super) fn draw_histogram(&mut self, painter: &mut Painter, view: &ViewContext) {
        let Some(histogram) = &mut self.histogram else { return };
        histogram.day.fit(painter.width());
        let what = self.source.name().map_or("rows", |name| name.rsplit(' ').next().unwrap_or("rows"));
        histogram.day.draw(painter, (HISTOGRAM_ROWS - 3, what), (histogram.is_focused, "counting …"), view);
    }
}
