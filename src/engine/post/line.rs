//! Parses one line of JSON into a message and checks what head office would reject.

use crate::domain::{Direction, Status, Timestamp, read_guid};
use crate::engine::post::LineFault;
use crate::engine::post::strict;
use crate::store::message_database::NewMessage;
use serde_json::{Map, Value};

/// The keys of an agent's line, besides those beginning with `x_`.
const KEYS: [&str; 19] = [
    "message_guid",
    "direction",
    "session_number",
    "channel_database",
    "job_name",
    "channel_data_group",
    "distribution_schedule",
    "status",
    "occurred_at",
    "posted_by",
    "round",
    "rerun_for",
    "try_count",
    "rows_affected",
    "file_size",
    "row_version",
    "data_path",
    "message",
    "extra",
];
/// The keys that the message database sets.
const IGNORED_KEYS: [&str; 3] = ["message_id", "posted_at", "origin_tx"];

/// Parses one line.
pub fn parse(line: &[u8]) -> Result<NewMessage, LineFault> {
    let text = std::str::from_utf8(line).map_err(|error| LineFault::NotUtf8 { at: error.valid_up_to() + 1 })?;
    let Value::Object(object) = strict::parse(text)? else { return Err(LineFault::NotAnObject) };
    let mut object = Object(object);
    let extra = object.take_extra()?;
    object.check_keys()?;
    let direction = object.direction()?;
    let guid = object.text("message_guid")?;
    // One spelling, so that the database recognizes a repeated message.
    let message_guid = read_guid(guid.as_bytes()).map_or(guid, |guid| guid.to_string());
    let message = NewMessage {
        message_guid,
        direction,
        session_number: object.integer("session_number")?,
        channel_database: object.text("channel_database")?,
        job_name: object.text("job_name")?,
        channel_data_group: object.opt_text("channel_data_group")?,
        distribution_schedule: object.opt_text("distribution_schedule")?,
        status: object.status(direction)?,
        occurred_at: object.instant("occurred_at")?,
        posted_by: object.opt_text("posted_by")?,
        round: object.opt_integer("round")?.unwrap_or(0),
        rerun_for: object.opt_integer("rerun_for")?,
        try_count: object.opt_integer("try_count")?.unwrap_or(0),
        rows_affected: object.opt_integer("rows_affected")?,
        file_size: object.opt_integer("file_size")?,
        row_version: object.opt_integer("row_version")?,
        data_path: object.opt_text("data_path")?,
        message: object.opt_text("message")?,
        extra,
    };
    message.fault().map_or(Ok(message), |reason| Err(reason.into()))
}

struct Object(Map<String, Value>);

impl Object {
    /// Collects the agent's own keys, and those of an object `extra`, into one object.
    fn take_extra(&mut self) -> Result<Option<String>, LineFault> {
        let mut extra = match self.0.remove("extra") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => return Err(LineFault::ExtraNotAnObject),
        };
        if let Some(key) = extra.keys().find(|key| !key.starts_with("x_")) {
            return Err(LineFault::ExtraKey { key: key.clone() });
        }
        let own: Vec<String> = self.0.keys().filter(|key| key.starts_with("x_")).cloned().collect();
        for key in own {
            let Some(value) = self.0.remove(&key) else { continue };
            if extra.contains_key(&key) {
                return Err(LineFault::TwiceInExtra { key });
            }
            extra.insert(key, value);
        }
        Ok((!extra.is_empty()).then(|| Value::Object(extra).to_string()))
    }

    fn check_keys(&self) -> Result<(), LineFault> {
        for key in self.0.keys() {
            if IGNORED_KEYS.contains(&key.as_str()) {
                return Err(LineFault::GivenByDatabase { key: key.clone() });
            }
            if !KEYS.contains(&key.as_str()) {
                let shown: String = key.chars().take(60).collect();
                let nearest = KEYS
                    .iter()
                    .max_by(|a, b| strsim::jaro_winkler(a, &shown).total_cmp(&strsim::jaro_winkler(b, &shown)));
                return Err(LineFault::UnknownKey { key: shown, nearest: nearest.unwrap_or(&"") });
            }
        }
        Ok(())
    }

    fn required(&self, key: &str) -> Result<&Value, LineFault> {
        match self.0.get(key) {
            None | Some(Value::Null) => Err(LineFault::Missing { key: key.to_owned() }),
            Some(value) => Ok(value),
        }
    }

    fn text(&self, key: &str) -> Result<String, LineFault> {
        let value = self.required(key)?;
        value.as_str().map(str::to_owned).ok_or_else(|| LineFault::NotText { key: key.to_owned() })
    }

    fn opt_text(&self, key: &str) -> Result<Option<String>, LineFault> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.text(key).map(Some),
        }
    }

    fn integer(&self, key: &str) -> Result<i64, LineFault> {
        whole(self.required(key)?).ok_or_else(|| LineFault::NotInteger { key: key.to_owned() })
    }

    fn opt_integer(&self, key: &str) -> Result<Option<i64>, LineFault> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.integer(key).map(Some),
        }
    }

    fn instant(&self, key: &str) -> Result<Timestamp, LineFault> {
        match self.required(key)? {
            Value::String(text) => {
                Timestamp::parse_rfc3339(text).map_err(|source| LineFault::Instant { key: key.to_owned(), source })
            }
            _ => self.integer(key).map(Timestamp).map_err(|_| LineFault::NotInstant { key: key.to_owned() }),
        }
    }

    /// A word or a number.
    fn direction(&self) -> Result<i64, LineFault> {
        match self.required("direction")? {
            Value::String(word) => Ok(word.parse().map(Direction::number)?),
            _ => self.integer("direction"),
        }
    }

    /// A word of the direction or a number.
    fn status(&self, direction: i64) -> Result<i64, LineFault> {
        let Value::String(word) = self.required("status")? else { return self.integer("status") };
        let known = Direction::from_number(direction)
            .ok_or_else(|| LineFault::StatusOfUnknownDirection { word: word.clone(), direction })?;
        Status::from_word(known, word)
            .and_then(|status| status.number(known))
            .ok_or_else(|| LineFault::Status { word: word.clone(), direction: known })
    }
}

/// The whole number of a JSON number; `1.0` is one, as some programs write it.
fn whole(value: &Value) -> Option<i64> {
    /// Above it, a floating-point number is no longer exact.
    const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < MAX_EXACT)?;
        #[allow(clippy::cast_possible_truncation)] // whole and small enough
        Some(number as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hostile::hostile_text;
    use proptest::prelude::*;

    const VALID_LINE: &str = r#"{"message_guid":"324f08d4-04f9-44e3-8840-18ee9d344543","direction":"download","session_number":1,"channel_database":"S",
        "job_name":"1040","status":"applied","occurred_at":"2026-11-13T03:43:28Z"}"#;

    fn with(more: &str) -> String {
        VALID_LINE.replacen('{', &format!("{{{more},"), 1)
    }

    #[test]
    fn a_valid_line_is_read_with_its_extras() {
        let message = parse(with(r#""x_pos":7,"try_count":2,"message":null"#).as_bytes()).expect("it is valid");
        assert_eq!((message.status, message.try_count, message.message), (4, 2, None));
        assert_eq!(message.extra.as_deref(), Some(r#"{"x_pos":7}"#));
    }

    #[test]
    fn each_fault_names_its_key() {
        for (line, fault) in [
            ("[1,2,3]".to_owned(), "not a JSON object"),
            ("not json".to_owned(), "not JSON"),
            (r#"{"direction":"download"}"#.to_owned(), "\"message_guid\" is missing"),
            (with(r#""stat":1"#), "unknown key \"stat\"; the nearest is \"status\""),
            (with(r#""posted_at":1"#), "given by the message database"),
            (with(r#""round":1.5"#), "round is no 64-bit whole number"),
            (with(r#""rows_affected":99999999999999999999"#), "rows_affected is no 64-bit"),
            (with(r#""extra":{"a":1}"#), "does not begin with x_"),
            (VALID_LINE.replace("applied", "uploaded"), "status \"uploaded\" is none of download"),
            (VALID_LINE.replace("\"download\"", "\"sideways\""), "\"sideways\" is no direction"),
            (VALID_LINE.replace("2026-11-13T03:43:28Z", "yesterday"), "\"yesterday\" is no instant"),
            (with(r#""direction":"upload""#), "\"direction\" appears twice"),
            (with(r#""x_a":{"b":1,"b":2}"#), "\"b\" appears twice"),
            (with(r#""x_a":1,"extra":{"x_a":2}"#), "\"x_a\" appears twice"),
            (VALID_LINE.replace("\"download\"", "9").replace("\"applied\"", "4"), "unknown direction 9"),
            (VALID_LINE.replace("\"applied\"", "-1"), "unknown status -1"),
            (VALID_LINE.replace("\"session_number\":1", "\"session_number\":-5"), "negative session number -5"),
            (VALID_LINE.replace("\"2026-11-13T03:43:28Z\"", "1795860000"), "outside the years 2000 to 2099"),
            (VALID_LINE.replace("\"S\"", "\"S\\u0000\""), "channel_database holds a NUL"),
            (VALID_LINE.replace("324f08d4-", ""), "message_guid is no UUID"),
            ("{\"a\": }".to_owned(), "not JSON: expected value at column 7"),
        ] {
            let reason = parse(line.as_bytes()).expect_err(fault).to_string();
            assert!(reason.contains(fault), "{reason}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}") == Err(LineFault::NotUtf8 { at: 7 }));
    }

    #[test]
    fn a_whole_number_may_be_written_as_a_fraction_and_a_guid_in_capitals_and_braces() {
        let line = with(r#""round":2.0,"try_count":3e0"#).replace("324f08d4", "{324F08D4").replace("344543", "344543}");
        let message = parse(line.as_bytes()).expect("it is valid");
        assert_eq!((message.round, message.try_count), (2, 3));
        assert_eq!(message.message_guid, "324f08d4-04f9-44e3-8840-18ee9d344543");
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in any::<Vec<u8>>(), text in hostile_text(0..64), at in any::<prop::sample::Index>()) {
            let _ = parse(&line);
            let _ = parse(text.as_bytes());
            let mut valid = VALID_LINE.as_bytes().to_vec();
            valid.splice(at.index(VALID_LINE.len()).., line);
            let _ = parse(&valid);
        }

        #[test]
        fn a_hostile_text_is_taken_as_it_is_and_a_hostile_key_is_refused(text in hostile_text(0..64)) {
            let quoted = Value::from(text.clone());
            let message = parse(with(&format!(r#""message":{quoted},"x_note":{quoted}"#)).as_bytes()).expect("it is valid");
            prop_assert_eq!(message.message, Some(text.clone()));
            prop_assert_eq!(message.extra, Some(serde_json::json!({ "x_note": text }).to_string()));
            let refused = parse(with(&format!("{quoted}:1")).as_bytes()).is_err();
            prop_assert!(refused || text.starts_with("x_"));
        }
    }
}
