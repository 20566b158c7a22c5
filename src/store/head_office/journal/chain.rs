//! The chain of the journal: each row holds a digest of itself and the digest of the row before it,
//! so that a row cannot be changed, removed, inserted or moved without a trace.

use crate::domain::{Direction, SessionKey, Timestamp, hex};
use crate::store::StoreError;
use crate::store::connection::{Connection, Row};
use crate::store::value::{Value, values};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// The digest before the first row.
pub(super) const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The column of the login at the database server.
pub(super) const LOGIN: &str = "login";
/// Rows that are read together.
const ROWS_PER_READ: i64 = 500;

/// What a digest covers. The columns that say that a row was undone change later and are not among
/// it; each undo is a row of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Content {
    pub(super) entry_id: i64,
    pub(super) at: Timestamp,
    pub(super) operator: String,
    pub(super) client: Option<String>,
    pub(super) host: Option<String>,
    pub(super) action: String,
    /// Of an action on sessions it is not covered: it follows from the sessions of all parts.
    pub(super) object: String,
    pub(super) detail: Option<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) result: Option<String>,
    pub(super) undo: Option<String>,
    pub(super) operation_id: Option<String>,
    pub(super) part_of: Option<i64>,
    /// The login at the database server; the last element of the digest's array, if there is one.
    pub(super) login: Option<String>,
}

/// A row with its links.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) content: Content,
    /// When it was undone, and by which operator.
    pub(super) undone: Option<(Timestamp, String)>,
    /// The digest of its sessions; `None` without sessions.
    pub(super) sessions: Option<String>,
    /// Whether sessions name it as their part, but another entry.
    pub(super) has_foreign_sessions: bool,
    pub(super) previous: Option<String>,
    pub(super) digest: Option<String>,
}

impl Content {
    /// Whether the object follows from the sessions.
    pub(super) fn has_derived_object(&self) -> bool {
        self.operation_id.is_some()
    }

    /// The digest of the row: SHA-256 of a JSON array, written without spaces.
    pub(super) fn digest(&self, previous: &str, sessions: Option<&str>) -> String {
        let object = (!self.has_derived_object()).then_some(&self.object);
        let mut array = json!([
            previous,
            self.entry_id,
            self.at.0,
            self.operator,
            self.client,
            self.host,
            self.action,
            object,
            self.detail,
            self.before,
            self.after,
            self.reason,
            self.result,
            self.undo,
            self.operation_id,
            self.part_of,
            sessions,
        ]);
        if let (Some(cells), Some(login)) = (array.as_array_mut(), &self.login) {
            cells.push(json!(login));
        }
        for cell in array.as_array_mut().into_iter().flatten() {
            if let Json::String(text) = cell
                && text.contains('\0')
            {
                // A server cannot store NUL and stores this character instead.
                *text = text.replace('\0', "\u{FFFD}");
            }
        }
        hex(&Sha256::digest(array.to_string().as_bytes()))
    }
}

/// The digest of the sessions of a row, which are added in order.
#[derive(Default)]
pub(super) struct SessionsDigest(Option<Sha256>);

impl SessionsDigest {
    pub(super) fn add(&mut self, direction: i64, number: i64, channel_database: &str, round: i64) {
        let line = json!([direction, number, channel_database, round]).to_string();
        self.0.get_or_insert_default().update(line.as_bytes());
        self.0.get_or_insert_default().update(b"\n");
    }

    pub(super) fn finish(self) -> Option<String> {
        self.0.map(|digest| hex(&digest.finalize()))
    }
}

/// The digest of sessions in any order.
pub(super) fn digest_of(sessions: &[&(SessionKey, i64)]) -> Option<String> {
    let row = |(key, round): &&'_ (SessionKey, i64)| {
        (key.direction.number(), key.session_number, key.channel_database.clone(), *round)
    };
    let mut ordered: Vec<_> = sessions.iter().map(row).collect();
    ordered.sort_unstable();
    let mut digest = SessionsDigest::default();
    for (direction, number, channel_database, round) in ordered {
        digest.add(direction, number, &channel_database, round);
    }
    digest.finish()
}

/// A page of the chain.
pub(super) struct Page {
    pub(super) links: Vec<Link>,
    /// Whether it is the last page.
    pub(super) is_last: bool,
    /// The numbers of rows that sessions name and that are not there.
    pub(super) orphans: Vec<i64>,
}

/// The rows after a number, in order; none at the end. `login`: the SQL of that column.
pub(super) fn page(connection: &Connection, after: i64, login: &str) -> Result<Page, StoreError> {
    let sql = format!(
        "select entry_id, at, operator, client, host, action, object, detail, value_before, value_after, reason, result,
            undo, operation_id, part_of, {login} as login, undone_at, undone_by, previous_digest, digest
        from operator_journal where entry_id > $1 order by entry_id limit $2"
    );
    let mut links = connection.query(&sql, values![after, ROWS_PER_READ], link)?;
    let is_last = i64::try_from(links.len()).is_ok_and(|count| count < ROWS_PER_READ);
    let end = links.last().map_or(after, |link| link.content.entry_id);
    let end = if is_last { i64::MAX } else { end };
    let mut orphans = Vec::new();
    let mut foreign = HashSet::new();
    let entries: HashMap<_, _> = links
        .iter()
        .map(|link| (link.content.entry_id, link.content.part_of.unwrap_or(link.content.entry_id)))
        .collect();
    let mut part: Option<(i64, SessionsDigest)> = None;
    let mut finish = |part: Option<(i64, SessionsDigest)>| {
        let Some((number, digest)) = part else { return };
        match links.binary_search_by_key(&number, |link| link.content.entry_id) {
            Ok(at) => links[at].sessions = digest.finish(),
            Err(_) => orphans.push(number),
        }
    };
    let sql = "select part_id, entry_id, direction, session_number, channel_database, round from journal_session
        where part_id > $1 and part_id <= $2 order by part_id, direction, session_number, channel_database";
    connection.prepare(sql)?.each(values![after, end], |row| {
        let number = row.int("part_id")?;
        let entry_id: i64 = row.int("entry_id")?;
        if entries.get(&number).is_some_and(|entry| *entry != entry_id) {
            foreign.insert(number);
        }
        if part.as_ref().is_none_or(|(open, _)| *open != number) {
            finish(part.replace((number, SessionsDigest::default())));
        }
        if let Some((_, digest)) = &mut part {
            let store: String = row.text("channel_database")?;
            digest.add(row.int("direction")?, row.int("session_number")?, &store, row.int("round")?);
        }
        Ok(true)
    })?;
    finish(part);
    for link in &mut links {
        link.has_foreign_sessions = foreign.contains(&link.content.entry_id);
    }
    Ok(Page { links, is_last, orphans })
}

fn link(row: &Row) -> Result<Link, StoreError> {
    Ok(Link {
        content: Content {
            entry_id: row.int("entry_id")?,
            at: row.time("at")?,
            operator: row.text("operator")?,
            client: row.opt_text("client")?,
            host: row.opt_text("host")?,
            action: row.text("action")?,
            object: row.text("object")?,
            detail: row.opt_text("detail")?,
            before: row.opt_text("value_before")?,
            after: row.opt_text("value_after")?,
            reason: row.opt_text("reason")?,
            result: row.opt_text("result")?,
            undo: row.opt_text("undo")?,
            operation_id: row.opt_text("operation_id")?,
            part_of: row.opt_int("part_of")?,
            login: row.opt_text("login")?,
        },
        undone: row.opt_time("undone_at")?.zip(row.opt_text("undone_by")?),
        sessions: None,
        has_foreign_sessions: false,
        previous: row.opt_text("previous_digest")?,
        digest: row.opt_text("digest")?,
    })
}

/// Chains all rows of a generated exchange again, from the first to the last. In the caller's
/// transaction.
pub(in crate::store::head_office) fn chain_rows(connection: &Connection) -> Result<(), StoreError> {
    chain(connection, LOGIN)
}

/// Chains the rows that the migration finds, which has no column of logins yet.
pub(in crate::store::head_office) fn chain_migrated_rows(connection: &Connection) -> Result<(), StoreError> {
    chain(connection, "cast(null as text)")
}

fn chain(connection: &Connection, login: &str) -> Result<(), StoreError> {
    connection.execute("update operator_journal set previous_digest = null where previous_digest is not null", &[])?;
    let (mut after, mut previous) = (i64::MIN, START.to_owned());
    loop {
        let page = page(connection, after, login)?;
        let Some(last) = page.links.last() else { return Ok(()) };
        after = last.content.entry_id;
        let mut chained = Vec::new();
        for link in &page.links {
            let digest = link.content.digest(&previous, link.sessions.as_deref());
            chained.push((link.content.entry_id, std::mem::replace(&mut previous, digest.clone()), digest));
        }
        set_digests(connection, &chained)?;
    }
}

/// Stores the number, the digest before and the digest of rows.
fn set_digests(connection: &Connection, chained: &[(i64, String, String)]) -> Result<(), StoreError> {
    const ROWS_PER_STATEMENT: usize = 100;
    for some in chained.chunks(ROWS_PER_STATEMENT) {
        let row = |at: usize| {
            let at = at * 3;
            format!("(cast(${} as bigint), cast(${} as text), cast(${} as text))", at + 1, at + 2, at + 3)
        };
        let rows: Vec<_> = (0..some.len()).map(row).collect();
        let sql = format!(
            "with chained (number, before, own) as (values {})
             update operator_journal set previous_digest = chained.before, digest = chained.own
             from chained where entry_id = chained.number",
            rows.join(", ")
        );
        let values: Vec<Value> = some
            .iter()
            .flat_map(|(number, before, own)| [Value::Int(*number), Value::Text(before), Value::Text(own)])
            .collect();
        connection.execute(&sql, &values)?;
    }
    Ok(())
}

/// The object of an action on sessions: a single one by its key, more by their number.
pub(in crate::store::head_office) fn sessions_object(count: i64, first: Option<&SessionKey>) -> String {
    match (count, first) {
        (1, Some(key)) => format!("{} {} {}", key.direction, key.session_number, key.channel_database),
        (count, _) => format!("{count} sessions"),
    }
}

/// What the object of each action on sessions must be, for the numbers between two, both included.
pub(super) fn derived_objects(
    connection: &Connection,
    first: i64,
    last: i64,
) -> Result<HashMap<i64, String>, StoreError> {
    let sql =
        "select entry_id, count(*) as sessions, min(direction) as direction, min(session_number) as session_number,
            min(channel_database) as channel_database
        from journal_session where entry_id >= $1 and entry_id <= $2 group by entry_id";
    let objects = connection.query(sql, values![first, last], |row| {
        let direction = Direction::from_number(row.int("direction")?);
        let (session_number, channel_database) = (row.int("session_number")?, row.text("channel_database")?);
        let key = direction.map(|direction| SessionKey { direction, session_number, channel_database });
        Ok((row.int("entry_id")?, sessions_object(row.int("sessions")?, key.as_ref())))
    })?;
    Ok(objects.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        let text = |text: &str| Some(text.to_owned());
        Content {
            entry_id: 7,
            at: Timestamp(1_795_000_000_000),
            operator: "r.vermeer".to_owned(),
            client: text("203.0.113.7"),
            host: text("hq"),
            action: "set parameter".to_owned(),
            object: "retention-days".to_owned(),
            detail: text("30 -> 45"),
            before: text("30"),
            after: text("45"),
            reason: None,
            result: text("done"),
            undo: text("{\"parameter\":30}"),
            operation_id: None,
            part_of: None,
            login: None,
        }
    }

    /// Computed by the recipe in docs/journal.md.
    #[test]
    fn the_digest_can_be_computed_by_other_programs() {
        let digest = content().digest(START, None);
        assert_eq!(digest, "968d0dc2015abe776837eb3877fe5f49031d8adf45b36d85427acfdd6ea90636");
    }

    #[test]
    fn each_field_is_part_of_the_digest() {
        let changes: [fn(&mut Content); 16] = [
            |content| content.entry_id = 8,
            |content| content.at = Timestamp(5),
            |content| content.operator = "m.jansen".to_owned(),
            |content| content.client = None,
            |content| content.host = None,
            |content| content.action = "mute cause".to_owned(),
            |content| content.object = "try-count".to_owned(),
            |content| content.detail = None,
            |content| content.before = None,
            |content| content.after = Some("46".to_owned()),
            |content| content.reason = Some(String::new()),
            |content| content.result = None,
            |content| content.undo = None,
            |content| content.operation_id = Some("x".to_owned()),
            |content| content.part_of = Some(6),
            |content| content.login = Some("cdx".to_owned()),
        ];
        let mut digests = std::collections::BTreeSet::from([content().digest(START, None)]);
        for change in changes {
            let mut changed = content();
            change(&mut changed);
            assert!(digests.insert(changed.digest(START, None)), "{changed:?}");
        }
        assert!(digests.insert(content().digest(&content().digest(START, None), None)));
        assert!(digests.insert(content().digest(START, Some("x"))));
    }

    #[test]
    fn the_order_in_which_sessions_were_chosen_does_not_matter() {
        let session = |number, store: &str| {
            let channel_database = store.to_owned();
            (SessionKey { direction: Direction::Download, session_number: number, channel_database }, 1)
        };
        let (one, two) = (session(7, "S0002"), session(7, "S0010"));
        assert_eq!(digest_of(&[&one, &two]), digest_of(&[&two, &one]));
        assert_ne!(digest_of(&[&one, &two]), digest_of(&[&one]));
        assert_eq!(digest_of(&[]), None);
    }
}
