//! Approvals: a second login approves a change that a guardrail holds; each counts once.

use crate::domain::{Timestamp, hex};
use crate::guard::{APPROVE, Action, Attempt, Consent, Refusal, Role, Unmet};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::approval_state::{ApprovalState, VALID_MS};
use crate::store::head_office::journal::Change;
use crate::store::row::columns;
use crate::store::value::values;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::cell::Cell;

/// Stands between the result of a change and its second login in the journal.
pub(super) const APPROVED_BY: &str = ", approved by ";

columns!(mod column:
    approval_id, requested_at, requested_by, action, object, detail, reason, row_count, instant, approved_at,
    approved_by, used_at, requested_login, approved_login, closed_at, closed_by,
);
use column::LIST as COLUMNS;

/// The permission for a change, with the approval that it needs, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    approval: Option<Granted>,
}

/// An approval that permits a change. It is used up by [`HeadOffice::use_approval`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct Granted {
    approval_id: i64,
    /// The second login.
    by: String,
    /// Whether this permit has used it.
    is_used: Cell<bool>,
}

/// A change that was requested, and its approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Its number.
    pub approval_id: i64,
    /// When the change was requested.
    pub requested_at: Timestamp,
    /// The operator who requested it.
    pub requested_by: String,
    /// The action, as the journal names it.
    pub action: String,
    /// What is changed, as the journal names it.
    pub object: String,
    /// What the change does to the object.
    pub detail: String,
    /// The reason.
    pub reason: Option<String>,
    /// How many rows it changes.
    pub rows: i64,
    /// An instant that the change sets, such as its end.
    pub instant: Option<Timestamp>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// The second login.
    pub approved_by: Option<String>,
    /// When the change was made.
    pub used_at: Option<Timestamp>,
    /// The login of the request at the database server.
    pub requested_login: Option<String>,
    /// The login of the approval at the database server.
    pub approved_login: Option<String>,
    /// When it was withdrawn or refused.
    pub closed_at: Option<Timestamp>,
    /// The operator who withdrew or refused it.
    pub closed_by: Option<String>,
}

/// Why a change was not approved.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// There is no such request, or it no longer waits.
    #[error("request {0} does not wait for a second login; cdx approvals lists those that do")]
    NotWaiting(i64),
    /// It is the operator's own.
    #[error("request {0} was requested by {1}, and a second login has to approve it")]
    Own(i64, String),
    /// The database server knows both operators as one login.
    #[error(
        "request {0} was requested by the same login of the database server, {1}, whatever the environment states; \
         give each operator a login"
    )]
    SameLogin(i64, String),
    /// The database failed, or the operator's role does not allow it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Permit {
    /// The permission for a change that needs no approval.
    pub const UNASKED: Self = Self { approval: None };

    /// Whether a second login has approved the change.
    pub(super) fn is_approved(&self) -> bool {
        self.approval.is_some()
    }

    /// The result of the change for the journal.
    pub(super) fn result(&self, result: &str) -> String {
        match &self.approval {
            None => result.to_owned(),
            Some(Granted { approval_id, by, .. }) => format!("{result}{APPROVED_BY}{by} (approval {approval_id})"),
        }
    }
}

impl HeadOffice {
    /// Requests for approval, newest first.
    pub fn approvals(&self, limit: i64) -> Result<Vec<Approval>, StoreError> {
        let sql = format!("select {COLUMNS} from approval order by approval_id desc limit $1");
        self.connection.query(&sql, values![limit], approval)
    }

    /// Requests that wait for a second login at `now`, newest first.
    pub fn waiting_approvals(&self, now: Timestamp, limit: i64) -> Result<Vec<Approval>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from approval where used_at is null and approved_at is null and closed_at is null and requested_at > $1
             order by approval_id desc limit $2"
        );
        self.connection.query(&sql, values![now.0 - VALID_MS, limit], approval)
    }

    /// Approves a change that another operator requested, and writes the journal; durable when it
    /// returns.
    pub fn approve(&self, approval_id: i64, operator: &str) -> Result<Approval, ApprovalError> {
        let transaction = self.connection.begin()?;
        let sql = format!("select {COLUMNS} from approval where approval_id = $1");
        let now = self.now()?;
        let found = self.connection.first(&sql, values![approval_id], approval)?;
        let waits = |found: &Approval| found.state(now) == ApprovalState::Waiting;
        let found = found.filter(waits).ok_or(ApprovalError::NotWaiting(approval_id))?;
        if found.requested_by == operator {
            return Err(ApprovalError::Own(approval_id, found.requested_by));
        }
        let login = self.login()?;
        if let Some(login) = login.as_ref().filter(|login| found.requested_login.as_ref() == Some(*login)) {
            return Err(ApprovalError::SameLogin(approval_id, login.clone()));
        }
        let (object, detail) =
            (format!("approval {approval_id}"), format!("{}, requested by {}", found.in_full(), found.requested_by));
        // Approving a change requires the role that making it requires.
        let needed = Action::of(&found.action).map_or(Role::Operator, |action| action.role);
        let own = self.authority().rules.roles.role_of(operator);
        if own < needed {
            let (operator, action, sentence) = (operator.to_owned(), APPROVE.to_owned(), String::new());
            let refusal = Refusal { operator, action, rows: 1, unmet: Unmet::Role { own, needed }, sentence };
            return Err(self.refuse(&Attempt::new(&refusal.operator.clone(), APPROVE, &object), refusal)?.into());
        }
        let sql = "update approval set approved_at = $2, approved_by = $3, approved_login = $4 where approval_id = $1";
        self.connection.execute(sql, values![approval_id, now, operator, login.as_deref()])?;
        self.append(&Change::new(operator, APPROVE, &object).detail(&detail))?;
        transaction.commit()?;
        Ok(Approval { approved_at: Some(now), approved_by: Some(operator.to_owned()), ..found })
    }

    /// Closes a request that waits: its operator withdraws it, another one refuses it. Durable when
    /// it returns.
    pub fn close_approval(&self, approval_id: i64, operator: &str) -> Result<Approval, ApprovalError> {
        let transaction = self.connection.begin()?;
        let sql = format!("select {COLUMNS} from approval where approval_id = $1");
        let now = self.now()?;
        let found = self.connection.first(&sql, values![approval_id], approval)?;
        let is_open = |found: &Approval| matches!(found.state(now), ApprovalState::Waiting | ApprovalState::Approved);
        let found = found.filter(is_open).ok_or(ApprovalError::NotWaiting(approval_id))?;
        let is_own = found.requested_by == operator;
        let action = if is_own { "withdraw request" } else { APPROVE };
        let sql = "update approval set closed_at = $2, closed_by = $3 where approval_id = $1";
        self.connection.execute(sql, values![approval_id, now, operator])?;
        let (object, detail) =
            (format!("approval {approval_id}"), format!("{}, requested by {}", found.in_full(), found.requested_by));
        let row = Change::new(operator, action, &object).detail(&detail);
        self.append(&if is_own { row.decided() } else { row.result("not approved") })?;
        transaction.commit()?;
        Ok(Approval { closed_at: Some(now), closed_by: Some(operator.to_owned()), ..found })
    }

    /// Finds the approval of a change, which the change uses up when it is made. Without one, the
    /// change is rolled back and refused, and a request for approval is durable. An approval that
    /// was requested by another login of the database server does not count, whatever the
    /// environment states.
    pub(super) fn approved(&self, attempt: &Attempt, sentence: String) -> Result<Permit, StoreError> {
        let (change, since, login) =
            (digest(attempt, &self.authority.consent), self.now()?.0 - VALID_MS, self.login()?);
        let same = "change = $1 and used_at is null and closed_at is null
            and (instant is null or abs(instant - $3) <= $4)
            and coalesce(requested_login, $5) = $5";
        let (instant, login) = (attempt.instant.map_or(0, |instant| instant.0), login.unwrap_or_default());
        let values = values![&change, since, instant, VALID_MS, &login];
        let sql = format!(
            "select approval_id, approved_by from approval where {same} and approved_at > $2 order by approval_id limit 1"
        );
        let found = self.connection.first(&sql, values, |row| {
            Ok(Granted {
                approval_id: row.int("approval_id")?,
                by: row.text("approved_by")?,
                is_used: Cell::new(false),
            })
        })?;
        if found.is_some() {
            return Ok(Permit { approval: found });
        }
        self.connection.roll_back();
        let transaction = self.connection.begin()?;
        let sql = format!(
            "select approval_id from approval where {same} and approved_at is null and requested_at > $2 limit 1"
        );
        let waiting = self.connection.scalar::<i64>(&sql, values)?;
        let approval_id = waiting.map_or_else(|| self.request_approval(attempt, &change, &sentence), Ok)?;
        transaction.commit()?;
        Err(StoreError::Refused(Box::new(Refusal {
            operator: attempt.operator.to_owned(),
            action: attempt.action.to_owned(),
            rows: attempt.rows,
            unmet: Unmet::Approval(approval_id),
            sentence,
        })))
    }

    /// Uses up the approval of a change that is about to be made, in the caller's transaction if
    /// there is one; a change of several rows uses it once. Its first journal row does so too.
    pub fn use_approval(&self, permit: &Permit) -> Result<(), StoreError> {
        let Some(Granted { approval_id, is_used, .. }) = &permit.approval else { return Ok(()) };
        let sql = "update approval set used_at = $2 where approval_id = $1 and used_at is null and closed_at is null";
        // Again for each row: the transaction of an earlier one may have been rolled back.
        let used = self.connection.execute(sql, values![*approval_id, self.now()?])? > 0;
        if !used && !is_used.get() {
            return Err(StoreError::ApprovalGone { approval_id: *approval_id });
        }
        is_used.set(true);
        Ok(())
    }

    fn request_approval(&self, attempt: &Attempt, change: &str, sentence: &str) -> Result<i64, StoreError> {
        let Attempt { operator, action, object, detail, rows, .. } = *attempt;
        let reason = attempt.reason.or(self.authority().consent.reason.as_deref());
        let sql = "insert into approval (requested_at, requested_by, action, object, detail, reason, row_count, instant, change,
                requested_login)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning approval_id";
        let now = self.now()?;
        let login = self.login()?;
        let login = login.as_deref();
        let values = values![now, operator, action, object, detail, reason, rows, attempt.instant, change, login];
        let approval_id = self.connection.integer(sql, values)?;
        let object = format!("approval {approval_id}: {action}: {object}");
        let row = Change::new(operator, "request approval", &object).detail(sentence).reason(reason);
        self.append(&row.decided())?;
        Ok(approval_id)
    }
}

/// The digest that identifies a change with its reason, without an instant that it sets.
fn digest(attempt: &Attempt, consent: &Consent) -> String {
    let Attempt { operator, action, object, detail, rows, .. } = *attempt;
    let reason = attempt.reason.or(consent.reason.as_deref());
    let what = attempt.identity.map_or_else(|| serde_json::json!([object, detail]), Into::into);
    let change = serde_json::json!([operator, action, what, rows, reason]);
    hex(&Sha256::digest(change.to_string().as_bytes()))
}

fn approval(row: &Row) -> Result<Approval, StoreError> {
    Ok(Approval {
        approval_id: row.int(column::approval_id)?,
        requested_at: row.time(column::requested_at)?,
        requested_by: row.text(column::requested_by)?,
        action: row.text(column::action)?,
        object: row.text(column::object)?,
        detail: row.text(column::detail)?,
        reason: row.opt_text(column::reason)?,
        rows: row.int(column::row_count)?,
        instant: row.opt_time(column::instant)?,
        approved_at: row.opt_time(column::approved_at)?,
        approved_by: row.opt_text(column::approved_by)?,
        used_at: row.opt_time(column::used_at)?,
        requested_login: row.opt_text(column::requested_login)?,
        approved_login: row.opt_text(column::approved_login)?,
        closed_at: row.opt_time(column::closed_at)?,
        closed_by: row.opt_text(column::closed_by)?,
    })
}
