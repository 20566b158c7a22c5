//! Keyset pagination: reads pages of a list along an index, starting at a row, and searches a list
//! in bounded steps.

use crate::domain::{Order, Seek, Timestamp};
use crate::store::StoreError;
use crate::store::connection::{Connection, Row};
use crate::store::dialect::ID_COLLATION;
use crate::store::value::Value;
use serde::Serialize;

/// A row's place in a list: the value of the order's column, and the row's number.
pub type Place = (i64, i64);

/// The order of a list: by a column, then by the row's number. One index must cover both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyset {
    pub table: &'static str,
    pub column: &'static str,
    pub id: &'static str,
    pub order: Order,
}

/// Rows of a list that have the same value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupCount {
    /// The value as a filter names it; empty for rows without one.
    pub value: String,
    /// What is shown instead, such as the text of a cause.
    pub label: Option<String>,
    /// The number of rows.
    pub rows: i64,
    /// The failures among them.
    pub errors: i64,
    /// The list's time of the newest.
    pub last_at: Option<Timestamp>,
}

/// What rows are counted by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grouping<'a> {
    /// The table, with the joins that the conditions need.
    pub from: &'a str,
    /// The expression of the value.
    pub value: &'a str,
    /// The expression of what is shown instead of the value; `null` if it is the value.
    pub label: &'a str,
    /// The condition of a failure.
    pub failed: &'a str,
}

/// Lets text search use the partial index.
pub(super) const HAS_TEXT: &str = "message is not null";

/// Conditions to join with `and`, and the values of their numbered placeholders.
pub(super) type Conditions<'a> = (Vec<String>, Vec<Value<'a>>);

impl Keyset {
    /// Reads at most `rows` rows from `seek` on, in the order of the list, but not beyond `edge`.
    pub fn piece<T>(
        self,
        connection: &Connection,
        select: &str,
        conditions: Conditions,
        (seek, edge): (Seek<Place>, Option<Place>),
        rows: usize,
        read: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let (mut wheres, mut values) = conditions;
        let rising = self.between(&mut wheres, &mut values, (seek, edge));
        values.push(i64::try_from(rows).unwrap_or(i64::MAX).into());
        let sql = format!(
            "{select} where {} order by {} limit ${}",
            wheres.join(" and "),
            self.order_by(rising),
            values.len()
        );
        let mut found = connection.query(&sql, &values, read)?;
        if seek.is_backward() {
            found.reverse();
        }
        Ok(found)
    }

    /// Counts the rows after `seek`, but not beyond `edge`, by the value of an expression.
    pub fn groups(
        self,
        connection: &Connection,
        grouping: Grouping,
        conditions: Conditions,
        (seek, edge): (Seek<Place>, Option<Place>),
    ) -> Result<Vec<GroupCount>, StoreError> {
        let (mut wheres, mut values) = conditions;
        self.between(&mut wheres, &mut values, (seek, edge));
        let Grouping { from, value, label, failed } = grouping;
        let sql = format!(
            "select coalesce(cast({value} as text), '') as value, {label} as label, count(*) as counted,
                sum(case when {failed} then 1 else 0 end) as errors, max({}) as last_at
             from {from} where {} group by 1",
            self.column,
            wheres.join(" and ")
        );
        connection.query(&sql, &values, |row| {
            Ok(GroupCount {
                value: row.text("value")?,
                label: row.opt_text("label")?,
                rows: row.int("counted")?,
                errors: row.int("errors")?,
                last_at: row.opt_time("last_at")?,
            })
        })
    }

    /// Returns the place of the row after the next `stretch` rows; `None` if the list ends before
    /// it.
    pub fn edge(
        self,
        connection: &Connection,
        conditions: Conditions,
        seek: Seek<Place>,
        stretch: i64,
    ) -> Result<Option<Place>, StoreError> {
        let (mut wheres, mut values) = conditions;
        let rising = self.between(&mut wheres, &mut values, (seek, None));
        values.push(stretch.into());
        let sql = format!(
            "select {} as place, {} as id from {} where {} order by {} limit 1 offset ${}",
            self.column,
            self.id,
            self.table,
            wheres.join(" and "),
            self.order_by(rising),
            values.len()
        );
        connection.first(&sql, &values, |row| Ok((row.int("place")?, row.int("id")?)))
    }

    /// Adds the conditions of the rows after `seek`, but not beyond `edge`; returns whether they
    /// are read in ascending order.
    fn between(
        self,
        wheres: &mut Vec<String>,
        values: &mut Vec<Value>,
        (seek, edge): (Seek<Place>, Option<Place>),
    ) -> bool {
        let rising = self.order.ascending != seek.is_backward();
        self.limit(wheres, values, seek.limit(), if rising { ">" } else { "<" });
        self.limit(wheres, values, edge, if rising { "<=" } else { ">=" });
        rising
    }

    fn limit(self, wheres: &mut Vec<String>, values: &mut Vec<Value>, place: Option<Place>, sign: &str) {
        let Some((at, id)) = place else { return };
        values.extend([Value::from(at), Value::from(id)]);
        let count = values.len();
        wheres.push(format!("({}, {}) {sign} (${}, ${count}{ID_COLLATION})", self.column, self.id, count - 1));
    }

    fn order_by(self, rising: bool) -> String {
        let way = if rising { "asc" } else { "desc" };
        format!("{} {way}, {} {way}", self.column, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Direction;
    use crate::store::head_office::{HeadOffice, MessageFilter, SessionFilter};
    use crate::store::{Access, Location};

    #[test]
    fn a_page_begins_at_its_row_however_many_rows_have_the_same_instant() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("head-office.db"));
        let office = HeadOffice::open(&location, Access::Create).expect("head office");
        let sessions = SessionFilter::new(Direction::Upload);
        let failures = MessageFilter { failed: true, ..MessageFilter::default() };
        for seek in [Seek::After((5, 7)), Seek::Before((5, 7))] {
            let reads = |office: &HeadOffice| {
                office.messages_at(&MessageFilter::default(), seek, 10)?;
                office.messages_at(&failures, seek, 10)?;
                office.sessions_at(&sessions, seek, 10).map(drop)
            };
            let plans = office.plans_of(reads).expect("explained");
            assert_eq!(plans.len(), 3);
            for plan in plans {
                assert!(plan.steps.iter().any(|step| step.contains(",rowid)")), "{plan:?}");
            }
        }
    }
}
