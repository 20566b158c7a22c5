//! Why no connection was attempted: a setting, or a file that it names, is wrong.

use crate::store::postgres::server_error::ServerError;
use crate::store::{Location, StoreError};

/// Why no connection was attempted. Paths are cleaned.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettingError {
    /// A variable of the environment has a value that it cannot have.
    #[error("{variable} {source}")]
    Variable { variable: &'static str, source: ServerError },
    /// Other users can read the password file.
    #[error("the password file {path} can be read by others; chmod 600 {path}")]
    OpenPasswordFile { path: String },
    /// The password file cannot be read.
    #[error("the password file {path} cannot be read: {source}")]
    PasswordFile { path: String, source: std::io::Error },
    /// The client's certificate or its key cannot be read.
    #[error("{path} cannot be used: {source}")]
    Pem { path: String, source: rustls::pki_types::pem::Error },
    /// The client's certificate and its key do not fit.
    #[error("sslcert cannot be used: {0}")]
    ClientCertificate(rustls::Error),
    /// The certificates of authorities cannot be read.
    #[error(
        "the certificates of authorities in {path} cannot be read ({reason}); name them with sslrootcert, or write sslrootcert=system"
    )]
    Authorities { path: String, reason: String },
    /// The certificates of authorities cannot be used.
    #[error("the authorities' certificates cannot be used: {0}")]
    Verifier(rustls::server::VerifierBuilderError),
    /// TLS itself cannot be set up.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

impl SettingError {
    /// The store's error about the database at `location`.
    pub(super) fn at(&self, location: &Location) -> StoreError {
        StoreError::Open { location: location.clone(), reason: self.to_string() }
    }
}
