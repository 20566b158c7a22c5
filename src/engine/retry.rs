//! Continues a run after a server was unreachable: reconnects, and the attempt then looks up what
//! was committed. One notice when the connection is lost and one when it is back.

use crate::engine::context::{Context, Tally};
use crate::store::StoreError;
use std::time::{Duration, Instant};

/// How long a run waits for a server. The lease expires before that; the first chunk afterwards
/// finds out whether another runner took over.
const RECONNECT_TIMEOUT: Duration = Duration::from_mins(1);
/// Outages of one run that are reported one by one.
const MAX_REPORTED: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Repeats an operation that can be done again from its beginning until it succeeds or the server
/// stays away. `attempt` must look up what an earlier try may have committed: a connection lost
/// during a commit does not say. Attempts that delete find the rows gone, and count only their own.
pub(super) fn with_reconnect<T>(
    context: &Context,
    tally: &mut Tally,
    mut attempt: impl FnMut(&mut Tally) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut away: Option<Instant> = None;
    let mut wait = FIRST_WAIT;
    loop {
        let tried = match away {
            None => attempt(tally),
            Some(since) => match context.check_connections() {
                Ok(()) => {
                    away = None;
                    wait = FIRST_WAIT;
                    if tally.outages <= MAX_REPORTED {
                        let seconds = since.elapsed().as_secs_f64();
                        context.notice(tally, format!("it is back after {seconds:.1} s; the run continues"));
                    }
                    attempt(tally)
                }
                Err(error) => Err(error),
            },
        };
        match tried {
            Err(error) if error.is_lost() => {
                match away {
                    None => {
                        tally.outages += 1;
                        if tally.outages <= MAX_REPORTED {
                            context.notice(tally, format!("{error} (retrying for {} s)", RECONNECT_TIMEOUT.as_secs()));
                        } else if tally.outages == MAX_REPORTED + 1 {
                            context.notice(tally, "connections are lost repeatedly; further losses are not reported");
                        }
                        away = Some(Instant::now());
                    }
                    Some(since) if since.elapsed() >= RECONNECT_TIMEOUT => return Err(error),
                    Some(_) => {}
                }
                if context.cancel.sleep(wait) {
                    return Err(error);
                }
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            tried => return tried,
        }
    }
}

impl Context<'_> {
    /// Returns when both databases answer and the runner lock is held again.
    fn check_connections(&self) -> Result<(), StoreError> {
        self.message_database.now()?;
        self.office.now()?;
        self.keep_lock()
    }
}
