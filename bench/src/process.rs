//! Servers as child processes, and what the kernel says of them.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use keysig_bench::connection::{Answer, Connection};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::watch::Watch;

const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
/// How often the ready file is looked for: this much a cold start may look slower than it is.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// The kernel counts CPU time for user programs in hundredths of a second, whatever it was built with.
const MICROSECONDS_PER_TICK: u64 = 10_000;

/// A server that answers; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to the first 200.
    pub started_in: Duration,
}

#[derive(Deserialize)]
struct Ready {
    issuer: String,
}

impl Server {
    /// Starts `program`, which is told where to leave its ready file, and waits until `path` is answered with 200.
    pub async fn start(program: &Path, arguments: &[&str], ready_file: &Path, path: &str) -> Result<Self, String> {
        let failed = |what: String| format!("{}: {what}", program.display());
        let _ = std::fs::remove_file(ready_file);
        let mut command = Command::new(program);
        command.args(arguments).arg("--ready-file").arg(ready_file);
        // What it logs is shown: a server that warns is not the one to be measured.
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let watch = Watch::start();
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let pid = child.id().ok_or_else(|| failed("it ended at once".to_owned()))?;
        let ready = loop {
            // Written beside and renamed, so that what is there is whole.
            if let Ok(ready) = std::fs::read(ready_file) {
                break ready;
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(failed(format!("it ended: {status}")));
            }
            if watch.elapsed() > READY_WITHIN {
                return Err(failed("it is not ready".to_owned()));
            }
            sleep(LOOK_EVERY).await;
        };
        let address = serde_json::from_slice::<Ready>(&ready).ok().and_then(|ready| address(&ready.issuer));
        let address = address.ok_or_else(|| failed("its ready file names no address".to_owned()))?;
        let answer = first_answer(address, path).await.map_err(|error| failed(error.to_string()))?;
        let started_in = watch.elapsed();
        if answer.status != 200 {
            return Err(failed(format!("{path} answers {}", answer.status)));
        }
        Ok(Self { child, pid, address, started_in })
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) -> Result<(), String> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).ok_or("a process without a number")?;
        kill_process(pid, Signal::TERM).map_err(|error| format!("it cannot be stopped: {error}"))?;
        match timeout(STOPPED_WITHIN, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("the server ended with {status}")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the server does not stop".to_owned()),
        }
    }

    /// CPU time it has used, in microseconds, in steps of ten thousand.
    pub fn cpu_us(&self) -> Result<u64, String> {
        cpu_us(&self.pid.to_string())
    }

    /// A figure of `/proc/PID/status` in KiB: `VmRSS`, or `VmHWM` for the most there ever was.
    pub fn memory_kib(&self, name: &str) -> Result<u64, String> {
        let file = format!("/proc/{}/status", self.pid);
        let status = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let figure = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        figure.ok_or_else(|| format!("{file} has no {name}"))
    }
}

fn address(issuer: &str) -> Option<SocketAddr> {
    issuer.strip_prefix("http://")?.parse().ok()
}

async fn first_answer(address: SocketAddr, path: &str) -> std::io::Result<Answer> {
    Connection::open(address).await?.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")).await
}

/// CPU time of this very process, in microseconds.
pub fn own_cpu_us() -> Result<u64, String> {
    cpu_us("self")
}

fn cpu_us(pid: &str) -> Result<u64, String> {
    let file = format!("/proc/{pid}/stat");
    let stat = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    parse_ticks(&stat).map(|ticks| ticks * MICROSECONDS_PER_TICK).ok_or_else(|| format!("{file} is of another form"))
}

/// `utime` and `stime`, fields 14 and 15; the second field is a name in parentheses that may hold anything.
fn parse_ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::parse_ticks;

    #[test]
    fn ticks_are_found_behind_any_name() {
        assert_eq!(parse_ticks("7 (a) b) S 1 2 3 4 5 6 7 8 9 10 30 12 13 14"), Some(42));
        assert_eq!(parse_ticks("7 (a) S 1"), None);
    }
}
