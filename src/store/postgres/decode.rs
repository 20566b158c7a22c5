//! Decodes cells: every kind of integer as 64 bits, Booleans as 0 and 1, text as bytes.

use postgres::Row;
use postgres::types::{FromSql, Type};
use std::error::Error;

/// An integer; NULL is `None`.
pub(in crate::store) fn integer(row: &Row, column: usize) -> Result<Option<i64>, postgres::Error> {
    Ok(row.try_get::<_, Option<Integer>>(column)?.map(|Integer(value)| value))
}

/// Text as bytes; NULL is `None`, any other type is an error.
pub(in crate::store) fn text(row: &Row, column: usize) -> Result<Option<&[u8]>, postgres::Error> {
    Ok(row.try_get::<_, Option<Text>>(column)?.map(|Text(bytes)| bytes))
}

struct Integer(i64);

impl<'a> FromSql<'a> for Integer {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT8 => i64::from_sql(kind, raw)?,
            Type::INT4 => i32::from_sql(kind, raw)?.into(),
            Type::INT2 => i16::from_sql(kind, raw)?.into(),
            Type::BOOL => bool::from_sql(kind, raw)?.into(),
            Type::OID => u32::from_sql(kind, raw)?.into(),
            _ => numeric(raw).ok_or("a number too large for 64 bits")?,
        }))
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::INT2, Type::BOOL, Type::OID, Type::NUMERIC].contains(kind)
    }
}

/// The integer part of a `numeric`, the type of `sum` over `bigint`: digits to the base of 10,000.
fn numeric(raw: &[u8]) -> Option<i64> {
    let word = |at: usize| Some(i16::from_be_bytes([*raw.get(at)?, *raw.get(at + 1)?]));
    let (digits, weight, sign) = (word(0)?, word(2)?, word(4)?);
    let mut value: i64 = 0;
    for at in 0..=weight {
        let digit = if at < digits { word(8 + 2 * usize::try_from(at).ok()?)? } else { 0 };
        value = value.checked_mul(10_000)?.checked_add(digit.into())?;
    }
    match sign {
        0 => Some(value),
        0x4000 => Some(-value),
        _ => None,
    }
}

struct Text<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Text<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(kind: &Type) -> bool {
        [Type::TEXT, Type::VARCHAR, Type::NAME, Type::BPCHAR, Type::BYTEA, Type::UNKNOWN].contains(kind)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sum_of_integers_is_an_integer() {
        let wire = |words: &[i16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        assert_eq!(super::numeric(&wire(&[2, 1, 0, 0, 12, 3456])), Some(123_456));
        assert_eq!(super::numeric(&wire(&[1, 2, 0, 0, 5])), Some(500_000_000));
        assert_eq!(super::numeric(&wire(&[1, 0, 0x4000, 0, 7])), Some(-7));
        assert_eq!(super::numeric(&wire(&[0, 0, 0, 0])), Some(0));
        assert_eq!(super::numeric(&wire(&[3, 0, 0, 2, 7, 5000, 1])), Some(7));
    }
}
