//! Widths of columns: spare width goes to columns whose cells are cut, then to the last one.

/// The width to which a column grows before the last column is whole; a longer value needs more.
pub const GROWTH_LIMIT: u16 = 32;
/// Blank cells that a column has at least, to give them to the last column: a single one would move
/// the columns each time that other rows appear.
const BLANK_STEP: u16 = 2;

/// What one column needs.
#[derive(Debug, Clone, Copy)]
pub struct ColumnNeeds {
    /// Its usual width.
    pub usual: u16,
    /// The width of its heading.
    pub heading: u16,
    /// Its longest cell so far; `None` if no row is known.
    pub longest: Option<u16>,
    /// Whether it is right-aligned, as for numbers.
    pub right: bool,
}

impl ColumnNeeds {
    /// The cells that the column could give to others.
    fn blank(&self) -> u16 {
        // Ages and counts get longer while they are shown: one cell is left to them.
        let more = |longest: u16| longest.saturating_add(u16::from(self.right && longest > 0));
        self.longest.map_or(0, |longest| self.usual.saturating_sub(more(longest).max(self.heading)))
    }

    /// What it lacks up to a width.
    fn shortfall(&self, most: u16) -> u16 {
        self.longest.unwrap_or(0).min(most).saturating_sub(self.usual)
    }
}

/// Returns the width of each column in `room` cells, the blanks between columns not counted.
pub fn widths(columns: &[ColumnNeeds], room: u16) -> Vec<u16> {
    let mut widths: Vec<u16> = columns.iter().map(|column| column.usual).collect();
    let Some((_, names)) = columns.split_last() else { return widths };
    let mut spare = room.saturating_sub(widths.iter().copied().fold(0, u16::saturating_add));
    let most = |column: &ColumnNeeds| column.usual.max(GROWTH_LIMIT);
    let lacking = names.iter().map(|column| column.shortfall(most(column))).fold(0, u16::saturating_add);
    let cut = columns.iter().map(|column| column.shortfall(u16::MAX)).fold(0, u16::saturating_add);
    let most_given = [(lacking, 1), (cut, BLANK_STEP)];
    for (wanted, least) in most_given {
        for (width, column) in widths.iter_mut().zip(columns).rev() {
            let blank = column.blank().saturating_sub(column.usual - *width);
            let given = blank.min(wanted.saturating_sub(spare));
            if blank >= least {
                *width -= given;
                spare += given;
            }
        }
    }
    let mut grow = |at: usize, most: u16| {
        let by = columns[at].longest.unwrap_or(0).min(most).saturating_sub(widths[at]).min(spare);
        widths[at] += by;
        spare -= by;
    };
    (0..names.len()).for_each(|at| grow(at, most(&columns[at])));
    (0..columns.len()).rev().for_each(|at| grow(at, u16::MAX));
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allot(columns: &[(u16, u16)], room: u16) -> Vec<u16> {
        let needs = |(usual, longest): &(u16, u16)| ColumnNeeds {
            usual: *usual,
            heading: 4,
            longest: Some(*longest),
            right: false,
        };
        widths(&columns.iter().map(needs).collect::<Vec<_>>(), room)
    }

    #[test]
    fn spare_width_goes_to_cut_names_then_to_the_last_column_then_to_long_names() {
        let columns = [(10, 8), (10, 18), (10, 50), (12, 30)];
        assert_eq!(allot(&columns, 42), [8, 12, 10, 12], "no spare width but two blank cells");
        assert_eq!(allot(&columns, 50), [8, 18, 12, 12]);
        assert_eq!(allot(&columns, 70), [8, 18, 32, 12]);
        assert_eq!(allot(&columns, 90), [8, 18, 34, 30]);
        assert_eq!(allot(&columns, 107), [9, 18, 50, 30]);
        assert_eq!(allot(&columns, 108), [10, 18, 50, 30]);
        assert_eq!(allot(&columns, 200), [10, 18, 50, 30]);
    }

    proptest::proptest! {
        /// Whatever the rows contain, no cell is cut while another column has two blank ones.
        #[test]
        fn no_cell_is_cut_while_a_column_has_blank_ones(
            columns in proptest::collection::vec((3_u16..20, 2_u16..12, 0_u16..80, proptest::bool::ANY), 1..12),
            room in 0_u16..400,
        ) {
            let needs: Vec<_> = columns
                .into_iter()
                .map(|(usual, heading, longest, right)| ColumnNeeds {
                    usual: usual.max(heading), heading, longest: Some(longest), right,
                })
                .collect();
            let widths = widths(&needs, room);
            let is_cut = needs.iter().zip(&widths).any(|(column, width)| column.longest.unwrap_or(0) > *width);
            // One more is left to a number.
            let used = |column: &ColumnNeeds| {
                let longest = column.longest.unwrap_or(0);
                (longest + u16::from(column.right && longest > 0)).max(column.heading)
            };
            let blank = needs.iter().zip(&widths).any(|(column, width)| *width >= used(column) + BLANK_STEP);
            let unused = room.saturating_sub(widths.iter().sum());
            proptest::prop_assert!(!is_cut || !blank && unused == 0, "{:?} in {room}: {:?}", needs, widths);
        }
    }

    #[test]
    fn an_empty_column_gives_its_width_to_the_last_one_but_keeps_its_heading() {
        assert_eq!(allot(&[(10, 8), (16, 0), (12, 40)], 38), [8, 4, 26]);
        assert_eq!(allot(&[(10, 8), (16, 0), (12, 14)], 38), [10, 14, 14], "no more than it needs");
        let unknown = ColumnNeeds { usual: 16, heading: 4, longest: None, right: false };
        assert_eq!(widths(&[unknown, unknown], 40), [16, 16], "before the first row");
        assert_eq!(widths(&[], 40), [0; 0]);
        let number = |longest| ColumnNeeds { usual: 9, heading: 4, longest: Some(longest), right: true };
        let text = ColumnNeeds { usual: 9, heading: 4, longest: Some(90), right: false };
        assert_eq!((widths(&[number(0), text], 18), widths(&[number(1), text], 18)), (vec![4, 14], vec![4, 14]));
        assert_eq!(allot(&[(10, 99), (12, 99)], 5), [10, 12], "what does not fit is clipped");
    }
}
