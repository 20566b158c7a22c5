//! An SMTP server for tests.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// How the server treats connections.
#[derive(Debug, Clone, Copy)]
pub enum Behavior {
    /// Accepts mails, except on the first `after` connections.
    Accepts { after: usize },
    /// Accepts connections and never responds.
    Silent,
}

/// A running server; its threads end with the test process.
pub struct MailServer {
    pub port: u16,
    /// The mails received, with headers.
    pub mails: Receiver<String>,
    /// The command lines received.
    pub commands: Arc<Mutex<Vec<String>>>,
    /// The number of connections.
    pub connections: Arc<AtomicUsize>,
}

impl MailServer {
    pub fn start(behavior: Behavior) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, mails) = channel();
        let (commands, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (log, count) = (Arc::clone(&commands), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = count.fetch_add(1, Ordering::SeqCst);
                let (sender, log) = (sender.clone(), Arc::clone(&log));
                std::thread::spawn(move || match (behavior, stream) {
                    (Behavior::Accepts { after }, Ok(stream)) => talk(stream, connection < after, &sender, &log),
                    // Reads until the client disconnects.
                    (Behavior::Silent, Ok(stream)) => drop(BufReader::new(stream).lines().count()),
                    (_, Err(_)) => {}
                });
            }
        });
        Self { port, mails, commands, connections }
    }
}

fn talk(mut stream: TcpStream, refuses: bool, mails: &Sender<String>, commands: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stream.try_clone().expect("two ends")).lines();
    let mut say = |text: &str| write!(stream, "{text}\r\n").is_ok();
    say("220 test");
    let mut data: Option<String> = None;
    for line in lines.map_while(Result::ok) {
        match &mut data {
            Some(text) if line == "." => {
                // The test may have dropped the receiver.
                let _ = mails.send(std::mem::take(text));
                data = None;
                say("250 taken");
                continue;
            }
            Some(text) => {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            None => commands.lock().expect("no panic").push(line.clone()),
        }
        match line.split(' ').next() {
            Some("DATA") => {
                data = Some(String::new());
                say("354 go on");
            }
            Some("MAIL") if refuses => drop(say("451 not \u{1b}[31mnow")),
            Some("QUIT") => {
                say("221 bye");
                return;
            }
            _ => drop(say("250 fine")),
        }
    }
}
