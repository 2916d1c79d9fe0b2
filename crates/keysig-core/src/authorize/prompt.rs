//! `prompt` (OpenID Connect Core §3.1.2.1): what the person must be shown, or must not be.

/// What a request says about pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Prompt {
    /// No page at all: an answer or an error.
    pub none: bool,
    /// Sign in anew, whoever is signed in.
    pub login: bool,
    /// Ask for consent again (the Spotify API's `show_dialog`).
    pub consent: bool,
    /// Show which account it is.
    pub select_account: bool,
}

/// A value that does not exist, or `none` beside another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PromptRefused;

impl Prompt {
    /// All values, as discovery lists them.
    pub const VALUES: [&'static str; 4] = ["none", "login", "consent", "select_account"];

    /// Reads the parameter.
    pub fn parse(parameter: &str) -> Result<Self, PromptRefused> {
        let mut prompt = Self::default();
        for value in parameter.split(' ').filter(|value| !value.is_empty()) {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return Err(PromptRefused),
            }
        }
        let shows = prompt.login || prompt.consent || prompt.select_account;
        if prompt.none && shows { Err(PromptRefused) } else { Ok(prompt) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone_and_unknown_values_are_refused() {
        let both = Prompt { login: true, consent: true, ..Prompt::default() };
        assert_eq!(Prompt::parse("login consent"), Ok(both));
        assert_eq!(Prompt::parse(""), Ok(Prompt::default()));
        for bad in ["none login", "consent none", "create", "LOGIN", "login,consent"] {
            assert_eq!(Prompt::parse(bad), Err(PromptRefused), "{bad}");
        }
    }
}
