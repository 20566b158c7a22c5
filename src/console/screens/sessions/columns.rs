//! The columns of Download sessions, Upload sessions and the history of a schedule.

use crate::console::protocol::query::SessionPlaced;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::{Role, status_glyph};
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Session, Timestamp, grouped};

type SessionColumn = Column<SessionPlaced>;

const MODIFIED: SessionColumn =
    column("Modified", 11).cell(|row, view| plain(view.zone.short(row.session.fold.modified_at, view.now)));
const STATUS: SessionColumn = column("Status", 17).cell(|row, _| {
    let (shape, role) = status_glyph(row.session.status());
    (format!("{shape} {}", row.session.status()), role)
});
const JOB: SessionColumn = column("Job", 6).cut_in_middle().cell(|row, _| plain(&row.session.fold.job_name));
const DATABASE: SessionColumn =
    column("Channel DB", 10).cut_in_middle().cell(|row, _| plain(&row.session.key.channel_database));

// The other columns. Those with the greatest `drop` are dropped first in a narrow terminal.
const fn group(drop: u8) -> SessionColumn {
    column("Group", 10)
        .drop(drop)
        .cut_in_middle()
        .cell(|row, _| plain(row.session.fold.channel_data_group.as_deref().unwrap_or("")))
}
const fn session(drop: u8) -> SessionColumn {
    column("Session", 8).right().drop(drop).cell(|row, _| plain(row.session.key.session_number.to_string()))
}
const fn tried(drop: u8) -> SessionColumn {
    column("Try", 3).right().drop(drop).cell(|row, _| plain(row.session.fold.winner.try_count.to_string()))
}
const fn affected(drop: u8) -> SessionColumn {
    column("Rows", 9)
        .right()
        .drop(drop)
        .cell(|row, _| plain(row.session.fold.rows_affected.map(grouped).unwrap_or_default()))
}
const fn file_size(drop: u8) -> SessionColumn {
    column("File size", 13)
        .right()
        .drop(drop)
        .cell(|row, _| plain(row.session.fold.file_size.map(grouped).unwrap_or_default()))
}
const fn row_version(drop: u8) -> SessionColumn {
    column("Row version", 12)
        .right()
        .drop(drop)
        .cell(|row, _| plain(row.session.fold.row_version.map(grouped).unwrap_or_default()))
}
const fn path(drop: u8) -> SessionColumn {
    column("Path", 34)
        .cut_in_middle()
        .drop(drop)
        .cell(|row, _| plain(row.session.fold.data_path.as_deref().unwrap_or("")))
}
const fn message(drop: u8) -> SessionColumn {
    column("Message", 12).up_to(24).drop(drop).cell(|row, _| plain(remark(&row.session)))
}
const fn created(drop: u8) -> SessionColumn {
    column("Created", 11).drop(drop).cell(|row, view| date(Some(row.session.fold.created_at), view))
}
const fn requested(drop: u8) -> SessionColumn {
    column("Requested", 11).drop(drop).cell(|row, view| date(row.session.fold.requested_at, view))
}
const fn downloaded(drop: u8) -> SessionColumn {
    column("Downloaded", 11).drop(drop).cell(|row, view| date(row.session.fold.downloaded_at, view))
}
const fn uploaded(drop: u8) -> SessionColumn {
    column("Uploaded", 11).drop(drop).cell(|row, view| date(row.session.fold.uploaded_at, view))
}
const fn applied(drop: u8) -> SessionColumn {
    column("Applied", 11).drop(drop).cell(|row, view| date(row.session.fold.applied_at, view))
}

fn date(at: Option<Timestamp>, view: &ViewContext) -> (String, Role) {
    plain(at.map(|at| view.zone.short(at, view.now)).unwrap_or_default())
}

/// The columns of Download sessions. The width and the operator's choice decide which are shown.
pub static DOWNLOADS: [SessionColumn; 15] = [
    MODIFIED,
    STATUS,
    JOB,
    group(5),
    DATABASE,
    session(2),
    tried(3),
    affected(6),
    applied(7),
    created(8),
    requested(9),
    downloaded(10),
    row_version(11),
    path(12),
    message(4),
];

/// The columns of Upload sessions.
pub static UPLOADS: [SessionColumn; 15] = [
    MODIFIED,
    STATUS,
    JOB,
    group(5),
    DATABASE,
    session(2),
    tried(3),
    affected(6),
    file_size(9),
    uploaded(8),
    applied(7),
    created(10),
    row_version(11),
    path(12),
    message(4),
];

/// The columns of the history of a schedule that sends data to stores.
pub static DOWNLOAD_HISTORY: [SessionColumn; 14] = [
    MODIFIED,
    STATUS,
    session(0),
    JOB,
    DATABASE,
    group(2),
    affected(3),
    row_version(5),
    created(4),
    requested(7),
    downloaded(8),
    applied(6),
    path(9),
    message(1),
];

/// The columns of the history of a schedule that collects data from stores.
pub static UPLOAD_HISTORY: [SessionColumn; 14] = [
    MODIFIED,
    STATUS,
    session(0),
    JOB,
    DATABASE,
    group(2),
    affected(3),
    file_size(8),
    row_version(5),
    created(4),
    uploaded(7),
    applied(6),
    path(9),
    message(1),
];

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
