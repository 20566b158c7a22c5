//! Retail scheduler parameters: how often agents try, where the databases are; days to keep session
//! history, and what another number would purge.

mod fields;
mod save;
mod what_if;

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::query::{Answer, Preview, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::pane;
use crate::console::view::theme::Role;
use crate::console::widgets::button::{self, Button};
use crate::console::widgets::input::TextInput;
use crate::domain::Parameter;
use crate::text::cells;
use fields::{Field, Tab, label, zero};

/// Below this height the form shows one number.
const LOW_BELOW_ROWS: u16 = 18;

/// Retail scheduler parameters, as they are edited.
pub struct Parameters {
    tab: Tab,
    /// The numbers typed, in the order of [`Parameter::ALL`].
    inputs: [TextInput; Parameter::ALL.len()],
    focus: Field,
    /// By the numbers in force.
    now: Option<Box<Preview>>,
    /// By the numbers typed.
    then: Option<Box<Preview>>,
    fault: Option<String>,
    /// What was in force when the form was filled; what is saved is based on that.
    based_on: Option<crate::domain::Parameters>,
}

impl Parameters {
    /// The form, empty until the numbers in force are known.
    pub fn new() -> Self {
        Self {
            tab: Tab::Monitoring,
            inputs: Default::default(),
            focus: Tab::Monitoring.first(),
            now: None,
            then: None,
            fault: None,
            based_on: None,
        }
    }

    fn fill(&mut self, parameters: &crate::domain::Parameters) {
        self.inputs = Parameter::ALL.map(|parameter| TextInput::with(&parameters.get(parameter).to_string()));
    }

    /// A number typed, or what is wrong with it.
    fn number(&self, parameter: Parameter) -> Result<i64, String> {
        parameter.parse(&self.inputs[parameter as usize].text()).map_err(|error| error.to_string())
    }

    /// All numbers typed, or what is wrong with the first that cannot be read.
    fn typed(&self) -> Result<crate::domain::Parameters, String> {
        let mut parameters = self.based_on.unwrap_or_default();
        for parameter in Parameter::ALL {
            parameters.set(parameter, self.number(parameter)?);
        }
        Ok(parameters)
    }

    fn in_force(&self) -> Option<crate::domain::Parameters> {
        self.now.as_ref().map(|preview| preview.parameters)
    }

    /// Rows that would go beyond what goes anyway.
    fn more(&self) -> i64 {
        match (&self.now, &self.then) {
            (Some(now), Some(then)) => {
                let rows = |of: &Preview| of.expired.rows() + of.expired.rows_of_trash();
                (rows(then) - rows(now)).max(0)
            }
            _ => 0,
        }
    }

    /// The numbers of the tab; on a low screen only the one under the cursor, so that what it would
    /// purge has room.
    fn shown(&self, height: u16) -> &'static [Parameter] {
        let all = self.tab.parameters();
        let at = all.iter().position(|parameter| self.focus == Field::Number(*parameter)).unwrap_or(0);
        if height < LOW_BELOW_ROWS { &all[at..=at] } else { all }
    }

    /// The number in force, and what 0 means.
    fn was(&self, parameter: Parameter) -> String {
        let in_force = self.in_force();
        in_force.map_or_else(String::new, |now| format!("in force {}; {}", now.get(parameter), zero(parameter)))
    }

    /// Where the two databases are.
    fn places(&self) -> Vec<(String, Role)> {
        let Some(preview) = &self.now else { return Vec::new() };
        let databases = &preview.databases;
        vec![
            (format!("Head office       {}", databases.head_office), Role::Text),
            (format!("Message database  {}", databases.message_database), Role::Text),
            (String::new(), Role::Text),
            ("cdx config show lists where each setting was read.".to_owned(), Role::Dim),
        ]
    }

    fn changed(&mut self) -> Vec<Effect> {
        self.then = None;
        self.typed().map(|parameters| Effect::Ask(Query::WhatIf(parameters))).into_iter().collect()
    }

    fn step(&mut self, parameter: Parameter, by: i64) -> Vec<Effect> {
        let number = (self.number(parameter).unwrap_or(0) + by).max(0);
        self.inputs[parameter as usize] = TextInput::with(&number.to_string());
        self.changed()
    }
}

impl Screen for Parameters {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Setup", "Parameters", "Retail scheduler parameters"]
    }

    fn route(&self) -> Route {
        Route::Parameters
    }

    fn dialog_hints(&self) -> &'static str {
        " Enter Save  Tab next field  Esc close  {help} help"
    }

    fn is_dialog(&self) -> bool {
        true
    }

    fn help(&self, _: &ViewContext) -> Vec<String> {
        [
            "Try count (General tab): how often an agent tries a failed stage; 0 = no limit.",
            "Days to keep session history (Monitoring tab): older resolved rows are purged. + - step.",
            "The numbers below it are for one kind of rows each; 0 = same as session history.",
            "Messages stay in the message database at most as long as session history.",
            "Save: saves the numbers; if they delete more rows, it asks you to type how many.",
            "Close: cancel, nothing changes.",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Preview)]
    }

    fn holds_still(&self) -> bool {
        self.based_on.is_some_and(|based_on| self.typed() != Ok(based_on))
    }

    fn offers(&self, _: crate::console::protocol::key_table::Command) -> bool {
        false
    }

    fn command(&mut self, _: crate::console::protocol::key_table::Command, _: &ViewContext) -> Option<Vec<Effect>> {
        None
    }

    fn key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        let fields = self.tab.fields();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        match (key, self.focus) {
            (Key::Esc, _) => return Some(self.ask_to_leave()),
            (Key::Enter, Field::Close) => return Some(vec![Effect::Back]),
            (Key::Tab | Key::Down, _) => self.focus = fields[(at + 1) % fields.len()],
            (Key::BackTab | Key::Up, _) => self.focus = fields[(at + fields.len() - 1) % fields.len()],
            (Key::Left | Key::Right, Field::Save) => self.focus = Field::Close,
            (Key::Left | Key::Right, Field::Close) => self.focus = Field::Save,
            (Key::PageUp, _) => (self.tab, self.focus) = (Tab::General, Tab::General.first()),
            (Key::PageDown, _) => (self.tab, self.focus) = (Tab::Monitoring, Tab::Monitoring.first()),
            (Key::Enter, Field::Number(_)) => self.focus = Field::Save,
            (Key::Enter, Field::Save) => return Some(self.save(view)),
            (Key::Char('+'), Field::Number(parameter)) => return Some(self.step(parameter, 1)),
            (Key::Char('-'), Field::Number(parameter)) => return Some(self.step(parameter, -1)),
            (Key::Char(c), Field::Number(_)) if !c.is_ascii_digit() => return None,
            (Key::Paste(_), _) => {}
            (key, Field::Number(parameter)) if self.inputs[parameter as usize].key(key) => return Some(self.changed()),
            _ => return None,
        }
        Some(Vec::new())
    }

    fn focus_field(&mut self, number: usize) -> bool {
        let field = self.tab.fields().get(number).copied();
        self.focus = field.unwrap_or(self.focus);
        field.is_some()
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
                let is_empty = |input: &TextInput| input.text().is_empty();
                let is_edited = if self.now.is_none() { !self.inputs.iter().all(is_empty) } else { self.holds_still() };
                if !is_edited {
                    self.then = None;
                    self.based_on = Some(preview.parameters);
                    self.fill(&preview.parameters);
                }
                self.then.get_or_insert_with(|| preview.clone());
                self.now = Some(preview);
            }
            Ok(Answer::WhatIf(preview)) if self.typed() == Ok(preview.parameters) => {
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
        pane::tabs(painter, ["General", "Monitoring"], usize::from(self.tab == Tab::Monitoring));
        let fields = self.tab.fields();
        let widest = self.tab.parameters().iter().map(|parameter| cells(label(*parameter))).max().unwrap_or(0);
        let mut y = 2;
        for parameter in self.shown(painter.height()) {
            let field = Field::Number(*parameter);
            let ([left, right], cursor) = if self.focus == field { (['►', '◄'], "█") } else { ([' ', ' '], "") };
            let (before, after) = self.inputs[*parameter as usize].halves();
            let text = format!("{:widest$} {left}[{before}{cursor}{after}]{right} ", label(*parameter));
            let used = painter.text(3, y, width, &text, Role::Text);
            painter.hit_field((3, y), used, &field, &fields);
            painter.text(3 + used, y, width, &self.was(*parameter), Role::Text);
            y += 1;
        }
        let shown = self.shown(painter.height());
        let all = self.tab.parameters();
        let top = shown.first().and_then(|first| all.iter().position(|known| known == first)).unwrap_or(0);
        let rows = |count: usize| u16::try_from(count).unwrap_or(0);
        let mut form = painter.part(1, 2, 2, rows(shown.len()));
        pane::mark_form(&mut form, rows(top), rows(shown.len()), rows(all.len()));
        let mut pane = painter.part(0, y + 1, width, bottom.saturating_sub(y + 1));
        let (title, lines) = match self.tab {
            Tab::General => ("Where the databases are: set by flags, environment or configuration", self.places()),
            Tab::Monitoring => ("What it would purge at the next run", self.lines(view)),
        };
        pane::draw(&mut pane, (title, ""), (&lines, &mut 0), (false, None));
        let close = width.saturating_sub(1 + button::width("Close"));
        let save = close.saturating_sub(2 + button::width(" Save "));
        for (x, field, button) in
            [(save, Field::Save, Button::new(" Save ")), (close, Field::Close, Button::new("Close").by_click())]
        {
            let used = button.draw(painter, x, bottom, self.focus == field);
            painter.hit_field((x, bottom), used, &field, &fields);
        }
    }

    fn notice(&self, _: &ViewContext) -> String {
        let more = if self.tab == Tab::General { 0 } else { self.more() };
        match (self.focus, more) {
            (Field::Number(_), _) if self.tab == Tab::General => {
                "How often an agent tries a failed stage; 0 without limit. PgDn Monitoring tab.".to_owned()
            }
            (Field::Number(_), _) => "Digits type, + and - step, Enter goes to Save. PgUp General tab.".to_owned(),
            (Field::Save, 0) => "Saves the numbers.".to_owned(),
            (Field::Save, more) => format!("Saving asks you to type {more}."),
            (Field::Close, _) => "Enter: cancel, nothing changes".to_owned(),
        }
    }
}
