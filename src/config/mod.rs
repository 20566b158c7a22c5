//! Configuration: flag before environment before file before default. Each value has an origin.

mod environment;
mod error;
mod file;
mod mail;
mod rules;
mod values;

use crate::domain::{clean_line, redact};
use crate::engine::Databases;
use crate::guard::Rules;
use crate::store::Location;
pub use error::ConfigError;
use file::{Contents, Values, config_path, read_file};
pub use file::{data_folder, state_folder};
pub use mail::Mail;
use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
pub use values::{Color, LabelColor, Theme, ValueError};
use values::{parse_bool, parse_color, parse_escape, parse_label, parse_label_color, parse_location, parse_theme};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A line of the configuration file.
    File(PathBuf, usize),
    /// Set nowhere.
    Default,
}

/// A value and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The valid value, from the origin that wins.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// Values from the command line.
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
    /// `--theme`.
    pub theme: Option<String>,
}

/// Access to environment variables, so that tests need not change their own.
pub trait Environment {
    /// Returns the value of a variable; `None` if it is not set or empty.
    fn get(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy)]
pub struct ProcessEnvironment;

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The path of the configuration file.
    pub path: PathBuf,
    /// Whether the file exists.
    pub file_found: bool,
    /// Head office.
    pub head_office: Setting<Location>,
    /// The message database.
    pub message_database: Setting<Location>,
    /// Whether changes are refused.
    pub read_only: Setting<bool>,
    /// When output is colored.
    pub color: Setting<Color>,
    /// Whether databases may be on network file systems.
    pub allow_network_file_system: Setting<bool>,
    /// The console's theme.
    pub theme: Setting<Theme>,
    /// Milliseconds the console waits for the rest of an escape sequence.
    pub escape_ms: Setting<u64>,
    /// Whether the console saves the state of its lists.
    pub remember: Setting<bool>,
    /// Whether the console rings the terminal's bell on new notifications.
    pub bell: Setting<bool>,
    /// Whether the console uses the mouse.
    pub mouse: Setting<bool>,
    /// Whether the console is shown as lines.
    pub plain: Setting<bool>,
    /// The label in the console's header line.
    pub label: Setting<Option<String>>,
    /// The color of the label.
    pub label_color: Setting<LabelColor>,
    /// The console's pager: a command, `none`, or empty for that of `PAGER`.
    pub pager: Setting<String>,
    /// Keys of the console's commands: command, keys, line of the file. The key table checks them.
    pub keys: Vec<(String, String, usize)>,
    /// Delivery of alerts.
    pub mail: Mail,
    /// Guardrails and roles.
    pub rules: Arc<Rules>,
}

/// Every key of the file.
pub const KEYS: [&str; 26] = [
    "head_office",
    "message_database",
    "read_only",
    "color",
    "allow_network_file_system",
    "theme",
    "escape_ms",
    "remember",
    "bell",
    "label",
    "label_color",
    "pager",
    "mouse",
    "plain",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_from",
    "smtp_user",
    "smtp_password_file",
    "alert_command",
    "webhook_url",
    "webhook_secret_file",
    "syslog_socket",
    "ping_url",
    "alert_test_days",
];

impl Config {
    /// The configured channels of alerts.
    pub fn delivery(&self) -> crate::batch::DeliveryConfig {
        self.mail.delivery(self.label.value.clone())
    }

    /// Determines every value; the error is the first fault.
    pub fn load(flags: &Flags, environment: &dyn Environment) -> Result<Self, ConfigError> {
        let (config, faults) = Self::load_with_faults(flags, environment)?;
        faults.into_iter().next().map_or(Ok(config), Err)
    }

    /// Determines every value; a faulty one has its default, and its fault is listed.
    pub fn load_with_faults(
        flags: &Flags,
        environment: &dyn Environment,
    ) -> Result<(Self, Vec<ConfigError>), ConfigError> {
        let (path, must_exist) = config_path(flags, environment)?;
        let file = read_file(&path, must_exist)?;
        let file_found = file.is_some();
        let Contents { values, keys, rules, faults } = file.unwrap_or_default();
        let sources = Sources { environment, path: &path, file: values, faults: RefCell::new(faults) };
        let location = |key, flag, given: &Option<String>, variable, usual: fn(Databases) -> Location| {
            sources.value(key, given.clone().map(|text| (flag, text)), Some(variable), parse_location, || {
                Ok(usual(Databases::in_folder(&data_folder(environment)?)))
            })
        };
        let config = Self {
            head_office: location("head_office", "--head-office", &flags.head_office, "CDX_HEAD_OFFICE", |usual| {
                usual.head_office
            })?,
            message_database: location(
                "message_database",
                "--message-database",
                &flags.message_database,
                "CDX_MESSAGE_DATABASE",
                |usual| usual.message_database,
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
            theme: sources.value(
                "theme",
                flags.theme.clone().map(|text| ("--theme", text)),
                Some("CDX_THEME"),
                parse_theme,
                || Ok(Theme::Auto),
            )?,
            escape_ms: sources.value("escape_ms", None, None, parse_escape, || Ok(50))?,
            remember: sources.value("remember", None, None, parse_bool, || Ok(true))?,
            bell: sources.value("bell", None, None, parse_bool, || Ok(false))?,
            mouse: sources.value("mouse", None, None, parse_bool, || Ok(false))?,
            plain: sources.value("plain", None, None, parse_bool, || Ok(false))?,
            label: sources.value("label", None, None, parse_label, || Ok(None))?,
            label_color: sources.value("label_color", None, None, parse_label_color, || Ok(LabelColor::Blue))?,
            pager: sources.value("pager", None, None, |text| Ok(text.to_owned()), || Ok(String::new()))?,
            keys,
            mail: Mail::load(&sources)?,
            rules: Arc::new(rules),
            path: path.clone(),
            file_found,
        };
        Ok((config, sources.faults.into_inner()))
    }

    /// Returns every key with its value and origin, in the order of [`KEYS`] and without secrets.
    pub fn entries(&self) -> Vec<(&'static str, String, Origin)> {
        let (color, theme) = (self.color.value.name(), self.theme.value.name());
        let mut entries = vec![
            (KEYS[0], self.head_office.value.to_string(), self.head_office.origin.clone()),
            (KEYS[1], self.message_database.value.to_string(), self.message_database.origin.clone()),
            (KEYS[2], self.read_only.value.to_string(), self.read_only.origin.clone()),
            (KEYS[3], color.to_owned(), self.color.origin.clone()),
            (KEYS[4], self.allow_network_file_system.value.to_string(), self.allow_network_file_system.origin.clone()),
            (KEYS[5], theme.to_owned(), self.theme.origin.clone()),
            (KEYS[6], self.escape_ms.value.to_string(), self.escape_ms.origin.clone()),
            (KEYS[7], self.remember.value.to_string(), self.remember.origin.clone()),
            (KEYS[8], self.bell.value.to_string(), self.bell.origin.clone()),
            (KEYS[9], self.label.value.clone().unwrap_or_default(), self.label.origin.clone()),
            (KEYS[10], self.label_color.value.name().to_owned(), self.label_color.origin.clone()),
            (KEYS[11], self.pager.value.clone(), self.pager.origin.clone()),
            (KEYS[12], self.mouse.value.to_string(), self.mouse.origin.clone()),
            (KEYS[13], self.plain.value.to_string(), self.plain.origin.clone()),
        ];
        entries.extend(self.mail.entries());
        entries.extend(rules::entries(&self.rules, &self.path));
        entries.into_iter().map(|(key, value, origin)| (key, redact(&value), origin)).collect()
    }
}

struct Sources<'a> {
    environment: &'a dyn Environment,
    path: &'a Path,
    file: Values,
    faults: RefCell<Vec<ConfigError>>,
}

impl Sources<'_> {
    fn value<T>(
        &self,
        key: &'static str,
        flag: Option<(&'static str, String)>,
        variable: Option<&'static str>,
        parse: fn(&str) -> Result<T, ValueError>,
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
            Err(reason) => {
                let origin = origin.to_string();
                self.faults.borrow_mut().push(ConfigError::Value { origin, key, reason });
                Ok(Setting { value: default()?, origin: Origin::Default })
            }
        }
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
            let setting = Config::load(flags, environment).expect("it is valid").head_office;
            (setting.value.to_string(), setting.origin)
        };
        let none = Flags::default();
        let (value, origin) = load(&none, &environment);
        let here = |file| format!("sqlite:{}/{file}", std::env::current_dir().expect("a working folder").display());
        assert_eq!(value, here("file.db"));
        assert!(matches!(origin, Origin::File(_, 2)));
        environment.0.push(("CDX_HEAD_OFFICE", "sqlite:env.db".to_owned()));
        assert_eq!(load(&none, &environment).1, Origin::Environment("CDX_HEAD_OFFICE"));
        let flags = Flags { head_office: Some("sqlite:flag.db".to_owned()), ..Flags::default() };
        assert_eq!(load(&flags, &environment), (here("flag.db"), Origin::Flag("--head-office")));
        let config = Config::load(&none, &environment).expect("it is valid");
        assert_eq!(config.message_database.value.to_string(), "sqlite:/home/op/.local/share/cdx/message.db");
        assert_eq!(config.message_database.origin, Origin::Default);
    }

    #[test]
    fn faults_are_named_with_line_and_nearest_key() {
        for (text, fault) in [
            ("\nhead_ofice = 'x'", "line 2: unknown key \"head_ofice\"; the nearest is \"head_office\""),
            ("[role]\nadmin = ['a']", "line 1: unknown key \"role\"; the nearest is \"[roles]\""),
            ("[guardrail]\naction = 'x'", "line 1: unknown key \"guardrail\"; the nearest is \"[[guardrail]]\""),
            ("zzz = 1", "line 1: unknown key \"zzz\"; config.example.toml lists them"),
            ("color = 'mauve'", "color is \"mauve\"; it must be auto, always or never"),
            ("label_color = 'mauve'", "label_color is \"mauve\"; it must be red, orange, green, blue, purple or gray"),
            ("read_only = 3", "read_only is \"3\"; it must be true or false"),
            ("smtp_port = 0", "it must be a port from 1 to 65535"),
            ("read_only = [3]", "read_only is array"),
            ("head_office = '/tmp/a'", "a path alone is no database URL; write sqlite: in front of it"),
            ("message_database = 'sqlite::memory:'", "exists only in memory"),
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
        let from_example = Config::load(&Flags::default(), &environment).expect("the example is valid");
        assert!(from_example.entries().into_iter().all(|(_, _, origin)| origin == Origin::Default));
        let settings: Vec<_> = example
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .filter(|line| KEYS.iter().any(|key| line.starts_with(&format!("{key} = "))))
            .collect();
        let (_folder, environment) = with_file(&settings.join("\n"));
        let given = Config::load(&Flags::default(), &environment).expect("its settings are valid");
        for (default, given) in from_example.entries().into_iter().zip(given.entries()).skip(2) {
            assert_eq!(default.1, given.1, "the example's {} is not the default", default.0);
        }
    }
}
