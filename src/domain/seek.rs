//! Where to read a piece of a long list.

/// Where to read, in the order of the list. `K` is the unique key that the list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek<K> {
    /// From the first row on.
    First,
    /// The last rows.
    Last,
    /// The rows after this one.
    After(K),
    /// The rows before this one.
    Before(K),
}

impl<K> Seek<K> {
    /// Whether the rows are read against the order of the list and reversed afterwards.
    pub fn is_backward(&self) -> bool {
        matches!(self, Self::Last | Self::Before(_))
    }

    /// The row at which reading starts, if there is one.
    pub fn limit(self) -> Option<K> {
        match self {
            Self::First | Self::Last => None,
            Self::After(key) | Self::Before(key) => Some(key),
        }
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// The column.
    pub by: By,
    /// Ascending; otherwise descending.
    pub ascending: bool,
}

/// The columns that a list can be ordered by: those with an index, so that the cost does not depend
/// on its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// When it changed, or happened.
    #[default]
    Time,
    /// The session's number.
    Number,
}
