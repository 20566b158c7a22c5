//! Writes a row of the journal, in the transaction of the change that it records.

use crate::domain::{SessionAction, SessionKey, Timestamp};
use crate::guard::{Attempt, Guarded};
use crate::store::StoreError;
use crate::store::head_office::journal::chain::{Content, START, digest_of};
use crate::store::head_office::journal::change::{About, Change, DONE};
use crate::store::head_office::journal::origin::Origin;
use crate::store::head_office::journal::{ActionNote, Undo, sessions_object};
use crate::store::head_office::{HeadOffice, Permit};
use crate::store::value::values;

/// The most sessions that the row of a refused change lists.
const MAX_REFUSED_SESSIONS: usize = 1_000;

/// An action on sessions as the journal records it.
#[derive(Debug, Clone, Copy)]
pub(in crate::store::head_office) struct Operation<'a> {
    pub(in crate::store::head_office) action: &'a str,
    pub(in crate::store::head_office) operator: &'a str,
    pub(in crate::store::head_office) detail: &'a str,
    pub(in crate::store::head_office) reason: Option<&'a str>,
    pub(in crate::store::head_office) id: &'a str,
    /// When the change was made; `None` for now.
    pub(in crate::store::head_office) at: Option<Timestamp>,
    /// The sessions of this part, and the resulting round of each.
    pub(in crate::store::head_office) sessions: &'a [(SessionKey, i64)],
    pub(in crate::store::head_office) can_be_undone: bool,
    pub(in crate::store::head_office) permit: &'a Permit,
}

/// The end of the chain.
struct End {
    now: Timestamp,
    entry_id: i64,
    digest: String,
}

impl HeadOffice {
    /// Writes the row of a change and returns its number; durable with the caller's transaction,
    /// which has the writers' lock: the row follows the last one. A change that the guardrails or
    /// roles refuse is rolled back.
    pub(in crate::store::head_office) fn append(&self, change: &Change) -> Result<i64, StoreError> {
        self.append_about(change, &[])
    }

    /// Writes the row of a change of sessions that was refused, which lists the first of them.
    pub(in crate::store::head_office) fn append_refused(
        &self,
        change: &Change,
        sessions: &[&SessionKey],
    ) -> Result<i64, StoreError> {
        self.append_about(change, &sessions[..sessions.len().min(MAX_REFUSED_SESSIONS)])
    }

    fn append_about(&self, change: &Change, sessions: &[&SessionKey]) -> Result<i64, StoreError> {
        let decided = if change.permit.is_none() { Some(self.decide(change)?) } else { None };
        let permit = change.permit.or(decided.as_ref()).unwrap_or(&Permit::UNASKED);
        self.use_approval(permit)?;
        let end = self.journal_end()?;
        let text = |text: Option<&str>| text.map(str::to_owned);
        let content = Content {
            entry_id: end.entry_id + 1,
            at: end.now,
            operator: change.operator.to_owned(),
            action: change.action.to_owned(),
            object: change.object.to_owned(),
            detail: text(Some(change.detail)),
            before: text(change.before),
            after: text(change.after),
            reason: text(change.reason.or(self.authority.consent.reason.as_deref())),
            result: Some(permit.result(change.result)),
            undo: change.undo.map(|undo| undo.to_json().to_string()),
            ..Content::default()
        };
        let sessions: Vec<_> = sessions.iter().map(|key| ((*key).clone(), 0)).collect();
        let added = self.add_sessions(content.entry_id, content.entry_id, &sessions)?;
        self.append_content(content, &end.digest, digest_of(&added).as_deref())
    }

    /// Decides about a change.
    fn decide(&self, change: &Change) -> Result<Permit, StoreError> {
        let Change { detail, reason, instant, identity, also, .. } = *change;
        let has_scope = self.authority.has_scope(&[&[change.action], also].concat());
        let subjects = match change.about {
            About::Job(job_id) if has_scope => self.guarded_jobs(&[job_id])?,
            About::Database(name) => vec![Guarded { store: name.to_owned(), ..Guarded::default() }],
            About::Job(_) | About::Other => Vec::new(),
        };
        let attempt = Attempt::new(change.operator, change.action, change.unnumbered.unwrap_or(change.object));
        self.permit(&Attempt { detail, subjects: &subjects, reason, instant, identity, also, ..attempt })
    }

    /// Writes the entry of a request to agents in the caller's transaction, or adds a part to it;
    /// returns the entry's number.
    pub(in crate::store::head_office) fn append_action(&self, note: &ActionNote) -> Result<i64, StoreError> {
        self.append_operation(&Operation {
            action: &format!("{} session", note.act.word()),
            operator: note.operator,
            detail: note.reason,
            reason: Some(note.reason),
            id: note.operation_id,
            at: note.at,
            sessions: note.sessions,
            can_be_undone: note.act != SessionAction::Undo,
            permit: note.permit,
        })
    }

    /// Writes the entry of an action on sessions in the caller's transaction, or adds a part to it;
    /// returns the entry's number. The parts of an action are rows of the chain, but one entry.
    pub(in crate::store::head_office) fn append_operation(&self, operation: &Operation) -> Result<i64, StoreError> {
        self.use_approval(operation.permit)?;
        let find = "select entry_id from operator_journal where operation_id = $1";
        let known = self.connection.scalar::<i64>(find, values![operation.id])?;
        let end = self.journal_end()?;
        let part_id = end.entry_id + 1;
        let entry_id = known.unwrap_or(part_id);
        let added = self.add_sessions(entry_id, part_id, operation.sessions)?;
        if known.is_some() && added.is_empty() {
            return Ok(entry_id);
        }
        let count = "select count(*) from journal_session where entry_id = $1";
        let count = self.connection.integer(count, values![entry_id])?;
        let object = sessions_object(count, operation.sessions.first().map(|(key, _)| key));
        let undo = (known.is_none() && operation.can_be_undone).then(|| Undo::Sessions.to_json().to_string());
        let content = Content {
            entry_id: part_id,
            at: operation.at.unwrap_or(end.now),
            operator: operation.operator.to_owned(),
            action: operation.action.to_owned(),
            object: known.map_or_else(|| object.clone(), |entry_id| format!("part of journal row {entry_id}")),
            detail: Some(operation.detail.to_owned()),
            reason: operation.reason.or(self.authority.consent.reason.as_deref()).map(str::to_owned),
            result: Some(operation.permit.result(DONE)),
            undo,
            operation_id: known.is_none().then(|| operation.id.to_owned()),
            part_of: known,
            ..Content::default()
        };
        self.append_content(content, &end.digest, digest_of(&added).as_deref())?;
        if known.is_some() {
            let sql = "update operator_journal set object = $2 where entry_id = $1";
            self.connection.execute(sql, values![entry_id, &object])?;
        }
        Ok(entry_id)
    }

    /// Adds sessions and their rounds to an entry; returns those that it did not have.
    fn add_sessions<'a>(
        &self,
        entry_id: i64,
        part_id: i64,
        sessions: &'a [(SessionKey, i64)],
    ) -> Result<Vec<&'a (SessionKey, i64)>, StoreError> {
        let mut added = Vec::new();
        if sessions.is_empty() {
            return Ok(added);
        }
        let mut insert = self.connection.prepare(
            "insert into journal_session (entry_id, direction, session_number, channel_database, round, part_id)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        )?;
        for session in sessions {
            let (key, round) = session;
            let (direction, store) = (key.direction.number(), key.channel_database.as_str());
            if insert.execute(values![entry_id, direction, key.session_number, store, *round, part_id])? > 0 {
                added.push(session);
            }
        }
        Ok(added)
    }

    fn append_content(&self, content: Content, previous: &str, sessions: Option<&str>) -> Result<i64, StoreError> {
        let Origin { client, host } = Origin::of_process();
        let login = self.login()?;
        let content = Content { client: client.clone(), host: Some(host.clone()), login, ..content };
        let digest = content.digest(previous, sessions);
        self.connection.execute(
            "insert into operator_journal (entry_id, at, operator, client, host, action, object, detail, value_before,
                value_after, reason, result, undo, operation_id, part_of, login, previous_digest, digest)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
            values![
                content.entry_id,
                content.at,
                &content.operator,
                &content.client,
                &content.host,
                &content.action,
                &content.object,
                &content.detail,
                &content.before,
                &content.after,
                &content.reason,
                &content.result,
                &content.undo,
                &content.operation_id,
                content.part_of,
                &content.login,
                previous,
                &digest
            ],
        )?;
        Ok(content.entry_id)
    }

    /// The end of the chain. A removed row leaves a gap in the numbers, because they are assigned
    /// here and not by the database.
    fn journal_end(&self) -> Result<End, StoreError> {
        let sql =
            "select entry_id, coalesce(digest, '') as digest from operator_journal order by entry_id desc limit 1";
        let last = self.connection.first(sql, &[], |row| Ok((row.int("entry_id")?, row.text("digest")?)))?;
        let (entry_id, digest) = last.unwrap_or_else(|| (0, START.to_owned()));
        Ok(End { now: self.now()?, entry_id, digest })
    }
}
