//! Delivers alerts and pings: one worker for each channel and one for the pings, each on a thread
//! of its own, so that a receiver that does not answer delays no other channel.

use crate::batch::DeliveryConfig;
use crate::cancel::Cancel;
use crate::engine::Databases;
use crate::server::delivery_error::DeliveryError;
use crate::server::mail::first_words;
use crate::server::{EventListener, Options, ServerEvent, command_alerts, mail, ping, syslog, webhook};
use crate::store::head_office::{Delivery, DeliveryChannel};
use crate::store::{Access, HeadOffice, StoreError};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Instant;

/// The work of one worker thread.
#[derive(Debug, Clone, Copy)]
enum Task {
    /// Deliver alerts through a channel.
    Deliver(DeliveryChannel),
    /// Call the configured address after good runs.
    Ping,
}

enum Message {
    /// A channel's worker looks for due deliveries; the worker of pings pings once.
    Work,
    Reload(Box<DeliveryConfig>),
}

/// A worker: its task, where it gets messages, and its thread.
struct Worker {
    task: Task,
    messages: mpsc::Sender<Message>,
    thread: JoinHandle<()>,
}

/// The handle of the workers.
pub(super) struct Messenger {
    /// Empty after the stop.
    workers: Vec<Worker>,
    stop: Cancel,
    /// Disconnected when all have finished.
    finished: Receiver<()>,
}

impl Messenger {
    pub(super) fn start(options: &Options, emit: &EventListener) -> std::io::Result<Self> {
        let (alive, finished) = channel::<()>();
        let stop = Cancel::new();
        let mut workers = Vec::new();
        for task in DeliveryChannel::ALL.into_iter().map(Task::Deliver).chain([Task::Ping]) {
            let (messages, inbox) = channel();
            let (databases, config, emit) = (options.databases.clone(), options.delivery.clone(), Arc::clone(emit));
            let (host, stopped, alive) = (options.host.clone(), stop.clone(), alive.clone());
            let thread = std::thread::Builder::new().name("messenger".to_owned()).spawn(move || {
                let _alive = alive;
                match task {
                    Task::Deliver(channel) => deliver(&databases, &host, channel, config, &inbox, &emit, &stopped),
                    Task::Ping => call(config, &inbox, &emit, &stopped),
                }
            })?;
            workers.push(Worker { task, messages, thread });
        }
        Ok(Self { workers, stop, finished })
    }

    /// Wakes the workers of the channels because there may be alerts to deliver.
    pub(super) fn wake(&self) {
        self.send(|task| matches!(task, Task::Deliver(_)).then_some(Message::Work));
    }

    /// Calls the configured address because a run was good.
    pub(super) fn ping(&self) {
        self.send(|task| matches!(task, Task::Ping).then_some(Message::Work));
    }

    pub(super) fn reload(&self, config: &DeliveryConfig) {
        self.send(|_| Some(Message::Reload(Box::new(config.clone()))));
    }

    fn send(&self, message: impl Fn(Task) -> Option<Message>) {
        for worker in &self.workers {
            if let Some(message) = message(worker.task) {
                // A worker that has finished has nothing to deliver.
                let _ = worker.messages.send(message);
            }
        }
    }

    /// Lets them deliver the latest alerts until `until`: a mail server that does not answer must
    /// not delay the stop. Another server delivers the rest, and what is being delivered now after
    /// five minutes.
    pub(super) fn stop(&mut self, until: Instant) {
        self.wake();
        let threads: Vec<_> = self.workers.drain(..).map(|worker| worker.thread).collect();
        let patience = until.saturating_duration_since(Instant::now());
        if self.finished.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            self.stop.trip();
            return;
        }
        for thread in threads {
            let _ = thread.join();
        }
    }
}

/// Calls the configured address once for all good runs since the last call.
fn call(mut config: DeliveryConfig, inbox: &Receiver<Message>, emit: &EventListener, stop: &Cancel) {
    while !stop.is_tripped() {
        let Some(has_work) = read_inbox(inbox, &mut config, true) else { return };
        let address = config.ping.as_ref().filter(|_| has_work);
        if let Some(error) = address.and_then(|address| ping::ping(address).err()) {
            emit(ServerEvent::PingFailed { fault: error.to_string() });
        }
    }
}

/// Reads all messages that have arrived, so that a reload does not wait behind work that piled up
/// while a receiver did not answer. Returns whether there is work; `None` at the stop. `waits`:
/// wait for the first message.
fn read_inbox(inbox: &Receiver<Message>, config: &mut DeliveryConfig, waits: bool) -> Option<bool> {
    let first = if waits { Some(inbox.recv().ok()?) } else { None };
    let mut has_work = false;
    for message in first.into_iter().chain(inbox.try_iter()) {
        match message {
            Message::Reload(new) => *config = *new,
            Message::Work => has_work = true,
        }
    }
    Some(has_work)
}

/// Delivers what is due through a channel, one after another.
fn deliver(
    databases: &Databases,
    host: &str,
    channel: DeliveryChannel,
    mut config: DeliveryConfig,
    inbox: &Receiver<Message>,
    emit: &EventListener,
    stop: &Cancel,
) {
    let mut office = None;
    let mut more = false;
    while !stop.is_tripped() {
        // One delivery at a time, and between them the messages that arrived.
        let Some(has_work) = read_inbox(inbox, &mut config, !more) else { return };
        more |= has_work;
        if more {
            let send = sender(&config, host, channel);
            // After any error the next round opens a new connection; nothing is lost.
            more = send.is_some_and(|send| {
                deliver_one(databases, channel, &send, &mut office, emit).unwrap_or_else(|_| {
                    office = None;
                    false
                })
            });
        }
    }
}

/// Delivers one alert; returns whether there was one.
fn deliver_one(
    databases: &Databases,
    channel: DeliveryChannel,
    send: &Sender,
    office: &mut Option<HeadOffice>,
    emit: &EventListener,
) -> Result<bool, StoreError> {
    let office = if let Some(office) = office {
        office
    } else {
        office.insert(HeadOffice::open(&databases.head_office, databases.opening(Access::Existing))?)
    };
    let Some(delivery) = office.take_delivery(&[channel])? else { return Ok(false) };
    let fault = send(&delivery).err().map(|error| error.to_string());
    office.note_delivery(&delivery, fault.as_deref())?;
    emit(ServerEvent::Delivered {
        channel: delivery.channel.word(),
        delivery_id: delivery.delivery_id,
        subject: first_words(&delivery.text),
        fault,
    });
    Ok(true)
}

/// The channels that the configuration has; other servers may have the others.
pub(super) fn channels(config: &DeliveryConfig) -> Vec<DeliveryChannel> {
    DeliveryChannel::ALL.into_iter().filter(|channel| sender(config, "", *channel).is_some()).collect()
}

/// Sends a delivery.
type Sender<'a> = Box<dyn Fn(&Delivery) -> Result<(), DeliveryError> + 'a>;

/// What sends through a channel; `None` if the configuration does not have it.
fn sender<'a>(config: &'a DeliveryConfig, host: &'a str, channel: DeliveryChannel) -> Option<Sender<'a>> {
    let label = config.label.as_deref();
    Some(match channel {
        DeliveryChannel::Email => {
            let smtp = config.smtp.as_ref()?;
            Box::new(move |delivery| mail::send(smtp, label, delivery))
        }
        DeliveryChannel::Command => {
            let command = config.command.as_deref()?;
            Box::new(move |delivery| command_alerts::run(command, label, delivery))
        }
        DeliveryChannel::Webhook => {
            let webhook = config.webhook.as_ref()?;
            Box::new(move |delivery| webhook::send(webhook, label, delivery))
        }
        DeliveryChannel::Syslog => {
            let socket = config.syslog_socket.as_deref()?;
            Box::new(move |delivery| syslog::send(socket, host, label, delivery))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_does_not_wait_behind_work_that_piled_up() {
        let (messages, inbox) = channel();
        let new = DeliveryConfig { label: Some("new".to_owned()), ..DeliveryConfig::default() };
        for message in [Message::Work, Message::Work, Message::Reload(Box::new(new)), Message::Work] {
            messages.send(message).expect("it is open");
        }
        let mut config = DeliveryConfig::default();
        assert_eq!(read_inbox(&inbox, &mut config, true), Some(true));
        assert_eq!(config.label.as_deref(), Some("new"));
        assert_eq!(read_inbox(&inbox, &mut config, false), Some(false), "nothing is left");
        drop(messages);
        assert_eq!(read_inbox(&inbox, &mut config, true), None);
    }
}
