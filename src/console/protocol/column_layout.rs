//! The columns of a list as the operator chose them: which are shown, in what order, how wide.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The widest that a column can be set, in cells.
pub const MAX_COLUMN_WIDTH: u16 = 200;
/// Headings that a list has at most; a saved state with more is invalid.
const MAX_HEADINGS: usize = 100;

/// The choice of columns. Columns are named by their headings; unknown ones are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnLayout {
    /// Headings of hidden columns.
    pub hidden: Vec<String>,
    /// All headings from left to right, once a column was moved; empty is the list's own order.
    pub sequence: Vec<String>,
    /// Widths in cells of columns that are not as wide as their content needs.
    pub widths: BTreeMap<String, u16>,
}

impl ColumnLayout {
    /// Whether a column is shown while there is room.
    pub fn shows(&self, heading: &str) -> bool {
        !self.hidden.iter().any(|hidden| hidden == heading)
    }

    /// The width that a column was set to; `None` if its content decides.
    pub fn width(&self, heading: &str) -> Option<u16> {
        self.widths.get(heading).map(|width| (*width).clamp(1, MAX_COLUMN_WIDTH))
    }

    /// The positions of a list's columns from left to right. A column that the choice does not
    /// name, because a newer version added it,
    /// follows the column that precedes it in the list.
    pub fn arranged(&self, headings: &[&str]) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::with_capacity(headings.len());
        for known in &self.sequence {
            let at = headings.iter().position(|heading| heading == known);
            order.extend(at.filter(|at| !order.contains(at)));
        }
        for at in 0..headings.len() {
            if !order.contains(&at) {
                let before = at.checked_sub(1).and_then(|before| order.iter().position(|known| *known == before));
                order.insert(before.map_or(0, |before| before + 1), at);
            }
        }
        order
    }

    /// A new choice for a table with these headings; what it says of columns of other tables is
    /// kept.
    #[must_use]
    pub fn replaced(&self, chosen: Self, headings: &[&str]) -> Self {
        let is_other = |heading: &String| !headings.contains(&heading.as_str());
        let hidden = self.hidden.iter().filter(|heading| is_other(heading)).cloned();
        let widths =
            self.widths.iter().filter(|(heading, _)| is_other(heading)).map(|(at, width)| (at.clone(), *width));
        Self {
            hidden: chosen.hidden.into_iter().chain(hidden).collect(),
            sequence: chosen.sequence,
            widths: chosen.widths.into_iter().chain(widths).collect(),
        }
    }

    /// Whether it can be used; a damaged file may name any number of columns.
    pub fn is_valid(&self) -> bool {
        self.hidden.len() <= MAX_HEADINGS && self.sequence.len() <= MAX_HEADINGS && self.widths.len() <= MAX_HEADINGS
    }

    /// The widths in words, such as `Job 30`; empty if none is set.
    pub fn widths_in_words(&self) -> String {
        self.widths.iter().map(|(heading, width)| format!("{heading} {width}")).collect::<Vec<_>>().join(", ")
    }
}

/// A column in the form that chooses columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnItem {
    /// Its heading.
    pub heading: &'static str,
    /// Its position in the list's own order.
    pub at: usize,
    /// Whether it is shown.
    pub is_shown: bool,
    /// The width that it was set to.
    pub width: Option<u16>,
    /// The width in which it was drawn last; `None` if it was not.
    pub drawn: Option<u16>,
}

/// The columns of a list as the form begins with them. `drawn`: those that were drawn, with their
/// widths.
pub fn items(layout: &ColumnLayout, headings: &[&'static str], drawn: &[(&'static str, u16)]) -> Vec<ColumnItem> {
    let item = |at: usize| {
        let heading = headings[at];
        let drawn = drawn.iter().find(|(known, _)| *known == heading).map(|(_, width)| *width);
        ColumnItem { heading, at, is_shown: layout.shows(heading), width: layout.width(heading), drawn }
    };
    layout.arranged(headings).into_iter().map(item).collect()
}

/// The choice that the form ends with.
pub fn chosen(items: &[ColumnItem]) -> ColumnLayout {
    let name = |item: &ColumnItem| item.heading.to_owned();
    let is_moved = !items.iter().map(|item| item.at).is_sorted();
    ColumnLayout {
        hidden: items.iter().filter(|item| !item.is_shown).map(name).collect(),
        sequence: items.iter().filter(|_| is_moved).map(name).collect(),
        widths: items.iter().filter_map(|item| Some((name(item), item.width?))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(headings: &[&str]) -> ColumnLayout {
        let sequence = headings.iter().map(|heading| (*heading).to_owned()).collect();
        ColumnLayout { sequence, ..ColumnLayout::default() }
    }

    #[test]
    fn columns_keep_their_order_when_others_are_added_or_removed() {
        let headings = ["Job", "Status", "Rows", "Try"];
        assert_eq!(ColumnLayout::default().arranged(&headings), [0, 1, 2, 3]);
        assert_eq!(sequence(&["Try", "Job", "Status", "Rows"]).arranged(&headings), [3, 0, 1, 2]);
        assert_eq!(sequence(&["Gone", "Rows", "Try", "Rows"]).arranged(&headings), [0, 1, 2, 3]);
        assert_eq!(sequence(&["Rows", "Status", "Job"]).arranged(&headings), [2, 3, 1, 0], "a new one is Try");
        assert_eq!(sequence(&["Gone"]).arranged(&[]), [0_usize; 0]);
    }

    #[test]
    fn the_form_gives_back_what_it_was_given_and_no_order_if_it_is_the_lists_own() {
        let headings = ["Job", "Status", "Rows"];
        let drawn = [("Job", 20), ("Rows", 7)];
        let mut layout = sequence(&["Rows", "Job", "Status"]);
        layout.hidden.push("Status".to_owned());
        layout.widths.insert("Rows".to_owned(), 12);
        let mut items = items(&layout, &headings, &drawn);
        assert_eq!(chosen(&items), layout);
        assert_eq!(items[0], ColumnItem { heading: "Rows", at: 2, is_shown: true, width: Some(12), drawn: Some(7) });
        items.rotate_left(1);
        assert_eq!(chosen(&items), ColumnLayout { sequence: Vec::new(), ..layout });
    }

    #[test]
    fn widths_from_a_damaged_file_stay_within_bounds() {
        let widths = [("Job", 0), ("Try", 60_000), ("Rows", 12)];
        let widths = widths.map(|(heading, width)| (heading.to_owned(), width)).into_iter().collect();
        let layout = ColumnLayout { widths, ..ColumnLayout::default() };
        let read = ["Job", "Try", "Rows", "Status"].map(|heading| layout.width(heading));
        assert_eq!(read, [Some(1), Some(MAX_COLUMN_WIDTH), Some(12), None]);
        assert!(layout.is_valid() && !sequence(&["a"; 101]).is_valid());
    }
}
