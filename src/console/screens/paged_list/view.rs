//! Draws a long list: heading, rows, panes, the sentence of the notice row.

use crate::console::screens::detail::whole_title;
use crate::console::screens::no_match;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::screens::paged_list::{MIN_DETAIL_ROWS, MIN_LIST_ROWS, PagedList, histogram};
use crate::console::screens::row_filter::in_words;
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{self, PaneNeeds, Panes, THREE_COLUMNS, within};
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::{Keyed, newer_words, place_words};
use crate::console::widgets::table::{self, Layout};
use crate::domain::{By, Cause, Order, Timestamp, grouped};
use crate::filter::Highlights;

impl<S: ListSource> PagedList<S> {
    fn remark(&self, view: &ViewContext) -> String {
        let place = place_words(&self.list, |read| self.count.words(read));
        let place = match self.list.unconfirmed() {
            Some((at, _)) if self.order.by == By::Time => {
                format!("{place}, beyond {} as found before", view.zone.short(Timestamp(at), view.now))
            }
            Some(_) => format!("{place}, the last as found before"),
            None => place,
        };
        let place = newer_words(&self.list, self.order != Order::default() || self.sort.shown().is_some())
            .map_or(place.clone(), |newer| format!("{newer} · {place}"));
        let place = if self.following { format!("following · {place}") } else { place };
        match self.marks.len() {
            0 => place,
            marked => format!("{} marked · {place}", grouped(marked)),
        }
    }

    fn draw_detail(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (source, row, layout) = (&self.source, self.list.current(), &self.layout);
        let detail_lines = &self.detail_lines;
        let focused = self.is_in_detail();
        let hit = self.hit.filter(|_| focused);
        let is_low = painter.height() <= 2;
        let highlights = Highlights::of(&self.terms.filter.terms);
        let is_known = |row: &S::Row| detail_lines.as_ref().is_some_and(|(place, _)| *place == row.key());
        let lacks = row.is_some_and(|row| source.detail_query(row).is_some() && !is_known(row));
        if lacks && self.detail.waits(row.map(Keyed::key), view) {
            return self.detail.draw(painter, &mut self.detail_top, focused, (&highlights, hit), view);
        }
        let width = usize::from(painter.width().saturating_sub(2));
        self.detail.follow(row.map(Keyed::key), width, view, || {
            let details = |row: &S::Row| {
                let mut lines = source.detail(row, view);
                let loaded =
                    detail_lines.iter().filter(|(place, _)| *place == row.key()).flat_map(|(_, lines)| lines.clone());
                match layout.facts(row.key()) {
                    Some(related) => lines.extend(related.detail.clone()),
                    None => lines.extend(loaded),
                }
                // Where there is room for one line only, it is the error: the row has the rest.
                if is_low && source.is_failure(row) && lines.len() > 1 {
                    lines.remove(0);
                }
                let title = source.detail_title(row);
                if !is_low {
                    lines.splice(..0, whole_title(&title, width));
                }
                (title, lines)
            };
            row.map(details).unwrap_or_default()
        });
        self.detail.draw(painter, &mut self.detail_top, focused, (&highlights, hit), view);
    }

    /// The histogram if it is wanted, the list, and below it or beside it the panes.
    pub(super) fn draw_all(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        self.size = (width, height);
        let rows = if self.histogram.is_some() && height >= histogram::MIN_SCREEN_ROWS {
            histogram::HISTOGRAM_ROWS
        } else {
            0
        };
        if rows > 0 {
            self.draw_histogram(&mut painter.part(0, 0, width, rows), view);
        }
        self.draw_panes(&mut painter.part(0, rows, width, height - rows), view);
    }

    fn draw_panes(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let below = match self.detail_height {
            0 => {
                // Side by side below the list, details and related facts get a third of the screen.
                let usual = if width >= THREE_COLUMNS { MIN_DETAIL_ROWS.max(height / 3) } else { MIN_DETAIL_ROWS };
                usual.min(height.saturating_sub(MIN_LIST_ROWS)).max(2)
            }
            set => set.min(height.saturating_sub(6)).max(2),
        };
        let list = table::needed(self.source.columns(), &mut self.list, &self.columns, view);
        let needs = PaneNeeds { list, related: self.source.has_related(), below, wider: self.layout.wider };
        let is_empty = self.list.is_loaded() && self.list.current().is_none() && self.list.searching().is_none();
        let panes = if is_empty && self.terms.typed.is_empty() {
            self.leave_panes();
            Panes::only_list((width, height))
        } else {
            layout::arrange((width, height), needs)
        };
        self.detail_shown = panes.detail.height;
        self.layout.note_layout(&panes);
        within(painter, panes.list).hit_pane(0);
        within(painter, panes.detail).hit_pane(1);
        self.draw_list(&mut within(painter, panes.list), view);
        panes.draw_lines(painter);
        if panes.detail.height > 0 {
            self.draw_detail(&mut within(painter, panes.detail), view);
        }
        if let Some(related) = panes.related {
            within(painter, related).hit_pane(2);
            self.draw_related(&mut within(painter, related), view);
        }
    }

    fn draw_list(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let focused = !self.in_detail && self.histogram.as_ref().is_none_or(|histogram| !histogram.is_focused);
        let (source, marks, sorted) = (&self.source, &self.marks, self.sorted_by());
        let highlights = Highlights::of(&self.terms.filter.terms);
        let layout = Layout { columns: Some(&self.columns), sorted, highlights: Some(&highlights) };
        let mut part = painter.part(0, 1, width, height.saturating_sub(1));
        let marked = |row: &S::Row| if marks.has(&source.key(row)) { '*' } else { ' ' };
        table::draw_with(&mut part, &mut self.list, source.columns(), focused, view, (layout, marked));
        let title = self.source.title(&self.terms, self.all);
        painter.list_rule(0, &title, &self.filter_in_words(), &self.remark(view), focused);
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if self.list.is_loaded() && self.list.current().is_none() && self.list.searching().is_none() {
            if self.terms.typed.is_empty() {
                painter.text(2, 2, width, "Nothing here.", Role::Dim);
            } else {
                no_match::draw(
                    &mut painter.part(0, 2, width, height.saturating_sub(2)),
                    self.explanation.for_filter(&self.terms.typed),
                    self.former.is_some(),
                    view,
                );
            }
        }
    }

    /// The filter with the text of a cause that it names by its number.
    fn filter_in_words(&self) -> String {
        let text = self.list.current().and_then(|row| self.source.error(row));
        let cause = text.filter(|_| self.terms.typed.contains("cause:")).map(Cause::of);
        cause
            .map_or_else(|| self.terms.typed.clone(), |cause| in_words(&self.terms.filter, cause.digest, &cause.masked))
    }

    /// The sentence of the notice row.
    pub(super) fn sentence(&self, view: &ViewContext) -> String {
        if let Some(failure_search) = self.failure_search {
            let place = failure_search.reached.filter(|_| self.order.by == By::Time);
            let place = place.map(|(at, _)| format!(", {} reached", view.zone.short(Timestamp(at), view.now)));
            return format!(
                "FailureSearch for the next failure{}; {}",
                place.unwrap_or_default(),
                view.keys("{back} stops.")
            );
        }
        if let Some(notice) = self.sort.notice(view) {
            return notice;
        }
        if let Some(((at, _), resting)) = self.list.searching() {
            let place = match self.order.by {
                By::Time => format!("back to {}", view.zone.short(Timestamp(at), view.now)),
                By::Number => format!("as far as session {at}"),
            };
            let rest = view.keys(if resting { "{down} on the last row continues" } else { "{back} stops" });
            return format!("Searched {place}, {} found so far; {rest}.", grouped(self.list.length()));
        }
        if let Some(notice) = self.marks_notice(view) {
            return notice;
        }
        if self.terms.typed.is_empty() {
            String::new()
        } else if self.is_visit {
            format!("Filter: {}", self.filter_in_words())
        } else {
            format!("Filter: {}  {}", self.filter_in_words(), view.keys("({back} clears it)"))
        }
    }
}
