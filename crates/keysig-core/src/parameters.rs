//! The one reader of `application/x-www-form-urlencoded` parameters, for queries and bodies alike, so that no two parts
//! of the server can read the same request differently (parameter pollution). RFC 6749 §3.1, App. B.

use std::borrow::Cow;

/// No request has more parameters than this.
pub const MAX_PARAMETERS: usize = 100;
/// A form has no more: two fields for each scope that there can be, and some.
pub const MAX_FORM_FIELDS: usize = 300;

/// Why a query or body cannot be read at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Malformed {
    /// `%` not followed by two hexadecimal digits.
    PercentEncoding,
    /// Not UTF-8 after decoding.
    NotUtf8,
    /// A control character (NUL, CR, LF and their kind) in a name or value: header injection.
    ControlCharacter,
    /// More than [`MAX_PARAMETERS`].
    TooMany,
}

/// The parameters of one request. An empty value counts as not sent (RFC 6749 §3.1).
#[derive(Debug, Default)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
}

fn decode(text: &str) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| {
                    byte.and_then(|byte| char::from(byte).to_digit(16)).ok_or(Malformed::PercentEncoding)
                };
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).map_err(|_| Malformed::PercentEncoding)?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)
}

fn without_controls(text: String) -> Result<String, Malformed> {
    if text.chars().any(char::is_control) { Err(Malformed::ControlCharacter) } else { Ok(text) }
}

/// Somebody who types in a browser may write more than one line; each ends in one character here.
fn lines(text: String) -> Result<String, Malformed> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let is_strange = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.chars().any(is_strange) { Err(Malformed::ControlCharacter) } else { Ok(text) }
}

/// Form-decodes one value, as Basic credentials need it (RFC 6749 §2.3.1).
pub fn form_decode(text: &str) -> Result<String, Malformed> {
    without_controls(decode(text)?)
}

impl Parameters {
    /// Reads a query or body.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        Self::read(raw, MAX_PARAMETERS, without_controls)
    }

    /// Reads the form of a page: it may have more fields than a request of OAuth, and values of several lines.
    pub fn parse_form(raw: &[u8]) -> Result<Self, Malformed> {
        Self::read(raw, MAX_FORM_FIELDS, lines)
    }

    fn read(raw: &[u8], most: usize, value_of: fn(String) -> Result<String, Malformed>) -> Result<Self, Malformed> {
        let raw = std::str::from_utf8(raw).map_err(|_| Malformed::NotUtf8)?;
        let mut pairs = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            if pairs.len() >= most {
                return Err(Malformed::TooMany);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((without_controls(decode(name)?)?, value_of(decode(value)?)?));
        }
        Ok(Self { pairs })
    }

    /// Query and body together, where a profile reads both; a name in both is then a duplicate.
    pub fn and(mut self, other: Self) -> Self {
        self.pairs.extend(other.pairs);
        self
    }

    /// As a query that reads the same.
    pub fn to_query(&self) -> String {
        let pair = |(name, value): &(String, String)| format!("{}={}", percent_encode(name), percent_encode(value));
        self.pairs.iter().map(pair).collect::<Vec<_>>().join("&")
    }

    /// The value of a parameter, if it was sent with one. Call [`Self::duplicate`] first: of two, this is the first.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(sent, _)| sent == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }

    /// All values of a parameter that may repeat (`resource`, RFC 8707 §2; optional `scope` boxes of a form).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(sent, _)| sent == name).map(|(_, value)| value.as_str())
    }

    /// Everything that was sent, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first name that was sent twice, equal values included, known or not (RFC 6749 §3.1).
    pub fn duplicate(&self) -> Option<&str> {
        let repeats = |(index, (name, _)): &(usize, &(String, String))| {
            name != "resource" && self.pairs.iter().take(*index).any(|(earlier, _)| earlier == name)
        };
        self.pairs.iter().enumerate().find(repeats).map(|(_, (name, _))| name.as_str())
    }
}

/// Percent-encodes a query value: everything but unreserved characters (RFC 3986 §2.3).
pub fn percent_encode(text: &str) -> Cow<'_, str> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if text.bytes().all(unreserved) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if unreserved(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Cow::Owned(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plus_and_percent_20_both_mean_a_space_and_an_empty_value_is_not_sent() {
        let parameters = Parameters::parse(b"scope=a+b%20c&state=&flag").unwrap();
        assert_eq!(parameters.get("scope"), Some("a b c"));
        assert_eq!(parameters.get("state"), None);
        assert_eq!(parameters.get("flag"), None);
    }

    #[test]
    fn a_parameter_sent_twice_is_a_duplicate_even_with_the_same_value() {
        assert_eq!(Parameters::parse(b"a=1&b=2&a=1").unwrap().duplicate(), Some("a"));
        assert_eq!(Parameters::parse(b"a=1&%61=2").unwrap().duplicate(), Some("a"));
        assert_eq!(Parameters::parse(b"a=&a=1").unwrap().duplicate(), Some("a"));
        assert_eq!(Parameters::parse(b"resource=1&resource=2").unwrap().duplicate(), None);
    }

    #[test]
    fn what_cannot_be_read_one_way_only_is_not_read() {
        assert_eq!(Parameters::parse(b"a=%zz").unwrap_err(), Malformed::PercentEncoding);
        assert_eq!(Parameters::parse(b"a=%4").unwrap_err(), Malformed::PercentEncoding);
        assert_eq!(Parameters::parse(b"a=%ff").unwrap_err(), Malformed::NotUtf8);
        assert_eq!(Parameters::parse(b"a=\xff").unwrap_err(), Malformed::NotUtf8);
        assert_eq!(Parameters::parse(b"a=%0d%0aX").unwrap_err(), Malformed::ControlCharacter);
        assert_eq!(Parameters::parse(b"a=%00").unwrap_err(), Malformed::ControlCharacter);
        assert_eq!(Parameters::parse_form(b"a=1%0d%0a2%0a3").unwrap().get("a"), Some("1\n2\n3"));
        for bad in [&b"a=%00"[..], b"a=%1b", b"a%0a=1"] {
            assert_eq!(Parameters::parse_form(bad).unwrap_err(), Malformed::ControlCharacter);
        }
        assert_eq!(Parameters::parse("a=1&".repeat(101).as_bytes()).unwrap_err(), Malformed::TooMany);
    }

    proptest! {
        #[test]
        fn any_value_survives_encoding(value in "[^\\p{Cc}]{1,60}") {
            let body = format!("state={}", percent_encode(&value));
            let parsed = Parameters::parse(body.as_bytes()).unwrap();
            prop_assert_eq!(parsed.get("state"), Some(value.as_str()));
            prop_assert_eq!(parsed.to_query(), body);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Parameters::parse(&raw);
        }
    }
}
