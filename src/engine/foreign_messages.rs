//! The first transfer from a message database that belongs to another head office. What it brings
//! stays here, so an operator confirms that neither database is the wrong one.

use crate::store::{HeadOffice, MessageDatabase, StoreError};
use std::fmt;

/// A message database that belongs to another head office, and that this one has never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignMessages {
    /// The head office that it belongs to.
    pub owner: String,
    /// The head office that would read it.
    pub reader: String,
}

impl ForeignMessages {
    /// Returns whose messages a transfer would bring here for the first time; `None` if it would
    /// not.
    pub(super) fn find(office: &HeadOffice, messages: &MessageDatabase) -> Result<Option<Self>, StoreError> {
        let (exchange, reader) = (messages.exchange()?, office.id()?);
        let Some(owner) = exchange.head_office_id.filter(|owner| *owner != reader) else { return Ok(None) };
        let is_known = office.cursor(&exchange.database_id)?.is_some();
        Ok((!is_known).then_some(Self { owner, reader }))
    }
}

impl fmt::Display for ForeignMessages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, reader } = self;
        write!(
            formatter,
            "transfer refused: the message database belongs to head office {owner}, and this is head office {reader}, which \
             has never read it; if neither is the wrong one, run cdx process --confirm-transfer {owner} once"
        )
    }
}
