//! Head office: the database that operators read. Only one process at a time transfers into it or
//! purges it.

mod activity;
mod approval_state;
mod approvals;
mod arrivals;
mod backdate;
mod batch;
mod bulk;
mod cause_filter;
mod cause_json;
mod cause_sql;
mod cause_takings;
mod causes;
mod chunk_rows;
mod clocks;
mod cursor;
mod deadlines;
mod description;
mod edits;
mod expired_rows;
mod filter_sql;
mod group_counts;
mod journal;
mod keyset;
mod known_names;
mod last_states;
mod lease;
mod message_filter;
pub(super) mod message_guids;
mod message_row;
mod messages;
mod never_read;
mod operations;
mod overview;
mod parameters;
mod permit;
mod presence;
mod purge;
mod purge_candidates;
mod purge_previews;
mod purge_rows;
mod refold;
mod rejected;
mod remedies;
mod reruns;
mod rule_facts;
mod run_filter;
mod run_start;
mod runs;
mod saved_views;
mod schedules;
mod session_filter;
mod session_lists;
mod sessions;
mod step_times;
mod transfer;
mod trash;
mod version;

pub use activity::{COLUMN_LIMIT, MessageCounts, TREND_COLUMNS, TimeColumns, column_limit};
pub use approval_state::{ApprovalState, ListedApproval};
pub use approvals::{Approval, ApprovalError, Permit};
pub use arrivals::{CauseArrival, SentNotification};
pub use batch::{
    About, BatchGroup, CheckedRules, Claimed, Delivery, DeliveryChannel, DeliveryFault, EndOfRun, HistoryFilter,
    HistoryRow, JobChange, JobFilter, JobVersion, LastDelivery, LogLine, NewNotification, NoticedConditions,
    Notification, OverdueAlert, Refusal, ServerStart, Severity, Silence, StartCounts, Withheld,
};
pub use cause_takings::{CauseName, TakenCause, Taking};
pub use causes::{CauseFacts, CauseLine, CauseRemarks};
pub use chunk_rows::Found;
pub use clocks::{ClockNote, FastClock};
pub use deadlines::{Deadline, DeadlineSession};
pub use edits::{Edit, EditError};
pub use group_counts::GroupPiece;
pub use journal::{
    ActionNote, ChainFault, ChainFaultKind, DeletedView, JournalEntry, JournalFilter, JournalHead, JournalProof,
    JournalRow, NoteAuthor, Undo,
};
pub use keyset::GroupCount;
pub use keyset::Place;
pub use known_names::KnownNames;
pub use last_states::SessionState;
pub use lease::{LeaseRefusal, LeaseStatus, RunClaim, RunStartOutcome};
#[cfg(test)]
pub(crate) use lease::{LeaseRow, refusal};
pub use message_filter::MessageFilter;
pub use message_guids::FindRepeated;
pub use message_row::NewHere;
pub use messages::TransferredMessage;
pub use overview::{ATTENTION_LIMIT, QuietDatabase, SessionFigures};
pub use presence::ChannelDatabase;
pub use purge::{PurgePreview, PurgeSlice};
pub use purge_candidates::SessionPlace;
pub use purge_previews::{PreviewedTable, PurgeReceipt};
pub use rejected::{Rejected, RejectedFilter, Retry};
pub use remedies::{Remedies, RemedyTally};
pub use rule_facts::{HeldPurge, KnownJob, NewMessages};
pub use run_start::RunStart;
pub use runs::{ConfirmedPurge, RunProgress};
pub use saved_views::{StoredView, view_in_words};
pub use schedules::ScheduleLine;
pub use session_filter::SessionFilter;
pub use session_lists::PlacedSession;
pub use step_times::SessionStep;
pub use transfer::ChunkWriter;
pub use trash::{
    Emptied, Emptying, RestorePermit, RestoreRefusal, Restored, TrashExtent, TrashFilter, TrashOfRun, TrashedSession,
};
pub use version::ChangeVersion;

use crate::guard::Authority;
use crate::store::connection::Connection;
use crate::store::migrate::Schema;
use crate::store::open::open;
use crate::store::tuning::Tuning;
use crate::store::upkeep::offer_upkeep;
use crate::store::{Access, Interrupter, Location, Opening, StoreError};

pub(super) const SCHEMA: Schema = Schema {
    what: "head office",
    identity: "head_office",
    advice: "cdx process creates it",
    migrations: &[
        include_str!("../../../assets/migrations/sqlite/head_office/0001_head_office.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0002_channels_schedules_undo.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0003_batch.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0004_news.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0005_told.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0006_purged_seen.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0007_texts.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0008_edit_versions.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0009_schema_cdx.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0010_operations.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0011_clocks.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0012_first_gaps.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0013_message_guids.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0014_saved_views.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0015_runs.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0016_journal_chain.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0017_channels.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0018_takings_silences.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0019_alert_rules.sql"),
        include_str!("../../../assets/migrations/sqlite/head_office/0020_trash.sql"),
    ],
    postgres: &[
        include_str!("../../../assets/migrations/postgres/head_office/0001_head_office.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0002_channels_schedules_undo.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0003_batch.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0004_news.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0005_told.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0006_purged_seen.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0007_texts.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0008_edit_versions.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0009_schema_cdx.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0010_operations.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0011_clocks.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0012_first_gaps.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0013_message_guids.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0014_saved_views.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0015_runs.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0016_journal_chain.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0017_channels.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0018_takings_silences.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0019_alert_rules.sql"),
        include_str!("../../../assets/migrations/postgres/head_office/0020_trash.sql"),
    ],
    steps: &[(16, journal::chain_migrated_rows)],
};

/// An open head office.
#[derive(Debug)]
pub struct HeadOffice {
    pub(super) connection: Connection,
    /// What changes have to pass.
    authority: Authority,
}

offer_upkeep!(HeadOffice);

/// The schema, with the advice for a missing database: a new empty one would hide that the known
/// one is missing.
fn schema(opening: &Opening) -> Schema {
    match opening.head_office_id {
        Some(_) => Schema { advice: "put it back; only a restart creates a new one", ..SCHEMA },
        None => SCHEMA,
    }
}

impl HeadOffice {
    /// Opens it. Every commit survives a power cut, because the purge of the message database
    /// relies on it.
    pub fn open(location: &Location, opening: impl Into<Opening>) -> Result<Self, StoreError> {
        let mut opening = opening.into();
        let schema = schema(&opening);
        if opening.head_office_id.is_some() && opening.access == Access::Create {
            opening.access = Access::Existing;
        }
        schema.check_exists(location, opening.access)?;
        let tuning = Tuning { synchronous: "full", cache_kib: 16_384, checkpoint_pages: 49_152 };
        let connection = open(location, &opening, tuning, Some(schema.identity))?;
        schema.prepare(&connection, opening.access)?;
        let office = Self { connection, authority: opening.authority };
        if let Some(known) = opening.head_office_id
            && office.id()? != known
        {
            return Err(StoreError::OtherHeadOffice { location: location.clone() });
        }
        Ok(office)
    }

    /// Opens it read-only for a screen's queries, with a small cache: many consoles may be open,
    /// and each query reads few pages, which the system caches anyway.
    pub fn open_for_queries(location: &Location, opening: Opening) -> Result<Self, StoreError> {
        let opening = Opening { access: Access::ReadOnly, ..opening };
        schema(&opening).check_exists(location, opening.access)?;
        let tuning = Tuning { synchronous: "full", cache_kib: 512, checkpoint_pages: 0 };
        let connection = open(location, &opening, tuning, None)?;
        SCHEMA.prepare(&connection, opening.access)?;
        Ok(Self { connection, authority: opening.authority })
    }

    /// A handle with which another thread cancels the running query.
    pub fn interrupter(&self) -> Interrupter {
        self.connection.interrupter()
    }

    /// Runs a checkpoint of the write-ahead log as far as readers allow, without waiting.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection.checkpoint()
    }

    /// Refuses a file that is no longer at its path.
    pub fn check_in_place(&self) -> Result<(), StoreError> {
        self.connection.check_in_place()
    }

    /// The identity of this head office, by which a message database names its owner.
    pub fn id(&self) -> Result<String, StoreError> {
        let id = self.connection.scalar::<String>("select head_office_id from head_office", &[])?;
        Ok(id.unwrap_or_default())
    }

    /// Whether the login has the rights of an operator at the server: run, act on sessions, set
    /// parameters, submit batch jobs. A login that may only read, or only run batch jobs, has not.
    /// In SQLite the file's permissions decide on each write.
    pub fn may_change(&self) -> Result<bool, StoreError> {
        if self.connection.session().is_none() {
            return Ok(true);
        }
        let sql = "select bool_and(has_table_privilege(name, 'insert'))
                   from unnest(array['run', 'session', 'operator_journal', 'retail_scheduler_parameters', 'batch_job']) as name";
        Ok(self.connection.integer(sql, &[])? != 0)
    }

    /// Returns at most `pages` free pages to the file system.
    pub fn give_back(&self, pages: i64) -> Result<(), StoreError> {
        self.connection.give_back(pages)
    }
}
