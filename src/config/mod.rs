//! Configuration: flag before environment before file before default, and every value knows where it came from.

mod file;

use crate::domain::clean_line;
use crate::server::{Smtp, SmtpSecurity};
use crate::store::{Location, LocationError};
pub use file::data_folder;
use file::{Values, config_path, read_file};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Given on the command line.
    Flag(&'static str),
    /// Given by an environment variable.
    Environment(&'static str),
    /// Given by a line of the configuration file.
    File(PathBuf, usize),
    /// Nobody said anything.
    Default,
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value in force.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the command line said; `None` where it said nothing.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--head-office`.
    pub head_office: Option<String>,
    /// `--message-database`.
    pub message_database: Option<String>,
    /// `--read-only`.
    pub read_only: bool,
    /// `--color`.
    pub color: Option<String>,
}

/// What the environment says, so that tests need not change their own.
pub trait Environment {
    /// The value of a variable; `None` if it is not set or empty.
    fn get(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy)]
pub struct ProcessEnvironment;

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file that was looked for.
    pub path: PathBuf,
    /// Whether it was there.
    pub file_found: bool,
    /// Where operators read.
    pub head_office: Setting<Location>,
    /// Where agents post.
    pub message_database: Setting<Location>,
    /// Whether every change is refused.
    pub read_only: Setting<bool>,
    /// When output is coloured.
    pub color: Setting<Color>,
    /// Whether databases may lie on network file systems.
    pub allow_network_file_system: Setting<bool>,
    /// The mail server's host; `None` sends no mail.
    pub smtp_host: Setting<Option<String>>,
    /// Its port.
    pub smtp_port: Setting<u16>,
    /// How the connection to it is kept secret.
    pub smtp_security: Setting<SmtpSecurity>,
    /// The sender's address.
    pub smtp_from: Setting<String>,
    /// The user to log in as.
    pub smtp_user: Setting<Option<String>>,
    /// The file that holds the password.
    pub smtp_password_file: Setting<Option<String>>,
    /// The operator's own command for alerts.
    pub alert_command: Setting<Option<String>>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that was named, or is there, cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Read {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{path}, line {line}: {reason}")]
    Syntax {
        /// Which file.
        path: String,
        /// Where, from 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// A key that means nothing.
    #[error("{path}, line {line}: unknown key {key:?}; the nearest is {nearest:?}")]
    UnknownKey {
        /// Which file.
        path: String,
        /// Where, from 1.
        line: usize,
        /// What stands there.
        key: String,
        /// What was perhaps meant.
        nearest: &'static str,
    },
    /// A value that the key cannot have.
    #[error("{origin}: {key} {reason}")]
    Value {
        /// Where it stands.
        origin: String,
        /// Which key.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no home to put anything in.
    #[error("cannot tell where this user keeps data ({0}); set HOME, or name both databases")]
    NoHome(String),
}

/// Every key of the file.
pub const KEYS: [&str; 12] = [
    "head_office",
    "message_database",
    "read_only",
    "color",
    "allow_network_file_system",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_from",
    "smtp_user",
    "smtp_password_file",
    "alert_command",
];

impl Config {
    /// Works out every value.
    pub fn load(flags: &Flags, environment: &dyn Environment) -> Result<Self, ConfigError> {
        let (path, must_exist) = config_path(flags, environment)?;
        let file = read_file(&path, must_exist)?;
        let file_found = file.is_some();
        let sources = Sources { environment, path: &path, file: file.unwrap_or_default() };
        let location = |key, flag, given: &Option<String>, variable, name: &str| {
            sources.value(key, given.clone().map(|text| (flag, text)), Some(variable), parse_location, || {
                Ok(Location::Sqlite(data_folder(environment)?.join(name)))
            })
        };
        Ok(Self {
            head_office: location(
                "head_office",
                "--head-office",
                &flags.head_office,
                "CDX_HEAD_OFFICE",
                "head-office.db",
            )?,
            message_database: location(
                "message_database",
                "--message-database",
                &flags.message_database,
                "CDX_MESSAGE_DATABASE",
                "message.db",
            )?,
            read_only: sources.value(
                "read_only",
                flags.read_only.then(|| ("--read-only", "true".to_owned())),
                None,
                parse_bool,
                || Ok(false),
            )?,
            color: sources.value(
                "color",
                flags.color.clone().map(|text| ("--color", text)),
                None,
                parse_color,
                || Ok(Color::Auto),
            )?,
            allow_network_file_system: sources
                .value("allow_network_file_system", None, None, parse_bool, || Ok(false))?,
            smtp_host: sources.value("smtp_host", None, None, parse_some, || Ok(None))?,
            smtp_port: sources.value("smtp_port", None, None, parse_port, || Ok(25))?,
            smtp_security: sources.value(
                "smtp_security",
                None,
                None,
                parse_security,
                || Ok(SmtpSecurity::default()),
            )?,
            smtp_from: sources.value(
                "smtp_from",
                None,
                None,
                |text| Ok(text.to_owned()),
                || Ok("cdx@localhost".to_owned()),
            )?,
            smtp_user: sources.value("smtp_user", None, None, parse_some, || Ok(None))?,
            smtp_password_file: sources.value("smtp_password_file", None, None, parse_some, || Ok(None))?,
            alert_command: sources.value("alert_command", None, None, parse_some, || Ok(None))?,
            path,
            file_found,
        })
    }

    /// The mail server, if one is configured.
    pub fn smtp(&self) -> Option<Smtp> {
        Some(Smtp {
            host: self.smtp_host.value.clone()?,
            port: self.smtp_port.value,
            security: self.smtp_security.value,
            from: self.smtp_from.value.clone(),
            user: self.smtp_user.value.clone(),
            password_file: self.smtp_password_file.value.as_ref().map(PathBuf::from),
        })
    }

    /// Every key with its value and origin, in the order of [`KEYS`].
    pub fn entries(&self) -> Vec<(&'static str, String, Origin)> {
        let color = match self.color.value {
            Color::Auto => "auto",
            Color::Always => "always",
            Color::Never => "never",
        };
        let security = match self.smtp_security.value {
            SmtpSecurity::None => "none",
            SmtpSecurity::StartTls => "starttls",
            SmtpSecurity::Tls => "tls",
        };
        vec![
            (KEYS[0], self.head_office.value.to_string(), self.head_office.origin.clone()),
            (KEYS[1], self.message_database.value.to_string(), self.message_database.origin.clone()),
            (KEYS[2], self.read_only.value.to_string(), self.read_only.origin.clone()),
            (KEYS[3], color.to_owned(), self.color.origin.clone()),
            (KEYS[4], self.allow_network_file_system.value.to_string(), self.allow_network_file_system.origin.clone()),
            (KEYS[5], self.smtp_host.value.clone().unwrap_or_default(), self.smtp_host.origin.clone()),
            (KEYS[6], self.smtp_port.value.to_string(), self.smtp_port.origin.clone()),
            (KEYS[7], security.to_owned(), self.smtp_security.origin.clone()),
            (KEYS[8], self.smtp_from.value.clone(), self.smtp_from.origin.clone()),
            (KEYS[9], self.smtp_user.value.clone().unwrap_or_default(), self.smtp_user.origin.clone()),
            (
                KEYS[10],
                self.smtp_password_file.value.clone().unwrap_or_default(),
                self.smtp_password_file.origin.clone(),
            ),
            (KEYS[11], self.alert_command.value.clone().unwrap_or_default(), self.alert_command.origin.clone()),
        ]
    }
}

struct Sources<'a> {
    environment: &'a dyn Environment,
    path: &'a Path,
    file: Values,
}

impl Sources<'_> {
    fn value<T>(
        &self,
        key: &'static str,
        flag: Option<(&'static str, String)>,
        variable: Option<&'static str>,
        parse: fn(&str) -> Result<T, String>,
        default: impl FnOnce() -> Result<T, ConfigError>,
    ) -> Result<Setting<T>, ConfigError> {
        let given = flag
            .map(|(flag, text)| (text, Origin::Flag(flag)))
            .or_else(|| {
                let variable = variable?;
                Some((self.environment.get(variable)?, Origin::Environment(variable)))
            })
            .or_else(|| {
                let (text, line) = self.file.get(key)?;
                Some((text.clone(), Origin::File(self.path.to_owned(), *line)))
            });
        let Some((text, origin)) = given else {
            return Ok(Setting { value: default()?, origin: Origin::Default });
        };
        match parse(&text) {
            Ok(value) => Ok(Setting { value, origin }),
            Err(reason) => Err(ConfigError::Value { origin: origin.to_string(), key, reason }),
        }
    }
}

fn parse_location(text: &str) -> Result<Location, String> {
    Location::from_str(text).map_err(|error: LocationError| format!("is no place for a database: {error}"))
}

fn parse_bool(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("is {text:?}; it is true or false"))
}

/// Text; the empty one is as good as none.
#[allow(clippy::unnecessary_wraps)] // one signature for all of them
fn parse_some(text: &str) -> Result<Option<String>, String> {
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn parse_port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| format!("is {text:?}; it is a port from 1 to 65535"))
}

fn parse_security(text: &str) -> Result<SmtpSecurity, String> {
    match text {
        "none" => Ok(SmtpSecurity::None),
        "starttls" => Ok(SmtpSecurity::StartTls),
        "tls" => Ok(SmtpSecurity::Tls),
        _ => Err(format!("is {text:?}; it is none, starttls or tls")),
    }
}

fn parse_color(text: &str) -> Result<Color, String> {
    match text {
        "auto" => Ok(Color::Auto),
        "always" => Ok(Color::Always),
        "never" => Ok(Color::Never),
        _ => Err(format!("is {text:?}; it is auto, always or never")),
    }
}

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path, line) => write!(f, "{}, line {line}", clean_line(&path.to_string_lossy())),
            Self::Default => f.write_str("default"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(Vec<(&'static str, String)>);

    impl Environment for Fixed {
        fn get(&self, name: &str) -> Option<String> {
            self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        }
    }

    fn with_file(text: &str) -> (tempfile::TempDir, Fixed) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).expect("it can be written");
        let variables = vec![("CDX_CONFIG", path.display().to_string()), ("HOME", "/home/op".to_owned())];
        (folder, Fixed(variables))
    }

    #[test]
    fn flag_wins_over_environment_over_file_over_default() {
        let (_folder, mut environment) = with_file("# one\nhead_office = 'sqlite:file.db'\n");
        let load = |flags: &Flags, environment: &Fixed| {
            let setting = Config::load(flags, environment).expect("it is sound").head_office;
            (setting.value.to_string(), setting.origin)
        };
        let none = Flags::default();
        let (value, origin) = load(&none, &environment);
        assert_eq!(value, "sqlite:file.db");
        assert!(matches!(origin, Origin::File(_, 2)));
        environment.0.push(("CDX_HEAD_OFFICE", "sqlite:env.db".to_owned()));
        assert_eq!(load(&none, &environment).1, Origin::Environment("CDX_HEAD_OFFICE"));
        let flags = Flags { head_office: Some("sqlite:flag.db".to_owned()), ..Flags::default() };
        assert_eq!(load(&flags, &environment), ("sqlite:flag.db".to_owned(), Origin::Flag("--head-office")));
        let config = Config::load(&none, &environment).expect("it is sound");
        assert_eq!(config.message_database.value.to_string(), "sqlite:/home/op/.local/share/cdx/message.db");
        assert_eq!(config.message_database.origin, Origin::Default);
    }

    #[test]
    fn faults_are_named_with_line_and_nearest_key() {
        for (text, fault) in [
            ("\nhead_ofice = 'x'", "line 2: unknown key \"head_ofice\"; the nearest is \"head_office\""),
            ("color = 'mauve'", "color is \"mauve\"; it is auto, always or never"),
            ("read_only = 3", "read_only is \"3\"; it is true or false"),
            ("smtp_port = 0", "it is a port from 1 to 65535"),
            ("read_only = [3]", "read_only is array"),
            ("head_office = '/tmp/a'", "is no database URL; write sqlite:PATH"),
            ("\n\n= 1", "line 3"),
        ] {
            let (_folder, environment) = with_file(text);
            let error = Config::load(&Flags::default(), &environment).expect_err(fault).to_string();
            assert!(error.contains(fault), "{error}");
        }
    }

    #[test]
    fn the_example_names_every_key_with_its_default() {
        let example = include_str!("../../config.example.toml");
        let uncommented: Vec<_> = example.lines().map(|line| line.strip_prefix('#').unwrap_or(line)).collect();
        for key in KEYS {
            assert!(uncommented.iter().any(|line| line.starts_with(&format!("{key} = "))), "{key} is missing");
        }
        let (_folder, environment) = with_file(example);
        let from_example = Config::load(&Flags::default(), &environment).expect("the example is sound");
        assert!(from_example.entries().into_iter().all(|(_, _, origin)| origin == Origin::Default));
        let settings: Vec<_> = example
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .filter(|line| KEYS.iter().any(|key| line.starts_with(&format!("{key} = "))))
            .collect();
        let (_folder, environment) = with_file(&settings.join("\n"));
        let given = Config::load(&Flags::default(), &environment).expect("its settings are sound");
        for (default, given) in from_example.entries().into_iter().zip(given.entries()).skip(2) {
            assert_eq!(default.1, given.1, "the example's {} is not the default", default.0);
        }
    }
}
