//! Approvals: changes that a guardrail holds until a second login approves them.

use crate::console::protocol::effect::{Action, Confirm, Effect};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Approval, ApprovalRow, ApprovalState, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::related;
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, words,
};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Timestamp, counted, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, lists};

impl ApprovalRow {
    fn is_waiting(&self) -> bool {
        self.state == ApprovalState::Waiting
    }

    /// Whether it can be withdrawn or refused.
    fn is_open(&self) -> bool {
        matches!(self.state, ApprovalState::Waiting | ApprovalState::Approved)
    }
}

impl Keyed for ApprovalRow {
    type Key = i64;
    fn key(&self) -> i64 {
        self.approval.approval_id
    }
}

static COLUMNS: [Column<ApprovalRow>; 6] = [
    column("Requested", 12).cell(|row, view| plain(view.zone.day(row.approval.requested_at, view.now))),
    column("State", 10).cell(|row, _| {
        let word = row.state.word();
        if row.is_waiting() { (format!("! {word}"), Role::Warn) } else { plain(word) }
    }),
    column("By", 9).up_to(16).drop(1).cell(|row, _| plain(&row.approval.requested_by)),
    column("Change", 20).up_to(50).cell(|row, _| plain(row.approval.change())),
    column("Rows", 6).align_right().drop(2).cell(|row, _| plain(grouped(row.approval.rows))),
    column("Reason", 16).drop(3).cell(|row, _| plain(row.approval.reason.as_deref().unwrap_or_default())),
];

impl Row for ApprovalRow {
    const NAME: &'static str = "approvals";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Waiting ones, then newest first", "");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Requested", |row| Rank::Number(row.approval.requested_at.0)),
        ("State", |row| words(row.state.word())),
        ("By", |row| words(&row.approval.requested_by)),
        ("Change", |row| words(&row.approval.change())),
        ("Rows", |row| Rank::Number(row.approval.rows)),
        ("Reason", |row| words(row.approval.reason.as_deref().unwrap_or_default())),
    ];
    const FIELDS: &'static FieldSet = lists::APPROVALS;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        self.approval.field_value(field, self.state)
    }
}

/// The source of its rows.
pub struct Approvals;

fn actions(row: &ApprovalRow, view: &ViewContext) -> Vec<Action> {
    let (approval, id) = (&row.approval, row.approval.approval_id);
    let line = format!("{} may make it once, within an hour: {}.", approval.requested_by, approval.in_full());
    let then = vec![Effect::Mutation(Mutation::Approve(id))];
    let state = || (!row.is_waiting()).then(|| format!("it is {}", row.state.word()));
    let own = || (approval.requested_by == view.operator).then(|| "it is your own".to_owned());
    let read_only = || view.refusal();
    let approve = Confirm::yes(format!("Approve request {id}?"), line, then);
    let closed = || (!row.is_open()).then(|| format!("it is {}", row.state.word()));
    vec![
        Action::new('p', "Approve…", vec![approve]).refused(read_only().or_else(state).or_else(own)),
        close(approval, view).refused(read_only().or_else(closed)),
        related::changes_action(format!("on:\"approval {id}\"")),
    ]
}

/// Withdraws a request of one's own, or refuses that of another operator, also after its approval.
fn close(approval: &Approval, view: &ViewContext) -> Action {
    let (id, by) = (approval.approval_id, &approval.requested_by);
    let (label, title) = if *by == view.operator {
        ("Withdraw…", format!("Withdraw request {id}?"))
    } else {
        ("Refuse…", format!("Refuse request {id}?"))
    };
    let line = format!("{by} has to request it again to make it: {}.", approval.in_full());
    let then = vec![Effect::Mutation(Mutation::CloseApproval(id))];
    Action::new('r', label, vec![Confirm::yes(title, line, then)])
}

/// The change in words, for the pane.
fn details(row: &ApprovalRow, view: &ViewContext) -> Vec<(String, Role)> {
    let approval = &row.approval;
    let at = |at: Timestamp| view.zone.short(at, view.now);
    let text = |text: String| (text, Role::Text);
    let approved = approval.approved_by.as_ref().zip(approval.approved_at);
    let approved = approved.map_or_else(|| "not yet".to_owned(), |(by, when)| format!("{by} {}", at(when)));
    vec![
        text(format!("Change     {}", approval.change())),
        text(format!("Detail     {}", approval.detail)),
        text(format!("Rows       {}", counted(approval.rows, "row"))),
        text(format!("Reason     {}", approval.reason.as_deref().unwrap_or("none given"))),
        text(format!("Requested  {} {}", approval.requested_by, at(approval.requested_at))),
        text(format!("Approved   {approved}")),
        text(format!("Made       {}", approval.used_at.map_or_else(|| "no".to_owned(), at))),
    ]
}

impl RowSource for Approvals {
    type Row = ApprovalRow;
    const PATH: &'static [&'static str] = &["Home", "Approvals"];
    const COMMANDS: &'static [Command] = &[Command::Actions];

    fn route(&self, _: &str) -> Route {
        Route::Approvals
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Approvals
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn rows(&mut self, answer: Answer, view: &ViewContext) -> Option<Vec<ApprovalRow>> {
        let Answer::Approvals(approvals) = answer else { return None };
        let row = |approval| ApprovalRow::new(approval, view.now);
        let (waiting, others): (Vec<_>, Vec<_>) = approvals.into_iter().map(row).partition(ApprovalRow::is_waiting);
        Some(waiting.into_iter().chain(others).collect())
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx approvals --all", true))
    }

    fn actions(&self, list: &SmallList<ApprovalRow>, view: &ViewContext) -> Option<ActionMenu> {
        Some(("Approvals".to_owned(), actions(list.current()?, view)))
    }

    fn copied(&self, row: &ApprovalRow) -> String {
        row.approval.change()
    }

    fn frame(&self, rows: &[ApprovalRow], _: &ViewContext) -> ListFrame<'static> {
        let waiting = rows.iter().filter(|row| row.is_waiting()).count();
        ListFrame {
            title: "Approvals",
            remark: format!("{waiting} waiting"),
            empty: ("No change was held for a second login.".to_owned(), Role::Dim),
            detail: |_| 9,
        }
    }

    fn describe(&self, row: &ApprovalRow, _: usize, view: &ViewContext) -> Details {
        (format!("Approval {}", row.approval.approval_id), details(row, view))
    }

    fn notice(&self, _: Option<&ApprovalRow>, _: &ViewContext) -> String {
        "A guardrail holds these changes until a second login approves them.".to_owned()
    }
}
