//! A list over a table of any size: filter, cursor, marks, detail pane, count, related records.

mod draw;
mod marks;

use super::detail::Detail;
use super::source::Source;
use crate::console::acts::Act;
use crate::console::filter::Terms;
use crate::console::keys::Command;
use crate::console::painter::Painter;
use crate::console::query::{Answer, Place};
use crate::console::screen::{Screen, Target, View, Wish};
use crate::console::widgets::list::{List, Move};
use crate::domain::Seek;
pub use marks::MARKED;
use marks::Marks;

/// What the line at the bottom is being typed for.
enum Typing {
    Filter,
    Time,
    /// The reason of a change that was chosen.
    Reason(Act),
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
    typing: Typing,
    marks: Marks<S::Key>,
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
            typing: Typing::Filter,
            marks: Marks::default(),
            fault: None,
        }
    }

    fn start(&mut self, seek: Seek<Place>) -> Vec<Wish> {
        let seek = self.list.restart(seek);
        vec![Wish::Ask(self.source.piece(&self.terms, self.all, seek))]
    }

    fn anew(&mut self) -> Vec<Wish> {
        // What is marked and no longer seen must not be acted on.
        self.marks.clear();
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
            Command::Actions => self.source.can_change(),
            Command::Numbered(_) | Command::Sort | Command::Left | Command::Right => false,
            _ => true,
        }
    }

    fn command(&mut self, command: Command, view: &View) -> Option<Vec<Wish>> {
        self.detail.moved(view);
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
            Command::Mark => self.mark(),
            Command::MarkRange => self.mark_range(),
            Command::MarkAll => self.mark_all(),
            Command::Back if !self.marks.is_empty() => {
                self.marks.clear();
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
            Command::Actions => {
                let row = self.list.current()?;
                let actions = self.source.actions(row, &self.chosen(), view);
                if actions.is_empty() {
                    return Some(vec![Wish::Say("nothing here is changed by hand".to_owned())]);
                }
                let title = match self.marks.len() {
                    0 => format!("Actions on {}", self.source.detail_title(row)),
                    marked => format!("Actions on {marked} marked rows"),
                };
                vec![Wish::Actions(title, actions)]
            }
            Command::Filter => {
                self.typing = Typing::Filter;
                vec![Wish::Prompt("/", self.terms.typed.clone())]
            }
            Command::GoTo => {
                self.typing = Typing::Time;
                vec![Wish::Prompt("Go to (14:30, 2026-11-23, 2h):", String::new())]
            }
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

    fn acted(&mut self, letter: char, _: &View) -> Vec<Wish> {
        let act = self.source.act(&self.chosen(), letter);
        act.map_or_else(Vec::new, |act| {
            self.typing = Typing::Reason(act);
            vec![Wish::Prompt("Reason:", String::new())]
        })
    }

    fn confirmed(&mut self, _: &View) -> Vec<Wish> {
        match std::mem::replace(&mut self.typing, Typing::Filter) {
            Typing::Reason(act) => {
                self.marks.clear();
                vec![Wish::Act(act)]
            }
            Typing::Filter | Typing::Time => Vec::new(),
        }
    }

    fn typed(&mut self, text: &str, view: &View) -> Result<Vec<Wish>, String> {
        match &mut self.typing {
            Typing::Reason(act) => act.because(text).map(|question| vec![Wish::Question(question)]),
            Typing::Time => {
                let at = view
                    .zone
                    .parse(text, view.now)
                    .ok_or("no time; write 14:30, 2026-11-23, 2026-11-23 14:30 or 2h")?;
                Ok(self.start(Seek::After((at, i64::MAX))))
            }
            Typing::Filter => {
                self.terms = Terms::parse(text, self.source.direction(), view.now)?;
                Ok(self.anew())
            }
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Count(count)) => self.count = Some(count),
            Ok(answer) => {
                self.fault = None;
                let answer = match self.source.keys(answer) {
                    Ok(keys) => return self.all_marked(keys),
                    Err(answer) => answer,
                };
                if let Some((seek, rows)) = self.source.rows(answer) {
                    self.list.take(seek, rows);
                    // After a jump, what lies before is there before anybody goes up.
                    let need = self.list.need();
                    return need
                        .map(|seek| Wish::Ask(self.source.piece(&self.terms, self.all, seek)))
                        .into_iter()
                        .collect();
                }
            }
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        self.draw_all(painter, view);
    }

    fn notice(&self, _: &View) -> String {
        self.sentence()
    }
}
