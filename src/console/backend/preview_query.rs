//! Previews of a run.

use crate::clock::Clock;
use crate::domain::Parameters;
use crate::engine::{Databases, Preview, number_preview, preview};
use crate::store::StoreError;

/// What a run would do now, with a number unless the console is read-only. Without a number the run
/// is not compared with the preview.
pub fn numbered(databases: &Databases, clock: &dyn Clock, may_write: bool) -> Result<Box<Preview>, StoreError> {
    let mut preview = preview(databases, clock, None)?;
    if may_write {
        number_preview(&mut preview);
    } else {
        preview.unnumbered = Some("this console is read-only".to_owned());
    }
    Ok(Box::new(preview))
}

/// What it would do with these parameters.
pub fn what_if(databases: &Databases, clock: &dyn Clock, parameters: Parameters) -> Result<Box<Preview>, StoreError> {
    Ok(Box::new(preview(databases, clock, Some(parameters))?))
}
