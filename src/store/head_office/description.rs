//! The database as a support bundle describes it: schema, sizes, query plans of the lists.

use crate::store::StoreError;
use crate::store::description::Description;
use crate::store::head_office::{HeadOffice, SCHEMA};
use crate::store::plans::QueryPlan;

impl HeadOffice {
    /// Describes it for a support bundle.
    pub fn describe(&self) -> Result<Description, StoreError> {
        self.connection.describe(SCHEMA.identity)
    }

    /// Returns the plans of the queries that `reads` would execute. They return no rows to it, so
    /// that queries that depend on rows are left out.
    pub fn plans_of(&self, reads: impl FnOnce(&Self) -> Result<(), StoreError>) -> Result<Vec<QueryPlan>, StoreError> {
        self.connection.plans.begin();
        let read = reads(self);
        let plans = self.connection.plans.end();
        read.map(|()| plans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::head_office::RejectedFilter;
    use crate::store::{Access, Location};

    #[test]
    fn a_query_is_explained_and_not_executed_and_the_next_one_is_executed() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("head-office.db"));
        let office = HeadOffice::open(&location, Access::Create).expect("head office");
        office.save_group("NIGHT", "At night", "m.jansen").expect("saved");
        let mut groups = None;
        let filter = RejectedFilter { limit: 5, ..RejectedFilter::default() };
        let reads = |office: &HeadOffice| {
            groups = Some(office.groups()?);
            office.rejected(&filter).map(drop)
        };
        let plans = office.plans_of(reads).expect("explained");
        let [_, plan] = plans.as_slice() else { panic!("{plans:?}") };
        assert!(plan.sql.starts_with("select ") && plan.sql.contains(" limit $"), "{plan:?}");
        assert!(plan.steps.iter().any(|step| step.contains("rejected_message")), "{plan:?}");
        assert_eq!(groups, Some(Vec::new()), "not executed");
        assert!(office.groups().expect("executed").iter().any(|group| group.name == "NIGHT"));
    }
}
