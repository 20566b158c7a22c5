//! The thread that reads the terminal, which pauses while a pager has it.

use crate::console::runtime::event::Event;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;
use tokio::sync::mpsc::UnboundedSender;

/// Controls the thread.
#[derive(Debug)]
pub struct KeyReader {
    control: PipeWriter,
    paused: Mutex<Receiver<()>>,
}

impl KeyReader {
    /// Starts the thread; it reads until the terminal is closed.
    pub fn start(events: UnboundedSender<Event>) -> io::Result<Self> {
        let (reader, control) = io::pipe()?;
        let (pausing, paused) = channel();
        std::thread::Builder::new().name("keys".to_owned()).spawn(move || read(&events, reader, &pausing))?;
        Ok(Self { control, paused: Mutex::new(paused) })
    }

    /// Pauses the thread; it does not read the terminal any more when this returns.
    pub fn pause(&self) -> io::Result<()> {
        (&self.control).write_all(b"p")?;
        // If the thread has ended, it does not read either.
        let _ = self.paused.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        Ok(())
    }

    /// Lets it continue.
    pub fn resume(&self) -> io::Result<()> {
        (&self.control).write_all(b"r")
    }
}

fn read(events: &UnboundedSender<Event>, mut control: PipeReader, pausing: &Sender<()>) {
    let (mut buffer, mut byte) = ([0; 4_096], [0; 1]);
    loop {
        let stdin = rustix::stdio::stdin();
        let mut ready = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&control, PollFlags::IN)];
        match poll(&mut ready, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => {
                let _ = events.send(Event::HungUp);
                return;
            }
        }
        if !ready[1].revents().is_empty() {
            // The first byte pauses, the second resumes; end of input: the console has ended.
            if control.read_exact(&mut byte).is_err()
                || pausing.send(()).is_err()
                || control.read_exact(&mut byte).is_err()
            {
                return;
            }
            continue;
        }
        let event = match rustix::io::read(stdin, &mut buffer) {
            Ok(0) => Event::HungUp,
            Ok(length) => Event::Bytes(buffer[..length].to_vec(), Instant::now()),
            Err(Errno::INTR) => continue,
            Err(_) => Event::HungUp,
        };
        let last = matches!(event, Event::HungUp);
        if events.send(event).is_err() || last {
            return;
        }
    }
}
