//! Views: lists with a filter, an order, columns and a time zone under a name.

use crate::console::protocol::saved_state::ListState;
use crate::console::protocol::time::Zone;
use crate::domain::{Direction, Timestamp};
use crate::filter::{self, FieldSet, lists};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The longest name of a view, in characters.
pub const MAX_NAME_CHARS: usize = 40;
/// The most views that an operator saves.
pub const MAX_VIEWS: usize = 200;
/// The name under which an operator's own stores are saved.
pub const MY_STORES: &str = "my stores";
/// The name under which the theme of an operator's consoles is saved.
pub const THEME: &str = "console theme";

/// A view.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SavedView {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// The name of its list, as in [`lists::ALL`].
    pub list: String,
    /// The filter.
    #[serde(default)]
    pub filter: String,
    /// Order and columns.
    #[serde(default)]
    pub look: ListState,
    /// `local`, or the zone in which times are shown; `None` leaves the console's.
    #[serde(default)]
    pub zone: Option<String>,
    /// Its version where it is saved.
    #[serde(skip)]
    pub version: i64,
    /// Where it is saved.
    #[serde(skip)]
    pub origin: ViewOrigin,
}

/// Where a view is saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ViewOrigin {
    /// At head office, for the operator's login.
    #[default]
    HeadOffice,
    /// In the state folder of this machine, because head office may not be written.
    StateFolder,
    /// It is part of the program.
    Shipped,
    /// It is part of the program and needs something first.
    Unset(&'static str),
}

impl SavedView {
    /// A view of a list as it is shown.
    pub fn of_list(list: String, look: ListState, zone: Zone) -> Self {
        let filter = look.filter.clone();
        let look = ListState { filter: String::new(), place: None, left_at: 0, detail: 0, ..look };
        Self { list, filter, look, zone: Some(zone_name(zone)), ..Self::default() }
    }

    /// Reads a saved definition; `None` if this program cannot.
    pub fn read(name: &str, definition: &str, version: i64, origin: ViewOrigin) -> Option<Self> {
        let view: Self = serde_json::from_str(definition).ok()?;
        Some(Self { name: name.to_owned(), version, origin, ..view })
    }

    /// The definition to be saved.
    pub fn definition(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The fields that its filter can name; `None` if this program has no such list.
    pub fn fields(&self) -> Option<&'static FieldSet> {
        lists::ALL.iter().find(|(name, _)| *name == self.list).map(|(_, fields)| *fields)
    }

    /// The zone that times are shown in, where `here` is the console's and `home` the operator's.
    pub fn zone(&self, here: Zone, home: Tz) -> Zone {
        match self.zone.as_deref() {
            None => here,
            Some("local") => Zone::Local(home),
            Some("UTC") => Zone::Utc,
            Some(name) => name.parse().map_or(here, Zone::Store),
        }
    }

    /// Why it cannot be opened, or `None`.
    pub fn refusal(&self, zone: Zone, now: Timestamp) -> Option<String> {
        let name = &self.name;
        if let ViewOrigin::Unset(why) = self.origin {
            return Some(format!("{name}: {why}"));
        }
        let Some(fields) = self.fields() else {
            return Some(format!("view {name} was not opened: this version of cdx has no list {}", self.list));
        };
        let fault = filter::parse(&self.filter, fields, zone, now).err()?;
        Some(format!("view {name} was not opened: its filter {} is not understood: {fault}", self.filter))
    }

    /// Whether it shows the same rows in the same way as another.
    pub fn shows_same(&self, other: &Self) -> bool {
        (&self.list, &self.filter, &self.look) == (&other.list, &other.filter, &other.look)
    }

    /// The order of its list in words; `None` if it is the list's own.
    pub fn order(&self) -> Option<String> {
        let way = if self.look.ascending { "ascending" } else { "descending" };
        match (self.look.by_number, self.look.order.as_str()) {
            (true, _) => Some(format!("session number, {way}")),
            (false, "") if self.look.ascending => Some("oldest first".to_owned()),
            (false, "") => None,
            (false, heading) => Some(format!("{heading}, {way}")),
        }
    }

    /// The view for scripts.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "view": self.name,
            "list": self.list,
            "filter": self.filter,
            "order": self.order(),
            "all_records": self.look.all,
            "hidden_columns": self.look.columns.hidden,
            "column_order": self.look.columns.sequence,
            "column_widths": self.look.columns.widths,
            "zone": self.zone,
            "is_shipped": !self.is_own(),
        })
    }

    /// Whether it is listed with the operator's views: what was chosen for a shipped view or for
    /// the console is not.
    pub fn is_listed(&self) -> bool {
        ![MY_STORES, THEME].contains(&self.name.as_str())
    }

    /// Whether it can be replaced and deleted.
    pub fn is_own(&self) -> bool {
        matches!(self.origin, ViewOrigin::HeadOffice | ViewOrigin::StateFolder)
    }
}

fn zone_name(zone: Zone) -> String {
    match zone {
        Zone::Local(_) => "local".to_owned(),
        Zone::Utc => "UTC".to_owned(),
        Zone::Store(zone) => zone.name().to_owned(),
    }
}

/// The shipped views, by the views that an operator saved and the instant at which the previous
/// console ended.
pub fn shipped(saved: &[SavedView], last_here: Option<Timestamp>) -> Vec<SavedView> {
    let stores = saved.iter().find(|view| view.name == MY_STORES).map(|view| view.filter.clone());
    let since = last_here.map(|at| format!("from:{}", at.to_rfc3339()));
    let ready = |filter: Option<String>, missing| match filter {
        Some(filter) => (filter, ViewOrigin::Shipped),
        None => (String::new(), ViewOrigin::Unset(missing)),
    };
    let mut views = Vec::new();
    for (list, failed, stuck) in [
        ("download sessions", "status:failed", "status:started,available,requested,downloaded age>1h packages:no"),
        ("upload sessions", "status:failed repeated:no", "status:started,available,uploaded age>1h"),
    ] {
        for (name, (filter, origin)) in [
            ("failed now", ready(Some(failed.to_owned()), "")),
            ("stuck over 1 h", ready(Some(stuck.to_owned()), "")),
            (
                MY_STORES,
                ready(stores.clone(), "not set; choose them in the actions of the views, or :Choose my stores"),
            ),
            ("since I last looked", ready(since.clone(), "no earlier console of yours has ended on this machine")),
        ] {
            let (name, list) = (name.to_owned(), list.to_owned());
            views.push(SavedView { name, list, filter, origin, ..SavedView::default() });
        }
    }
    views.sort_by_key(|view| ORDER.iter().position(|name| *name == view.name));
    views
}

/// The order in which shipped views are listed.
const ORDER: [&str; 4] = ["failed now", "stuck over 1 h", MY_STORES, "since I last looked"];

/// The file of views beside the file of the saved state.
pub fn views_file(state_file: &Path) -> PathBuf {
    state_file.with_file_name("views.json")
}

/// Checks the name under which an operator saves a view.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a view needs a name".to_owned());
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(format!("the name is longer than {MAX_NAME_CHARS} characters"));
    }
    if name.chars().any(char::is_control) {
        return Err("a name has no control characters".to_owned());
    }
    if ORDER.iter().chain([&THEME]).any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(format!("{name} is a view of cdx; choose another name"));
    }
    Ok(())
}

/// The filter of the stores that an operator typed, such as `S0042,LON*`.
pub fn stores_filter(typed: &str, zone: Zone, now: Timestamp) -> Result<String, String> {
    let typed: Vec<_> = typed.split(',').map(str::trim).filter(|store| !store.is_empty()).collect();
    if typed.is_empty() {
        return Err("name at least one store, such as S0042,LON*".to_owned());
    }
    let text = format!("store:{}", typed.join(","));
    let filter = filter::parse(&text, lists::sessions(Direction::Download), zone, now)?;
    match filter.terms.as_slice() {
        [term] if term.field == "store" => Ok(text),
        _ => Err("separate stores by commas, and quote a name with blanks: S0042,\"S 43\",LON*".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::column_layout::ColumnLayout;

    const NOW: Timestamp = Timestamp(1_794_541_408_000);

    #[test]
    fn a_view_is_read_as_it_was_saved_and_an_unknown_one_is_refused() {
        let look = ListState {
            filter: "status:failed".to_owned(),
            columns: ColumnLayout {
                hidden: vec!["Job".to_owned()],
                sequence: vec!["Rows".to_owned(), "Job".to_owned()],
                widths: [("Rows".to_owned(), 12)].into_iter().collect(),
            },
            ascending: true,
            place: Some((1, 2)),
            ..ListState::default()
        };
        let view = SavedView::of_list("upload sessions".to_owned(), look, Zone::Store(Tz::Europe__London));
        let back = SavedView::read("mine", &view.definition(), 7, ViewOrigin::HeadOffice).expect("it is read");
        assert_eq!(back, SavedView { name: "mine".to_owned(), version: 7, ..view });
        assert_eq!((back.look.place, back.filter.as_str()), (None, "status:failed"));
        assert_eq!(back.zone(Zone::Utc, Tz::UTC), Zone::Store(Tz::Europe__London));
        // A view that an earlier version saved.
        let earlier = r#"{"list":"upload sessions","look":{"hidden":["Job"],"ascending":true}}"#;
        let earlier = SavedView::read("mine", earlier, 7, ViewOrigin::HeadOffice).expect("it is read").look;
        assert_eq!((earlier.columns.hidden, earlier.columns.sequence), (vec!["Job".to_owned()], Vec::new()));
        assert_eq!(SavedView::read("odd", "[]", 7, ViewOrigin::HeadOffice), None);
        let gone = SavedView { filter: "colour:red".to_owned(), ..back.clone() };
        assert!(gone.refusal(Zone::Utc, NOW).expect("refused").contains("colour"));
        let gone = SavedView { list: "parcels".to_owned(), ..back };
        assert!(gone.refusal(Zone::Utc, NOW).expect("refused").contains("no list parcels"));
    }

    #[test]
    fn shipped_views_are_understood_and_those_that_lack_something_say_so() {
        let bare = shipped(&[], None);
        let refused: Vec<_> = bare.iter().filter_map(|view| view.refusal(Zone::Utc, NOW)).collect();
        assert_eq!((bare.len(), refused.len()), (8, 4), "{refused:?}");
        assert!(refused[0].starts_with("my stores: not set"), "{refused:?}");
        let stores = stores_filter(" S0042, \"S 43\",LON*", Zone::Utc, NOW).expect("stores");
        assert_eq!(stores, "store:S0042,\"S 43\",LON*");
        let stores = SavedView { name: MY_STORES.to_owned(), filter: stores, ..SavedView::default() };
        for view in shipped(&[stores], Some(NOW)) {
            assert_eq!(view.refusal(Zone::Utc, NOW), None, "{view:?}");
        }
        for typed in ["", " , ", "S0042 LON*", "S1 status:failed"] {
            stores_filter(typed, Zone::Utc, NOW).expect_err(typed);
        }
    }

    #[test]
    fn names_are_short_printable_and_not_those_of_shipped_views() {
        check_name("night shift").expect("a name");
        for name in ["", "Failed now", "a\u{7}", &"x".repeat(41)] {
            check_name(name).expect_err(name);
        }
    }
}
