//! Layouts by width, decided here for all screens: below a list, beside it, or in three columns.

use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use ratatui::layout::Rect;

/// The width from which screens may use two columns.
pub const TWO_COLUMNS: u16 = 110;
/// The width from which screens may use three columns.
pub const THREE_COLUMNS: u16 = 160;

/// The narrowest pane beside a list, and its share of a wide screen.
const PANE_WIDTH: u16 = 40;
const WIDE_PANE_WIDTH: u16 = 56;
/// The minimum widths of a pane and a list that the operator resizes with `+` and `-`.
const MIN_PANE_WIDTH: u16 = 24;
const MIN_LIST_WIDTH: u16 = 50;
/// The narrowest screen that has a text beside it, and the width at which its lines are whole.
const MIN_SCREEN_WIDTH: u16 = 60;
const TEXT_PANE_WIDTH: u16 = 80;
/// Columns that one `+` adds to a pane.
pub const PANE_STEP: i16 = 4;

/// The least number of rows above the buttons of a form that is high enough.
const MIN_FORM_ROWS: u16 = 20;
/// Maximum width of a form, at whose right end the buttons are.
const MAX_FORM_WIDTH: u16 = 100;

/// Returns the column and the row at which the buttons of a form begin: at the right, below the
/// `content` rows. `buttons`: their width.
pub fn form_buttons((width, height): (u16, u16), buttons: u16, content: u16) -> (u16, u16) {
    let row = content.saturating_add(1).max(MIN_FORM_ROWS);
    (width.min(MAX_FORM_WIDTH).saturating_sub(buttons), row.min(height.saturating_sub(1)))
}

/// What a screen with a list needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaneNeeds {
    /// The width at which the list shows all its columns.
    pub list: u16,
    /// Whether there are related facts for a third column.
    pub related: bool,
    /// Rows of the pane if it is below the list.
    pub below: u16,
    /// Columns by which the operator has widened the panes.
    pub wider: i16,
}

/// The areas of a screen with a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panes {
    /// The list.
    pub list: Rect,
    /// The details of its row.
    pub detail: Rect,
    /// The related facts, where there is a column for them.
    pub related: Option<Rect>,
}

impl Panes {
    /// Whether the details are beside the list.
    pub fn are_beside(&self) -> bool {
        self.detail.x > 0
    }

    /// The list alone, while it has no row that a pane could describe.
    pub fn only_list((width, height): (u16, u16)) -> Self {
        Self { list: Rect::new(0, 0, width, height), detail: Rect::new(0, height, width, 0), related: None }
    }

    /// Draws the lines between the columns.
    pub fn draw_lines(&self, painter: &mut Painter) {
        for pane in [Some(self.detail), self.related].into_iter().flatten().filter(|pane| pane.x > 0) {
            let is_below = pane.y > 0 && pane.y == self.list.bottom();
            let top = if is_below { pane.y } else { 0 };
            line(&mut painter.part(0, top, pane.x, pane.bottom() - top), pane.x - 1, pane.bottom() - top);
            if pane.y > 0 && !is_below {
                painter.text(pane.x - 1, pane.y, 1, "├", Role::Dim);
            }
        }
    }

    /// Whether a chart is drawn above the details instead of above the list: on a wide screen whose
    /// details are beside the list, which keeps its rows.
    pub fn have_room_for_a_chart(&self) -> bool {
        self.are_beside() && self.list.width + 1 + self.detail.width >= THREE_COLUMNS
    }

    /// The panes below this many rows of the details.
    #[must_use]
    pub fn below(mut self, rows: u16) -> Self {
        let rows = rows.min(self.detail.height);
        self.detail.y += rows;
        self.detail.height -= rows;
        self
    }
}

/// Draws a vertical line between two columns that begin with a rule.
pub fn line(painter: &mut Painter, x: u16, height: u16) {
    for y in 0..height {
        painter.text(x, y, 1, if y == 0 { "┬" } else { "│" }, Role::Dim);
    }
}

/// Returns a painter for an area.
pub fn within<'p>(painter: &'p mut Painter, area: Rect) -> Painter<'p> {
    painter.part(area.x, area.y, area.width, area.height)
}

/// Arranges a list and its panes on a screen. Panes are beside the list only where all its columns
/// have room there, so that a wider screen never shows fewer of them.
pub fn arrange((width, height): (u16, u16), needs: PaneNeeds) -> Panes {
    let widened =
        |pane: u16, most: u16| pane.saturating_add_signed(needs.wider).clamp(MIN_PANE_WIDTH, most.max(MIN_PANE_WIDTH));
    let column = |x: u16, width: u16| Rect::new(x, 0, width, height);
    let beside = |panes: u16| width >= TWO_COLUMNS && needs.list.saturating_add(panes * (1 + PANE_WIDTH)) <= width;
    if needs.related && width >= THREE_COLUMNS && beside(2) {
        let pane = ((width - 2).saturating_sub(needs.list) / 2).min(width / 3).max(PANE_WIDTH);
        let pane = widened(pane, (width - 2 - MIN_LIST_WIDTH) / 2);
        let list = width - 2 - 2 * pane;
        let related = Some(column(list + pane + 2, pane));
        return Panes { list: column(0, list), detail: column(list + 1, pane), related };
    }
    if beside(1) {
        // The list gets what it needs; a text in its last column shares the rest with the pane.
        let least = if width >= THREE_COLUMNS { WIDE_PANE_WIDTH } else { PANE_WIDTH };
        let left = (width - 1).saturating_sub(needs.list);
        let pane = widened(left.min(least.max(width * 2 / 5)), width - 1 - MIN_LIST_WIDTH);
        let list = width - 1 - pane;
        return Panes { list: column(0, list), detail: column(list + 1, pane), related: None };
    }
    let below = needs.below.min(height);
    let list = Rect::new(0, 0, width, height - below);
    let y = height - below;
    if needs.related && width >= THREE_COLUMNS {
        let half = width / 2;
        let related = Some(Rect::new(half + 1, y, width - half - 1, below));
        return Panes { list, detail: Rect::new(0, y, half, below), related };
    }
    Panes { list, detail: Rect::new(0, y, width, below), related: None }
}

/// Arranges a screen and, beside it, what the operator has opened about its row; `None` if there is
/// no room for both.
pub fn beside((width, height): (u16, u16)) -> Option<Panes> {
    let pane = (width * 2 / 5).max(width.saturating_sub(1 + MIN_SCREEN_WIDTH).min(TEXT_PANE_WIDTH));
    let list = width.saturating_sub(pane + 1);
    let column = |x: u16, width: u16| Rect::new(x, 0, width, height);
    let panes = Panes { list: column(0, list), detail: column(list + 1, pane), related: None };
    (width >= TWO_COLUMNS).then_some(panes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buttons_of_a_form_are_near_its_content() {
        assert_eq!(form_buttons((80, 19), 29, 40), (51, 18));
        assert_eq!(form_buttons((200, 55), 29, 12), (71, 20));
        assert_eq!(form_buttons((200, 55), 29, 30), (71, 31));
        assert_eq!(form_buttons((20, 0), 29, 0), (0, 0));
    }

    #[test]
    fn a_screen_keeps_its_least_width_beside_an_explanation() {
        let widths = |width| beside((width, 20)).map(|panes| (panes.list.width, panes.detail.width));
        assert_eq!((widths(109), widths(110), widths(120)), (None, Some((60, 49)), Some((60, 59))));
        assert_eq!((widths(160), widths(200), widths(300)), (Some((79, 80)), Some((119, 80)), Some((179, 120))));
    }

    const NEEDS: PaneNeeds = PaneNeeds { list: 79, related: false, below: 8, wider: 0 };

    /// Returns the widths of the list, the details and the related facts.
    fn widths(width: u16, needs: PaneNeeds) -> (u16, u16, u16) {
        let panes = arrange((width, 20), needs);
        (panes.list.width, panes.detail.width, panes.related.map_or(0, |related| related.width))
    }

    #[test]
    fn details_are_below_the_list_until_both_fit_side_by_side() {
        for width in [60, 80, 109] {
            let panes = arrange((width, 20), NEEDS);
            assert_eq!((panes.list, panes.detail), (Rect::new(0, 0, width, 12), Rect::new(0, 12, width, 8)));
            assert!(!panes.are_beside() && panes.related.is_none());
        }
        assert_eq!(widths(119, NEEDS), (119, 119, 0), "the pane would have less than 40 columns");
        assert_eq!(widths(120, NEEDS), (79, 40, 0));
        assert_eq!(widths(130, NEEDS), (79, 50, 0), "the pane grows first");
        assert_eq!(widths(150, NEEDS), (89, 60, 0), "a list of texts shares what is left");
        assert_eq!(widths(159, PaneNeeds { related: true, list: 193, ..NEEDS }), (159, 159, 0));
    }

    #[test]
    fn a_wide_screen_has_panes_beside_the_list_or_side_by_side_below_it() {
        assert_eq!(widths(160, NEEDS), (95, 64, 0));
        assert_eq!(widths(200, PaneNeeds { list: 300, ..NEEDS }), (200, 200, 0), "the list keeps its columns");
        let related = |list| PaneNeeds { list, related: true, ..NEEDS };
        assert_eq!(widths(160, related(193)), (160, 80, 79), "below the list");
        assert_eq!(widths(200, related(118)), (118, 40, 40));
        assert_eq!(widths(240, related(193)), (193, 46, 0), "the facts are in the details");
        for width in [280, 300] {
            let (list, pane, related) = widths(width, related(193));
            assert!(list >= 193 && pane == related, "{width}");
            assert_eq!(list + pane + related + 2, width);
        }
    }

    #[test]
    fn a_wider_screen_never_takes_columns_from_a_list() {
        for (list, related) in [(60, false), (79, true), (118, true), (150, false), (193, true), (300, true)] {
            let mut before = 0;
            for width in 60..=400 {
                // What counts is what the list can use of its width.
                let useful = widths(width, PaneNeeds { list, related, ..NEEDS }).0.min(list);
                assert!(useful >= before, "{list}, {related}: {before} to {useful} at {width}");
                before = useful;
            }
        }
    }

    #[test]
    fn the_operator_widens_the_panes_and_neither_they_nor_the_list_vanish() {
        let wider = |wider| widths(300, PaneNeeds { list: 193, related: true, wider, ..NEEDS });
        assert_eq!((wider(0), wider(PANE_STEP)), ((194, 52, 52), (186, 56, 56)));
        assert_eq!((wider(i16::MAX), wider(i16::MIN)), ((50, 124, 124), (250, 24, 24)));
        let wider = |wider| widths(120, PaneNeeds { wider, ..NEEDS });
        assert_eq!((wider(-PANE_STEP), wider(i16::MAX), wider(i16::MIN)), ((83, 36, 0), (50, 69, 0), (95, 24, 0)));
        for width in 0..400 {
            for (list, related) in [(0, false), (u16::MAX, true), (u16::MAX, false), (90, true)] {
                for (height, wider) in [(0, 0), (3, i16::MIN), (60, i16::MAX)] {
                    let panes = arrange((width, height), PaneNeeds { list, related, below: 8, wider });
                    let inside = |area: Rect| area.right() <= width && area.bottom() <= height;
                    assert!(inside(panes.list) && inside(panes.detail) && panes.related.is_none_or(inside), "{width}");
                }
            }
        }
    }
}
