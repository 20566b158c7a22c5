//! Private PostgreSQL clusters for the tests: started when first needed, stopped when the test run
//! ends, however it ends.

use super::clock::MovedClock;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running server.
#[derive(Debug, Clone)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
}

/// A database of a server, dropped together with this value.
#[derive(Debug)]
pub struct Database {
    cluster: Cluster,
    name: String,
}

static SHARED: OnceLock<Cluster> = OnceLock::new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Returns the process that runs as long as the test run: nextest, which starts a process per test,
/// or this one.
fn run_process() -> u32 {
    let parent = rustix::process::getppid().map_or(0, |id| id.as_raw_nonzero().get().unsigned_abs());
    let name = std::fs::read_to_string(format!("/proc/{parent}/comm")).unwrap_or_default();
    if name.contains("cargo") { parent } else { std::process::id() }
}

impl Cluster {
    /// Returns the cluster that all tests of a run share.
    pub fn shared() -> Self {
        SHARED
            .get_or_init(|| {
                let run = run_process();
                let folder = std::env::temp_dir().join(format!("cdx-test-postgres-{run}"));
                let turn = File::create(folder.with_extension("lock")).expect("a lock file");
                turn.lock().expect("the lock");
                if !folder.join("port").exists() {
                    start(&folder, run);
                }
                Self::in_folder(folder)
            })
            .clone()
    }

    /// Starts a cluster for one test, for long transactions and restarts, which would disturb other
    /// tests.
    pub fn own() -> Self {
        let process = std::process::id();
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("cdx-test-postgres-own-{process}-{number}"));
        start(&folder, process);
        Self::in_folder(folder)
    }

    /// Starts a cluster for one test, whose server reads a clock that the test moves.
    pub fn own_by(clock: &MovedClock) -> Self {
        let cluster = Self::own();
        let restarted = clock.moves(Command::new(cluster.folder.join("ctl")).arg("restart")).status();
        assert!(restarted.expect("pg_ctl runs").success(), "see {}/log", cluster.folder.display());
        cluster
    }

    /// Starts a cluster for one test, with a tablespace `small` on a private file system of
    /// `mebibytes` MiB.
    pub fn on_a_small_disk(mebibytes: u32) -> Self {
        let process = std::process::id();
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("cdx-test-postgres-small-{process}-{number}"));
        let small = folder.join("small");
        std::fs::create_dir_all(&small).expect("a folder");
        let script = format!(
            "set -e; mount -t tmpfs -o size={mebibytes}m none \"$1\"; chmod 777 \"$1\"; exec \"$2\" \"$3\" {process}"
        );
        let started = Command::new("unshare")
            .args(["--mount", "sh", "-c", &script, "sh"])
            .args([
                small.as_os_str(),
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres").as_ref(),
                folder.as_os_str(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .expect("unshare runs");
        assert!(started.success(), "no server on a small disk could be started; it takes root");
        let cluster = Self::in_folder(folder);
        // The folder must belong to the user that runs the server.
        cluster
            .within(&format!("install -d -o \"$(stat -c %U '{0}/data')\" '{0}/small/space'", cluster.folder.display()));
        let sql = format!("create tablespace small location '{}/small/space'", cluster.folder.display());
        cluster.connect("postgres").batch_execute(&sql).expect("a tablespace");
        cluster
    }

    /// Enlarges the small disk.
    pub fn enlarge_the_small_disk(&self) {
        self.within(&format!("mount -o remount,size=1000m none '{}/small'", self.folder.display()));
    }

    /// Fills the small disk up to one MiB.
    pub fn fill_the_small_disk(&self) {
        let small = self.folder.join("small").display().to_string();
        self.within(&format!(
            "used=$(df -k --output=used '{small}' | tail -n 1) && mount -o remount,size=$((used + 1024))k none '{small}'"
        ));
    }

    /// Runs a script in the mount namespace of the server.
    fn within(&self, script: &str) {
        let pid = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("it runs");
        let pid = pid.lines().next().expect("its first line is its process").trim().to_owned();
        let done = Command::new("nsenter").args(["--mount", "--target", &pid, "sh", "-c", script]).status();
        assert!(done.expect("nsenter runs").success(), "{script}");
    }

    /// Starts a streaming standby of this server, stopped with the test.
    pub fn standby(&self) -> Self {
        let folder = self.folder.join("standby");
        let made = Command::new(self.folder.join("standby.sh")).status().expect("the script runs");
        assert!(made.success(), "no standby could be made");
        Self::in_folder(folder)
    }

    fn in_folder(folder: PathBuf) -> Self {
        let port = std::fs::read_to_string(folder.join("port")).expect("the server runs");
        Self { port: port.trim().parse().expect("a port"), folder }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the URL of a database through the Unix socket.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@/{database}?host={}&port={}", self.folder.display(), self.port)
    }

    /// Runs `pg_ctl` with arguments and returns whether it succeeded.
    pub fn control(&self, words: &[&str]) -> bool {
        Command::new(self.folder.join("ctl")).args(words).status().expect("pg_ctl runs").success()
    }

    /// Connects as the superuser with the program's schema on the search path.
    pub fn connect(&self, database: &str) -> postgres::Client {
        let mut config = postgres::Config::new();
        config.host_path(&self.folder).port(self.port).user("postgres").dbname(database);
        config.options("-c search_path=cdx,public");
        config.connect(postgres::NoTls).expect("the server answers")
    }

    /// Creates an empty database.
    pub fn create_database(&self) -> Database {
        let name = format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        self.connect("postgres").batch_execute(&format!("create database {name}")).expect("it is made");
        Database { cluster: self.clone(), name }
    }
}

fn start(folder: &Path, process: u32) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres");
    let started = Command::new(script)
        .args([folder.as_os_str(), process.to_string().as_ref()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .expect("the script runs");
    assert!(started.success(), "PostgreSQL could not be started; see {}/log", folder.display());
}

impl Database {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Returns its URL for a login through the Unix socket.
    pub fn url(&self, user: &str) -> String {
        self.cluster.url(user, &self.name)
    }

    /// Connects as the superuser.
    pub fn connect(&self) -> postgres::Client {
        self.cluster.connect(&self.name)
    }

    /// Connects as a login with the default search path of the database.
    pub fn connect_as(&self, login: &str) -> postgres::Client {
        let mut config = postgres::Config::new();
        config.host_path(&self.cluster.folder).port(self.cluster.port).user(login).dbname(&self.name);
        config.connect(postgres::NoTls).expect("the login gets in")
    }

    /// Returns every row of a query as text, with columns separated by bars.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let found = self.connect().simple_query(sql).expect("the statement is valid");
        let rows = found.iter().filter_map(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        // Booleans as SQLite prints them.
        let cell = |text| match text {
            None => "-",
            Some("t") => "1",
            Some("f") => "0",
            Some(text) => text,
        };
        rows.map(|row| (0..row.len()).map(|column| cell(row.get(column))).collect::<Vec<_>>().join("|")).collect()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let mut config = postgres::Config::new();
        config.host_path(&self.cluster.folder).port(self.cluster.port).user("postgres").dbname("postgres");
        if let Ok(mut client) = config.connect(postgres::NoTls) {
            let _ = client.batch_execute(&format!("drop database {} with (force)", self.name));
        }
    }
}
