//! The operator's pager, which has the terminal while it runs.

use crate::console::runtime::event::Event;
use crate::console::runtime::key_reader::KeyReader;
use crate::console::runtime::terminal::{self, Terminal};
use crate::domain::clean_block;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// A pager that ends sooner was not read: it shows texts that fit the screen and ends at once.
const SHORTEST_READING: Duration = Duration::from_millis(500);

/// Who has the terminal.
#[derive(Debug, Default)]
enum State {
    /// The console.
    #[default]
    Closed,
    /// The pager with this process id, since then.
    Open(Option<Pid>, Instant),
    /// The pager has ended before its text was read; the console waits for a key.
    Unread,
}

/// The pager.
#[derive(Debug, Default)]
pub struct Pager {
    state: State,
}

impl Pager {
    /// Whether the pager has the terminal, or has ended and a key is awaited.
    pub fn has_terminal(&self) -> bool {
        !matches!(self.state, State::Closed)
    }

    /// Leaves the terminal to the command, which gets the text on its standard input; control
    /// characters are replaced.
    pub fn open(
        &mut self,
        command: &str,
        text: &str,
        keys: &KeyReader,
        events: &UnboundedSender<Event>,
    ) -> io::Result<()> {
        keys.pause()?;
        terminal::restore();
        let text = clean_block(text);
        let spawned = Command::new("/bin/sh")
            .args(["-c", command])
            // less then starts no other programs.
            .env("LESSSECURE", "1")
            .stdin(Stdio::piped())
            .spawn();
        let id = spawned.as_ref().ok().and_then(|child| Pid::from_raw(i32::try_from(child.id()).ok()?));
        self.state = State::Open(id, Instant::now());
        let events = events.clone();
        std::thread::Builder::new().name("pager".to_owned()).spawn(move || {
            let ended = spawned.and_then(|child| feed(child, &text));
            let _ = events.send(Event::PagerEnded(ended.map_err(|error| error.to_string())));
        })?;
        Ok(())
    }

    /// Takes the terminal back after the pager has ended; returns why it could not be run. If it
    /// has ended at once, a key is awaited first.
    pub fn ended(
        &mut self,
        ended: Result<(), String>,
        keys: &KeyReader,
        screen: &mut Terminal,
    ) -> io::Result<Option<String>> {
        let was_read = !matches!(self.state, State::Open(_, since) if since.elapsed() < SHORTEST_READING);
        keys.resume()?;
        match ended {
            Ok(()) if !was_read => {
                self.state = State::Unread;
                terminal::ask("[Enter returns to cdx] ")?;
                Ok(None)
            }
            ended => {
                self.state = State::Closed;
                screen.resume()?;
                Ok(ended.err().map(|error| format!("the pager could not be run: {error}")))
            }
        }
    }

    /// Takes the terminal back at a key, if one is awaited; false if none is.
    pub fn key(&mut self, screen: &mut Terminal) -> io::Result<bool> {
        if !matches!(self.state, State::Unread) {
            return Ok(false);
        }
        self.state = State::Closed;
        screen.resume()?;
        Ok(true)
    }

    /// Ends the pager with the console.
    pub fn stop(&self) {
        if let State::Open(Some(id), _) = self.state {
            let _ = kill_process(id, Signal::TERM);
        }
    }
}

/// Writes the text to the pager and waits for its end.
fn feed(mut child: Child, text: &str) -> io::Result<()> {
    if let Some(mut input) = child.stdin.take() {
        // A pager may end before it has read everything.
        let _ = input.write_all(text.as_bytes());
    }
    let status = child.wait()?;
    // The shell's code for a command that was not found, or could not be run.
    match status.code() {
        Some(code @ (126 | 127)) => Err(io::Error::other(format!("its command ended with code {code}"))),
        _ => Ok(()),
    }
}
