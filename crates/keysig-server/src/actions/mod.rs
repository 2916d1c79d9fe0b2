//! What operators do, each written once: a page of the operator area, an endpoint of the admin API and a verb of the command
//! line are three faces of one function here. Each is recorded in the audit, in the transaction of what it does.

pub mod api_keys;
pub mod apps;
pub mod audit;
pub mod audit_copy;
pub mod brand;
pub mod keys;
pub mod limits;
pub mod policy;
pub mod review;
pub mod scopes;
pub mod settings;
pub mod users;

use std::fmt;

use keysig_core::audit::{AuditAction, AuditRecord, MAX_ABOUT_CHARS};
use keysig_core::id::{EventId, UserId};
use keysig_core::user::Role;
use keysig_store::StoreError;

use crate::server::Server;

/// Who acts.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The person; nobody where it is the command line, on the server's own machine.
    pub user: Option<UserId>,
    /// What they may do.
    pub role: Role,
    /// Where it came from; empty for the command line.
    pub address: String,
    /// The request it came by; empty for the command line.
    pub request_id: String,
    /// The key of the admin API it was asked with, by its name and last four characters; empty where by none.
    pub by_key: String,
}

impl Actor {
    /// Whoever has a shell on the server's own machine may do everything.
    pub fn command_line() -> Self {
        let nothing = String::new;
        Self { user: None, role: Role::Operator, address: nothing(), request_id: nothing(), by_key: nothing() }
    }

    /// A record of what they do.
    pub fn record(&self, server: &Server, action: AuditAction, about: &str) -> AuditRecord {
        AuditRecord {
            id: EventId::generate(server.now(), &*server.rng),
            actor: self.user,
            action,
            app: None,
            user: None,
            // A line of its own could pass for another record where records are printed.
            about: about.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_ABOUT_CHARS).collect(),
            address: self.address.clone(),
            request_id: self.request_id.clone(),
            by_key: self.by_key.clone(),
        }
    }

    /// Refuses whoever may do less than `role`.
    pub fn needs(&self, role: Role) -> Result<(), ActionRefused> {
        if self.role >= role { Ok(()) } else { Err(ActionRefused::NotAllowed { needed: role }) }
    }
}

/// Why something is not done.
#[derive(Debug)]
pub enum ActionRefused {
    /// Their role is too small.
    NotAllowed {
        /// The one that may.
        needed: Role,
    },
    /// Nothing of this id is there.
    NotFound,
    /// Nothing is there that goes by what was given, in one sentence.
    Unknown(String),
    /// What was given cannot be read.
    Malformed {
        /// Which part of it, if one is to blame.
        field: Option<String>,
        /// In plain words.
        problem: String,
    },
    /// A value will not do: which, and what is wrong with it in one sentence.
    Invalid {
        /// The field.
        field: &'static str,
        /// In plain words.
        problem: String,
    },
    /// It does not go together with how things are now, in one sentence.
    Conflict(String),
    /// The store does not answer.
    Store(StoreError),
}

impl From<StoreError> for ActionRefused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for ActionRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed { needed } => write!(f, "this needs the role {}", needed.name()),
            Self::NotFound => f.write_str("there is no such thing"),
            Self::Invalid { field, problem } => write!(f, "{field}: {problem}"),
            Self::Malformed { field: Some(field), problem } => write!(f, "{field}: {problem}"),
            Self::Unknown(problem) | Self::Malformed { field: None, problem } | Self::Conflict(problem) => {
                f.write_str(problem)
            }
            Self::Store(error) => write!(f, "the store does not answer: {error}"),
        }
    }
}
