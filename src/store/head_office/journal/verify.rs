//! Proves that no row of the journal was changed, removed, inserted or moved.

use crate::domain::HOUR_MS;
use crate::guard::APPROVE;
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::approvals::APPROVED_BY;
use crate::store::head_office::journal::chain::{Content, LOGIN, Link, START, derived_objects, page};
use crate::store::value::values;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// How long after its own row a change is marked as undone at most, in milliseconds: the undo of
/// many sessions takes a while.
const LONGEST_UNDO_MS: i64 = HOUR_MS;
/// The most faults that a proof lists; it counts all.
const MAX_LISTED_FAULTS: usize = 20;

/// The last row of the journal. Kept elsewhere, it proves later that nothing up to this row was
/// replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalHead {
    /// The number of the row.
    pub entry_id: i64,
    /// Its digest, in hexadecimal digits.
    pub digest: String,
}

impl fmt::Display for JournalHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.entry_id, self.digest)
    }
}

impl FromStr for JournalHead {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once(':').and_then(|(number, digest)| {
            let is_digest = digest.len() == START.len() && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            let entry_id = number.parse().ok().filter(|number| *number > 0)?;
            is_digest.then(|| Self { entry_id, digest: digest.to_ascii_lowercase() })
        });
        parsed.ok_or_else(|| {
            "a head is NUMBER:DIGEST with 64 hexadecimal digits, as cdx journal verify prints it".to_owned()
        })
    }
}

/// What is wrong with the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainFaultKind {
    /// The row, or the list of its sessions, is not what was written.
    Changed,
    /// The row does not follow the one before it.
    NotFollowing,
    /// The row has no digest.
    NoDigest,
    /// The row is marked as undone, but no row of that operator undoes it.
    NotUndone,
    /// The row names a second login, but no row of that login approves the change.
    NotApproved,
    /// Sessions name a row that is not there.
    NoRow,
    /// The row with the last number that was assigned is not there.
    EndMissing,
    /// No row requests the approval of this number.
    NotRequested,
    /// The row of a head that was kept is not there.
    HeadMissing,
    /// The row of a head that was kept has another digest.
    HeadReplaced,
}

/// A fault of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainFault {
    /// The number of the row; of the approval, if its request is missing.
    pub entry_id: i64,
    /// What is wrong.
    pub fault: ChainFaultKind,
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry_id = self.entry_id;
        match self.fault {
            ChainFaultKind::Changed => write!(f, "row {entry_id} was changed after it was written"),
            ChainFaultKind::NotFollowing => {
                write!(f, "row {entry_id} does not follow the one before it: rows were removed, inserted or moved")
            }
            ChainFaultKind::NoDigest => write!(f, "row {entry_id} has no digest: cdx did not write it"),
            ChainFaultKind::NotUndone => {
                write!(f, "row {entry_id} is marked as undone, but no row of that operator undoes it")
            }
            ChainFaultKind::NotApproved => {
                write!(f, "row {entry_id} names a second login, but no row of that login approves the change")
            }
            ChainFaultKind::NoRow => write!(f, "row {entry_id} is not there, but its sessions are"),
            ChainFaultKind::EndMissing => {
                write!(f, "row {entry_id}, the last one written, is not there: rows were removed from the end")
            }
            ChainFaultKind::NotRequested => {
                write!(f, "approval {entry_id} has no row that requests it: rows were removed")
            }
            ChainFaultKind::HeadMissing => {
                write!(f, "row {entry_id}, the head kept earlier, is not there: rows were removed from the end")
            }
            ChainFaultKind::HeadReplaced => {
                write!(f, "row {entry_id}, the head kept earlier, has another digest: the journal was rewritten")
            }
        }
    }
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct JournalProof {
    /// Whether there is no fault.
    pub valid: bool,
    /// The number of rows that were checked.
    pub rows: i64,
    /// The last row; `None` if the journal is empty.
    pub head: Option<JournalHead>,
    /// The number of faults.
    pub faults: i64,
    /// The first faults.
    pub first_faults: Vec<ChainFault>,
}

impl JournalProof {
    fn add(&mut self, entry_id: i64, fault: ChainFaultKind) {
        self.faults += 1;
        if self.first_faults.len() < MAX_LISTED_FAULTS {
            self.first_faults.push(ChainFault { entry_id, fault });
        }
    }
}

impl HeadOffice {
    /// Verifies the whole journal, in pages. With a head that was kept, also that its row is still
    /// part of the chain.
    pub fn verify_journal(&self, kept: Option<&JournalHead>) -> Result<JournalProof, StoreError> {
        self.verify_from(i64::MIN, START.to_owned(), kept)
    }

    /// Verifies the newest rows, at most `rows`; those before them are not read.
    pub fn verify_newest(&self, rows: i64) -> Result<JournalProof, StoreError> {
        let sql = "select entry_id, coalesce(digest, '') as digest from operator_journal
            order by entry_id desc limit 1 offset $1";
        let before =
            self.connection.first(sql, values![rows], |row| Ok((row.int("entry_id")?, row.text("digest")?)))?;
        let (after, previous) = before.unwrap_or_else(|| (i64::MIN, START.to_owned()));
        self.verify_from(after, previous, None)
    }

    /// Whether a row that is marked as undone has a later row that undoes it, at that time and by
    /// that operator.
    fn is_undone_by_a_row(&self, link: &Link) -> Result<bool, StoreError> {
        let Some((at, by)) = &link.undone else { return Ok(true) };
        let (from, to) = (at.0 - LONGEST_UNDO_MS, at.0 + LONGEST_UNDO_MS);
        let Content { entry_id, action, object, .. } = &link.content;
        let sql = "select 1 from operator_journal where entry_id > $1 and operator = $2
            and at between $3 and $4 and coalesce(result, '') <> 'refused'
            and ((action = 'undo session' and reason = $5) or (action in ('undo', 'save view') and object = $6)
                or (action = $7 and object = $6)) limit 1";
        let reason = format!("journal row {entry_id}");
        self.connection.exists(sql, values![*entry_id, by, from, to, &reason, object, action])
    }

    /// Whether a row that names a second login has an earlier row in which that login approves the
    /// change. Rows of older versions do not have the approval's number.
    fn is_approved_by_a_row(&self, link: &Link) -> Result<bool, StoreError> {
        let Content { entry_id, operator, action, result, .. } = &link.content;
        let named = result.as_deref().and_then(|result| result.rsplit_once(APPROVED_BY));
        let Some((_, named)) = named else { return Ok(true) };
        let (by, approval) = named
            .strip_suffix(')')
            .and_then(|named| named.rsplit_once(" ("))
            .map_or((named, None), |(by, approval)| (by, Some(approval)));
        let sql = "select detail from operator_journal where entry_id < $1 and action = $2 and operator = $3
            and object = coalesce($4, object) and result = 'done'";
        let details = self.connection.scalars::<String>(sql, values![*entry_id, APPROVE, by, approval])?;
        let (change, requested) = (format!("{action}: "), format!(", requested by {operator}"));
        Ok(details.iter().any(|detail| detail.starts_with(&change) && detail.ends_with(&requested)))
    }

    /// Finds rows that were removed from the end by what else names them: the number that SQLite
    /// assigned last, and the approvals.
    fn find_removed_rows(&self, proof: &mut JournalProof) -> Result<(), StoreError> {
        let last = proof.head.as_ref().map_or(0, |head| head.entry_id);
        if self.connection.session().is_none() {
            let sql = "select seq from sqlite_sequence where name = 'operator_journal'";
            let assigned = self.connection.scalar::<i64>(sql, &[])?;
            if let Some(assigned) = assigned.filter(|assigned| *assigned > last) {
                proof.add(assigned, ChainFaultKind::EndMissing);
            }
        }
        let sql = "select approval_id from approval where not exists (select 1 from operator_journal
                where action = 'request approval' and operator_journal.object =
                    'approval ' || cast(approval_id as text) || ': ' || approval.action || ': ' || approval.object)
            order by approval_id";
        for approval_id in self.connection.scalars::<i64>(sql, &[])? {
            proof.add(approval_id, ChainFaultKind::NotRequested);
        }
        Ok(())
    }

    fn verify_from(
        &self,
        mut after: i64,
        mut previous: String,
        kept: Option<&JournalHead>,
    ) -> Result<JournalProof, StoreError> {
        let mut proof = JournalProof::default();
        let mut kept_digest = None;
        loop {
            let page = page(&self.connection, after, LOGIN)?;
            for number in page.orphans {
                proof.add(number, ChainFaultKind::NoRow);
            }
            let (Some(first), Some(last)) = (page.links.first(), page.links.last()) else { break };
            let is_last = page.is_last;
            after = last.content.entry_id;
            let objects = derived_objects(&self.connection, first.content.entry_id, after)?;
            for link in &page.links {
                let entry_id = link.content.entry_id;
                proof.rows += 1;
                for fault in faults(link, &previous, objects.get(&entry_id)) {
                    proof.add(entry_id, fault);
                }
                if !self.is_undone_by_a_row(link)? {
                    proof.add(entry_id, ChainFaultKind::NotUndone);
                }
                if !self.is_approved_by_a_row(link)? {
                    proof.add(entry_id, ChainFaultKind::NotApproved);
                }
                previous = link.digest.clone().unwrap_or_default();
                if kept.is_some_and(|kept| kept.entry_id == entry_id) {
                    kept_digest = Some(previous.clone());
                }
            }
            proof.head = Some(JournalHead { entry_id: after, digest: previous.clone() });
            if is_last {
                break;
            }
        }
        self.find_removed_rows(&mut proof)?;
        match (kept, kept_digest) {
            (Some(kept), None) => proof.add(kept.entry_id, ChainFaultKind::HeadMissing),
            (Some(kept), Some(digest)) if digest != kept.digest => {
                proof.add(kept.entry_id, ChainFaultKind::HeadReplaced);
            }
            _ => {}
        }
        proof.valid = proof.faults == 0;
        Ok(proof)
    }
}

/// The faults of a row after the digest `before`.
fn faults(link: &Link, before: &str, object: Option<&String>) -> Vec<ChainFaultKind> {
    let (Some(previous), Some(digest)) = (&link.previous, &link.digest) else { return vec![ChainFaultKind::NoDigest] };
    let mut faults = Vec::new();
    let is_derived = link.content.has_derived_object();
    let has_object = !is_derived || object.is_none_or(|object| *object == link.content.object);
    if link.content.digest(previous, link.sessions.as_deref()) != *digest || !has_object || link.has_foreign_sessions {
        faults.push(ChainFaultKind::Changed);
    }
    if previous != before {
        faults.push(ChainFaultKind::NotFollowing);
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed() {
        let head = JournalHead { entry_id: 17, digest: START.replace('0', "a") };
        assert_eq!(head.to_string().parse(), Ok(head.clone()));
        assert_eq!(head.to_string().to_uppercase().parse(), Ok(head));
        for text in [
            "",
            "17",
            "17:abc",
            &format!("0:{START}"),
            &format!("x:{START}"),
            &format!("17:{}", START.replace('0', "g")),
        ] {
            assert!(text.parse::<JournalHead>().is_err(), "{text}");
        }
    }
}
