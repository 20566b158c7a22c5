//! How a list looks: heading, rows, detail pane, the sentence of the notice row.

use super::super::source::Source;
use super::Browser;
use crate::console::painter::Painter;
use crate::console::query::COUNT_LIMIT;
use crate::console::screen::View;
use crate::console::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table;
use crate::domain::grouped;

impl<S: Source> Browser<S> {
    fn remark(&self) -> String {
        let total = match (self.count, self.list.known_length()) {
            (_, Some(length)) => grouped(i64::try_from(length).unwrap_or(i64::MAX)),
            (Some(count), None) if count > COUNT_LIMIT => format!("more than {}", grouped(COUNT_LIMIT)),
            (Some(count), None) => grouped(count),
            (None, None) => "…".to_owned(),
        };
        let place = match self.list.numbers() {
            _ if !self.list.is_loaded() => "reading …".to_owned(),
            Some((first, last)) => format!("{first}-{last} of {total}"),
            None if self.list.current().is_none() => "none".to_owned(),
            None => format!("of {total}"),
        };
        match self.marks.len() {
            0 => place,
            marked => format!("{} marked · {place}", grouped(i64::try_from(marked).unwrap_or(i64::MAX))),
        }
    }

    fn draw_detail(&mut self, painter: &mut Painter, view: &View) {
        let (source, row) = (&self.source, self.list.current());
        self.detail.follow(row.map(Keyed::key), usize::from(painter.width().saturating_sub(2)), view, || {
            row.map(|row| (source.detail_title(row), source.detail(row, view))).unwrap_or_default()
        });
        self.detail.draw(painter, &mut self.detail_top, self.in_detail);
    }

    /// The list, and below it the detail.
    pub(super) fn draw_all(&mut self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        let detail = self.detail_height.min(height.saturating_sub(6)).max(2);
        painter.rule(0, &self.source.title(&self.terms, self.all), &self.remark(), !self.in_detail);
        let above = height.saturating_sub(detail);
        let mut part = painter.part(0, 1, width, above.saturating_sub(1));
        let (source, marks) = (&self.source, &self.marks);
        table::draw_marked(&mut part, &mut self.list, source.columns(), !self.in_detail, view, |row| {
            marks.has(&source.key(row))
        });
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if self.list.is_loaded() && self.list.current().is_none() {
            let hint = if self.terms.typed.is_empty() { "" } else { "; Esc clears the filter" };
            painter.text(2, 2, width, &format!("Nothing here{hint}."), Role::Dim);
        }
        let mut part = painter.part(0, above, width, detail);
        self.draw_detail(&mut part, view);
    }

    /// The sentence of the notice row.
    pub(super) fn sentence(&self) -> String {
        if let Some(notice) = self.marks_notice() {
            return notice;
        }
        if self.terms.typed.is_empty() {
            String::new()
        } else {
            format!("Filter: {}  (Esc clears it)", self.terms.typed)
        }
    }
}
