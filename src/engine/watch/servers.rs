//! Batch servers that start and stop.

use crate::batch::{BatchServer, SILENT_AFTER_MS};
use crate::engine::watch::{Change, DownReason, Polled, WatchPosition, Watcher};
use crate::store::{HeadOffice, StoreError};
use std::collections::BTreeSet;

/// The running batch servers, as a position names them.
pub(super) fn running(office: &HeadOffice) -> Result<BTreeSet<(String, i64)>, StoreError> {
    Ok(office.servers()?.iter().filter(|server| server.is_alive()).map(WatchPosition::server).collect())
}

impl Watcher {
    /// Compares the running servers with those of the position. A missing heartbeat changes no row,
    /// so that each poll does this.
    pub(super) fn follow_servers(&mut self, office: &HeadOffice, polled: &mut Polled) -> Result<(), StoreError> {
        let listed = office.servers()?;
        let is_alive = |process: &(String, i64)| {
            listed.iter().any(|server| server.is_alive() && WatchPosition::server(server) == *process)
        };
        let gone: Vec<_> = self.position.servers.iter().filter(|process| !is_alive(process)).cloned().collect();
        for process in gone {
            self.position.servers.remove(&process);
            let of_name = listed.iter().find(|server| WatchPosition::server(server).0 == process.0);
            let now = office.now()?;
            let (at, reason) = match of_name {
                Some(server) if WatchPosition::server(server) != process => (server.started_at, DownReason::Restarted),
                Some(BatchServer { stopped_at: Some(at), .. }) => (*at, DownReason::Stopped),
                Some(server) => (server.heartbeat_at, DownReason::Silent),
                None => (now, DownReason::Deleted),
            };
            let name = of_name.map(|server| server.name.clone());
            self.add(polled, Change::ServerDown { at, name, reason });
        }
        for server in listed.iter().filter(|server| server.is_alive()) {
            if self.position.servers.insert(WatchPosition::server(server)) {
                let (name, host) = (server.name.clone(), server.host.clone());
                // One that was silent for a while sends heartbeats again.
                let has_just_started = server.heartbeat_at.since(server.started_at) < SILENT_AFTER_MS;
                let at = if has_just_started { server.started_at } else { server.heartbeat_at };
                self.add(polled, Change::ServerUp { at, name, host });
            }
        }
        Ok(())
    }
}
