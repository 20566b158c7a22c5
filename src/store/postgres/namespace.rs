//! The schema `cdx`, which holds every table of the program, and how a database of an older version gets it.

use crate::store::StoreError;
use crate::store::postgres::search_path::quoted;
use crate::store::postgres::session::Session;
use crate::store::value::Value;

/// The schema.
pub(in crate::store) const SCHEMA: &str = "cdx";

/// Within a migration: the same order, for `pg_catalog` is first where it is not named, but new objects go into the schema.
const CREATION_PATH: &str = "set local search_path = cdx, pg_temp";

/// The tables that an older version of the program made in another schema, such as `public`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Former {
    schema: String,
    owner: String,
    /// Whether this login may rely on what that owner made.
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

/// Tables named as the program names them, by their owner. What an older version leaves in its place for still older ones to read
/// has no column `only_row`.
const FORMER: &str = "select cast(n.nspname as text), cast(r.rolname as text),
        case when r.rolsuper or r.rolname = current_user
            or r.oid = (select datdba from pg_database where datname = current_database())
            or (pg_has_role(r.oid, 'member') and not (select rolsuper from pg_roles where rolname = current_user))
            then 'yes' else 'no' end
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_roles as r on r.oid = c.relowner
    where c.relname = $1 and c.relkind = 'r' and n.nspname <> 'cdx' and n.nspname not like 'pg\\_%'
        and exists (select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'only_row')
    order by 3 desc, n.nspname = 'public' desc, 1 limit 1";

/// The first row of a question, every cell a text.
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

impl Former {
    /// Finds them by the table that says which database it is.
    pub(in crate::store) fn find(session: &Session, identity: &str) -> Result<Option<Self>, StoreError> {
        let found = first(session, FORMER, &[identity.into()])?;
        Ok(found.and_then(|cells| {
            let [schema, owner, trusted] = <[String; 3]>::try_from(cells).ok()?;
            Some(Self { schema, owner, is_trusted: trusted == "yes" })
        }))
    }

    /// Whether the same owner has a table of this name there.
    pub(in crate::store) fn holds(&self, session: &Session, table: &str) -> Result<bool, StoreError> {
        self.named(session, TABLE, table).map(|found| found.is_some())
    }

    /// The qualified name of what the same owner has there by this name.
    fn named(&self, session: &Session, ask: &str, name: &str) -> Result<Option<String>, StoreError> {
        let values = [self.schema.as_str().into(), self.owner.as_str().into(), name.into()];
        Ok(first(session, ask, &values)?.and_then(|cells| cells.into_iter().next()))
    }

    /// A table's qualified name, to read it where it is. The reader of an untrusted owner's table would run that owner's code.
    pub(in crate::store) fn table(&self, session: &Session, table: &str) -> Result<String, StoreError> {
        if !self.is_trusted {
            return Err(session.fault(&format!(
                "its tables are in schema {} and belong to role {}; run cdx process once as that role, which moves them to schema cdx",
                crate::domain::clean_line(&self.schema),
                crate::domain::clean_line(&self.owner)
            )));
        }
        Ok(format!("{}.{table}", quoted(&self.schema)))
    }

    /// Moves the tables and functions that `scripts` create into the schema, as far as their owner is the same. Rights on them stay.
    fn move_to_schema(&self, session: &Session, scripts: &[&str]) -> Result<(), StoreError> {
        for (kind, ask) in [("table", TABLE), ("function", FUNCTION)] {
            for name in created(scripts, kind) {
                if let Some(found) = self.named(session, ask, name)? {
                    session.script(&format!("alter {kind} {found} set schema {SCHEMA}"))?;
                }
            }
        }
        Ok(())
    }
}

/// The names that scripts create a table or function by.
fn created<'s>(scripts: &'s [&str], kind: &str) -> Vec<&'s str> {
    let begins = format!("create {kind} ");
    let lines = scripts.iter().flat_map(|script| script.lines());
    lines.filter_map(|line| line.strip_prefix(&begins)?.split(['(', ' ']).next()).collect()
}

/// What a migration begins with, in its transaction: the schema is there, tables of an older version are in it, and unqualified
/// names are created in it.
pub(in crate::store) fn enter(
    session: &Session,
    former: Option<&Former>,
    identity: &str,
    scripts: &[&str],
) -> Result<(), StoreError> {
    create_schema(session)?;
    if let Some(former) = former {
        former.table(session, identity)?;
        former.move_to_schema(session, scripts)?;
        keep_agents_going(session)?;
    }
    leave_a_sign(session, identity, scripts.len())?;
    session.script(CREATION_PATH)
}

/// Makes the schema unless it is there. Every login may look up names in it; what it may do there its tables say.
pub(in crate::store) fn create_schema(session: &Session) -> Result<(), StoreError> {
    // A superuser is a member of every role, and must not build on what just any role has made.
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
            "schema cdx belongs to role {owner}, which alone makes tables in it; use that login, or drop the schema"
        );
        return Err(StoreError::Open { location: session.location.clone(), reason });
    }
    let sql = "select case when has_database_privilege(current_database(), 'CREATE') then 'yes' else 'no' end";
    if first(session, sql, &[])?.is_none_or(|cells| cells[0] != "yes") {
        let advice = "there is no schema cdx and this login may not make it; as a superuser: \
                      create schema cdx authorization followed by the login's name";
        return Err(StoreError::Denied { location: session.location.clone(), reason: advice.to_owned() });
    }
    session.script("create schema cdx; grant usage on schema cdx to public")
}

/// Agents that insert by a bare `status_message` find it where it is now, with their next connection, if this login may say so for
/// the database and nobody has said otherwise.
fn keep_agents_going(session: &Session) -> Result<(), StoreError> {
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

/// Leaves a table in `public` by which versions that know no other schema refuse the database instead of making their own in it.
fn leave_a_sign(session: &Session, identity: &str, version: usize) -> Result<(), StoreError> {
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
