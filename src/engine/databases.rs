//! The two databases of an exchange, and how the engine opens them.

use crate::guard::{Authority, Consent};
use crate::store::{Access, HeadOffice, Location, MessageDatabase, Opening, StoreError};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// How long a health check waits for a connection: less than the timeout of a monitoring system,
/// such as 10 s.
pub(super) const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// The two databases of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Databases {
    /// Where agents post.
    pub message_database: Location,
    /// Where operators read.
    pub head_office: Location,
    /// Whether network file systems are accepted.
    pub allow_network_file_system: bool,
    /// The guardrails and roles that changes have to pass.
    pub authority: Authority,
    /// The identity of the head office that was read before; `None` before the first start.
    pub known_head_office: Option<String>,
}

impl Databases {
    /// Opens head office read-only; `None` if there is none yet, which a run would create.
    pub(super) fn head_office_if_any(&self) -> Result<Option<HeadOffice>, StoreError> {
        let office = HeadOffice::open(&self.head_office, self.opening(Access::ReadOnly));
        if self.known_head_office.is_some() { office.map(Some) } else { existing(office) }
    }

    /// Two files in a folder, under their usual names.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            message_database: Location::Sqlite(folder.join("message.db")),
            head_office: Location::Sqlite(folder.join("head-office.db")),
            allow_network_file_system: false,
            authority: Authority::default(),
            known_head_office: None,
        }
    }

    /// Returns the options to open either database with this access.
    pub fn opening(&self, access: Access) -> Opening {
        let allow_network_file_system = self.allow_network_file_system;
        let (authority, head_office_id) = (self.authority.clone(), self.known_head_office.clone());
        Opening { access, allow_network_file_system, authority, head_office_id }
    }

    /// Returns these databases, of which only the head office with this identity may be changed.
    #[must_use]
    pub fn knowing(&self, head_office_id: Option<String>) -> Self {
        Self { known_head_office: head_office_id, ..self.clone() }
    }

    /// Returns these databases with the operator's reason and confirmed count added to those given
    /// before.
    #[must_use]
    pub fn with_consent(&self, consent: Consent) -> Self {
        let Authority { rules, consent: before } = &self.authority;
        let authority = Authority { rules: Arc::clone(rules), consent: before.with(consent) };
        Self { authority, ..self.clone() }
    }

    /// Returns these databases with a limit on the time to connect to their servers.
    #[must_use]
    pub fn connecting_within(&self, timeout: Duration) -> Self {
        let (message_database, head_office) =
            (self.message_database.connecting_within(timeout), self.head_office.connecting_within(timeout));
        Self { message_database, head_office, ..self.clone() }
    }

    /// Opens the message database to read, and returns its identity, a UUID.
    pub(super) fn read_message_database(&self) -> Result<(MessageDatabase, String), StoreError> {
        let messages = MessageDatabase::open(&self.message_database, self.opening(Access::ReadOnly))?;
        let database_id = messages.exchange()?.database_id;
        Ok((messages, database_id))
    }

    /// Why one of the databases cannot be read now; `None` if both can. A database that does not
    /// answer within three seconds cannot.
    pub fn fault(&self) -> Option<StoreError> {
        let databases = self.connecting_within(PROBE_TIMEOUT);
        let of_office = databases.clone();
        probe(&self.head_office, move || of_office.read_head_office())
            .and_then(|()| probe(&self.message_database, move || databases.read_message_database().map(drop)))
            .err()
    }

    /// Opens head office to read.
    fn read_head_office(&self) -> Result<(), StoreError> {
        HeadOffice::open(&self.head_office, self.opening(Access::ReadOnly)).map(drop)
    }

    /// Opens head office to write.
    pub(super) fn open_head_office(&self, access: Access) -> Result<HeadOffice, StoreError> {
        HeadOffice::open(&self.head_office, self.opening(access))
    }

    /// Opens the message database to write. It is created only if none was known before: otherwise
    /// a new empty one would hide that the known one is missing.
    pub(super) fn open_message_database(&self, office: &HeadOffice) -> Result<MessageDatabase, StoreError> {
        let known = office.last_cursor()?.is_some();
        let access = if known { Access::Existing } else { Access::Create };
        MessageDatabase::open_to_purge(&self.message_database, self.opening(access))
    }
}

/// Reads a database on a thread of its own, and waits at most [`PROBE_TIMEOUT`] for it.
fn probe(
    location: &Location,
    read: impl FnOnce() -> Result<(), StoreError> + Send + 'static,
) -> Result<(), StoreError> {
    let (done, outcome) = mpsc::sync_channel(1);
    let attempt = move || drop(done.send(read()));
    // Without the thread there is no answer.
    let _ = thread::Builder::new().name("probe".to_owned()).spawn(attempt);
    outcome.recv_timeout(PROBE_TIMEOUT).unwrap_or_else(|_| {
        let (location, waited_seconds) = (location.clone(), PROBE_TIMEOUT.as_secs());
        Err(match location.lock_holder() {
            Some(holder) => StoreError::Locked { location, waited_seconds, holder: Some(holder) },
            None if location.file().is_some() => StoreError::Locked { location, waited_seconds, holder: None },
            None => StoreError::Unreachable { location, reason: format!("no answer within {waited_seconds} s") },
        })
    })
}

/// A database, or `None` if it does not exist.
pub(super) fn existing<T>(opened: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match opened {
        Ok(database) => Ok(Some(database)),
        Err(StoreError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
