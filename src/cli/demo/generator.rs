//! Stub, replaced in the next step.
use crate::domain::Timestamp;
use crate::store::message_database::NewMessage;
pub struct DemoPlan {
    pub stores: u32,
    pub messages: u64,
    pub seed: u64,
    pub now: Timestamp,
    pub days: u32,
}
pub fn messages(_plan: &DemoPlan) -> impl Iterator<Item = (NewMessage, Timestamp)> {
    std::iter::empty()
}
