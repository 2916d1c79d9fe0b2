//! JSON bodies, read strictly: what two readers could understand differently (a key sent twice) is not read at all.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::error::ApiError;

/// Deep enough for every body an endpoint takes.
const MAX_DEPTH: u8 = 8;

/// The body as JSON; `None` if there is none.
pub fn parse(bytes: &[u8]) -> Result<Option<Value>, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict(MAX_DEPTH).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map(Some).map_err(|_| ApiError::bad("Error parsing JSON."))
}

/// A value nested at most this deep.
struct Strict(u8);

impl Strict {
    fn inside<E: Error>(&self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        // PostgreSQL keeps no NUL in a text.
        if value.contains('\0') { Err(E::custom("NUL in a string")) } else { Ok(Value::from(value)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inside()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(self.inside()?)?;
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_and_nothing_is_none() {
        assert_eq!(parse(b" \n").unwrap(), None);
        let value = parse(br#"{"a":[1,-2,0.5,"x",null,true]}"#).unwrap().unwrap();
        assert_eq!(value.to_string(), r#"{"a":[1,-2,0.5,"x",null,true]}"#);
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let bad: [&[u8]; 7] = [
            b"{\"a\":1,\"a\":1}",
            b"{\"a\":{\"b\":1,\"b\":2}}",
            deep.as_bytes(),
            b"{} {}",
            b"{",
            b"\"\xff\"",
            b"\"\\u0000\"",
        ];
        for body in bad {
            assert!(parse(body).is_err(), "{body:?}");
        }
    }
}
