//! What an operator may ask of a session, by its state.

use super::Status;

/// Why a session in this state cannot be canceled; `Ok` if it can.
pub fn may_cancel(status: Status) -> Result<(), &'static str> {
    match status {
        Status::Applied => Err("it is applied: nothing is left to stop"),
        Status::Canceled => Err("it is canceled already"),
        Status::NoData => Err("there was no data to carry"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Direction;

    #[test]
    fn whatever_is_not_final_can_be_canceled_and_nothing_else() {
        for status in Direction::ALL.into_iter().flat_map(Status::all) {
            assert_eq!(may_cancel(status).is_ok(), !status.is_final(), "{status}");
        }
    }
}
