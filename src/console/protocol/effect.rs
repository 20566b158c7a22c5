//! What a screen asks the application to do.

mod dialog;
mod linked_text;

pub use dialog::{
    Action, Confirm, DISCARD_OR_STAY, FilterPrompt, GroupSource, Groups, Pick, Prompt, PromptThen, Typed,
};
pub use linked_text::{LinkedLine, Tone};

use crate::batch::PurgeConsent;
use crate::console::protocol::batch_query::HistoryFilter;
use crate::console::protocol::column_layout::{ColumnItem, ColumnLayout};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::Query;
use crate::console::protocol::route::Route;
use crate::console::protocol::theme_choice::ThemeChoice;
use crate::domain::{SessionKey, Timestamp};
use crate::filter::Filter;
use crate::guard::{Consent, Refusal};

/// What a screen or a dialog asks the application to do.
#[derive(Debug)]
pub enum Effect {
    /// Run a query; the answer goes to the screen.
    Ask(Query),
    /// Open a screen.
    Go(Route),
    /// Return to the previous screen.
    Back,
    /// Show a sentence in the notice row.
    Say(String),
    /// Send a text to the operator's clipboard.
    Copy(String),
    /// Show a text in a box.
    #[allow(missing_docs)]
    Show { title: String, lines: Vec<String> },
    /// Show the explanation of a session, of which lines lead somewhere.
    #[allow(missing_docs)]
    ShowExplanation { of: SessionKey, title: String, lines: Vec<LinkedLine> },
    /// Show a record in a box, as fields and as JSON.
    #[allow(missing_docs)]
    ShowRecord { title: String, record: serde_json::Value },
    /// Offer actions under a title.
    Actions(String, Vec<Action>),
    /// Offer items to pick from.
    Pick(Pick),
    /// Offer the columns of a list, to be chosen and arranged.
    Columns(Vec<ColumnItem>),
    /// Ask for a line of text.
    Prompt(Prompt),
    /// Ask before a change.
    Confirm(Confirm),
    /// Show a list counted by a field.
    Groups(Groups),
    /// Make a change.
    Mutation(Mutation),
    /// Make a change; if it succeeds while the screen is still open, perform these effects.
    MutationThen(Mutation, Vec<Effect>),
    /// Change the state of the screen.
    Screen(ScreenChange),
    /// Use the mouse, or not.
    Mouse(bool),
    /// Switch to a theme and save the choice.
    Theme(ThemeChoice),
    /// Show what colors and marks mean.
    Legend,
    /// Discard what was entered into a form or a prompt, and load the current values.
    LoadCurrent,
    /// Write rows to a file, or stop the export that is being written.
    Export {
        /// Which rows, and in which order.
        source: ExportSource,
        /// The file's name.
        name: String,
        /// Whether an existing file is replaced.
        overwrite: bool,
    },
    /// Start a run in this console.
    Start(RunRequest),
    /// Cancel the run in this console after its current chunk.
    CancelRun,
}

/// A change of a screen's own state that a dialog over it leads to.
#[derive(Debug)]
pub enum ScreenChange {
    /// List the rows of a short list that match a filter.
    FilterRows(Filter),
    /// List the rows that match these terms. `is_own`: the operator typed all of them.
    #[allow(missing_docs)]
    FilterTerms { terms: Terms, is_own: bool },
    /// List the rows of the batch job history that match a filter, with its text.
    FilterHistory(String, HistoryFilter),
    /// List the rows of a filter while it is typed: one of the changes above.
    Preview(Box<ScreenChange>),
    /// List what was shown before a filter was typed: its rows, cursor, place and marks.
    FormerFilter,
    /// Move to the rows from this instant on.
    GoTo(Timestamp),
    /// Find a text in the detail pane.
    Find(String),
    /// Sort by this line of the list of orders.
    Sort(usize),
    /// Sort by the column with this heading; if the list is sorted by it, the other way round.
    SortBy(&'static str),
    /// Show the columns of this choice.
    Columns(ColumnLayout),
    /// Clear the marks.
    ClearMarks,
    /// Close the form, which was saved.
    CloseForm,
    /// Close the form and discard what was typed.
    DiscardForm,
    /// Discard what was entered into the form; the current values are loaded.
    LoadCurrent,
    /// Start the run that the form describes. `confirm_purge`: the most rows that a purge over the
    /// limit may delete.
    #[allow(missing_docs)]
    StartRun { confirm_purge: Option<i64> },
    /// Cancel the run shown.
    CancelShownRun,
}

/// What a run does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRequest {
    /// Transfer messages to head office.
    pub transfer: bool,
    /// Purge expired rows.
    pub purge: bool,
    /// What the operator has seen of the purge.
    pub purge_consent: PurgeConsent,
    /// The private batch job that this is a run of.
    pub job: Option<i64>,
    /// What guardrails asked of the operator.
    pub consent: Consent,
}

/// Why there was no run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFault {
    /// The sentence.
    pub said: String,
    /// What a guardrail asks before the run that was requested can start.
    pub asks: Option<Box<(Refusal, RunRequest)>>,
}

impl From<String> for RunFault {
    fn from(said: String) -> Self {
        Self { said, asks: None }
    }
}
