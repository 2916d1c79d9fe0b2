//! From nothing to the first 200, several times.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use tokio::time::sleep;

use crate::process::Server;

/// A median of so few is steady enough, and nobody waits long for it.
const STARTS: usize = 9;
/// After the start, before anybody asks anything.
const IDLE_FOR: Duration = Duration::from_secs(1);

/// One way to start.
#[derive(Clone, Debug, Serialize)]
pub struct ColdStart {
    /// The median.
    pub p50_ms: f64,
    /// The slowest of them.
    pub slowest_ms: f64,
    /// CPU time of one start, on average.
    pub cpu_ms: f64,
    /// `VmRSS` a second later, in MiB.
    pub idle_rss_mib: f64,
    /// `VmHWM` by then, in MiB.
    pub peak_rss_mib: f64,
}

/// Starts `keysig` with these arguments again and again.
pub async fn measure(keysig: &Path, arguments: &[&str], ready_file: &Path) -> Result<ColdStart, String> {
    let mut took = Vec::new();
    let (mut cpu_us, mut idle, mut peak) = (0, 0, 0);
    for start in 1..=STARTS {
        let server = Server::start(keysig, arguments, ready_file, "/health").await?;
        took.push(server.started_in);
        cpu_us += server.cpu_us()?;
        if start == STARTS {
            sleep(IDLE_FOR).await;
            (idle, peak) = (server.memory_kib("VmRSS")?, server.memory_kib("VmHWM")?);
        }
        server.stop().await?;
    }
    took.sort_unstable();
    let ms = |duration: Option<&Duration>| duration.copied().unwrap_or_default().as_secs_f64() * 1e3;
    Ok(ColdStart {
        p50_ms: ms(took.get(STARTS / 2)),
        slowest_ms: ms(took.last()),
        cpu_ms: cpu_us as f64 / 1e3 / STARTS as f64,
        idle_rss_mib: mib(idle),
        peak_rss_mib: mib(peak),
    })
}

/// KiB as MiB.
pub fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
