//! The archive: files in one folder, packed and written as a new private file.

use crate::cli::bundle::contents::PackedFile;
use crate::domain::Timestamp;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Packs the manifest and the files.
pub(super) fn pack(folder: &str, manifest: &str, files: &[PackedFile], now: Timestamp) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let files = files.iter().map(|file| (file.name, file.text.as_str()));
    for (name, text) in std::iter::once(("MANIFEST", manifest)).chain(files) {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(now.0 / 1_000).unwrap_or(0));
        header.set_size(u64::try_from(text.len()).unwrap_or(0));
        archive.append_data(&mut header, format!("{folder}/{name}"), text.as_bytes())?;
    }
    archive.into_inner()?.finish()
}

/// Writes a new file that only its owner can read; durable when it returns. Never overwrites a file
/// or follows a link. A file that could not be written to its end is removed.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written
}
