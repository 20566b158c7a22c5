//! Faults of certificates, in words.

use rustls::CertificateError;
use std::error::Error;
use std::io;

/// Why a certificate was not accepted, if that is why a connection failed.
pub(super) fn certificate_fault(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let of_tls = within.map_or_else(|| error.downcast_ref(), |within| within.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(fault)) = of_tls {
            return Some(sentence(fault));
        }
        next = error.source();
    }
    None
}

fn sentence(fault: &CertificateError) -> String {
    match fault {
        CertificateError::UnknownIssuer => "its certificate is of an authority that this machine does not know".into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name".into()
        }
        CertificateError::Revoked => "its certificate was revoked".into(),
        CertificateError::Other(other) => format!("its certificate is not accepted: {}", words(&other.to_string())),
        other => format!("its certificate is not accepted: {}", words(&other.to_string())),
    }
}

/// The words of a name such as `CaUsedAsEndEntity`; any other text as it is.
fn words(name: &str) -> String {
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return name.to_owned();
    }
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_certificate_is_a_sentence() {
        let of = |fault: CertificateError| certificate_fault(&io::Error::other(rustls::Error::from(fault)));
        let other =
            CertificateError::Other(rustls::OtherError(std::sync::Arc::new(io::Error::other("CaUsedAsEndEntity"))));
        assert_eq!(of(CertificateError::Expired).as_deref(), Some("its certificate has expired"));
        assert_eq!(of(other).as_deref(), Some("its certificate is not accepted: ca used as end entity"));
        assert_eq!(words("not valid: x"), "not valid: x");
        assert_eq!(certificate_fault(&io::Error::other("refused")), None);
    }
}
