//! Libraries written in C that are preloaded into the real program.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns the library of `NAME.c` beside this file; compiles it if it is missing or older than its
/// source.
pub fn library(name: &str) -> PathBuf {
    let source = format!("{}/tests/it/support/{name}.c", env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(folder).expect("a folder");
    let turn = File::create(folder.join(format!("{name}.lock"))).expect("a lock file");
    turn.lock().expect("the lock");
    let library = folder.join(format!("{name}.so"));
    let changed = |path: &Path| std::fs::metadata(path).and_then(|about| about.modified()).ok();
    if changed(&library) <= changed(Path::new(&source)) {
        let made = folder.join(format!("{name}.so.new"));
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-o"])
            .args([made.as_os_str(), source.as_ref()])
            .args(["-ldl", "-lpthread"])
            .stdin(Stdio::null())
            .status();
        assert!(compiled.expect("cc is there").success(), "{source} does not compile");
        std::fs::rename(&made, &library).expect("it is put in its place");
    }
    library
}
