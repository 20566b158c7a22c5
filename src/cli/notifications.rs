//! `cdx notifications`: lists the notifications of this login.

use crate::batch::AlertEvent;
use crate::cli::args::NotificationsArgs;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::filter;
use crate::cli::output::{List, one_more};
use crate::domain::{Timestamp, to_json};
use crate::filter::lists;
use crate::store::HeadOffice;
use crate::store::head_office::Notification;

const LIST: List<Notification> = List {
    columns: &["Id", "At (UTC)", "Event", "Job", "History", "Read (UTC)", "Text", "Delivery failed"],
    cells: |row| {
        vec![
            row.notification_id.into(),
            row.at.to_table().into(),
            row.event.map(AlertEvent::word).into(),
            row.job_id.into(),
            row.history_id.into(),
            row.read_at.map(Timestamp::to_table).into(),
            row.text.clone().into(),
            row.fault.clone().into(),
        ]
    },
    json: to_json,
};

/// Lists the notifications, newest first. They stay unread: leaving the console's list marks them.
pub fn run(context: &Context, args: &NotificationsArgs) -> CommandResult {
    let listing = args.listing.listing();
    let office = context.head_office_to_read()?;
    let read = |limit| {
        let all = if args.unread { HeadOffice::unread_notifications } else { HeadOffice::notifications };
        Ok(all(&office, &operator(), limit)?)
    };
    let rows = filter::keep(args.filter.as_deref(), lists::NOTIFICATIONS, one_more(&listing), read)?;
    LIST.print(rows, &listing, context.style())?;
    Ok(Exit::Done)
}
