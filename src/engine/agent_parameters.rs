//! Copies the parameters that agents follow from head office to the message database, where agents
//! read them.

use crate::domain::Parameter;
use crate::engine::context::{Context, Tally};
use crate::engine::databases::Databases;
use crate::engine::retry;
use crate::store::{Access, HeadOffice, MessageDatabase, StoreError};

/// Sends `parameter`, which was just set at head office, to the agents. Returns why they do not
/// have it yet; the next run sends it again.
pub fn send_parameter(databases: &Databases, office: &HeadOffice, parameter: Parameter) -> Option<String> {
    if parameter != Parameter::TryCount {
        return None;
    }
    let sent = || -> Result<bool, StoreError> {
        let messages = MessageDatabase::open(&databases.message_database, databases.opening(Access::Existing))?;
        send(office, &messages)
    };
    match sent() {
        Ok(true) => None,
        Ok(false) => Some("agents do not get it: the message database belongs to another head office".to_owned()),
        Err(error) => {
            let why = "agents get it with the next run, because the message database could not be written";
            Some(format!("{why}: {error}"))
        }
    }
}

/// Sends changed parameters at the start of a run. If that fails, agents keep the former values and
/// the run continues.
pub(super) fn refresh(context: &Context, tally: &mut Tally) {
    let sent = retry::with_reconnect(context, tally, |_| send(context.office, context.message_database));
    if let Err(error) = sent {
        context.notice(tally, format!("agents do not have the new try-count yet: {error}"));
    }
}

/// Returns whether the agents have it now; only the head office that may purge a message database
/// sets the parameters of its agents.
fn send(office: &HeadOffice, messages: &MessageDatabase) -> Result<bool, StoreError> {
    if let Some(owner) = messages.exchange()?.head_office_id
        && owner != office.id()?
    {
        return Ok(false);
    }
    messages.set_try_count(office.parameters()?.try_count)?;
    Ok(true)
}
