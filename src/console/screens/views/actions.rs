//! Saving and deleting views. The Views screen and the palette offer these actions.

use crate::console::protocol::effect::{Action, Confirm, Effect, Prompt};
use crate::console::protocol::mutation::{Mutation, ViewMutation};
use crate::console::protocol::saved_view::{MAX_VIEWS, MY_STORES, SavedView, ViewOrigin, check_name, stores_filter};
use crate::console::view::context::ViewContext;
use std::path::PathBuf;

/// What is needed to change views: those that are saved, and where new ones go.
#[derive(Debug, Clone)]
pub struct Saving {
    saved: Vec<SavedView>,
    read_only: bool,
    file: Option<PathBuf>,
}

impl Saving {
    /// For the views that are saved now.
    pub fn new(saved: &[SavedView], view: &ViewContext) -> Self {
        let file = view.views_file.map(PathBuf::from);
        Self { saved: saved.to_vec(), read_only: view.read_only.is_some(), file }
    }

    /// Why nothing can be saved, or `None`.
    fn refusal(&self) -> Option<String> {
        let is_refused = self.read_only && self.file.is_none();
        is_refused.then(|| "this console is read-only and remembers nothing".to_owned())
    }

    fn find(&self, name: &str) -> Option<&SavedView> {
        self.saved.iter().find(|view| view.name == name)
    }

    /// Saves a view under a name; asks before it replaces another.
    fn save(&self, view: SavedView) -> Result<Effect, String> {
        let known = self.find(&view.name);
        if known.is_none() && self.saved.len() >= MAX_VIEWS {
            return Err(format!("{MAX_VIEWS} views are saved already; delete one first"));
        }
        let origin = match known.map(|known| &known.origin) {
            Some(origin) => origin.clone(),
            None if self.read_only => ViewOrigin::StateFolder,
            None => ViewOrigin::HeadOffice,
        };
        if self.read_only && origin == ViewOrigin::HeadOffice {
            return Err("a view of this name is at head office, and this console is read-only".to_owned());
        }
        let version = known.map_or(0, |known| known.version);
        let view = SavedView { version, origin, ..view };
        let replaced = known.filter(|known| known.name != MY_STORES).map(|known| {
            let shown = if known.filter.is_empty() { "no filter" } else { &known.filter };
            format!("Now it lists {}: {shown}", known.list)
        });
        let name = view.name.clone();
        let save = Effect::Mutation(Mutation::View(ViewMutation::Save(Box::new(view), self.file.clone())));
        Ok(match replaced {
            Some(line) => Confirm::yes(format!("Replace the view {name}?"), line, vec![save]),
            None => save,
        })
    }

    /// Asks for the name under which a list is saved.
    pub fn save_list(&self, shown: &SavedView) -> Action {
        let (saving, of) = (self.clone(), shown.clone());
        let ask = Prompt::line("Name of the view:", "", move |typed| {
            let name = typed.text.trim();
            check_name(name)?;
            Ok(vec![saving.save(SavedView { name: name.to_owned(), ..of.clone() })?])
        });
        let filter = if shown.filter.is_empty() { "no filter" } else { &shown.filter };
        let label = format!("Save the list as a view… ({}: {filter})", shown.list);
        Action::new('s', label, vec![ask]).refused(self.refusal())
    }

    /// Asks for the operator's own stores.
    pub fn choose_stores(&self) -> Action {
        let saving = self.clone();
        let now = self.find(MY_STORES).and_then(|view| view.filter.strip_prefix("store:")).unwrap_or("");
        let ask = Prompt::line("My stores (S0042,LON*):", now, move |typed| {
            let filter = stores_filter(typed.text, typed.zone, typed.now)?;
            let name = MY_STORES.to_owned();
            Ok(vec![saving.save(SavedView {
                name,
                list: "download sessions".to_owned(),
                filter,
                ..SavedView::default()
            })?])
        });
        Action::new('m', "Choose my stores…", vec![ask]).refused(self.refusal())
    }

    /// Asks before a view is deleted.
    pub fn delete(&self, view: &SavedView) -> Action {
        // The rows of `my stores` are shipped; what was chosen for them is deleted.
        let saved = self.find(&view.name).filter(|_| view.is_own() || view.name == MY_STORES);
        let refused = match saved.map(|saved| &saved.origin) {
            None if view.name == MY_STORES => Some("none are chosen".to_owned()),
            None => Some("it is a view of cdx".to_owned()),
            Some(ViewOrigin::HeadOffice) if self.read_only => Some("this console is read-only".to_owned()),
            Some(_) => None,
        };
        let gone = saved.unwrap_or(view).clone();
        let (title, filter) = (format!("Delete the view {}?", gone.name), gone.filter.clone());
        let line = format!("It lists {}: {}", gone.list, if filter.is_empty() { "no filter" } else { &filter });
        let delete = Effect::Mutation(Mutation::View(ViewMutation::Delete(Box::new(gone), self.file.clone())));
        Action::new('d', "Delete…", vec![Confirm::yes(title, line, vec![delete])]).refused(refused)
    }
}
