//! What needs an operator's attention: each query reads a bounded number of rows.

use crate::domain::{DEFAULT_GAP_MS, Direction, QUIET_AFTER_MS, Status, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::reruns::REPEATED;
use crate::store::value::values;
use serde::Serialize;

/// The most sessions read for one line of the list; beyond, its figures say "more than".
pub const ATTENTION_LIMIT: i64 = 20_000;

/// The rows of a package, without implausible figures, which would distort the sum.
const ROWS: &str = "case when rows_affected between 0 and 1000000000000 then rows_affected else 0 end";

/// Figures of sessions that need attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct SessionFigures {
    /// Their number; [`ATTENTION_LIMIT`] means at least that, and the other figures are of those
    /// alone.
    pub sessions: i64,
    /// Their channel databases.
    pub channel_databases: i64,
    /// The rows of their packages, as far as known.
    pub rows: i64,
    /// When the oldest of them last changed; `None` if there is none.
    pub oldest: Option<Timestamp>,
    /// Those that were restored from the trash: they changed long before they arrived here again.
    pub restored: i64,
}

/// A channel database that has been silent for longer than usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuietDatabase {
    /// Its name.
    pub name: String,
    /// When its last message arrived, by the message database's clock.
    pub last_seen_at: Timestamp,
    /// The longest usual time between two of its messages, in milliseconds; `None` if it reported
    /// only once.
    #[serde(rename = "usual_gap_ms")]
    pub usual_gap: Option<i64>,
}

impl HeadOffice {
    /// Uploads in a failed state that no newer session repeats: sales that head office does not
    /// have. Oldest first; beyond [`ATTENTION_LIMIT`] the newest are left out.
    pub fn uploads_not_applied(&self) -> Result<SessionFigures, StoreError> {
        self.session_figures(Direction::Upload, Status::is_failed, &format!("and not {REPEATED}"), None)
    }

    /// Downloads in a failed state, as [`Self::uploads_not_applied`].
    pub fn downloads_failed(&self) -> Result<SessionFigures, StoreError> {
        self.session_figures(Direction::Download, Status::is_failed, "", None)
    }

    /// Downloads that have been Available on a channel database since before `before`.
    pub fn available_since(&self, before: Timestamp) -> Result<SessionFigures, StoreError> {
        let available = |status| status == Status::Available;
        self.session_figures(
            Direction::Download,
            available,
            "and channel_database > '' and modified_at < $2",
            Some(before),
        )
    }

    /// Sessions of a direction in some statuses with a further condition, which may use the instant
    /// as `$2`. Status by status: an index has the sessions of one status by time, but not those of
    /// several.
    fn session_figures(
        &self,
        direction: Direction,
        wanted: impl Fn(Status) -> bool,
        condition: &str,
        before: Option<Timestamp>,
    ) -> Result<SessionFigures, StoreError> {
        let numbers =
            Status::all(direction).filter(|status| wanted(*status)).filter_map(|status| status.number(direction));
        let of = |number: i64| {
            format!(
                "select * from (select channel_database, rows_affected, modified_at, restored_at from session
                 where direction = {} and status = {number} {condition} order by modified_at limit $1) as s{number}",
                direction.number()
            )
        };
        let sql = format!(
            "select count(*) as sessions, count(distinct channel_database) as channel_databases, coalesce(sum({ROWS}), 0) as rows,
                min(modified_at) as oldest, count(restored_at) as restored
             from (select * from ({}) as found order by modified_at limit $1) as waiting",
            numbers.map(of).collect::<Vec<_>>().join(" union all ")
        );
        let mut values = values![ATTENTION_LIMIT].to_vec();
        values.extend(before.map(crate::store::value::Value::from));
        let found = self.connection.first(&sql, &values, |row| {
            Ok(SessionFigures {
                sessions: row.int("sessions")?,
                channel_databases: row.int("channel_databases")?,
                rows: row.int("rows")?,
                oldest: row.opt_time("oldest")?,
                restored: row.int("restored")?,
            })
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Sessions by direction and status, each pair counted up to `limit`.
    pub fn count_by_status(&self, limit: i64) -> Result<Vec<(Direction, Status, i64)>, StoreError> {
        let sql = "select count(*) from
                   (select 1 from session where direction = $1 and status = $2 limit $3) as counted";
        let pairs = Direction::ALL.into_iter().flat_map(|way| Status::all(way).map(move |status| (way, status)));
        pairs
            .filter_map(|(way, status)| status.number(way).map(|number| (way, status, number)))
            .map(|(way, status, number)| {
                Ok((way, status, self.connection.integer(sql, values![way.number(), number, limit])?))
            })
            .collect()
    }

    /// Quiet channel databases, those with the longest silence relative to their usual gap first,
    /// at most `limit`, and their total number.
    ///
    /// `as_of` is when everything that was posted had been read (the cursor's `as_of`): an old
    /// status alone makes no database quiet. The table has one row for each channel database.
    pub fn quiet_databases(&self, as_of: Timestamp, limit: i64) -> Result<(Vec<QuietDatabase>, i64), StoreError> {
        let [quiet, relative_silence] = quiet_sql();
        let sql = format!(
            "select name, last_seen_at, usual_gap from channel_database where {quiet}
             order by {relative_silence} desc, name limit $2"
        );
        let found = self.connection.query(&sql, values![as_of, limit], |row| {
            let (last_seen_at, usual_gap) = (row.time("last_seen_at")?, row.opt_int("usual_gap")?);
            Ok(QuietDatabase { name: row.text("name")?, last_seen_at, usual_gap })
        })?;
        let total =
            self.connection.integer(&format!("select count(*) from channel_database where {quiet}"), values![as_of])?;
        Ok((found, total))
    }
}

/// [`Presence::is_quiet`] and [`Presence::relative_silence`] in SQL, as of `$1`.
///
/// [`Presence::is_quiet`]: crate::domain::Presence::is_quiet
/// [`Presence::relative_silence`]: crate::domain::Presence::relative_silence
fn quiet_sql() -> [String; 2] {
    let (silence, usual) = ("($1 - last_seen_at)", format!("coalesce(usual_gap, {DEFAULT_GAP_MS})"));
    [format!("{silence} > {QUIET_AFTER_MS} and {silence} > 2 * {usual}"), format!("{silence} / ({usual} / 1000 + 1)")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Presence;
    use crate::store::{Access, Location};

    const HOUR: i64 = 3_600_000;

    fn office(folder: &tempfile::TempDir) -> HeadOffice {
        HeadOffice::open(&Location::Sqlite(folder.path().join("head-office.db")), Access::Create).expect("it is made")
    }

    fn session(
        office: &HeadOffice,
        direction: i64,
        number: i64,
        store: &str,
        status: i64,
        at: i64,
        repeats: Option<i64>,
    ) {
        let sql =
            "insert into session (direction, session_number, channel_database, round, status, try_count, winner_at,
            winner_guid, rows_affected, created_at, modified_at, last_posted_at, job_name, rerun_for, run_id)
            values ($1, $2, $3, 0, $4, 0, $5, 'x', 100, $5, $5, $5, '1040', $6, 1)";
        office.connection.execute(sql, values![direction, number, store, status, at, repeats]).expect("it is stored");
    }

    #[test]
    fn uploads_not_applied_are_the_failed_ones_that_none_repeats() {
        let folder = tempfile::tempdir().expect("a folder");
        let office = office(&folder);
        session(&office, 1, 1, "S0001", 5, 10, None);
        session(&office, 1, 2, "S0001", 6, 20, None);
        session(&office, 1, 3, "S0002", 6, 30, None);
        session(&office, 1, 4, "S0002", 3, 40, None);
        session(&office, 0, 5, "S0002", 6, 5, None);
        let three =
            SessionFigures { sessions: 3, channel_databases: 2, rows: 300, oldest: Some(Timestamp(10)), restored: 0 };
        assert_eq!(office.uploads_not_applied().expect("it answers"), three);
        office
            .connection
            .execute("update session set rows_affected = $1 where session_number > 1", values![i64::MAX])
            .expect("it is changed");
        assert_eq!(office.uploads_not_applied().expect("it answers"), SessionFigures { rows: 100, ..three });
        office.connection.execute("update session set rows_affected = 100", &[]).expect("it is changed");
        // A session that claims to repeat itself hides nothing.
        office
            .connection
            .execute("update session set rerun_for = 3 where session_number = 3", &[])
            .expect("it is changed");
        assert_eq!(office.uploads_not_applied().expect("it answers"), three);
        session(&office, 1, 6, "S0001", 0, 50, Some(1));
        let two =
            SessionFigures { sessions: 2, channel_databases: 2, rows: 200, oldest: Some(Timestamp(20)), restored: 0 };
        assert_eq!(office.uploads_not_applied().expect("it answers"), two);
    }

    #[test]
    fn packages_themselves_are_never_available_too_long() {
        let folder = tempfile::tempdir().expect("a folder");
        let office = office(&folder);
        session(&office, 0, 1, "", 1, 10, None);
        session(&office, 0, 1, "S0001", 1, 10, None);
        session(&office, 0, 2, "S0001", 1, 99, None);
        let one =
            SessionFigures { sessions: 1, channel_databases: 1, rows: 100, oldest: Some(Timestamp(10)), restored: 0 };
        assert_eq!(office.available_since(Timestamp(50)).expect("it answers"), one);
        assert_eq!(office.available_since(Timestamp(5)).expect("it answers"), SessionFigures::default());
    }

    #[test]
    fn quiet_databases_are_found_by_the_rule_of_their_presence() {
        let folder = tempfile::tempdir().expect("a folder");
        let office = office(&folder);
        let gaps = [None, Some(60_000), Some(HOUR), Some(5 * HOUR), Some(i64::MAX / 4)];
        let as_of = Timestamp(100 * HOUR);
        let mut expected = Vec::new();
        let mut presences = office.prepare_presences().expect("it is prepared");
        for (number, gap) in (0..).zip(gaps) {
            for hours in [1, 2, 7, 31, 99] {
                let name = format!("S{number:02}{hours:02}");
                let presence = Presence { usual_gap: gap, ..Presence::of(Timestamp(as_of.0 - hours * HOUR)) };
                presences.save(&[(&name, presence)]).expect("it is stored");
                if presence.is_quiet(as_of) {
                    expected.push((name, presence.relative_silence(as_of)));
                }
            }
        }
        let (found, total) = office.quiet_databases(as_of, 100).expect("it answers");
        expected.sort_by_key(|(name, relative)| (std::cmp::Reverse(*relative), name.clone()));
        let expected: Vec<_> = expected.into_iter().map(|(name, _)| name).collect();
        assert_eq!(found.iter().map(|quiet| quiet.name.as_str()).collect::<Vec<_>>(), expected);
        assert_eq!(total, i64::try_from(expected.len()).expect("small"));
        assert_eq!(office.quiet_databases(as_of, 2).expect("it answers").0.len(), 2);
    }
}
