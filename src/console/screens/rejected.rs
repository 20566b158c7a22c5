//! Rejected messages: what makes no sense, why, and what to do with it.

use crate::console::protocol::dialog::{Action, Question};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::keys::Command;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Place, Query, REJECTED, Rejected};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::{Around, Rank, Row, SmallList, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::grouped;
use serde_json::{Value, json};

impl Keyed for Rejected {
    type Key = Place;
    fn key(&self) -> Place {
        (self.rejected_at.0, self.rejected_id)
    }
}

static COLUMNS: [Column<Rejected>; 5] = [
    column("Rejected", 11, false, 0, |row, view| plain(view.zone.short(row.rejected_at, view.now))),
    column("Id", 6, true, 0, |row, _| plain(row.rejected_id.to_string())),
    column("Message", 10, true, 1, |row, _| plain(row.message_id.to_string())),
    column("Run", 6, true, 2, |row, _| plain(row.run_id.to_string())),
    column("Reason", 20, false, 0, |row, _| plain(&row.reason)),
];

impl Row for Rejected {
    const NAME: &'static str = "rejected messages";
    const COMES: (&'static str, &'static str) = ("Rejected, newest first", "Rejected");

    fn columns() -> &'static [Column<Self>] {
        &COLUMNS
    }

    fn orders() -> &'static [SortOrder<Self>] {
        &[
            ("Rejected", |row| Rank::Number(row.rejected_at.0)),
            ("Message", |row| Rank::Number(row.message_id)),
            ("Reason", |row| words(&row.reason)),
        ]
    }

    fn to_json(&self) -> Value {
        json!({
            "rejected_id": self.rejected_id,
            "database_id": self.database_id,
            "message_id": self.message_id,
            "reason": self.reason,
            "run_id": self.run_id,
            "rejected_at": self.rejected_at.to_rfc3339(),
            "raw": serde_json::from_str::<Value>(&self.raw).unwrap_or(Value::Null),
        })
    }

    fn more(&self) -> Option<&str> {
        Some(&self.raw)
    }
}

/// The screen.
pub struct RejectedMessages {
    list: SmallList<Rejected>,
    marked: Vec<i64>,
    asked: Option<char>,
}

impl RejectedMessages {
    /// The screen as it was left, empty as yet.
    pub fn new(memory: &SavedState) -> Self {
        Self { list: SmallList::new(memory), marked: Vec::new(), asked: None }
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

    fn mark_all(&mut self) -> Vec<Effect> {
        self.marked = self.list.shown().map(|row| row.rejected_id).collect();
        Vec::new()
    }

    /// The command that does the same, for the chosen ones.
    fn copied(&self) -> Vec<Effect> {
        let ids: Vec<_> = self.chosen().iter().map(i64::to_string).collect();
        let wish = || Effect::Copy(format!("cdx rejected retry {}", ids.join(" ")));
        (!ids.is_empty()).then(wish).into_iter().collect()
    }

    fn actions(&self, view: &ViewContext) -> Vec<Effect> {
        let count = self.chosen().len();
        if count == 0 {
            return vec![Effect::Say("there is nothing to act on".to_owned())];
        }
        let refused = view.read_only.then(|| "this console is read-only".to_owned());
        let action = |letter, label| Action { letter, label, remark: String::new(), refused: refused.clone() };
        let copy = "changes nothing".to_owned();
        let actions = vec![
            Action { letter: 'y', label: "Copy the command line", remark: copy, refused: None },
            action('r', "Try again…"),
            action('d', "Dismiss…"),
        ];
        vec![Effect::Actions(format!("Actions on {}", counted(count)), actions)]
    }
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 rejected message".to_owned(),
        count => format!("{} rejected messages", grouped(i64::try_from(count).unwrap_or(i64::MAX))),
    }
}

/// The message field by field, those that are empty left out; whole as it is if it is no object.
fn told(row: &Rejected) -> Vec<(String, Role)> {
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
        Route::Rejected
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Rejected)]
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        Some(self.list.list_state(view))
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<Rejected>::offers(command)
            || matches!(
                command,
                Command::NextError
                    | Command::PreviousError
                    | Command::Mark
                    | Command::MarkAll
                    | Command::Actions
                    | Command::CopyCommand
            )
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::NextError => Some(self.list.find_around(true, "nothing is rejected", |_| true)),
            Command::PreviousError => Some(self.list.find_around(false, "nothing is rejected", |_| true)),
            Command::Mark => self.mark(view),
            Command::MarkAll => Some(self.mark_all()),
            Command::Back if !self.marked.is_empty() => {
                self.marked.clear();
                Some(Vec::new())
            }
            Command::Actions => Some(self.actions(view)),
            Command::Copy => Some(self.list.current().map(|row| Effect::Copy(row.raw.clone())).into_iter().collect()),
            Command::CopyCommand => Some(self.copied()),
            _ => self.list.obey(command, view),
        }
    }

    fn acted(&mut self, letter: char, _: &ViewContext) -> Vec<Effect> {
        if letter == 'y' {
            return self.copied();
        }
        self.asked = Some(letter);
        let count = self.chosen().len();
        let (verb, what) = match letter {
            'r' => ("Try again", "What makes sense by now goes to its session; the rest stays here with its reason."),
            _ => ("Dismiss", "They never reach a session; the purge takes them when they are past their retention."),
        };
        vec![Effect::Question(Question {
            title: format!("{verb}: {}", counted(count)),
            lines: vec![what.to_owned()],
            word: if count == 1 { "y".to_owned() } else { count.to_string() },
        })]
    }

    fn confirmed(&mut self, _: &ViewContext) -> Vec<Effect> {
        let ids = self.chosen();
        self.marked.clear();
        match self.asked.take() {
            Some('r') => vec![Effect::Mutation(Mutation::RetryRejected(ids))],
            Some(_) => vec![Effect::Mutation(Mutation::DismissRejected(ids))],
            None => Vec::new(),
        }
    }

    fn typed(&mut self, text: &str, view: &ViewContext) -> Result<Vec<Effect>, String> {
        let effects = self.list.typed(text, view);
        // What is marked and no longer seen must not be acted on.
        let shown: Vec<_> = self.list.shown().map(|row| row.rejected_id).collect();
        self.marked.retain(|id| shown.contains(id));
        Ok(effects)
    }

    fn picked(&mut self, chosen: &[usize], view: &ViewContext) -> Vec<Effect> {
        self.list.picked(chosen, view)
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Rejected(rows)) => {
                self.list.take(Ok(rows), view);
                self.marked.retain(|id| self.list.shown().any(|row| row.rejected_id == *id));
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let length = i64::try_from(self.list.rows().len()).unwrap_or(i64::MAX);
        let remark = match self.marked.len() {
            0 if length >= REJECTED => format!("the newest {}", grouped(length)),
            0 => grouped(length),
            marked => format!("{marked} marked of {}", grouped(length)),
        };
        let around = Around {
            title: "Rejected messages",
            remark,
            empty: ("Nothing is rejected.", Role::Good),
            detail: |height| height * 2 / 5,
        };
        let marked = &self.marked;
        let sign = |row: &Rejected| if marked.contains(&row.rejected_id) { '*' } else { ' ' };
        let title = |row: &Rejected| format!("Message {} as it was posted", row.message_id);
        self.list.draw(painter, view, &around, sign, |row, _| (title(row), told(row)));
    }

    fn notice(&self, _: &ViewContext) -> String {
        if self.marked.is_empty() {
            self.list.notice(String::new())
        } else {
            "Actions apply to the marked rows; Esc clears the marks first.".to_owned()
        }
    }
}
