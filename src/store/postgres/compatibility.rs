//! Refuses servers that speak PostgreSQL's protocol but are another product: what this program
//! relies on, such as advisory locks or unique keys, is missing or has no effect there.

/// Words in `version()` that identify such a server, its name, and what it lacks. Products built on
/// PostgreSQL itself (Aurora, AlloyDB, Neon, Citus) have none of these words.
const OTHER_PRODUCTS: [(&str, &str, &str); 9] = [
    (
        "CockroachDB",
        "CockroachDB",
        "its advisory locks are always granted, and it neither counts transactions nor notifies",
    ),
    ("-YB-", "YugabyteDB", "its transactions have no order that shows which of them have settled"),
    ("Redshift", "Redshift", "it checks no unique key"),
    ("Spanner", "Spanner", "it has no advisory locks, counts no transactions and does not notify"),
    ("DSQL", "Aurora DSQL", "it has no savepoints, no temporary tables, no triggers and no advisory locks"),
    ("Greenplum", "Greenplum", "each of its segments counts transactions by itself"),
    ("Cloudberry", "Cloudberry", "each of its segments counts transactions by itself"),
    ("Materialize", "Materialize", "it checks no unique key"),
    ("CrateDB", "CrateDB", "it has no transactions"),
];

/// The functions that this program needs, in the order of the error message.
const NEEDED: [&str; 4] = ["pg_current_xact_id", "pg_current_snapshot", "pg_try_advisory_lock", "pg_notify"];

/// The query whose result [`missing_functions`] takes.
pub(super) fn functions_query() -> String {
    let names = NEEDED.map(|name| format!("'{name}'")).join(", ");
    format!("select string_agg(distinct cast(proname as text), ' ') from pg_proc where proname in ({names})")
}

/// Why a server with this `version()` is refused; `None` if it is PostgreSQL.
pub(super) fn product_refusal(version: &str) -> Option<String> {
    let (_, name, lack) = OTHER_PRODUCTS.iter().find(|(word, ..)| version.contains(word))?;
    Some(format!("the server is {name}, which speaks PostgreSQL's protocol, but {lack}; cdx needs PostgreSQL itself"))
}

/// Why a server with only these functions is refused.
pub(super) fn missing_functions(present: &str) -> Option<String> {
    let missing: Vec<_> = NEEDED.into_iter().filter(|name| !present.split(' ').any(|it| it == *name)).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "the server speaks PostgreSQL's protocol, but has no {}; cdx needs PostgreSQL itself",
            missing.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_only_speak_the_protocol_are_not_taken_for_postgresql() {
        for version in [
            "CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu, built 2023/09/27 01:53:43, go1.19.10)",
            "PostgreSQL 11.2-YB-2.20.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 16.0.6, 64-bit",
            "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017, Redshift 1.0.12103",
            "PostgreSQL 14.4 (Cloudberry Database 1.5.0 build dev) on x86_64-pc-linux-gnu, compiled by gcc",
        ] {
            let refused = product_refusal(version).expect("it is refused");
            assert!(refused.contains("cdx needs PostgreSQL itself"), "{refused}");
        }
        for version in [
            "PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0), 64-bit",
            "PostgreSQL 16.4 on aarch64-unknown-linux-gnu, compiled by aarch64-unknown-linux-gnu-gcc (GCC) 9.5.0, 64-bit",
        ] {
            assert_eq!(product_refusal(version), None);
        }
    }

    #[test]
    fn a_function_that_is_missing_is_named() {
        assert_eq!(missing_functions("pg_notify pg_current_snapshot pg_current_xact_id pg_try_advisory_lock"), None);
        assert!(
            missing_functions("pg_notify pg_current_xact_id")
                .expect("refused")
                .contains("pg_current_snapshot, pg_try_advisory_lock;")
        );
    }
}
