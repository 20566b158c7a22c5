//! The writers' lock at a server: who holds it, and ending the session of a suspended holder.
//!
//! The server ends an idle transaction. But a program that was suspended while it copied rows has a
//! running statement, which waits for the rest of its rows for ever; neither a time limit nor a
//! cancel ends it.

use crate::store::StoreError;
use crate::store::postgres::lock_holder::words;
use crate::store::postgres::session::Session;

/// Seconds that a copy may wait for its program before another writer ends it: longer than the
/// lease, and longer than the slowest connection needs for the rows of one copy.
const STALLED_AFTER_SECONDS: i64 = 20;

/// The holder of the lock.
struct Holder {
    /// Worded to follow "locked by".
    words: String,
    /// The server process of the holder's session.
    backend_pid: i64,
    /// Whether it waits for a suspended program.
    stalled: bool,
}

impl Session {
    /// Begins a transaction; takes the writers' lock if there is one.
    pub(in crate::store) fn begin(&self) -> Result<(), StoreError> {
        let Some(table) = self.settings.writer_lock_table else { return self.begin_with("") };
        let lock_clause = format!("; select 1 from {table} for no key update");
        let begun = self.begin_with(&lock_clause);
        let Err(StoreError::Locked { location, waited_seconds, holder: suspect }) = begun else { return begun };
        let holder = self.holder(table)?;
        if let Some(holder) = &holder
            && holder.stalled
            && self.terminate(holder.backend_pid)
        {
            return self.begin_with(&lock_clause);
        }
        Err(StoreError::Locked { location, waited_seconds, holder: holder.map(|holder| holder.words).or(suspect) })
    }

    /// The holder, as far as this login may see it; `None` if the lock was just released.
    fn holder(&self, table: &str) -> Result<Option<Holder>, StoreError> {
        // Waiting writers hold this table lock, too; their lock that is not granted excludes them.
        let sql = format!(
            "select cast(a.pid as bigint), coalesce(cast(a.usename as text), ''), coalesce(a.application_name, ''),
                cast(floor(extract(epoch from clock_timestamp() - a.xact_start)) as bigint),
                coalesce(a.state = 'active' and a.wait_event = 'ClientRead'
                    and clock_timestamp() - a.query_start > interval '{STALLED_AFTER_SECONDS} seconds', false)
             from pg_locks as l join pg_stat_activity as a on a.pid = l.pid
             where l.locktype = 'relation' and l.relation = '{table}'::regclass and l.mode = 'RowShareLock' and l.granted
                and l.database = (select oid from pg_database where datname = current_database())
                and l.pid <> pg_backend_pid() and not exists (select from pg_locks as w where w.pid = l.pid and not w.granted)
             order by a.xact_start limit 1"
        );
        let mut holder = None;
        self.each(&sql, &[], &mut |row| {
            let number = |column| crate::store::postgres::integer(row, column).ok().flatten();
            let text = |column| {
                let bytes = crate::store::postgres::text(row, column).ok().flatten().unwrap_or_default();
                String::from_utf8_lossy(bytes).into_owned()
            };
            let backend_pid = number(0).unwrap_or_default();
            holder = Some(Holder {
                words: words(&text(2), &text(1), backend_pid, number(3)),
                backend_pid,
                stalled: number(4) == Some(1),
            });
            Ok(false)
        })?;
        Ok(holder)
    }

    /// Terminates a session without waiting for its end. Returns false if this login may not, or
    /// the session is gone.
    fn terminate(&self, backend_pid: i64) -> bool {
        let mut ended = false;
        let sql = format!("select pg_terminate_backend({backend_pid})");
        let result = self.each(&sql, &[], &mut |row| {
            ended = crate::store::postgres::integer(row, 0).ok().flatten() == Some(1);
            Ok(false)
        });
        result.is_ok() && ended
    }
}
