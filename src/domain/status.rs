//! The statuses of a session: the original's numbers, which differ by direction, and their meaning
//! to the fold.

use crate::domain::{Direction, serialize_as_word};
use std::fmt;

/// A status of a session; which statuses exist, and their numbers, depends on the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The package is being created.
    Started,
    /// The package waits to be fetched or sent.
    Available,
    /// Download only: the store's agent has asked for the package.
    Requested,
    /// Download only: the agent has the package.
    Downloaded,
    /// Upload only: head office has the package but has not written its data yet.
    Uploaded,
    /// The data has been written at its destination.
    Applied,
    /// Canceled by a user, or given up.
    Canceled,
    /// Download only: the package could not be created.
    CreateFailed,
    /// Download only: the package could not be fetched.
    DownloadFailed,
    /// Upload only: the package could not be sent.
    UploadFailed,
    /// The data could not be written at its destination.
    ApplyFailed,
    /// Download only: nothing had changed, so no package was needed.
    NoData,
}

/// One row of the tables below.
struct StatusRow {
    status: Status,
    /// The original's number.
    number: i64,
    /// The stage in the flow, which breaks ties in the fold.
    stage: i64,
}

const fn row(status: Status, number: i64, stage: i64) -> StatusRow {
    StatusRow { status, number, stage }
}

const DOWNLOAD: [StatusRow; 10] = [
    row(Status::Started, 0, 0),
    row(Status::Available, 1, 2),
    row(Status::Requested, 2, 3),
    row(Status::Downloaded, 3, 5),
    row(Status::Applied, 4, 9),
    row(Status::Canceled, 5, 8),
    row(Status::CreateFailed, 6, 1),
    row(Status::DownloadFailed, 7, 4),
    row(Status::ApplyFailed, 8, 6),
    row(Status::NoData, 9, 7),
];

const UPLOAD: [StatusRow; 7] = [
    row(Status::Started, 0, 0),
    row(Status::Available, 1, 1),
    row(Status::Uploaded, 2, 3),
    row(Status::Applied, 3, 9),
    row(Status::Canceled, 4, 8),
    row(Status::UploadFailed, 5, 2),
    row(Status::ApplyFailed, 6, 4),
];

fn rows(direction: Direction) -> &'static [StatusRow] {
    match direction {
        Direction::Download => &DOWNLOAD,
        Direction::Upload => &UPLOAD,
    }
}

impl Status {
    /// Every status of a direction, in the order of the original's numbers.
    pub fn all(direction: Direction) -> impl Iterator<Item = Self> {
        rows(direction).iter().map(|row| row.status)
    }

    /// The status of the original's number; `None` if the direction has no such number.
    pub fn from_number(direction: Direction, number: i64) -> Option<Self> {
        rows(direction).iter().find(|row| row.number == number).map(|row| row.status)
    }

    /// The status of a snake-case word; `None` if the direction has no such status.
    pub fn from_word(direction: Direction, word: &str) -> Option<Self> {
        Self::all(direction).find(|status| status.word() == word)
    }

    /// The original's number; `None` if the direction has no such status.
    pub fn number(self, direction: Direction) -> Option<i64> {
        rows(direction).iter().find(|row| row.status == self).map(|row| row.number)
    }

    /// The stage in the flow, which breaks ties in the fold; 0 if the direction has no such status.
    pub fn stage(self, direction: Direction) -> i64 {
        rows(direction).iter().find(|row| row.status == self).map_or(0, |row| row.stage)
    }

    /// 2 for Applied, 1 for Canceled and No data, 0 for everything else: a status that is not final
    /// never wins over one that is.
    pub fn finality(self) -> i64 {
        match self {
            Self::Applied => 2,
            Self::Canceled | Self::NoData => 1,
            _ => 0,
        }
    }

    /// Whether nothing more is expected of a session in this status.
    pub fn is_final(self) -> bool {
        self.finality() > 0
    }

    /// Whether a session in this status is *in progress*: expected to change without an operator.
    pub fn is_in_progress(self) -> bool {
        !self.is_failed() && !self.is_final()
    }

    /// Whether this is a failure; a session in such a status is *open*.
    pub fn is_failed(self) -> bool {
        matches!(self, Self::CreateFailed | Self::DownloadFailed | Self::UploadFailed | Self::ApplyFailed)
    }

    /// The word in JSON and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Available => "available",
            Self::Requested => "requested",
            Self::Downloaded => "downloaded",
            Self::Uploaded => "uploaded",
            Self::Applied => "applied",
            Self::Canceled => "canceled",
            Self::CreateFailed => "create_failed",
            Self::DownloadFailed => "download_failed",
            Self::UploadFailed => "upload_failed",
            Self::ApplyFailed => "apply_failed",
            Self::NoData => "no_data",
        }
    }

    /// The original's label, for display.
    pub fn label(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::Available => "Available",
            Self::Requested => "Requested",
            Self::Downloaded => "Downloaded",
            Self::Uploaded => "Uploaded",
            Self::Applied => "Applied",
            Self::Canceled => "Canceled",
            Self::CreateFailed => "Create failed",
            Self::DownloadFailed => "Download failed",
            Self::UploadFailed => "Upload failed",
            Self::ApplyFailed => "Apply failed",
            Self::NoData => "No data",
        }
    }
}

serialize_as_word!(Status);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_name_the_same_status_and_do_not_match_across_directions() {
        for direction in Direction::ALL {
            for status in Status::all(direction) {
                let number = status.number(direction).expect("it is of this direction");
                assert_eq!(Status::from_number(direction, number), Some(status));
                assert_eq!(Status::from_word(direction, status.word()), Some(status));
            }
        }
        assert_eq!(Status::from_number(Direction::Download, 4), Some(Status::Applied));
        assert_eq!(Status::from_number(Direction::Upload, 3), Some(Status::Applied));
        assert_eq!(Status::from_number(Direction::Upload, 7), None);
        assert_eq!(Status::from_word(Direction::Upload, "no_data"), None);
    }

    #[test]
    fn stages_are_distinct_within_a_direction() {
        for direction in Direction::ALL {
            let mut stages: Vec<_> = Status::all(direction).map(|status| status.stage(direction)).collect();
            stages.sort_unstable();
            stages.dedup();
            assert_eq!(stages.len(), Status::all(direction).count());
        }
    }
}
