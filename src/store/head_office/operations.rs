//! The journal's entry of a session action: a single one, whether the operator's program, its
//! retry, or the next transfer writes it.

use crate::domain::{OperationPart, SessionKey};
use crate::store::StoreError;
use crate::store::head_office::{ActionNote, HeadOffice, Permit, RunClaim};
use crate::store::value::{Value, placeholders, values};
use std::collections::HashMap;

/// Operations in one query.
const OPERATIONS_PER_QUERY: usize = 500;

impl HeadOffice {
    /// Whether the journal's entry of an operation has a session.
    pub fn journal_has(&self, operation_id: &str, key: &SessionKey) -> Result<bool, StoreError> {
        let sql = "select 1 from operator_journal as entry, journal_session as session
            where entry.operation_id = $1 and session.entry_id = entry.entry_id and session.direction = $2
                and session.session_number = $3 and session.channel_database = $4";
        let values = values![operation_id, key.direction.number(), key.session_number, &key.channel_database];
        self.connection.exists(sql, values)
    }

    /// The number of sessions in the journal for each of these operations; those without an entry
    /// are left out.
    fn journal_counts(&self, ids: &[&str]) -> Result<HashMap<String, usize>, StoreError> {
        let mut counts = HashMap::new();
        for part in ids.chunks(OPERATIONS_PER_QUERY) {
            let sql = format!(
                "select entry.operation_id, count(*) as sessions from operator_journal as entry, journal_session as session
                 where entry.operation_id in {} and session.entry_id = entry.entry_id group by entry.operation_id",
                placeholders(0, part.len())
            );
            let values: Vec<Value> = part.iter().map(|id| Value::Text(id)).collect();
            let found =
                self.connection.query(&sql, &values, |row| Ok((row.text("operation_id")?, row.int("sessions")?)))?;
            counts.extend(found.into_iter().map(|(id, count)| (id, usize::try_from(count).unwrap_or_default())));
        }
        Ok(counts)
    }

    /// Writes the entries that are missing because an operator's program was killed between the two
    /// databases; durable when it returns.
    pub fn follow_operations(&self, claim: &RunClaim, parts: &[OperationPart]) -> Result<(), StoreError> {
        let mut operations: HashMap<&str, Vec<&OperationPart>> = HashMap::new();
        for part in parts {
            operations.entry(&part.operation_id).or_default().push(part);
        }
        let ids: Vec<_> = operations.keys().copied().collect();
        let counts = self.journal_counts(&ids)?;
        operations.retain(|id, parts| parts.len() > counts.get(*id).copied().unwrap_or_default());
        let mut missing: Vec<_> = operations.into_values().collect();
        missing.sort_by_key(|parts| parts.iter().map(|part| part.request_id).min());
        for parts in missing {
            let Some(first) = parts.last() else { continue };
            let sessions: Vec<_> = parts.iter().map(|part| (part.key.clone(), part.round)).collect();
            let transaction = self.connection.begin()?;
            self.hold_lease(claim)?;
            self.append_action(&ActionNote {
                act: first.act,
                operator: &first.operator,
                reason: &first.reason,
                operation_id: &first.operation_id,
                at: Some(first.at),
                sessions: &sessions,
                marks: &[],
                unmarks: &[],
                database_id: "",
                permit: &Permit::UNASKED,
            })?;
            transaction.commit()?;
        }
        Ok(())
    }
}
