//! Where a stream of changes continues.

use crate::batch::BatchServer;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What is known of the newest run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum RunEnd {
    /// Its end has not been reported.
    #[default]
    Open,
    /// Its end has been reported.
    Reported,
    /// Its process is gone, which has been reported; the next run writes its end.
    ProcessGone,
}

/// A place in the stream of changes of one head office, as text for scripts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WatchPosition {
    /// The head office, shortened.
    pub(super) office: String,
    /// The last message.
    pub(super) message: i64,
    /// The newest run.
    pub(super) run: i64,
    pub(super) run_end: RunEnd,
    /// The last notification.
    pub(super) notification: i64,
    /// The running batch servers, each as a digest of its name and its start.
    pub(super) servers: BTreeSet<(String, i64)>,
}

/// Why a text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position; use the value of \"position\" in a line of cdx watch --json")]
pub struct NoPosition;

impl WatchPosition {
    /// A process of a batch server in the position.
    pub(super) fn server(server: &BatchServer) -> (String, i64) {
        (short_digest(&server.name), server.started_at.0)
    }

    /// How a head office is named in the position.
    pub(super) fn office(id: &str) -> String {
        short_digest(id)
    }
}

fn short_digest(text: &str) -> String {
    let mut first = [0; 4];
    first.copy_from_slice(&Sha256::digest(text.as_bytes())[..4]);
    format!("{:08x}", u32::from_be_bytes(first))
}

impl fmt::Display for WatchPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run_end = match self.run_end {
            RunEnd::Open => 0,
            RunEnd::Reported => 1,
            RunEnd::ProcessGone => 2,
        };
        let servers: Vec<_> = self.servers.iter().map(|(name, start)| format!("{name}-{start}")).collect();
        let Self { office, message, run, notification, .. } = self;
        write!(f, "{office}:{message}:{run}:{run_end}:{notification}:{}", servers.join(","))
    }
}

impl FromStr for WatchPosition {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let parts: Vec<_> = text.split(':').collect();
        let [office, message, run, run_end, notification, servers] = parts[..] else { return Err(NoPosition) };
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0).ok_or(NoPosition);
        let is_digest = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_digest(office) {
            return Err(NoPosition);
        }
        let server = |text: &str| {
            let (name, start) = text.split_once('-').filter(|(name, _)| is_digest(name)).ok_or(NoPosition)?;
            Ok((name.to_owned(), number(start)?))
        };
        Ok(Self {
            office: office.to_owned(),
            message: number(message)?,
            run: number(run)?,
            run_end: match run_end {
                "0" => RunEnd::Open,
                "1" => RunEnd::Reported,
                "2" => RunEnd::ProcessGone,
                _ => return Err(NoPosition),
            },
            notification: number(notification)?,
            servers: servers.split(',').filter(|text| !text.is_empty()).map(server).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written_and_anything_else_is_refused() {
        let servers = [("0a1b2c3d".to_owned(), 1_764_427_200_000), ("ffffffff".to_owned(), 0)];
        let position = WatchPosition {
            office: "3f2a9c1b".to_owned(),
            message: 1_042,
            run: 17,
            run_end: RunEnd::ProcessGone,
            notification: 88,
            servers: servers.into_iter().collect(),
        };
        for position in [position.clone(), WatchPosition { servers: BTreeSet::new(), ..position }] {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        for text in [
            "",
            "1042",
            "3f2a9c1b:1:1:3:1:",
            "3f2a9c1b:-1:1:0:1:",
            "3f2a9c1b:1:1:0:1:x",
            "3f2a9c1b:1:1:0:1:0a1b2c3d",
            "3f2a9c1:1:1:0:1:",
            "3f2a9c1b:1:1:0:1::",
            "3f2a9c1b:99999999999999999999:1:0:1:",
        ] {
            assert_eq!(text.parse::<WatchPosition>(), Err(NoPosition), "{text}");
        }
    }
}
