//! The HTTP endpoint of a batch server for monitoring: `/metrics`, `/healthz`, `/readyz`.

use crate::cli::exit::{Exit, Failure};
use crate::clock::SystemClock;
use crate::engine::{self, CauseLabels, Databases};
use crate::server::ServerEvent;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes of a request's head at most.
const MAX_HEAD_BYTES: usize = 8 * 1_024;
/// A client that is slower than this is disconnected.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections at the same time; with one more, the oldest is closed.
const MAX_CONNECTIONS: usize = 4;
/// The main loop reports every five seconds; after this long without a report it hangs.
const HUNG_AFTER: Duration = Duration::from_secs(30);

/// The health of a batch server, derived from its events.
#[derive(Debug)]
pub struct Health {
    alive_at: Instant,
    /// Why the server cannot work now; `None` if it can.
    fault: Option<String>,
}

impl Health {
    /// A server that has not registered yet.
    pub fn new() -> Self {
        Self { alive_at: Instant::now(), fault: Some("the batch server is starting".to_owned()) }
    }

    /// Updates the health by one event.
    pub fn follow(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::Alive => self.alive_at = Instant::now(),
            ServerEvent::Started { .. } | ServerEvent::Reached => self.fault = None,
            ServerEvent::Unreachable { fault } => self.fault = Some(fault.clone()),
            ServerEvent::Stopped { .. } | ServerEvent::GaveUp => {
                self.fault = Some("the batch server has stopped".into());
            }
            _ => {}
        }
    }

    fn hangs(&self) -> Option<String> {
        let silent = self.alive_at.elapsed();
        (silent > HUNG_AFTER).then(|| format!("the main loop has not reported for {} s", silent.as_secs()))
    }
}

struct Endpoint {
    databases: Databases,
    health: Arc<Mutex<Health>>,
    /// Open connections by number, the oldest first.
    connections: Mutex<VecDeque<(u64, TcpStream)>>,
}

/// Serves the endpoint on threads of its own until the process ends. Returns the address with the
/// port that the system chose if it was 0.
pub fn serve(address: SocketAddr, databases: Databases, health: Arc<Mutex<Health>>) -> Result<SocketAddr, Failure> {
    let refused = |error: std::io::Error| {
        Failure::Message(
            Exit::Failed,
            format!("cannot listen on {address} for metrics: {error}; choose another with --metrics"),
        )
    };
    let listener = TcpListener::bind(address).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let endpoint = Arc::new(Endpoint { databases, health, connections: Mutex::default() });
    std::thread::Builder::new()
        .name("metrics".to_owned())
        .spawn(move || {
            for stream in listener.incoming() {
                match stream {
                    Ok(stream) => accept(&endpoint, stream),
                    // Out of file descriptors, for example: the next try must not spin.
                    Err(_) => std::thread::sleep(Duration::from_millis(100)),
                }
            }
        })
        .map_err(refused)?;
    Ok(address)
}

fn accept(endpoint: &Arc<Endpoint>, stream: TcpStream) {
    let Ok(connection) = Connection::open(endpoint, &stream) else { return };
    // Without a thread, or if the client disconnects, there is no answer: monitoring asks again.
    let _ = std::thread::Builder::new().name("metrics request".to_owned()).spawn(move || {
        let _ = answer(&connection.endpoint, stream);
    });
}

/// An open connection; removed from the endpoint's when dropped, also by a panic.
struct Connection {
    endpoint: Arc<Endpoint>,
    number: u64,
}

impl Connection {
    /// Adds a connection. A client that does not finish its request must not keep others out, so
    /// the oldest one is closed if there are too many.
    fn open(endpoint: &Arc<Endpoint>, stream: &TcpStream) -> std::io::Result<Self> {
        let stream = stream.try_clone()?;
        let mut open = endpoint.connections();
        let number = open.back().map_or(0, |(number, _)| number + 1);
        if open.len() >= MAX_CONNECTIONS
            && let Some((_, oldest)) = open.pop_front()
        {
            // It may have been closed by its client.
            let _ = oldest.shutdown(Shutdown::Both);
        }
        open.push_back((number, stream));
        Ok(Self { endpoint: Arc::clone(endpoint), number })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.endpoint.connections().retain(|(number, _)| *number != self.number);
    }
}

fn answer(endpoint: &Endpoint, mut stream: TcpStream) -> std::io::Result<()> {
    let until = Instant::now() + REQUEST_TIMEOUT;
    stream.set_write_timeout(Some(REQUEST_TIMEOUT))?;
    let (mut head, mut block) = (Vec::new(), [0; 1_024]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || head.len() > MAX_HEAD_BYTES {
            return Ok(());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut block)? {
            0 => return Ok(()),
            length => head.extend_from_slice(&block[..length]),
        }
    }
    let line = String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    let (status, body) = match (method, path) {
        ("GET" | "HEAD", path) => endpoint.get(path),
        _ => ("405 Method Not Allowed", "only GET\n".to_owned()),
    };
    let length = body.len();
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    if method == "GET" {
        stream.write_all(body.as_bytes())?;
    }
    stream.flush()
}

impl Endpoint {
    fn connections(&self) -> MutexGuard<'_, VecDeque<(u64, TcpStream)>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, path: &str) -> (&'static str, String) {
        const OK: &str = "200 OK";
        const NOT_NOW: &str = "503 Service Unavailable";
        let health = || self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let judged = |fault: Option<String>| match fault {
            None => (OK, "ok\n".to_owned()),
            Some(fault) => (NOT_NOW, format!("{}\n", crate::domain::clean_line(&fault))),
        };
        match path {
            "/metrics" => (OK, engine::metrics(&self.databases, &SystemClock, CauseLabels::Texts).text),
            "/healthz" => judged(health().hangs()),
            "/readyz" => {
                let of_server = {
                    let health = health();
                    health.hangs().or_else(|| health.fault.clone())
                };
                let of_databases = || self.databases.fault().map(|fault| fault.to_string());
                judged(of_server.or_else(of_databases))
            }
            _ => ("404 Not Found", "/metrics, /healthz, /readyz\n".to_owned()),
        }
    }
}
