//! PostgreSQL: locations, connections, sessions with their statements, and rows.

mod compatibility;
mod connect;
mod copy;
mod decode;
mod failure;
mod interrupt;
mod listen;
mod lock_holder;
mod namespace;
mod password;
mod patience;
mod search_path;
mod server;
mod server_error;
mod session;
mod session_attrs;
mod setting_error;
mod settings;
mod tls;
mod writer_lock;

pub(super) use copy::CopyRows;
pub(super) use decode::{integer, text};
pub(super) use interrupt::Interrupter;
pub(super) use listen::{Listening, listen};
pub(super) use lock_holder::{Wait, lock_holder};
pub(super) use namespace::{FormerSchema, SCHEMA, create_schema, enter};
pub use server::Server;
pub use server_error::ServerError;
pub(super) use session::Session;
pub(super) use settings::Settings;

use crate::store::value::Value;
use postgres::Row;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use std::error::Error;

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => match *kind {
                Type::INT8 => value.to_sql(kind, out),
                Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
                Type::INT2 => i16::try_from(*value)?.to_sql(kind, out),
                Type::BOOL => (*value != 0).to_sql(kind, out),
                _ => value.to_string().to_sql(kind, out),
            },
            // PostgreSQL text cannot contain NUL: replace it. Free text was cleaned earlier.
            Self::Text(text) if text.contains('\0') => text.replace('\0', "\u{FFFD}").to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::INT2, Type::BOOL, Type::TEXT, Type::VARCHAR, Type::NAME, Type::UNKNOWN]
            .contains(kind)
    }

    to_sql_checked!();
}
