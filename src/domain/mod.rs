//! Plain data and rules: no files, no database, no clock.

mod cause;
mod clean;
mod cursor;
mod direction;
mod expired;
mod fold;
#[cfg(test)]
pub mod hostile;
mod json;
mod malformed;
mod message;
mod number;
mod operation;
mod parameters;
mod passed_message;
mod presence;
mod raw;
mod redact;
mod request;
mod retention;
mod run;
mod seek;
mod session;
mod session_request;
#[cfg(test)]
pub mod spellings;
mod status;
mod timestamp;

pub use cause::Cause;
pub use clean::{clean_block, clean_field, clean_line};
pub use cursor::Cursor;
pub use direction::{Direction, DirectionError};
pub use expired::Expired;
pub use fold::{CLOCK_AHEAD_MS, Fold, LastError, Winner, effective_instant};
pub(crate) use json::serialize_as_word;
pub use json::{as_text, json_or_text, to_json};
pub use malformed::Malformed;
pub use message::{Position, SessionKey, StatusMessage};
pub use number::{counted, grouped};
pub use operation::OperationPart;
pub use parameters::{Parameter, ParameterError, Parameters};
pub use passed_message::PassedMessage;
pub use presence::{DEFAULT_GAP, Presence, QUIET_AFTER};
pub use raw::{FREE_TEXT_LIMIT, NAME_LIMIT, RawMessage, Reason, hex, read_guid};
pub use redact::redact;
pub use request::{NewState, SessionAction, canceled, may_cancel, may_rerun, offered, undone};
pub use retention::{
    ClockFault, Cutoffs, FinishedPurge, LastSeen, PurgeDecision, PurgeLimit, SHARE_LIMIT_ROWS, SessionFacts,
    check_clocks, judge_session, purge_limit,
};
pub use run::{Counts, LeaseHolder, Notice, Outcome, Purged, Run, Step, Trigger};
pub use seek::{By, Order, Seek};
pub use session::{Rerun, Session};
pub use session_request::SessionRequest;
pub use status::Status;
pub use timestamp::{Timestamp, TimestampError, parse_age};
