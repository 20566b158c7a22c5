//! The trash: purged sessions, until when they can be restored, and the actions on them.

use crate::console::protocol::effect::{Action, Confirm, Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::{Mutation, TrashMutation};
use crate::console::protocol::query::{Answer, Query, TrashExtent, TrashedSession};
use crate::console::protocol::route::{Route, form_title};
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::{Around, Rank, Row, SmallList, SortOrder, words};
use crate::console::screens::{related, session_actions};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::{Role, status_glyph};
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{counted, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, Subject, lists};
use serde_json::Value;
use std::collections::BTreeSet;

impl Keyed for TrashedSession {
    type Key = i64;
    fn key(&self) -> i64 {
        self.trash_id
    }
}

static COLUMNS: [Column<TrashedSession>; 9] = [
    column("Purged", 11).cell(|row, view| plain(view.zone.short(row.purged_at, view.now))),
    column("Session", 10).right().cell(|row, _| plain(row.key.session_number.to_string())),
    column("Direction", 9).drop(4).cell(|row, _| plain(row.key.direction.word())),
    column("Channel DB", 10).up_to(24).cell(|row, _| plain(&row.key.channel_database)),
    column("Job", 6).up_to(16).drop(2).cell(|row, _| plain(&row.job_name)),
    column("Status", 17).drop(1).cell(|row, _| {
        let (shape, role) = status_glyph(row.status);
        (format!("{shape} {}", row.status), role)
    }),
    column("Rows", 6).right().drop(5).cell(|row, _| plain(grouped(row.rows))),
    column("Run", 6).right().drop(3).cell(|row, _| plain(row.purged_by_run.to_string())),
    column("Gone after", 12).cell(|row, view| plain(view.zone.short(row.gone_after, view.now))),
];

impl Row for TrashedSession {
    const NAME: &'static str = "trash";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Purged, newest first", "Purged");

    fn columns() -> &'static [Column<Self>] {
        &COLUMNS
    }

    fn orders() -> &'static [SortOrder<Self>] {
        &[
            ("Purged", |row| Rank::Number(row.purged_at.0)),
            ("Session", |row| Rank::Number(row.key.session_number)),
            ("Direction", |row| words(row.key.direction.word())),
            ("Channel DB", |row| words(&row.key.channel_database)),
            ("Job", |row| words(&row.job_name)),
            ("Status", |row| words(row.status.word())),
            ("Rows", |row| Rank::Number(row.rows)),
            ("Run", |row| Rank::Number(row.purged_by_run)),
            ("Gone after", |row| Rank::Number(row.gone_after.0)),
        ]
    }

    fn to_json(&self) -> Value {
        to_json(self)
    }

    fn fields() -> &'static FieldSet {
        lists::TRASH
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }

    fn more(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

/// The screen.
pub struct Trash {
    list: SmallList<TrashedSession>,
    marked: BTreeSet<i64>,
    /// How many sessions of each run are in the trash; the list has the newest of them.
    of_runs: Vec<(i64, i64)>,
    extent: TrashExtent,
    /// The run whose sessions are listed, when it is opened for one.
    of_run: Option<i64>,
}

impl Trash {
    /// The screen in its saved state, before its first answer; opened for a run, it lists the
    /// sessions that the run purged.
    pub fn new(of_run: Option<i64>, memory: &SavedState) -> Self {
        let list = match of_run {
            Some(run_id) => SmallList::filtered(format!("run:{run_id}")),
            None => SmallList::new(memory),
        };
        Self { list, marked: BTreeSet::new(), of_runs: Vec::new(), extent: TrashExtent::default(), of_run }
    }

    /// The marked sessions; without marks the one under the cursor.
    fn chosen(&self) -> Vec<TrashedSession> {
        if self.marked.is_empty() {
            return self.list.current().cloned().into_iter().collect();
        }
        self.list.shown().filter(|row| self.marked.contains(&row.trash_id)).cloned().collect()
    }

    fn mark(&mut self, view: &ViewContext) -> Option<Vec<Effect>> {
        let id = self.list.current()?.trash_id;
        if !self.marked.remove(&id) {
            self.marked.insert(id);
        }
        self.list.obey(Command::Down, view)
    }

    /// Forgets the marks of rows that the filter hides, which must not be acted on.
    fn forget_hidden(&mut self) {
        if !self.list.is_preview() {
            let shown: BTreeSet<_> = self.list.shown().map(|row| row.trash_id).collect();
            self.marked.retain(|id| shown.contains(id));
        }
    }

    fn actions(&self, view: &ViewContext) -> Vec<Effect> {
        let chosen = self.chosen();
        let Some(run) = chosen.first().map(|row| row.purged_by_run) else { return Vec::new() };
        let refused = view.read_only.then(|| "this console is read-only".to_owned());
        let ask = |title: String, count: i64, line: &str, change| {
            let word = if count == 1 { "y".to_owned() } else { count.to_string() };
            let then = vec![Effect::Mutation(Mutation::Trash(change)), Effect::Screen(ScreenChange::ClearMarks)];
            vec![Confirm::typed(&word, title, line, then)]
        };
        let sessions = |count: i64| counted(count, "session");
        let count = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
        let of_run = self.of_runs.iter().find(|(of, _)| *of == run).map_or(0, |(_, sessions)| *sessions);
        let back = "They return with their messages; their retention begins again.";
        let gone = "They are deleted for good. Nothing brings them back.";
        let (command, all) = (session_actions::restore_command(&chosen), self.extent.sessions);
        let one = ask(format!("Restore {}?", sessions(count)), count, back, TrashMutation::Restore(chosen));
        let many = format!("Restore {} of run {run}?", sessions(of_run));
        let many = ask(many, of_run, back, TrashMutation::RestoreRun(run));
        let empty = ask(format!("Empty the trash: {}?", sessions(all)), all, gone, TrashMutation::Empty(self.extent));
        let actions = vec![
            Action::copy('y', "Copy the command line", command),
            Action::new('r', "Restore…", one).refused(refused.clone()),
            Action::new('n', format!("Restore all that run {run} purged…"), many).refused(refused.clone()),
            Action::new('e', "Empty the trash…", empty).refused(refused),
        ];
        vec![Effect::Actions(format!("Actions on {}", sessions(count)), actions)]
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

impl Screen for Trash {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Trash"]
    }

    fn target(&self) -> Route {
        Route::Trash(self.of_run)
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Trash(self.of_run))]
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        self.of_run.is_none().then(|| self.list.list_state(view))
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<TrashedSession>::offers(command)
            || matches!(
                command,
                Command::Mark | Command::MarkAll | Command::Actions | Command::CopyCommand | Command::Related
            )
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::Mark => self.mark(view),
            Command::MarkAll => {
                self.marked = self.list.shown().map(|row| row.trash_id).collect();
                Some(Vec::new())
            }
            Command::Back if !self.marked.is_empty() => {
                self.marked.clear();
                Some(Vec::new())
            }
            Command::Actions => Some(self.actions(view)),
            Command::Related => {
                let run = self.list.current().and_then(|row| related::run(row.purged_by_run, "which purged it"));
                Some(related::offer(run.into_iter().collect()))
            }
            Command::Copy => {
                let number = self.list.current().map(|row| row.key.session_number.to_string());
                Some(number.map(Effect::Copy).into_iter().collect())
            }
            Command::CopyCommand => Some(self.list.copy_command("cdx trash", true)),
            _ => self.list.obey(command, view),
        }
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        if let ScreenChange::ClearMarks = change {
            self.marked.clear();
        }
        self.list.change(change, view);
        self.forget_hidden();
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Trash(rows, of_runs, extent)) => {
                (self.of_runs, self.extent) = (of_runs, extent);
                self.list.take(Ok(rows), view);
                self.forget_hidden();
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (length, total) = (i64::try_from(self.list.rows().len()).unwrap_or(i64::MAX), self.extent.sessions);
        let remark = match self.marked.len() {
            0 if length < total => format!("newest {} of {}", grouped(length), grouped(total)),
            0 => grouped(length),
            marked => format!("{marked} marked of {}", grouped(length)),
        };
        let around = Around {
            title: "Trash: purged sessions",
            remark,
            empty: ("The trash is empty.".to_owned(), Role::Good),
            detail: |height| if height < 18 { 5 } else { 7 },
        };
        let marked = &self.marked;
        let sign = |row: &TrashedSession| if marked.contains(&row.trash_id) { '*' } else { ' ' };
        let title = |row: &TrashedSession| {
            let key = &row.key;
            format!(
                "{} session {} {}",
                form_title(key.direction).trim_end_matches(" sessions"),
                key.session_number,
                key.channel_database
            )
        };
        self.list.draw(painter, view, &around, sign, |row, _| (title(row), details(row, view)));
    }

    fn notice(&self, view: &ViewContext) -> String {
        if self.marked.is_empty() {
            self.list.notice(view.keys("{actions}, r restores a session as it was."), view)
        } else {
            view.keys("Actions apply to the marked rows; {back} clears the marks.")
        }
    }
}
