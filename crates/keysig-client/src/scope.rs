//! What an app may ask for, RFC 6749 §3.3.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! scope_enum {
    ($($variant:ident $wire:literal,)*) => {
        /// One permission. The named ones are Spotify's; a server of your own may have others.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Scope {
            $(#[doc = concat!("`", $wire, "`")] $variant,)*
            /// A permission that is not in Spotify's list.
            Other(String),
        }

        impl Scope {
            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Other(name) => name,
                }
            }
        }

        impl From<&str> for Scope {
            fn from(name: &str) -> Self {
                match name {
                    $($wire => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }
    };
}

scope_enum! {
    AppRemoteControl "app-remote-control",
    PlaylistModifyPrivate "playlist-modify-private",
    PlaylistModifyPublic "playlist-modify-public",
    PlaylistReadCollaborative "playlist-read-collaborative",
    PlaylistReadPrivate "playlist-read-private",
    Streaming "streaming",
    UgcImageUpload "ugc-image-upload",
    UserFollowModify "user-follow-modify",
    UserFollowRead "user-follow-read",
    UserLibraryModify "user-library-modify",
    UserLibraryRead "user-library-read",
    UserModifyPlaybackState "user-modify-playback-state",
    UserReadCurrentlyPlaying "user-read-currently-playing",
    UserReadEmail "user-read-email",
    UserReadPlaybackPosition "user-read-playback-position",
    UserReadPlaybackState "user-read-playback-state",
    UserReadPrivate "user-read-private",
    UserReadRecentlyPlayed "user-read-recently-played",
    UserTopRead "user-top-read",
}

/// A set of permissions; on the wire one string with a space between two names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// No permission: only what is public.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads the `scope` of RFC 6749 §3.3.
    pub fn parse(scope: &str) -> Self {
        scope.split_ascii_whitespace().map(Scope::from).collect()
    }

    /// Whether `scope` is among them.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These and those: what to ask for when an app needs one permission more.
    pub fn union(&self, more: &Scopes) -> Self {
        self.0.union(&more.0).cloned().collect()
    }

    /// Each of them, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            write!(f, "{gap}{}", scope.as_str())?;
        }
        Ok(())
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|scope| Self::parse(&scope))
    }
}

/// A set of [`Scope`]s by name: `scopes![UserReadEmail, PlaylistReadPrivate]`.
#[macro_export]
macro_rules! scopes {
    ($($scope:ident),* $(,)?) => {
        [$($crate::Scope::$scope),*].into_iter().collect::<$crate::Scopes>()
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_and_written_as_one_string() {
        let scopes = Scopes::parse("user-read-email  my-own playlist-read-private");
        assert!(scopes.contains(&Scope::UserReadEmail));
        assert!(scopes.contains(&Scope::Other("my-own".into())));
        assert_eq!(scopes.to_string(), "playlist-read-private user-read-email my-own");
    }

    #[test]
    fn a_union_holds_both_and_each_once() {
        let more = crate::scopes![UserReadEmail].union(&crate::scopes![UserReadEmail, UserTopRead]);
        assert_eq!(more.to_string(), "user-read-email user-top-read");
    }

    #[test]
    fn an_empty_scope_is_no_permission() {
        assert!(Scopes::parse("").is_empty());
        assert_eq!(Scopes::none().to_string(), "");
    }
}
