//! The theme: switched while the console is open and saved for the operator, as views are.

use crate::config;
use crate::console::app::{App, RuntimeEffect, Settings};
use crate::console::overlay::palette::Entry;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::mutation::{Mutation, ViewMutation};
use crate::console::protocol::query::Query;
use crate::console::protocol::saved_view::{SavedView, ViewOrigin};
use crate::console::protocol::theme_choice::{ThemeChoice, label};
use crate::console::view::theme::{ColorDepth, Theme};

/// The theme that is drawn, and the choice that it is from.
pub(super) struct ThemeState {
    choice: ThemeChoice,
    pub theme: Theme,
    /// Whether the operator's saved choice no longer matters: it was read, or another was made.
    is_settled: bool,
    /// Whether the colors were chosen on a terminal that may have more of them than this one.
    is_capped: bool,
}

impl ThemeState {
    /// The theme that the settings choose.
    pub fn new(settings: &Settings) -> Self {
        let choice = settings.theme.choice;
        Self { choice, theme: settings.theme.resolve(choice), is_settled: settings.theme.is_given, is_capped: false }
    }
}

impl App {
    /// Asks for the theme that the operator saved.
    pub(super) fn ask_theme(&mut self) -> Vec<RuntimeEffect> {
        if self.theme.is_settled {
            return Vec::new();
        }
        let query = Query::Views(self.settings.operator.clone(), self.settings.views_file.clone());
        self.ask(None, query)
    }

    /// Takes the theme that the operator saved. The one on this machine was saved later than that
    /// of head office, which removes it.
    pub(super) fn take_theme(&mut self, saved: &[SavedView]) {
        if std::mem::replace(&mut self.theme.is_settled, true) {
            return;
        }
        if let Some(choice) = saved.iter().rev().find_map(ThemeChoice::of_view) {
            self.show_theme(choice, true);
        }
    }

    /// Shows a choice, if `is_capped` in no more colors than the terminal announces.
    fn show_theme(&mut self, choice: ThemeChoice, is_capped: bool) {
        let mut theme = self.settings.theme.resolve(choice);
        if is_capped {
            theme.depth = theme.depth.min(self.settings.theme.auto);
        }
        self.theme = ThemeState { choice, theme, is_capped, ..self.theme };
    }

    /// Switches to a theme and saves the choice where it may be saved.
    pub(super) fn use_theme(&mut self, choice: ThemeChoice) -> Vec<RuntimeEffect> {
        // Other glyphs are no choice of colors.
        let is_capped = self.theme.is_capped && choice.ascii != self.theme.choice.ascii;
        self.show_theme(choice, is_capped);
        self.theme.is_settled = true;
        self.said = Some(format!("Theme: {}.", choice.words()));
        let file = self.settings.views_file.clone();
        let origin = match (self.settings.read_only.is_some(), &file) {
            (true, None) => return Vec::new(),
            (true, Some(_)) => ViewOrigin::StateFolder,
            (false, _) => ViewOrigin::HeadOffice,
        };
        let save = ViewMutation::Save(Box::new(choice.to_view(origin)), file);
        self.mutate(Mutation::View(save), Vec::new())
    }

    /// The themes and the legend, for the palette.
    pub(super) fn theme_entries(&self) -> Vec<Entry> {
        let now = self.theme.choice;
        let entry = |name: &str, choice: ThemeChoice, detail: String| {
            let detail = if choice == now { format!("current · {detail}") } else { detail };
            let entry = Entry::new(format!("Theme: {name}"), Effect::Theme(choice));
            entry.detail(detail).synonyms("dark, light, colors, colours, contrast, monochrome, look")
        };
        let mut entries: Vec<_> = config::Theme::ALL
            .into_iter()
            .map(|theme| {
                let detail = match theme {
                    config::Theme::Auto => format!("what the terminal announces: {}", self.settings.theme.auto.words()),
                    config::Theme::Rgb => "modern terminals, PuTTY from 0.71".to_owned(),
                    config::Theme::Indexed => "xterm, tmux, PuTTY".to_owned(),
                    config::Theme::Sixteen => "the terminal's own colors".to_owned(),
                    config::Theme::Mono => ColorDepth::Mono.words().to_owned(),
                };
                entry(label(theme), ThemeChoice { theme, ..now }, detail)
            })
            .collect();
        if self.settings.theme.is_utf8 {
            let (name, detail) = if now.ascii {
                ("lines and shapes", "needs a font with box-drawing characters")
            } else {
                ("ASCII only", "for fonts without lines and shapes")
            };
            entries.push(entry(name, ThemeChoice { ascii: !now.ascii, ..now }, detail.to_owned()));
        }
        let legend = Entry::new("Legend: colors and marks", Effect::Legend);
        entries.push(legend.synonyms("symbols, shapes, icons, glyphs, marks, meaning"));
        entries
    }
}
