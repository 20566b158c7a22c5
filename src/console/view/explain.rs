//! Sentences that explain a status, in the wording of the original product's help.

use crate::console::view::context::ViewContext;
use crate::domain::{Direction, Session, Status};

/// Returns the original product's help sentence about a status.
pub fn status_help(direction: Direction, status: Status) -> &'static str {
    let download = direction == Direction::Download;
    match status {
        Status::Started if download => "The package is being created in the working folder.",
        Status::Started => "The package was created in the working folder of the channel.",
        Status::Available if download => "The package is ready to be downloaded.",
        Status::Available => "The package is ready to be uploaded.",
        Status::Requested => "Async Client of the channel database has requested the package.",
        Status::Downloaded => "Async Client has the package; its data is not applied yet.",
        Status::Uploaded => "The package is at headquarters; its data is not applied there yet.",
        Status::Applied if download => "The data was applied to the channel database.",
        Status::Applied => "The data was applied to the database at headquarters.",
        Status::Canceled => "The session was canceled by a user.",
        Status::CreateFailed => "The package could not be created.",
        Status::DownloadFailed => "The package could not be downloaded to the channel.",
        Status::UploadFailed => "The package could not be uploaded from the channel.",
        Status::ApplyFailed if download => "The data could not be applied to the channel database.",
        Status::ApplyFailed => "The data could not be applied to the database at headquarters.",
        Status::NoData => "Nothing had changed, so no package was needed.",
    }
}

/// Returns what happens next to a session, and what the operator can do about it: by its status and
/// the tries that are left.
pub fn session_next(session: &Session, view: &ViewContext) -> String {
    let (direction, status) = (session.key.direction, session.status());
    if tries_left(session, view).is_some_and(|left| left.ends_with("none left")) {
        let check =
            if status == Status::ApplyFailed { "Fix the data or the configuration" } else { "Fix the connection" };
        return view
            .keys(&format!("Next: nothing without you: no tries are left. {check}, then rerun it ({{actions}})."));
    }
    what_next(direction, status)
}

/// Returns what happens next, and what the operator can do about it.
pub fn what_next(direction: Direction, status: Status) -> String {
    let next = match status {
        Status::Started => "Next: it becomes available, or its creation fails.",
        Status::Available if direction == Direction::Download => {
            "Next: Async Client requests it at its interval. If it stays here for long, the client is down or not connected."
        }
        Status::Available => "Next: Async Client uploads it at its interval.",
        Status::Requested => "Next: the transfer ends as Downloaded or Download failed.",
        Status::Downloaded => "Next: Async Client applies it.",
        Status::Uploaded => "Next: headquarters applies it. Until then head office does not have these sales.",
        Status::CreateFailed => {
            "Next: nothing without you. Run the distribution schedule again; as a batch job it runs at its next scheduled time."
        }
        Status::DownloadFailed | Status::UploadFailed => {
            "Next: Async Client retries at its interval while tries remain. Check the connection and the working folder."
        }
        Status::ApplyFailed => {
            "Next: it is retried at the interval while tries remain. If there is a configuration issue, fix the issue, and \
             wait for the next retry. If there is a data issue that you cannot resolve by modifying the database schema, cancel the \
             session (a)."
        }
        Status::Applied | Status::NoData => "Next: nothing more; the purge deletes it when its retention has passed.",
        Status::Canceled => "Next: nothing more, unless you rerun it.",
    };
    next.to_owned()
}

/// Compares the tries of a failed stage with the Try count parameter: `of 3: 1 left`.
/// `None` for stages that agents do not retry.
pub fn tries_left(session: &Session, view: &ViewContext) -> Option<String> {
    let (status, tried) = (session.status(), session.fold.winner.try_count);
    let limit = view.freshness?.try_count?;
    if !status.is_failed() || status == Status::CreateFailed || tried <= 0 {
        return None;
    }
    Some(match limit.saturating_sub(tried) {
        _ if limit == 0 => "without limit".to_owned(),
        ..=0 => format!("of {limit}: none left"),
        left => format!("of {limit}: {left} left"),
    })
}

/// Returns `try 2 of 3: 1 left`, or `try 2` for stages that agents do not retry.
pub fn tries(session: &Session, view: &ViewContext) -> String {
    let tried = session.fold.winner.try_count;
    tries_left(session, view).map_or_else(|| format!("try {tried}"), |left| format!("try {tried} {left}"))
}
