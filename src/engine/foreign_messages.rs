//! The first transfer from a message database that belongs to another head office. What it brings
//! stays here, so the console asks whether both databases are right, and a dry run says so.

use crate::engine::databases::Databases;
use crate::store::{Access, HeadOffice, MessageDatabase, StoreError};
use std::fmt;

/// A message database that belongs to another head office, and that this one has never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignMessages {
    /// The head office that it belongs to.
    pub owner: String,
    /// The head office that would read it; `None` if it does not exist yet.
    pub reader: Option<String>,
}

impl ForeignMessages {
    /// Returns whose messages a transfer between these databases would bring here for the first
    /// time; `None` if it would not. Creates and changes nothing.
    pub fn of(databases: &Databases) -> Result<Option<Self>, StoreError> {
        let office = databases.head_office_if_any()?;
        let messages = MessageDatabase::open(&databases.message_database, databases.opening(Access::ReadOnly))?;
        Self::find(office.as_ref(), &messages)
    }

    /// Returns whose messages a transfer would bring here for the first time; `None` if it would
    /// not.
    pub(super) fn find(office: Option<&HeadOffice>, messages: &MessageDatabase) -> Result<Option<Self>, StoreError> {
        let exchange = messages.exchange()?;
        let reader = office.map(HeadOffice::id).transpose()?;
        let Some(owner) = exchange.head_office_id.filter(|owner| Some(owner) != reader.as_ref()) else {
            return Ok(None);
        };
        let cursor = office.map(|office| office.cursor(&exchange.database_id)).transpose()?.flatten();
        Ok(cursor.is_none().then_some(Self { owner, reader }))
    }

    /// The head office that would read it, as a sentence without a full stop.
    pub fn reader_words(&self) -> String {
        match &self.reader {
            Some(reader) => format!("This is head office {reader}, which has never read it"),
            None => "This head office does not exist yet".to_owned(),
        }
    }
}

impl fmt::Display for ForeignMessages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (owner, reader) = (&self.owner, self.reader_words());
        write!(
            formatter,
            "The message database belongs to head office {owner}. {reader}; what is transferred stays here"
        )
    }
}
