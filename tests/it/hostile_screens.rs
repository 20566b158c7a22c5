//! Every screen on an exchange with only hostile texts: no control characters are drawn, no row
//! grows wider, and the console keeps working.

use crate::screens::{NOW, TestConsole, rows};
use crate::support::{Exchange, foreign};
use cdx_console::console::protocol::batch_query::Watched;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::{Concern, EditedJob, JobScope, Route};
use cdx_console::console::protocol::saved_view::SavedView;
use cdx_console::console::view::theme::{ColorDepth, Theme};
use cdx_console::domain::{Direction, SessionKey, Timestamp};
use cdx_console::store::{Access, HeadOffice};

/// A SQL expression: escape sequences, bidi overrides, zero-width characters, line breaks, a
/// formula, wide characters, a combining mark.
const HOSTILE: &str = "'=' || char(27) || '[2J' || char(27) || ']0;owned' || char(7) || char(155) || '31m' || char(8238) || 'desrever' || \
     char(8294) || char(8203) || char(65279) || char(13) || char(10) || char(9) || char(127) || '磁盘e' || char(769) || char(917505) || \
     char(8232)";

/// The columns that a session keeps in the trash.
const TRASHED: &str =
    "direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid, message,
    created_at, modified_at, last_posted_at, job_name, channel_data_group, distribution_schedule, run_id";

fn hostile_exchange() -> Exchange {
    let exchange = Exchange::new();
    exchange.cdx(&["post"]).exits(0);
    let agent = foreign(&exchange.message_database());
    let at = NOW.0 - 600_000;
    for number in 0..12 {
        let (direction, status) = if number % 2 == 0 { (0, 8) } else { (1, 6) };
        let message = match number {
            // A megabyte and invalid UTF-8, which only a foreign program can insert.
            0 => "replace(hex(zeroblob(500000)), '00', char(27) || 'x')".to_owned(),
            1 => "cast(x'c328fffe1b5b324a' as text)".to_owned(),
            _ => format!("{HOSTILE} || {number}"),
        };
        agent
            .execute(
                &format!(
                    "insert into status_message (message_guid, direction, session_number, channel_database, job_name,
                        channel_data_group, distribution_schedule, status, occurred_at, posted_at, posted_by, data_path, message)
                     values ('0190aaaa-0000-7000-8000-{number:012}', {direction}, {number}, {HOSTILE}, {HOSTILE}, {HOSTILE}, {HOSTILE},
                        {status}, {at}, {at}, {HOSTILE}, {HOSTILE}, {message})"
                ),
                [],
            )
            .expect("the table only checks nulls and types");
    }
    agent
        .execute_batch(&format!(
            "insert into status_message (message_guid, direction, session_number, channel_database, job_name, status, occurred_at)
             values ({HOSTILE}, 0, 1, {HOSTILE}, {HOSTILE}, 77, {at});
             insert into agent (name, channel_database, version, last_seen_at) values ({HOSTILE}, {HOSTILE}, {HOSTILE}, {at});"
        ))
        .expect("written");
    exchange.cdx(&["process", "--no-purge"]).exits(3);
    exchange.cdx(&["batch", "submit"]).exits(0);
    exchange.cdx(&["batch-server", "--once", "--name", "aos-1"]).exits(0);
    exchange.cdx(&["batch", "submit", "--recurrence", "daily 6:00", "--zone", "UTC"]).exits(0);
    exchange.cdx(&["deadlines", "add", "1040", "--by", "daily 06:00", "--zone", "UTC"]).exits(0);
    foreign(&exchange.head_office())
        .execute_batch(&format!(
            "update deadline set job_name = {HOSTILE}, stores = {HOSTILE}, created_by = {HOSTILE};
             update run set requested_by = {HOSTILE}, host = {HOSTILE}, error = {HOSTILE},
                notices = json_array({HOSTILE}, {HOSTILE});
             update cause set note = {HOSTILE}, muted_by = {HOSTILE}, taken_by = {HOSTILE}, taken_until = 4102444800000,
                taken_remark = {HOSTILE};
             insert into trash_session (trash_id, messages, purge_run_id, purged_at, session_id, {TRASHED})
                select session_id, 1, 1, modified_at, session_id, {TRASHED} from session;
             insert into silence (filter, until, reason, created_at, created_by)
                values ({HOSTILE}, 4102444800000, {HOSTILE}, {at}, {HOSTILE});
             insert into approval (requested_at, requested_by, action, object, detail, reason, row_count, change)
                values ({at}, {HOSTILE}, {HOSTILE}, {HOSTILE}, {HOSTILE}, {HOSTILE}, 1, {HOSTILE});
             update channel_database set note = {HOSTILE}, zone = {HOSTILE};
             insert into batch_group (batch_group, description) values ({HOSTILE}, {HOSTILE});
             update batch_job set description = {HOSTILE}, batch_group = {HOSTILE}, created_by = {HOSTILE}, changed_by = {HOSTILE},
                changed_reason = {HOSTILE}, waits_for = {HOSTILE};
             update batch_job_history set description = {HOSTILE}, batch_group = {HOSTILE}, created_by = {HOSTILE}, server = {HOSTILE},
                reason = {HOSTILE};
             update batch_log set text = {HOSTILE};
             insert into batch_server (name, zone, host, process_id, version, incarnation, started_at, heartbeat_at)
                values ({HOSTILE}, {HOSTILE}, {HOSTILE}, 1, {HOSTILE}, {HOSTILE}, {at}, {at});
             insert into batch_server_group (server, batch_group) values ({HOSTILE}, {HOSTILE});
             insert into batch_alert
                (job_id, operator, on_ended, on_error, on_canceled, not_started_minutes, runs_long_minutes, popup, email, command)
                values (1, 'r.vermeer', 1, 1, 1, 5, 5, 1, {HOSTILE}, 1);
             insert into notification (at, operator, event, job_id, text, popup) values ({at}, 'r.vermeer', 'error', 1, {HOSTILE}, 1);
             insert into delivery (notification_id, way, target, error) values (1, 'email', {HOSTILE}, {HOSTILE});
             insert into saved_view (operator, name, definition, changed_at)
                values ('r.vermeer', {HOSTILE}, json_object('list', 'runs', 'filter', {HOSTILE}), {at});
             update operator_journal set operator = {HOSTILE}, action = {HOSTILE}, object = {HOSTILE}, detail = {HOSTILE},
                client = {HOSTILE}, host = {HOSTILE}, value_before = {HOSTILE}, value_after = {HOSTILE}, reason = {HOSTILE},
                result = {HOSTILE};"
        ))
        .expect("written");
    exchange
}

/// Names every route. The compiler requires new routes here, and the test requires a scene for
/// each.
macro_rules! targets {
    ($($pattern:pat => $name:literal,)*) => {
        const TARGETS: &[&str] = &[$($name),*];

        fn name(target: &Route) -> &'static str {
            match target {
                $($pattern => $name,)*
            }
        }
    };
}

targets! {
    Route::Overview => "overview",
    Route::Errors => "errors",
    Route::ErrorsWith(_) => "errors with a text",
    Route::Process => "process",
    Route::Sessions(Direction::Download, _) => "downloads",
    Route::Sessions(Direction::Upload, _) => "uploads",
    Route::SessionsOfCause(..) => "sessions of a cause",
    Route::Schedules => "schedules",
    Route::History(..) => "history",
    Route::Connections => "connections",
    Route::ConnectionsOf(_) => "quiet connections",
    Route::Matrix => "matrix",
    Route::MatrixWith(_) => "matrix with a filter",
    Route::Store(_) => "store",
    Route::Session(_) => "session",
    Route::Messages(_) => "messages",
    Route::Journal(_) => "journal",
    Route::RunsWith(_) => "runs with a filter",
    Route::Runs => "runs",
    Route::Run(_) => "run",
    Route::Rejected => "rejected",
    Route::RejectedOfRun(_) => "rejected by a run",
    Route::Parameters => "parameters",
    Route::BatchJobs(JobScope::All) => "batch jobs",
    Route::BatchJobs(JobScope::Own) => "my batch jobs",
    Route::BatchJob(_) => "a batch job",
    Route::BatchHistory(_) => "batch history",
    Route::BatchHistoryAt(..) => "batch history of a job",
    Route::BatchGroups(_) => "batch groups",
    Route::Servers(_) => "servers",
    Route::JobRecurrence(_) => "recurrence",
    Route::JobAlerts(_) => "alerts",
    Route::SubmitLike(_) => "submit like",
    Route::EditJob(_) => "edit job",
    Route::Watch(Watched::OfJob(_)) => "watch a job",
    Route::Watch(Watched::Run(_)) => "watch a run",
    Route::Notifications => "notifications",
    Route::Silences => "silences",
    Route::Approvals => "approvals",
    Route::Alerts => "alert conditions",
    Route::AlertRules => "alert rules",
    Route::Deadlines => "deadlines",
    Route::Trash(_) => "trash",
    Route::Views(_) => "views",
    Route::View(_) => "list of a view",
}

fn scenes(exchange: &Exchange) -> Vec<(Route, &'static str)> {
    let name = foreign(&exchange.head_office())
        .query_row("select name from channel_database limit 1", [], |row| row.get::<_, String>(0))
        .expect("a channel database");
    let cause = exchange.at_head_office("select digest from cause limit 1")[0].parse().expect("a number");
    let sessions = |direction| Route::Sessions(direction, String::new());
    let key = SessionKey { direction: Direction::Download, session_number: 2, channel_database: name.clone() };
    let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
    let settings = office.job(2).expect("it reads").expect("a job").settings;
    let place = exchange.at_head_office("select scheduled_at, history_id from batch_job_history limit 1");
    let (at, history_id) = place[0].split_once('|').expect("two columns");
    let view = SavedView { name: name.clone(), list: name.clone(), ..SavedView::default() };
    let place = (Timestamp(at.parse().expect("a number")), history_id.parse().expect("a number"));
    vec![
        (Route::Overview, ""),
        (Route::Overview, "m"),
        (Route::Matrix, ""),
        (Route::MatrixWith(name.clone()), ""),
        (Route::RunsWith(name.clone()), ""),
        (Route::Overview, "?"),
        (Route::Overview, ":=\u{1b}"),
        (Route::Overview, "u"),
        (Route::Errors, "wa"),
        (Route::Errors, "an"),
        (Route::ErrorsWith(name.clone()), ""),
        (sessions(Direction::Download), "w"),
        (sessions(Direction::Download), " a"),
        (sessions(Direction::Download), "acx\r"),
        (sessions(Direction::Upload), "s"),
        (sessions(Direction::Upload), "c"),
        (sessions(Direction::Upload), "d"),
        (sessions(Direction::Upload), "x"),
        (Route::SessionsOfCause(Direction::Download, cause, name.clone()), ""),
        (Route::Schedules, "a"),
        (Route::History(Direction::Download, name.clone(), String::new()), ""),
        (Route::Connections, "\t"),
        (Route::ConnectionsOf(Concern::Quiet), ""),
        (Route::Store(name.clone()), "\t"),
        (Route::Session(key), "\t"),
        (Route::Messages(String::new()), "\t"),
        (Route::Journal(String::new()), "\t"),
        (Route::Journal(String::new()), "r"),
        (Route::Journal(String::new()), "o"),
        (Route::Overview, "W"),
        (Route::Views(None), "\r"),
        (Route::Views(None), "ad"),
        (Route::View(Box::new(view)), ""),
        (Route::Runs, "\r"),
        (Route::Run(1), ""),
        (Route::Rejected, " a"),
        (Route::Rejected, "ad"),
        (Route::RejectedOfRun(1), "r"),
        (Route::Parameters, ""),
        (Route::Process, ""),
        (Route::BatchJobs(JobScope::All), "\t"),
        (Route::BatchJobs(JobScope::All), "as"),
        (Route::BatchJobs(JobScope::All), "ad"),
        (Route::BatchJobs(JobScope::Own), ""),
        (Route::BatchJob(2), "r"),
        (Route::BatchHistory(String::new()), "w"),
        (Route::BatchHistoryAt(1, place), "\t"),
        (Route::SubmitLike(Box::new(settings.clone())), ""),
        (Route::EditJob(Box::new(EditedJob { job_id: 1, version: 0, settings })), ""),
        (Route::BatchGroups(Some(name.clone())), "a"),
        (Route::Servers(Some(name)), "\r\t\t"),
        (Route::JobRecurrence(2), ""),
        (Route::JobAlerts(1), "\t\t"),
        (Route::Watch(Watched::OfJob(1)), ""),
        (Route::Watch(Watched::Run(1)), ""),
        (Route::Notifications, ""),
        (Route::Alerts, "a"),
        (Route::AlertRules, ""),
        (Route::Deadlines, "a"),
        (Route::Silences, "a"),
        (Route::Silences, "ae"),
        (Route::Approvals, "a"),
        (Route::Approvals, "ap"),
        (Route::Trash(None), "a"),
        (Route::Trash(None), "ar"),
    ]
}

fn keys(typed: &str) -> Vec<Key> {
    let key = |c| match c {
        '\r' => Key::Enter,
        '\t' => Key::Tab,
        '\u{1b}' => Key::Left,
        c => Key::Char(c),
    };
    typed.chars().map(key).collect()
}

/// Whether a character is a control character or invisible.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether the override before each `desrever` is written out, as far as no box covers it.
fn marks_what_it_does_not_show(row: &str) -> bool {
    const MARK: &str = "<U+202E>";
    let is_covered = |before: &str| {
        (1..=MARK.len())
            .any(|at| before.strip_suffix(&MARK[at..]).is_some_and(|left| left.ends_with(['║', '╗', '╝', '|', '+'])))
    };
    let parts: Vec<_> = row.split("desrever").collect();
    parts.iter().rev().skip(1).all(|before| before.ends_with(MARK) || is_covered(before))
}

#[test]
fn hostile_texts_stay_harmless_and_aligned_on_every_screen() {
    let exchange = hostile_exchange();
    let scenes = scenes(&exchange);
    for name_of_it in TARGETS {
        assert!(scenes.iter().any(|(target, _)| name(target) == *name_of_it), "no scene shows {name_of_it}");
    }
    for (target, typed) in scenes {
        for theme in [(ColorDepth::Sixteen, false), (ColorDepth::Mono, false), (ColorDepth::Mono, true)] {
            let theme = Theme { depth: theme.0, ascii: theme.1 };
            let mut console = TestConsole::open(&exchange, theme, target.clone());
            console.buffer((80, 24));
            console.press(&keys(typed));
            let wide = rows(&console.buffer((250, 80)));
            let bare =
                typed == "?" || matches!(target, Route::Parameters | Route::Process | Route::BatchJobs(JobScope::Own));
            assert_eq!(
                wide.iter().any(|row| row.contains("<U+202E>desrever")),
                !bare,
                "{target:?} {typed:?} shows what was written, and as what"
            );
            // Zero-width characters are never drawn, so their absence proves nothing.
            assert!(
                wide.iter().all(|row| marks_what_it_does_not_show(row)),
                "{target:?} {typed:?} swallows what it does not show: {wide:#?}"
            );
            for size in [(60, 15), (80, 24), (120, 40), (160, 45), (250, 80), (59, 14), (24, 4), (1, 1)] {
                for row in rows(&console.buffer(size)) {
                    assert!(!row.chars().any(is_harmful), "{target:?} {typed:?} at {size:?}: {row:?}");
                    let width = unicode_width::UnicodeWidthStr::width(row.as_str());
                    assert_eq!(width, usize::from(size.0), "{target:?} {typed:?} at {size:?}: {row:?}");
                }
            }
        }
    }
}
