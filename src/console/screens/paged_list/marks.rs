//! Marked rows, to which actions apply instead of the row under the cursor.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::MAX_MARKED;
use crate::console::protocol::query::Place;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::screens::paged_list::{Move, PagedList};
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::Keyed;
use crate::domain::grouped;
use std::collections::BTreeSet;

/// The marks of a list, by the rows' identities.
pub struct Marks<K> {
    keys: BTreeSet<K>,
    /// The start of a range.
    range: Option<Place>,
    /// The filter, while the marks are all that match it.
    matching: Option<String>,
}

impl<K> Default for Marks<K> {
    fn default() -> Self {
        Self { keys: BTreeSet::new(), range: None, matching: None }
    }
}

impl<K: Ord + Clone> Marks<K> {
    /// Whether there is none, and no range is begun.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.range.is_none()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether the row of this key is marked.
    pub fn has(&self, key: &K) -> bool {
        self.keys.contains(key)
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The marked keys; without marks the one under the cursor.
    pub fn chosen(&self, current: Option<K>) -> Vec<K> {
        if self.keys.is_empty() { current.into_iter().collect() } else { self.keys.iter().cloned().collect() }
    }

    /// The filter, if the marks are all that match it.
    pub fn matching(&self) -> Option<&str> {
        self.matching.as_deref()
    }

    fn toggle(&mut self, key: K) {
        self.matching = None;
        if !self.keys.remove(&key) {
            self.keys.insert(key);
        }
    }
}

impl<S: ListSource> PagedList<S> {
    /// Toggles the mark of the row under the cursor and moves on.
    pub(super) fn mark(&mut self) -> Vec<Effect> {
        let Some(row) = self.list.current() else { return Vec::new() };
        self.marks.toggle(self.source.key(row));
        self.step(Move::Rows(1))
    }

    /// Starts a range here, or marks from its start to here.
    pub(super) fn mark_range(&mut self, view: &ViewContext) -> Vec<Effect> {
        let Some(here) = self.list.current().map(Keyed::key) else { return Vec::new() };
        let Some(start) = self.marks.range.take() else {
            self.marks.range = Some(here);
            return vec![Effect::Say(
                view.keys("A range begins here; {mark_range} at its other end marks it, {back} cancels it."),
            )];
        };
        let Some(rows) = self.list.between(start, here) else {
            let long =
                "the range is too long: its start is no longer among the rows read; {filter} and {mark_all} mark more";
            return vec![Effect::Say(view.keys(long))];
        };
        let keys: Vec<_> = rows.map(|row| self.source.key(row)).collect();
        self.marks.keys.extend(keys);
        self.marks.matching = None;
        vec![Effect::Say(format!("{} marked.", grouped(self.marks.len())))]
    }

    /// Marks all matching rows, on the screen or not.
    pub(super) fn mark_all(&mut self, view: &ViewContext) -> Vec<Effect> {
        if self.list.known_length().is_some() {
            let keys: Vec<_> = self.list.window().map(|row| self.source.key(row)).collect();
            return self.all_marked(keys, view);
        }
        match self.source.all_keys_query(&self.terms, self.all) {
            Some(query) => vec![Effect::Ask(query)],
            None => vec![Effect::Say(view.keys("too many rows to mark; narrow the list with {filter} first"))],
        }
    }

    /// Takes the keys of all that match.
    pub(super) fn all_marked(&mut self, keys: Vec<S::Key>, view: &ViewContext) -> Vec<Effect> {
        if keys.len() > MAX_MARKED {
            let most = grouped(MAX_MARKED);
            return vec![Effect::Say(format!(
                "more than {most} rows match, none was marked; {}",
                view.keys("narrow the list with {filter} first")
            ))];
        }
        self.marks.clear();
        self.marks.keys.extend(keys);
        self.marks.matching = Some(self.terms.typed.clone());
        let clears = view.keys("{back} clears the marks.");
        vec![Effect::Say(format!("{} marked: all that match. {clears}", grouped(self.marks.len())))]
    }

    /// The rows that actions apply to.
    pub(super) fn chosen(&self) -> Vec<S::Key> {
        self.marks.chosen(self.list.current().map(|row| self.source.key(row)))
    }

    /// The sentence about the marks; `None` without any.
    pub(super) fn marks_notice(&self, view: &ViewContext) -> Option<String> {
        match (self.marks.len(), self.marks.range) {
            (0, None) => None,
            (0, Some(_)) => {
                Some(view.keys("A range has begun; {mark_range} at its other end marks it, {back} cancels it."))
            }
            (count, _) => {
                let count = grouped(count);
                let clears = view.keys("{back} clears the marks.");
                Some(format!("{count} marked. Actions apply to the marked rows; {clears}"))
            }
        }
    }
}
