//! Why a redirect URI is not taken, in words.

use keysig_core::redirect_uri::RegistrationRefused;

use crate::language::{Sentence, Words};

/// One sentence, of `work.ftl`.
pub fn redirect_problem(words: Words, reason: RegistrationRefused) -> Sentence {
    words.say(match reason {
        RegistrationRefused::TooLong => "uri-too-long",
        RegistrationRefused::StrayCharacter => "uri-stray",
        RegistrationRefused::NoScheme => "uri-no-scheme",
        RegistrationRefused::DangerousScheme => "uri-dangerous",
        RegistrationRefused::Localhost => "uri-localhost",
        RegistrationRefused::Insecure => "uri-insecure",
        RegistrationRefused::Fragment => "uri-fragment",
        RegistrationRefused::Wildcard => "uri-wildcard",
        RegistrationRefused::UserInfo => "uri-user-info",
        RegistrationRefused::DotSegment => "uri-dots",
        RegistrationRefused::NoHost => "uri-no-host",
        RegistrationRefused::SchemeWithoutDot => "uri-no-dot",
    })
}
