//! The columns of sessions: of Download sessions, Upload sessions and the history of a schedule.

use crate::console::protocol::query::PlacedSession;
use crate::console::screens::arrangement::{Rank, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::{Role, status_glyph};
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Session, Timestamp, grouped};

const MODIFIED: Column<PlacedSession> =
    column("Modified", 11).cell(|row, view| date(Some(row.session.fold.modified_at), view));
const STATUS: Column<PlacedSession> = column("Status", 17).cell(|row, _| {
    let (shape, role) = status_glyph(row.session.status());
    (format!("{shape} {}", row.session.status()), role)
});
const JOB: Column<PlacedSession> = column("Job", 6).cut_in_middle().cell(|row, _| plain(&row.session.fold.job_name));
const DATABASE: Column<PlacedSession> =
    column("Channel DB", 10).cut_in_middle().cell(|row, _| plain(&row.session.key.channel_database));
const GROUP: Column<PlacedSession> =
    column("Group", 10).cut_in_middle().cell(|row, _| optional(row.session.fold.channel_data_group.as_ref()));
const SESSION: Column<PlacedSession> =
    column("Session", 8).align_right().cell(|row, _| plain(row.session.key.session_number.to_string()));
const TRY: Column<PlacedSession> =
    column("Try", 3).align_right().cell(|row, _| plain(row.session.fold.winner.try_count.to_string()));
const ROWS: Column<PlacedSession> =
    column("Rows", 9).align_right().cell(|row, _| number(row.session.fold.rows_affected));
const FILE_SIZE: Column<PlacedSession> =
    column("File size", 13).align_right().cell(|row, _| number(row.session.fold.file_size));
const ROW_VERSION: Column<PlacedSession> =
    column("Row version", 12).align_right().cell(|row, _| number(row.session.fold.row_version));
const PATH: Column<PlacedSession> =
    column("Path", 34).cut_in_middle().cell(|row, _| optional(row.session.fold.data_path.as_ref()));
const MESSAGE: Column<PlacedSession> = column("Message", 12).up_to(32).cell(|row, _| plain(remark(&row.session)));
const CREATED: Column<PlacedSession> =
    column("Created", 11).cell(|row, view| date(Some(row.session.fold.created_at), view));
const REQUESTED: Column<PlacedSession> =
    column("Requested", 11).cell(|row, view| date(row.session.fold.requested_at, view));
const DOWNLOADED: Column<PlacedSession> =
    column("Downloaded", 11).cell(|row, view| date(row.session.fold.downloaded_at, view));
const UPLOADED: Column<PlacedSession> =
    column("Uploaded", 11).cell(|row, view| date(row.session.fold.uploaded_at, view));
const APPLIED: Column<PlacedSession> = column("Applied", 11).cell(|row, view| date(row.session.fold.applied_at, view));

/// The columns of Download sessions. The width and the operator's choice decide which are shown.
pub static DOWNLOADS: [Column<PlacedSession>; 15] = [
    MODIFIED,
    STATUS,
    JOB,
    GROUP.drop(5),
    DATABASE,
    SESSION.drop(2),
    TRY.drop(3),
    ROWS.drop(6),
    APPLIED.drop(7),
    CREATED.drop(8),
    REQUESTED.drop(9),
    DOWNLOADED.drop(10),
    ROW_VERSION.drop(11),
    PATH.drop(12),
    MESSAGE.drop(4),
];

/// The columns of Upload sessions.
pub static UPLOADS: [Column<PlacedSession>; 15] = [
    MODIFIED,
    STATUS,
    JOB,
    GROUP.drop(5),
    DATABASE,
    SESSION.drop(2),
    TRY.drop(3),
    ROWS.drop(6),
    FILE_SIZE.drop(9),
    UPLOADED.drop(8),
    APPLIED.drop(7),
    CREATED.drop(10),
    ROW_VERSION.drop(11),
    PATH.drop(12),
    MESSAGE.drop(4),
];

/// The columns of the history of a schedule that sends data to stores.
pub static DOWNLOAD_HISTORY: [Column<PlacedSession>; 14] = [
    MODIFIED,
    STATUS,
    SESSION,
    JOB,
    DATABASE,
    GROUP.drop(2),
    ROWS.drop(3),
    ROW_VERSION.drop(5),
    CREATED.drop(4),
    REQUESTED.drop(7),
    DOWNLOADED.drop(8),
    APPLIED.drop(6),
    PATH.drop(9),
    MESSAGE.drop(1),
];

/// The columns of the history of a schedule that collects data from stores.
pub static UPLOAD_HISTORY: [Column<PlacedSession>; 14] = [
    MODIFIED,
    STATUS,
    SESSION,
    JOB,
    DATABASE,
    GROUP.drop(2),
    ROWS.drop(3),
    FILE_SIZE.drop(8),
    ROW_VERSION.drop(5),
    CREATED.drop(4),
    UPLOADED.drop(7),
    APPLIED.drop(6),
    PATH.drop(9),
    MESSAGE.drop(1),
];

/// What sessions are sorted by in memory.
pub static RANKS: [SortOrder<PlacedSession>; 17] = [
    ("Modified", |row| at(Some(row.session.fold.modified_at))),
    ("Status", |row| words(row.session.status().label())),
    ("Job", |row| words(&row.session.fold.job_name)),
    ("Channel DB", |row| words(&row.session.key.channel_database)),
    ("Group", |row| words(row.session.fold.channel_data_group.as_deref().unwrap_or(""))),
    ("Session", |row| Rank::Number(row.session.key.session_number)),
    ("Try", |row| Rank::Number(row.session.fold.winner.try_count)),
    ("Rows", |row| Rank::optional(row.session.fold.rows_affected)),
    ("File size", |row| Rank::optional(row.session.fold.file_size)),
    ("Row version", |row| Rank::optional(row.session.fold.row_version)),
    ("Path", |row| words(row.session.fold.data_path.as_deref().unwrap_or(""))),
    ("Message", |row| words(&remark(&row.session))),
    ("Created", |row| at(Some(row.session.fold.created_at))),
    ("Requested", |row| at(row.session.fold.requested_at)),
    ("Downloaded", |row| at(row.session.fold.downloaded_at)),
    ("Uploaded", |row| at(row.session.fold.uploaded_at)),
    ("Applied", |row| at(row.session.fold.applied_at)),
];

fn at(instant: Option<Timestamp>) -> Rank {
    Rank::optional(instant.map(|instant| instant.0))
}

fn date(at: Option<Timestamp>, view: &ViewContext) -> (String, Role) {
    plain(at.map(|at| view.zone.short(at, view.now)).unwrap_or_default())
}

fn number(number: Option<i64>) -> (String, Role) {
    plain(number.map(grouped).unwrap_or_default())
}

fn optional(text: Option<&String>) -> (String, Role) {
    plain(text.map_or("", String::as_str))
}

/// Returns the error text, or the previous error of a session that has recovered.
fn remark(session: &Session) -> String {
    let fold = &session.fold;
    match (&fold.winner.message, &fold.last_error) {
        (Some(message), _) if !message.is_empty() => message.clone(),
        (_, Some(last)) if !session.status().is_failed() => {
            format!("failed before: {}", last.failure.message.as_deref().unwrap_or("no text"))
        }
        _ => String::new(),
    }
}
