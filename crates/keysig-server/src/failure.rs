//! Why a command of the binary ends early: one sentence that says what to do, and the exit code.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

/// Why a command ends early. The text is for the person at the terminal and never holds a secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// What was asked for cannot be: a wrong option, a wrong line in a file, a directory of the wrong kind. Exit code 2.
    #[error("{0}")]
    Setup(String),
    /// It could be, but did not work this time. Exit code 1.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    /// A [`Failure::Setup`].
    pub fn setup(text: impl Into<String>) -> Self {
        Self::Setup(text.into())
    }

    /// A [`Failure::Failed`].
    pub fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// A file or directory that could not be used.
    pub fn of_file(path: &Path, reason: impl Display) -> Self {
        Self::Failed(format!("{}: {reason}", path.display()))
    }

    /// As the process ends.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Setup(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::from(1),
        }
    }
}

/// A mistake in a TOML file as one line: which file, which line, what.
pub fn toml_mistake(file: &str, text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace("unknown field", "unknown key").replace('\n', " ");
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("{file}, line {}: {message}", 1 + before.matches('\n').count()),
        None => format!("{file}: {message}"),
    }
}
