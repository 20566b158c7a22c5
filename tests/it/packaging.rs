//! The packages: what they contain, and that the Debian package installs, runs and leaves nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs a command and requires success.
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {text}");
    text
}

fn file(folder: &Path, ending: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let found =
        entries.map(|entry| entry.expect("an entry").path()).find(|path| path.to_string_lossy().ends_with(ending));
    found.unwrap_or_else(|| panic!("no {ending} in {}", folder.display()))
}

/// Every path below a folder but dpkg's own and the files of the user accounts.
fn left(root: &Path) -> Vec<String> {
    let listed = run(Command::new("find").arg(root).args(["-mindepth", "1", "-not", "-type", "d"]));
    let accounts = ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/.pwd.lock"];
    let is_own = |line: &&str| !line.contains("/var/lib/dpkg/") && !accounts.iter().any(|end| line.contains(end));
    listed.lines().filter(is_own).map(str::to_owned).collect()
}

#[test]
fn the_packages_are_built_installed_run_and_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (packages, root) = (folder.path().join("packages"), folder.path().join("root"));
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/build");
    run(Command::new(build).args(["--binary", env!("CARGO_BIN_EXE_cdx")]).arg(&packages));
    run(Command::new("sha256sum").arg("--check").arg(file(&packages, ".sha256")).current_dir(&packages));
    let package = file(&packages, ".deb");
    let content = run(Command::new("dpkg-deb").arg("--contents").arg(&package));
    for path in [
        "usr/bin/cdx",
        "usr/share/man/man1/cdx-batch-server.1.gz",
        "usr/share/bash-completion/completions/cdx",
        "usr/lib/systemd/system/cdx-batch-server.service",
        "usr/share/doc/cdx/config.example.toml",
        "etc/cdx/config.toml",
    ] {
        assert!(content.contains(path), "{path}: {content}");
    }
    let archive = run(Command::new("tar").arg("-tzf").arg(file(&packages, ".tar.gz")));
    assert!(archive.contains("/usr/bin/cdx") && !archive.contains("DEBIAN"), "{archive}");
    let bill = std::fs::read_to_string(file(&packages, ".cdx.json")).expect("the bill of materials");
    let bill: serde_json::Value = serde_json::from_str(&bill).expect("JSON");
    assert_eq!(bill["metadata"]["component"]["version"], env!("CARGO_PKG_VERSION"));
    let components = bill["components"].as_array().expect("a list");
    let is_listed = |name| components.iter().any(|component| component["name"] == name);
    assert!(is_listed("rusqlite") && is_listed("cc") && !is_listed("proptest"), "{bill}");
    for component in components {
        assert_eq!(component["hashes"][0]["content"].as_str().map(str::len), Some(64), "{component}");
    }
    if run(Command::new("id").arg("-u")).trim() != "0" {
        return; // Only root can create the package's user.
    }
    for name in ["info", "updates"] {
        std::fs::create_dir_all(root.join("var/lib/dpkg").join(name)).expect("a folder");
    }
    std::fs::create_dir(root.join("etc")).expect("a folder");
    std::fs::write(root.join("var/lib/dpkg/status"), "").expect("written");
    let dpkg = |args: &[&str]| {
        let mut command = Command::new("dpkg");
        command.arg(format!("--root={}", root.display())).args(["--force-script-chrootless", "--force-depends"]);
        run(command.args(args))
    };
    dpkg(&["--install", &package.display().to_string()]);
    let account = std::fs::read_to_string(root.join("etc/passwd")).expect("the accounts");
    assert!(account.starts_with("cdx:") && root.join("var/lib/cdx").is_dir(), "{account}");
    // The command of the unit, with the paths below this root.
    let unit = std::fs::read_to_string(root.join("usr/lib/systemd/system/cdx-batch-server.service")).expect("the unit");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
    assert_eq!(start, "/usr/bin/cdx --config /etc/cdx/config.toml batch-server");
    let config = root.join("etc/cdx/config.toml");
    let text = std::fs::read_to_string(&config).expect("the configuration");
    std::fs::write(&config, text.replace("/var/lib/cdx", &root.join("var/lib/cdx").display().to_string()))
        .expect("written");
    run(Command::new(root.join("usr/bin/cdx")).arg("--config").arg(&config).args(["batch-server", "--once"]));
    assert!(root.join("var/lib/cdx/head-office.db").exists());
    // Databases outlast the package; without any, nothing is left.
    assert!(dpkg(&["--purge", "cdx"]).contains("is kept, because it holds databases"));
    let data = root.join("var/lib/cdx");
    assert!(left(&root).iter().all(|path| path.starts_with(&data.display().to_string())), "{:?}", left(&root));
    assert!(data.join("head-office.db").exists());
    std::fs::remove_dir_all(&data).expect("removed");
    dpkg(&["--install", &package.display().to_string()]);
    dpkg(&["--purge", "cdx"]);
    assert!(left(&root).is_empty() && !root.join("var/lib/cdx").exists(), "{:?}", left(&root));
}
