//! Where the changes of this process come from: its machine, the address of the SSH client, the
//! login at the database server.

use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use std::net::IpAddr;
use std::sync::OnceLock;

impl HeadOffice {
    /// The login at the database server; `None` for a file.
    pub(in crate::store::head_office) fn login(&self) -> Result<Option<String>, StoreError> {
        if self.connection.session().is_none() {
            return Ok(None);
        }
        self.connection.scalar("select cast(session_user as text)", &[])
    }
}

/// The origin of the changes of a process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Origin {
    /// The address of the SSH client; `None` outside of SSH.
    pub(super) client: Option<String>,
    /// The name of the machine.
    pub(super) host: String,
}

impl Origin {
    /// The origin of this process.
    pub(super) fn of_process() -> &'static Self {
        static ORIGIN: OnceLock<Origin> = OnceLock::new();
        ORIGIN.get_or_init(|| {
            let set = |name| std::env::var(name).ok();
            let client = ["SSH_CONNECTION", "SSH_CLIENT"].into_iter().filter_map(set).find_map(|text| address(&text));
            let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
            Self { client, host: crate::domain::clean_line(&host).into_owned() }
        })
    }
}

/// The client's address in `SSH_CONNECTION` or `SSH_CLIENT`: the first word, if it is an address.
/// The environment is the user's, so nothing else is taken from it.
fn address(text: &str) -> Option<String> {
    let first = text.split_ascii_whitespace().next()?;
    let without_zone = first.split('%').next()?;
    without_zone.parse::<IpAddr>().ok().map(|address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_is_taken_from_the_environment() {
        for (text, found) in [
            ("203.0.113.7 50122 10.0.0.5 22", Some("203.0.113.7")),
            ("2001:db8::7 50122 22", Some("2001:db8::7")),
            ("fe80::1%eth0 50122 22", Some("fe80::1")),
            ("UNKNOWN 65535 UNKNOWN 65535", None),
            ("\u{1b}[31m203.0.113.7", None),
            ("", None),
        ] {
            assert_eq!(address(text).as_deref(), found, "{text:?}");
        }
    }
}
