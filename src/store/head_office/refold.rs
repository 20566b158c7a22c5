//! Sessions that a migration left to be folded again from their messages.

use crate::domain::{Direction, Fold, SessionKey};
use crate::store::StoreError;
use crate::store::head_office::chunk_rows::Found;
use crate::store::head_office::{ChunkWriter, HeadOffice, MessageFilter, TransferredMessage};
use crate::store::value::values;

/// Sessions in one transaction.
const SESSIONS_PER_TRANSACTION: i64 = 500;

impl HeadOffice {
    /// Whether any session must be folded again.
    pub fn has_stale_sessions(&self) -> Result<bool, StoreError> {
        self.connection.exists("select 1 from stale_session limit 1", &[])
    }
}

impl ChunkWriter<'_> {
    /// Folds some of them again; durable when it returns. The next call finds the rest.
    pub fn refold(mut self) -> Result<(), StoreError> {
        let office = self.office;
        let sql = "select direction, session_number, channel_database from stale_session limit $1";
        let keys = office.connection.query(sql, values![SESSIONS_PER_TRANSACTION], |row| {
            let direction = Direction::from_number(row.int("direction")?)
                .ok_or_else(|| row.damaged("a session without direction"))?;
            Ok(SessionKey {
                direction,
                session_number: row.int("session_number")?,
                channel_database: row.text("channel_database")?,
            })
        })?;
        let found = self.look_up(&keys.iter().collect::<Vec<_>>())?;
        let mut folded = Vec::new();
        for (key, _) in keys.iter().zip(found).filter(|(_, found)| matches!(found, Found::Live(..))) {
            let filter = MessageFilter {
                direction: Some(key.direction),
                session_number: Some(key.session_number),
                channel_database: Some(key.channel_database.clone()),
                limit: i64::MAX,
                ..MessageFilter::default()
            };
            let messages = office.messages(&filter)?;
            let mut messages = messages.into_iter().filter_map(TransferredMessage::into_status_message);
            if let Some(first) = messages.next() {
                let mut fold = Fold::of(&first);
                messages.for_each(|message| fold.absorb(&message));
                folded.push((key, fold));
            }
        }
        let mut sessions: Vec<_> = folded.iter().map(|(key, fold)| (*key, fold)).collect();
        sessions.sort_unstable_by_key(|(key, _)| *key);
        self.save_sessions(&[], &sessions)?;
        let mut delete = office.connection.prepare(
            "delete from stale_session where direction = $1 and session_number = $2 and channel_database = $3",
        )?;
        for key in &keys {
            delete.execute(values![key.direction.number(), key.session_number, &key.channel_database])?;
        }
        drop(delete);
        self.transaction.commit()
    }
}
