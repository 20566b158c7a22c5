//! A list over a table of any size: filter, cursor, detail pane, count, related records.

use super::super::filter::Terms;
use super::super::keys::Command;
use super::super::painter::{Painter, wrap};
use super::super::query::{Answer, COUNT_LIMIT, Place, Query};
use super::super::screen::{REST, Screen, Target, View, Wish};
use super::super::theme::Role;
use super::super::widgets::list::{Keyed, List, Move};
use super::super::widgets::table::{self, Column};
use crate::domain::{Direction, Seek, Timestamp, grouped};

/// What a list is of.
pub trait Source {
    /// One row.
    type Row: Keyed<Key = Place> + 'static;
    /// The path in the menu.
    fn path(&self) -> Vec<&'static str>;
    /// Which target leads here with this filter.
    fn target(&self, filter: &str) -> Target;
    /// The direction that the filter's words are of; `None` for both.
    fn direction(&self) -> Option<Direction>;
    /// The heading of the list.
    fn title(&self, terms: &Terms, all: bool) -> String;
    /// The columns.
    fn columns(&self) -> &'static [Column<Self::Row>];
    /// The question for a piece.
    fn piece(&self, terms: &Terms, all: bool, seek: Seek<Place>) -> Query;
    /// The question for the count.
    fn count(&self, terms: &Terms, all: bool) -> Query;
    /// The rows of an answer that is one of this list.
    fn rows(&self, answer: Answer) -> Option<(Seek<Place>, Vec<Self::Row>)>;
    /// Whether there are records that are hidden unless all are shown.
    fn hides(&self) -> bool;
    /// Whether the row is a failure.
    fn is_failure(&self, row: &Self::Row) -> bool;
    /// The title of the detail pane.
    fn detail_title(&self, row: &Self::Row) -> String;
    /// Everything about the row, line by line.
    fn detail(&self, row: &Self::Row, view: &View) -> Vec<(String, Role)>;
    /// Where Enter leads.
    fn open(&self, row: &Self::Row) -> Target;
    /// Where `r` leads.
    fn related(&self, row: &Self::Row) -> Target;
    /// The row as text, and the command that prints it.
    fn copies(&self, row: &Self::Row) -> (String, String);
}

/// What the detail pane shows. It follows the cursor once that has rested, so that walking a list stays cheap.
#[derive(Default)]
struct Detail {
    place: Option<Place>,
    moved_at: Option<Timestamp>,
    title: String,
    lines: Vec<(String, Role)>,
}

/// Rows of the detail pane at first.
const DETAIL: u16 = 8;

/// The screen.
pub struct Browser<S: Source> {
    source: S,
    terms: Terms,
    all: bool,
    list: List<S::Row>,
    count: Option<i64>,
    in_detail: bool,
    detail_height: u16,
    detail_top: usize,
    detail: Detail,
    fault: Option<String>,
}

impl<S: Source> Browser<S> {
    /// A list with this filter typed in already.
    pub fn new(source: S, filter: &str, view: &View) -> Self {
        // A filter that the program itself types is sound; should it not be, all is shown.
        let terms = Terms::parse(filter, source.direction(), view.now).unwrap_or_default();
        Self {
            source,
            terms,
            all: false,
            list: List::default(),
            count: None,
            in_detail: false,
            detail_height: DETAIL,
            detail_top: 0,
            detail: Detail::default(),
            fault: None,
        }
    }

    fn start(&mut self, seek: Seek<Place>) -> Vec<Wish> {
        let seek = self.list.restart(seek);
        vec![Wish::Ask(self.source.piece(&self.terms, self.all, seek))]
    }

    fn anew(&mut self) -> Vec<Wish> {
        self.list = List::default();
        self.count = None;
        let mut wishes = self.start(Seek::First);
        wishes.push(Wish::Ask(self.source.count(&self.terms, self.all)));
        wishes
    }

    fn step(&mut self, step: Move) -> Vec<Wish> {
        if self.in_detail {
            let (Move::Rows(rows) | Move::Pages(rows) | Move::HalfPages(rows)) = step;
            self.detail_top = self.detail_top.saturating_add_signed(rows);
            return Vec::new();
        }
        self.detail_top = 0;
        let need = self.list.step(step);
        need.map(|seek| Wish::Ask(self.source.piece(&self.terms, self.all, seek))).into_iter().collect()
    }

    fn find_failure(&mut self, forward: bool) -> Vec<Wish> {
        let source = &self.source;
        if self.list.find(forward, |row| source.is_failure(row)) {
            self.detail_top = 0;
            let need = self.list.need();
            return need.map(|seek| Wish::Ask(self.source.piece(&self.terms, self.all, seek))).into_iter().collect();
        }
        vec![Wish::Say("no further failure among the rows read; / status:failed shows them all".to_owned())]
    }

    fn with_row(&self, wish: impl Fn(&S::Row) -> Wish) -> Vec<Wish> {
        self.list.current().map(wish).into_iter().collect()
    }

    fn remark(&self) -> String {
        let total = match (self.count, self.list.known_length()) {
            (_, Some(length)) => grouped(i64::try_from(length).unwrap_or(i64::MAX)),
            (Some(count), None) if count > COUNT_LIMIT => format!("more than {}", grouped(COUNT_LIMIT)),
            (Some(count), None) => grouped(count),
            (None, None) => "…".to_owned(),
        };
        match self.list.numbers() {
            _ if !self.list.is_loaded() => "reading …".to_owned(),
            Some((first, last)) => format!("{first}-{last} of {total}"),
            None if self.list.current().is_none() => "none".to_owned(),
            None => format!("of {total}"),
        }
    }

    /// Brings the detail up to the cursor's row, if that has rested.
    fn follow(&mut self, width: usize, view: &View) {
        let row = self.list.current();
        let place = row.map(Keyed::key);
        let resting = self
            .detail
            .moved_at
            .is_none_or(|at| i128::from(view.now.since(at)) >= REST.as_millis().cast_signed() || view.now < at);
        if place != self.detail.place && self.detail.place.is_some() && !resting {
            return;
        }
        self.detail.place = place;
        self.detail.title = row.map_or_else(String::new, |row| self.source.detail_title(row));
        let facts = row.map(|row| self.source.detail(row, view)).unwrap_or_default();
        let lines =
            facts.into_iter().flat_map(|(text, role)| wrap(&text, width).into_iter().map(move |line| (line, role)));
        self.detail.lines = lines.collect();
    }

    fn draw_detail(&mut self, painter: &mut Painter, view: &View) {
        self.follow(usize::from(painter.width().saturating_sub(2)), view);
        painter.rule(0, &self.detail.title, "", self.in_detail);
        let height = usize::from(painter.height().saturating_sub(1));
        self.detail_top = self.detail_top.min(self.detail.lines.len().saturating_sub(height));
        for (y, (text, role)) in (1..painter.height()).zip(self.detail.lines.iter().skip(self.detail_top)) {
            painter.text(1, y, painter.width(), text, *role);
        }
    }
}

impl<S: Source> Screen for Browser<S> {
    fn path(&self) -> Vec<&'static str> {
        self.source.path()
    }

    fn target(&self) -> Target {
        self.source.target(&self.terms.typed)
    }

    fn load(&mut self, _: &View) -> Vec<Wish> {
        let mut wishes = self.start(Seek::First);
        wishes.push(Wish::Ask(self.source.count(&self.terms, self.all)));
        wishes
    }

    fn offers(&self, command: Command) -> bool {
        match command {
            Command::ShowAll => self.source.hides(),
            Command::Numbered(_)
            | Command::Actions
            | Command::Sort
            | Command::Mark
            | Command::Left
            | Command::Right => false,
            _ => true,
        }
    }

    fn command(&mut self, command: Command, view: &View) -> Option<Vec<Wish>> {
        self.detail.moved_at = Some(view.now);
        Some(match command {
            Command::Up => self.step(Move::Rows(-1)),
            Command::Down => self.step(Move::Rows(1)),
            Command::PageUp => self.step(Move::Pages(-1)),
            Command::PageDown => self.step(Move::Pages(1)),
            Command::HalfUp => self.step(Move::HalfPages(-1)),
            Command::HalfDown => self.step(Move::HalfPages(1)),
            Command::First if self.list.known_length().is_some() => self.step(Move::Rows(isize::MIN / 2)),
            Command::Last if self.list.known_length().is_some() => self.step(Move::Rows(isize::MAX / 2)),
            Command::First => {
                self.list = List::default();
                self.start(Seek::First)
            }
            Command::Last => self.start(Seek::Last),
            Command::NextPane | Command::PreviousPane => {
                self.in_detail = !self.in_detail;
                Vec::new()
            }
            Command::Back if self.in_detail => {
                self.in_detail = false;
                Vec::new()
            }
            Command::Back if !self.terms.typed.is_empty() => {
                self.terms = Terms::default();
                self.anew()
            }
            Command::Open => self.with_row(|row| Wish::Go(self.source.open(row))),
            Command::Related => self.with_row(|row| Wish::Go(self.source.related(row))),
            Command::Copy => self.with_row(|row| Wish::Copy(self.source.copies(row).0)),
            Command::CopyCommand => self.with_row(|row| Wish::Copy(self.source.copies(row).1)),
            Command::NextError => self.find_failure(true),
            Command::PreviousError => self.find_failure(false),
            Command::Filter => vec![Wish::Prompt("/", self.terms.typed.clone())],
            Command::ShowAll if self.source.hides() => {
                self.all = !self.all;
                self.anew()
            }
            Command::Grow => {
                self.detail_height = (self.detail_height + 1).min(40);
                Vec::new()
            }
            Command::Shrink => {
                self.detail_height = self.detail_height.saturating_sub(1).max(3);
                Vec::new()
            }
            _ => return None,
        })
    }

    fn typed(&mut self, text: &str, view: &View) -> Result<Vec<Wish>, String> {
        self.terms = Terms::parse(text, self.source.direction(), view.now)?;
        Ok(self.anew())
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Count(count)) => self.count = Some(count),
            Ok(answer) => {
                self.fault = None;
                if let Some((seek, rows)) = self.source.rows(answer) {
                    self.list.take(seek, rows);
                }
            }
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        let detail = self.detail_height.min(height.saturating_sub(6)).max(2);
        painter.rule(0, &self.source.title(&self.terms, self.all), &self.remark(), !self.in_detail);
        let above = height.saturating_sub(detail);
        let mut part = painter.part(0, 1, width, above.saturating_sub(1));
        table::draw(&mut part, &mut self.list, self.source.columns(), !self.in_detail, view);
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if self.list.is_loaded() && self.list.current().is_none() {
            let hint = if self.terms.typed.is_empty() { "" } else { "; Esc clears the filter" };
            painter.text(2, 2, width, &format!("Nothing here{hint}."), Role::Dim);
        }
        let mut part = painter.part(0, above, width, detail);
        self.draw_detail(&mut part, view);
    }

    fn notice(&self, _: &View) -> String {
        if self.terms.typed.is_empty() {
            String::new()
        } else {
            format!("Filter: {}  (Esc clears it)", self.terms.typed)
        }
    }
}
