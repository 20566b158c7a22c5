//! LISTEN on a connection that does nothing else.

use crate::store::postgres::Server;
use crate::store::postgres::connect::connect;
use crate::store::postgres::failure::classify;
use crate::store::postgres::settings::Settings;
use crate::store::{Location, StoreError};
use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;
use std::time::Duration;

const SETTINGS: Settings = Settings { durable: false, read_only: true, writer_lock_table: None };

/// A connection that listens.
pub(in crate::store) struct Listening {
    client: Client,
    location: Location,
}

/// Connects and listens to a channel.
pub(in crate::store) fn listen(server: &Server, location: &Location, channel: &str) -> Result<Listening, StoreError> {
    let (mut client, _) = connect(server, location, &SETTINGS)?;
    client.batch_execute(&format!("listen {channel}")).map_err(|error| classify(&error, location))?;
    Ok(Listening { client, location: location.clone() })
}

impl Listening {
    /// Waits at most `at_most` for notifications; several at once count as one.
    pub(in crate::store) fn wait(&mut self, at_most: Duration) -> Result<bool, StoreError> {
        let notified = self.client.notifications().timeout_iter(at_most).next();
        let notified = notified.map_err(|error| classify(&error, &self.location))?.is_some();
        if !notified && self.client.is_closed() {
            let reason = "the server closed it".to_owned();
            return Err(StoreError::Lost { location: self.location.clone(), reason });
        }
        let mut more = self.client.notifications();
        let mut more = more.iter();
        while more.next().map_err(|error| classify(&error, &self.location))?.is_some() {}
        Ok(notified)
    }
}
