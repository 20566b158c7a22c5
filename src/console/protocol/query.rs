//! Queries to the databases and their answers.

mod filter_counts;

pub use filter_counts::{CountState, FilterCount};

pub use crate::engine::inquiry::{
    Attention, CLOCK_TOLERANCE_MS, COUNT_LIMIT, Coming, Connection, Connections, Found, Freshness,
    MAX_EXAMINED_SESSIONS, MAX_MATRIX_STORES, MatrixPiece, PAGE_ROWS, Piece, StoreCard, zone_named,
};
pub use crate::engine::{Databases, Handover, Preview, TableComparison, compare_purges, delivery_fault};
pub use crate::store::head_office::{
    ATTENTION_LIMIT, Approval, ApprovalState, COLUMN_LIMIT, CauseFacts, CauseLine, CauseRemarks, Deadline,
    DeliveryChannel, DeliveryFault, FastClock, HeldPurge, JournalEntry, ListedApproval as ApprovalRow, MessageCounts,
    MessageFilter, PlacedSession, QuietDatabase, Rejected, RemedyTally, RunProgress, ScheduleLine, SessionFigures,
    SessionFilter, Silence, TREND_COLUMNS, Taking, TimeColumns, TransferredMessage, TrashExtent, TrashOfRun,
    TrashedSession, column_limit,
};

pub use crate::batch::{AlertCondition, AlertRule};
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery};
use crate::console::protocol::explanation::Explanation;
use crate::console::protocol::groups::{GroupCount, GroupQuery};
use crate::console::protocol::journal::{JournalQuery, JournalRow};
use crate::console::protocol::palette::LookedUp;
pub use crate::console::protocol::saved_state::Place;
use crate::console::protocol::saved_view::SavedView;
use crate::domain::{
    Direction, HOUR_MS, MINUTE_MS, Parameters, Run, Seek, Session, SessionAction, SessionKey, Timestamp,
};
use crate::filter::Names;
pub use crate::store::head_office::{ChannelDatabase, KnownNames};
use std::path::PathBuf;

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// The freshness line: age of the status, waiting messages, open sessions, the active run, this
    /// operator's unread notifications.
    Freshness(String),
    /// A piece of the sessions.
    Sessions(SessionFilter, Seek<Place>),
    /// The next session that a filter finds; if none is found, where the search continues.
    NextSession(SessionFilter, Seek<Place>),
    /// The next status message that a filter finds; if none is found, where the search continues.
    NextMessage(MessageFilter, Seek<Place>),
    /// How many of the sessions come before a place in the list, up to one more than [`MAX_NEWER`].
    NewerSessions(SessionFilter, Place),
    /// How many of the status messages come before a place in the list, up to one more than
    /// [`MAX_NEWER`].
    NewerMessages(MessageFilter, Place),
    /// How many sessions a filter finds, up to [`COUNT_LIMIT`].
    CountSessions(SessionFilter),
    /// Alternatives to a filter without matches: its text, and the filters whose rows are counted.
    /// The answer says how far each is counted; sending the query again continues the count.
    Counts(String, Vec<FilterCount>),
    /// Continues to count the rows of a filter that no index counts.
    CountOn(Box<FilterCount>),
    /// A piece of a list whose rows are sorted in memory.
    ToSort(Box<Query>),
    /// The keys of the sessions that a filter finds, up to one more than can be marked.
    SessionKeys(SessionFilter),
    /// What explains a session.
    Explain(SessionKey),
    /// One session and its messages.
    Session(SessionKey),
    /// A piece of the status messages.
    Messages(MessageFilter, Seek<Place>),
    /// How many messages a filter finds, up to [`COUNT_LIMIT`].
    CountMessages(MessageFilter),
    /// About the journal.
    Journal(JournalQuery),
    /// Causes of errors since an instant, and older ones with open sessions.
    Causes(Timestamp),
    /// Where a cause is open, and which jobs failed with it since an instant.
    CauseFacts(i64, Timestamp),
    /// What operators set on a cause, to edit it.
    CauseRemarks(i64, CauseEdit),
    /// What needs attention.
    Attention,
    /// How many messages a filter finds in each column.
    MessageHistogram(MessageFilter, TimeColumns),
    /// How many sessions a filter finds in each column.
    SessionHistogram(SessionFilter, TimeColumns),
    /// How often each cause occurred since an instant, in stretches of [`TREND_COLUMN_MS`]
    /// milliseconds.
    Trends(Timestamp),
    /// The newest runs, at most so many.
    Runs(i64),
    /// Rejected messages that are not dismissed, newest first, up to [`MAX_REJECTED`].
    Rejected,
    /// Sessions in the trash, the most recently purged first, up to [`MAX_TRASHED`]; with a run,
    /// only those that it purged.
    Trash(Option<i64>),
    /// The present state of sessions that an action applies to.
    SelectedSessions(SessionAction, Choose),
    /// Distribution schedules.
    Schedules,
    /// Channel databases and agents.
    Connections,
    /// A part of the matrix of stores and jobs: the sessions of a direction from a place on, of
    /// which this many were examined before.
    Matrix(Direction, Seek<Place>, i64),
    /// Everything of one channel database.
    Store(String),
    /// The zone of a channel database's store.
    StoreZone(String),
    /// Changes that can be undone, newest first.
    Undoable,
    /// What a run would do now.
    Preview,
    /// What it would do with these parameters.
    WhatIf(Parameters),
    /// What a text of the palette names; the empty text, every batch job.
    LookUp(String),
    /// The rows of a list counted by a field, from a place on, of which this many rows were
    /// examined before.
    Groups(GroupQuery, &'static str, Seek<Place>, i64),
    /// The views that an operator saved, at head office and in a file of the state folder.
    Views(String, Option<PathBuf>),
    /// The silences of alerts, newest first.
    Silences,
    /// Changes that were requested, newest first.
    Approvals,
    /// Conditions of alert rules that fire, and those resolved lately.
    Conditions,
    /// The deadlines.
    Deadlines,
    /// Names that begin with a text, to complete a filter.
    Names(Names, String),
    /// About batch jobs, their history, servers, alerts.
    Batch(BatchQuery),
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // most are named after the query that they answer
pub enum Answer {
    Batch(Box<BatchAnswer>),
    Freshness(Box<Freshness>),
    Sessions(Piece<PlacedSession>),
    Count(i64),
    Counts(String, Vec<FilterCount>),
    CountOn(Box<FilterCount>),
    Newer(usize),
    ToSort(Box<Answer>),
    Next(Option<Place>, Option<Place>),
    SessionKeys(Vec<SessionKey>),
    Explained(Option<Box<Explanation>>),
    Session(Option<Box<Session>>, Vec<TransferredMessage>),
    Messages(Piece<TransferredMessage>),
    Journal(Piece<JournalRow>),
    JournalSessions(i64, Vec<SessionKey>),
    Causes(Vec<CauseLine>),
    CauseFacts(i64, CauseFacts),
    CauseRemarks(i64, CauseEdit, Option<CauseRemarks>),
    Attention(Box<Attention>),
    Histogram(TimeColumns, Vec<MessageCounts>),
    Trends(Vec<(i64, [i64; TREND_COLUMNS])>),
    Runs(Vec<Run>),
    Rejected(Vec<Rejected>, i64),
    Trash(Vec<TrashedSession>, Vec<TrashOfRun>, TrashExtent),
    SelectedSessions(SessionAction, Vec<Session>, String),
    Schedules(Vec<ScheduleLine>),
    Connections(Connections),
    Matrix(Box<MatrixPiece>),
    Store(String, Box<StoreCard>),
    StoreZone(String, Option<String>),
    Undoable(Vec<JournalEntry>),
    Handover(Box<Handover>),
    Preview(Box<Preview>),
    WhatIf(Box<Preview>),
    LookedUp(Box<LookedUp>),
    Views(Vec<SavedView>),
    Silences(Vec<Silence>),
    Approvals(Vec<Approval>),
    Conditions(Vec<AlertCondition>, Option<Timestamp>),
    Deadlines(Vec<Deadline>),
    Names(Names, String, KnownNames),
    Groups { groups: Vec<GroupCount>, reached: Option<Place>, examined: i64 },
}

/// The part of a cause that an edit changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseEdit {
    /// The note on it.
    Note,
    /// Until when it is muted.
    Mute,
    /// Who works on it, and until when.
    Take,
}

/// The maximum number of newer rows that are counted; the marker of more says `100+`.
pub const MAX_NEWER: usize = 100;
/// Rows that can be marked at once.
pub const MAX_MARKED: usize = 10_000;
/// Rejected messages that a screen shows.
pub const MAX_REJECTED: i64 = 1_000;

/// Sessions in the trash that a screen shows.
pub const MAX_TRASHED: i64 = 10_000;

/// The minimum number of columns of a histogram of a day.
pub const HISTOGRAM_COLUMNS: usize = 72;

/// Milliseconds of a column if there are [`HISTOGRAM_COLUMNS`].
pub const HISTOGRAM_COLUMN_MS: i64 = 20 * MINUTE_MS;

/// The maximum number of columns of a histogram of a day.
pub const FINEST_COLUMNS: usize = 4 * HISTOGRAM_COLUMNS;

/// Milliseconds of one column of a trend, which covers a day in twelve.
pub const TREND_COLUMN_MS: i64 = 2 * HOUR_MS;

/// Sessions that one action applies to at most.
pub const MAX_CHOSEN: i64 = 10_000;

/// The sessions that an action applies to.
#[derive(Debug, Clone, PartialEq)]
pub enum Choose {
    /// These sessions; with the filter, if they were all that matched it.
    Keys(Vec<SessionKey>, Option<String>),
    /// All whose state is a failure of this cause, up to [`MAX_CHOSEN`] of each direction.
    OpenOf(i64),
    /// All of this distribution schedule whose state is a failure, up to [`MAX_CHOSEN`] of each
    /// direction.
    OpenOfSchedule(String),
}

impl Choose {
    /// The filter, cause or schedule that selected them; empty if they were marked one by one.
    pub fn scope(&self) -> String {
        match self {
            Self::Keys(_, None) => String::new(),
            Self::Keys(_, Some(filter)) if filter.is_empty() => "All rows of the list".to_owned(),
            Self::Keys(_, Some(filter)) => format!("All that match the filter {filter}"),
            Self::OpenOf(_) => "All open sessions of the cause".to_owned(),
            Self::OpenOfSchedule(name) => format!("All open sessions of {name}"),
        }
    }
}

/// A row with its position in the order.
pub trait Keyed {
    /// The unique sort key.
    type Key: Copy + Ord + std::hash::Hash;
    /// The row's place.
    fn key(&self) -> Self::Key;
}
