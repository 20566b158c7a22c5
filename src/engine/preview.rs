//! The dry run: counts what would be transferred, purged and kept, and why. Writes nothing but its
//! own number.

use crate::clock::Clock;
use crate::domain::{Cutoffs, Expired, Parameters, PurgeLimit, Timestamp, purge_limit};
use crate::engine::databases::{Databases, existing};
use crate::engine::foreign_messages::ForeignMessages;
use crate::engine::purge::{ExpiredRows, guardrail, share};
use crate::guard::{PROCESS, PURGE, Refusal, Unmet};
use crate::store::head_office::PurgeReceipt;
use crate::store::{Access, HeadOffice, MessageDatabase, StoreError};

/// What a run would do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The databases that were counted.
    pub databases: Databases,
    /// Messages that wait to be transferred.
    pub waiting: i64,
    /// The parameters in force.
    pub parameters: Parameters,
    /// The cutoffs of the purge.
    pub cutoffs: Cutoffs,
    /// The rows to purge, of head office as it is before the transfer.
    pub expired: ExpiredRows,
    /// Why the purge would be held.
    pub purge_limit: Option<PurgeLimit>,
    /// The guardrail that would hold the purge.
    pub guardrail: Option<Refusal>,
    /// The guardrail that refuses the run, whatever the operator states.
    pub refusal: Option<Refusal>,
    /// Why the purge would be refused.
    pub not_ours: Option<String>,
    /// Whose messages a transfer would bring here for the first time; `None` if it would not.
    pub foreign: Option<ForeignMessages>,
    /// The rows to purge with their bytes and the time expected, and a number once it is stored.
    pub receipt: PurgeReceipt,
    /// Why it has no number.
    pub unnumbered: Option<String>,
}

/// Counts in both databases. A missing one counts as empty, unless it was known before: a run would
/// not create it either. `what_if` replaces the parameters in force.
pub fn preview(databases: &Databases, clock: &dyn Clock, what_if: Option<Parameters>) -> Result<Preview, StoreError> {
    let opening = databases.opening(Access::ReadOnly);
    let office = databases.head_office_if_any()?;
    let was_read = office.as_ref().map(HeadOffice::last_cursor).transpose()?.flatten().is_some();
    let messages = MessageDatabase::open(&databases.message_database, opening);
    let messages = if was_read { Some(messages?) } else { existing(messages)? };
    let in_force = office.as_ref().map(HeadOffice::parameters).transpose()?.unwrap_or_default();
    let parameters = what_if.unwrap_or(in_force);
    let cutoffs = Cutoffs::new(&parameters, clock.now());
    let mut preview = Preview {
        databases: databases.clone(),
        waiting: 0,
        parameters,
        cutoffs,
        expired: ExpiredRows::default(),
        purge_limit: None,
        guardrail: None,
        refusal: guardrail(&databases.authority, PROCESS, 1).filter(|refusal| !refusal.is_question()),
        not_ours: None,
        foreign: None,
        receipt: PurgeReceipt::new(clock.now(), std::iter::empty()),
        unnumbered: office.is_none().then(|| "head office does not exist yet".to_owned()),
    };
    let Some(messages) = messages else { return Ok(preview) };
    let exchange = messages.exchange()?;
    let Some(office) = office else {
        preview.waiting = messages.count_waiting(None, i64::MAX)?;
        preview.foreign = ForeignMessages::find(None, &messages)?;
        return Ok(preview);
    };
    let cursor = office.cursor(&exchange.database_id)?;
    preview.waiting = messages.count_waiting(cursor.as_ref(), i64::MAX)?;
    let position = cursor.map(|cursor| cursor.position).unwrap_or_default();
    // The purge also checks the position, which the transfer before it may correct.
    let reader = office.id()?;
    if exchange.head_office_id.is_some_and(|owner| owner != reader) {
        let why = "the message database belongs to another head office, which alone may purge it".to_owned();
        preview.unnumbered = Some(why.clone());
        preview.not_ours = Some(why);
        preview.foreign = ForeignMessages::find(Some(&office), &messages)?;
        return Ok(preview);
    }
    if let Some(cutoff) = cutoffs.messages {
        preview.expired.message_database = messages.count_expired(position, cutoff)?.tables;
    }
    preview.expired.head_office = office.preview_purge(&cutoffs)?;
    preview.receipt = receipt(clock.now(), &preview.expired, &office, &messages)?;
    let share = share(&preview.expired, &office, &messages)?;
    let days = parameters.shortest_retention_days();
    let rows = preview.expired.rows();
    preview.purge_limit = purge_limit(rows, share, days, &office.last_purges()?);
    preview.guardrail = guardrail(office.authority(), PURGE, rows);
    Ok(preview)
}

/// Rows up to which bytes are estimated without counting the whole tables.
const MAX_UNCOUNTED_ROWS: i64 = 1_000;
/// Bytes of a row with its share of the indexes, where the tables are not counted.
const ROW_BYTES: i64 = 600;

/// The rows to purge, their bytes by the share that they have of both databases, and the time that
/// they take at the rate of earlier purges.
fn receipt(
    now: Timestamp,
    expired: &ExpiredRows,
    office: &HeadOffice,
    messages: &MessageDatabase,
) -> Result<PurgeReceipt, StoreError> {
    let mut receipt = PurgeReceipt::new(now, expired.tables());
    receipt.bytes = if receipt.rows < MAX_UNCOUNTED_ROWS {
        receipt.rows.saturating_mul(ROW_BYTES)
    } else {
        let rows = |tables: &[(&str, Expired)]| -> i64 {
            let tables = tables.iter().filter(|(table, _)| ["status_message", "session"].contains(table));
            tables.map(|(_, expired)| expired.rows).sum()
        };
        let share = |used: i64, rows: i64, all: i64| {
            i64::try_from(i128::from(used) * i128::from(rows) / i128::from(all.max(1))).unwrap_or(i64::MAX)
        };
        share(messages.used_bytes()?, rows(&expired.message_database), messages.count_rows()?)
            + share(office.used_bytes()?, rows(&expired.head_office.tables), office.count_rows()?)
    };
    let (rows, took) = office.purge_pace()?;
    receipt.expected_ms = (rows > 0).then(|| receipt.rows.saturating_mul(took.max(1)) / rows);
    Ok(receipt)
}

/// Stores a preview, so that a run can quote its number.
pub fn number_preview(preview: &mut Preview) {
    if preview.unnumbered.is_some() {
        return;
    }
    let opening = preview.databases.opening(Access::Existing);
    let numbered = HeadOffice::open(&preview.databases.head_office, opening)
        .and_then(|office| office.number_preview(&preview.receipt));
    match numbered {
        Ok(number) => preview.receipt.preview_id = number,
        Err(error) => preview.unnumbered = Some(error.to_string()),
    }
}

impl Preview {
    /// Its number; `None` if it was not stored.
    pub fn number(&self) -> Option<i64> {
        Some(self.receipt.preview_id).filter(|number| *number > 0)
    }

    /// The guardrail that would hold the purge also when its rows are confirmed.
    pub fn forbidding(&self) -> Option<&Refusal> {
        self.guardrail.as_ref().filter(|refusal| !matches!(refusal.unmet, Unmet::Count(_)))
    }

    /// Why the purge would be held until its rows are confirmed.
    pub fn asks(&self) -> Option<String> {
        let guardrail = || self.guardrail.as_ref().map(|refusal| refusal.sentence.clone());
        self.purge_limit.as_ref().map(ToString::to_string).or_else(guardrail).filter(|_| self.forbidding().is_none())
    }

    /// When the sessions that the run would purge leave the trash; `None` if they would be deleted
    /// at once, or if there are none.
    pub fn trash_until(&self) -> Option<Timestamp> {
        let purges_sessions = self.expired.tables().any(|(_, table, _)| table == "session");
        let hours = self.parameters.trash_hours;
        (purges_sessions && hours > 0).then(|| self.receipt.at.plus_hours(hours))
    }
}
