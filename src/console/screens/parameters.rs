//! Retail scheduler parameters: days to keep session history, and what another number would purge.

use super::super::acts::Act;
use super::super::input::Key;
use super::super::painter::Painter;
use super::super::query::{Answer, Preview, Query};
use super::super::screen::{Question, Screen, Target, View, Wish};
use super::super::theme::Role;
use super::super::widgets::input::TextInput;
use crate::domain::{Parameter, grouped};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Days,
    Save,
    Close,
}

const FIELDS: [Field; 3] = [Field::Days, Field::Save, Field::Close];

/// The form.
pub struct Parameters {
    days: TextInput,
    focus: Field,
    /// By the number in force.
    now: Option<Box<Preview>>,
    /// By the number typed.
    then: Option<Box<Preview>>,
    fault: Option<String>,
}

impl Parameters {
    /// The form, empty until the number in force is known.
    pub fn new() -> Self {
        Self { days: TextInput::default(), focus: Field::Days, now: None, then: None, fault: None }
    }

    /// The number typed, or what is wrong with it.
    fn number(&self) -> Result<i64, String> {
        Parameter::RetentionDays.parse(&self.days.text()).map_err(|error| error.to_string())
    }

    fn in_force(&self) -> Option<i64> {
        self.now.as_ref().map(|preview| preview.parameters.retention_days)
    }

    /// Rows that would go beyond what goes anyway.
    fn more(&self) -> i64 {
        match (&self.now, &self.then) {
            (Some(now), Some(then)) => (then.rows() - now.rows()).max(0),
            _ => 0,
        }
    }

    fn save(&mut self, view: &View) -> Vec<Wish> {
        let days = match self.number() {
            _ if view.read_only => {
                return vec![Wish::Say("nothing can be saved: this console is read-only".to_owned())];
            }
            Err(fault) => return vec![Wish::Say(fault)],
            Ok(days) => days,
        };
        if Some(days) == self.in_force() {
            return vec![Wish::Say("nothing to save: that is the number in force".to_owned())];
        }
        if self.then.as_ref().is_none_or(|then| then.parameters.retention_days != days) {
            return vec![Wish::Say("still counting what it would purge; a moment".to_owned())];
        }
        let more = self.more();
        if more == 0 {
            return vec![Wish::Act(Act::SetParameter(Parameter::RetentionDays, days)), Wish::Back];
        }
        vec![Wish::Question(Question {
            title: format!("Keep session history {days} days?"),
            lines: vec![
                format!("The next purge would take {} rows more, for ever.", grouped(more)),
                "It can be set back until then.".to_owned(),
            ],
            word: more.to_string(),
        })]
    }

    fn changed(&mut self) -> Vec<Wish> {
        self.then = None;
        self.number().map(|days| Wish::Ask(Query::WhatIf(days))).into_iter().collect()
    }

    fn step(&mut self, by: i64) -> Vec<Wish> {
        let days = (self.number().unwrap_or(0) + by).max(0);
        self.days = TextInput::with(&days.to_string());
        self.changed()
    }

    fn lines(&self, view: &View) -> Vec<(String, Role)> {
        let Some(now) = &self.now else {
            let text = self.fault.as_ref().map_or_else(|| "counting …".to_owned(), |fault| format!("! {fault}"));
            return vec![(text, Role::Text)];
        };
        match self.number() {
            Err(fault) => return vec![(format!("! {fault}"), Role::Bad)],
            Ok(0) => {
                return vec![(
                    "Nothing is ever purged. Both databases grow with every message.".to_owned(),
                    Role::Warn,
                )];
            }
            Ok(_) => {}
        }
        let cutoff =
            |preview: &Preview| preview.cutoffs.resolved.map_or_else(|| "never".to_owned(), |at| view.zone.long(at));
        let then = self.then.as_deref();
        let mut lines = vec![
            (
                format!(
                    "Expired before {}, until now before {}",
                    then.map_or_else(|| "…".to_owned(), cutoff),
                    cutoff(now)
                ),
                Role::Text,
            ),
            (String::new(), Role::Text),
            (format!("  {:<17}{:<20}{:>13}{:>13}{:>13}", "Database", "Table", "now", "then", "more"), Role::Dim),
        ];
        for (database, table) in tables(now, then) {
            let before = rows_of(now, database, table);
            let (after, more) = match then {
                Some(then) => {
                    let after = rows_of(then, database, table);
                    (grouped(after), grouped(after - before))
                }
                None => ("…".to_owned(), String::new()),
            };
            lines
                .push((format!("  {database:<17}{table:<20}{:>13}{after:>13}{more:>13}", grouped(before)), Role::Text));
        }
        let kept = then.unwrap_or(now).head_office.kept_unresolved;
        lines.push((format!("Kept      {} unresolved sessions past retention", grouped(kept)), Role::Text));
        lines
    }
}

/// Every table that one of them would take rows from.
fn tables(now: &Preview, then: Option<&Preview>) -> Vec<(&'static str, &'static str)> {
    let mut tables = Vec::new();
    for (database, table, _) in std::iter::once(now).chain(then).flat_map(Preview::tables) {
        if !tables.contains(&(database, table)) {
            tables.push((database, table));
        }
    }
    // Those of one database stand together.
    tables.sort_by_key(|(database, _)| *database != "message database");
    tables
}

fn rows_of(preview: &Preview, database: &str, table: &str) -> i64 {
    let mut tables = preview.tables();
    tables.find(|(of, name, _)| (*of, *name) == (database, table)).map_or(0, |(_, _, expired)| expired.rows)
}

impl Screen for Parameters {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Setup", "Parameters", "Retail scheduler parameters"]
    }

    fn target(&self) -> Target {
        Target::Parameters
    }

    fn is_dialog(&self) -> bool {
        true
    }

    fn load(&mut self, _: &View) -> Vec<Wish> {
        vec![Wish::Ask(Query::Preview)]
    }

    fn offers(&self, _: super::super::keys::Command) -> bool {
        false
    }

    fn command(&mut self, _: super::super::keys::Command, _: &View) -> Option<Vec<Wish>> {
        None
    }

    fn key(&mut self, key: &Key, view: &View) -> Option<Vec<Wish>> {
        let at = FIELDS.iter().position(|field| *field == self.focus).unwrap_or(0);
        match (key, self.focus) {
            (Key::Esc, _) | (Key::Enter, Field::Close) => return Some(vec![Wish::Back]),
            (Key::Tab | Key::Down, _) => self.focus = FIELDS[(at + 1) % FIELDS.len()],
            (Key::BackTab | Key::Up, _) => self.focus = FIELDS[(at + FIELDS.len() - 1) % FIELDS.len()],
            (Key::Left | Key::Right, Field::Save) => self.focus = Field::Close,
            (Key::Left | Key::Right, Field::Close) => self.focus = Field::Save,
            (Key::Enter, Field::Days) => self.focus = Field::Save,
            (Key::Enter, Field::Save) => return Some(self.save(view)),
            (Key::Char('+'), Field::Days) => return Some(self.step(1)),
            (Key::Char('-'), Field::Days) => return Some(self.step(-1)),
            (Key::Char(c), Field::Days) if !c.is_ascii_digit() => return None,
            (Key::Paste(_), _) => {}
            (key, Field::Days) if self.days.key(key) => return Some(self.changed()),
            _ => return None,
        }
        Some(Vec::new())
    }

    fn confirmed(&mut self, _: &View) -> Vec<Wish> {
        self.number()
            .map(|days| vec![Wish::Act(Act::SetParameter(Parameter::RetentionDays, days)), Wish::Back])
            .unwrap_or_default()
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Preview(preview)) => {
                if self.now.is_none() && self.days.text().is_empty() {
                    self.days = TextInput::with(&preview.parameters.retention_days.to_string());
                }
                self.then.get_or_insert_with(|| preview.clone());
                self.now = Some(preview);
            }
            Ok(Answer::WhatIf(preview)) if self.number() == Ok(preview.parameters.retention_days) => {
                self.then = Some(preview);
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        let width = painter.width();
        let bottom = painter.height().saturating_sub(1);
        painter.rule(0, "Retail scheduler parameters", "Monitoring", true);
        let [left, right] = if self.focus == Field::Days { ['►', '◄'] } else { [' ', ' '] };
        let was = self.in_force().map_or_else(String::new, |days| format!("in force {days}; 0 keeps for ever"));
        let (before, after) = self.days.halves();
        let cursor = if self.focus == Field::Days { "█" } else { "" };
        painter.text(
            3,
            2,
            width,
            &format!("Days to keep session history {left}[{before}{cursor}{after}]{right} {was}"),
            Role::Text,
        );
        let mut pane = painter.part(0, 4, width, bottom.saturating_sub(4));
        pane.rule(0, "What it would purge at the next run", "", false);
        for (y, (text, role)) in (1..).zip(self.lines(view)) {
            pane.text(1, y, width, &text, role);
        }
        let button = |field: Field, label: &str| {
            if self.focus == field { format!("►[ {label} ]◄") } else { format!(" [ {label} ] ") }
        };
        let buttons = format!("{}  {}", button(Field::Save, " Save "), button(Field::Close, "Close"));
        painter.right(0, bottom, width.saturating_sub(1), &buttons, Role::Title);
    }

    fn notice(&self, _: &View) -> String {
        match (self.focus, self.more()) {
            (Field::Days, _) => "Digits type, + and - step, Enter goes to Save.".to_owned(),
            (Field::Save, 0) => "Saves the number.".to_owned(),
            (Field::Save, more) => format!("Saving asks you to type {more}."),
            (Field::Close, _) => "Leaves; nothing was changed.".to_owned(),
        }
    }
}
