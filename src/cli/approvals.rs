//! `cdx approvals`: lists changes that wait for a second login, and approves one.

use crate::cli::args::{ApprovalsAction, ApprovalsArgs};
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more, report};
use crate::domain::{Timestamp, to_json};
use crate::filter::{FieldValue, Subject, lists};
use crate::store::Access;
use crate::store::head_office::{Approval, ApprovalError, ListedApproval};

impl Subject for ListedApproval {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        self.approval.field_value(field, self.state)
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let Approval { requested_by, approved_by, detail, reason, .. } = &self.approval;
        let texts = [Some(requested_by), approved_by.as_ref(), Some(detail), reason.as_ref()];
        is_wanted(&self.approval.change()) || texts.into_iter().flatten().any(|text| is_wanted(text))
    }
}

const LIST: List<ListedApproval> = List {
    columns: &["Approval", "Requested (UTC)", "By", "Change", "Detail", "Rows", "Reason", "Approved by", "Made (UTC)"],
    cells: |ListedApproval { approval, .. }| {
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
pub fn run(context: &Context, args: &ApprovalsArgs) -> CommandResult {
    match &args.action {
        None => list(context, args),
        Some(ApprovalsAction::Approve { approval, format }) => approve(context, *approval, format.json),
        Some(ApprovalsAction::Refuse { approval, format }) => refuse(context, *approval, format.json),
    }
}

fn list(context: &Context, args: &ApprovalsArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    // Requests expire by head office's clock.
    let (listing, now) = (args.listing.listing(), office.now()?);
    let read = |limit| {
        let found = if args.all { office.approvals(limit)? } else { office.waiting_approvals(now, limit)? };
        Ok(found.into_iter().map(|approval| ListedApproval::new(approval, now)).collect())
    };
    let rows = filter::keep(args.filter.as_deref(), lists::APPROVALS, one_more(&listing), read)?;
    LIST.print(rows, &listing, context.style())?;
    Ok(Exit::Done)
}

fn approve(context: &Context, approval_id: i64, json: bool) -> CommandResult {
    context.refuse_if_read_only("approvals approve")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let approval = office.approve(approval_id, &operator()).map_err(failed)?;
    let (by, change) = (&approval.requested_by, approval.in_full());
    let sentence = format!("request {approval_id} approved: {by} may make this change once, within an hour: {change}");
    report(json, &ListedApproval::new(approval.clone(), office.now()?), &sentence)?;
    Ok(Exit::Done)
}

fn refuse(context: &Context, approval_id: i64, json: bool) -> CommandResult {
    context.refuse_if_read_only("approvals refuse")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let operator = operator();
    let approval = office.close_approval(approval_id, &operator).map_err(failed)?;
    let what = if approval.requested_by == operator { "withdrawn" } else { "refused" };
    let sentence = format!("request {approval_id} {what}: {}", approval.in_full());
    report(json, &ListedApproval::new(approval, office.now()?), &sentence)?;
    Ok(Exit::Done)
}

fn failed(error: ApprovalError) -> Failure {
    match error {
        ApprovalError::Store(error) => error.into(),
        error => Failure::Message(Exit::Failed, error.to_string()),
    }
}
