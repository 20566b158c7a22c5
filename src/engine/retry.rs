//! Going on after a server was away: the connection is made anew, what was committed is read back, one line when it goes and one when it
//! is back.

use crate::engine::context::{Context, Tally};
use crate::store::StoreError;
use std::time::{Duration, Instant};

/// How long a run waits for a server. The lease runs out before; then the first chunk afterwards tells whether another runner took over.
const PATIENCE: Duration = Duration::from_mins(1);
/// Outages of one run that are told one by one.
const TOLD: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Does something that can be done again from its beginning, however often it takes. `attempt` must look up what an earlier try
/// may have committed: a connection that is lost during a commit does not say.
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
            Some(since) => match context.come_back() {
                Ok(()) => {
                    away = None;
                    wait = FIRST_WAIT;
                    if tally.outages <= TOLD {
                        let seconds = since.elapsed().as_secs_f64();
                        context.notice(tally, format!("it is back after {seconds:.1} s; the run goes on"));
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
                        if tally.outages <= TOLD {
                            context.notice(tally, format!("{error} (this run tries for {} s)", PATIENCE.as_secs()));
                        } else if tally.outages == TOLD + 1 {
                            context.notice(tally, "connections are lost again and again; further losses are not told");
                        }
                        away = Some(Instant::now());
                    }
                    Some(since) if since.elapsed() >= PATIENCE => return Err(error),
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
    /// Both databases answer again, and the sign that this runner lives is up again.
    fn come_back(&self) -> Result<(), StoreError> {
        self.message_database.now()?;
        self.office.now()?;
        self.keep_lock()
    }
}
