//! The mute of a cause in JSON.

use crate::domain::Timestamp;
use serde::Serializer;
use serde::ser::SerializeMap;

/// Serializes until when a cause is muted, and by whom, as two keys.
#[allow(clippy::ref_option)] // serde passes the field
pub(super) fn muted<S: Serializer>(muted: &Option<(Timestamp, String)>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut keys = serializer.serialize_map(Some(2))?;
    keys.serialize_entry("muted_until", &muted.as_ref().map(|(until, _)| until))?;
    keys.serialize_entry("muted_by", &muted.as_ref().map(|(_, by)| by))?;
    keys.end()
}
