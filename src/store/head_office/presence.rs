//! Channel databases and distribution schedules as the messages name them; kept up to date within each chunk.

use super::HeadOffice;
use crate::domain::{Presence, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Statement;
use crate::store::value::values;

/// The statements of a chunk.
pub(super) struct Presences<'c> {
    load: Statement<'c>,
    save: Statement<'c>,
    schedule: Statement<'c>,
}

impl HeadOffice {
    pub(super) fn prepare_presences(&self) -> Result<Presences<'_>, StoreError> {
        Ok(Presences {
            load: self
                .connection
                .prepare("select first_seen_at, last_seen_at, usual_gap from channel_database where name = $1")?,
            save: self.connection.prepare(
                "insert into channel_database (name, first_seen_at, last_seen_at, usual_gap) values ($1, $2, $3, $4)
                 on conflict (name) do update set first_seen_at = excluded.first_seen_at,
                    last_seen_at = excluded.last_seen_at, usual_gap = excluded.usual_gap",
            )?,
            schedule: self.connection.prepare(
                "insert into distribution_schedule (name, first_seen_at, last_seen_at) values ($1, $2, $3)
                 on conflict (name) do update set
                    first_seen_at = case when excluded.first_seen_at < distribution_schedule.first_seen_at
                        then excluded.first_seen_at else distribution_schedule.first_seen_at end,
                    last_seen_at = case when excluded.last_seen_at > distribution_schedule.last_seen_at
                        then excluded.last_seen_at else distribution_schedule.last_seen_at end",
            )?,
        })
    }
}

impl Presences<'_> {
    pub(super) fn load(&mut self, name: &str) -> Result<Option<Presence>, StoreError> {
        self.load.first(values![name], |row| {
            let (first_seen_at, last_seen_at) = (row.time(0)?, row.time(1)?);
            Ok(Presence { first_seen_at, last_seen_at, usual_gap: row.opt_int(2)? })
        })
    }

    pub(super) fn save(&mut self, name: &str, presence: &Presence) -> Result<(), StoreError> {
        let Presence { first_seen_at, last_seen_at, usual_gap } = *presence;
        self.save.execute(values![name, first_seen_at, last_seen_at, usual_gap])?;
        Ok(())
    }

    pub(super) fn save_schedule(&mut self, name: &str, first: Timestamp, last: Timestamp) -> Result<(), StoreError> {
        self.schedule.execute(values![name, first, last])?;
        Ok(())
    }
}
