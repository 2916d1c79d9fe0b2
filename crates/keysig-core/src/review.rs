//! The review of an app: its makers ask for it, and those who run the server look at the app and answer.

/// Where a review stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReviewState {
    /// Its makers asked, and wait.
    Waiting,
    /// They were asked something.
    AskedBack,
    /// It was found good, as it was then.
    Approved,
    /// It was not found good.
    Refused,
}

impl ReviewState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::AskedBack, Self::Approved, Self::Refused];

    /// The name in columns and programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::AskedBack => "asked-back",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The makers of the app.
    Developer,
    /// Those who run the server.
    Operator,
}

impl Side {
    /// The name in columns and programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Operator => "operator",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Developer, Self::Operator].into_iter().find(|side| side.name() == name)
    }
}
