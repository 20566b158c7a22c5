//! The ping after a good run, by which a service elsewhere notices a dead machine.

use crate::batch::WebAddress;
use crate::server::delivery_error::DeliveryError;
use crate::server::http;

/// Calls the address once. A failed ping is not repeated: the next good run sends the next one, and
/// the service raises an alarm without it.
pub fn ping(address: &WebAddress) -> Result<(), DeliveryError> {
    http::get(address)
}
