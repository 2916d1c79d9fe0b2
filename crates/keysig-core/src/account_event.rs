//! What happens to an account, as its owner is told (Security, "Last events").

/// The kinds of events. Names are stored: they never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountEvent {
    /// Somebody signed in; about: by what.
    SignedIn,
    /// A session was ended from another one, or all were.
    SignedOutElsewhere,
    /// A password was set, changed or reset.
    PasswordChanged,
    /// A passkey was added; about: its name.
    PasskeyAdded,
    /// A passkey was removed; about: its name.
    PasskeyRemoved,
    /// A second step was set up.
    SecondStepAdded,
    /// It was removed.
    SecondStepRemoved,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// New recovery codes were made.
    RecoveryCodesMade,
    /// The address changed; about: the new one.
    EmailChanged,
    /// An account elsewhere was linked; about: the provider.
    UpstreamLinked,
    /// It was unlinked; about: the provider.
    UpstreamUnlinked,
    /// An app was allowed, or allowed more; about: its name.
    AppAllowed,
    /// An app's access was reduced; about: its name.
    AppReduced,
    /// An app was paused; about: its name.
    AppPaused,
    /// It was resumed; about: its name.
    AppResumed,
    /// An app was removed; about: its name.
    AppRemoved,
    /// The data of the account was exported.
    Exported,
}

impl AccountEvent {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::SignedIn,
        Self::SignedOutElsewhere,
        Self::PasswordChanged,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::SecondStepAdded,
        Self::SecondStepRemoved,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesMade,
        Self::EmailChanged,
        Self::UpstreamLinked,
        Self::UpstreamUnlinked,
        Self::AppAllowed,
        Self::AppReduced,
        Self::AppPaused,
        Self::AppResumed,
        Self::AppRemoved,
        Self::Exported,
    ];

    /// The name in its column and of its words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignedOutElsewhere => "signed-out-elsewhere",
            Self::PasswordChanged => "password-changed",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
            Self::SecondStepAdded => "second-step-added",
            Self::SecondStepRemoved => "second-step-removed",
            Self::RecoveryCodeUsed => "recovery-code-used",
            Self::RecoveryCodesMade => "recovery-codes-made",
            Self::EmailChanged => "email-changed",
            Self::UpstreamLinked => "upstream-linked",
            Self::UpstreamUnlinked => "upstream-unlinked",
            Self::AppAllowed => "app-allowed",
            Self::AppReduced => "app-reduced",
            Self::AppPaused => "app-paused",
            Self::AppResumed => "app-resumed",
            Self::AppRemoved => "app-removed",
            Self::Exported => "exported",
        }
    }

    /// From its column.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}
