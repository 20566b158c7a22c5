//! The rules that keep other roles' objects out of the program's statements.
//!
//! A login that may create objects in a schema on the search path can define an operator or
//! function that a statement of a more powerful login resolves to. The search path therefore names
//! `pg_catalog` and `cdx` alone, and a server where an untrusted role may create objects in either
//! is refused.

use crate::store::postgres::failure::classify;
use crate::store::{Location, StoreError};
use postgres::Client;

/// The search path of every connection. `pg_temp` would be searched first if it were not named.
pub(super) const SEARCH_PATH: &str = "set search_path = pg_catalog, cdx, pg_temp";

/// Untrusted roles that may create objects in a schema of the search path.
const UNTRUSTED_CREATORS: &str = "select cast(n.nspname as text), coalesce(cast(r.rolname as text), 'PUBLIC')
    from pg_namespace as n cross join lateral aclexplode(n.nspacl) as granted
    left join pg_roles as r on r.oid = granted.grantee
    where n.nspname in ('pg_catalog', 'cdx') and granted.privilege_type = 'CREATE' and granted.grantee <> n.nspowner
        and not coalesce(r.rolsuper or r.rolname in (current_user, 'pg_database_owner'), false)
        and granted.grantee <> (select datdba from pg_database where datname = current_database())
    order by 1, 2 limit 1";

/// Refuses a database in which an untrusted role may create objects that this program's statements
/// resolve to.
pub(super) fn refuse_untrusted_creators(client: &mut Client, location: &Location) -> Result<(), StoreError> {
    let failed = |error: postgres::Error| classify(&error, location);
    let Some(row) = client.query_opt(UNTRUSTED_CREATORS, &[]).map_err(failed)? else { return Ok(()) };
    let schema: String = row.try_get(0).map_err(failed)?;
    let role: String = row.try_get(1).map_err(failed)?;
    let named = if role == "PUBLIC" { role.clone() } else { quoted_identifier(&role) };
    Err(StoreError::Open {
        location: location.clone(),
        reason: crate::domain::clean_line(&format!(
            "role {role} may create objects in schema {schema}, and such objects would run with the rights of other logins; \
             run: revoke create on schema {schema} from {named}"
        ))
        .into_owned(),
    })
}

/// Returns a name as a quoted identifier of SQL.
pub(super) fn quoted_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
