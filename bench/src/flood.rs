//! More people sign in at once than passwords can be hashed: who is turned away, and what memory it takes.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use keysig_bench::connection::{Answer, Connection};
use keysig_bench::person::Person;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::process::Server;
use crate::removal::Spread;
use crate::startup::mib;
use crate::watch::Watch;

const PER_SECOND: u32 = 500;
const SECONDS: u32 = 5;
/// A server that hangs is a failure, not a slow one.
const PATIENCE: Duration = Duration::from_secs(20);

/// What became of a flood of sign-ins.
#[derive(Debug, Serialize)]
pub struct Flood {
    /// How many were to come a second.
    pub wanted_per_second: u32,
    /// How many were answered.
    pub sign_ins: usize,
    /// From the first to the last answer.
    pub seconds: f64,
    /// Those whose password was hashed, and was wrong.
    pub hashed: usize,
    /// Those answered with 503.
    pub turned_away: usize,
    /// Those of them that were told when to come again.
    pub with_retry_after: usize,
    /// How long an answer after hashing took.
    pub hashed_ms: Spread,
    /// How long a 503 took.
    pub turned_away_ms: Spread,
    /// `VmRSS` before, in MiB.
    pub rss_before_mib: f64,
    /// `VmHWM` after, in MiB.
    pub rss_most_mib: f64,
    /// `VmRSS` when the memory of the hashes has been given back, in MiB.
    pub rss_after_mib: f64,
}

/// An address of a block of its own (/24) on this machine: what is measured is the queue, not how guessing is slowed.
fn source(number: u32) -> IpAddr {
    let [_, _, high, low] = (number + 256).to_be_bytes();
    Ipv4Addr::new(127, high, low, 1).into()
}

/// Whether the password was hashed; whoever was turned away says whether it was told when to come again.
enum Became {
    Hashed,
    TurnedAway { told_when: bool },
}

fn became(answer: &Answer) -> Result<Became, String> {
    match answer.status {
        422 => Ok(Became::Hashed),
        503 => {
            let after = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
            Ok(Became::TurnedAway { told_when: after.is_some_and(|seconds| seconds > 0) })
        }
        status => Err(format!("a sign-in is answered with {status}: {}", answer.text())),
    }
}

async fn sign_in(server: std::net::SocketAddr, number: u32, request: String) -> Result<(Became, Duration), String> {
    let lost = |error: std::io::Error| format!("a connection was lost: {error}");
    let watch = Watch::start();
    let mut connection = Connection::open_from(source(number), server).await.map_err(lost)?;
    let answer = connection.exchange(&request).await.map_err(lost)?;
    Ok((became(&answer)?, watch.elapsed()))
}

/// Has strangers sign in, each by another name and from another block of addresses.
pub async fn measure(server: &Server, memory_is_kept: Duration) -> Result<Flood, String> {
    let lost = |error: std::io::Error| format!("a connection was lost: {error}");
    let mut browser = Person::new(server.address, "", "");
    let mut connection = Connection::open(server.address).await.map_err(lost)?;
    let page = browser.open(&mut connection, "/login").await?;
    let form = page.forms.iter().find(|form| form.names.iter().any(|name| name == "password"));
    let form = form.ok_or("no form to sign in by")?;
    let rss_before = server.memory_kib("VmRSS")?;

    let (watch, mut running) = (Watch::start(), JoinSet::new());
    for number in 0..PER_SECOND * SECONDS {
        let due = Duration::from_secs(1) * number / PER_SECOND;
        sleep(due.saturating_sub(watch.elapsed())).await;
        let typed = [("identifier", &*format!("stranger-{number}@example.test")), ("password", "not the password")];
        running.spawn_local(sign_in(server.address, number, browser.press(form, &typed)));
    }
    let (mut hashed, mut turned_away, mut with_retry_after) = (Vec::new(), Vec::new(), 0);
    let joined = timeout(PATIENCE, async {
        while let Some(ended) = running.join_next().await {
            let (became, took) = ended.map_err(|error| error.to_string())??;
            let took = took.as_secs_f64() * 1e3;
            match became {
                Became::Hashed => hashed.push(took),
                Became::TurnedAway { told_when } => {
                    turned_away.push(took);
                    with_retry_after += usize::from(told_when);
                }
            }
        }
        Ok(())
    });
    joined.await.map_err(|_| "the server does not answer any more".to_owned()).flatten()?;
    let seconds = watch.elapsed().as_secs_f64();
    let rss_most = server.memory_kib("VmHWM")?;
    sleep(memory_is_kept).await;
    Ok(Flood {
        wanted_per_second: PER_SECOND,
        sign_ins: hashed.len() + turned_away.len(),
        seconds,
        hashed: hashed.len(),
        turned_away: turned_away.len(),
        with_retry_after,
        hashed_ms: Spread::of(hashed),
        turned_away_ms: Spread::of(turned_away),
        rss_before_mib: mib(rss_before),
        rss_most_mib: mib(rss_most),
        rss_after_mib: mib(server.memory_kib("VmRSS")?),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::IpAddr;

    use super::{PER_SECOND, SECONDS, source};

    #[test]
    fn no_two_strangers_share_a_block() {
        let block = |number| match source(number) {
            IpAddr::V4(address) => [address.octets()[0], address.octets()[1], address.octets()[2]],
            IpAddr::V6(_) => panic!("not of loopback"),
        };
        let blocks: HashSet<_> = (0..PER_SECOND * SECONDS).map(block).collect();
        assert_eq!(blocks.len() as u32, PER_SECOND * SECONDS);
        assert!(blocks.iter().all(|block| block[0] == 127 && *block != [127, 0, 0]));
    }
}
