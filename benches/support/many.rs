//! To come.
pub fn bench(_report: &mut super::Report, _rows: u64) {}
