//! A server's URL as libpq reads it. Passwords are kept out of every text.

use crate::store::postgres::server_error::ServerError;
use crate::store::postgres::session_attrs::SessionAttrs;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The encryption of a connection and the check of the certificate, in libpq's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// The connection is never encrypted.
    Disable,
    /// Encrypted if the server supports it; nothing is checked.
    Prefer,
    /// Always; the certificate is checked only when `sslrootcert` is given.
    Require,
    /// Always, and the certificate must come from a known authority.
    VerifyCa,
    /// Always, and the certificate must come from a known authority and match the host's name.
    VerifyFull,
}

/// The location of a server's database. Its debug form shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Names or addresses; a text that begins with `/` is a socket's folder.
    pub(super) hosts: Vec<(String, u16)>,
    pub(super) user: Option<String>,
    pub(super) database: String,
    password: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) ssl_mode: Option<SslMode>,
    pub(super) ssl_root: Option<String>,
    pub(super) ssl_certificate: Option<(PathBuf, PathBuf)>,
    pub(super) connect_timeout: Duration,
    pub(super) application: Option<String>,
    pub(super) options: Option<String>,
    pub(super) session_attrs: Option<SessionAttrs>,
    /// The URL without the password.
    shown: String,
}

/// Parameters of libpq that are not supported here; an error repeats only these names.
const LIBPQ: [&str; 19] = [
    "channel_binding",
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "hostaddr",
    "keepalives",
    "krbsrvname",
    "load_balance_hosts",
    "replication",
    "require_auth",
    "requirepeer",
    "service",
    "sslcompression",
    "sslcrl",
    "sslnegotiation",
    "sslpassword",
    "sslsni",
];

const DEFAULT_PORT: u16 = 5432;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Server {
    /// Returns this server with a limit on the time to connect.
    pub(in crate::store) fn connecting_within(&self, timeout: Duration) -> Self {
        Self { connect_timeout: self.connect_timeout.min(timeout), ..self.clone() }
    }

    pub(in crate::store) fn holds_password(&self) -> bool {
        self.password.is_some()
    }

    pub(super) fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), ServerError> {
        match name {
            "host" => self.hosts = hosts(&value, &[])?,
            "port" => {
                let ports = value.split(',').map(port).collect::<Result<Vec<_>, _>>()?;
                for (at, (_, known)) in self.hosts.iter_mut().enumerate() {
                    *known = *ports.get(at).or(ports.first()).unwrap_or(&DEFAULT_PORT);
                }
            }
            "user" => self.user = Some(value),
            "dbname" => self.database = value,
            "password" => self.password = Some(value),
            "passfile" => self.password_file = Some(value.into()),
            "sslmode" => self.ssl_mode = Some(value.parse()?),
            "sslrootcert" => self.ssl_root = Some(value),
            "sslcert" => {
                let key = self.ssl_certificate.take().map(|(_, key)| key).unwrap_or_default();
                self.ssl_certificate = Some((value.into(), key));
            }
            "sslkey" => {
                let certificate = self.ssl_certificate.take().map(|(certificate, _)| certificate).unwrap_or_default();
                self.ssl_certificate = Some((certificate, value.into()));
            }
            "connect_timeout" => {
                let seconds: u64 = value.parse().map_err(|_| ServerError::Value("connect_timeout"))?;
                self.connect_timeout = if seconds == 0 { CONNECT_TIMEOUT } else { Duration::from_secs(seconds) };
            }
            "application_name" => self.application = Some(value),
            "options" => self.options = Some(value),
            "target_session_attrs" => self.session_attrs = Some(value.parse()?),
            other => return Err(ServerError::Parameter(LIBPQ.into_iter().find(|known| *known == other))),
        }
        Ok(())
    }
}

impl FromStr for Server {
    type Err = ServerError;

    /// Parses the text after `postgres:`.
    fn from_str(text: &str) -> Result<Self, ServerError> {
        let rest = text.strip_prefix("//").ok_or(ServerError::NoSlashes)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, host_list) = match authority.rsplit_once('@') {
            Some((user_info, host_list)) => (Some(user_info), host_list),
            None => (None, authority),
        };
        let (user, password) = match user_info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
            Some((user, password)) => (unescape(user)?, unescape(password)?),
            None => (String::new(), String::new()),
        };
        let given = |text: String| (!text.is_empty()).then_some(text);
        let shown_user = match (user_info, password.is_empty()) {
            (None, _) => String::new(),
            (Some(info), true) => format!("{info}@"),
            (Some(info), false) => format!("{}:***@", info.split(':').next().unwrap_or_default()),
        };
        let mut shown_query = Vec::new();
        let mut server = Self {
            hosts: hosts("", &[])?,
            user: given(user),
            database: unescape(database)?,
            password: given(password),
            password_file: None,
            ssl_mode: None,
            ssl_root: None,
            ssl_certificate: None,
            connect_timeout: CONNECT_TIMEOUT,
            application: None,
            options: None,
            session_attrs: None,
            shown: String::new(),
        };
        if !host_list.is_empty() {
            let (names, ports) = split_hosts(host_list)?;
            server.hosts = hosts(&names, &ports)?;
        }
        let mut parameters: Vec<_> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        // Ports are assigned to the hosts of the whole URL.
        parameters.sort_by_key(|pair| pair.starts_with("port="));
        for pair in parameters {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            server.set(name, unescape(value)?)?;
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            shown_query.push(if pair.starts_with("password=") { "password=***" } else { pair });
        }
        if server.database.is_empty() {
            return Err(ServerError::NoDatabase);
        }
        // A password with an unescaped slash: its rest would be shown as the database.
        if database.contains('@') {
            return Err(ServerError::Slash);
        }
        let sign = if shown_query.is_empty() { "" } else { "?" };
        let shown = format!("postgres://{shown_user}{host_list}/{database}{sign}{}", shown_query.join("&"));
        server.shown = crate::domain::clean_line(&shown).into_owned();
        Ok(server)
    }
}

/// `a:1,[::1]:2` as names and ports.
fn split_hosts(list: &str) -> Result<(String, Vec<u16>), ServerError> {
    let mut names = Vec::new();
    let mut ports = Vec::new();
    for one in list.split(',') {
        let after_bracket = one.rfind(']').map_or(0, |at| at + 1);
        let (name, number) = match one[after_bracket..].rfind(':') {
            Some(at) => (&one[..after_bracket + at], port(&one[after_bracket + at + 1..])?),
            None => (one, DEFAULT_PORT),
        };
        names.push(unescape(name.trim_start_matches('[').trim_end_matches(']'))?);
        ports.push(number);
    }
    Ok((names.join(","), ports))
}

/// Names with their ports; without a name, the environment's, or the usual socket.
fn hosts(names: &str, ports: &[u16]) -> Result<Vec<(String, u16)>, ServerError> {
    let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let default_port = environment("PGPORT").map_or(Ok(DEFAULT_PORT), |text| port(&text))?;
    if names.is_empty() {
        let host = environment("PGHOST").unwrap_or_else(|| "/var/run/postgresql".to_owned());
        return Ok(vec![(host, default_port)]);
    }
    Ok(names
        .split(',')
        .enumerate()
        .map(|(at, name)| (name.to_owned(), *ports.get(at).unwrap_or(&default_port)))
        .collect())
}

fn port(text: &str) -> Result<u16, ServerError> {
    if text.is_empty() {
        return Ok(DEFAULT_PORT);
    }
    text.parse().ok().filter(|port| *port > 0).ok_or(ServerError::Port)
}

/// Decodes `%20`.
fn unescape(text: &str) -> Result<String, ServerError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        let [Some(high), Some(low)] = digits else { return Err(ServerError::Escape) };
        bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
    }
    String::from_utf8(bytes).map_err(|_| ServerError::Escape)
}

impl FromStr for SslMode {
    type Err = ServerError;

    fn from_str(word: &str) -> Result<Self, ServerError> {
        Ok(match word {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return Err(ServerError::Value("sslmode")),
        })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_url_is_found() {
        let server: Server = "//op%40hq:p%3Aw@[::1]:5433,b/cdx%20x?sslmode=verify-full&sslrootcert=/ca.pem"
            .parse()
            .expect("it is valid");
        assert_eq!(server.user.as_deref(), Some("op@hq"));
        assert_eq!(server.password(), Some("p:w"));
        assert_eq!(server.hosts, [("::1".to_owned(), 5433), ("b".to_owned(), DEFAULT_PORT)]);
        assert_eq!(server.database, "cdx x");
        assert_eq!(server.ssl_mode, Some(SslMode::VerifyFull));
        assert_eq!(server.ssl_root.as_deref(), Some("/ca.pem"));
        let socket: Server = "///cdx?port=5434&host=/run/pg".parse().expect("it is valid");
        assert_eq!(socket.hosts, [("/run/pg".to_owned(), 5434)]);
        let socket: Server = "//op@%2Frun%2Fpg/cdx".parse().expect("it is valid");
        assert_eq!(socket.hosts, [("/run/pg".to_owned(), DEFAULT_PORT)]);
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &str| text.parse::<Server>().expect_err("it is refused");
        assert_eq!(fault("hq/cdx"), ServerError::NoSlashes);
        assert_eq!(fault("//hq"), ServerError::NoDatabase);
        assert_eq!(fault("//hq:0/cdx"), ServerError::Port);
        assert_eq!(fault("//hq/c%2"), ServerError::Escape);
        assert_eq!(fault("//hq/cdx?sslmode=on"), ServerError::Value("sslmode"));
        assert_eq!(fault("//hq/cdx?target_session_attrs=rw"), ServerError::Value("target_session_attrs"));
        assert_eq!(fault("//op:12/s3cret@hq/cdx"), ServerError::Slash);
        assert_eq!(fault("//hq/cdx?sslpassword=s3cret"), ServerError::Parameter(Some("sslpassword")));
        assert_eq!(fault("//hq/cdx?colour=red"), ServerError::Parameter(None));
    }
}
