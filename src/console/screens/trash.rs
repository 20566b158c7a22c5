//! The trash: purged sessions, until when they can be restored, and the actions on them.

use crate::console::protocol::effect::{Action, Confirm, Effect};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::{Mutation, TrashMutation};
use crate::console::protocol::query::{Answer, Query, TrashExtent, TrashOfRun, TrashedSession};
use crate::console::protocol::route::{Route, form_title};
use crate::console::screens::small_list::{
    ActionMenu, Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, newest_of, words,
};
use crate::console::screens::{related, session_actions};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::{Role, status_glyph};
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{counted, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, Subject, lists};
use serde_json::Value;

impl Keyed for TrashedSession {
    type Key = i64;
    fn key(&self) -> i64 {
        self.trash_id
    }
}

static COLUMNS: [Column<TrashedSession>; 9] = [
    column("Purged", 11).cell(|row, view| plain(view.zone.short(row.purged_at, view.now))),
    column("Session", 10).align_right().cell(|row, _| plain(row.key.session_number.to_string())),
    column("Direction", 9).drop(4).cell(|row, _| plain(row.key.direction.word())),
    column("Channel DB", 10).up_to(24).cell(|row, _| plain(&row.key.channel_database)),
    column("Job", 6).up_to(16).drop(2).cell(|row, _| plain(&row.job_name)),
    column("Status", 17).drop(1).cell(|row, _| {
        let (shape, role) = status_glyph(row.status);
        (format!("{shape} {}", row.status), role)
    }),
    column("Rows", 6).align_right().drop(5).cell(|row, _| plain(grouped(row.rows))),
    column("Run", 6).align_right().drop(3).cell(|row, _| plain(row.purged_by_run.to_string())),
    column("Gone after", 12).cell(|row, view| plain(view.zone.short(row.gone_after, view.now))),
];

impl Row for TrashedSession {
    const NAME: &'static str = "trash";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Purged, newest first", "Purged");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Purged", |row| Rank::Number(row.purged_at.0)),
        ("Session", |row| Rank::Number(row.key.session_number)),
        ("Direction", |row| words(row.key.direction.word())),
        ("Channel DB", |row| words(&row.key.channel_database)),
        ("Job", |row| words(&row.job_name)),
        ("Status", |row| words(row.status.word())),
        ("Rows", |row| Rank::Number(row.rows)),
        ("Run", |row| Rank::Number(row.purged_by_run)),
        ("Gone after", |row| Rank::Number(row.gone_after.0)),
    ];
    const FIELDS: &'static FieldSet = lists::TRASH;

    fn to_json(&self) -> Value {
        to_json(self)
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }

    fn search_text(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

/// The source of its rows.
#[derive(Default)]
pub struct Trash {
    /// The run whose sessions are listed, when it is opened for one.
    of_run: Option<i64>,
    /// How many sessions of each run are in the trash; the list has the newest of them.
    of_runs: Vec<TrashOfRun>,
    extent: TrashExtent,
}

impl Trash {
    /// The source, opened for what a run purged or for everything.
    pub fn new(of_run: Option<i64>) -> Self {
        Self { of_run, ..Self::default() }
    }

    /// The actions on these sessions; `None` without any.
    fn actions_on(&self, chosen: Vec<TrashedSession>, view: &ViewContext) -> Option<ActionMenu> {
        let run = chosen.first()?.purged_by_run;
        let refused = view.refusal();
        let ask = |verb: &str, of: &str, count: i64, line: &str, change| {
            let title = format!("{verb}{}{of}?", counted(count, "session"));
            vec![Confirm::of_rows(count, title, line, Mutation::Trash(change))]
        };
        let count = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
        let of_run = self.of_runs.iter().find(|of| of.run_id == run).map_or(0, |of| of.sessions);
        let back = "They return with their messages; their retention begins again.";
        let gone = "They are deleted for good.";
        let command = session_actions::restore_command(&chosen);
        let one = ask("Restore ", "", count, back, TrashMutation::Restore(chosen));
        let many = ask("Restore ", &format!(" of run {run}"), of_run, back, TrashMutation::RestoreRun(run));
        let empty = ask("Empty the trash: ", "", self.extent.sessions, gone, TrashMutation::Empty(self.extent));
        let actions = vec![
            Action::copy('y', "Copy the command line", command),
            Action::new('r', "Restore…", one).refused(refused.clone()),
            Action::new('n', format!("Restore all that run {run} purged…"), many).refused(refused.clone()),
            Action::new('e', "Empty the trash…", empty).refused(refused),
        ];
        Some((format!("Actions on {}", counted(count, "session")), actions))
    }
}

/// The session in words, for the pane.
fn details(row: &TrashedSession, view: &ViewContext) -> Vec<(String, Role)> {
    let text = |text: String| (text, Role::Text);
    let at = |at| view.zone.long(at);
    let messages = counted(row.rows - 1, "message");
    let mut lines = vec![
        text(format!("{}, job {}, {messages}", row.status, row.job_name)),
        text(format!("Changed     {}", at(row.modified_at))),
        text(format!("Purged      {} by run {}", at(row.purged_at), row.purged_by_run)),
        text(format!("Gone after  {}, with the first purge after that", at(row.gone_after))),
    ];
    lines.extend(row.message.as_ref().map(|message| text(message.clone())));
    lines
}

impl RowSource for Trash {
    type Row = TrashedSession;
    const PATH: &'static [&'static str] = &["Retail", "Inquiries", "Commerce Data Exchange", "Trash"];
    const COMMANDS: &'static [Command] = &[Command::Mark, Command::MarkAll, Command::Actions, Command::Related];

    fn route(&self, _: &str) -> Route {
        Route::Trash(self.of_run)
    }

    fn can_be_view(&self) -> bool {
        self.of_run.is_none()
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Trash(self.of_run)
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<TrashedSession>> {
        let Answer::Trash(rows, of_runs, extent) = answer else { return None };
        (self.of_runs, self.extent) = (of_runs, extent);
        Some(rows)
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx trash", true))
    }

    fn actions(&self, list: &SmallList<TrashedSession>, view: &ViewContext) -> Option<ActionMenu> {
        self.actions_on(list.chosen().into_iter().cloned().collect(), view)
    }

    fn perform_command(
        &mut self,
        _: Command,
        list: &mut SmallList<TrashedSession>,
        _: &ViewContext,
    ) -> Option<Vec<Effect>> {
        let run = list.current().and_then(|row| related::run(row.purged_by_run, "which purged it"));
        Some(related::offer(run.into_iter().collect()))
    }

    fn copied(&self, row: &TrashedSession) -> String {
        row.key.session_number.to_string()
    }

    fn frame(&self, rows: &[TrashedSession], _: &ViewContext) -> ListFrame<'static> {
        ListFrame {
            title: "Trash: purged sessions",
            remark: newest_of(rows.len(), self.extent.sessions),
            empty: ("The trash is empty.".to_owned(), Role::Good),
            detail: |height| if height < 18 { 5 } else { 7 },
        }
    }

    fn describe(&self, row: &TrashedSession, _: usize, view: &ViewContext) -> Details {
        let key = &row.key;
        let form = form_title(key.direction).trim_end_matches(" sessions");
        (format!("{form} session {} {}", key.session_number, key.channel_database), details(row, view))
    }

    fn notice(&self, _: Option<&TrashedSession>, view: &ViewContext) -> String {
        view.keys("{actions}, r restores a session as it was.")
    }
}
