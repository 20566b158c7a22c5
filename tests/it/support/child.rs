//! A command that runs concurrently with a test: its output is watched, and it is killed on drop.

use super::{Ran, TIMEOUT, wait_until};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A running command, killed on drop.
pub struct Running {
    child: Child,
    output: Receiver<(String, String)>,
    stderr: Arc<Mutex<String>>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let (mut stdout, pipe) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let (sender, output) = channel();
        let stderr = Arc::new(Mutex::new(String::new()));
        let received = Arc::clone(&stderr);
        let reader = std::thread::spawn(move || {
            let (mut pipe, mut line) = (BufReader::new(pipe), Vec::new());
            while pipe.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
                received.lock().expect("no holder panics").push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
        let received = Arc::clone(&stderr);
        std::thread::spawn(move || {
            let mut out = String::new();
            // A killed command may have written half a character.
            let _ = stdout.read_to_string(&mut out);
            let _ = reader.join();
            let _ = sender.send((out, received.lock().expect("no holder panics").clone()));
        });
        Self { child, output, stderr }
    }

    /// Waits until standard error contains `text`.
    #[track_caller]
    pub fn wait_until_it_says(&self, text: &str) {
        self.wait_until_it_says_more_often(text, 0);
    }

    /// Waits until more than `lines` lines of standard error contain `text`.
    #[track_caller]
    pub fn wait_until_it_says_more_often(&self, text: &str, lines: usize) {
        let stderr = || self.stderr.lock().expect("no holder panics").clone();
        let since = Instant::now();
        while stderr().lines().filter(|line| line.contains(text)).count() <= lines {
            assert!(since.elapsed() < TIMEOUT, "timed out waiting for {text:?}; standard error: {}", stderr());
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits until standard error contains `text` or the command ends, and returns whether it does.
    pub fn says_before_it_ends(&mut self, text: &str) -> bool {
        let since = Instant::now();
        loop {
            let has_ended = self.child.try_wait().expect("the child is known").is_some();
            if self.stderr.lock().expect("no holder panics").contains(text) {
                return true;
            }
            if has_ended {
                return false;
            }
            assert!(since.elapsed() < TIMEOUT, "timed out waiting for {text:?}");
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits for a line of standard error that contains `text` and returns it.
    #[track_caller]
    pub fn line_with(&self, text: &str) -> String {
        self.wait_until_it_says(text);
        let stderr = self.stderr.lock().expect("no holder panics");
        stderr.lines().find(|line| line.contains(text)).expect("it was just there").to_owned()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name for kill(1). After `STOP` it waits until no thread runs any more.
    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Waits at most `time` for the end and returns whether it was reached.
    pub fn ends_within(&mut self, time: Duration, output: &mut Option<(String, String)>) -> bool {
        // Both streams end when the command does.
        match self.output.recv_timeout(time) {
            Ok(found) => {
                *output = Some(found);
                true
            }
            Err(_) => false,
        }
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Ran {
        let mut output = None;
        assert!(self.ends_within(TIMEOUT, &mut output), "the command does not end");
        let status = self.child.wait().expect("the child is known");
        let (stdout, stderr) = output.expect("it ended");
        Ran { code: status.code().unwrap_or(-1), stdout, stderr }
    }

    /// Kills the command after `time`. Returns its result if it ended before.
    pub fn kill_after(mut self, time: Duration) -> Option<Ran> {
        let mut output = None;
        if self.ends_within(time, &mut output) {
            let status = self.child.wait().expect("the child is known");
            let (stdout, stderr) = output.expect("it ended");
            return Some(Ran { code: status.code().unwrap_or(-1), stdout, stderr });
        }
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("the child is known");
        None
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process by its name for kill(1). After `STOP` it waits until no thread of
/// the process runs any more: the signal is sent before each thread has received it.
pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &process.to_string()]).status().expect("kill runs");
    assert!(sent.success(), "SIG{name} could not be sent");
    if name == "STOP" {
        wait_until("every thread is suspended", || is_suspended(process));
    }
}

/// Whether no thread of the process can run; a process that has ended cannot.
fn is_suspended(process: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return true };
    threads.flatten().all(|thread| {
        let status = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The name in parentheses comes before the state and may contain anything.
        let state = status.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        state.is_none_or(|state| matches!(state, 'T' | 't' | 'X' | 'Z'))
    })
}
