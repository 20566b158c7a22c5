//! Views: lists that the operator saved under a name, and the shipped ones.

mod actions;
mod opening;
mod rows;

pub use actions::Saving;
pub use opening::{list_of, open};

use crate::console::protocol::effect::{Action, Effect};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_view::{SavedView, ViewOrigin, shipped};
use crate::console::screens::small_list::{ActionMenu, Details, ListCommand, ListFrame, RowSource, SmallList};
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;

/// The source of its rows.
pub struct Views {
    saved: Vec<SavedView>,
    /// The list from which the views were opened; it can be saved as a view.
    shown: Option<Box<SavedView>>,
}

impl Views {
    /// The source before its first answer; `shown` can be saved.
    pub fn new(shown: Option<Box<SavedView>>) -> Self {
        Self { saved: Vec::new(), shown }
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
    lines.extend(row.refusal(row.zone(view.zone, view.home), view.now).map(|why| {
        (format!("! {why}"), if matches!(row.origin, ViewOrigin::Unset(_)) { Role::Dim } else { Role::Bad })
    }));
    lines
}

impl RowSource for Views {
    type Row = SavedView;
    const PATH: &'static [&'static str] = &["Home", "Views"];
    const COMMANDS: &'static [Command] = &[Command::Open, Command::Actions];

    fn route(&self, _: &str) -> Route {
        Route::Views(self.shown.clone())
    }

    fn query(&self, view: &ViewContext) -> Query {
        Query::Views(view.operator.to_owned(), view.views_file.map(Into::into))
    }

    fn rows(&mut self, answer: Answer, view: &ViewContext) -> Option<Vec<SavedView>> {
        let Answer::Views(saved) = answer else { return None };
        let own = saved.iter().filter(|view| view.is_listed()).cloned();
        let rows = own.chain(shipped(&saved, view.last_here)).collect();
        self.saved = saved;
        Some(rows)
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx views", false))
    }

    fn actions(&self, list: &SmallList<SavedView>, view: &ViewContext) -> Option<ActionMenu> {
        let row = list.current();
        let saving = Saving::new(&self.saved, view);
        let none = "open the views from the list that you want to save".to_owned();
        let save = match &self.shown {
            Some(shown) => saving.save_list(shown),
            None => Action::new('s', "Save the list as a view…", Vec::new()).refused(Some(none)),
        };
        let mut actions = vec![save, saving.choose_stores()];
        actions.extend(row.map(|row| saving.delete(row)));
        Some((format!("Actions on {}", row.map_or("Views", |row| &row.name)), actions))
    }

    fn perform_command(
        &mut self,
        _: Command,
        list: &mut SmallList<SavedView>,
        view: &ViewContext,
    ) -> Option<Vec<Effect>> {
        Some(list.current().map(|row| open(row, view)).into_iter().collect())
    }

    fn copied(&self, row: &SavedView) -> String {
        row.filter.clone()
    }

    fn frame(&self, rows: &[SavedView], _: &ViewContext) -> ListFrame<'static> {
        let own = rows.iter().filter(|row| row.is_own()).count();
        ListFrame {
            title: "Views",
            remark: format!("{own} of your own"),
            empty: (String::new(), Role::Dim),
            detail: |_| 7,
        }
    }

    fn describe(&self, row: &SavedView, _: usize, view: &ViewContext) -> Details {
        (row.name.clone(), details(row, view))
    }

    fn notice(&self, _: Option<&SavedView>, view: &ViewContext) -> String {
        match &self.shown {
            Some(shown) => view.keys(&format!("{{actions}}, s saves the list of {} as a view.", shown.list)),
            None => view.keys("{open} opens the list of the view."),
        }
    }
}
