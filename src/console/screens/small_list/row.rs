//! What a short list knows of its rows.

use crate::console::screens::arrangement::SortOrder;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::Column;
use crate::filter::{FieldSet, FieldValue};

/// The row of a short list.
pub trait Row: Keyed + Clone + 'static {
    /// Under which name the list is remembered and written to a file.
    const NAME: &'static str;
    /// The order of the query in words, and its column.
    const DEFAULT_ORDER: (&'static str, &'static str);
    /// Whether that order ascends.
    const ASCENDS: bool = false;
    /// The columns.
    const COLUMNS: &'static [Column<Self>];
    /// The columns by which the list can be ordered, each by its heading.
    const ORDERS: &'static [SortOrder<Self>];
    /// The row in a file.
    fn to_json(&self) -> serde_json::Value;
    /// The fields that a filter can name.
    const FIELDS: &'static FieldSet;
    /// The value of one of them.
    fn field_value(&self, field: &str) -> FieldValue<'_>;
    /// Whether the row counts as an error.
    fn is_failure(&self) -> bool {
        false
    }
    /// Further text that plain words of the filter search.
    fn search_text(&self) -> Option<&str> {
        None
    }
}
