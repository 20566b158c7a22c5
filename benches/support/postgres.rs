//! Transfer to a head office on PostgreSQL, from a file and from the same server, compared with
//! psql's binary COPY of the same rows into the same table with its indexes.

use super::many::run_program;
use super::{Guids, Report, at_least, at_most, make_messages, open, rate};
use cdx_console::cancel::Cancel;
use cdx_console::store::{Access, HeadOffice, Location, copy};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// A private cluster that ends with this process.
pub(super) struct Cluster {
    folder: PathBuf,
    port: String,
}

pub fn bench(report: &mut Report, rows: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(cluster) = Cluster::start("transfer") else {
        println!("transfer to PostgreSQL: skipped, PostgreSQL is not installed under /usr/lib/postgresql");
        return;
    };
    let file = folder.path().join("message.db");
    drop(make_messages(&file, rows, 0, Guids::Random));
    let file = format!("sqlite:{}", file.display());
    let served = cluster.create("message");
    let place = |url: &str| url.parse::<Location>().expect("a valid URL");
    let since = Instant::now();
    copy(&place(&file), &place(&served), &Cancel::new(), &mut |_| {}).expect("it is copied");
    let copied = since.elapsed().as_secs_f64();
    let from_file = run_program(&file, &cluster.create("office_of_file"));
    let from_server = run_program(&served, &cluster.create("office_of_server"));
    let (limit, sessions) = cluster.copy_by_psql(folder.path());
    match cluster.load_by_pgloader(folder.path()) {
        Some(seconds) => report.add(
            &format!("transfer of {rows} messages, SQLite to PostgreSQL, beside pgloader"),
            format!("{:.0}/s", rate(rows, from_file.0)),
            format!("pgloader, the same rows from CSV {:.0}/s", rate(rows, seconds)),
            vec![at_least("times its rate", seconds / from_file.0, 1.2)],
        ),
        None => println!("pgloader: skipped, it is not installed"),
    }
    for (what, (seconds, memory)) in [("SQLite", from_file), ("PostgreSQL", from_server)] {
        let ratio = limit / seconds;
        report.add(
            &format!("transfer of {rows} messages, {what} to PostgreSQL"),
            format!("{:.0}/s, {memory} MB resident", rate(rows, seconds)),
            format!("psql's binary COPY {:.0}/s", rate(rows, limit)),
            vec![at_least("of its rate", ratio, 0.9), at_most("MB", memory as f64, 60.0)],
        );
    }
    report.add(
        "the same from SQLite, compared with COPY that also stores the sessions",
        format!("{:.0}/s", rate(rows, from_file.0)),
        format!("psql's binary COPY {:.0}/s", rate(rows, limit + sessions)),
        vec![open("of its rate", (limit + sessions) / from_file.0)],
    );
    report.add(
        &format!("cdx copy of {rows} messages, SQLite to PostgreSQL, compared"),
        format!("{:.0}/s", rate(rows, copied)),
        String::new(),
        vec![open("rows a second", rate(rows, copied))],
    );
}

impl Cluster {
    pub(super) fn start(name: &str) -> Option<Self> {
        let process = std::process::id();
        let folder = std::env::temp_dir().join(format!("cdx-bench-{name}-{process}"));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres");
        let mut command = Command::new(script);
        command.args([folder.as_os_str(), process.to_string().as_ref()]).stdin(Stdio::null()).stdout(Stdio::null());
        if !command.stderr(Stdio::null()).status().ok()?.success() {
            return None;
        }
        let port = std::fs::read_to_string(folder.join("port")).ok()?.trim().to_owned();
        Some(Self { folder, port })
    }

    /// Returns the seconds in which pgloader loads the transferred rows into a new head office;
    /// `None` if it is not installed. It loads CSV, since its SQLite reader fails at integers
    /// beyond 62 bits.
    fn load_by_pgloader(&self, folder: &Path) -> Option<f64> {
        Command::new("pgloader").arg("--version").stdout(Stdio::null()).status().ok()?;
        let (rows, script) = (folder.join("rows.csv"), folder.join("rows.load"));
        self.psql("office_of_file", &format!("\\copy status_message to '{}' (format csv)", rows.display()));
        let place: Location = self.create("loaded").parse().expect("a valid URL");
        drop(HeadOffice::open(&place, Access::Create).expect("a head office"));
        let columns = "message_key, message_guid, direction, session_number, channel_database, job_name, channel_data_group,
            distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count, rows_affected, file_size,
            row_version, data_path, message, extra, source_id, message_id, run_id, transferred_at, cause";
        let text = format!(
            "LOAD CSV FROM '{}' ({columns}) INTO postgresql://postgres@unix:{}:{}/loaded TARGET TABLE cdx.status_message ({columns})
             WITH fields optionally enclosed by '\"', fields terminated by ',';",
            rows.display(),
            self.folder.display(),
            self.port
        );
        std::fs::write(&script, text).expect("written");
        let since = Instant::now();
        let loaded = Command::new("pgloader").arg(&script).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(loaded.expect("pgloader runs").success(), "pgloader failed");
        Some(since.elapsed().as_secs_f64())
    }

    pub(super) fn psql(&self, database: &str, sql: &str) {
        let mut command = Command::new("psql");
        command.args(["-X", "-q", "-U", "postgres", "-d", database, "-c", sql]);
        command.env("PGHOST", &self.folder).env("PGPORT", &self.port).env("PGOPTIONS", "-c search_path=cdx,public");
        command.stdout(Stdio::null());
        assert!(command.status().expect("psql runs").success(), "psql: {sql}");
    }

    /// Creates a database and returns its URL.
    pub(super) fn create(&self, name: &str) -> String {
        self.psql("postgres", &format!("create database {name}"));
        format!("postgres://postgres@/{name}?host={}&port={}", self.folder.display(), self.port)
    }

    /// Returns the seconds in which psql copies the transferred messages into a new head office,
    /// the better of two tries, and those for the sessions after them.
    fn copy_by_psql(&self, folder: &Path) -> (f64, f64) {
        let tables = ["status_message", "session"];
        let file = |table: &str| format!("'{}' (format binary)", folder.join(table).display());
        for table in tables {
            self.psql("office_of_file", &format!("\\copy {table} to {}", file(table)));
        }
        let tries = [1, 2].map(|number| {
            let name = format!("limit{number}");
            let place: Location = self.create(&name).parse().expect("a valid URL");
            drop(HeadOffice::open(&place, Access::Create).expect("a head office"));
            tables.map(|table| {
                let since = Instant::now();
                self.psql(&name, &format!("\\copy {table} from {}", file(table)));
                since.elapsed().as_secs_f64()
            })
        });
        let better = |table: usize| tries[0][table].min(tries[1][table]);
        (better(0), better(1))
    }
}
