//! How the server is, and how an app is.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Nothing, apps};
use crate::actions::{self, ActionRefused, Actor};
use crate::app_health;
use crate::health::{self, Check, Verdict};
use crate::server::Server;

/// All checks, and the worst of their verdicts.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Health {
    /// The worst of the checks.
    verdict: Verdict,
    /// Each check.
    checks: Vec<Check>,
}

pub(super) async fn all(server: &Server, _: &Actor, _: Nothing) -> Result<Health, ActionRefused> {
    Ok(of(health::all(server).await))
}

fn of(checks: Vec<Check>) -> Health {
    Health { verdict: health::worst(&checks), checks }
}

pub(super) async fn of_app(server: &Server, _: &Actor, which: apps::Which) -> Result<Health, ActionRefused> {
    let app = actions::apps::find(server, &which.client_id).await?;
    Ok(of(app_health::all(server, &app).await?))
}
