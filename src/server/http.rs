//! The client for HTTPS: certificates are checked against the system's authorities, redirects are
//! refused, since they could carry a secret elsewhere.

use crate::batch::WebAddress;
use crate::server::certificate_fault::certificate_fault;
use crate::server::delivery_error::DeliveryError;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// The longest time that a server may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// A client for one call; the authorities are read again for each.
fn agent() -> Agent {
    let found = rustls_native_certs::load_native_certs().certs;
    let roots = RootCerts::from(found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(ANSWER_TIMEOUT))
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("cdx/", env!("CARGO_PKG_VERSION")))
        .build();
    config.new_agent()
}

/// Posts JSON; succeeds when the server answered with a status of success.
pub(super) fn post(address: &WebAddress, token: Option<&str>, body: &str) -> Result<(), DeliveryError> {
    let mut request = agent().post(address.url()).content_type("application/json");
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    answered(address, request.send(body))
}

/// Calls an address; succeeds when the server answered with a status of success.
pub(super) fn get(address: &WebAddress) -> Result<(), DeliveryError> {
    answered(address, agent().get(address.url()).call())
}

fn answered<B>(
    address: &WebAddress,
    response: Result<ureq::http::Response<B>, ureq::Error>,
) -> Result<(), DeliveryError> {
    let host = || address.origin().to_owned();
    match response {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(DeliveryError::Status { host: host(), status: response.status().as_u16() }),
        Err(error) => Err(DeliveryError::Unanswered { host: host(), why: sentence(&error) }),
    }
}

/// Why a call failed, in words.
fn sentence(error: &ureq::Error) -> String {
    let certificate = match error {
        ureq::Error::Timeout(_) => return format!("no answer within {} s", ANSWER_TIMEOUT.as_secs()),
        ureq::Error::Io(error) => certificate_fault(error),
        ureq::Error::Rustls(error) => certificate_fault(error),
        _ => None,
    };
    certificate.unwrap_or_else(|| error.to_string())
}
