//! Edits by operators: each is based on a version of its object, and one based on an older version
//! is refused.
//!
//! The version of a row is the number of the journal row of its last edit, 0 before the first.
//! Writes of batch servers and transfers do not change it.

use crate::domain::{Parameter, Timestamp, clean_line};
use crate::guard::UNDO;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::value::{Value, values};

/// The most edits that an error lists.
const MAX_LISTED_EDITS: i64 = 3;
/// The most characters of a detail in an error.
const MAX_DETAIL_CHARS: usize = 200;

/// The operator, and the version that the edit is based on; `None` applies to any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit<'a> {
    /// The operator's login.
    pub operator: &'a str,
    /// The version that the operator read.
    pub version: Option<i64>,
    /// Whether it undoes another edit.
    pub is_undo: bool,
}

impl<'a> Edit<'a> {
    /// An edit of the version that was read.
    pub fn of_version(operator: &'a str, version: Option<i64>) -> Self {
        Self { operator, version, is_undo: false }
    }

    /// The undo of an edit; applies to any version.
    pub fn undoing(operator: &'a str) -> Self {
        Self { is_undo: true, ..Self::from(operator) }
    }

    /// The further actions that guardrails decide the edit as.
    pub(super) fn also(self) -> &'static [&'static str] {
        if self.is_undo { &[UNDO] } else { &[] }
    }
}

impl<'a> From<&'a str> for Edit<'a> {
    fn from(operator: &'a str) -> Self {
        Self { operator, version: None, is_undo: false }
    }
}

impl<'a> From<&'a String> for Edit<'a> {
    fn from(operator: &'a String) -> Self {
        Self { operator, version: None, is_undo: false }
    }
}

/// Why a change was not made; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Another operator changed it after it was read.
    #[error("{what} was changed after you read it: {changes}; nothing was saved, read it again and repeat your change")]
    Stale {
        /// What was to be changed.
        what: String,
        /// What was changed meanwhile, by whom and when.
        changes: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The object of an edit.
#[derive(Debug, Clone, Copy)]
pub(super) enum EditedObject<'a> {
    Job(i64),
    Group(&'a str),
    Server(&'a str),
    Parameter(Parameter),
    /// The note and the mute of a cause, and the operator who has taken it.
    Cause(i64, &'a str),
    /// The note and the zone of a channel database.
    ChannelDatabase(&'a str),
    /// A saved view of an operator, with its name in the journal.
    View(i64, &'a str),
}

impl EditedObject<'_> {
    fn table(&self) -> (&'static str, &'static str) {
        match self {
            Self::Job(_) => ("batch_job", "job_id"),
            Self::Group(_) => ("batch_group", "batch_group"),
            Self::Server(_) => ("batch_server", "name"),
            Self::Parameter(_) => ("retail_scheduler_parameters", "name"),
            Self::Cause(..) => ("cause", "digest"),
            Self::ChannelDatabase(_) => ("channel_database", "name"),
            Self::View(..) => ("saved_view", "view_id"),
        }
    }

    fn key(&self) -> Value<'_> {
        match self {
            Self::Job(id) | Self::Cause(id, _) | Self::View(id, _) => (*id).into(),
            Self::Group(name) | Self::Server(name) | Self::ChannelDatabase(name) => (*name).into(),
            Self::Parameter(parameter) => parameter.name().into(),
        }
    }

    /// Its name in the journal.
    pub(super) fn object(&self) -> String {
        match self {
            Self::Job(job_id) => format!("batch job {job_id}"),
            Self::Group(name)
            | Self::Server(name)
            | Self::ChannelDatabase(name)
            | Self::Cause(_, name)
            | Self::View(_, name) => (*name).to_owned(),
            Self::Parameter(parameter) => parameter.name().to_owned(),
        }
    }

    /// Its name in sentences, such as `batch job 7`.
    fn name_in_words(&self) -> String {
        match self {
            Self::Job(job_id) => format!("batch job {job_id}"),
            Self::Group("") => "the default batch group".to_owned(),
            Self::Group(name) => format!("batch group {name}"),
            Self::Server(name) => format!("batch server {name}"),
            Self::Parameter(parameter) => format!("parameter {}", parameter.name()),
            Self::Cause(_, masked) => format!("the cause \"{masked}\""),
            Self::ChannelDatabase(name) => format!("channel database {name}"),
            Self::View(_, name) => format!("view {name}"),
        }
    }

    /// The journal's actions on it: objects of several kinds may have the same name.
    fn actions(&self) -> &'static str {
        match self {
            Self::Job(_) => "'change batch job', 'run batch job now', 'change status', 'delete batch job', 'undo'",
            Self::Group(_) => "'save batch group', 'delete batch group'",
            Self::Server(_) => "'change batch server'",
            Self::Parameter(_) => "'set parameter'",
            Self::Cause(..) => "'note on cause', 'mute cause', 'take cause'",
            Self::ChannelDatabase(_) => "'note on channel database', 'zone of channel database'",
            Self::View(..) => "'save view', 'delete view'",
        }
    }
}

impl HeadOffice {
    /// Sets the row's version to the journal row `entry_id`, if it still has the version that the
    /// edit is based on. In the caller's transaction, which must be rolled back after a refusal. A
    /// missing row has no version.
    pub(super) fn new_version(&self, edited: EditedObject, edit: Edit, entry_id: i64) -> Result<(), EditError> {
        let (table, column) = edited.table();
        let key = edited.key();
        let Some(version) = edit.version else {
            let sql = format!("update {table} set edit_version = $1 where {column} = $2");
            self.connection.execute(&sql, &[entry_id.into(), key])?;
            return Ok(());
        };
        let sql = format!("update {table} set edit_version = $1 where {column} = $2 and edit_version = $3");
        if self.connection.execute(&sql, &[entry_id.into(), key, version.into()])? > 0 {
            return Ok(());
        }
        Err(self.stale(edited, version, entry_id)?)
    }

    /// The error for an edit based on `version`, with the journal's edits between that and
    /// `entry_id`.
    fn stale(&self, edited: EditedObject, version: i64, entry_id: i64) -> Result<EditError, StoreError> {
        let sql = format!(
            "select at, operator, action, coalesce(detail, '') as detail from operator_journal
             where entry_id > $1 and entry_id < $2 and object = $3 and action in ({})
             and coalesce(result, '') <> 'refused' order by entry_id desc limit $4",
            edited.actions()
        );
        let object = edited.object();
        let change = |row: &Row| {
            let (at, operator): (Timestamp, String) = (row.time("at")?, row.text("operator")?);
            let detail: String = row.text("detail")?.chars().take(MAX_DETAIL_CHARS).collect();
            let detail = if detail.is_empty() { detail } else { format!(" ({detail})") };
            Ok(format!("{operator} at {}: {}{detail}", at.in_utc(), row.text("action")?))
        };
        let changes = self.connection.query(&sql, values![version, entry_id, &object, MAX_LISTED_EDITS], change)?;
        let changes = if changes.is_empty() {
            "it has another version now, or is gone".to_owned()
        } else {
            changes.join("; before that ")
        };
        let what = clean_line(&edited.name_in_words()).into_owned();
        Ok(EditError::Stale { what, changes: clean_line(&changes).into_owned() })
    }
}
