//! Connects: host by host as the URL lists them, encrypted as it says, and sets up the session.

use crate::store::postgres::failure::{classify, classify_connect};
use crate::store::postgres::password::{password, user};
use crate::store::postgres::patience::within;
use crate::store::postgres::search_path::{SEARCH_PATH, refuse_untrusted_creators};
use crate::store::postgres::server::SslMode;
use crate::store::postgres::session_attrs::SessionAttrs;
use crate::store::postgres::setting_error::SettingError;
use crate::store::postgres::settings::Settings;
use crate::store::postgres::tls::Encryption;
use crate::store::postgres::{Server, compatibility, tls};
use crate::store::tuning::LOCK_WAIT;
use crate::store::{Location, StoreError};
use postgres::{Client, Config, NoTls};
use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;

/// How long the server lets a transaction of this program idle: less than the lease, so that a
/// suspended process cannot keep its locks beyond it.
const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(12);
/// How soon the server detects a dead connection: as soon as the program does. By default it takes
/// hours and keeps the locks. Without effect on a socket.
const KEEPALIVE: &str = "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4;
    set tcp_user_timeout = 30000";
/// The first server version with `pg_current_xact_id` and `gen_random_uuid`.
const OLDEST_SERVER_VERSION: i64 = 130_000;

/// The error if the session was already set up by this program, which a session pooler would have
/// reset.
const POOLED: &str =
    "a pooler in between hands the server's sessions from one client to the next with each transaction";

/// Connects to the first host that answers and suits `target_session_attrs`.
pub(super) fn connect(
    server: &Server,
    location: &Location,
    settings: &Settings,
) -> Result<(Client, Encryption), StoreError> {
    let refused = |error: SettingError| error.at(location);
    let mode = tls::mode(server).map_err(refused)?;
    let wanted = SessionAttrs::wanted(server.session_attrs, server.hosts.len(), settings).map_err(refused)?;
    let target = Target { server, location, settings, mode };
    match wanted {
        SessionAttrs::PreferStandby => {
            target.connect(SessionAttrs::Standby).or_else(|_| target.connect(SessionAttrs::Any))
        }
        wanted => target.connect(wanted),
    }
}

/// The target of a connection.
struct Target<'a> {
    server: &'a Server,
    location: &'a Location,
    settings: &'a Settings,
    mode: SslMode,
}

impl Target<'_> {
    /// Tries one host after the other, and every address of each.
    fn connect(&self, wanted: SessionAttrs) -> Result<(Client, Encryption), StoreError> {
        let mut last = None;
        let mut answered = None;
        for (host, port) in &self.server.hosts {
            // A name may stand for several servers, one of which suits.
            let addresses: Vec<_> = if host.starts_with('/') || wanted == SessionAttrs::Any {
                vec![None]
            } else {
                match (host.as_str(), *port).to_socket_addrs() {
                    Ok(found) => found.map(|address| Some(address.ip())).collect(),
                    // The attempt itself reports it.
                    Err(_) => vec![None],
                }
            };
            for address in addresses {
                let (mut client, encryption) = match self.connect_to(host, *port, address) {
                    Ok(connected) => connected,
                    Err(error) => {
                        last = Some(error);
                        continue;
                    }
                };
                match set_up(&mut client, self.server, self.location, self.settings, wanted) {
                    Ok(Ok(())) => return Ok((client, encryption)),
                    Ok(Err(unsuitable)) => answered = Some(unsuitable),
                    Err(error) if error.is_lost() => last = Some(error),
                    // It answered, so no other host is tried.
                    Err(error) => return Err(error),
                }
            }
        }
        // An unreachable host may be the right one; with several hosts, another may take over.
        let lack = || StoreError::Unreachable { location: self.location.clone(), reason: wanted.lack().to_owned() };
        Err(match (last, answered) {
            (Some(error), _) => error,
            (None, Some(unsuitable)) if self.server.hosts.len() == 1 => unsuitable,
            (None, _) => lack(),
        })
    }

    /// Connects to one address.
    fn connect_to(&self, host: &str, port: u16, address: Option<IpAddr>) -> Result<(Client, Encryption), StoreError> {
        let Self { server, location, mode, .. } = *self;
        let user = user(server);
        // A socket needs no encryption.
        let encryption = if mode == SslMode::Disable || host.starts_with('/') {
            None
        } else {
            Some(tls::connector(server, mode).map_err(|error| error.at(location))?)
        };
        let mut config = Config::new();
        config
            .user(&user)
            .dbname(&server.database)
            .port(port)
            .connect_timeout(server.connect_timeout)
            .application_name(server.application.as_deref().unwrap_or("cdx"))
            .keepalives_idle(Duration::from_secs(30))
            .tcp_user_timeout(Duration::from_secs(30))
            .ssl_mode(match (&encryption, mode) {
                (None, _) => postgres::config::SslMode::Disable,
                (Some(_), SslMode::Prefer) => postgres::config::SslMode::Prefer,
                (Some(_), _) => postgres::config::SslMode::Require,
            });
        if host.starts_with('/') {
            config.host_path(host)
        } else {
            config.host(host)
        };
        if let Some(address) = address {
            config.hostaddr(address);
        }
        if let Some(options) = &server.options {
            config.options(options);
        }
        if let Some(password) = password(server, host, port, &user).map_err(|error| error.at(location))? {
            config.password(password);
        }
        let connector = encryption.clone();
        let connected = within(server.connect_timeout, move || match connector {
            Some(connector) => config.connect(connector),
            None => config.connect(NoTls),
        });
        let silent = || StoreError::Unreachable {
            location: location.clone(),
            reason: format!("the server did not answer within {} s", server.connect_timeout.as_secs()),
        };
        let client = connected.ok_or_else(silent)?.map_err(|error| classify_connect(&error, location))?;
        Ok((client, encryption))
    }
}

/// Sets up the session; the inner error means that the server does not suit.
fn set_up(
    client: &mut Client,
    server: &Server,
    location: &Location,
    settings: &Settings,
    wanted: SessionAttrs,
) -> Result<Result<(), StoreError>, StoreError> {
    let failed = |error: postgres::Error| classify(&error, location);
    let refused = |reason: String| StoreError::Open { location: location.clone(), reason };
    // Asked separately, because other products may not understand the rest.
    let name: String =
        client.query_one("select pg_catalog.version()", &[]).and_then(|row| row.try_get(0)).map_err(failed)?;
    if let Some(reason) = compatibility::product_refusal(&name) {
        return Err(refused(reason));
    }
    // Before any name that another role's object could match.
    client.batch_execute(SEARCH_PATH).map_err(failed)?;
    let sql = "select current_setting('server_version_num')::bigint, pg_is_in_recovery(),
        coalesce(current_setting('cdx.session', true), '') <> '', current_setting('default_transaction_read_only') = 'on',
        current_setting('server_encoding')";
    let about = client.query_one(sql, &[]).map_err(failed)?;
    let version: i64 = about.try_get(0).map_err(failed)?;
    if version < OLDEST_SERVER_VERSION {
        let reason = format!("the server is PostgreSQL {}, and 13 is the oldest supported", version / 10_000);
        return Err(refused(reason));
    }
    let present: Option<String> =
        client.query_one(&compatibility::functions_query(), &[]).and_then(|row| row.try_get(0)).map_err(failed)?;
    if let Some(reason) = compatibility::missing_functions(&present.unwrap_or_default()) {
        return Err(refused(reason));
    }
    // Statements, settings and locks belong to a session; in a pooled one they would harm others.
    if about.try_get(2).map_err(failed)? {
        return Err(refused(format!("{POOLED}; connect directly, or let it pool sessions")));
    }
    let is_standby: bool = about.try_get(1).map_err(failed)?;
    if !wanted.suits(is_standby, about.try_get(3).map_err(failed)?) {
        let other = || StoreError::Unreachable { location: location.clone(), reason: wanted.lack().to_owned() };
        return Ok(Err(if is_standby { StoreError::Standby { location: location.clone() } } else { other() }));
    }
    if !settings.read_only && is_standby {
        return Err(StoreError::Standby { location: location.clone() });
    }
    let encoding: String = about.try_get(4).map_err(failed)?;
    if encoding != "UTF8" {
        return Err(refused(wrong_encoding(&encoding, &server.database)));
    }
    refuse_untrusted_creators(client, location)?;
    let read_only = if settings.read_only { "on" } else { "off" };
    let synchronous = if settings.durable { "on" } else { "off" };
    // A session may hold a runner's lock and idle for as long as the run; the setting exists from
    // 14 on.
    let patient = if version >= 140_000 { "set idle_session_timeout = 0;" } else { "" };
    client
        .batch_execute(&format!(
            "set lock_timeout = {}; set idle_in_transaction_session_timeout = {}; set synchronous_commit = {synchronous};
             set default_transaction_read_only = {read_only}; {patient} set jit = off;
             set client_encoding = 'UTF8'; set cdx.session = 'taken'; {KEEPALIVE}",
            LOCK_WAIT.as_millis(),
            IDLE_IN_TRANSACTION_TIMEOUT.as_millis(),
        ))
        .map_err(failed)?;
    Ok(Ok(()))
}

/// The error for a database that cannot store every text, with the command for a new one. The
/// locale makes the command work on any server.
fn wrong_encoding(encoding: &str, database: &str) -> String {
    let quoted = database.replace('\'', "'\\''");
    crate::domain::clean_line(&format!(
        "its encoding is {encoding}, and text of any store needs UTF8; make one with \
         createdb --encoding=UTF8 --template=template0 --locale=C '{quoted}' under another name or after dropping it, \
         and copy its contents with pg_dump"
    ))
    .into_owned()
}
