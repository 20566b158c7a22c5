//! The login and its password: from the URL, `PGPASSWORD`, or a private password file in libpq's
//! format, which the URL or `PGPASSFILE` names, else `~/.pgpass`.

use crate::store::postgres::Server;
use crate::store::postgres::setting_error::SettingError;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The login: of the URL, else `PGUSER`, `USER` or `LOGNAME`, else `postgres`.
pub(super) fn user(server: &Server) -> String {
    server
        .user
        .clone()
        .or_else(|| ["PGUSER", "USER", "LOGNAME"].into_iter().find_map(environment))
        .unwrap_or_else(|| "postgres".to_owned())
}

/// The password for a host; `None` if there is none, which some servers accept. A file that others
/// can read is an error.
pub(super) fn password(server: &Server, host: &str, port: u16, user: &str) -> Result<Option<String>, SettingError> {
    if let Some(password) = server.password().map(str::to_owned).or_else(|| environment("PGPASSWORD")) {
        return Ok(Some(password));
    }
    let named = server.password_file.clone().or_else(|| environment("PGPASSFILE").map(PathBuf::from));
    let Some(path) = named.or_else(|| Some(PathBuf::from(environment("HOME")?).join(".pgpass"))) else {
        return Ok(None);
    };
    let Some(text) = read(&path)? else { return Ok(None) };
    let host = if host.starts_with('/') { "localhost" } else { host };
    Ok(find(&text, [host, &port.to_string(), &server.database, user]))
}

/// The file's text; `None` if there is none.
fn read(path: &Path) -> Result<Option<String>, SettingError> {
    let shown = || crate::domain::clean_line(&path.to_string_lossy()).into_owned();
    let Ok(about) = std::fs::metadata(path) else { return Ok(None) };
    if about.is_file() && about.mode() & 0o077 != 0 {
        return Err(SettingError::OpenPasswordFile { path: shown() });
    }
    std::fs::read_to_string(path).map(Some).map_err(|source| SettingError::PasswordFile { path: shown(), source })
}

/// The password of the first line `host:port:database:user:password` that matches; `*` matches
/// everything.
fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let (password, keys) = fields.split_last()?;
        let fits = keys.len() == 4 && keys.iter().zip(wanted).all(|(key, wanted)| key == "*" || key == wanted);
        fits.then(|| password.clone())
    })
}

/// The fields of a line, with `\:` and `\\` unescaped; at most five, so that a password may hold
/// colons.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            ':' if fields.len() < 5 => {
                fields.push(String::new());
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            c => c,
        };
        if let Some(last) = fields.last_mut() {
            last.push(c);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let file = "# host:port\nother:5432:*:*:no\n*:*:cdx:o\\:p:a\\\\b:c\n*:*:*:*:last\n";
        assert_eq!(find(file, ["hq", "5432", "cdx", "o:p"]).as_deref(), Some("a\\b:c"));
        assert_eq!(find(file, ["hq", "5432", "cdx", "x"]).as_deref(), Some("last"));
        assert_eq!(find("hq:5432:cdx:x\n", ["hq", "5432", "cdx", "x"]), None);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pass");
        std::fs::write(&path, "*:*:*:*:secret\n").expect("it is written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
        let refused = read(&path).expect_err("it is open").to_string();
        assert!(refused.contains("chmod 600") && !refused.contains("secret"), "{refused}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
        assert!(read(&path).expect("it is tight").is_some());
    }
}
