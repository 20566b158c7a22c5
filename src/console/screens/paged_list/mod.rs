//! A list over a table of any size: filter, order, columns, cursor, marks, detail pane, count,
//! related records.

mod changes;
mod commands;
mod histogram;
pub mod list_source;
mod marks;
mod pane_layout;
mod preview;
mod queries;
mod refresh;
mod sorting;
mod view;

use crate::console::protocol::column_layout::ColumnLayout;
use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::filter::Terms;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Place};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::detail::Detail;
use crate::console::screens::memory_sort::{MemorySort, SortsInMemory};
use crate::console::screens::no_match::Explanation;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::screens::row_count::RowCount;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::{Keyed, List, Move};
use crate::domain::{By, Order, Seek, SessionKey};
use marks::Marks;
use pane_layout::PaneLayout;
use refresh::FailureSearch;

/// Rows of the detail pane at first, and of the list that it leaves alone: two of rules and
/// headings, seven of rows.
const MIN_DETAIL_ROWS: u16 = 8;
const MIN_LIST_ROWS: u16 = 9;

/// A long list, whose rows are loaded in pieces from `S`.
#[allow(clippy::struct_excessive_bools)] // each is one thing an operator switches, independent of the others
pub struct PagedList<S: ListSource> {
    source: S,
    terms: Terms,
    /// The saved state, as it was when the screen was opened.
    list_state: ListState,
    /// Whether another screen opened it with a filter, which is then not saved.
    is_visit: bool,
    all: bool,
    order: Order,
    sort: MemorySort<S::Row>,
    columns: ColumnLayout,
    list: List<S::Row>,
    /// What was shown before a filter was typed.
    former: Option<preview::Former<S>>,
    /// The filter that is typed, until its first rows arrive.
    awaited: Option<Terms>,
    /// The place to open at.
    place: Option<Place>,
    count: RowCount,
    /// What is said of the filter of an empty list.
    explanation: Explanation,
    in_detail: bool,
    /// Rows of the detail pane as the operator set them; 0 if never.
    detail_height: u16,
    /// As it was drawn last.
    detail_shown: u16,
    detail_top: usize,
    detail: Detail,
    /// Further details of the row at a place.
    detail_lines: Option<(Place, Vec<(String, Role)>)>,
    /// Whether they are older than the last change of head office.
    detail_is_old: bool,
    layout: PaneLayout,
    find: String,
    hit: Option<usize>,
    failure_search: Option<FailureSearch>,
    marks: Marks<S::Key>,
    following: bool,
    /// Whether rows at a time are awaited that the operator asked for.
    goes_to: bool,
    histogram: Option<histogram::ListHistogram>,
    /// Columns and rows as drawn last.
    size: (u16, u16),
    fault: Option<String>,
}

impl<S: ListSource> PagedList<S> {
    /// A list with this filter; without one, in its saved state.
    pub fn new(source: S, filter: &str, memory: &SavedState, view: &ViewContext) -> Self {
        let list_state = source.name().and_then(|name| memory.lists.get(name)).cloned().unwrap_or_default();
        let is_visit = !filter.is_empty() || list_state.is_view;
        // If a saved filter is invalid, list everything.
        let parse = |filter: &str| Terms::parse(filter, source.fields(), view.zone, view.now).unwrap_or_default();
        let is_known = source.orders().iter().any(|(by, ..)| *by == list_state.by());
        Self {
            terms: parse(if filter.is_empty() { &list_state.filter } else { filter }),
            is_visit,
            all: list_state.all && (!is_visit || list_state.is_view),
            order: Order { by: if is_known { list_state.by() } else { By::Time }, ascending: list_state.ascending },
            sort: MemorySort::default(),
            columns: list_state.columns.clone(),
            list: List::default(),
            former: None,
            awaited: None,
            place: list_state.place(view.now).filter(|_| !is_visit),
            count: RowCount::default(),
            explanation: Explanation::default(),
            in_detail: false,
            detail_height: list_state.detail.min(40),
            detail_shown: MIN_DETAIL_ROWS,
            detail_top: 0,
            detail: Detail::default(),
            detail_lines: None,
            layout: PaneLayout::new(list_state.wider),
            detail_is_old: false,
            find: String::new(),
            hit: None,
            failure_search: None,
            marks: Marks::default(),
            following: false,
            goes_to: false,
            histogram: None,
            size: (80, 24),
            fault: None,
            list_state,
            source,
        }
    }

    fn start(&mut self, seek: Seek<Place>) -> Vec<Effect> {
        let seek = self.list.restart(seek);
        vec![self.ask_piece(seek)]
    }
}

impl<S: ListSource> Screen for PagedList<S> {
    fn path(&self) -> Vec<&'static str> {
        self.source.path()
    }

    fn route(&self) -> Route {
        self.source.route(&self.terms.typed)
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.focus_pane(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        let name = self.source.name()?;
        let (terms, list) =
            self.former.as_ref().map_or((&self.terms, &self.list), |former| (&former.terms, &former.list));
        let own = ListState {
            filter: terms.typed.clone(),
            all: self.all,
            place: list.current().filter(|_| !list.is_at_top()).map(Keyed::key),
            left_at: view.now.0,
            ..ListState::default()
        };
        // A list that was left before its first answer keeps its place.
        let is_unread = !list.is_loaded() && own.filter == self.list_state.filter;
        let own = if self.is_visit || is_unread { self.list_state.clone() } else { own };
        let list_state = ListState {
            by_number: self.order.by == By::Number,
            ascending: self.order.ascending,
            columns: self.columns.clone(),
            detail: self.detail_height,
            wider: self.layout.wider,
            ..own
        };
        Some((name.to_owned(), list_state))
    }

    fn list_view(&self, _: &ViewContext) -> Option<(String, ListState)> {
        let list_state = ListState {
            filter: self.terms.typed.clone(),
            all: self.all,
            by_number: self.order.by == By::Number,
            ascending: self.order.ascending,
            columns: self.columns.clone(),
            ..ListState::default()
        };
        Some((self.source.name()?.to_owned(), list_state))
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        self.detail_lines = None;
        self.explanation.outdate();
        if let Some(terms) = self.awaited.take() {
            return self.preview(terms);
        }
        if let Some(effects) = self.sort_again() {
            return effects;
        }
        let seek = match self.place.take() {
            // The row itself is to be the first.
            Some((at, id)) => {
                let before = if self.order.ascending { id.saturating_sub(1) } else { id.saturating_add(1) };
                self.list.restart(Seek::After((at, before)))
            }
            None => self.list.reread(),
        };
        let piece = self.ask_piece(seek);
        vec![piece, self.ask_count()]
    }

    fn refresh(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.explanation.outdate();
        if self.place.is_some() { self.load(view) } else { self.read_visible() }
    }

    fn tick(&mut self, _: &ViewContext) -> Vec<Effect> {
        if self.following && self.awaited.is_none() { self.start(Seek::First) } else { Vec::new() }
    }

    fn debounced(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.ask_detail().into_iter().chain(self.resize_histogram(view)).collect()
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        self.is_offered(command)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        self.detail.moved(view);
        if self.failure_search.take().is_some() && command == Command::Back {
            return Some(vec![Effect::Say("It is not looked for any more.".to_owned())]);
        }
        self.perform_command(command, view)
    }

    fn change(&mut self, change: ScreenChange, _: &ViewContext) -> Vec<Effect> {
        self.take_change(change)
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Count(count)) => self.count.take(count),
            Ok(Answer::CountOn(count)) => return self.count.count_on(*count).into_iter().collect(),
            Ok(Answer::Counts(typed, counts)) => return self.take_counts(typed, counts),
            Ok(Answer::Newer(newer)) => self.list.take_newer(newer),
            Ok(Answer::ToSort(answer)) => return self.take_to_sort(*answer),
            Ok(Answer::Next(found, reached)) => return self.take_failure(found, reached),
            Ok(Answer::Histogram(columns, counts)) => self.take_histogram(columns, counts),
            Ok(answer) => {
                self.fault = None;
                let answer = match self.source.keys(answer) {
                    Ok(keys) => return self.all_marked(keys, view),
                    Err(answer) => answer,
                };
                if let Some(lines) =
                    self.list.current().and_then(|row| Some((row.key(), self.source.detail_lines(row, &answer, view)?)))
                {
                    let facts = self.list.current().and_then(|row| self.source.related_facts(row, &answer, view));
                    self.layout.take(lines.0, facts);
                    self.detail_lines = Some(lines);
                } else if let Some(piece) = self.source.rows(answer) {
                    let mut effects = self.show_awaited();
                    effects.extend(self.take_rows(piece, view));
                    // After a jump, load the rows above as well; a search continues.
                    effects.extend(self.needed());
                    effects.extend(self.ask_detail());
                    effects.extend(self.ask_why_empty(view));
                    return effects;
                }
            }
            Err(sentence) => {
                (self.fault, self.awaited) = (Some(sentence), None);
                self.sort.fail();
                self.count.stop();
                self.explanation.outdate();
            }
        }
        Vec::new()
    }

    fn store(&self) -> Option<String> {
        self.list.current().map(|row| self.source.store(row))
    }

    fn session(&self) -> Option<SessionKey> {
        self.list.current().and_then(|row| self.source.session(row))
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        self.draw_all(painter, view);
    }

    fn notice(&self, view: &ViewContext) -> String {
        self.sentence(view)
    }
}
