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

/// The entries beside those of the operator's file.
pub(super) fn entries() -> [ScopeEntry; 4] {
    let entry = |number, name: &str, risk, title: &str, detail: &str, will_not: &str| ScopeEntry {
        id: number,
        name: name.to_owned(),
        aliases: Vec::new(),
        group: ScopeGroup::See,
        risk,
        can_delete: false,
        endpoints: Vec::new(),
        text: BTreeMap::from([(
            "en".to_owned(),
            ScopeText { title: title.to_owned(), detail: detail.to_owned(), will_not: will_not.to_owned() },
        )]),
    };
    [
        entry(124, "openid", Risk::Little, "That it is you", "So you can sign in to the app with this account", ""),
        entry(125, "profile", Risk::Little, "Your name", "Display name and user name", ""),
        entry(
            126,
            "email",
            Risk::Personal,
            "Your email address",
            "So the app can contact you",
            "See your email address",
        ),
        entry(
            127,
            "offline_access",
            Risk::Little,
            "All this while you are away",
            "Also after you sign out here, until you remove the app",
            "",
        ),
    ]
}
