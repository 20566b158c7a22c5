//! Where a piece of a long list is to be read: the words of lists over tables of any size.

/// Where to read, in the order of the list. `K` is what the list is ordered by; unique.
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
    /// Whether the rows are to be read against the order of the list, to be turned round afterwards.
    pub fn is_backward(&self) -> bool {
        matches!(self, Self::Last | Self::Before(_))
    }

    /// The row that is the limit of what is wanted, if one is.
    pub fn limit(self) -> Option<K> {
        match self {
            Self::First | Self::Last => None,
            Self::After(key) | Self::Before(key) => Some(key),
        }
    }
}

/// What a list is ordered by, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// By what.
    pub by: By,
    /// Least first; otherwise greatest first.
    pub ascending: bool,
}

/// What a list can be ordered by: what an index serves, for no other order costs the same at any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// When it changed, or happened.
    #[default]
    Time,
    /// The session's number.
    Number,
}
