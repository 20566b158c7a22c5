//! Changes that an operator makes from a screen, each in a transaction of its own, on a thread that may wait.

use crate::domain::{Parameter, grouped};
use crate::engine::{Databases, RetryOutcome, retry_rejected};
use crate::store::head_office::RejectedFilter;
use crate::store::{Access, HeadOffice, Opening, StoreError};

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Try these rejected messages again.
    RetryRejected(Vec<i64>),
    /// Let the purge take these rejected messages.
    DismissRejected(Vec<i64>),
    /// Keep session history so many days; 0 for ever.
    SetRetention(i64),
}

/// Makes the change and says what it came to; durable when it returns.
pub fn perform(databases: &Databases, operator: &str, act: &Act) -> Result<String, StoreError> {
    let access = if matches!(act, Act::SetRetention(_)) { Access::Create } else { Access::Existing };
    let opening = Opening { access, allow_network_file_system: databases.allow_network_file_system };
    let office = HeadOffice::open(&databases.head_office, opening)?;
    match act {
        Act::RetryRejected(ids) => retry(&office, ids),
        Act::DismissRejected(ids) => {
            let dismissed = office.dismiss_rejected(ids, operator)?;
            Ok(format!("{} dismissed; the purge takes them when they are past their retention.", grouped(dismissed)))
        }
        Act::SetRetention(days) => {
            let before = office.set_parameter(Parameter::RetentionDays, *days, operator)?;
            Ok(format!("Session history is kept {days} days from now on; it was {before}."))
        }
    }
}

fn retry(office: &HeadOffice, ids: &[i64]) -> Result<String, StoreError> {
    let filter = RejectedFilter { ids: ids.to_vec(), limit: i64::MAX, ..RejectedFilter::default() };
    let (mut inserted, mut known, mut still) = (0, 0, 0);
    for rejected in office.rejected(&filter)? {
        match retry_rejected(office, &rejected)? {
            RetryOutcome::Inserted => inserted += 1,
            RetryOutcome::Known => known += 1,
            RetryOutcome::Still(_) => still += 1,
        }
    }
    let [inserted, known, still] = [inserted, known, still].map(grouped);
    Ok(format!("{inserted} inserted, {known} known already, {still} still rejected."))
}
