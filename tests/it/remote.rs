//! The console within tmux and through a real OpenSSH server.

use crate::support::messages::{APPLY_FAILED, applied_sessions, download};
use crate::support::{Exchange, wait_until};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A private tmux server, stopped on drop.
struct Tmux {
    socket: PathBuf,
}

impl Tmux {
    fn run(&self, args: &[&str]) -> String {
        let output = Command::new("tmux").arg("-S").arg(&self.socket).args(args).output().expect("tmux is there");
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn screen(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    #[track_caller]
    fn shows(&self, text: &str) -> &Self {
        wait_until(&format!("tmux shows {text:?}"), || self.screen().contains(text));
        self
    }

    fn press(&self, keys: &[&str]) -> &Self {
        self.run(&[&["send-keys"], keys].concat());
        self
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}

/// Returns the environment of the program as arguments of `env`.
fn environment(exchange: &Exchange) -> Vec<String> {
    vec![
        format!("HOME={}", exchange.folder().display()),
        "LANG=C.UTF-8".to_owned(),
        "USER=r.vermeer".to_owned(),
        format!("CDX_MESSAGE_DATABASE=sqlite:{}", exchange.message_database().display()),
        format!("CDX_HEAD_OFFICE=sqlite:{}", exchange.head_office().display()),
    ]
}

#[test]
fn within_tmux_the_keys_work_and_the_shells_screen_is_restored() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0131", APPLY_FAILED)]);
    exchange.post(&applied_sessions(100, 0..40));
    exchange.cdx(&["process"]).exits(0);
    let tmux = Tmux { socket: exchange.path("tmux") };
    tmux.run(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh"]);
    let environment = environment(&exchange).join(" ");
    let line = format!("echo before; env {environment} {}", env!("CARGO_BIN_EXE_cdx"));
    tmux.press(&[&line, "Enter"]).shows("Needs attention");
    tmux.press(&["e"]).shows("Newest of 1").press(&["Escape"]).shows("Needs attention");
    // Arrow keys through tmux move the cursor and do not act as Esc.
    tmux.press(&["4"]).shows("1-10 of 41").press(&["Down", "Down"]);
    wait_until("the cursor is on the third row", || {
        tmux.screen().lines().nth(6).is_some_and(|line| line.starts_with('►'))
    });
    tmux.press(&["p"]).shows("What OK will do").press(&["Enter"]).shows("√ Ended");
    // Esc immediately followed by a key would be read as Alt plus that key.
    tmux.press(&["Escape"]).shows("Download sessions").press(&["q"]);
    tmux.shows("before");
    assert!(!tmux.screen().contains("Needs attention"), "{}", tmux.screen());
}

/// A private SSH server that accepts one key; its sessions end with it.
struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
}

fn done(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Server {
    fn start(folder: &Path) -> Self {
        let folder = folder.join("ssh");
        std::fs::create_dir(&folder).expect("a folder");
        for name in ["host", "user"] {
            done(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(folder.join(name)));
        }
        std::fs::copy(folder.join("user.pub"), folder.join("authorized")).expect("the key is known");
        // The port is free now; no other process is likely to take it.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host\nAuthorizedKeysFile {0}/authorized\nPidFile none\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n",
            folder.display()
        );
        std::fs::write(folder.join("config"), config).expect("written");
        if rustix::process::getuid().is_root() {
            // The server's privilege separation folder.
            std::fs::create_dir_all("/run/sshd").expect("a folder");
        }
        let child = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(folder.join("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("log")).expect("a log"))
            .spawn()
            .expect("the OpenSSH server is there");
        let server = Self { child, folder, port };
        wait_until("the server listens", || std::net::TcpStream::connect(("127.0.0.1", server.port)).is_ok());
        server
    }

    /// Returns the arguments of an `ssh` client that runs a command in a terminal on the server.
    fn client(&self, command: &str) -> Vec<String> {
        let option = |text: &str| ["-o".to_owned(), text.to_owned()];
        let mut args = vec!["ssh".to_owned(), "-tt".to_owned(), "-p".to_owned(), self.port.to_string()];
        args.extend(["-i".to_owned(), self.folder.join("user").display().to_string()]);
        for text in ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes"] {
            args.extend(option(text));
        }
        args.extend(["-F".to_owned(), "/dev/null".to_owned(), "127.0.0.1".to_owned(), command.to_owned()]);
        args
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_ssh_disconnect_during_a_run_loses_nothing_and_the_next_login_shows_the_result() {
    let exchange = Exchange::new();
    exchange.post_days_ago(1, &applied_sessions(1, 0..60_000));
    let server = Server::start(exchange.folder());
    let environment = environment(&exchange).join(" ");
    let remote = format!("env {environment} TERM=xterm {}", env!("CARGO_BIN_EXE_cdx"));
    let args = server.client(&remote);
    let mut operator = crate::support::terminal::Terminal::run(exchange.folder(), (80, 24), &args);
    operator.shows("does not exist").press("p").shows("messages waiting").press("\r").shows("1 Transfer");
    wait_until("a chunk is durable", || exchange.at_head_office("select count(*) from run where read > 0") == ["1"]);
    let pid = exchange.at_head_office("select process_id from run")[0].clone();
    // Disconnect: the client is killed, and the server detects it.
    operator.signal("KILL");
    wait_until("the console is gone", || !Path::new(&format!("/proc/{pid}")).exists());
    let outcome = exchange.at_head_office("select coalesce(outcome, 'none') from run");
    assert!(
        ["canceled", "ended"].contains(&outcome[0].as_str()),
        "the run stopped at a chunk or had ended: {outcome:?}"
    );
    let mut operator = crate::support::terminal::Terminal::run(exchange.folder(), (80, 24), &args);
    operator.shows("Needs attention").press(":run 1\r").shows("Runs of Process status messages").shows("Run 1 ");
    operator.press("p").shows("What OK will do").press("\r").shows("√ Ended").press("\u{1b}").press("q");
    assert_eq!(operator.ends(), 0);
    let posted = exchange.posted("select count(*) from status_message");
    assert_eq!(exchange.at_head_office("select count(*) from status_message"), posted);
    assert_eq!(exchange.at_head_office("select count(*) from run where outcome is null"), ["0"]);
}
