//! Rejected messages, with the reasons and the actions on them.

use crate::console::protocol::effect::{Action, Confirm, Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Place, Query, Rejected};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::related;
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::{Around, Rank, Row, SmallList, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{grouped, to_json};
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
    column("Id", 6).right().cell(|row, _| plain(row.rejected_id.to_string())),
    column("Message", 10).right().drop(1).cell(|row, _| plain(row.message_id.to_string())),
    column("Run", 6).right().drop(2).cell(|row, _| plain(row.run_id.to_string())),
    column("Reason", 20).cell(|row, _| plain(&row.reason)),
];

impl Row for Rejected {
    const NAME: &'static str = "rejected messages";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Rejected, newest first", "Rejected");

    fn columns() -> &'static [Column<Self>] {
        &COLUMNS
    }

    fn orders() -> &'static [SortOrder<Self>] {
        &[
            ("Rejected", |row| Rank::Number(row.rejected_at.0)),
            ("Id", |row| Rank::Number(row.rejected_id)),
            ("Message", |row| Rank::Number(row.message_id)),
            ("Run", |row| Rank::Number(row.run_id)),
            ("Reason", |row| words(&row.reason)),
        ]
    }

    fn to_json(&self) -> Value {
        to_json(self)
    }

    fn fields() -> &'static FieldSet {
        lists::REJECTED
    }

    fn is_failure(&self) -> bool {
        true
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }

    fn more(&self) -> Option<&str> {
        Some(&self.raw)
    }
}

/// The screen.
pub struct RejectedMessages {
    list: SmallList<Rejected>,
    marked: Vec<i64>,
    /// The number of messages that are not dismissed; the list has the newest of them.
    total: i64,
    /// The run whose messages are listed, when it is opened for one.
    of_run: Option<i64>,
}

impl RejectedMessages {
    /// The screen in its saved state, before its first answer; opened for a run, it lists that
    /// run's messages.
    pub fn new(of_run: Option<i64>, memory: &SavedState) -> Self {
        let list = match of_run {
            Some(run_id) => SmallList::filtered(format!("run:{run_id}")),
            None => SmallList::new(memory),
        };
        Self { list, marked: Vec::new(), total: 0, of_run }
    }

    /// The marked messages; without marks the one under the cursor.
    fn chosen(&self) -> Vec<i64> {
        if self.marked.is_empty() {
            return self.list.current().map(|row| row.rejected_id).into_iter().collect();
        }
        self.marked.clone()
    }

    fn mark(&mut self, view: &ViewContext) -> Option<Vec<Effect>> {
        let id = self.list.current()?.rejected_id;
        match self.marked.iter().position(|marked| *marked == id) {
            Some(at) => drop(self.marked.remove(at)),
            None => self.marked.push(id),
        }
        self.list.obey(Command::Down, view)
    }

    /// Forgets the marks of rows that the filter hides, which must not be acted on. While it is
    /// typed nothing can be, and Esc brings the rows back.
    fn forget_hidden(&mut self) {
        if !self.list.is_preview() {
            self.marked.retain(|id| self.list.shown().any(|row| row.rejected_id == *id));
        }
    }

    fn mark_all(&mut self) -> Vec<Effect> {
        self.marked = self.list.shown().map(|row| row.rejected_id).collect();
        Vec::new()
    }

    fn actions(&self, view: &ViewContext) -> Vec<Effect> {
        let (ids, rows) = (self.chosen(), counted(self.chosen().len()));
        if ids.is_empty() {
            return vec![Effect::Say("there is nothing to act on".to_owned())];
        }
        let refused = view.read_only.then(|| "this console is read-only".to_owned());
        let word = if ids.len() == 1 { "y".to_owned() } else { ids.len().to_string() };
        let ask = |verb: &str, line: &str, change| {
            let then = vec![Effect::Mutation(change), Effect::Screen(ScreenChange::ClearMarks)];
            vec![Confirm::typed(&word, format!("{verb}: {rows}"), line, then)]
        };
        let retry = "Valid messages go to their sessions; the others stay here with their reasons.";
        let dismiss = "They never reach a session. The purge deletes them when their retention ends.";
        let actions = vec![
            Action::copy('y', "Copy the command line", command_of(&ids)),
            Action::new('r', "Try again…", ask("Try again", retry, Mutation::RetryRejected(ids.clone())))
                .refused(refused.clone()),
            Action::new('d', "Dismiss…", ask("Dismiss", dismiss, Mutation::DismissRejected(ids))).refused(refused),
        ];
        vec![Effect::Actions(format!("Actions on {rows}"), actions)]
    }
}

/// The command that tries these messages again.
fn command_of(ids: &[i64]) -> String {
    let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
    format!("cdx rejected retry {}", ids.join(" "))
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 rejected message".to_owned(),
        count => format!("{} rejected messages", grouped(i64::try_from(count).unwrap_or(i64::MAX))),
    }
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

impl Screen for RejectedMessages {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Rejected messages"]
    }

    fn target(&self) -> Route {
        self.of_run.map_or(Route::Rejected, Route::RejectedOfRun)
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Rejected)]
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
        SmallList::<Rejected>::offers(command)
            || matches!(
                command,
                Command::Open
                    | Command::NextError
                    | Command::PreviousError
                    | Command::Mark
                    | Command::MarkAll
                    | Command::Actions
                    | Command::CopyCommand
                    | Command::Related
            )
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::NextError => Some(self.list.find_around(true, "nothing is rejected", |_| true)),
            Command::PreviousError => Some(self.list.find_around(false, "nothing is rejected", |_| true)),
            Command::Open => self.list.obey(Command::Record, view),
            Command::Mark => self.mark(view),
            Command::MarkAll => Some(self.mark_all()),
            Command::Back if !self.marked.is_empty() => {
                self.marked.clear();
                Some(Vec::new())
            }
            Command::Actions => Some(self.actions(view)),
            Command::Related => {
                let run = self.list.current().and_then(|row| related::run(row.run_id, "which rejected it"));
                Some(related::offer(run.into_iter().collect()))
            }
            Command::Copy => Some(self.list.current().map(|row| Effect::Copy(row.raw.clone())).into_iter().collect()),
            Command::CopyCommand => Some(self.list.copy_command("cdx rejected", true)),
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
            Ok(Answer::Rejected(rows, total)) => {
                self.total = total;
                self.list.take(Ok(rows), view);
                self.forget_hidden();
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let length = i64::try_from(self.list.rows().len()).unwrap_or(i64::MAX);
        let remark = match self.marked.len() {
            0 if length < self.total => format!("newest {} of {}", grouped(length), grouped(self.total)),
            0 => grouped(length),
            marked => format!("{marked} marked of {}", grouped(length)),
        };
        let around = Around {
            title: "Rejected messages",
            remark,
            empty: ("Nothing is rejected.".to_owned(), Role::Good),
            detail: |height| height * 2 / 5,
        };
        let marked = &self.marked;
        let sign = |row: &Rejected| if marked.contains(&row.rejected_id) { '*' } else { ' ' };
        let title = |row: &Rejected| format!("Message {} as it was posted", row.message_id);
        self.list.draw(painter, view, &around, sign, |row, _| (title(row), details(row)));
    }

    fn notice(&self, view: &ViewContext) -> String {
        if self.marked.is_empty() {
            self.list.notice(String::new(), view)
        } else {
            view.keys("Actions apply to the marked rows; {back} clears the marks.")
        }
    }
}
