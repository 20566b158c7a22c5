//! The zone in which times are shown: cycles through the operator's, UTC, and that of the store
//! under the cursor.

use crate::console::app::{App, RuntimeEffect};
use crate::console::protocol::query::Query;
use crate::console::protocol::time::Zone;
use crate::console::screens::screen::Screen;

impl App {
    /// Switches to the next zone; the store's is queried.
    pub(super) fn next_zone(&mut self) -> Vec<RuntimeEffect> {
        let local = Zone::Local(self.settings.home);
        match (self.zone, self.screen().and_then(Screen::store).filter(|store| !store.is_empty())) {
            (Zone::Local(_), _) => self.show_times(Zone::Utc, ""),
            (Zone::Utc, Some(store)) => {
                let id = self.visits.last().map(|visit| visit.id);
                return self.ask(id, Query::StoreZone(store));
            }
            (Zone::Utc, None) => self.show_times(local, " No store is under the cursor."),
            (Zone::Store(_), _) => self.show_times(local, ""),
        }
        Vec::new()
    }

    /// Takes the zone of a store.
    pub(super) fn take_zone(&mut self, store: &str, zone: Option<&str>) {
        match zone.and_then(|zone| zone.parse().ok()) {
            Some(zone) => self.show_times(Zone::Store(zone), &format!(" It is the time of {store}, {zone}.")),
            None => self.show_times(
                Zone::Local(self.settings.home),
                &format!(
                    " The zone of {store} is unknown; {}",
                    self.settings.keymap.named("set it with {place_9}, {actions}.")
                ),
            ),
        }
    }

    fn show_times(&mut self, zone: Zone, more: &str) {
        self.zone = zone;
        self.said = Some(format!("Times are shown in {}.{more}", zone.name(self.now)));
    }
}
