//! Registering people and apps from outside a browser: seed files, the command line, the control socket. One function for
//! each, so that the same rules hold whichever way they come.

pub mod api;
pub mod app;
pub mod app_profile;
pub mod invitation;
mod look_alike;
pub mod user;

use keysig_core::id::AppId;
use keysig_core::redirect_uri::RegistrationRefused;
use keysig_store::{Store, StoreError, reviews};

use look_alike::{at_a_glance, look_alike};

/// Names are no longer than this many characters.
const MAX_NAME_CHARS: usize = 80;

/// Why somebody or something is not registered.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No address that mail could reach.
    #[error("`{0}` is not an e-mail address")]
    Email(String),
    /// The address has an account.
    #[error("there is a user with the e-mail address {0} already")]
    EmailTaken(String),
    /// Ids stand in addresses and uris.
    #[error("the id `{0}` is not 1 to 64 of a-z, 0-9, `.`, `_` and `-`")]
    UserId(String),
    /// The id has an account.
    #[error("there is a user with the id `{0}` already")]
    UserIdTaken(String),
    /// Empty, too long, or with characters that change how the rest of a page reads.
    #[error("`{0}` is not a name: 1 to 80 characters, none of them invisible")]
    Name(String),
    /// ISO 3166-1 alpha-2.
    #[error("`{0}` is not a country: two capital letters, such as SE")]
    Country(String),
    /// Its length.
    #[error("a password has 12 to 128 characters")]
    Password,
    /// Neither or unreadable.
    #[error("a user needs a password")]
    NoPassword,
    /// Given client IDs match `[A-Za-z0-9._-]{1,64}`.
    #[error("the client ID `{0}` is not 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`")]
    ClientId(String),
    /// Client IDs are unique.
    #[error("there is an app with the client ID `{0}` already")]
    ClientIdTaken(String),
    /// A public app has no secret.
    #[error("a public app has no secret: leave client_secret out")]
    PublicWithSecret,
    /// The address of an account is needed.
    #[error("there is no user {0}: add them first")]
    NoSuchUser(String),
    /// One to twenty.
    #[error("an app has 1 to 20 redirect URIs, not {0}")]
    RedirectUriCount(usize),
    /// The rule that the address breaks.
    #[error("redirect URI {0}: {1}")]
    RedirectUri(String, RegistrationRefused),
    /// A list is a set.
    #[error("redirect URI {0} is there twice")]
    RedirectUriTwice(String),
    /// An address that is told of sign-outs.
    #[error("logout address {0}: {1}")]
    LogoutUri(String, RegistrationRefused),
    /// No program on a device is told by a server, or in a frame.
    #[error("logout address {0}: only https (or http://127.0.0.1) can be told")]
    LogoutScheme(String),
    /// A page of ours frames no stranger's page.
    #[error("front-channel logout address {0}: it must have the scheme, host and port of a redirect URI of the app")]
    FrameElsewhere(String),
    /// Without a secret a code is protected by PKCE alone (RFC 9700 §2.1.1).
    #[error("a public app cannot go without PKCE")]
    PublicWithoutPkce,
    /// A host name.
    #[error("the sector `{0}` is not a host name, such as app.example")]
    Sector(String),
    /// A link on the consent page.
    #[error("the address {0} is not an http or https address")]
    Homepage(String),
    /// It looks like another one.
    #[error("`{0}` may be taken for another name: {1}")]
    LookAlike(String, &'static str),
    /// The developer's sentence about a scope.
    #[error("the reason for `{0}` is not one sentence of 1 to 120 characters, none of them invisible")]
    Reason(String),
    /// A choice of four.
    #[error("`{0}` is not `until disconnected`, `not kept` or a number of days up to 3650, such as `30 days`")]
    KeepsData(String),
    /// Nobody signs in without signing in.
    #[error("`openid` cannot be optional")]
    OptionalSignIn,
    /// Not in the scope catalogue.
    #[error("there is no scope `{0}`")]
    Scope(String),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A character that nobody sees, or that turns the direction of others.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What somebody writes in plain text, without blanks around it; lines end in one way. `Err` says what is wrong with it.
pub fn checked_words(text: &str, most_chars: usize) -> Result<String, &'static str> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    if text.chars().count() > most_chars {
        return Err("This is too long.");
    }
    match text.chars().any(|c| c != '\n' && is_invisible(c)) {
        true => Err("There is a character in it that nobody sees."),
        false => Ok(text.to_owned()),
    }
}

/// The name of an app: no word of it mixes alphabets, so that none reads as another (Unicode TR39 §5), and it is not that
/// of the service itself. The operator's own apps, which come without a `brand`, may have that.
fn app_name(text: &str, brand: Option<&str>) -> Result<String, Refused> {
    let text = name(text)?;
    let brand = brand.map(at_a_glance).filter(|brand| !brand.is_empty());
    if brand.is_some_and(|brand| brand == at_a_glance(&text)) {
        return Err(Refused::LookAlike(text, "it reads like the name of this service"));
    }
    match look_alike(&text) {
        Some(why) => Err(Refused::LookAlike(text, why)),
        None => Ok(text),
    }
}

/// Whether a name reads like that of a reviewed app, which people may know: no other takes its badge along.
pub async fn reads_like_a_reviewed_app(store: &Store, name: &str, app: Option<AppId>) -> Result<bool, StoreError> {
    let read = at_a_glance(name);
    let others = reviews::names_of_others(store, app).await?;
    Ok(!read.is_empty() && others.iter().any(|other| at_a_glance(other) == read))
}

/// A name as people see it, without blanks around it. Invisible and direction-changing characters could make one app or
/// person look like another (Unicode TR36 §2).
pub fn name(text: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_NAME_CHARS || text.chars().any(is_invisible) {
        return Err(Refused::Name(text.chars().filter(|c| !is_invisible(*c)).take(MAX_NAME_CHARS).collect()));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_does_not_look_like_the_service() {
        assert!(app_name("Playlist Peek", Some("Demo Music")).is_ok());
        assert!(app_name("Demo Music", None).is_ok(), "the operator's own");
        for bad in ["Demo Music", "dem0 music!", "Demo Mus\u{456}c"] {
            assert!(matches!(app_name(bad, Some("Demo Music")), Err(Refused::LookAlike(..))), "{bad}");
        }
        assert!(matches!(app_name("Sp\u{43e}t", Some("Demo Music")), Err(Refused::LookAlike(..))));
    }

    #[test]
    fn a_name_shows_all_it_holds() {
        assert_eq!(name("  Ada Löv ").unwrap(), "Ada Löv");
        for bad in ["", "  ", "Ada\u{202e}moc.live", "Ada\nB", "A\u{200b}da", &"x".repeat(81)] {
            assert!(matches!(name(bad), Err(Refused::Name(_))), "{bad:?}");
        }
        assert!(name(&"ä".repeat(80)).is_ok());
    }
}
