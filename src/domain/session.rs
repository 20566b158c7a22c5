//! A session row as lists show it.

use crate::domain::{Direction, Fold, SessionKey, Status};
use serde::{Serialize, Serializer};

/// Whether an upload session is marked for rerun or was repeated by a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rerun {
    /// Not repeated; 0 in JSON.
    None,
    /// Marked for rerun; 1 in JSON.
    Marked,
    /// A newer session carries the data; 2 in JSON.
    Executed,
}

impl Rerun {
    /// The original's number.
    pub fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Marked => 1,
            Self::Executed => 2,
        }
    }
}

/// One session on one channel database: key, folded state, and whether it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Direction, number and channel database.
    pub key: SessionKey,
    /// The state that its messages add up to.
    pub fold: Fold,
    /// Whether another session repeats it.
    pub rerun: Rerun,
}

impl Session {
    /// Its status.
    pub fn status(&self) -> Status {
        self.fold.winner.status
    }

    /// Its direction.
    pub fn direction(&self) -> Direction {
        self.key.direction
    }
}

/// One object with the documented keys in the documented order.
impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            #[serde(flatten)]
            key: &'a SessionKey,
            #[serde(flatten)]
            fold: &'a Fold,
            rerun: i64,
            rerun_for: Option<i64>,
        }
        let (rerun, rerun_for) = (self.rerun.number(), self.fold.rerun_for);
        Row { key: &self.key, fold: &self.fold, rerun, rerun_for }.serialize(serializer)
    }
}
