//! The rows of the journal as a list.

use crate::domain::{Order, Seek, Timestamp};
use crate::filter::{CAUSE_TEXT, Filter, Term, Test};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::filter_sql::{Fields, add_terms, narrow};
use crate::store::head_office::keyset::{Conditions, Grouping, Keyset, Place};
use crate::store::head_office::session_filter::add_conditions;
use crate::store::head_office::{GroupPiece, HeadOffice};
use crate::store::row::columns;
use crate::store::value::{Value, values};
use serde::Serialize;

/// A row of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalRow {
    /// Its number.
    pub entry_id: i64,
    /// When the change was made.
    pub at: Timestamp,
    /// The login.
    pub operator: String,
    /// The address of the SSH client.
    pub client: Option<String>,
    /// The machine on which the program ran.
    pub host: Option<String>,
    /// What was done, such as `cancel session`.
    pub action: String,
    /// What was changed; text from outside.
    pub object: String,
    /// A summary.
    pub detail: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
    /// The operator's reason.
    pub reason: Option<String>,
    /// `done`, or what else came of it.
    pub result: Option<String>,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// Who undid it.
    pub undone_by: Option<String>,
    /// The login at the database server, which checks it; the operator is stated by the program.
    pub login: Option<String>,
    /// The digest of the row.
    pub digest: Option<String>,
}

/// Who wrote a note, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteAuthor {
    /// When the change was made.
    pub at: Timestamp,
    /// The login.
    pub operator: String,
}

columns!(mod column:
    entry_id = "j.entry_id", at = "j.at", operator = "j.operator", client = "j.client", host = "j.host",
    action = "j.action", object = "j.object", detail = "coalesce(j.detail, '')", value_before = "j.value_before",
    value_after = "j.value_after", reason = "j.reason", result = "j.result", undone_at = "j.undone_at",
    undone_by = "j.undone_by", login = "j.login", digest = "j.digest",
);
use column::LIST as COLUMNS;

/// The filter of a list of journal rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalFilter {
    /// Made at or after.
    pub since: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
    /// The order.
    pub order: Order,
    /// Further terms of the operator's filter, which no index serves.
    pub terms: Vec<Term>,
}

impl JournalFilter {
    /// The filter with the terms of the operator's filter added: those that an index serves in the
    /// fields for them.
    #[must_use]
    pub fn with_terms(mut self, filter: &Filter) -> Self {
        for term in &filter.terms {
            match &term.test {
                Test::Within("at", ranges) if !term.negated && ranges.len() == 1 => {
                    narrow(&mut self.since, &mut self.until, ranges[0]);
                }
                _ => self.terms.push(term.clone()),
            }
        }
        self
    }

    /// Whether rows that do not match are between those that do, without an index to skip them.
    pub fn is_search(&self) -> bool {
        !self.terms.is_empty()
    }

    pub(in crate::store::head_office) fn keyset(&self) -> Keyset {
        Keyset { table: "operator_journal as j", column: "j.at", id: "j.entry_id", order: self.order }
    }

    /// The conditions that have an index; later parts of an action belong to its first row.
    fn indexed(&self) -> (Vec<String>, Vec<Value<'_>>) {
        let mut wheres = vec!["j.part_of is null".to_owned()];
        let mut values = Vec::new();
        let conditions = [("j.at >= ?", self.since.map(Value::from)), ("j.at < ?", self.until.map(Value::from))];
        add_conditions(conditions, &mut wheres, &mut values);
        (wheres, values)
    }

    pub(in crate::store::head_office) fn conditions(&self) -> Conditions<'_> {
        let (mut wheres, mut values) = self.indexed();
        add_terms(&JournalFields, &self.terms, &mut wheres, &mut values);
        (wheres, values)
    }
}

impl HeadOffice {
    /// Reads at most `rows` rows from `seek` on, in the order of the filter.
    pub fn journal_at(
        &self,
        filter: &JournalFilter,
        seek: Seek<Place>,
        rows: usize,
    ) -> Result<Vec<JournalRow>, StoreError> {
        self.journal_before(filter, (seek, None), rows)
    }

    /// Like [`Self::journal_at`], but examines at most `stretch` rows; also returns the place
    /// reached, if that was neither the end nor enough.
    pub fn journal_searched(
        &self,
        filter: &JournalFilter,
        seek: Seek<Place>,
        rows: usize,
        stretch: i64,
    ) -> Result<(Vec<JournalRow>, Option<Place>), StoreError> {
        let edge = filter.keyset().edge(&self.connection, filter.indexed(), seek, stretch)?;
        let found = self.journal_before(filter, (seek, edge), rows)?;
        let reached = edge.filter(|_| found.len() < rows);
        Ok((found, reached))
    }

    fn journal_before(
        &self,
        filter: &JournalFilter,
        stretch: (Seek<Place>, Option<Place>),
        rows: usize,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let select = format!("select {COLUMNS} from operator_journal as j");
        filter.keyset().piece(&self.connection, &select, filter.conditions(), stretch, rows, row)
    }

    /// Who wrote the note on an object last, by the action that writes it; `None` without such a
    /// row.
    pub fn note_author(&self, action: &str, object: &str) -> Result<Option<NoteAuthor>, StoreError> {
        let sql = "select at, operator from operator_journal where object = $1 and action = $2
            and coalesce(result, '') <> 'refused' order by entry_id desc limit 1";
        let author = |row: &Row| Ok(NoteAuthor { at: row.time("at")?, operator: row.text("operator")? });
        self.connection.first(sql, values![object, action], author)
    }

    /// Counts rows by a field from `seek` on; examines at most `stretch` rows.
    pub fn journal_groups(
        &self,
        filter: &JournalFilter,
        field: &str,
        seek: Seek<Place>,
        stretch: i64,
    ) -> Result<GroupPiece, StoreError> {
        let keyset = filter.keyset();
        let edge = keyset.edge(&self.connection, filter.indexed(), seek, stretch)?;
        let value = JournalFields.column(field);
        let grouping = Grouping { from: "operator_journal as j", value, label: "null", failed: "1 = 0" };
        Ok((keyset.groups(&self.connection, grouping, filter.conditions(), (seek, edge))?, edge))
    }

    /// The number of rows that match, counted up to `most`.
    pub fn count_journal(&self, filter: &JournalFilter, most: i64) -> Result<i64, StoreError> {
        let (wheres, mut values) = filter.conditions();
        values.push(most.into());
        let sql = format!(
            "select count(*) from (select 1 from operator_journal as j where {} limit ${}) as counted",
            wheres.join(" and "),
            values.len()
        );
        self.connection.integer(&sql, &values)
    }
}

fn row(row: &Row) -> Result<JournalRow, StoreError> {
    Ok(JournalRow {
        entry_id: row.int(column::entry_id)?,
        at: row.time(column::at)?,
        operator: row.text(column::operator)?,
        client: row.opt_text(column::client)?,
        host: row.opt_text(column::host)?,
        action: row.text(column::action)?,
        object: row.text(column::object)?,
        detail: row.text(column::detail)?,
        before: row.opt_text(column::value_before)?,
        after: row.opt_text(column::value_after)?,
        reason: row.opt_text(column::reason)?,
        result: row.opt_text(column::result)?,
        undone_at: row.opt_time(column::undone_at)?,
        undone_by: row.opt_text(column::undone_by)?,
        login: row.opt_text(column::login)?,
        digest: row.opt_text(column::digest)?,
    })
}

/// The condition of a change whose object is the text of a cause.
const ON_CAUSE: &str = "j.action in ('note on cause', 'mute cause', 'take cause')";

/// The fields of the journal.
struct JournalFields;

impl Fields for JournalFields {
    const TEXTS: &'static [&'static str] = &[
        "j.operator",
        "j.action",
        "j.object",
        "j.detail",
        "j.reason",
        "j.client",
        "j.host",
        "j.value_before",
        "j.value_after",
    ];

    fn column(&self, field: &str) -> &'static str {
        match field {
            "row" => "j.entry_id",
            "by" => "j.operator",
            "client" => "j.client",
            "host" => "j.host",
            "what" => "j.action",
            "on" => "j.object",
            "text" => "j.detail",
            "before" => "j.value_before",
            "after" => "j.value_after",
            "reason" => "j.reason",
            "result" => "j.result",
            "at" => "j.at",
            "undone" => "j.undone_at",
            _ => "null",
        }
    }

    fn any_like(&self, field: &str, value: usize) -> Option<String> {
        match field {
            "job" => Some(format!("(j.object like 'batch job %' and substr(j.object, 11) like ${value} escape '\\')")),
            "store" => Some(format!(
                "(exists (select 1 from journal_session as s where s.entry_id = j.entry_id and s.channel_database like ${value} escape '\\')
                  or (j.action like '%channel database' and j.object like ${value} escape '\\'))"
            )),
            CAUSE_TEXT => Some(format!("({ON_CAUSE} and j.object like ${value} escape '\\')")),
            _ => None,
        }
    }

    fn any_within(&self, field: &str, (low, high): (i64, i64)) -> Option<String> {
        match field {
            "session" => Some(format!(
                "j.entry_id in (select s.entry_id from journal_session as s where s.session_number between {low} and {high})"
            )),
            "cause" => Some(format!(
                "({ON_CAUSE} and j.object in (select c.masked from cause as c where c.digest between {low} and {high}))"
            )),
            _ => None,
        }
    }

    fn is(&self, _: &str, _: &[&'static str]) -> String {
        "1 = 0".to_owned()
    }
}
