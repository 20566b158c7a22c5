//! Objects that other roles create on a PostgreSQL server: no statement of the program resolves to
//! them, and no login gains privileges.

use crate::support::cluster::{Cluster, Database};
use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download, line};
use crate::support::{Exchange, Ran, ran};
use ::postgres::error::SqlState;

const ROLES: &str = include_str!("../../assets/postgres/roles.sql");
const LOGINS: [&str; 5] = ["store0001", "looker", "vermeer", "aos1", "stranger"];

/// Operators that statements use, for operand types with and without an exact match in
/// `pg_catalog`.
const OPERATORS: [(&str, &str, &str, &str); 24] = [
    ("*", "numeric", "integer", "numeric"),
    ("*", "numeric", "numeric", "numeric"),
    ("*", "double precision", "integer", "double precision"),
    ("-", "numeric", "integer", "numeric"),
    ("-", "bigint", "integer", "bigint"),
    ("+", "bigint", "integer", "bigint"),
    ("+", "bigint", "bigint", "bigint"),
    ("/", "bigint", "bigint", "bigint"),
    ("=", "bigint", "integer", "boolean"),
    ("=", "bigint", "bigint", "boolean"),
    ("=", "text", "text", "boolean"),
    ("=", "name", "name", "boolean"),
    ("=", "name", "text", "boolean"),
    ("<>", "text", "text", "boolean"),
    ("<>", "bigint", "integer", "boolean"),
    ("<", "bigint", "integer", "boolean"),
    (">", "bigint", "bigint", "boolean"),
    (">", "bigint", "integer", "boolean"),
    (">=", "bigint", "bigint", "boolean"),
    ("<=", "bigint", "bigint", "boolean"),
    ("<=", "bigint", "integer", "boolean"),
    ("||", "text", "text", "text"),
    ("~~*", "text", "text", "boolean"),
    ("-", "timestamptz", "timestamptz", "interval"),
];

/// Functions that statements use.
const FUNCTIONS: [(&str, &str, &str); 18] = [
    ("floor", "numeric", "numeric"),
    ("floor", "double precision", "double precision"),
    ("version", "", "text"),
    ("current_setting", "text", "text"),
    ("current_database", "", "name"),
    ("clock_timestamp", "", "timestamptz"),
    ("now", "", "timestamptz"),
    ("gen_random_uuid", "", "uuid"),
    ("pg_current_xact_id", "", "xid8"),
    ("pg_is_in_recovery", "", "boolean"),
    ("pg_notify", "text, name", "void"),
    ("pg_notify", "text, text", "void"),
    ("pg_try_advisory_lock", "integer, integer", "boolean"),
    ("hashtext", "text", "integer"),
    ("hashtextextended", "text, integer", "bigint"),
    ("length", "text", "integer"),
    ("lower", "text", "text"),
    ("substr", "text, integer, bigint", "text"),
];

/// Types, tables and views with names that the program uses.
const TYPES: [&str; 6] = ["text", "int8", "bool", "numeric", "regclass", "xid8"];
const TABLES: [&str; 8] =
    ["status_message", "session", "run", "lease", "agent", "session_request", "unfinished_copy", "staged_message"];
const VIEWS: [&str; 3] = ["batch_job", "cause", "transfer_cursor"];

/// Statements that create every object a login can create. Each object records who runs it.
fn attacks() -> Vec<String> {
    let mut made = vec![
        "create function public.note(what text) returns boolean language plpgsql as $$ begin
            insert into public.trophy values (current_user, what); return true; end $$"
            .to_owned(),
        "create function public.note_trigger() returns trigger language plpgsql as $$ begin
            perform public.note('trigger'); return null; end $$"
            .to_owned(),
    ];
    let body = |what: &str, result: &str| match result {
        "void" => format!("$$ begin perform public.note('{what}'); end $$"),
        _ => format!("$$ begin perform public.note('{what}'); return null; end $$"),
    };
    for (at, (operator, left, right, result)) in OPERATORS.iter().enumerate() {
        made.push(format!(
            "create function public.operator_{at}({left}, {right}) returns {result} language plpgsql as {};
             create operator public.{operator} (leftarg = {left}, rightarg = {right}, function = public.operator_{at})",
            body(&format!("operator {operator} ({left}, {right})"), result)
        ));
    }
    for (name, parameters, result) in FUNCTIONS {
        let body = body(&format!("function {name}({parameters})"), result);
        made.push(format!("create function public.{name}({parameters}) returns {result} language plpgsql as {body}"));
    }
    for name in TYPES {
        made.push(format!("create domain public.{name} as pg_catalog.int4 check (public.note('type {name}'))"));
    }
    made.push(
        "create type public.sly as (n pg_catalog.int4);
         create function public.of_sly(public.sly) returns pg_catalog.text language plpgsql as
            $$ begin perform public.note('cast'); return ''; end $$;
         create cast (public.sly as pg_catalog.text) with function public.of_sly(public.sly) as implicit"
            .to_owned(),
    );
    for name in TABLES {
        made.push(format!(
            "create table public.{name} (n pg_catalog.int4 default 1 check (public.note('table {name}')), source_id pg_catalog.text);
             create trigger noted before insert or update or delete on public.{name}
                for each statement execute function public.note_trigger();
             create rule noted as on insert to public.{name} do also select public.note('rule {name}');
             alter table public.{name} enable row level security;
             create policy noted on public.{name} using (public.note('policy {name}'));
             grant all on public.{name} to public"
        ));
    }
    for name in VIEWS {
        made.push(format!(
            "create view public.{name} as select public.note('view {name}'); grant all on public.{name} to public"
        ));
    }
    for name in ["status_message", "unfinished_copy", "exchange", "head_office"] {
        made.push(format!("create temporary table {name} (n pg_catalog.int4)"));
    }
    made
}

/// Statements on the program's schema that every login must be refused.
const FORBIDDEN: [&str; 6] = [
    "create function cdx.floor(numeric) returns numeric language sql as $$ select 1::numeric $$",
    "create operator cdx.* (leftarg = numeric, rightarg = integer, function = numeric_mul)",
    "create table cdx.unfinished_copy (n integer)",
    "create domain cdx.text as integer",
    "create view cdx.sessions as select 1",
    "create schema other",
];

/// An exchange on a server where every role may create objects in `public`, as up to PostgreSQL 14,
/// owned by a login that is no superuser.
fn exchange() -> Exchange {
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    cluster.connect("postgres").batch_execute("create role keeper login").expect("made");
    for database in [exchange.served_messages(), exchange.served_office()] {
        open_to_all(database);
    }
    exchange
}

fn open_to_all(database: &Database) {
    let sql = format!(
        "alter database {} owner to keeper; alter schema public owner to postgres; grant create on schema public to public",
        database.name()
    );
    database.connect().batch_execute(&sql).expect("set");
}

fn make_logins(exchange: &Exchange) {
    exchange.script_at_messages(ROLES);
    exchange.script_at_head_office(ROLES);
    exchange.script_at_head_office(
        "create role store0001 login in role cdx_agent; create role looker login in role cdx_viewer;
         create role vermeer login in role cdx_operator; create role aos1 login in role cdx_batch_server;
         create role stranger login;",
    );
}

/// Creates the table in which the attackers' functions record who ran them.
fn create_trophies(exchange: &Exchange) {
    for database in [exchange.served_messages(), exchange.served_office()] {
        let sql = "create table public.trophy (victim text, what text); grant all on public.trophy to public";
        database.connect().batch_execute(sql).expect("made");
    }
}

/// Returns who ran which of an attacker's objects.
fn trophies(exchange: &Exchange, attacker: &str) -> Vec<String> {
    let sql = format!("select distinct victim, what from public.trophy where victim <> '{attacker}'");
    [exchange.posted(&sql), exchange.at_head_office(&sql)].concat()
}

fn as_login(exchange: &Exchange, login: &str, args: &[&str]) -> Ran {
    let mut command = exchange.command(args);
    command.env("CDX_MESSAGE_DATABASE", exchange.served_messages().url(login));
    command.env("CDX_HEAD_OFFICE", exchange.served_office().url(login));
    ran(command.stdin(std::process::Stdio::null()))
}

fn post_as(exchange: &Exchange, login: &str, first: u64, session: i64) -> Ran {
    let file = exchange.path("report.jsonl");
    let lines = [download(first, session, "S0001", APPLIED), download(first + 1, session + 1, "S0001", APPLY_FAILED)];
    std::fs::write(&file, lines.map(|message| line(&message) + "\n").concat()).expect("written");
    as_login(exchange, login, &["post", file.to_str().expect("a plain path")])
}

/// Runs every kind of command as the owner.
fn work_as_owner(exchange: &Exchange, first: u64, session: i64) {
    post_as(exchange, "keeper", first, session).exits(0);
    let number = (session + 1).to_string();
    let commands: [&[&str]; 10] = [
        &["process"],
        &["sessions", "download"],
        &["messages", "--session", &number],
        &["errors"],
        &["session", "cancel", "download", &number, "--reason", "ticket"],
        &["requests", "--take", "AsyncClient"],
        &["parameters", "set", "try-count", "4"],
        &["batch", "submit"],
        &["batch-server", "--once"],
        &["batch", "jobs"],
    ];
    for args in commands {
        let done = as_login(exchange, "keeper", args);
        assert!([0, 3].contains(&done.code), "{args:?}: {done:?}");
    }
    as_login(exchange, "keeper", &["process"]).exits(0);
}

#[test]
fn no_statement_resolves_to_an_object_of_another_role() {
    let exchange = exchange();
    create_trophies(&exchange);
    post_as(&exchange, "keeper", 1, 100).exits(0);
    as_login(&exchange, "keeper", &["process"]).exits(0);
    make_logins(&exchange);
    for database in [exchange.served_messages(), exchange.served_office()] {
        open_to_all(database);
    }
    for (at, attacker) in LOGINS.iter().enumerate() {
        let mut sessions =
            [exchange.served_messages(), exchange.served_office()].map(|database| database.connect_as(attacker));
        for connection in &mut sessions {
            connection.batch_execute("set search_path = pg_catalog").expect("set");
            let mut made = 0;
            for attack in attacks() {
                let tried = connection.batch_execute(&attack);
                // Not every login may create temporary objects.
                assert!(tried.is_ok() || attack.contains("temporary"), "{attacker}: {attack}: {tried:?}");
                made += u32::from(tried.is_ok());
            }
            assert!(made > 50);
            for sql in FORBIDDEN {
                let refused = connection.batch_execute(sql).expect_err("it is refused");
                assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{attacker}: {sql}: {refused:?}");
            }
        }
        for (connection, table) in sessions.iter_mut().zip(["status_message", "session"]) {
            for sql in [
                format!(
                    "create trigger t after insert on cdx.{table} for each row execute function public.note_trigger()"
                ),
                format!("create rule r as on insert to cdx.{table} do also select 1"),
                format!("alter table cdx.{table} add column sly text"),
            ] {
                let refused = connection.batch_execute(&sql).expect_err("it is refused");
                assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{attacker}: {sql}: {refused:?}");
            }
        }
        let number = i64::try_from(at).expect("few") * 10 + 200;
        work_as_owner(&exchange, u64::try_from(number).expect("positive") * 10, number);
        let doctor = as_login(&exchange, "keeper", &["doctor"]);
        assert!(!doctor.stdout.contains("unfinished"), "{doctor:?}");
        assert_eq!(trophies(&exchange, attacker), Vec::<String>::new(), "{attacker}");
        let rights = "delete from cdx.status_message";
        let tried = sessions[0].batch_execute(&format!("begin; {rights}; rollback"));
        let may = tried.is_ok();
        let _ = sessions[0].batch_execute("rollback");
        assert_eq!(may, ["vermeer", "aos1"].contains(attacker), "{attacker}");
        drop(sessions);
        for database in [exchange.served_messages(), exchange.served_office()] {
            // Drops the attacker's objects; privileges inherited from roles remain.
            let drop = format!("drop owned by {attacker} cascade; grant create on schema public to public");
            database.connect().batch_execute(&drop).expect("dropped");
        }
    }
}

#[test]
fn a_schema_in_which_other_roles_may_create_objects_is_refused_and_reported_by_doctor() {
    let exchange = exchange();
    post_as(&exchange, "keeper", 1, 100).exits(0);
    as_login(&exchange, "keeper", &["process"]).exits(0);
    make_logins(&exchange);
    for (schema, role) in [("cdx", "store0001"), ("cdx", "public"), ("pg_catalog", "cdx_agent")] {
        let grant = format!("grant create on schema {schema} to {role}");
        exchange.script_at_head_office(&grant);
        exchange.script_at_messages(&grant);
        let words = format!("may create objects in schema {schema}");
        for args in [&["process"][..], &["sessions", "download"], &["requests"]] {
            as_login(&exchange, "keeper", args).exits(1).says(&words).says("revoke create on schema");
        }
        let doctor = as_login(&exchange, "keeper", &["doctor"]);
        assert!(doctor.code == 1 && doctor.stdout.matches(&words).count() == 2, "{doctor:?}");
        let revoke = format!("revoke create on schema {schema} from {role}");
        exchange.script_at_head_office(&revoke);
        exchange.script_at_messages(&revoke);
        as_login(&exchange, "keeper", &["process"]).exits(0);
    }
    // Superusers and the owner may have the privilege.
    exchange.script_at_head_office("create role admin superuser; grant create on schema cdx to admin, keeper");
    as_login(&exchange, "keeper", &["process"]).exits(0);
    // Functions resolve only PostgreSQL's own objects, whatever the caller's search path is.
    let sql = "select count(*) from pg_proc where pronamespace = 'cdx'::regnamespace
               and coalesce(proconfig::text, '') not like '%search_path=pg_catalog%'";
    assert_eq!((exchange.at_head_office(sql), exchange.posted(sql)), (vec!["0".to_owned()], vec!["0".to_owned()]));
}

/// The migrations up to the last version that created its tables in `public`.
const FORMER_MESSAGES: [&str; 1] =
    [include_str!("../../assets/migrations/postgres/message_database/0001_exchange.sql")];
const FORMER_OFFICE: [&str; 7] = [
    include_str!("../../assets/migrations/postgres/head_office/0001_head_office.sql"),
    include_str!("../../assets/migrations/postgres/head_office/0002_channels_schedules_undo.sql"),
    include_str!("../../assets/migrations/postgres/head_office/0003_batch.sql"),
    include_str!("../../assets/migrations/postgres/head_office/0004_news.sql"),
    include_str!("../../assets/migrations/postgres/head_office/0005_told.sql"),
    include_str!("../../assets/migrations/postgres/head_office/0006_purged_seen.sql"),
    include_str!("../../assets/migrations/postgres/head_office/0007_texts.sql"),
];

#[test]
fn tables_of_an_older_version_move_out_of_public_with_their_rights_and_without_foreign_operators() {
    let exchange = exchange();
    create_trophies(&exchange);
    exchange.script_at_messages("create role cdx_agent; create role store0001 login in role cdx_agent");
    // The operator exists before the tables, so that the default of posted_at resolves to it.
    let mut agent = exchange.served_messages().connect_as("store0001");
    agent
        .batch_execute(
            "create function public.sly(numeric, integer) returns numeric language plpgsql as $$ begin
                insert into public.trophy values (current_user, 'operator'); return $1 * cast($2 as numeric); end $$;
             create operator public.* (leftarg = numeric, rightarg = integer, function = public.sly);
             create table public.unfinished_copy (source_id text)",
        )
        .expect("made");
    let former = [
        (exchange.served_messages(), &FORMER_MESSAGES[..], "exchange"),
        (exchange.served_office(), &FORMER_OFFICE[..], "head_office"),
    ];
    for (database, scripts, identity) in &former {
        let mut owner = database.connect_as("keeper");
        for script in *scripts {
            owner.batch_execute(script).expect("made");
        }
        owner.batch_execute(&format!("update {identity} set schema_version = {}", scripts.len())).expect("set");
    }
    let insert =
        "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status,
        occurred_at) values (gen_random_uuid()::text, 0, 7, 'S0001', '1040', 4, 1764000000000)";
    let mut owner = exchange.served_messages().connect_as("keeper");
    owner.batch_execute(&format!("grant select, insert on status_message to cdx_agent; {insert}")).expect("posted");
    assert_eq!(trophies(&exchange, "store0001"), ["keeper|operator"], "the test's attack works");
    exchange.script_at_messages("delete from public.trophy");

    let refused = as_login(&exchange, "keeper", &["--read-only", "sessions", "download"]).exits(1);
    refused.says("migrate it with cdx process");
    as_login(&exchange, "keeper", &["process", "--no-purge"]).exits(0);
    post_as(&exchange, "keeper", 10, 100).exits(0);
    as_login(&exchange, "keeper", &["process", "--no-purge"]).exits(0);
    assert_eq!(exchange.count("session"), 3);
    assert_eq!(trophies(&exchange, "store0001"), Vec::<String>::new());
    // An agent's unqualified table name fails on its old connection and resolves to the moved table
    // on a new one.
    agent.batch_execute(insert).expect_err("it is gone from public");
    exchange.served_messages().connect_as("store0001").batch_execute(insert).expect("posted");
    exchange
        .served_messages()
        .connect_as("store0001")
        .batch_execute(&insert.replace("into ", "into cdx."))
        .expect("posted");
    assert_eq!(exchange.posted("select count(*) from status_message"), ["5"]);
    for (database, _, identity) in &former {
        let left =
            "select c.relname from pg_class as c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
                    and c.relname not in ('trophy', 'unfinished_copy')";
        assert_eq!(database.rows(left), [*identity]);
        // An older program finds a schema version that it does not support.
        let mut older = database.connect_as("keeper");
        let sql =
            format!("set search_path = public; select schema_version > 7 or '{identity}' = 'exchange' from {identity}");
        older.batch_execute(&sql).expect("it is there");
        assert_eq!(database.rows(&format!("select count(*) from public.{identity} where schema_version > 1")), ["1"]);
    }
    exchange.script_at_messages(ROLES);
    exchange.script_at_head_office(ROLES);
    post_as(&exchange, "store0001", 30, 300).exits(0);
}

#[test]
fn a_schema_cdx_owned_by_another_role_is_refused() {
    let exchange = exchange();
    exchange.script_at_head_office("create role sly login; create schema cdx authorization sly");
    exchange.cdx(&["process"]).exits(1).says("schema cdx belongs to role sly");
    let owner = as_login(&exchange, "keeper", &["process"]).exits(1);
    assert!(owner.stderr.contains("schema cdx belongs to role sly"), "{owner:?}");
}

#[test]
fn an_agent_name_too_long_for_an_index_is_refused() {
    let exchange = Exchange::of(crate::support::engines::Engines::Postgres);
    exchange.post(&[download(1, 7, "S0001", APPLIED)]);
    // Random text, which the server cannot compress.
    let name: String = std::iter::repeat_with(fastrand::alphanumeric).take(12_000).collect();
    let refused = exchange.cdx(&["requests", "--take", &name]);
    assert!(refused.code == 2 && refused.stderr.contains("1000"), "{refused:?}");
    assert!(!refused.stderr.contains(&name[..200]), "{refused:?}");
    let refused = exchange.agent().take_requests(&name, &[], 10).expect_err("the index does not hold it").to_string();
    assert!(refused.contains("a name is too long"), "{refused}");
    exchange.post(&applied_sessions(10, 0..2));
}
