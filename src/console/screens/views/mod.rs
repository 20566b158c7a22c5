//! Views: lists that the operator saved under a name, and the shipped ones.

mod actions;
mod opening;
mod rows;

pub use actions::Saving;
pub use opening::{list_of, open};

use crate::console::protocol::effect::{Action, Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::protocol::saved_view::{MY_STORES, Origin, SavedView, shipped};
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::{Around, SmallList};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;

/// The screen.
pub struct Views {
    list: SmallList<SavedView>,
    saved: Vec<SavedView>,
    /// The list that was shown before, which can be saved.
    shown: Option<Box<SavedView>>,
}

impl Views {
    /// The screen in its saved state; `shown` can be saved.
    pub fn new(shown: Option<Box<SavedView>>, memory: &SavedState) -> Self {
        Self { list: SmallList::new(memory), saved: Vec::new(), shown }
    }

    fn actions(&self, view: &ViewContext) -> Vec<Effect> {
        let saving = Saving::new(&self.saved, view);
        let none = "open the views from a list to save it".to_owned();
        let mut actions = vec![match &self.shown {
            Some(shown) => saving.save_list(shown),
            None => Action::new('s', "Save the list as a view…", Vec::new()).refused(Some(none)),
        }];
        actions.push(saving.choose_stores());
        actions.extend(self.list.current().map(|row| saving.delete(row)));
        let title = self.list.current().map_or("Views", |row| &row.name);
        vec![Effect::Actions(format!("Actions on {title}"), actions)]
    }
}

/// The view in words, for the pane.
fn details(row: &SavedView, view: &ViewContext) -> Vec<(String, Role)> {
    let mut lines = vec![(format!("List     {}", row.list), Role::Text)];
    if !row.filter.is_empty() {
        lines.push((format!("Filter   {}", row.filter), Role::Text));
    }
    lines.extend(row.order().map(|order| (format!("Order    {order}"), Role::Text)));
    let columns = &row.look.columns;
    let choice = [
        ("Hidden ", columns.hidden.join(", ")),
        ("Columns", columns.sequence.join(", ")),
        ("Widths ", columns.widths_in_words()),
    ];
    for (label, text) in choice.into_iter().filter(|(_, text)| !text.is_empty()) {
        lines.push((format!("{label}  {text}"), Role::Text));
    }
    match row.zone.as_deref() {
        None => {}
        Some("local") => lines.push(("Times    in your zone".to_owned(), Role::Text)),
        Some(zone) => lines.push((format!("Times    in {zone}"), Role::Text)),
    }
    lines.extend(
        row.refusal(row.zone(view.zone, view.home), view.now).map(|why| {
            (format!("! {why}"), if matches!(row.origin, Origin::Unset(_)) { Role::Dim } else { Role::Bad })
        }),
    );
    lines
}

impl Screen for Views {
    fn path(&self) -> Vec<&'static str> {
        vec!["Home", "Views"]
    }

    fn target(&self) -> Route {
        Route::Views(self.shown.clone())
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Views(view.operator.to_owned(), view.views_file.map(Into::into)))]
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        Some(self.list.list_state(view))
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<SavedView>::offers(command) || matches!(command, Command::Open | Command::Actions)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        let open = |row: &SavedView| open(row, view);
        match command {
            Command::Open => Some(self.list.current().map(open).into_iter().collect()),
            Command::Actions => Some(self.actions(view)),
            Command::Copy => {
                Some(self.list.current().map(|row| Effect::Copy(row.filter.clone())).into_iter().collect())
            }
            _ => self.list.obey(command, view),
        }
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Views(saved)) => {
                let own = saved.iter().filter(|view| view.name != MY_STORES).cloned();
                let rows = own.chain(shipped(&saved, view.last_here)).collect();
                self.saved = saved;
                self.list.take(Ok(rows), view);
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let own = self.list.rows().iter().filter(|row| row.is_own()).count();
        let around = Around {
            title: "Views",
            remark: format!("{own} of your own"),
            empty: (String::new(), Role::Dim),
            detail: |_| 7,
        };
        self.list.draw(painter, view, &around, |_| ' ', |row, _| (row.name.clone(), details(row, view)));
    }

    fn notice(&self, view: &ViewContext) -> String {
        let words = match &self.shown {
            Some(shown) => view.keys(&format!("{{actions}}, s saves the list of {} as a view.", shown.list)),
            None => view.keys("{open} opens the list of the view."),
        };
        self.list.notice(words, view)
    }
}
