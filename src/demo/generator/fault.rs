//! Causes of failures, with the error texts of the programs that fail.

use crate::demo::generator::chain::Chain;
use crate::demo::generator::hostile;
use crate::demo::generator::report::DemoSession;
use fastrand::Rng;

/// A cause of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The store's agent does not reach the server.
    Connection,
    /// The server has no address for the package.
    PackageAddress,
    /// Writing took too long.
    Timeout,
    /// Two writers deadlocked.
    Deadlock,
    /// The store's database is full.
    Full,
    /// A column is too short for what head office sends.
    Truncation,
    /// Reading the sales took too long.
    Reading,
    /// The store's login is refused, with a German text.
    Login,
    /// The sales were written before.
    Duplicate,
    /// The package is missing.
    Missing,
    /// The working folder could not be written.
    Folder,
    /// A text that could harm a terminal or spreadsheet, by number.
    Hostile(usize),
}

impl Fault {
    /// Returns the error text for a session.
    pub(super) fn text(self, rng: &mut Rng, session: &DemoSession, chain: &Chain) -> Box<str> {
        let store = session.store.and_then(|store| chain.stores.get(store)).map_or("", |store| store.name.as_str());
        let (job, number) = (session.job.name, session.number);
        let text = match self {
            Self::Connection => format!(
                "Unable to communicate with the server for download. Check the user name, the password and the \
                 connections of channel database '{store}'."
            ),
            Self::PackageAddress => format!("Failed to get the package URI of download session {number}."),
            Self::Timeout => format!(
                "Execution Timeout Expired. The timeout period elapsed prior to completion of the operation or the \
                 server is not responding. (job '{job}', {} rows written)",
                rng.i64(0..=session.rows)
            ),
            Self::Deadlock => format!(
                "Transaction (Process ID {}) was deadlocked on lock resources with another process and has been chosen \
                 as the deadlock victim. Rerun the transaction.",
                rng.u32(52..190)
            ),
            Self::Full => format!(
                "Could not allocate space for object 'ax.RETAILTRANSACTIONSALESTRANS' in database '{store}' because the \
                 'PRIMARY' filegroup is full."
            ),
            Self::Truncation => {
                "Failed to run SqlWriteRequestRunner for table AX.ECORESPRODUCTTRANSLATION: String or binary data would \
                 be truncated."
                    .to_owned()
            }
            Self::Reading => format!(
                "Time-out after {} s while reading 'ax.RETAILTRANSACTIONSALESTRANS' for upload; is the index on \
                 REPLICATIONCOUNTERFROMORIGIN missing?",
                rng.u32(600..640)
            ),
            Self::Login => format!(r"Fehler bei der Anmeldung für den Benutzer 'CONTOSO\cdx-{store}'."),
            Self::Duplicate => format!(
                "Violation of PRIMARY KEY constraint 'PK_UPLOADSESSION'. Cannot insert duplicate key in object \
                 'crt.UPLOADSESSION'. The duplicate key value is ({}).",
                number - rng.i64(1..40)
            ),
            Self::Missing => format!("Package download: record for id {} not found", 5_637_144_576 + number),
            Self::Folder => format!(
                r"The package could not be created in \\CDX01\RetailDownload\{job}\{number}: The network name is no longer available."
            ),
            Self::Hostile(kind) => hostile::text(kind),
        };
        text.into_boxed_str()
    }
}
