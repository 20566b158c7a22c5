//! The query plans that a connection collects.

use std::cell::RefCell;

/// The plan of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryPlan {
    /// The statement, with numbered parameters.
    pub sql: String,
    /// The plan in the engine's words, one step per line.
    pub steps: Vec<String>,
}

/// The plans of a connection; `None` while it executes its queries.
#[derive(Debug, Default)]
pub(super) struct Plans(RefCell<Option<Vec<QueryPlan>>>);

impl Plans {
    /// Whether queries are explained instead of executed.
    pub(super) fn are_wanted(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Explains queries from now on.
    pub(super) fn begin(&self) {
        *self.0.borrow_mut() = Some(Vec::new());
    }

    /// Adds a plan.
    pub(super) fn add(&self, plan: QueryPlan) {
        if let Some(plans) = self.0.borrow_mut().as_mut() {
            plans.push(plan);
        }
    }

    /// Executes queries from now on, and returns the plans.
    pub(super) fn end(&self) -> Vec<QueryPlan> {
        self.0.borrow_mut().take().unwrap_or_default()
    }
}
