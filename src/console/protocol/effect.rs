//! What a screen asks the application to do.

use crate::console::protocol::dialog::{About, Action, Pick, Question};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::Query;
use crate::console::protocol::route::Route;

/// What a screen wishes to happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// An answer.
    Ask(Query),
    /// Another screen.
    Go(Route),
    /// A line in the notice row.
    Say(String),
    /// A text to the operator's clipboard.
    Copy(String),
    /// A run, with what it is to do.
    Start(RunRequest),
    /// The screen before.
    Back,
    /// A line of text typed under this heading; it comes back through `Screen::typed`.
    Prompt(&'static str, String),
    /// A question that only this letter or word confirms; then `Screen::confirmed`.
    Question(Question),
    /// A choice of actions; the letter comes back through `Screen::acted`.
    Actions(String, Vec<Action>),
    /// Something to be picked; it comes back through `Screen::picked`.
    Pick(Pick),
    /// Something told at length under a title.
    Tell(String, Vec<String>),
    /// Rows into a file of this name.
    Export(ExportSource, String),
    /// A change.
    Mutation(Mutation),
    /// A line typed about a cause, beginning with this.
    About(About, String),
    /// The end of the run that lives here, at a chunk.
    CancelRun,
}

/// What a run is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRequest {
    /// Bring messages to head office.
    pub transfer: bool,
    /// Purge what has expired.
    pub purge: bool,
    /// The most rows that a braked purge may take.
    pub confirm_purge: Option<i64>,
    /// The private batch job that it is a run of.
    pub job: Option<i64>,
}
