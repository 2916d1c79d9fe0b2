//! What an authorization request asks to get back, and how it travels (OAuth 2.0 Multiple Response Type Encoding
//! Practices §2, §3, §5; OAuth 2.0 Form Post Response Mode §2).

/// A set of `code`, `id_token` and `token`, never empty (RFC 6749 §3.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResponseType(u8);

impl ResponseType {
    /// A code and nothing else: the one that needs no switch.
    pub const CODE: Self = Self(1);
    /// An ID token.
    pub const ID_TOKEN: Self = Self(2);
    /// An access token.
    pub const TOKEN: Self = Self(4);

    /// All that exist, as discovery lists them.
    pub const ALL: [&'static str; 7] =
        ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "token"];

    /// Reads the parameter: names in any order, each once.
    pub fn parse(parameter: &str) -> Option<Self> {
        let mut all = 0;
        for name in parameter.split(' ') {
            let one = match name {
                "code" => Self::CODE,
                "id_token" => Self::ID_TOKEN,
                "token" => Self::TOKEN,
                _ => return None,
            };
            if all & one.0 != 0 {
                return None;
            }
            all |= one.0;
        }
        Some(Self(all))
    }

    /// As sealed and kept.
    pub fn number(self) -> u8 {
        self.0
    }

    /// From what was sealed or kept.
    pub fn from_number(number: u8) -> Option<Self> {
        (1..=7).contains(&number).then_some(Self(number))
    }

    const fn has(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }

    /// Whether a code is asked for.
    pub const fn has_code(self) -> bool {
        self.has(Self::CODE)
    }

    /// Whether an ID token is asked for, in the front channel.
    pub const fn has_id_token(self) -> bool {
        self.has(Self::ID_TOKEN)
    }

    /// Whether an access token is asked for, in the front channel.
    pub const fn has_token(self) -> bool {
        self.has(Self::TOKEN)
    }

    /// Whether tokens pass through the browser: implicit and hybrid flows.
    pub const fn is_legacy(self) -> bool {
        self.has_id_token() || self.has_token()
    }

    /// How the answer travels where nothing is said: tokens never in a query, which servers log.
    pub const fn default_mode(self) -> ResponseMode {
        if self.is_legacy() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

/// How an answer travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResponseMode {
    /// In the query.
    Query,
    /// In the fragment, which browsers send to no server.
    Fragment,
    /// In a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// The mode of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_any_order_and_once() {
        for text in ResponseType::ALL {
            let parsed = ResponseType::parse(text).unwrap();
            let turned = text.split(' ').rev().collect::<Vec<_>>().join(" ");
            assert_eq!(ResponseType::parse(&turned), Some(parsed));
            assert_eq!(ResponseType::from_number(parsed.number()), Some(parsed));
        }
        for bad in ["", " ", "code code", "code  token", "Code", "none", "code,token", "id_token token id_token"] {
            assert_eq!(ResponseType::parse(bad), None, "{bad}");
        }
        assert_eq!(ResponseType::from_number(0), None);
        assert_eq!(ResponseType::from_number(8), None);
    }

    #[test]
    fn tokens_never_travel_in_a_query_by_themselves() {
        assert_eq!(ResponseType::CODE.default_mode(), ResponseMode::Query);
        for text in ResponseType::ALL.into_iter().skip(1) {
            assert_eq!(ResponseType::parse(text).unwrap().default_mode(), ResponseMode::Fragment);
        }
    }
}
