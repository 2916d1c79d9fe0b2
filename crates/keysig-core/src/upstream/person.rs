//! Whom a provider names: read from an ID token's claims, or from a user endpoint by configured fields.

use serde_json::{Map, Value};

use crate::user::canonical_email;

/// No subject is longer (OpenID Connect Core §2).
pub const MAX_SUBJECT_BYTES: usize = 255;
const MAX_NAME_CHARS: usize = 80;
const MAX_EMAIL_BYTES: usize = 254;

/// Where a user endpoint's answer has what: names of members, or JSON pointers (RFC 6901), which begin with `/`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fields {
    /// What never changes and is never given to anybody else.
    pub subject: String,
    /// What others see.
    pub name: Option<String>,
    /// An address.
    pub email: Option<String>,
    /// Whether that address was confirmed: `true` and nothing else says so.
    pub email_verified: Option<String>,
}

impl Fields {
    /// The standard claims (OpenID Connect Core §5.1).
    pub fn openid() -> Self {
        let named = |name: &str| Some(name.to_owned());
        Self {
            subject: "sub".to_owned(),
            name: named("name"),
            email: named("email"),
            email_verified: named("email_verified"),
        }
    }
}

/// Somebody, as a provider names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Who, compared byte for byte: providers tell upper and lower case apart.
    pub subject: String,
    /// What to call them; may be empty.
    pub name: String,
    /// Their address in its one spelling, if there is one.
    pub email: Option<String>,
    /// Whether the provider says that it is theirs.
    pub email_verified: bool,
}

fn find<'a>(answer: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    match field.strip_prefix('/') {
        None => answer.get(field),
        Some(path) => {
            let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
            let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
            let value = answer.get(&unescaped(first))?;
            rest.map_or(Some(value), |rest| value.pointer(&format!("/{rest}")))
        }
    }
}

/// A subject is a text or a whole number. A fraction, a list or nothing at all would be the same for many people.
fn subject(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() || number.is_i64() => number.to_string(),
        _ => return None,
    };
    let fits = (1..=MAX_SUBJECT_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    fits.then_some(text)
}

impl Person {
    /// Reads an answer; `None` if it names nobody.
    pub fn read(answer: &Map<String, Value>, fields: &Fields) -> Option<Self> {
        let text = |field: &Option<String>| find(answer, field.as_ref()?)?.as_str();
        let email = text(&fields.email).map(canonical_email);
        let email = email.filter(|email| email.len() <= MAX_EMAIL_BYTES && email.contains('@'));
        let name = text(&fields.name).unwrap_or_default().trim();
        let verified = fields.email_verified.as_ref().and_then(|field| find(answer, field));
        Some(Self {
            subject: subject(find(answer, &fields.subject)?)?,
            name: name.chars().filter(|character| !character.is_control()).take(MAX_NAME_CHARS).collect(),
            // "true" as a text, 1 and the like are not the word of a provider that knows what it says.
            email_verified: email.is_some() && verified == Some(&Value::Bool(true)),
            email,
        })
    }

    /// Takes the address from a list of `{email, primary, verified}`: the primary one, if it was confirmed.
    pub fn take_email(&mut self, list: &Value) {
        let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let is = |entry: &Value, what: &str| entry.get(what) == Some(&Value::Bool(true));
        let primary = entries.iter().find(|entry| is(entry, "primary"));
        let address = primary.and_then(|entry| Some((canonical_email(entry.get("email")?.as_str()?), entry)));
        if let Some((email, entry)) = address.filter(|(email, _)| email.len() <= MAX_EMAIL_BYTES && email.contains('@'))
        {
            self.email_verified = is(entry, "verified");
            self.email = Some(email);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(answer: Value, fields: &Fields) -> Option<Person> {
        Person::read(answer.as_object().unwrap(), fields)
    }

    #[test]
    fn the_answers_of_real_providers_are_read() {
        let github = Fields {
            subject: "id".to_owned(),
            name: Some("login".to_owned()),
            email: Some("email".to_owned()),
            email_verified: None,
        };
        let person = read(json!({"id": 583231, "login": "octocat", "email": null}), &github).unwrap();
        assert_eq!((person.subject.as_str(), person.name.as_str(), person.email), ("583231", "octocat", None));
        let spotify = Fields { subject: "id".to_owned(), name: Some("display_name".to_owned()), ..github };
        let person = read(json!({"id": "Ada", "display_name": null, "email": " Ada@Example.test "}), &spotify).unwrap();
        assert_eq!((person.subject.as_str(), person.name.as_str()), ("Ada", ""));
        assert_eq!((person.email.as_deref(), person.email_verified), (Some("ada@example.test"), false));
        let nested = Fields { subject: "/data/id".to_owned(), name: Some("/data/na~1me".to_owned()), ..spotify };
        assert_eq!(read(json!({"data": {"id": "7", "na/me": "Ada"}}), &nested).unwrap().name, "Ada");
    }

    #[test]
    fn who_is_not_named_plainly_is_nobody() {
        for subject in [
            json!(null),
            json!(""),
            json!(true),
            json!(1.5),
            json!(1e300),
            json!([]),
            json!({}),
            json!("a\u{0}b"),
            json!("s".repeat(256)),
        ] {
            assert_eq!(read(json!({ "sub": subject }), &Fields::openid()), None, "{subject}");
        }
        assert_eq!(read(json!({}), &Fields::openid()), None);
        assert_ne!(
            read(json!({"sub": "ADA"}), &Fields::openid()),
            read(json!({"sub": "ada"}), &Fields::openid()),
            "case is told apart"
        );
    }

    #[test]
    fn only_true_says_that_an_address_was_confirmed() {
        let verified = |answer: Value| read(answer, &Fields::openid()).unwrap().email_verified;
        assert!(verified(json!({"sub": "a", "email": "a@b.test", "email_verified": true})));
        for said in [json!("true"), json!(1), json!("yes"), json!(null), json!([true])] {
            assert!(!verified(json!({"sub": "a", "email": "a@b.test", "email_verified": said})), "{said}");
        }
        assert!(!verified(json!({"sub": "a", "email_verified": true})), "of no address");
    }

    #[test]
    fn of_a_list_of_addresses_the_primary_one_is_taken_as_it_is() {
        let mut person = read(json!({"sub": "a"}), &Fields::openid()).unwrap();
        person.take_email(&json!([
            {"email": "other@b.test", "primary": false, "verified": true},
            {"email": "A@b.test", "primary": true, "verified": true},
        ]));
        assert_eq!((person.email.as_deref(), person.email_verified), (Some("a@b.test"), true));
        person.take_email(&json!([{"email": "c@b.test", "primary": true, "verified": false}]));
        assert_eq!((person.email.as_deref(), person.email_verified), (Some("c@b.test"), false));
        for nothing in [json!({}), json!([]), json!([{"email": "x@b.test", "verified": true}]), json!([7])] {
            person.take_email(&nothing);
            assert_eq!(person.email.as_deref(), Some("c@b.test"), "{nothing}");
        }
    }
}
