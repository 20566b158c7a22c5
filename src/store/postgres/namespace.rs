//! The schema `cdx`, which contains every table of the program, and the migration of older
//! databases to it.

use crate::store::StoreError;
use crate::store::postgres::search_path::quoted_identifier;
use crate::store::postgres::session::Session;
use crate::store::value::Value;

/// Its name.
pub(in crate::store) const SCHEMA: &str = "cdx";

/// Within a migration: the same order, because `pg_catalog` is first unless it is named, but new
/// objects are created in the schema.
const CREATION_PATH: &str = "set local search_path = cdx, pg_temp";

/// The tables that an older version created in another schema, such as `public`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct FormerSchema {
    schema: String,
    owner: String,
    /// Whether this login may trust that owner.
    is_trusted: bool,
}

/// A table by its schema, owner and name.
const TABLE: &str = "select cast(cast(c.oid as regclass) as text) from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace join pg_roles as r on r.oid = c.relowner
    where n.nspname = $1 and r.rolname = $2 and c.relname = $3 and c.relkind = 'r'";

/// A function without parameters likewise.
const FUNCTION: &str = "select cast(cast(p.oid as regprocedure) as text) from pg_proc as p
    join pg_namespace as n on n.oid = p.pronamespace join pg_roles as r on r.oid = p.proowner
    where n.nspname = $1 and r.rolname = $2 and p.proname = $3 and p.pronargs = 0";

/// Finds tables of the program's names, with their owners. The mark that a migration leaves for
/// older versions has no column `only_row`.
const FORMER: &str = "select cast(n.nspname as text), cast(r.rolname as text),
        case when r.rolsuper or r.rolname = current_user
            or r.oid = (select datdba from pg_database where datname = current_database())
            or (pg_has_role(r.oid, 'member') and not (select rolsuper from pg_roles where rolname = current_user))
            then 'yes' else 'no' end
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_roles as r on r.oid = c.relowner
    where c.relname = $1 and c.relkind = 'r' and n.nspname <> 'cdx' and n.nspname not like 'pg\\_%'
        and exists (select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'only_row')
    order by 3 desc, n.nspname = 'public' desc, 1 limit 1";

/// The first row of a query, every cell as text.
fn first(session: &Session, sql: &str, values: &[Value]) -> Result<Option<Vec<String>>, StoreError> {
    let mut found = None;
    session.each(sql, values, &mut |row| {
        let cell = |at| {
            crate::store::postgres::text(row, at)
                .map(|text| String::from_utf8_lossy(text.unwrap_or_default()).into_owned())
        };
        let cells = (0..row.len()).map(cell).collect::<Result<_, _>>();
        found = Some(cells.map_err(|error| crate::store::postgres::failure::classify(&error, &session.location))?);
        Ok(false)
    })?;
    Ok(found)
}

impl FormerSchema {
    /// Finds them by the identity's table.
    pub(in crate::store) fn find(session: &Session, identity: &str) -> Result<Option<Self>, StoreError> {
        let found = first(session, FORMER, &[identity.into()])?;
        Ok(found.and_then(|cells| {
            let [schema, owner, trusted] = <[String; 3]>::try_from(cells).ok()?;
            Some(Self { schema, owner, is_trusted: trusted == "yes" })
        }))
    }

    /// Whether the same owner has a table of this name in that schema.
    pub(in crate::store) fn has_table(&self, session: &Session, table: &str) -> Result<bool, StoreError> {
        self.qualified_name(session, TABLE, table).map(|found| found.is_some())
    }

    /// The qualified name of that owner's object of this name.
    fn qualified_name(&self, session: &Session, query: &str, name: &str) -> Result<Option<String>, StoreError> {
        let values = [self.schema.as_str().into(), self.owner.as_str().into(), name.into()];
        Ok(first(session, query, &values)?.and_then(|cells| cells.into_iter().next()))
    }

    /// A table's qualified name, to read it before the migration. Reading an untrusted owner's
    /// table would run that owner's code.
    pub(in crate::store) fn table(&self, session: &Session, table: &str) -> Result<String, StoreError> {
        if !self.is_trusted {
            return Err(session.fault(&format!(
                "its tables are in schema {} and belong to role {}; run cdx process once as that role, which moves them to schema cdx",
                crate::domain::clean_line(&self.schema),
                crate::domain::clean_line(&self.owner)
            )));
        }
        Ok(format!("{}.{table}", quoted_identifier(&self.schema)))
    }

    /// Moves the tables and functions that `scripts` create to the schema, if the owner is the
    /// same. Their privileges remain.
    fn move_to_schema(&self, session: &Session, scripts: &[&str]) -> Result<(), StoreError> {
        for (kind, query) in [("table", TABLE), ("function", FUNCTION)] {
            for name in created(scripts, kind) {
                if let Some(found) = self.qualified_name(session, query, name)? {
                    session.script(&format!("alter {kind} {found} set schema {SCHEMA}"))?;
                }
            }
        }
        Ok(())
    }
}

/// The names that scripts create tables or functions with.
fn created<'s>(scripts: &'s [&str], kind: &str) -> Vec<&'s str> {
    let begins = format!("create {kind} ");
    let lines = scripts.iter().flat_map(|script| script.lines());
    lines.filter_map(|line| line.strip_prefix(&begins)?.split(['(', ' ']).next()).collect()
}

/// Begins a migration in its transaction: the schema exists, tables of an older version are in it,
/// and unqualified names are created in it.
pub(in crate::store) fn enter(
    session: &Session,
    former: Option<&FormerSchema>,
    identity: &str,
    scripts: &[&str],
) -> Result<(), StoreError> {
    create_schema(session)?;
    if let Some(former) = former {
        former.table(session, identity)?;
        former.move_to_schema(session, scripts)?;
        set_search_path_of_agents(session)?;
    }
    leave_mark_for_old_versions(session, identity, scripts.len())?;
    session.script(CREATION_PATH)
}

/// Creates the schema if it is missing. Every login may look up names in it; its tables have
/// privileges of their own.
pub(in crate::store) fn create_schema(session: &Session) -> Result<(), StoreError> {
    // A superuser is a member of every role, but must not trust every role's schema.
    let sql = "select case when r.rolsuper or r.rolname in (current_user, 'pg_database_owner')
            or r.oid = (select datdba from pg_database where datname = current_database())
            or (pg_has_role(r.oid, 'member') and not (select rolsuper from pg_roles where rolname = current_user))
            then 'yes' else 'no' end, cast(r.rolname as text)
        from pg_namespace as n join pg_roles as r on r.oid = n.nspowner where n.nspname = 'cdx'";
    if let Some(cells) = first(session, sql, &[])? {
        if cells[0] == "yes" {
            return Ok(());
        }
        let owner = crate::domain::clean_line(&cells[1]).into_owned();
        let reason = format!(
            "schema cdx belongs to role {owner}, and only that role may create tables in it; log in as {owner}, or drop the schema"
        );
        return Err(StoreError::Open { location: session.location.clone(), reason });
    }
    let sql = "select case when has_database_privilege(current_database(), 'CREATE') then 'yes' else 'no' end";
    if first(session, sql, &[])?.is_none_or(|cells| cells[0] != "yes") {
        let login = first(session, "select quote_ident(cast(current_user as text))", &[])?.unwrap_or_default().concat();
        let reason = format!(
            "schema cdx does not exist and login {0} may not create it; as a superuser run: create schema cdx authorization {0}",
            crate::domain::clean_line(&login)
        );
        return Err(StoreError::Denied { location: session.location.clone(), reason });
    }
    session.script("create schema cdx; grant usage on schema cdx to public")
}

/// Lets agents that insert into an unqualified `status_message` find it after reconnecting, if this
/// login may set the database's search path and it is not set yet.
fn set_search_path_of_agents(session: &Session) -> Result<(), StoreError> {
    session.script(
        "do $$ begin
            if not exists (select from pg_db_role_setting, unnest(setconfig) as setting
                    where setrole = 0 and setting like 'search_path=%'
                    and setdatabase = (select oid from pg_database where datname = current_database()))
                and pg_has_role((select datdba from pg_database where datname = current_database()), 'usage')
            then
                execute format('alter database %I set search_path = \"$user\", cdx, public', current_database());
            end if;
        end $$",
    )
}

/// Leaves a table in `public` that makes versions without the schema refuse the database.
fn leave_mark_for_old_versions(session: &Session, identity: &str, version: usize) -> Result<(), StoreError> {
    session.script(&format!(
        "do $$ begin
            if to_regclass('public.{identity}') is null and to_regnamespace('public') is not null
                and has_schema_privilege('public', 'CREATE')
            then
                create table public.{identity} (schema_version bigint not null);
                comment on table public.{identity} is 'for versions of cdx before schema cdx: refuse this database';
                insert into public.{identity} (schema_version) values ({version});
                grant select on public.{identity} to public;
            end if;
        end $$"
    ))
}

#[cfg(test)]
mod tests {
    use super::created;

    #[test]
    fn what_scripts_create_is_found_in_them() {
        let scripts =
            ["create table a (n bigint);\ncreate index b on a (n);\n", "create function c() returns trigger\n"];
        assert_eq!((created(&scripts, "table"), created(&scripts, "function")), (vec!["a"], vec!["c"]));
    }
}
