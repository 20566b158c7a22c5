//! Draws the form: the numbers of a tab, and the pane below them.

use crate::console::screens::parameters::Parameters;
use crate::console::screens::parameters::fields::{Field, Tab, label, zero};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, wrap_labeled};
use crate::console::view::pane;
use crate::console::view::theme::Role;
use crate::console::widgets::button::{self, Button};
use crate::domain::Parameter;
use crate::text::cells;

/// Rows of a form that shows all numbers of a tab at once.
const MIN_HIGH_ROWS: u16 = 18;

impl Parameters {
    pub(super) fn draw_all(&mut self, painter: &mut Painter, view: &ViewContext) {
        let width = painter.width();
        painter.rule(0, "Retail scheduler parameters", "", true);
        pane::tabs(painter, ["General", "Monitoring"], usize::from(self.tab == Tab::Monitoring));
        let fields = self.fields();
        let y = self.draw_numbers(painter, &fields);
        let room = usize::from(width.saturating_sub(2));
        let (title, lines) = match self.tab {
            Tab::General if room < cells(PLACES) + 6 => ("Where the databases are", self.places()),
            Tab::General => (PLACES, self.places()),
            Tab::Monitoring => ("What it would purge at the next run", self.lines(room, view)),
        };
        let is_low = painter.height() < MIN_HIGH_ROWS;
        let mut wrapped = Vec::new();
        for (text, role) in &lines {
            if text.is_empty() && !is_low {
                wrapped.push((String::new(), *role));
            }
            wrapped.extend(wrap_labeled(text, room).into_iter().map(|line| (line, *role)));
        }
        let content = u16::try_from(wrapped.len()).unwrap_or(u16::MAX).saturating_add(y + 2);
        let buttons = [(Field::Save, Button::new(" Save ")), (Field::Close, Button::new("Close").by_click())];
        let bottom = button::draw_row(painter, content, buttons, Some(&self.focus), &fields);
        let mut part = painter.part(0, y + 1, width, bottom.saturating_sub(y + 1));
        self.hidden = wrapped.len().saturating_sub(usize::from(part.height().saturating_sub(1)));
        let focused = self.focus == Field::Pane;
        part.hit_field((0, 0), width, &Field::Pane, &fields);
        pane::draw(&mut part, (title, ""), (&wrapped, &mut self.top), (focused, (!focused).then_some("Tab")));
    }

    /// Draws the numbers; returns the row below them.
    fn draw_numbers(&self, painter: &mut Painter, fields: &[Field]) -> u16 {
        let width = painter.width();
        let widest = self.tab.parameters().iter().map(|parameter| cells(label(*parameter))).max().unwrap_or(0);
        let shown = self.visible_parameters(painter.height());
        let mut y = 2;
        for parameter in shown {
            let field = Field::Number(*parameter);
            let ([left, right], cursor) = if self.focus == field { (['►', '◄'], "█") } else { ([' ', ' '], "") };
            let (before, after) = self.inputs[*parameter as usize].halves();
            let text = format!("{:widest$} {left}[{before}{cursor}{after}]{right} ", label(*parameter));
            let used = painter.text(3, y, width, &text, Role::Text);
            painter.hit_field((3, y), used, &field, fields);
            let was = self.in_force_words(*parameter);
            // Alone on a narrow screen, it has a row of its own.
            if shown.len() == 1 && usize::from(3 + used) + cells(&was) > usize::from(width) {
                y += 1;
                painter.text(3, y, width, &was, Role::Text);
            } else {
                painter.text(3 + used, y, width, &was, Role::Text);
            }
            y += 1;
        }
        let all = self.tab.parameters();
        let top = shown.first().and_then(|first| all.iter().position(|known| known == first)).unwrap_or(0);
        let rows = |count: usize| u16::try_from(count).unwrap_or(0);
        let mut form = painter.part(1, 2, 2, rows(shown.len()));
        pane::mark_form(&mut form, rows(top), rows(shown.len()), rows(all.len()));
        y
    }

    /// The numbers of the tab; on a low screen only the one under the cursor, so that what it would
    /// purge has room.
    fn visible_parameters(&self, height: u16) -> &'static [Parameter] {
        let all = self.tab.parameters();
        let at = all.iter().position(|parameter| self.focus == Field::Number(*parameter)).unwrap_or(0);
        if height < MIN_HIGH_ROWS { &all[at..=at] } else { all }
    }

    /// The number in force, and what 0 means.
    fn in_force_words(&self, parameter: Parameter) -> String {
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
}

/// The title of the pane of the General tab.
const PLACES: &str = "Where the databases are: set by flags, environment or configuration";
