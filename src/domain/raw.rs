//! A status message as the message database stores it, and the check that turns it into a valid
//! one.
//!
//! The message database accepts almost anything so that no report is lost; invalid rows are found
//! here.

use crate::domain::{Direction, Position, SessionKey, Status, StatusMessage, Timestamp, effective_instant};
use serde_json::{Map, Value};
use std::borrow::Cow;
use uuid::Uuid;

/// Bytes of free text beyond which it is cut and marked.
pub const FREE_TEXT_LIMIT: usize = 1 << 20;

/// The longest name in bytes: an index entry of PostgreSQL holds at most 2,704 bytes, and one
/// longer name would stop every run there.
pub const NAME_LIMIT: usize = 1_000;

/// One unchecked row of the message database; text is bytes because foreign programs write
/// anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)] // the columns of the public table, one for one
pub struct RawMessage<'a> {
    pub origin_tx: i64,
    pub message_id: i64,
    pub message_guid: Cow<'a, [u8]>,
    pub direction: i64,
    pub session_number: i64,
    pub channel_database: Cow<'a, [u8]>,
    pub job_name: Cow<'a, [u8]>,
    pub channel_data_group: Option<Cow<'a, [u8]>>,
    pub distribution_schedule: Option<Cow<'a, [u8]>>,
    pub status: i64,
    pub occurred_at: i64,
    pub posted_at: i64,
    pub posted_by: Option<Cow<'a, [u8]>>,
    pub round: i64,
    pub rerun_for: Option<i64>,
    pub try_count: i64,
    pub rows_affected: Option<i64>,
    pub file_size: Option<i64>,
    pub row_version: Option<i64>,
    pub data_path: Option<Cow<'a, [u8]>>,
    pub message: Option<Cow<'a, [u8]>>,
    pub extra: Option<Cow<'a, [u8]>>,
}

/// Why a message is rejected; its text is the sentence that an operator reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The idempotency key is not the text of a UUID.
    #[error("message_guid is no UUID such as 324f08d4-04f9-44e3-8840-18ee9d344543")]
    Guid,
    /// Neither download nor upload.
    #[error("unknown direction {0}")]
    Direction(i64),
    /// A number that no status of the direction has.
    #[error("unknown status {1} of direction {0}")]
    Status(Direction, i64),
    /// A negative session number.
    #[error("negative session number {0}")]
    SessionNumber(i64),
    /// A column of the key is not comparable as text.
    #[error("{0} holds a NUL or is not UTF-8")]
    KeyText(&'static str),
    /// A column of the key is too long for a name.
    #[error("{0} is {1} bytes long, more than the {NAME_LIMIT} of any name")]
    LongKey(&'static str, usize),
    /// Outside 2000 to 2099.
    #[error("{0} is {1} ms since 1970, outside the years 2000 to 2099")]
    Instant(&'static str, i64),
    /// The session has been purged.
    #[error("session purged on {}", .0.to_rfc3339())]
    Purged(Timestamp),
}

impl RawMessage<'_> {
    /// The message's position in the order of arrival.
    pub fn position(&self) -> Position {
        Position { origin_tx: self.origin_tx, message_id: self.message_id }
    }

    /// Checks the row and cleans text: NUL and invalid UTF-8 become U+FFFD, and what exceeds
    /// [`FREE_TEXT_LIMIT`], or [`NAME_LIMIT`] in a name, is cut and marked.
    pub fn check(&self) -> Result<StatusMessage, Reason> {
        let message_guid = read_guid(&self.message_guid).ok_or(Reason::Guid)?;
        let direction = Direction::from_number(self.direction).ok_or(Reason::Direction(self.direction))?;
        let status = Status::from_number(direction, self.status).ok_or(Reason::Status(direction, self.status))?;
        if self.session_number < 0 {
            return Err(Reason::SessionNumber(self.session_number));
        }
        if self.channel_database.len() > NAME_LIMIT {
            return Err(Reason::LongKey("channel_database", self.channel_database.len()));
        }
        let channel_database = match std::str::from_utf8(&self.channel_database) {
            Ok(text) if !text.contains('\0') => text.to_owned(),
            _ => return Err(Reason::KeyText("channel_database")),
        };
        let reported = plausible("occurred_at", self.occurred_at)?;
        let posted_at = plausible("posted_at", self.posted_at)?;
        let occurred_at = effective_instant(reported, posted_at);
        Ok(StatusMessage {
            message_guid,
            key: SessionKey { direction, session_number: self.session_number, channel_database },
            job_name: name_text(&self.job_name),
            channel_data_group: self.channel_data_group.as_deref().map(name_text),
            distribution_schedule: self.distribution_schedule.as_deref().map(name_text),
            status,
            occurred_at,
            reported_at: (occurred_at != reported).then_some(reported),
            posted_at,
            posted_by: self.posted_by.as_deref().map(free_text),
            round: self.round,
            rerun_for: self.rerun_for,
            try_count: self.try_count,
            rows_affected: self.rows_affected,
            file_size: self.file_size,
            row_version: self.row_version,
            data_path: self.data_path.as_deref().map(free_text),
            message: self.message.as_deref().map(free_text),
            extra: self.extra.as_deref().map(free_text),
        })
    }

    /// Returns the row as one JSON object without loss: UTF-8 text as a string, other text as
    /// `{"hex": "…"}`.
    pub fn to_json(&self) -> String {
        let mut row = Map::new();
        for (name, number) in self.numbers() {
            row.insert(name.to_owned(), number.map_or(Value::Null, Value::from));
        }
        for (name, bytes) in self.texts() {
            row.insert(name.to_owned(), bytes.map_or(Value::Null, bytes_to_json));
        }
        Value::Object(row).to_string()
    }

    /// Reads what [`RawMessage::to_json`] wrote; `None` for any other text.
    pub fn from_json(text: &str) -> Option<RawMessage<'static>> {
        let Value::Object(row) = serde_json::from_str(text).ok()? else { return None };
        let number = |name: &str| row.get(name).and_then(Value::as_i64);
        let bytes = |name: &str| row.get(name).and_then(json_to_bytes).map(Cow::Owned);
        Some(RawMessage {
            origin_tx: number("origin_tx")?,
            message_id: number("message_id")?,
            message_guid: bytes("message_guid")?,
            direction: number("direction")?,
            session_number: number("session_number")?,
            channel_database: bytes("channel_database")?,
            job_name: bytes("job_name")?,
            channel_data_group: bytes("channel_data_group"),
            distribution_schedule: bytes("distribution_schedule"),
            status: number("status")?,
            occurred_at: number("occurred_at")?,
            posted_at: number("posted_at")?,
            posted_by: bytes("posted_by"),
            round: number("round")?,
            rerun_for: number("rerun_for"),
            try_count: number("try_count")?,
            rows_affected: number("rows_affected"),
            file_size: number("file_size"),
            row_version: number("row_version"),
            data_path: bytes("data_path"),
            message: bytes("message"),
            extra: bytes("extra"),
        })
    }

    fn numbers(&self) -> [(&'static str, Option<i64>); 13] {
        [
            // The transaction is no part of the content: a restored database numbers its
            // transactions from the start.
            ("origin_tx", Some(0)),
            ("message_id", Some(self.message_id)),
            ("direction", Some(self.direction)),
            ("session_number", Some(self.session_number)),
            ("status", Some(self.status)),
            ("occurred_at", Some(self.occurred_at)),
            ("posted_at", Some(self.posted_at)),
            ("round", Some(self.round)),
            ("rerun_for", self.rerun_for),
            ("try_count", Some(self.try_count)),
            ("rows_affected", self.rows_affected),
            ("file_size", self.file_size),
            ("row_version", self.row_version),
        ]
    }

    fn texts(&self) -> [(&'static str, Option<&[u8]>); 9] {
        [
            ("message_guid", Some(&*self.message_guid)),
            ("channel_database", Some(&*self.channel_database)),
            ("job_name", Some(&*self.job_name)),
            ("channel_data_group", self.channel_data_group.as_deref()),
            ("distribution_schedule", self.distribution_schedule.as_deref()),
            ("posted_by", self.posted_by.as_deref()),
            ("data_path", self.data_path.as_deref()),
            ("message", self.message.as_deref()),
            ("extra", self.extra.as_deref()),
        ]
    }
}

fn plausible(name: &'static str, at: i64) -> Result<Timestamp, Reason> {
    if Timestamp(at).is_plausible() { Ok(Timestamp(at)) } else { Err(Reason::Instant(name, at)) }
}

/// Reads a UUID with hyphens, in lower or upper case, with or without braces: SQL Server prints
/// capitals.
pub fn read_guid(text: &[u8]) -> Option<Uuid> {
    let bare = text.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}")).unwrap_or(text);
    (bare.len() == 36).then(|| Uuid::try_parse_ascii(bare).ok()).flatten()
}

fn free_text(bytes: &[u8]) -> String {
    text_up_to(FREE_TEXT_LIMIT, bytes)
}

/// The name of a job, a schedule or a group, which is indexed.
fn name_text(bytes: &[u8]) -> String {
    text_up_to(NAME_LIMIT, bytes)
}

fn text_up_to(limit: usize, bytes: &[u8]) -> String {
    let kept = &bytes[..bytes.len().min(limit)];
    let mut text = String::from_utf8_lossy(kept).into_owned();
    if text.contains('\0') {
        text = text.replace('\0', "\u{FFFD}");
    }
    if bytes.len() > limit {
        // The cut may be inside a character, which then shows as one U+FFFD.
        let cut = text.trim_end_matches('\u{FFFD}').len().max(text.len().saturating_sub(9));
        text.truncate(cut);
        text = format!("{text} [cut: {} bytes in all]", bytes.len());
    }
    text
}

/// Two lower-case digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn bytes_to_json(bytes: &[u8]) -> Value {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Value::from(text);
    }
    Value::Object(Map::from_iter([("hex".to_owned(), Value::from(hex(bytes)))]))
}

fn json_to_bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Object(object) => {
            let hex = object.get("hex")?.as_str()?;
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid() -> RawMessage<'static> {
        RawMessage {
            message_id: 7,
            message_guid: Cow::Borrowed(b"324f08d4-04f9-44e3-8840-18ee9d344543"),
            channel_database: Cow::Borrowed(b"S0042"),
            job_name: Cow::Borrowed(b"1040"),
            status: 4,
            occurred_at: 1_794_541_408_000,
            posted_at: 1_794_541_409_000,
            ..RawMessage::default()
        }
    }

    #[test]
    fn a_sound_message_passes() {
        let message = valid().check().expect("it is valid");
        assert_eq!(message.status, Status::Applied);
        assert_eq!(message.key.channel_database, "S0042");
    }

    #[test]
    fn each_kind_of_malformed_message_has_its_reason() {
        let cases: [(RawMessage, Reason); 10] = [
            (
                RawMessage { channel_database: Cow::Owned(vec![b'S'; 1_001]), ..valid() },
                Reason::LongKey("channel_database", 1_001),
            ),
            (RawMessage { direction: 9, ..valid() }, Reason::Direction(9)),
            (RawMessage { status: 42, ..valid() }, Reason::Status(Direction::Download, 42)),
            (RawMessage { status: -1, ..valid() }, Reason::Status(Direction::Download, -1)),
            (RawMessage { session_number: -1, ..valid() }, Reason::SessionNumber(-1)),
            (RawMessage { occurred_at: -5, ..valid() }, Reason::Instant("occurred_at", -5)),
            (RawMessage { posted_at: i64::MAX, ..valid() }, Reason::Instant("posted_at", i64::MAX)),
            (RawMessage { message_guid: Cow::Borrowed(b"324f08d404f944e3884018ee9d344543"), ..valid() }, Reason::Guid),
            (RawMessage { channel_database: Cow::Borrowed(b"S\0"), ..valid() }, Reason::KeyText("channel_database")),
            (RawMessage { channel_database: Cow::Borrowed(b"\xff"), ..valid() }, Reason::KeyText("channel_database")),
        ];
        for (raw, reason) in cases {
            assert_eq!(raw.check(), Err(reason));
        }
    }

    #[test]
    fn a_guid_has_one_meaning_in_every_accepted_spelling() {
        let canonical = read_guid(b"324f08d4-04f9-44e3-8840-18ee9d344543").expect("it is one");
        for spelling in ["324F08D4-04F9-44E3-8840-18EE9D344543", "{324f08d4-04f9-44E3-8840-18EE9D344543}"] {
            assert_eq!(read_guid(spelling.as_bytes()), Some(canonical));
        }
        for other in
            ["", "{}", "{324f08d4-04f9-44e3-8840-18ee9d344543", "urn:uuid:324f08d4-04f9-44e3-8840-18ee9d344543"]
        {
            assert_eq!(read_guid(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn free_text_is_made_utf8_and_cut() {
        let long = [b"x".repeat(FREE_TEXT_LIMIT - 1), "é".repeat(4).into_bytes()].concat();
        let raw =
            RawMessage { message: Some(Cow::Owned(long)), data_path: Some(Cow::Borrowed(b"a\0b\xffc")), ..valid() };
        let message = raw.check().expect("free text never rejects a message");
        let text = message.message.expect("there is a text");
        assert!(text.ends_with("x [cut: 1048583 bytes in all]"), "{}", &text[text.len() - 60..]);
        assert_eq!(message.data_path.as_deref(), Some("a\u{FFFD}b\u{FFFD}c"));
    }

    #[test]
    fn raw_json_loses_nothing() {
        let raw = RawMessage {
            channel_database: Cow::Borrowed(b"S\xff\0"),
            message: Some(Cow::Borrowed(b"\x1b[31m\"red\"")),
            rerun_for: Some(3),
            ..valid()
        };
        assert_eq!(RawMessage::from_json(&raw.to_json()), Some(raw));
        assert_eq!(RawMessage::from_json("{}"), None);
    }
}
