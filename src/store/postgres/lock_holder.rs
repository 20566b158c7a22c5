//! Finds the session that holds a lock at a server, on a connection of its own.

use crate::store::Location;
use crate::store::postgres::Server;
use crate::store::postgres::connect::connect;
use crate::store::postgres::settings::Settings;
use std::time::Duration;

const SETTINGS: Settings = Settings { durable: false, read_only: true, writer_lock_table: None };
/// The longest time that the search waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Sessions of this login that wait for a lock name those that block them.
const BLOCKS: &str = "a.pid in (select unnest(pg_blocking_pids(w.pid)) from pg_stat_activity as w
    where w.datname = current_database() and w.usename = current_user and w.wait_event_type = 'Lock')";
/// After the wait was given up: a transaction at least as old as the wait that may change rows of
/// these tables and waits for nothing. Where a login may not see the ages of others, none is named.
const MAY_HAVE_BLOCKED: &str = "a.datname = current_database() and a.pid <> pg_backend_pid()
    and clock_timestamp() - a.xact_start >= interval '4 seconds'
    and exists (select from pg_locks as l where l.pid = a.pid and l.granted and l.locktype = 'relation'
        and l.database = (select oid from pg_database where datname = current_database())
        and l.relation in (select c.oid from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where n.nspname = 'cdx')
        and l.mode <> 'AccessShareLock')
    and not exists (select from pg_locks as l where l.pid = a.pid and not l.granted)";

/// When the holder of a lock is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Wait {
    /// A session still waits for it.
    Lasts,
    /// The wait has just been given up.
    GivenUp,
}

/// The session that holds the lock, worded to follow "locked by"; `None` if it cannot be found.
pub(in crate::store) fn lock_holder(server: &Server, location: &Location, wait: Wait) -> Option<String> {
    let condition = match wait {
        Wait::Lasts => BLOCKS,
        Wait::GivenUp => MAY_HAVE_BLOCKED,
    };
    let sql = format!(
        "select cast(a.pid as bigint), coalesce(cast(a.usename as text), ''), coalesce(a.application_name, ''),
            cast(floor(extract(epoch from clock_timestamp() - a.xact_start)) as bigint)
         from pg_stat_activity as a where {condition} order by a.xact_start limit 1"
    );
    let (mut client, _) = connect(&server.connecting_within(CONNECT_TIMEOUT), location, &SETTINGS).ok()?;
    let row = client.query_opt(&sql, &[]).ok()??;
    Some(words(row.try_get(2).ok()?, row.try_get(1).ok()?, row.try_get(0).ok()?, row.try_get(3).ok()?))
}

/// A session, worded to follow "locked by"; `seconds`: for how long its transaction has been open,
/// unless this login may not see it.
pub(super) fn words(application: &str, login: &str, backend_pid: i64, seconds: Option<i64>) -> String {
    let application = if application.is_empty() { "a program" } else { application };
    let since = seconds.map(|seconds| format!(", transaction open for {seconds} s")).unwrap_or_default();
    let text = format!("{application} of login {login} (server process {backend_pid}){since}");
    crate::domain::clean_line(&text).into_owned()
}
