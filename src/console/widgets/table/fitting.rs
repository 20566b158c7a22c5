//! Which columns fit, and how wide each is. Columns are dropped by priority. Spare width goes to
//! columns whose cells are cut, then to the last one.

use crate::console::protocol::column_layout::ColumnLayout;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::cells;
use crate::console::widgets::column_widths::{self, ColumnNeeds, GROWTH_LIMIT};
use crate::console::widgets::list::{Keyed, List};
use crate::console::widgets::table::{Column, Layout};
use crate::text::shown;

/// Characters of a cell that are measured.
const MAX_MEASURED_CHARS: usize = 200;

/// A column that fits.
pub(super) struct Fitted<R: 'static> {
    pub column: &'static Column<R>,
    /// Its width in cells.
    pub width: u16,
    /// Whether the operator set its width.
    pub is_set: bool,
}

/// A column that is shown if it fits.
struct Candidate<R: 'static> {
    column: &'static Column<R>,
    longest: u16,
    set: Option<u16>,
    /// Whether the list is sorted by it, so that its heading has an arrow.
    is_sorted: bool,
}

impl<R> Candidate<R> {
    fn min_width(&self) -> u16 {
        let arrow = if self.is_sorted { cells(self.column.heading) + 1 } else { 0 };
        self.set.unwrap_or(self.column.width.max(u16::try_from(arrow).unwrap_or(u16::MAX)))
    }

    fn max_width(&self) -> u16 {
        self.set.unwrap_or(self.column.most)
    }

    /// The width that no value of it needs more than.
    fn preferred_width(&self) -> u16 {
        self.set.unwrap_or(self.longest.max(self.min_width()))
    }

    fn needs(&self, is_filled: bool) -> ColumnNeeds {
        let Column { heading, right, .. } = *self.column;
        let arrow = if self.is_sorted { 2 } else { 0 };
        let heading = u16::try_from(cells(heading) + arrow).unwrap_or(u16::MAX);
        // A width that was set is neither given away nor added to.
        let longest = (is_filled && self.set.is_none()).then_some(self.longest);
        ColumnNeeds { usual: self.min_width(), heading, longest, right }
    }
}

/// Returns the longest cell of each column.
fn longest<'l, R: Keyed>(columns: &'static [Column<R>], list: &'l mut List<R>, view: &ViewContext) -> &'l [u16] {
    list.measured(columns.len(), |row, at| {
        let (mut text, _) = (columns[at].cell)(row, view);
        if let Some((end, _)) = text.char_indices().nth(MAX_MEASURED_CHARS) {
            text.truncate(end);
        }
        u16::try_from(cells(&shown(&text))).unwrap_or(u16::MAX)
    })
}

/// Returns the columns to be shown, left to right.
fn candidates<R: Keyed>(
    columns: &'static [Column<R>],
    list: &mut List<R>,
    (layout, sorted): (Option<&ColumnLayout>, Option<&str>),
    view: &ViewContext,
) -> Vec<Candidate<R>> {
    let longest = longest(columns, list, view);
    let headings: Vec<_> = columns.iter().map(|column| column.heading).collect();
    let own = ColumnLayout::default();
    let layout = layout.unwrap_or(&own);
    let candidate = |at: usize| {
        let column = &columns[at];
        let is_sorted = sorted == Some(column.heading);
        Candidate { column, longest: longest[at], set: layout.width(column.heading), is_sorted }
    };
    let shown = layout.arranged(&headings).into_iter().filter(|at| layout.shows(headings[*at]));
    shown.map(candidate).collect()
}

/// Returns the width that the list needs to show all its columns, each as wide as is usual.
pub fn needed<R: Keyed>(
    columns: &'static [Column<R>],
    list: &mut List<R>,
    layout: &ColumnLayout,
    view: &ViewContext,
) -> u16 {
    // Before its first rows, a list counts as wide, so that its pane does not move aside for them.
    let is_loaded = list.is_loaded();
    let width = |shown: &Candidate<R>| match shown.set {
        Some(set) => set,
        None if is_loaded => shown.longest.clamp(shown.min_width(), shown.max_width().max(shown.min_width())),
        None => shown.max_width(),
    };
    // Names are worth more than their usual width; a text in the last column is not.
    let name = |shown: &Candidate<R>| match shown.set {
        None if is_loaded => width(shown).max(shown.longest.min(GROWTH_LIMIT)),
        _ => width(shown),
    };
    let shown = candidates(columns, list, (Some(layout), None), view);
    // The last column is worth its usual width even while no text is known.
    let last = shown.last().map_or(0, |last| last.max_width().saturating_sub(width(last)));
    let names = shown.iter().take(shown.len().saturating_sub(1)).map(name);
    let widths = names.chain(shown.last().map(width));
    widths.fold(last.saturating_add(1), |sum: u16, width| sum.saturating_add(width.saturating_add(1)))
}

/// Returns the width at which no cell of the list is cut.
pub fn whole<R: Keyed>(
    columns: &'static [Column<R>],
    list: &mut List<R>,
    layout: &ColumnLayout,
    view: &ViewContext,
) -> u16 {
    wanted(&candidates(columns, list, (Some(layout), None), view))
}

fn wanted<R>(shown: &[Candidate<R>]) -> u16 {
    shown.iter().fold(1, |sum: u16, shown| sum.saturating_add(shown.preferred_width().saturating_add(1)))
}

/// Returns the columns that fit into a width.
pub(super) fn fitting<R: Keyed>(
    columns: &'static [Column<R>],
    list: &mut List<R>,
    width: u16,
    layout: &Layout,
    view: &ViewContext,
) -> Vec<Fitted<R>> {
    let is_filled = list.length() > 0;
    let mut fitting = candidates(columns, list, (layout.columns, layout.sorted.map(|(heading, _)| heading)), view);
    // Columns without any value make room for cells that would be cut.
    if is_filled && wanted(&fitting) > width {
        let last = fitting.len().saturating_sub(1);
        let is_empty = |shown: &Candidate<R>| shown.longest == 0 && shown.set.is_none() && shown.column.drop > 0;
        let kept = fitting.into_iter().enumerate();
        let kept = kept.filter(|(at, shown)| *at == last || !is_empty(shown) || shown.is_sorted);
        fitting = kept.map(|(_, shown)| shown).collect();
    }
    let needed = |fitting: &[Candidate<R>]| {
        fitting.iter().fold(1, |sum: u16, shown| sum.saturating_add(shown.min_width().saturating_add(1)))
    };
    let priority = |fitting: &[Candidate<R>]| fitting.iter().map(|shown| shown.column.drop).max();
    // A text in the last column is worth more than the columns that are dropped before it.
    let last = |fitting: &[Candidate<R>]| {
        let worth = |last: &Candidate<R>| (last.column.drop, last.max_width().saturating_sub(last.min_width()));
        fitting.last().map_or((u8::MAX, 0), worth)
    };
    while let Some(most) = priority(&fitting)
        && most > last(&fitting).0
        && needed(&fitting).saturating_add(last(&fitting).1) > width
    {
        fitting.retain(|shown| shown.column.drop != most);
    }
    while let Some(most) = priority(&fitting).filter(|most| *most > 0)
        && needed(&fitting) > width
    {
        fitting.retain(|shown| shown.column.drop != most);
    }
    let room = width.saturating_sub(1 + u16::try_from(fitting.len()).unwrap_or(0));
    let needs: Vec<_> = fitting.iter().map(|shown| shown.needs(is_filled)).collect();
    let widths = column_widths::widths(&needs, room);
    let fitted =
        |(shown, width): (Candidate<R>, u16)| Fitted { column: shown.column, width, is_set: shown.set.is_some() };
    fitting.into_iter().zip(widths).map(fitted).collect()
}
