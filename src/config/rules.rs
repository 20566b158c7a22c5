//! Parses guardrails and roles.

use crate::config::error::nearest_key;
use crate::config::values::{ValueError, quoted};
use crate::config::{ConfigError, Origin};
use crate::domain::{Timestamp, clean_line, redact};
use crate::filter::{Filter, parse};
use crate::guard::{ACTIONS, APPROVE, Action, Demand, Guardrail, PURGE, Role, Roles, Rules};
use crate::text::time::Zone;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The keys of a guardrail.
const RAIL_KEYS: [&str; 8] = ["action", "scope", "deny", "max_rows", "reason", "confirm", "approve", "sentence"];
/// The roles, and the key for all other logins.
const ROLE_KEYS: [&str; 4] = ["viewer", "operator", "admin", "default"];
/// The longest sentence, in characters.
const MAX_SENTENCE_CHARS: usize = 200;

/// The file, and how a place in it becomes a line.
pub(super) struct Place<'a> {
    pub(super) path: &'a str,
    pub(super) line_of: &'a dyn Fn(usize) -> usize,
}

impl Place<'_> {
    fn line(&self, at: &std::ops::Range<usize>) -> usize {
        (self.line_of)(at.start)
    }

    fn fault(&self, at: &std::ops::Range<usize>, key: &'static str, reason: impl Into<String>) -> ConfigError {
        let origin = format!("{}, line {}", self.path, self.line(at));
        ConfigError::Value { origin, key, reason: ValueError(reason.into()) }
    }

    fn key(&self, key: &Spanned<impl AsRef<str>>, known: &[&'static str]) -> Result<&'static str, ConfigError> {
        let name: &str = key.get_ref().as_ref();
        if let Some(known) = known.iter().find(|known| **known == name) {
            return Ok(known);
        }
        let nearest = nearest_key(name, known.iter().copied());
        let (path, line) = (self.path.to_owned(), self.line(&key.span()));
        Err(ConfigError::UnknownKey { path, line, key: clean_line(&redact(name)).into_owned(), nearest })
    }
}

/// Parses one `[[guardrail]]`.
pub(super) fn guardrail(table: &Spanned<DeValue>, place: &Place) -> Result<Guardrail, ConfigError> {
    let span = table.span();
    let DeValue::Table(keys) = table.get_ref() else {
        return Err(place.fault(&span, "guardrail", "is a list of tables; write [[guardrail]] above each"));
    };
    let (mut action, mut scope, mut sentence, mut demands) = (None, None, None, Vec::new());
    for (key, value) in keys {
        let (name, at) = (place.key(key, &RAIL_KEYS)?, value.span());
        let fault = |reason: String| place.fault(&at, name, reason);
        match (name, value.get_ref()) {
            ("action", DeValue::String(text)) => {
                let known = || ACTIONS.map(|action| action.name).join(", ");
                let found =
                    Action::of(text).ok_or_else(|| fault(format!("is {}; it must be {}", quoted(text), known())))?;
                action = Some(found);
            }
            ("scope", DeValue::String(text)) => scope = Some((text.to_string(), at)),
            ("sentence", DeValue::String(text)) => sentence = Some(shown(text).map_err(fault)?),
            ("deny", DeValue::Boolean(is_denied)) => demands.extend(is_denied.then_some(Demand::Deny)),
            ("max_rows", DeValue::Integer(rows)) => {
                let rows = rows.to_string().parse().ok().filter(|rows| *rows >= 0);
                demands.push(Demand::MaxRows(rows.ok_or_else(|| fault("is a number from 0".to_owned()))?));
            }
            ("reason", DeValue::String(text)) if text == "required" => demands.push(Demand::Reason),
            ("confirm", DeValue::String(text)) if text == "typed count" => demands.push(Demand::Count),
            ("approve", DeValue::String(text)) if text == "two persons" => demands.push(Demand::Approval),
            _ => return Err(fault(expected(name).to_owned())),
        }
    }
    let missing = |key| place.fault(&span, key, "is missing in this guardrail");
    let action = action.ok_or_else(|| missing("action"))?;
    let scope = scope.map(|(text, at)| filter(action, &text).map_err(|reason| place.fault(&at, "scope", reason)));
    if demands.is_empty() {
        let reason = "demands nothing; add deny, max_rows, reason, confirm or approve";
        return Err(place.fault(&span, "guardrail", reason));
    }
    if demands.contains(&Demand::Approval) && [PURGE, APPROVE].contains(&action.name) {
        let reason = format!("does not apply to {}", action.name);
        return Err(place.fault(&span, "approve", reason));
    }
    demands.sort();
    Ok(Guardrail {
        action: action.name.to_owned(),
        scope: scope.transpose()?,
        demands,
        sentence: sentence.ok_or_else(|| missing("sentence"))?,
        line: place.line(&span),
    })
}

/// What the value of a key is.
fn expected(key: &str) -> &'static str {
    match key {
        "deny" => "is true or false",
        "max_rows" => "is a number from 0",
        "reason" => "is \"required\", or not set",
        "confirm" => "is \"typed count\", or not set",
        "approve" => "is \"two persons\", or not set",
        _ => "is text",
    }
}

/// A sentence without its full stop.
fn shown(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() || text.chars().count() > MAX_SENTENCE_CHARS || text.chars().any(char::is_control) {
        return Err(format!("is 1 to {MAX_SENTENCE_CHARS} printable characters"));
    }
    Ok(text.to_owned())
}

/// The filter of a scope.
fn filter(action: Action, text: &str) -> Result<Filter, String> {
    let Some(fields) = action.scope.fields() else {
        return Err(format!("does not apply to {}", action.name));
    };
    // No field is about time, so neither zone nor instant matters.
    let filter = parse(text, fields, Zone::Utc, Timestamp(0)).map_err(|fault| format!("is not understood: {fault}"))?;
    if filter.is_empty() { Err("is empty; leave it out to mean all".to_owned()) } else { Ok(filter) }
}

/// Parses `[roles]`.
pub(super) fn roles(table: &DeTable, place: &Place) -> Result<Roles, ConfigError> {
    let line = table.iter().map(|(key, _)| place.line(&key.span())).min();
    let mut roles = Roles { default: Some(Role::Viewer), line, ..Roles::default() };
    for (key, value) in table {
        let (name, at) = (place.key(key, &ROLE_KEYS)?, value.span());
        match (Role::from_word(name), value.get_ref()) {
            (None, value) => {
                let role = if let DeValue::String(word) = value { Role::from_word(word) } else { None };
                let fault = || place.fault(&at, name, "is \"viewer\", \"operator\" or \"admin\"");
                roles.default = Some(role.ok_or_else(fault)?);
            }
            (Some(role), DeValue::Array(logins)) => {
                for login in logins {
                    let DeValue::String(login) = login.get_ref() else {
                        return Err(place.fault(&login.span(), name, "is a list of logins, such as [\"m.jansen\"]"));
                    };
                    if roles.logins.insert(login.to_string(), role).is_some_and(|other| other != role) {
                        return Err(place.fault(
                            &at,
                            name,
                            format!("lists {}, which has another role, too", quoted(login)),
                        ));
                    }
                }
            }
            _ => return Err(place.fault(&at, name, "is a list of logins, such as [\"m.jansen\"]")),
        }
    }
    Ok(roles)
}

/// The guardrails and roles for `cdx config show`.
pub(super) fn entries(rules: &Rules, path: &Path) -> Vec<(&'static str, String, Origin)> {
    let words: Vec<_> = rules.guardrails.iter().map(Guardrail::words).collect();
    let first = rules.guardrails.first();
    let origin = first.map_or(Origin::Default, |rail| Origin::File(path.to_owned(), rail.line));
    let line = rules.roles.line;
    let of_roles = line.map_or(Origin::Default, |line| Origin::File(path.to_owned(), line));
    vec![("guardrail", words.join("; "), origin), ("roles", rules.roles.words(), of_roles)]
}
