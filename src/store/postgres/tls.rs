//! TLS by `sslmode` and `sslrootcert`: which checks the server's certificate must pass, and which
//! authorities are trusted.

use crate::store::postgres::Server;
use crate::store::postgres::server::SslMode;
use crate::store::postgres::setting_error::SettingError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The TLS settings of a connection; `None` if it is not encrypted. A cancel request opens a second
/// connection with the same settings.
pub(super) type Encryption = Option<MakeRustlsConnect>;

/// Which checks the server's certificate must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Nothing,
    Authority,
    AuthorityAndName,
}

/// Returns the mode from the URL, else from `PGSSLMODE`, else libpq's default.
pub(super) fn mode(server: &Server) -> Result<SslMode, SettingError> {
    if let Some(mode) = server.ssl_mode {
        return Ok(mode);
    }
    match std::env::var("PGSSLMODE") {
        Ok(word) if !word.is_empty() => {
            word.parse().map_err(|source| SettingError::Variable { variable: "PGSSLMODE", source })
        }
        _ => Ok(SslMode::Prefer),
    }
}

/// Sets up the encryption for this server.
pub(super) fn connector(server: &Server, mode: SslMode) -> Result<MakeRustlsConnect, SettingError> {
    let root = server.ssl_root.clone().or_else(|| std::env::var("PGSSLROOTCERT").ok().filter(|path| !path.is_empty()));
    let check = match mode {
        SslMode::Disable | SslMode::Prefer => Check::Nothing,
        SslMode::Require if root.is_none() => Check::Nothing,
        SslMode::Require | SslMode::VerifyCa => Check::Authority,
        SslMode::VerifyFull => Check::AuthorityAndName,
    };
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let verifier = if check == Check::Nothing {
        None
    } else {
        let roots = Arc::new(authorities(root)?);
        let made = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
        Some(made.map_err(SettingError::Verifier)?)
    };
    let verifier = Arc::new(Verifier { check, inner: verifier, provider });
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let config = match &server.ssl_certificate {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let unreadable = |path: &PathBuf, source| {
                let path = crate::domain::clean_line(&path.to_string_lossy()).into_owned();
                SettingError::Pem { path, source }
            };
            let chain = CertificateDer::pem_file_iter(certificate)
                .and_then(Iterator::collect)
                .map_err(|error| unreadable(certificate, error))?;
            let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error))?;
            builder.with_client_auth_cert(chain, secret).map_err(SettingError::ClientCertificate)?
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

/// Loads the trusted authorities: the system's own for `system`, else from the given file or
/// libpq's default file.
fn authorities(root: Option<String>) -> Result<RootCertStore, SettingError> {
    let mut roots = RootCertStore::empty();
    if root.as_deref() == Some("system") {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    }
    let home = std::env::var("HOME").unwrap_or_default();
    let path = root.unwrap_or_else(|| format!("{home}/.postgresql/root.crt"));
    let failed = |reason: String| {
        let path = crate::domain::clean_line(&path).into_owned();
        SettingError::Authorities { path, reason }
    };
    let found: Vec<CertificateDer> =
        CertificateDer::pem_file_iter(&path).and_then(Iterator::collect).map_err(|error| failed(error.to_string()))?;
    if found.is_empty() {
        return Err(failed("there is none".to_owned()));
    }
    for certificate in found {
        roots.add(certificate).map_err(|error| failed(error.to_string()))?;
    }
    Ok(roots)
}

/// Checks what libpq checks in the same `sslmode`: nothing, the chain, or the chain and the name.
/// Signatures are always checked.
#[derive(Debug)]
struct Verifier {
    check: Check,
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else { return Ok(ServerCertVerified::assertion()) };
        match inner.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is checked last, so the chain was valid.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Authority => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
