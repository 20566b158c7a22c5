//! A list over a table of any size: filter, order, columns, cursor, marks, detail pane, count, related records.

mod bars;
mod commands;
pub mod list_source;
mod marks;
mod typed;
mod view;

pub use marks::MARKED;

use crate::console::protocol::effect::Wish;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::keys::Command;
use crate::console::protocol::query::{Answer, Place};
use crate::console::protocol::route::Target;
use crate::console::protocol::saved_state::{Look, Memory};
use crate::console::screens::detail::Detail;
use crate::console::screens::paged_list::list_source::Source;
use crate::console::screens::screen::Screen;
use crate::console::view::context::View;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::{Keyed, List, Move};
use crate::domain::{By, Order, Seek};
use marks::Marks;
use typed::{Picking, Typing};

/// Rows of the detail pane at first, and of the list that it leaves alone: two of rules and headings, seven of rows.
const DETAIL: u16 = 8;
const LIST: u16 = 9;

/// The screen.
#[allow(clippy::struct_excessive_bools)] // each is one thing an operator switches, independent of the others
pub struct Browser<S: Source> {
    source: S,
    terms: Terms,
    /// The look that is remembered, as it was when the screen was opened.
    look: Look,
    /// Whether it was opened with a filter by another screen: that filter is not the operator's own.
    is_visit: bool,
    all: bool,
    order: Order,
    hidden: Vec<String>,
    list: List<S::Row>,
    /// Where it was left, to be gone to at first.
    place: Option<Place>,
    count: Option<i64>,
    in_detail: bool,
    /// Rows of the detail pane as the operator set them; 0 if never.
    detail_height: u16,
    /// As it was drawn last.
    detail_shown: u16,
    detail_top: usize,
    detail: Detail,
    /// What more is known of the row at a place, or that it is asked.
    more: Option<(Place, Vec<(String, Role)>)>,
    find: String,
    hit: Option<usize>,
    marks: Marks<S::Key>,
    typing: Typing,
    picking: Picking,
    following: bool,
    bars: Option<bars::Bars>,
    /// Whether there was room for a histogram.
    has_room: bool,
    fault: Option<String>,
}

impl<S: Source> Browser<S> {
    /// A list with this filter typed in already; without one it looks as it was left.
    pub fn new(source: S, filter: &str, memory: &Memory, view: &View) -> Self {
        let look = source.name().and_then(|name| memory.looks.get(name)).cloned().unwrap_or_default();
        let is_visit = !filter.is_empty();
        // A filter that the program itself types is sound; should it, or one that was remembered, not be, all is shown.
        let parse = |filter: &str| Terms::parse(filter, source.direction(), view.zone, view.now).unwrap_or_default();
        let is_known = source.orders().iter().any(|(by, ..)| *by == look.by());
        Self {
            terms: parse(if is_visit { filter } else { &look.filter }),
            is_visit,
            all: look.all && !is_visit,
            order: Order { by: if is_known { look.by() } else { By::Time }, ascending: look.ascending },
            hidden: look.hidden.clone(),
            list: List::default(),
            place: look.place(view.now).filter(|_| !is_visit),
            count: None,
            in_detail: false,
            detail_height: look.detail.min(40),
            detail_shown: DETAIL,
            detail_top: 0,
            detail: Detail::default(),
            more: None,
            find: String::new(),
            hit: None,
            marks: Marks::default(),
            typing: Typing::Filter,
            picking: Picking::Order,
            following: false,
            bars: None,
            has_room: true,
            fault: None,
            look,
            source,
        }
    }

    fn piece(&self, seek: Seek<Place>) -> Wish {
        Wish::Ask(self.source.piece(&self.terms, self.all, self.order, seek))
    }

    fn start(&mut self, seek: Seek<Place>) -> Vec<Wish> {
        let seek = self.list.restart(seek);
        vec![self.piece(seek)]
    }

    /// Begins again from the top, as after another filter.
    fn anew(&mut self) -> Vec<Wish> {
        let mut wishes = self.anew_below();
        wishes.extend(self.ask_bars());
        wishes
    }

    /// The same, but for the histogram.
    fn anew_below(&mut self) -> Vec<Wish> {
        // What is marked and no longer seen must not be acted on.
        self.marks.clear();
        self.list = List::default();
        self.count = None;
        let mut wishes = self.start(Seek::First);
        wishes.extend(self.ask_count());
        wishes
    }

    fn ask_count(&self) -> Option<Wish> {
        self.source.count(&self.terms, self.all).map(Wish::Ask)
    }

    /// The question about the row on which the cursor rests, unless that is answered.
    fn ask_more(&mut self) -> Vec<Wish> {
        let Some(row) = self.list.current() else { return Vec::new() };
        if self.more.as_ref().is_some_and(|(place, _)| *place == row.key()) {
            return Vec::new();
        }
        self.more = None;
        self.source.ask_more(row).map(Wish::Ask).into_iter().collect()
    }

    fn needed(&mut self) -> Vec<Wish> {
        self.list.need().map(|seek| self.piece(seek)).into_iter().collect()
    }

    fn step(&mut self, step: Move) -> Vec<Wish> {
        if self.in_detail {
            let page = isize::try_from(self.detail_shown.saturating_sub(2).max(1)).unwrap_or(1);
            self.detail_top = self.detail_top.saturating_add_signed(step.rows(page));
            return Vec::new();
        }
        self.detail_top = 0;
        self.hit = None;
        self.following = false;
        let need = self.list.step(step);
        need.map(|seek| self.piece(seek)).into_iter().collect()
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

    fn look(&self, view: &View) -> Option<(String, Look)> {
        let name = self.source.name()?;
        let own = Look {
            filter: self.terms.typed.clone(),
            all: self.all,
            place: self.list.current().filter(|_| !self.list.is_at_top()).map(Keyed::key),
            left_at: view.now.0,
            ..Look::default()
        };
        let own = if self.is_visit { self.look.clone() } else { own };
        let look = Look {
            by_number: self.order.by == By::Number,
            ascending: self.order.ascending,
            hidden: self.hidden.clone(),
            detail: self.detail_height,
            ..own
        };
        Some((name.to_owned(), look))
    }

    fn load(&mut self, _: &View) -> Vec<Wish> {
        self.more = None;
        let seek = match self.place.take() {
            // The row itself is to be the first.
            Some((at, id)) => {
                let before = if self.order.ascending { id.saturating_sub(1) } else { id.saturating_add(1) };
                self.list.restart(Seek::After((at, before)))
            }
            None => self.list.reread(),
        };
        let mut wishes = vec![self.piece(seek)];
        wishes.extend(self.ask_count());
        wishes
    }

    fn tick(&mut self, _: &View) -> Vec<Wish> {
        if self.following { self.start(Seek::First) } else { Vec::new() }
    }

    fn rested(&mut self, _: &View) -> Vec<Wish> {
        self.ask_more()
    }

    fn offers(&self, command: Command) -> bool {
        self.is_offered(command)
    }

    fn command(&mut self, command: Command, view: &View) -> Option<Vec<Wish>> {
        self.detail.moved(view);
        self.obey(command, view)
    }

    fn acted(&mut self, letter: char, _: &View) -> Vec<Wish> {
        self.list
            .current()
            .map_or_else(Vec::new, |row| self.source.acted(row, &self.chosen(), self.marks.matching(), letter))
    }

    fn confirmed(&mut self, _: &View) -> Vec<Wish> {
        self.marks.clear();
        Vec::new()
    }

    fn typed(&mut self, text: &str, view: &View) -> Result<Vec<Wish>, String> {
        self.take_typed(text, view)
    }

    fn picked(&mut self, chosen: &[usize], _: &View) -> Vec<Wish> {
        self.take_picked(chosen)
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Count(count)) => self.count = Some(count),
            Ok(Answer::Busy(from, busy)) => self.take_bars(from, busy),
            Ok(answer) => {
                self.fault = None;
                let answer = match self.source.keys(answer) {
                    Ok(keys) => return self.all_marked(keys),
                    Err(answer) => answer,
                };
                if let Some(more) =
                    self.list.current().and_then(|row| Some((row.key(), self.source.more(row, &answer, view)?)))
                {
                    self.more = Some(more);
                } else if let Some(piece) = self.source.rows(answer) {
                    self.list.take(piece.seek, piece.rows, piece.reached);
                    // After a jump, what lies before is there before anybody goes up; a search goes on.
                    let mut wishes = self.needed();
                    wishes.extend(self.ask_more());
                    return wishes;
                }
            }
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn store(&self) -> Option<String> {
        self.list.current().map(|row| self.source.store(row))
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        self.draw_all(painter, view);
    }

    fn notice(&self, view: &View) -> String {
        self.sentence(view)
    }
}
