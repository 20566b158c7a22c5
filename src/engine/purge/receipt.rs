//! Compares what a purge deleted with its preview.

use crate::domain::{Purged, counted, grouped};
use crate::store::head_office::PurgeReceipt;

/// What was expected, what was deleted, and the difference by table, in one sentence.
pub(super) fn compare(preview: &PurgeReceipt, purged: &Purged, finished: bool) -> String {
    let expected = format!("preview {} expected {}", preview.preview_id, counted(preview.rows, "row"));
    let more = purged.total() - preview.rows;
    let differences = differences(preview, purged);
    let was = if purged.total() == 1 { "was" } else { "were" };
    let text = format!("{expected}; {} {was} purged", grouped(purged.total()));
    let why = match more {
        _ if !finished => ": the purge was not finished".to_owned(),
        0 if differences.is_empty() => ", the same in each table".to_owned(),
        0 => ", in other tables".to_owned(),
        1.. => format!(": {} more expired meanwhile", grouped(more)),
        _ => format!(": {} fewer, purged or changed meanwhile", grouped(-more)),
    };
    if differences.is_empty() { text + &why } else { format!("{text}{why} ({})", differences.join("; ")) }
}

/// `head office, session: 4 more`, for each table whose rows differ.
fn differences(preview: &PurgeReceipt, purged: &Purged) -> Vec<String> {
    let of = |database: &'static str, tables: &[(&'static str, i64)]| -> Vec<(String, i64)> {
        tables.iter().map(|(table, rows)| (format!("{database}, {table}"), *rows)).collect()
    };
    let mut rows = of("message database", &purged.message_database);
    rows.extend(of("head office", &purged.head_office));
    for previewed in &preview.tables {
        let name = format!("{}, {}", previewed.database, previewed.table);
        match rows.iter_mut().find(|(table, _)| *table == name) {
            Some((_, more)) => *more -= previewed.rows,
            None => rows.push((name, -previewed.rows)),
        }
    }
    let word = |more: i64| if more > 0 { "more" } else { "fewer" };
    rows.retain(|(_, more)| *more != 0);
    rows.into_iter().map(|(name, more)| format!("{name}: {} {}", grouped(more.abs()), word(more))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Expired, Timestamp};

    #[test]
    fn a_difference_is_named_by_table() {
        let expired = |rows| Expired { rows, oldest: None, newest: None };
        let tables = [("message database", "status_message", expired(30)), ("head office", "session", expired(10))];
        let preview = PurgeReceipt { preview_id: 12, ..PurgeReceipt::new(Timestamp(0), tables.into_iter()) };
        let purged = |messages, sessions| Purged {
            message_database: vec![("status_message", messages)],
            head_office: vec![("session", sessions)],
            trash: vec![("trash_session", 7)],
        };
        for (messages, sessions, finished, text) in [
            (30, 10, true, "preview 12 expected 40 rows; 40 were purged, the same in each table"),
            (
                30,
                14,
                true,
                "preview 12 expected 40 rows; 44 were purged: 4 more expired meanwhile (head office, session: 4 more)",
            ),
            (
                29,
                11,
                true,
                "preview 12 expected 40 rows; 40 were purged, in other tables (message database, status_message: 1 fewer; \
                 head office, session: 1 more)",
            ),
            (
                30,
                0,
                false,
                "preview 12 expected 40 rows; 30 were purged: the purge was not finished (head office, session: 10 fewer)",
            ),
        ] {
            assert_eq!(compare(&preview, &purged(messages, sessions), finished), text);
        }
    }
}
