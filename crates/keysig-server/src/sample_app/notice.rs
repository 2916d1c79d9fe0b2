//! One sentence about what just happened.

use axum::response::{IntoResponse, Redirect, Response};

/// What just happened, carried to the next page as `?notice=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Denied,
    Kept,
    MoreAllowed,
    Renewed,
    LoggedOut,
    Disconnected,
    RemovedByServer,
}

impl Notice {
    const ALL: [Self; 7] = [
        Self::Denied,
        Self::Kept,
        Self::MoreAllowed,
        Self::Renewed,
        Self::LoggedOut,
        Self::Disconnected,
        Self::RemovedByServer,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Kept => "kept",
            Self::MoreAllowed => "more-allowed",
            Self::Renewed => "renewed",
            Self::LoggedOut => "logged-out",
            Self::Disconnected => "disconnected",
            Self::RemovedByServer => "removed",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Denied => "You chose not to allow it. Nothing was shared. You can try again at any time.",
            Self::Kept => "You kept things as they were. Nothing changed.",
            Self::MoreAllowed => "Thank you. Playlist Peek can now see your saved music too.",
            Self::Renewed => "The access was renewed. You did not have to sign in again.",
            Self::LoggedOut => {
                "You are logged out here. Playlist Peek is still connected to your account, so next time you come \
                 straight back in."
            }
            Self::Disconnected => "Playlist Peek is disconnected. It no longer has any access.",
            Self::RemovedByServer => {
                "Demo Music ended the access of Playlist Peek, so you were signed out. Perhaps you removed it in \
                 Connected apps. You can connect again."
            }
        }
    }

    pub(super) fn said(query: Option<&str>) -> Option<Self> {
        let name = query?.strip_prefix("notice=")?;
        Self::ALL.into_iter().find(|notice| notice.name() == name)
    }

    /// To the home page, saying this.
    pub(super) fn redirect(notice: Option<Self>) -> Response {
        match notice {
            Some(notice) => Redirect::to(&format!("/?notice={}", notice.name())).into_response(),
            None => Redirect::to("/").into_response(),
        }
    }
}
