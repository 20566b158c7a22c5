//! The columns of Download sessions, Upload sessions and the history of a schedule.

use crate::console::protocol::query::SessionPlaced;
use crate::console::view::theme::status_shape;
use crate::console::widgets::table::{Column, column, growing, plain};
use crate::domain::{Session, grouped};

/// All of them; which are shown says the width, and the operator.
pub static COLUMNS: [Column<SessionPlaced>; 15] = [
    column("Modified", 11, false, 0, |row, view| plain(view.zone.short(row.session.fold.modified_at, view.now))),
    column("Status", 17, false, 0, |row, _| {
        let (shape, role) = status_shape(row.session.status());
        (format!("{shape} {}", row.session.status()), role)
    }),
    column("Job", 6, false, 0, |row, _| plain(&row.session.fold.job_name)),
    column("Group", 10, false, 5, |row, _| plain(row.session.fold.channel_data_group.as_deref().unwrap_or(""))),
    growing("DB", [5, 10], false, 0, |row, _| plain(&row.session.key.channel_database)),
    column("Session", 8, true, 2, |row, _| plain(row.session.key.session_number.to_string())),
    column("Try", 3, true, 3, |row, _| plain(row.session.fold.winner.try_count.to_string())),
    column("Rows", 9, true, 6, |row, _| plain(row.session.fold.rows_affected.map(grouped).unwrap_or_default())),
    column("Applied", 11, false, 7, |row, view| {
        plain(row.session.fold.applied_at.map(|at| view.zone.short(at, view.now)).unwrap_or_default())
    }),
    column("Created", 11, false, 8, |row, view| plain(view.zone.short(row.session.fold.created_at, view.now))),
    column("Requested", 11, false, 9, |row, view| {
        plain(row.session.fold.requested_at.map(|at| view.zone.short(at, view.now)).unwrap_or_default())
    }),
    column("Downloaded", 11, false, 10, |row, view| {
        plain(row.session.fold.downloaded_at.map(|at| view.zone.short(at, view.now)).unwrap_or_default())
    }),
    column("Row version", 12, true, 11, |row, _| plain(row.session.fold.row_version.map(grouped).unwrap_or_default())),
    column("Path", 34, false, 12, |row, _| plain(row.session.fold.data_path.as_deref().unwrap_or(""))),
    column("Message", 12, false, 4, |row, _| plain(remark(&row.session))),
];

/// The columns of Download history.
pub static HISTORY: [Column<SessionPlaced>; 11] = [
    column("Modified", 11, false, 0, |row, view| plain(view.zone.short(row.session.fold.modified_at, view.now))),
    column("Status", 17, false, 0, |row, _| {
        let (shape, role) = status_shape(row.session.status());
        (format!("{shape} {}", row.session.status()), role)
    }),
    column("Session", 8, true, 0, |row, _| plain(row.session.key.session_number.to_string())),
    column("Job", 6, false, 0, |row, _| plain(&row.session.fold.job_name)),
    growing("DB", [5, 10], false, 0, |row, _| plain(&row.session.key.channel_database)),
    column("Group", 10, false, 2, |row, _| plain(row.session.fold.channel_data_group.as_deref().unwrap_or(""))),
    column("Rows", 9, true, 3, |row, _| plain(row.session.fold.rows_affected.map(grouped).unwrap_or_default())),
    column("Row version", 12, true, 5, |row, _| plain(row.session.fold.row_version.map(grouped).unwrap_or_default())),
    column("Created", 11, false, 4, |row, view| plain(view.zone.short(row.session.fold.created_at, view.now))),
    column("Applied", 11, false, 6, |row, view| {
        plain(row.session.fold.applied_at.map(|at| view.zone.short(at, view.now)).unwrap_or_default())
    }),
    column("Message", 12, false, 1, |row, _| plain(remark(&row.session))),
];

/// The error text; of a session that healed, what went wrong before.
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
