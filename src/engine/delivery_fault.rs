//! Why alerts do not arrive, in words.

use crate::domain::Timestamp;
use crate::store::head_office::{DeliveryChannel, DeliveryFault};

/// Words the fault of a channel; `time` words an instant.
pub fn delivery_fault(channel: DeliveryChannel, fault: &DeliveryFault, time: impl Fn(Timestamp) -> String) -> String {
    match fault {
        DeliveryFault::Failed(error) => error.clone(),
        DeliveryFault::NotTaken(since) => {
            format!(
                "alerts have waited since {}: start a batch server with {}, or check that the channel is not slow",
                time(*since),
                channel.setting()
            )
        }
    }
}
