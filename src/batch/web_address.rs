//! Addresses that the batch server calls: the webhook of alerts and the ping after a good run.

use std::net::IpAddr;

/// The longest address that is accepted, in bytes.
const MAX_BYTES: usize = 2_000;

/// An address called by HTTPS, or by HTTP on this machine. Its path may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAddress {
    url: String,
    /// Scheme, host and port, which are no secret.
    origin: String,
}

/// The text is not an address that may be called; worded to follow its key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WebAddressError(&'static str);

/// Whether a host is this machine, so that nothing sent to it crosses a network.
pub fn is_this_machine(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

impl WebAddress {
    /// Returns the whole address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns scheme, host and port, for messages.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// Hides the path, which may be a secret.
impl std::fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebAddress({}/…)", self.origin)
    }
}

impl std::str::FromStr for WebAddress {
    type Err = WebAddressError;

    fn from_str(text: &str) -> Result<Self, WebAddressError> {
        let example = WebAddressError("is not an address such as https://alerts.example.org/hook");
        if text.len() > MAX_BYTES || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(example);
        }
        let uri: ureq::http::Uri = text.parse().map_err(|_| example.clone())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(example) };
        let host = authority.host();
        if authority.as_str().contains('@') {
            return Err(WebAddressError(
                "contains a user name, which is not sent; a webhook's token belongs in webhook_secret_file",
            ));
        }
        if host.is_empty() {
            return Err(example);
        }
        let has_port = authority.as_str().len() > host.len();
        if has_port && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(WebAddressError("has a port that is not between 1 and 65535"));
        }
        match scheme {
            "https" => {}
            "http" if is_this_machine(host) => {}
            "http" => return Err(WebAddressError("must begin with https://; http:// is only for this machine")),
            _ => return Err(example),
        }
        Ok(Self { url: text.to_owned(), origin: format!("{scheme}://{authority}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_called_by_https_or_on_this_machine() {
        for (text, origin) in [
            ("https://hooks.example.org/T1/secret?x=1", "https://hooks.example.org"),
            ("https://h:8443", "https://h:8443"),
            ("http://localhost:9000/x", "http://localhost:9000"),
            ("http://[::1]:9/x", "http://[::1]:9"),
        ] {
            let address = text.parse::<WebAddress>().expect(text);
            assert_eq!((address.url(), address.origin()), (text, origin));
            assert!(!format!("{address:?}").contains("secret"));
        }
        let wrong =
            ["", "hooks.example.org", "ftp://h/x", "http://h/x", "https://", "https:///x", "https://h/a b", "/x"];
        for text in wrong.into_iter().chain(["https://u:p@h/x", "https://h/\u{1b}[31m", "file:///etc/passwd"]) {
            assert!(text.parse::<WebAddress>().is_err(), "{text}");
        }
        for text in ["https://host:99999/", "https://host:0/", "https://host:/x"] {
            let refused = text.parse::<WebAddress>().expect_err(text);
            assert!(refused.to_string().contains("port") || refused.to_string().contains("such as"), "{refused}");
        }
        assert!("http://127.0.0.1.example.org/".parse::<WebAddress>().is_err());
    }
}
