//! The panes of a long list on a wide screen: their width, and the third column of related facts.

use crate::console::protocol::query::Place;
use crate::console::screens::detail::{Detail, whole_title};
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::{ListSource, Related};
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{PANE_STEP, Panes};
use crate::console::view::painter::Painter;
use crate::console::widgets::list::Keyed;
use crate::filter::Highlights;

/// Columns by which the panes can be widened or narrowed.
const MAX_WIDER: i16 = 200;

/// A part of the screen that can have the focus, in the order of Tab.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Focus {
    List,
    Detail,
    Related,
}

/// Layout and focus of the panes.
#[derive(Default)]
pub(super) struct PaneLayout {
    /// Columns by which the operator has widened them.
    pub(super) wider: i16,
    /// Whether the details are beside the list.
    is_beside: bool,
    /// Whether the related facts are shown.
    pub(super) has_related: bool,
    /// Whether the related facts have the focus; then the list does not have it either.
    in_related: bool,
    facts: Option<(Place, Related)>,
    pane: Detail,
    top: usize,
    height: u16,
}

impl PaneLayout {
    /// The panes with the saved width.
    pub(super) fn new(wider: i16) -> Self {
        Self { wider: wider.clamp(-MAX_WIDER, MAX_WIDER), ..Self::default() }
    }

    /// Notes how the panes are drawn.
    pub(super) fn note_layout(&mut self, panes: &Panes) {
        (self.is_beside, self.has_related) = (panes.are_beside(), panes.related.is_some());
        self.in_related &= self.has_related;
    }

    /// Widens the panes, or narrows them; false if they are below the list.
    pub(super) fn widen(&mut self, wider: bool) -> bool {
        if self.is_beside {
            self.wider = (self.wider + if wider { PANE_STEP } else { -PANE_STEP }).clamp(-MAX_WIDER, MAX_WIDER);
        }
        self.is_beside
    }

    /// Scrolls the related facts; false if they do not have the focus.
    pub(super) fn scroll(&mut self, rows: impl FnOnce(isize) -> isize) -> bool {
        if self.in_related {
            let page = isize::try_from(self.height.saturating_sub(2).max(1)).unwrap_or(1);
            self.top = self.top.saturating_add_signed(rows(page));
        }
        self.in_related
    }

    /// The facts related to the row at a place.
    pub(super) fn facts(&self, place: Place) -> Option<&Related> {
        self.facts.as_ref().filter(|(of, _)| self.has_related && *of == place).map(|(_, facts)| facts)
    }

    /// Takes the facts of the row at a place.
    pub(super) fn take(&mut self, place: Place, facts: Option<Related>) {
        self.facts = facts.map(|facts| (place, facts));
    }

    /// Fills the pane with the facts of the row at a place, or empties it.
    fn follow(&mut self, place: Option<Place>, width: usize, view: &ViewContext) {
        let facts = self.facts.as_ref().filter(|(of, _)| Some(*of) == place).map(|(_, facts)| facts);
        let has_changed = self.pane.follow(place, width, view, || {
            let (title, lines) = facts.map(|facts| (facts.title.clone(), facts.lines.clone())).unwrap_or_default();
            let lines = whole_title(&title, width).into_iter().chain(lines).collect();
            (title, lines)
        });
        if has_changed {
            self.top = 0;
        }
    }

    /// The pane to search in if the related facts have the focus, and its first line.
    pub(super) fn searched(&mut self) -> Option<(&Detail, &mut usize)> {
        self.in_related.then_some((&self.pane, &mut self.top))
    }
}

impl<S: ListSource> PagedList<S> {
    fn focus(&self) -> Focus {
        match (self.in_detail, self.layout.in_related) {
            (false, _) => Focus::List,
            (true, false) => Focus::Detail,
            (true, true) => Focus::Related,
        }
    }

    fn set_focus(&mut self, focus: Focus) {
        (self.in_detail, self.layout.in_related) = (focus != Focus::List, focus == Focus::Related);
        self.hit = None;
    }

    /// Moves the focus to the next pane, or the previous one.
    pub(super) fn focus_next_pane(&mut self, forward: bool) {
        let last = if self.layout.has_related { Focus::Related } else { Focus::Detail };
        self.set_focus(match (self.focus(), forward) {
            (Focus::List, true) | (Focus::Related, false) => Focus::Detail,
            (Focus::List, false) => last,
            (Focus::Detail, true) if self.layout.has_related => Focus::Related,
            (Focus::Detail | Focus::Related, _) => Focus::List,
        });
    }

    /// Gives the list (0), its details (1) or the related facts (2) the focus; returns which had
    /// it.
    pub(super) fn focus_pane(&mut self, pane: u8) -> u8 {
        let before = self.focus();
        let focus = match pane {
            0 => Focus::List,
            1 => Focus::Detail,
            _ => Focus::Related,
        };
        if focus != before {
            self.set_focus(focus);
        }
        if let Some(histogram) = &mut self.histogram {
            histogram.is_focused = false;
        }
        before as u8
    }

    /// Moves the focus back to the list.
    pub(super) fn leave_panes(&mut self) {
        self.set_focus(Focus::List);
    }

    /// Whether the details have the focus.
    pub(super) fn is_in_detail(&self) -> bool {
        self.focus() == Focus::Detail
    }

    /// Draws the related facts; keeps the previous row's until the new ones are loaded.
    pub(super) fn draw_related(&mut self, painter: &mut Painter, view: &ViewContext) {
        let row = self.list.current();
        let place = row.map(Keyed::key);
        let is_known = place.is_some_and(|place| self.layout.facts(place).is_some());
        let is_loading = row.is_some_and(|row| self.source.detail_query(row).is_some()) && !is_known;
        let layout = &mut self.layout;
        layout.height = painter.height();
        if !(is_loading && layout.pane.waits(place, view)) {
            layout.follow(place, usize::from(painter.width().saturating_sub(2)), view);
        }
        let hit = self.hit.filter(|_| layout.in_related);
        let highlights = Highlights::of(&self.terms.filter.terms);
        layout.pane.draw(painter, &mut layout.top, layout.in_related, (&highlights, hit), view);
    }
}
