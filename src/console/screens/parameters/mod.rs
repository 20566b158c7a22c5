//! Retail scheduler parameters: how often agents try, where the databases are; days to keep session
//! history, and what another number would purge.

mod fields;
mod save;
mod view;
mod what_if;

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::query::{Answer, Preview, Query};
use crate::console::protocol::route::Route;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::widgets::field::Field as _;
use crate::console::widgets::number::NumberField;
use crate::domain::Parameter;
use fields::{Field, Tab, label};

/// Retail scheduler parameters, as they are edited.
pub struct Parameters {
    tab: Tab,
    /// The numbers typed, in the order of [`Parameter::ALL`].
    inputs: [NumberField; Parameter::ALL.len()],
    focus: Field,
    /// The preview by the numbers in force.
    now: Option<Box<Preview>>,
    /// The preview by the numbers typed.
    then: Option<Box<Preview>>,
    fault: Option<String>,
    /// What was in force when the form was filled; what is saved is based on that.
    based_on: Option<crate::domain::Parameters>,
    /// The first line shown of the pane, as last drawn, and the lines that it has no room for.
    top: usize,
    hidden: usize,
}

impl Parameters {
    /// The form, empty until the numbers in force are known.
    pub fn new() -> Self {
        Self {
            tab: Tab::Monitoring,
            inputs: Parameter::ALL
                .map(|parameter| NumberField::new(label(parameter).trim(), 0..=parameter.maximum(), 0)),
            focus: Tab::Monitoring.first(),
            now: None,
            then: None,
            fault: None,
            based_on: None,
            top: 0,
            hidden: 0,
        }
    }

    /// The fields in the order of Tab: with the pane, if it does not show all its lines.
    fn fields(&self) -> Vec<Field> {
        let mut fields = self.tab.fields();
        fields.retain(|field| *field != Field::Pane || self.hidden > 0 || self.focus == Field::Pane);
        fields
    }

    /// Opens a tab.
    fn open_tab(&mut self, tab: Tab) {
        (self.tab, self.top) = (tab, 0);
        self.go(tab.first());
    }

    fn go(&mut self, field: Field) {
        self.focus = field;
        if let Field::Number(parameter) = field {
            self.inputs[parameter as usize].entered();
        }
    }

    fn fill(&mut self, parameters: &crate::domain::Parameters) {
        for parameter in Parameter::ALL {
            self.inputs[parameter as usize].set(&parameters.get(parameter).to_string());
        }
    }

    /// All numbers typed, or the first that is out of range and what is wrong with it.
    fn typed(&self) -> Result<crate::domain::Parameters, (Parameter, String)> {
        let mut parameters = self.based_on.unwrap_or_default();
        for parameter in Parameter::ALL {
            let number = self.inputs[parameter as usize].value().map_err(|fault| (parameter, fault))?;
            parameters.set(parameter, number);
        }
        Ok(parameters)
    }

    fn in_force(&self) -> Option<crate::domain::Parameters> {
        self.now.as_ref().map(|preview| preview.parameters)
    }

    /// Rows that would go beyond what goes anyway.
    fn additional_rows(&self) -> i64 {
        match (&self.now, &self.then) {
            (Some(now), Some(then)) => {
                let rows = |of: &Preview| of.expired.rows() + of.expired.rows_of_trash();
                (rows(then) - rows(now)).max(0)
            }
            _ => 0,
        }
    }

    fn changed(&mut self) -> Vec<Effect> {
        self.then = None;
        self.typed().map(|parameters| Effect::Ask(Query::WhatIf(parameters))).into_iter().collect()
    }

    fn take_key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        match (key, self.focus) {
            (Key::Esc, _) | (Key::Enter, Field::Close) => return Some(self.ask_to_leave()),
            (Key::Up, Field::Pane) if self.top > 0 => self.top -= 1,
            (Key::Down, Field::Pane) if self.top < self.hidden => self.top += 1,
            (Key::Tab | Key::Down, _) => self.go(fields[(at + 1) % fields.len()]),
            (Key::BackTab | Key::Up, _) => self.go(fields[(at + fields.len() - 1) % fields.len()]),
            (Key::Left | Key::Right, Field::Save) => self.focus = Field::Close,
            (Key::Left | Key::Right, Field::Close) => self.focus = Field::Save,
            (Key::PageUp, _) => self.open_tab(Tab::General),
            (Key::PageDown, _) => self.open_tab(Tab::Monitoring),
            (Key::Enter, Field::Number(_) | Field::Pane) => self.focus = Field::Save,
            (Key::Enter, Field::Save) => return Some(self.save(view)),
            (key, Field::Number(parameter)) => {
                return self.inputs[parameter as usize].edit(key).then(Vec::new);
            }
            _ => return None,
        }
        Some(Vec::new())
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
        let before = self.typed();
        let mut effects = self.take_key(key, view)?;
        if self.typed() != before {
            effects.extend(self.changed());
        }
        Some(effects)
    }

    fn focus_field(&mut self, number: usize) -> bool {
        let field = self.fields().get(number).copied();
        field.inspect(|field| self.go(*field)).is_some()
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
                let is_empty = |input: &NumberField| input.text().is_empty();
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
        self.draw_all(painter, view);
    }

    fn notice(&self, _: &ViewContext) -> String {
        let more = if self.tab == Tab::General { 0 } else { self.additional_rows() };
        if let Field::Number(parameter) = self.focus
            && let Some(fault) = self.inputs[parameter as usize].fault()
        {
            return fault;
        }
        match (self.focus, more) {
            (Field::Number(_), _) if self.tab == Tab::General => {
                "How often an agent tries a failed stage; 0 without limit. PgDn Monitoring tab.".to_owned()
            }
            (Field::Number(_), _) => "Digits type, + and - step, Enter goes to Save. PgUp General tab.".to_owned(),
            (Field::Pane, _) => "Up and Down scroll, Tab goes on to Save.".to_owned(),
            (Field::Save, 0) => "Saves the numbers.".to_owned(),
            (Field::Save, more) => format!("Saving asks you to type {more}."),
            (Field::Close, _) => "Enter: cancel, nothing changes".to_owned(),
        }
    }
}
