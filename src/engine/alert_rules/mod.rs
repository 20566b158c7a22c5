//! Checks the alert rules: which conditions of the exchange hold now. Each query reads a bounded
//! number of rows, along an index or in a table with one row for each store or job.

mod databases;
mod deadlines;
mod silence_rules;
mod usual;

use crate::batch::{AlertRule, Finding};
use crate::domain::Timestamp;
use crate::engine::databases::Databases;
use crate::store::head_office::CheckedRules;
use crate::store::{HeadOffice, StoreError};
use chrono_tz::Tz;

/// Checks all rules at `now`, unless a server has within the last minute, and notifies operators of
/// what changed. Hours and weeks are those of `zone`. `None`: another server checks.
pub fn check_alert_rules(
    databases: &Databases,
    office: &HeadOffice,
    now: Timestamp,
    zone: Tz,
) -> Result<Option<CheckedRules>, StoreError> {
    if !office.claim_rule_check(now)? {
        return Ok(None);
    }
    let mut findings = vec![databases::purge_held(office)?, databases::disk_low(databases)];
    findings.extend(databases::clocks_apart(databases, office));
    // What was posted since then is not known yet: nothing can be concluded from its absence.
    if let Some(as_of) = office.last_cursor()?.and_then(|cursor| cursor.as_of) {
        findings.push(silence_rules::stores(office, as_of)?);
        let mut silent = silence_rules::jobs(office, as_of)?;
        if let Some(hour) = usual::Hour::before(as_of.min(now), zone)
            && let Some(usual::Volume { nothing, unusual }) = usual::volume(office, hour)?
        {
            silent.conditions.extend(nothing);
            findings.push(Finding::new(AlertRule::UnusualVolume, unusual));
            findings.push(silent);
        }
    }
    findings.push(usual::duration(office, now, zone)?);
    findings.push(deadlines::check(office, now)?);
    office.take_findings(&findings, now).map(Some)
}
