//! The purge of an interactive run, as its operator saw it.

/// What an operator has seen and confirmed of the purge of an interactive run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PurgeConsent {
    /// The number of rows up to which a purge over the limit is confirmed.
    pub rows: Option<i64>,
    /// The preview with which the purge is compared.
    pub preview: Option<i64>,
}
