//! The size of tables.

use crate::store::StoreError;
use crate::store::connection::Connection;

impl Connection {
    /// Bytes of tables at a server; of a file, all that it uses.
    pub(super) fn used_bytes(&self, tables: &[&str]) -> Result<i64, StoreError> {
        if self.session().is_none() {
            let sql = "select (page_count - freelist_count) * page_size
                       from pragma_page_count, pragma_freelist_count, pragma_page_size";
            return self.integer(sql, &[]);
        }
        let size = |table: &&str| format!("pg_total_relation_size(cast('{table}' as regclass))");
        let sizes: Vec<_> = tables.iter().map(size).collect();
        self.integer(&format!("select {}", sizes.join(" + ")), &[])
    }
}
