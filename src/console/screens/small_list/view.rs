//! Draws a short list: heading, rows, detail pane.

use crate::console::protocol::effect::Effect;
use crate::console::screens::detail::whole_title;
use crate::console::screens::no_match;
use crate::console::screens::small_list::{Row, SmallList, table};
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{PaneNeeds, Panes, arrange, within};
use crate::console::view::painter::Painter;
use crate::console::view::pane::{self, PaneWindow};
use crate::console::view::theme::Role;
use crate::console::widgets::list::newer_words;
use crate::console::widgets::table as widget;
use crate::domain::grouped;

/// Rows of a list that are not its own: its title, its heading, and a blank one at the end.
const FRAME_ROWS: u16 = 3;

/// Shows the whole row in a box.
pub(super) fn record<R: Row>(row: &R) -> Effect {
    Effect::ShowRecord { title: format!("Row of {}", R::NAME), record: row.to_json() }
}

/// How many rows are listed, if they are the newest of a longer table.
pub fn newest_of(rows: usize, total: i64) -> String {
    match i64::try_from(rows).unwrap_or(i64::MAX) {
        rows if rows < total => format!("newest {} of {}", grouped(rows), grouped(total)),
        rows => grouped(rows),
    }
}

/// The texts around the rows.
pub struct ListFrame<'a> {
    /// The heading of the list.
    pub title: &'a str,
    /// The text to its right while no filter is set.
    pub remark: String,
    /// The text of an empty list, and its role.
    pub empty: (String, Role),
    /// Rows of the detail pane of a screen so high, at first.
    pub detail: fn(u16) -> u16,
}

/// The title of the detail pane and its lines.
pub type Details = (String, Vec<(String, Role)>);

impl<R: Row> SmallList<R> {
    /// Draws heading, rows and detail pane. `describe` gets the row and the width of a line.
    pub fn draw(
        &mut self,
        painter: &mut Painter,
        view: &ViewContext,
        frame: &ListFrame,
        marker: impl Fn(&R) -> char,
        describe: impl FnOnce(&R, usize) -> Details,
    ) {
        let panes = self.panes((painter.width(), painter.height()), frame, view);
        self.draw_in(painter, panes, view, frame, marker, describe);
    }

    /// Draws heading and rows without a detail pane.
    pub fn draw_rows(&mut self, painter: &mut Painter, view: &ViewContext, frame: &ListFrame) {
        let panes = Panes::only_list((painter.width(), painter.height()));
        self.draw_in(painter, panes, view, frame, |_| ' ', |_, _| Details::default());
    }

    /// The areas of list and detail pane on a screen.
    pub fn panes(&mut self, (width, height): (u16, u16), frame: &ListFrame, view: &ViewContext) -> Panes {
        if self.list.is_loaded() && self.rows.is_empty() {
            self.in_detail = false;
            return Panes::only_list((width, height));
        }
        let most = height.saturating_sub(5).max(2);
        let below = (frame.detail)(height).saturating_add_signed(self.grown).clamp(2, most);
        let list = widget::needed(R::COLUMNS, &mut self.list, self.arrangement.columns(), view);
        let needs = PaneNeeds { list, related: false, below, wider: self.wider };
        let panes = arrange((width, height), needs);
        // Few rows leave the pane more room below them than beside them, where it would cut cells.
        let whole = widget::whole(R::COLUMNS, &mut self.list, self.arrangement.columns(), view);
        let left = height.saturating_sub(FRAME_ROWS + u16::try_from(self.list.length()).unwrap_or(u16::MAX));
        if panes.are_beside() && whole > panes.list.width && left >= height / 2 {
            return arrange((width, height), PaneNeeds { list: u16::MAX, below: below.max(left), ..needs });
        }
        panes
    }

    /// Draws heading, rows and detail pane into these areas.
    pub fn draw_in(
        &mut self,
        painter: &mut Painter,
        panes: Panes,
        view: &ViewContext,
        frame: &ListFrame,
        marker: impl Fn(&R) -> char,
        describe: impl FnOnce(&R, usize) -> Details,
    ) {
        self.is_beside = panes.are_beside();
        within(painter, panes.list).hit_pane(0);
        within(painter, panes.detail).hit_pane(1);
        self.draw_list(&mut within(painter, panes.list), view, frame, marker);
        panes.draw_lines(painter);
        let highlights = self.filter.highlights();
        if panes.detail.height == 0 {
            return;
        }
        let mut part = within(painter, panes.detail);
        let Some(row) = self.list.current() else { return part.rule(0, "Details", "", self.in_detail) };
        let room = usize::from(part.width().saturating_sub(2));
        let (title, lines) = describe(row, room);
        let lines = self.wrapped.wrap(whole_title(&title, room).into_iter().chain(lines).collect(), room);
        let window = PaneWindow::new(&part, lines.len(), &mut self.top);
        self.page = isize::try_from(window.rows.saturating_sub(1).max(1)).unwrap_or(1);
        let mark = window.mark(&title, part.width(), pane::key_to(view, self.in_detail).as_deref());
        part.list_rule(0, &title, "", &mark, self.in_detail);
        for (y, (line, role)) in (1..part.height()).zip(lines.iter().skip(window.top)) {
            part.text(1, y, part.width(), line, *role);
            part.matches(1, y, line, &highlights.in_line(line));
        }
    }

    fn draw_list(&mut self, painter: &mut Painter, view: &ViewContext, frame: &ListFrame, marker: impl Fn(&R) -> char) {
        let (width, height) = (painter.width(), painter.height());
        let shown = self.list.known_length();
        let remark = match shown {
            None => "reading …".to_owned(),
            Some(shown) if !self.filter.is_empty() => format!("{} of {}", grouped(shown), grouped(self.rows.len())),
            Some(_) if !self.marked.is_empty() => {
                format!("{} marked of {}", grouped(self.marked.len()), grouped(self.rows.len()))
            }
            Some(_) => frame.remark.clone(),
        };
        let remark = newer_words(&self.list, !self.arrangement.is_default())
            .map_or(remark.clone(), |newer| format!("{newer} · {remark}"));
        painter.list_rule(0, frame.title, &self.filter_in_words(), &remark, !self.in_detail);
        let highlights = self.filter.highlights();
        let layout = self.arrangement.layout(&table::<R>(), Some(&highlights));
        let mut part = painter.part(0, 1, width, height.saturating_sub(1));
        let marked = &self.marked;
        let marker = |row: &R| if marked.contains(&row.key()) { '*' } else { marker(row) };
        widget::draw_with(&mut part, &mut self.list, R::COLUMNS, !self.in_detail, view, (layout, marker));
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if shown == Some(0) && self.rows.is_empty() {
            let (text, role) = &frame.empty;
            painter.text(2, 2, width, text, *role);
        } else if shown == Some(0) {
            no_match::draw(
                &mut painter.part(0, 2, width, height.saturating_sub(2)),
                self.no_match.as_ref(),
                self.is_preview(),
                view,
            );
        }
    }
}
