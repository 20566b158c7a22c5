//! The messenger: takes alerts out of the house, by e-mail or by the operator's own command, on a thread of its own.

use crate::batch::Ways;
use crate::cancel::Cancel;
use crate::engine::Databases;
use crate::server::{EventListener, Options, ServerEvent, command, mail};
use crate::store::head_office::{Delivery, Way};
use crate::store::{Access, HeadOffice, Opening, StoreError};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

enum Errand {
    Look,
    Reload(Box<Ways>),
}

/// The messenger as the server sees it.
pub(super) struct Messenger {
    /// `None` once it was told to stop.
    errands: Option<Sender<Errand>>,
    stop: Cancel,
    /// Ends with the thread.
    lives: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Messenger {
    pub(super) fn start(options: &Options, tell: &EventListener) -> std::io::Result<Self> {
        let (errands, inbox) = channel();
        let (databases, ways, tell) = (options.databases.clone(), options.ways.clone(), EventListener::clone(tell));
        let stop = Cancel::new();
        let stopped = stop.clone();
        let (alive, lives) = channel::<()>();
        let thread = std::thread::Builder::new().name("messenger".to_owned()).spawn(move || {
            let _alive = alive;
            serve(&databases, ways, &inbox, &tell, &stopped);
        })?;
        Ok(Self { errands: Some(errands), stop, lives, thread: Some(thread) })
    }

    /// Says that there may be something to take.
    pub(super) fn ring(&self) {
        self.say(Errand::Look);
    }

    pub(super) fn reload(&self, ways: Ways) {
        self.say(Errand::Reload(Box::new(ways)));
    }

    fn say(&self, errand: Errand) {
        if let Some(errands) = &self.errands {
            // A messenger that is gone has nothing in hand.
            let _ = errands.send(errand);
        }
    }

    /// Lets it deliver what just came, but not for longer than until then: a mail server that does not answer keeps nobody. What is not
    /// delivered is taken by another server, what is in hand in five minutes.
    pub(super) fn stop(&mut self, until: Instant) {
        self.ring();
        self.errands = None;
        let Some(thread) = self.thread.take() else { return };
        if self.lives.recv_timeout(until.saturating_duration_since(Instant::now())) == Err(RecvTimeoutError::Timeout) {
            self.stop.trip();
            return;
        }
        let _ = thread.join();
    }
}

fn serve(databases: &Databases, mut ways: Ways, inbox: &Receiver<Errand>, tell: &EventListener, stop: &Cancel) {
    let mut office = None;
    let mut more = false;
    while !stop.is_tripped() {
        // One delivery after the other, and between them whatever was said meanwhile.
        let errand = if more { inbox.try_recv().ok() } else { inbox.recv().ok() };
        match errand {
            Some(Errand::Reload(new)) => ways = *new,
            Some(Errand::Look) => more = true,
            None if !more => return,
            None => {}
        }
        if more {
            // Whatever is wrong with this connection, the next round gets a new one; nothing is lost.
            more = deliver_one(databases, &ways, &mut office, tell).unwrap_or_else(|_| {
                office = None;
                false
            });
        }
    }
}

/// Whether there was anything to take.
fn deliver_one(
    databases: &Databases,
    ways: &Ways,
    office: &mut Option<HeadOffice>,
    tell: &EventListener,
) -> Result<bool, StoreError> {
    let office = if let Some(office) = office {
        office
    } else {
        let allow_network_file_system = databases.allow_network_file_system;
        let opening = Opening { access: Access::Existing, allow_network_file_system };
        office.insert(HeadOffice::open(&databases.head_office, opening)?)
    };
    let Some(delivery) = office.take_delivery()? else { return Ok(false) };
    let result = attempt(ways, &delivery);
    office.note_delivery(&delivery, result.as_ref().copied().map_err(String::as_str))?;
    tell(ServerEvent::Delivered { way: delivery.way.word(), fault: result.err() });
    Ok(true)
}

fn attempt(ways: &Ways, delivery: &Delivery) -> Result<(), String> {
    match (delivery.way, &ways.smtp, &ways.command) {
        (Way::Email, Some(smtp), _) => mail::send(smtp, delivery),
        (Way::Email, None, _) => {
            Err("no mail server is configured where this batch server runs (smtp_host)".to_owned())
        }
        (Way::Command, _, Some(line)) => command::run(line, delivery),
        (Way::Command, _, None) => {
            Err("no command is configured where this batch server runs (alert_command)".to_owned())
        }
    }
}
