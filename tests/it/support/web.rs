//! A web server with TLS for tests.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

/// A request that the server received.
#[derive(Debug)]
pub struct Request {
    /// The request line and the headers.
    pub head: String,
    pub body: String,
}

/// A running server; its thread ends with the test process.
pub struct WebServer {
    pub port: u16,
    pub requests: Receiver<Request>,
    /// The authority that signed its certificate for `localhost`.
    pub authority: PathBuf,
}

impl WebServer {
    /// Answers each request with the next of these status lines, the last one for ever.
    pub fn start(folder: &Path, answers: &'static [&'static str]) -> Self {
        let config = Arc::new(config(folder));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            let mut answered = 0;
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a configuration");
                let mut stream = BufReader::new(StreamOwned::new(connection, stream));
                // A client that does not trust the certificate disconnects.
                let Some(request) = read(&mut stream) else { continue };
                let answer = answers[answered.min(answers.len() - 1)];
                answered += 1;
                let stream = stream.get_mut();
                let _ = write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.conn.send_close_notify();
                let _ = stream.flush();
                // The test may have dropped the receiver.
                let _ = sender.send(request);
            }
        });
        Self { port, requests, authority: folder.join("authority.crt") }
    }
}

fn read(stream: &mut impl BufRead) -> Option<Request> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Request { head, body: String::from_utf8(body).ok()? })
}

/// Makes an authority and a certificate for `localhost`.
fn config(folder: &Path) -> ServerConfig {
    let openssl = |args: &str| {
        let ran = Command::new("openssl").args(args.split(' ')).current_dir(folder).output().expect("openssl");
        assert!(ran.status.success(), "openssl {args}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    let key = "-newkey rsa:2048 -nodes -subj /CN=localhost";
    openssl(&format!("req -x509 {key} -days 30 -keyout authority.key -out authority.crt"));
    openssl(&format!("req {key} -keyout web.key -out web.csr"));
    std::fs::write(folder.join("web.ext"), "subjectAltName=DNS:localhost\n").expect("written");
    let signed = "-CA authority.crt -CAkey authority.key -CAcreateserial -days 30 -extfile web.ext";
    openssl(&format!("x509 -req -in web.csr {signed} -out web.crt"));
    let chain = vec![CertificateDer::from_pem_file(folder.join("web.crt")).expect("a certificate")];
    let secret = PrivateKeyDer::from_pem_file(folder.join("web.key")).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .expect("a pair")
}
