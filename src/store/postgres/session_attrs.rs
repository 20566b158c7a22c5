//! `target_session_attrs`: which of several hosts qualifies, by libpq's rules.

use crate::store::postgres::server_error::ServerError;
use crate::store::postgres::setting_error::SettingError;
use crate::store::postgres::settings::Settings;
use std::str::FromStr;

/// The required kind of session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionAttrs {
    /// Any.
    Any,
    /// It accepts changes by default.
    ReadWrite,
    /// It accepts no changes by default.
    ReadOnly,
    /// The server is not a standby.
    Primary,
    /// The server is a standby.
    Standby,
    /// A standby if there is one, else any.
    PreferStandby,
}

impl FromStr for SessionAttrs {
    type Err = ServerError;

    fn from_str(word: &str) -> Result<Self, ServerError> {
        Ok(match word {
            "any" => Self::Any,
            "read-write" => Self::ReadWrite,
            "read-only" => Self::ReadOnly,
            "primary" => Self::Primary,
            "standby" => Self::Standby,
            "prefer-standby" => Self::PreferStandby,
            _ => return Err(ServerError::Value("target_session_attrs")),
        })
    }
}

impl SessionAttrs {
    /// Returns the value from the URL, else from `PGTARGETSESSIONATTRS`. Without either, a writer
    /// with several hosts needs `ReadWrite`; other sessions accept `Any`.
    pub(super) fn wanted(in_url: Option<Self>, hosts: usize, settings: &Settings) -> Result<Self, SettingError> {
        if let Some(attrs) = in_url {
            return Ok(attrs);
        }
        match std::env::var("PGTARGETSESSIONATTRS") {
            Ok(word) if !word.is_empty() => {
                word.parse().map_err(|source| SettingError::Variable { variable: "PGTARGETSESSIONATTRS", source })
            }
            _ if hosts > 1 && !settings.read_only => Ok(Self::ReadWrite),
            _ => Ok(Self::Any),
        }
    }

    /// Whether a session meets the requirement.
    pub(super) fn suits(self, is_standby: bool, is_read_only: bool) -> bool {
        match self {
            Self::Any | Self::PreferStandby => true,
            Self::ReadWrite => !is_standby && !is_read_only,
            Self::ReadOnly => is_standby || is_read_only,
            Self::Primary => !is_standby,
            Self::Standby => is_standby,
        }
    }

    /// Returns the error for when no host qualifies.
    pub(super) fn lack(self) -> &'static str {
        match self {
            Self::Any | Self::PreferStandby => "no host answers",
            Self::ReadWrite => "none of the hosts takes changes (target_session_attrs=read-write)",
            Self::ReadOnly => "none of the hosts is read-only (target_session_attrs=read-only)",
            Self::Primary => "none of the hosts is a primary (target_session_attrs=primary)",
            Self::Standby => "none of the hosts is a standby (target_session_attrs=standby)",
        }
    }
}
