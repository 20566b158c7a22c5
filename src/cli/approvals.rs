//! `cdx approvals`: lists changes that wait for a second login, and approves one.

use crate::cli::args::{ApprovalsAction, ApprovalsArgs};
use crate::cli::context::{Context, operator};
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::List;
use crate::cli::terminal::say;
use crate::domain::{Timestamp, to_json};
use crate::store::Access;
use crate::store::head_office::{Approval, ApprovalError};

/// The most approvals that are listed.
const LISTED: i64 = 10_000;

const LIST: List<Approval> = List {
    columns: &["Approval", "Requested (UTC)", "By", "Change", "Detail", "Rows", "Reason", "Approved by", "Made (UTC)"],
    cells: |approval| {
        vec![
            approval.approval_id.into(),
            approval.requested_at.to_table().into(),
            approval.requested_by.clone().into(),
            approval.change().into(),
            approval.detail.clone().into(),
            approval.rows.into(),
            approval.reason.clone().into(),
            approval.approved_by.clone().into(),
            approval.used_at.map(Timestamp::to_table).into(),
        ]
    },
    json: to_json,
};

/// Lists the changes, or approves one.
pub fn run(context: &Context, args: &ApprovalsArgs) -> Outcome {
    match &args.action {
        None => list(context, args),
        Some(ApprovalsAction::Approve { approval }) => approve(context, *approval),
        Some(ApprovalsAction::Refuse { approval }) => refuse(context, *approval),
    }
}

fn list(context: &Context, args: &ApprovalsArgs) -> Outcome {
    let office = context.head_office_to_read()?;
    // Requests expire by head office's clock.
    let rows = if args.all { office.approvals(LISTED)? } else { office.waiting_approvals(office.now()?, LISTED)? };
    let listing = args.format.listing(LISTED);
    LIST.print(rows, &listing, context.style())?;
    Ok(Exit::Done)
}

fn approve(context: &Context, approval_id: i64) -> Outcome {
    context.refuse_if_read_only("approvals approve")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let approval = office.approve(approval_id, &operator()).map_err(failed)?;
    let (by, change) = (&approval.requested_by, approval.change());
    say(&format!("approval {approval_id}: {by} may make this change once, within an hour: {change}"));
    Ok(Exit::Done)
}

fn refuse(context: &Context, approval_id: i64) -> Outcome {
    context.refuse_if_read_only("approvals refuse")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let operator = operator();
    let approval = office.close_approval(approval_id, &operator).map_err(failed)?;
    let what = if approval.requested_by == operator { "withdrawn" } else { "refused" };
    say(&format!("approval {approval_id}: {what}: {}", approval.change()));
    Ok(Exit::Done)
}

fn failed(error: ApprovalError) -> Failure {
    match error {
        ApprovalError::Store(error) => error.into(),
        error => Failure::Message(Exit::Failed, error.to_string()),
    }
}
