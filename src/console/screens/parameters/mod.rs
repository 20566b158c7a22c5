//! Retail scheduler parameters: how often agents try, where the databases are; days to keep session
//! history, and what another number would purge.

mod save;
mod what_if;

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::query::{Answer, Preview, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::button;
use crate::console::widgets::input::TextInput;
use crate::domain::Parameter;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// The number of the tab.
    Number,
    Save,
    Close,
}

const FIELDS: [Field; 3] = [Field::Number, Field::Save, Field::Close];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    General,
    Monitoring,
}

/// The form.
pub struct Parameters {
    tab: Tab,
    days: TextInput,
    tries: TextInput,
    focus: Field,
    /// By the number in force.
    now: Option<Box<Preview>>,
    /// By the number typed.
    then: Option<Box<Preview>>,
    fault: Option<String>,
    /// What was in force when the form was filled; what is saved is based on that.
    based_on: Option<crate::domain::Parameters>,
}

impl Parameters {
    /// The form, empty until the number in force is known.
    pub fn new() -> Self {
        Self {
            tab: Tab::Monitoring,
            days: TextInput::default(),
            tries: TextInput::default(),
            focus: Field::Number,
            now: None,
            then: None,
            fault: None,
            based_on: None,
        }
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
            (Some(now), Some(then)) => (then.expired.rows() - now.expired.rows()).max(0),
            _ => 0,
        }
    }

    /// The number in force, and what 0 means.
    fn was(&self) -> String {
        let parameters = self.now.as_ref().map(|preview| preview.parameters);
        match (self.tab, parameters) {
            (_, None) => String::new(),
            (Tab::General, Some(parameters)) => format!("in force {}; 0 is without limit", parameters.try_count),
            (Tab::Monitoring, Some(parameters)) => {
                format!("in force {}; 0 keeps for ever", parameters.retention_days)
            }
        }
    }

    /// Where the two databases are.
    fn places(&self) -> Vec<(String, Role)> {
        let Some(preview) = &self.now else { return Vec::new() };
        let databases = &preview.databases;
        vec![
            (format!("Head office       {}", databases.head_office), Role::Text),
            (format!("Message database  {}", databases.message_database), Role::Text),
            (String::new(), Role::Text),
            ("cdx config show tells which of these said so.".to_owned(), Role::Dim),
        ]
    }

    fn changed(&mut self) -> Vec<Effect> {
        self.then = None;
        self.number().map(|days| Effect::Ask(Query::WhatIf(days))).into_iter().collect()
    }

    fn step(&mut self, by: i64) -> Vec<Effect> {
        if self.tab == Tab::General {
            let tries = (self.tries().unwrap_or(0) + by).max(0);
            self.tries = TextInput::with(&tries.to_string());
            return Vec::new();
        }
        let days = (self.number().unwrap_or(0) + by).max(0);
        self.days = TextInput::with(&days.to_string());
        self.changed()
    }
}

impl Screen for Parameters {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Setup", "Parameters", "Retail scheduler parameters"]
    }

    fn target(&self) -> Route {
        Route::Parameters
    }

    fn is_dialog(&self) -> bool {
        true
    }

    fn help(&self, _: &ViewContext) -> Vec<String> {
        [
            "Try count (General tab): how often an agent tries a failed stage; 0 without limit.",
            "Days to keep session history (Monitoring tab): older resolved rows are purged. + - step.",
            "Save: saves the number; a number that deletes more rows asks you to type how many.",
            "Close: cancel, nothing changes.",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Preview)]
    }

    fn holds_still(&self) -> bool {
        let own = |preview: &Preview| {
            let parameters = preview.parameters;
            self.number() == Ok(parameters.retention_days) && self.tries() == Ok(parameters.try_count)
        };
        self.now.as_ref().is_some_and(|now| !own(now))
    }

    fn offers(&self, _: crate::console::protocol::key_table::Command) -> bool {
        false
    }

    fn command(&mut self, _: crate::console::protocol::key_table::Command, _: &ViewContext) -> Option<Vec<Effect>> {
        None
    }

    fn key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        let at = FIELDS.iter().position(|field| *field == self.focus).unwrap_or(0);
        match (key, self.focus) {
            (Key::Esc, _) => return Some(self.ask_to_leave()),
            (Key::Enter, Field::Close) => return Some(vec![Effect::Back]),
            (Key::Tab | Key::Down, _) => self.focus = FIELDS[(at + 1) % FIELDS.len()],
            (Key::BackTab | Key::Up, _) => self.focus = FIELDS[(at + FIELDS.len() - 1) % FIELDS.len()],
            (Key::Left | Key::Right, Field::Save) => self.focus = Field::Close,
            (Key::Left | Key::Right, Field::Close) => self.focus = Field::Save,
            (Key::PageUp, _) => (self.tab, self.focus) = (Tab::General, Field::Number),
            (Key::PageDown, _) => (self.tab, self.focus) = (Tab::Monitoring, Field::Number),
            (Key::Enter, Field::Number) => self.focus = Field::Save,
            (Key::Enter, Field::Save) => return Some(self.save(view)),
            (Key::Char('+'), Field::Number) => return Some(self.step(1)),
            (Key::Char('-'), Field::Number) => return Some(self.step(-1)),
            (Key::Char(c), Field::Number) if !c.is_ascii_digit() => return None,
            (Key::Paste(_), _) => {}
            (key, Field::Number) if self.tab == Tab::General => {
                if !self.tries.key(key) {
                    return None;
                }
            }
            (key, Field::Number) if self.days.key(key) => return Some(self.changed()),
            _ => return None,
        }
        Some(Vec::new())
    }

    fn focus_field(&mut self, number: usize) {
        self.focus = FIELDS.get(number).copied().unwrap_or(self.focus);
    }

    fn change(&mut self, change: ScreenChange, _: &ViewContext) -> Vec<Effect> {
        if matches!(change, ScreenChange::LoadCurrent) {
            *self = Self { tab: self.tab, ..Self::new() };
        }
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Preview(preview)) => {
                let is_edited = if self.now.is_none() { !self.days.text().is_empty() } else { self.holds_still() };
                if !is_edited {
                    self.then = None;
                    self.based_on = Some(preview.parameters);
                    self.days = TextInput::with(&preview.parameters.retention_days.to_string());
                    self.tries = TextInput::with(&preview.parameters.try_count.to_string());
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

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let width = painter.width();
        let bottom = painter.height().saturating_sub(1);
        painter.rule(0, "Retail scheduler parameters", "", true);
        let tabs = match self.tab {
            Tab::General => "╡ General ╞══  Monitoring  ",
            Tab::Monitoring => "  General  ══╡ Monitoring ╞",
        };
        painter.right(0, 0, width.saturating_sub(3), tabs, Role::Title);
        let [left, right] = if self.focus == Field::Number { ['►', '◄'] } else { [' ', ' '] };
        let (label, input) = match self.tab {
            Tab::General => ("Try count", &self.tries),
            Tab::Monitoring => ("Days to keep session history", &self.days),
        };
        let (before, after) = input.halves();
        let cursor = if self.focus == Field::Number { "█" } else { "" };
        let was = self.was();
        let field = format!("{label} {left}[{before}{cursor}{after}]{right} ");
        let used = painter.text(3, 2, width, &field, Role::Text);
        painter.hit_field((3, 2), used, &Field::Number, &FIELDS);
        painter.text(3 + used, 2, width, &was, Role::Text);
        let mut pane = painter.part(0, 4, width, bottom.saturating_sub(4));
        let (title, lines) = match self.tab {
            Tab::General => ("Where the databases are: set by flags, environment or configuration", self.places()),
            Tab::Monitoring => ("What it would purge at the next run", self.lines(view)),
        };
        pane.rule(0, title, "", false);
        for (y, (text, role)) in (1..).zip(lines) {
            pane.text(1, y, width, &text, role);
        }
        let close = width.saturating_sub(1 + button::width("Close"));
        let save = close.saturating_sub(2 + button::width(" Save "));
        for (x, field, label) in [(save, Field::Save, " Save "), (close, Field::Close, "Close")] {
            let used = button::draw(painter, x, bottom, self.focus == field, label);
            painter.hit_field((x, bottom), used, &field, &FIELDS);
        }
    }

    fn notice(&self, _: &ViewContext) -> String {
        let more = if self.tab == Tab::General { 0 } else { self.more() };
        match (self.focus, more) {
            (Field::Number, _) if self.tab == Tab::General => {
                "How often an agent tries a failed stage; 0 without limit. PgDn Monitoring tab.".to_owned()
            }
            (Field::Number, _) => "Digits type, + and - step, Enter goes to Save. PgUp General tab.".to_owned(),
            (Field::Save, 0) => "Saves the number.".to_owned(),
            (Field::Save, more) => format!("Saving asks you to type {more}."),
            (Field::Close, _) => "Enter: cancel, nothing changes".to_owned(),
        }
    }
}
