//! The state that a console saves for the next one: its lists, recent filters, visited places,
//! closed branches of the menu.
//!
//! It is one JSON file per operator in the state folder. An unreadable or invalid file counts as
//! missing.

use crate::console::protocol::column_layout::ColumnLayout;
use crate::domain::{By, HOUR_MS, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

pub use crate::store::head_office::Place;

/// Maximum number of filters and places kept.
const MAX_KEPT: usize = 20;
/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 256 << 10;
/// How long a list reopens at its old place, in milliseconds; later it opens at the newest rows.
const PLACE_LASTS_MS: i64 = HOUR_MS;

/// The saved state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedState {
    /// The states of lists, by name.
    #[serde(alias = "looks")]
    pub lists: BTreeMap<String, ListState>,
    /// Filters that were typed, newest first.
    pub filters: Vec<String>,
    /// Names of places that were visited, newest first.
    pub places: Vec<String>,
    /// Branches of the menu that are closed.
    pub closed: Vec<String>,
    /// When the last console ended.
    pub last_here: Option<i64>,
    /// Whether the menu is docked beside the screen where there is room.
    pub docked: bool,
}

/// The state of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools)] // each is one thing an operator switches, independent of the others
pub struct ListState {
    /// The filter as it was typed. It does not outlive the console: a forgotten one would hide
    /// rows.
    #[serde(skip)]
    pub filter: String,
    /// Whether all records were shown.
    pub all: bool,
    /// Whether it was ordered by the session's number instead of time.
    pub by_number: bool,
    /// The heading by which a short list was ordered; empty for the order of their arrival.
    pub order: String,
    /// Whether the order is ascending.
    pub ascending: bool,
    /// The choice of columns.
    #[serde(flatten)]
    pub columns: ColumnLayout,
    /// Rows of the detail pane; 0 if never set.
    pub detail: u16,
    /// Columns by which the panes beside the list were widened.
    pub wider: i16,
    /// The row under the cursor, if it was not the first. A new console starts at the first row: it
    /// may show another exchange, or newer failures above.
    #[serde(skip)]
    pub place: Option<Place>,
    /// When it was left.
    #[serde(skip)]
    pub left_at: i64,
    /// Whether it is from a saved view, not from an earlier visit.
    #[serde(skip)]
    pub is_view: bool,
}

impl ListState {
    /// The column that the list was ordered by.
    pub fn by(&self) -> By {
        if self.by_number { By::Number } else { By::Time }
    }

    /// The place, unless the list was left too long ago.
    pub fn place(&self, now: Timestamp) -> Option<Place> {
        // The clock may have been set back since.
        self.place.filter(|_| now.since(Timestamp(self.left_at)).abs() < PLACE_LASTS_MS)
    }
}

impl SavedState {
    /// Reads the file; returns the default if it is missing or invalid.
    pub fn read(path: &Path) -> Self {
        let text = std::fs::metadata(path)
            .ok()
            .filter(|metadata| metadata.is_file() && metadata.len() <= MAX_FILE_BYTES)
            .and_then(|_| std::fs::read_to_string(path).ok());
        let mut memory: Self = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        memory.lists.retain(|_, list| list.columns.is_valid());
        memory.filters.retain(|filter| filter.len() <= 1_000);
        memory.filters.truncate(MAX_KEPT);
        memory.places.truncate(MAX_KEPT);
        memory
    }

    /// Replaces the file atomically, by writing a new one and renaming it.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let written = std::fs::File::create(&fresh).and_then(|mut file| {
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            std::fs::rename(&fresh, path)
        });
        if written.is_err() {
            let _ = std::fs::remove_file(&fresh);
        }
        written
    }

    /// Remembers a filter.
    pub fn keep_filter(&mut self, filter: &str) {
        keep(&mut self.filters, filter);
    }

    /// Forgets at which rows the lists were left.
    pub fn forget_places(&mut self) {
        self.lists.values_mut().for_each(|list| list.place = None);
    }

    /// Remembers a visited place.
    pub fn keep_place(&mut self, place: &str) {
        keep(&mut self.places, place);
    }
}

fn keep(list: &mut Vec<String>, text: &str) {
    if !text.is_empty() {
        list.retain(|known| known != text);
        list.insert(0, text.to_owned());
        list.truncate(MAX_KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_restored_as_saved_and_an_invalid_file_counts_as_missing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("below/console.json");
        assert_eq!(SavedState::read(&path), SavedState::default());
        let mut memory = SavedState::default();
        for number in 0..30 {
            memory.keep_filter(&format!("session:{number}"));
        }
        memory.keep_filter("session:20");
        let list = ListState {
            filter: "status:failed".to_owned(),
            place: Some((5, 6)),
            left_at: 1_000,
            columns: ColumnLayout {
                hidden: vec!["Job".to_owned()],
                sequence: vec!["Try".to_owned(), "Job".to_owned()],
                widths: [("Try".to_owned(), 9)].into_iter().collect(),
            },
            ..ListState::default()
        };
        memory.lists.insert("download sessions".to_owned(), list.clone());
        memory.write(&path).expect("it is written");
        let back = SavedState::read(&path);
        assert_eq!((back.filters.len(), back.filters[0].as_str()), (MAX_KEPT, "session:20"));
        let kept = ListState { filter: String::new(), place: None, left_at: 0, ..list.clone() };
        assert_eq!(back.lists.get("download sessions"), Some(&kept), "all but the filter and the place");
        assert_eq!(list.place(Timestamp(2_000)), Some((5, 6)));
        assert_eq!((list.place(Timestamp(4_000_000)), list.place(Timestamp(0))), (None, Some((5, 6))));
        assert_eq!(std::fs::read_dir(path.parent().expect("a folder")).expect("it is read").count(), 1);
        let earlier = r#"{"looks":{"a":{"hidden":["Job"],"ascending":true}}}"#;
        std::fs::write(&path, earlier).expect("written");
        let columns = ColumnLayout { hidden: vec!["Job".to_owned()], ..ColumnLayout::default() };
        let earlier = ListState { ascending: true, columns, ..ListState::default() };
        assert_eq!(SavedState::read(&path).lists.get("a"), Some(&earlier), "of an earlier version");
        for text in ["", "{\"lists\": 3}", "\u{0}", "[[[[", "{\"lists\":{\"a\":{\"detail\":-1}}}"] {
            std::fs::write(&path, text).expect("written");
            assert_eq!(SavedState::read(&path), SavedState::default(), "{text}");
        }
        std::fs::write(&path, vec![b' '; 300 << 10]).expect("written");
        assert_eq!(SavedState::read(&path), SavedState::default());
    }
}
