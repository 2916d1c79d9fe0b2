//! Many actors at once, each on a connection of its own, one operation after the other.

use std::collections::HashSet;
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::process::{Server, own_cpu_us};
use crate::watch::Watch;

/// Pools fill and caches warm before anything is counted.
const WARM_UP: Duration = Duration::from_millis(500);
/// No connection does more, so that the list of its latencies ends.
const MAX_OPERATIONS_EACH: usize = 1_000_000;
/// A server that hangs is a failure, not a slow one.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody with a connection and something to do.
pub trait Actor: 'static {
    /// Does it once and looks at the answer.
    ///
    /// # Errors
    /// What was wrong with the answer. The whole run then fails: a wrong answer has no speed.
    fn once(&mut self) -> impl Future<Output = Result<(), String>>;

    /// The token of the last answer: no two actors may hold the same.
    fn token(&self) -> Option<&str> {
        None
    }
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// How many at once.
    pub connections: usize,
    /// How often, all connections together.
    pub operations: usize,
    /// The rate.
    pub per_second: f64,
    /// Half of the operations took no longer.
    pub p50_us: f64,
    /// All but one in a hundred took no longer.
    pub p99_us: f64,
    /// CPU time of the server for one, user and kernel.
    pub server_cpu_us: f64,
    /// CPU time of the load generator for one, looking at the answer included.
    pub client_cpu_us: f64,
}

/// Warms up, then measures for that long.
pub async fn measure<A: Actor>(actors: Vec<A>, server: &Server, measure_for: Duration) -> Result<Figures, String> {
    let connections = actors.len();
    let (actors, _) = run(actors, WARM_UP).await?;
    let (server_before, own_before) = (server.cpu_us()?, own_cpu_us()?);
    let watch = Watch::start();
    let (actors, mut took) = run(actors, measure_for).await?;
    let seconds = watch.elapsed().as_secs_f64();
    let (server_cpu, own_cpu) = (server.cpu_us()? - server_before, own_cpu_us()? - own_before);
    let mut tokens = HashSet::new();
    if let Some(twice) = actors.iter().filter_map(A::token).find(|token| !tokens.insert(*token)) {
        return Err(format!("two clients were given the same token: {twice}"));
    }
    if took.is_empty() {
        return Err("nothing was finished in time".to_owned());
    }
    took.sort_unstable();
    let operations = took.len();
    let at =
        |share: f64| took.get((operations as f64 * share) as usize).copied().unwrap_or_default().as_secs_f64() * 1e6;
    let each = |cpu_us: u64| cpu_us as f64 / operations as f64;
    Ok(Figures {
        connections,
        operations,
        per_second: operations as f64 / seconds,
        p50_us: at(0.5),
        p99_us: at(0.99),
        server_cpu_us: each(server_cpu),
        client_cpu_us: each(own_cpu),
    })
}

async fn run<A: Actor>(actors: Vec<A>, run_for: Duration) -> Result<(Vec<A>, Vec<Duration>), String> {
    let mut running = JoinSet::new();
    let whole = Watch::start();
    for mut actor in actors {
        running.spawn_local(async move {
            let mut took = Vec::new();
            while whole.elapsed() < run_for && took.len() < MAX_OPERATIONS_EACH {
                let watch = Watch::start();
                actor.once().await?;
                took.push(watch.elapsed());
            }
            Ok::<_, String>((actor, took))
        });
    }
    let (mut actors, mut all) = (Vec::new(), Vec::new());
    let joined = timeout(run_for + PATIENCE, async {
        while let Some(ended) = running.join_next().await {
            let (actor, took) = ended.map_err(|error| error.to_string())??;
            actors.push(actor);
            all.extend(took);
        }
        Ok(())
    });
    joined.await.map_err(|_| "the server does not answer any more".to_owned()).flatten()?;
    Ok((actors, all))
}
