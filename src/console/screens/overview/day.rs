//! The histogram of the last day with its cursor.

use crate::console::protocol::query::{FINEST_COLUMNS, MessageCounts, TimeColumns};
use crate::console::screens::overview::histogram::{Chosen, column_of, columns_in, draw, start};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::domain::Timestamp;

/// The histogram of a day.
#[derive(Clone)]
pub struct DayHistogram {
    counted: Option<(TimeColumns, Vec<MessageCounts>)>,
    /// The columns that there is room for.
    columns: usize,
    /// What the operator chose; `None` is the newest column with rows.
    chosen: Option<Chosen>,
}

impl DayHistogram {
    /// A histogram of this width before its first counts.
    pub fn new(width: u16) -> Self {
        Self { counted: None, columns: columns_in(width), chosen: None }
    }

    /// The columns to count for it.
    pub fn asked(&self, now: Timestamp) -> TimeColumns {
        TimeColumns { from: start(now), width: column_of(self.columns), count: self.columns }
    }

    /// The finest columns, of which all others are sums.
    pub fn finest(now: Timestamp) -> TimeColumns {
        TimeColumns { from: start(now), width: column_of(FINEST_COLUMNS), count: FINEST_COLUMNS }
    }

    /// Takes the counts of these columns.
    pub fn take(&mut self, columns: TimeColumns, counts: Vec<MessageCounts>) {
        self.counted = Some((columns, counts));
    }

    /// Forgets the counts.
    pub fn clear(&mut self) {
        self.counted = None;
    }

    /// The counts that its columns are sums of; `None` before they are counted.
    fn counts(&self) -> Option<(Timestamp, &[MessageCounts])> {
        let counted = self.counted.as_ref().filter(|(_, counts)| counts.len().is_multiple_of(self.columns));
        counted.map(|(columns, counts)| (columns.from, counts.as_slice()))
    }

    /// The last column that has begun.
    fn present(&self, now: Timestamp) -> usize {
        let from = self.counted.as_ref().map_or_else(|| start(now), |(columns, _)| columns.from);
        let begun = now.0.saturating_sub(from.0) / column_of(self.columns);
        usize::try_from(begun).unwrap_or(0).min(self.columns.saturating_sub(1))
    }

    /// The columns under the cursor: at first the newest one with rows.
    pub fn chosen(&self, now: Timestamp) -> Chosen {
        self.chosen.unwrap_or_else(|| {
            let present = self.present(now);
            let parts = self.counts().map_or(&[][..], |(_, counts)| counts);
            let mut columns = parts.chunks((parts.len() / self.columns.max(1)).max(1)).take(present + 1);
            let newest = columns.rposition(|parts| parts.iter().any(|part| part.messages > 0));
            Chosen { column: newest.unwrap_or(present), mark: None }
        })
    }

    /// Moves the cursor, not beyond the present column.
    pub fn step(&mut self, by: isize, now: Timestamp) {
        let Chosen { column, mark } = self.chosen(now);
        self.chosen = Some(Chosen { column: column.saturating_add_signed(by).min(self.present(now)), mark });
    }

    /// Begins a range at the cursor, or ends it.
    pub fn toggle_range(&mut self, now: Timestamp) {
        let chosen = self.chosen(now);
        let mark = if chosen.mark.is_some() { None } else { Some(chosen.column) };
        self.chosen = Some(Chosen { mark, ..chosen });
    }

    /// Ends a range; false if there is none.
    pub fn end_range(&mut self) -> bool {
        self.chosen.as_mut().and_then(|chosen| chosen.mark.take()).is_some()
    }

    /// When the chosen columns begin and end; `None` before they are counted.
    pub fn span(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        self.counts().map(|(from, _)| self.chosen(now).span(from, self.columns))
    }

    /// Divides the day into as many columns as there is room for; the cursor keeps its place.
    pub fn fit(&mut self, width: u16) {
        let columns = columns_in(width);
        self.chosen = self.chosen.map(|chosen| chosen.scaled(self.columns, columns));
        self.columns = columns;
    }

    /// Whether other columns are drawn than were counted.
    pub fn is_outdated(&self) -> bool {
        self.counted.as_ref().is_some_and(|(counted, _)| counted.count != self.columns)
    }

    /// Draws it, with columns of `rows` rows. `what`: what is counted. `waiting`: the remark while
    /// the counts are not known.
    pub fn draw(
        &self,
        painter: &mut Painter,
        (rows, what): (u16, &str),
        (is_focused, waiting): (bool, &str),
        view: &ViewContext,
    ) {
        match self.counts() {
            Some((from, counts)) => {
                let chosen = is_focused.then(|| self.chosen(view.now));
                draw(painter, (from, counts, self.columns), (rows, what), chosen, view);
            }
            None => painter.rule(0, "Last 24 hours", waiting, is_focused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::query::HISTOGRAM_COLUMN_MS;

    #[test]
    fn the_cursor_begins_at_the_newest_column_with_rows_and_stops_at_the_present_one() {
        let mut day = DayHistogram::new(160);
        // The present column of twenty minutes has just begun: three finer ones are in the future.
        let now = Timestamp(1_795_486_800_000);
        assert_eq!(now.0 % HISTOGRAM_COLUMN_MS, 0);
        let columns = DayHistogram::finest(now);
        let mut counts = vec![MessageCounts::default(); columns.count];
        counts[100].messages = 1;
        counts[279].messages = 1;
        day.take(columns, counts);
        for (width, newest, present) in [(80, 69, 71), (160, 139, 142), (300, 279, 284)] {
            day.fit(width);
            assert_eq!(day.chosen(now), Chosen { column: newest, mark: None });
            let mut moved = day.clone();
            moved.step(isize::MAX, now);
            assert_eq!(moved.chosen(now).column, present);
        }
    }
}
