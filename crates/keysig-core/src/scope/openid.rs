//! The scopes of OpenID Connect, which mean the same on every server and are no operator's to define
//! (OpenID Connect Core §5.4, §11). Their numbers are the last eight, which no catalogue file may use.

use std::collections::BTreeMap;

use super::{Risk, ScopeEntry, ScopeGroup, ScopeSet, ScopeText};

/// Numbers from here on are not for catalogue files.
pub(super) const FIRST_RESERVED: u8 = 120;

impl ScopeSet {
    /// `openid`: the request is one of OpenID Connect.
    pub const OPENID: Self = Self::one(124);
    /// `profile`: name and user name.
    pub const PROFILE: Self = Self::one(125);
    /// `email`: the address, and whether it was verified.
    pub const EMAIL: Self = Self::one(126);
    /// `offline_access`: the login outlives the browser session.
    pub const OFFLINE_ACCESS: Self = Self::one(127);
    /// All four.
    pub const OPENID_CONNECT: Self = Self(Self::OPENID.0 | Self::PROFILE.0 | Self::EMAIL.0 | Self::OFFLINE_ACCESS.0);

    const fn one(number: u8) -> Self {
        Self(1 << number)
    }

    /// Whether the request, login or token is one of OpenID Connect.
    pub fn is_openid(self) -> bool {
        Self::OPENID.is_subset(self)
    }
}

/// Title, detail and what an app without it will not do.
type Text = [&'static str; 3];

/// The entries beside those of the operator's file, in every language that pages are written in.
pub(super) fn entries() -> [ScopeEntry; 4] {
    let entry = |number, name: &str, risk, texts: [(&str, Text); 3]| ScopeEntry {
        id: number,
        name: name.to_owned(),
        aliases: Vec::new(),
        group: ScopeGroup::See,
        risk,
        can_delete: false,
        endpoints: Vec::new(),
        retired: false,
        text: BTreeMap::from(texts.map(|(language, [title, detail, will_not])| {
            let [title, detail, will_not] = [title, detail, will_not].map(str::to_owned);
            (language.to_owned(), ScopeText { title, detail, will_not })
        })),
    };
    [
        entry(
            124,
            "openid",
            Risk::Little,
            [
                ("en", ["That it is you", "So you can sign in to the app with this account", ""]),
                ("de", ["Dass Sie es sind", "Damit Sie sich mit diesem Konto bei der App anmelden können", ""]),
                ("ar", ["أنك أنت", "لتتمكن من تسجيل الدخول إلى التطبيق بهذا الحساب", ""]),
            ],
        ),
        entry(
            125,
            "profile",
            Risk::Little,
            [
                ("en", ["Your name", "Display name and user name", ""]),
                ("de", ["Ihr Name", "Anzeigename und Benutzername", ""]),
                ("ar", ["اسمك", "الاسم المعروض واسم المستخدم", ""]),
            ],
        ),
        entry(
            126,
            "email",
            Risk::Personal,
            [
                ("en", ["Your email address", "So the app can contact you", "See your email address"]),
                ("de", ["Ihre E-Mail-Adresse", "Damit die App Sie erreichen kann", "Ihre E-Mail-Adresse sehen"]),
                ("ar", ["عنوان بريدك الإلكتروني", "ليتمكن التطبيق من التواصل معك", "رؤية عنوان بريدك الإلكتروني"]),
            ],
        ),
        entry(
            127,
            "offline_access",
            Risk::Little,
            [
                ("en", ["All this while you are away", "Also after you sign out here, until you remove the app", ""]),
                (
                    "de",
                    [
                        "All das, während Sie weg sind",
                        "Auch nachdem Sie sich hier abmelden, bis Sie die App entfernen",
                        "",
                    ],
                ),
                ("ar", ["كل هذا أثناء غيابك", "حتى بعد تسجيل خروجك هنا، إلى أن تزيل التطبيق", ""]),
            ],
        ),
    ]
}
