//! Renews the lease during a step of a run that takes long without a transaction at head office.

use crate::cancel::Cancel;
use crate::engine::context::Context;
use crate::engine::databases::Databases;
use crate::store::head_office::RunClaim;
use crate::store::{Access, HeadOffice, StoreError};
use std::time::Duration;

/// A third of the time for which the lease lasts.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(5);

impl Context<'_> {
    /// Runs `work`, which only reads head office or changes the message database, while a thread
    /// renews the lease. If the lease is lost nevertheless, the run's next transaction fails.
    pub(super) fn keeping_lease<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        keep(self.databases, &self.claim, RENEWAL_INTERVAL, work)
    }
}

fn keep<T>(databases: &Databases, claim: &RunClaim, interval: Duration, work: impl FnOnce() -> T) -> T {
    let ended = Cancel::new();
    std::thread::scope(|scope| {
        scope.spawn(|| renew_until(&ended, databases, claim, interval));
        let _end = TripOnDrop(&ended);
        work()
    })
}

/// Opens its connection at the first renewal, because most work ends before that. A failure is left
/// to the run's next transaction, which has the same one.
fn renew_until(ended: &Cancel, databases: &Databases, claim: &RunClaim, interval: Duration) {
    let mut office = None;
    while !ended.sleep(interval) {
        if office.is_none() {
            office = HeadOffice::open(&databases.head_office, databases.opening(Access::Existing)).ok();
        }
        if let Some(office) = &office {
            let _ = office.renew_lease(claim);
        }
    }
}

/// Trips the flag when the work ends, also by a panic.
struct TripOnDrop<'a>(&'a Cancel);

impl Drop for TripOnDrop<'_> {
    fn drop(&mut self) {
        self.0.trip();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::head_office::{RunStart, RunStartOutcome};
    use std::time::Instant;

    fn begin(office: &HeadOffice) -> RunStartOutcome {
        let start = RunStart::by_command(office.try_runner_lock().expect("it can be locked"));
        office.begin_run(&start).expect("it answers")
    }

    fn exchange() -> (tempfile::TempDir, Databases, HeadOffice, RunClaim) {
        let folder = tempfile::tempdir().expect("a folder");
        let databases = Databases::in_folder(folder.path());
        let office = HeadOffice::open(&databases.head_office, Access::Create).expect("head office");
        let RunStartOutcome::Granted { claim, .. } = begin(&office) else { panic!("it is free") };
        (folder, databases, office, claim)
    }

    fn expire(databases: &Databases) {
        let crate::store::Location::Sqlite(path) = &databases.head_office else { panic!("it is a file") };
        let changed = rusqlite::Connection::open(path)
            .and_then(|file| file.execute("update lease set expires_at = expires_at - 20000", []));
        assert_eq!(changed, Ok(1));
    }

    #[test]
    fn a_lease_that_expires_during_the_work_is_renewed_before_it_ends() {
        let (_folder, databases, office, claim) = exchange();
        let is_expired = || office.lease_status().expect("it reads").expect("it is held").is_expired;
        keep(&databases, &claim, Duration::from_millis(1), || {
            for _ in 0..3 {
                expire(&databases);
                let began = Instant::now();
                while is_expired() {
                    assert!(began.elapsed() < Duration::from_mins(1), "nothing renews it");
                    std::thread::yield_now();
                }
            }
        });
        assert!(!is_expired());
    }

    #[test]
    fn a_lost_lease_stays_lost_and_a_panic_ends_the_thread() {
        let (_folder, databases, office, late) = exchange();
        // Dropping the lock released it, like a crash.
        keep(&databases, &late, Duration::from_millis(1), || {
            let RunStartOutcome::Granted { claim, .. } = begin(&office) else { panic!("its holder crashed") };
            assert!(matches!(office.renew_lease(&late), Err(StoreError::Fenced { mine: 1, now: 2 })));
            office.renew_lease(&claim).expect("it is the newer one's");
        });
        let panicked = std::panic::catch_unwind(|| {
            keep(&databases, &late, Duration::from_hours(1), || panic!("a fault of the work"));
        });
        assert!(panicked.is_err());
    }
}
