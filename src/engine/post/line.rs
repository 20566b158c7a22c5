//! One line of JSON as a message: names, types and words are checked here, and whether head office would take it.

use crate::domain::{Direction, Status, Timestamp, read_guid};
use crate::engine::post::strict;
use crate::store::message_database::NewMessage;
use serde_json::{Map, Value};

/// The keys an agent may use besides those beginning with `x_`.
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
/// The keys that the message database fills in itself.
const GIVEN: [&str; 3] = ["message_id", "posted_at", "origin_tx"];

/// Reads one line, or says what is wrong with it, naming the key.
pub fn parse(line: &[u8]) -> Result<NewMessage, String> {
    let text = std::str::from_utf8(line).map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to() + 1))?;
    let Value::Object(object) = strict::parse(text)? else { return Err("not a JSON object".to_owned()) };
    let mut object = Object(object);
    let extra = object.take_extra()?;
    object.check_keys()?;
    let direction = object.direction()?;
    let guid = object.text("message_guid")?;
    // One spelling, so that a message posted again is recognized by the database.
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
    message.fault().map_or(Ok(message), |reason| Err(reason.to_string()))
}

struct Object(Map<String, Value>);

impl Object {
    /// Collects the agent's own keys, and those of an object `extra`, into one object.
    fn take_extra(&mut self) -> Result<Option<String>, String> {
        let mut extra = match self.0.remove("extra") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => return Err("extra is no object".to_owned()),
        };
        if let Some(key) = extra.keys().find(|key| !key.starts_with("x_")) {
            return Err(format!("key {key:?} in extra does not begin with x_"));
        }
        let own: Vec<String> = self.0.keys().filter(|key| key.starts_with("x_")).cloned().collect();
        for key in own {
            let Some(value) = self.0.remove(&key) else { continue };
            if extra.contains_key(&key) {
                return Err(format!("key {key:?} appears twice: in the line and in extra"));
            }
            extra.insert(key, value);
        }
        Ok((!extra.is_empty()).then(|| Value::Object(extra).to_string()))
    }

    fn check_keys(&self) -> Result<(), String> {
        for key in self.0.keys() {
            if GIVEN.contains(&key.as_str()) {
                return Err(format!("key {key:?} is given by the message database, not by the agent"));
            }
            if !KEYS.contains(&key.as_str()) {
                let shown: String = key.chars().take(60).collect();
                let nearest = KEYS
                    .iter()
                    .max_by(|a, b| strsim::jaro_winkler(a, &shown).total_cmp(&strsim::jaro_winkler(b, &shown)));
                return Err(format!("unknown key {shown:?}; the nearest is {:?}", nearest.unwrap_or(&"")));
            }
        }
        Ok(())
    }

    fn required(&self, key: &str) -> Result<&Value, String> {
        match self.0.get(key) {
            None | Some(Value::Null) => Err(format!("key {key:?} is missing")),
            Some(value) => Ok(value),
        }
    }

    fn text(&self, key: &str) -> Result<String, String> {
        let value = self.required(key)?;
        value.as_str().map(str::to_owned).ok_or_else(|| format!("{key} is no text"))
    }

    fn opt_text(&self, key: &str) -> Result<Option<String>, String> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.text(key).map(Some),
        }
    }

    fn integer(&self, key: &str) -> Result<i64, String> {
        whole(self.required(key)?).ok_or_else(|| format!("{key} is no 64-bit whole number"))
    }

    fn opt_integer(&self, key: &str) -> Result<Option<i64>, String> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.integer(key).map(Some),
        }
    }

    fn instant(&self, key: &str) -> Result<Timestamp, String> {
        match self.required(key)? {
            Value::String(text) => Timestamp::parse_rfc3339(text).map_err(|error| format!("{key}: {error}")),
            _ => self.integer(key).map(Timestamp).map_err(|_| format!("{key} is neither RFC 3339 nor milliseconds")),
        }
    }

    /// A word or a number.
    fn direction(&self) -> Result<i64, String> {
        match self.required("direction")? {
            Value::String(word) => word.parse().map(Direction::number),
            _ => self.integer("direction"),
        }
    }

    /// A word of the direction or a number.
    fn status(&self, direction: i64) -> Result<i64, String> {
        let Value::String(word) = self.required("status")? else { return self.integer("status") };
        let known = Direction::from_number(direction)
            .ok_or_else(|| format!("status {word:?} is a word, but the direction {direction} has none"))?;
        Status::from_word(known, word).and_then(|status| status.number(known)).ok_or_else(|| {
            let words: Vec<_> = Status::all(known).map(Status::word).collect();
            format!("status {word:?} is none of {known}: {}", words.join(", "))
        })
    }
}

/// The whole number of a JSON number; `1.0` is one, as some programs write it.
fn whole(value: &Value) -> Option<i64> {
    /// Beyond it, a floating-point number no longer names one whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < EXACT)?;
        #[allow(clippy::cast_possible_truncation)] // whole and small enough
        Some(number as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hostile::hostile_text;
    use proptest::prelude::*;

    const SOUND: &str = r#"{"message_guid":"324f08d4-04f9-44e3-8840-18ee9d344543","direction":"download","session_number":1,"channel_database":"S",
        "job_name":"1040","status":"applied","occurred_at":"2026-11-13T03:43:28Z"}"#;

    fn with(more: &str) -> String {
        SOUND.replacen('{', &format!("{{{more},"), 1)
    }

    #[test]
    fn a_sound_line_is_read_with_its_extras() {
        let message = parse(with(r#""x_pos":7,"try_count":2,"message":null"#).as_bytes()).expect("it is sound");
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
            (SOUND.replace("applied", "uploaded"), "status \"uploaded\" is none of download"),
            (SOUND.replace("\"download\"", "\"sideways\""), "\"sideways\" is no direction"),
            (SOUND.replace("2026-11-13T03:43:28Z", "yesterday"), "\"yesterday\" is no instant"),
            (with(r#""direction":"upload""#), "\"direction\" appears twice"),
            (with(r#""x_a":{"b":1,"b":2}"#), "\"b\" appears twice"),
            (with(r#""x_a":1,"extra":{"x_a":2}"#), "\"x_a\" appears twice"),
            (SOUND.replace("\"download\"", "9").replace("\"applied\"", "4"), "unknown direction 9"),
            (SOUND.replace("\"applied\"", "-1"), "unknown status -1"),
            (SOUND.replace("\"session_number\":1", "\"session_number\":-5"), "negative session number -5"),
            (SOUND.replace("\"2026-11-13T03:43:28Z\"", "1795860000"), "outside the years 2000 to 2099"),
            (SOUND.replace("\"S\"", "\"S\\u0000\""), "channel_database holds a NUL"),
            (SOUND.replace("324f08d4-", ""), "message_guid is no UUID"),
            ("{\"a\": }".to_owned(), "not JSON: expected value at column 7"),
        ] {
            let reason = parse(line.as_bytes()).expect_err(fault);
            assert!(reason.contains(fault), "{reason}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").expect_err("not UTF-8").contains("not UTF-8 at byte 7"));
    }

    #[test]
    fn a_whole_number_may_be_written_as_a_fraction_and_a_guid_in_capitals_and_braces() {
        let line = with(r#""round":2.0,"try_count":3e0"#).replace("324f08d4", "{324F08D4").replace("344543", "344543}");
        let message = parse(line.as_bytes()).expect("it is sound");
        assert_eq!((message.round, message.try_count), (2, 3));
        assert_eq!(message.message_guid, "324f08d4-04f9-44e3-8840-18ee9d344543");
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in any::<Vec<u8>>(), text in hostile_text(0..64), at in any::<prop::sample::Index>()) {
            let _ = parse(&line);
            let _ = parse(text.as_bytes());
            let mut sound = SOUND.as_bytes().to_vec();
            sound.splice(at.index(SOUND.len()).., line);
            let _ = parse(&sound);
        }

        #[test]
        fn a_hostile_text_is_taken_as_it_is_and_a_hostile_key_is_refused(text in hostile_text(0..64)) {
            let quoted = Value::from(text.clone());
            let message = parse(with(&format!(r#""message":{quoted},"x_note":{quoted}"#)).as_bytes()).expect("it is sound");
            prop_assert_eq!(message.message, Some(text.clone()));
            prop_assert_eq!(message.extra, Some(serde_json::json!({ "x_note": text }).to_string()));
            let refused = parse(with(&format!("{quoted}:1")).as_bytes()).is_err();
            prop_assert!(refused || text.starts_with("x_"));
        }
    }
}
