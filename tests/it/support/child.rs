//! A command that runs beside the test: watched, signaled, and never left behind.

use super::{PATIENCE, Ran};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A running command; dropped, it is killed.
pub struct Running {
    child: Child,
    output: Receiver<(String, String)>,
    words: Arc<Mutex<String>>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let (mut stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let (sender, output) = channel();
        let words = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&words);
        let listener = std::thread::spawn(move || {
            let (mut stderr, mut line) = (BufReader::new(stderr), Vec::new());
            while stderr.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
                heard.lock().expect("no holder panics").push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
        let said = Arc::clone(&words);
        std::thread::spawn(move || {
            let mut out = String::new();
            // A command that was killed may leave half a character behind.
            let _ = stdout.read_to_string(&mut out);
            let _ = listener.join();
            let _ = sender.send((out, said.lock().expect("no holder panics").clone()));
        });
        Self { child, output, words }
    }

    /// Waits until the words to the operator contain `text`.
    #[track_caller]
    pub fn wait_until_it_says(&self, text: &str) {
        self.wait_until_it_says_more_often(text, 0);
    }

    /// Waits until more lines of the words to the operator contain `text` than so many.
    #[track_caller]
    pub fn wait_until_it_says_more_often(&self, text: &str, lines: usize) {
        let words = || self.words.lock().expect("no holder panics").clone();
        let since = Instant::now();
        while words().lines().filter(|line| line.contains(text)).count() <= lines {
            assert!(since.elapsed() < PATIENCE, "it did not say within the time limit: {text:?}; it said: {}", words());
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits until its messages contain `text` or it ends; whether they do.
    pub fn says_before_it_ends(&mut self, text: &str) -> bool {
        let since = Instant::now();
        loop {
            let has_ended = self.child.try_wait().expect("the child is known").is_some();
            if self.words.lock().expect("no holder panics").contains(text) {
                return true;
            }
            if has_ended {
                return false;
            }
            assert!(since.elapsed() < PATIENCE, "it did not say within the time limit: {text:?}");
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits for a line that contains `text` among its messages, and returns it.
    #[track_caller]
    pub fn line_with(&self, text: &str) -> String {
        self.wait_until_it_says(text);
        let words = self.words.lock().expect("nobody fails there");
        words.lines().find(|line| line.contains(text)).expect("it was just there").to_owned()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by the name that kill(1) knows.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().expect("kill runs");
        assert!(sent.success(), "SIG{name} could not be sent");
    }

    /// Waits for its end for so long; whether it came.
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

    /// Waits for its end.
    pub fn finish(mut self) -> Ran {
        let mut output = None;
        assert!(self.ends_within(PATIENCE, &mut output), "the command does not end");
        let status = self.child.wait().expect("the child is known");
        let (stdout, stderr) = output.expect("it ended");
        Ran { code: status.code().unwrap_or(-1), stdout, stderr }
    }

    /// Kills it after so long, unless it ends before; whether it was killed.
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
