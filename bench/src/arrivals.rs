//! Requests that arrive at a rate of their own, however long the answers take (an open loop).

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::load::Actor;
use crate::watch::Watch;

/// The load ends by itself, whatever becomes of whoever would have stopped it.
const AT_MOST: Duration = Duration::from_secs(180);
/// A server that hangs is a failure, not a slow one.
const PATIENCE: Duration = Duration::from_secs(20);

/// What arrived, and how it went.
#[derive(Clone, Debug, Serialize)]
pub struct Arrivals {
    /// How many a second were to arrive.
    pub wanted_per_second: u32,
    /// How many were answered.
    pub per_second: f64,
    /// From when it was to be sent, so that a late one counts as slow.
    pub p50_ms: f64,
    /// All but one in a hundred took no longer.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

/// Load that arrives.
pub struct Arriving {
    running: JoinSet<Result<Vec<Duration>, String>>,
    stop: Rc<Cell<bool>>,
    since: Watch,
    per_second: u32,
}

/// Has the actors do what they do `per_second` times a second, all together, until it is stopped.
pub fn start<A: Actor>(actors: Vec<A>, per_second: u32) -> Arriving {
    let (stop, since) = (Rc::new(Cell::new(false)), Watch::start());
    let count = actors.len().max(1) as f64;
    let mut running = JoinSet::new();
    for (number, mut actor) in actors.into_iter().enumerate() {
        let stop = stop.clone();
        running.spawn_local(async move {
            let (mut due, mut took) = (number as f64 / f64::from(per_second), Vec::new());
            while !stop.get() && since.elapsed() < AT_MOST {
                let at = Duration::from_secs_f64(due);
                sleep(at.saturating_sub(since.elapsed())).await;
                actor.once().await?;
                took.push(since.elapsed().saturating_sub(at));
                due += count / f64::from(per_second);
            }
            Ok(took)
        });
    }
    Arriving { running, stop, since, per_second }
}

impl Arriving {
    /// Stops it, and says how it went.
    ///
    /// # Errors
    /// A wrong answer; there is none in what counts as answered.
    pub async fn stop(mut self) -> Result<Arrivals, String> {
        self.stop.set(true);
        let seconds = self.since.elapsed().min(AT_MOST).as_secs_f64();
        let mut took = Vec::new();
        let joined = timeout(PATIENCE, async {
            while let Some(ended) = self.running.join_next().await {
                took.extend(ended.map_err(|error| error.to_string())??);
            }
            Ok(())
        });
        joined.await.map_err(|_| "the server does not answer any more".to_owned()).flatten()?;
        took.sort_unstable();
        let ms = |share: f64| {
            let index = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
            took.get(index).copied().unwrap_or_default().as_secs_f64() * 1e3
        };
        Ok(Arrivals {
            wanted_per_second: self.per_second,
            per_second: took.len() as f64 / seconds,
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
            max_ms: ms(1.0),
        })
    }
}
