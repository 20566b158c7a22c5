//! PgBouncer in front of a test cluster.

use super::cluster::Cluster;
use super::wait_until;
use std::process::{Child, Command, Stdio};

/// A running PgBouncer, killed on drop.
pub struct Pooler {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Pooler {
    /// Starts PgBouncer in pool mode `session` or `transaction`.
    pub fn start(cluster: &Cluster, mode: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let path = folder.path().display();
        let config = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\npool_mode = {mode}\nlisten_port = {port}\n\
             listen_addr = 127.0.0.1\nunix_socket_dir = {path}\nauth_type = any\nauth_file = {path}/users\n\
             logfile = {path}/log\npidfile = {path}/pid\ndefault_pool_size = 50\n",
            cluster.folder().display(),
            cluster.port()
        )
        .replace("* = host=", "* = user=postgres host=");
        std::fs::write(folder.path().join("pgbouncer.ini"), config).expect("written");
        std::fs::write(folder.path().join("users"), "\"postgres\" \"\"\n").expect("written");
        // PgBouncer refuses to run as root.
        let owner = rustix::process::getuid().is_root();
        let mut command = if owner {
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
            std::fs::set_permissions(folder.path(), open).expect("set");
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", "/usr/sbin/pgbouncer"]);
            command
        } else {
            Command::new("/usr/sbin/pgbouncer")
        };
        let child = command
            .arg(folder.path().join("pgbouncer.ini"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pgbouncer is there");
        let pooler = Self { child, folder, port };
        wait_until("the pooler answers", || {
            std::os::unix::net::UnixStream::connect(pooler.folder.path().join(format!(".s.PGSQL.{port}"))).is_ok()
        });
        pooler
    }

    /// Returns the URL of a database through PgBouncer.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@/{database}?host={}&port={}", self.folder.path().display(), self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
