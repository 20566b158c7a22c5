//! Rejected messages, with the reasons and the actions on them.

use crate::console::protocol::effect::{Action, Confirm, Effect};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Place, Query, Rejected};
use crate::console::protocol::route::Route;
use crate::console::screens::related;
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, newest_of, words,
};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{counted, to_json};
use crate::filter::{FieldSet, FieldValue, Subject, lists};
use serde_json::Value;

impl Keyed for Rejected {
    type Key = Place;
    fn key(&self) -> Place {
        (self.rejected_at.0, self.rejected_id)
    }
}

static COLUMNS: [Column<Rejected>; 5] = [
    column("Rejected", 11).cell(|row, view| plain(view.zone.short(row.rejected_at, view.now))),
    column("Id", 6).align_right().cell(|row, _| plain(row.rejected_id.to_string())),
    column("Message", 10).align_right().drop(1).cell(|row, _| plain(row.message_id.to_string())),
    column("Run", 6).align_right().drop(2).cell(|row, _| plain(row.run_id.to_string())),
    column("Reason", 20).cell(|row, _| plain(&row.reason)),
];

impl Row for Rejected {
    const NAME: &'static str = "rejected messages";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Rejected, newest first", "Rejected");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Rejected", |row| Rank::Number(row.rejected_at.0)),
        ("Id", |row| Rank::Number(row.rejected_id)),
        ("Message", |row| Rank::Number(row.message_id)),
        ("Run", |row| Rank::Number(row.run_id)),
        ("Reason", |row| words(&row.reason)),
    ];
    const FIELDS: &'static FieldSet = lists::REJECTED;

    fn to_json(&self) -> Value {
        to_json(self)
    }

    fn is_failure(&self) -> bool {
        true
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }

    fn search_text(&self) -> Option<&str> {
        Some(&self.raw)
    }
}

/// The source of its rows.
pub struct RejectedMessages {
    /// The run whose messages are listed, when it is opened for one.
    of_run: Option<i64>,
    /// The number of messages that are not dismissed; the list has the newest of them.
    total: i64,
}

impl RejectedMessages {
    /// The source, opened for a run or for all of them.
    pub fn new(of_run: Option<i64>) -> Self {
        Self { of_run, total: 0 }
    }
}

/// The command that tries these messages again.
fn command_of(ids: &[i64]) -> String {
    let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
    format!("cdx rejected retry {}", ids.join(" "))
}

/// The message field by field, those that are empty left out; whole as it is if it is no object.
fn details(row: &Rejected) -> Vec<(String, Role)> {
    let mut lines = vec![(row.reason.clone(), Role::Bad)];
    match serde_json::from_str::<Value>(&row.raw) {
        Ok(Value::Object(fields)) => {
            let held = fields.iter().filter(|(_, value)| !value.is_null());
            lines.extend(held.map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (format!("{name:<22} {value}"), Role::Text)
            }));
        }
        _ => lines.push((row.raw.clone(), Role::Text)),
    }
    lines
}

impl RowSource for RejectedMessages {
    type Row = Rejected;
    const PATH: &'static [&'static str] = &["Retail", "Inquiries", "Commerce Data Exchange", "Rejected messages"];
    const COMMANDS: &'static [Command] = &[
        Command::Open,
        Command::NextError,
        Command::PreviousError,
        Command::Mark,
        Command::MarkAll,
        Command::Actions,
        Command::Related,
    ];
    const NO_ERROR: &'static str = "nothing is rejected";

    fn route(&self, _: &str) -> Route {
        self.of_run.map_or(Route::Rejected, Route::RejectedOfRun)
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Rejected
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<Rejected>> {
        let Answer::Rejected(rows, total) = answer else { return None };
        self.total = total;
        Some(rows)
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx rejected", true))
    }

    fn actions(&self, list: &SmallList<Rejected>, view: &ViewContext) -> Option<ActionMenu> {
        let ids: Vec<_> = list.chosen().iter().map(|row| row.rejected_id).collect();
        let count = i64::try_from(ids.len()).ok().filter(|count| *count > 0)?;
        let rows = counted(count, "rejected message");
        let refused = view.refusal();
        let ask =
            |verb: &str, line: &str, change| vec![Confirm::of_rows(count, format!("{verb}: {rows}"), line, change)];
        let retry = "Valid messages go to their sessions; the others stay here with their reasons.";
        let dismiss = "They never reach a session. The purge deletes them when their retention ends.";
        let actions = vec![
            Action::copy('y', "Copy the command line", command_of(&ids)),
            Action::new('r', "Try again…", ask("Try again", retry, Mutation::RetryRejected(ids.clone())))
                .refused(refused.clone()),
            Action::new('d', "Dismiss…", ask("Dismiss", dismiss, Mutation::DismissRejected(ids))).refused(refused),
        ];
        Some((format!("Actions on {rows}"), actions))
    }

    fn perform_command(
        &mut self,
        command: Command,
        list: &mut SmallList<Rejected>,
        view: &ViewContext,
    ) -> Option<Vec<Effect>> {
        if command == Command::Open {
            return list.perform_command(Command::Record, view);
        }
        let run = list.current().and_then(|row| related::run(row.run_id, "which rejected it"));
        Some(related::offer(run.into_iter().collect()))
    }

    fn copied(&self, row: &Rejected) -> String {
        row.raw.clone()
    }

    fn frame(&self, rows: &[Rejected], _: &ViewContext) -> ListFrame<'static> {
        ListFrame {
            title: "Rejected messages",
            remark: newest_of(rows.len(), self.total),
            empty: ("Nothing is rejected.".to_owned(), Role::Good),
            detail: |height| height * 2 / 5,
        }
    }

    fn describe(&self, row: &Rejected, _: usize, _: &ViewContext) -> Details {
        (format!("Message {} as it was posted", row.message_id), details(row))
    }

    fn notice(&self, _: Option<&Rejected>, _: &ViewContext) -> String {
        String::new()
    }
}
