//! A mail server on this machine, with the manners that a test wants.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// How it treats who comes.
#[derive(Debug, Clone, Copy)]
pub enum Manner {
    /// It takes every mail, but not the first few.
    Takes { after: usize },
    /// It takes the connection and never says a word.
    Silent,
}

/// The server; its threads end with the test.
pub struct MailServer {
    pub port: u16,
    /// Whole mails, headers first.
    pub mails: Receiver<String>,
    /// Everything that was ever said to it outside of mails.
    pub said: Arc<Mutex<Vec<String>>>,
    /// Connections so far.
    pub visits: Arc<AtomicUsize>,
}

impl MailServer {
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, mails) = channel();
        let (said, visits) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (book, count) = (Arc::clone(&said), Arc::clone(&visits));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let visit = count.fetch_add(1, Ordering::SeqCst);
                let (sender, book) = (sender.clone(), Arc::clone(&book));
                std::thread::spawn(move || match (manner, stream) {
                    (Manner::Takes { after }, Ok(stream)) => talk(stream, visit < after, &sender, &book),
                    // Until the other side goes.
                    (Manner::Silent, Ok(stream)) => drop(BufReader::new(stream).lines().count()),
                    (_, Err(_)) => {}
                });
            }
        });
        Self { port, mails, said, visits }
    }
}

fn talk(mut stream: TcpStream, refuses: bool, mails: &Sender<String>, said: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stream.try_clone().expect("two ends")).lines();
    let mut say = |text: &str| write!(stream, "{text}\r\n").is_ok();
    say("220 test");
    let mut data: Option<String> = None;
    for line in lines.map_while(Result::ok) {
        match &mut data {
            Some(text) if line == "." => {
                // Whoever does not listen any more has seen enough.
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
            None => said.lock().expect("no panic").push(line.clone()),
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
