//! What the disk under the data can do: the rate at which small writes become durable, one after the other.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::watch::Watch;

/// As much as a small commit writes to the log.
const BLOCK_BYTES: usize = 4096;
const MEASURE_FOR: Duration = Duration::from_secs(1);

/// Durable writes.
#[derive(Debug, Serialize)]
pub struct DurableWrites {
    /// One after the other.
    pub per_second: f64,
    /// Half of them took no longer.
    pub p50_us: f64,
}

/// Appends and calls fdatasync for a second in a file of its own in `directory`.
pub fn measure(directory: &Path) -> Result<DurableWrites, String> {
    let file = directory.join("fdatasync.probe");
    let measured = write_for_a_while(&file).map_err(|error| format!("{}: {error}", file.display()));
    let _ = std::fs::remove_file(&file);
    measured
}

fn write_for_a_while(file: &Path) -> std::io::Result<DurableWrites> {
    let mut file = File::create(file)?;
    let (block, mut took) = ([7; BLOCK_BYTES], Vec::new());
    let whole = Watch::start();
    while whole.elapsed() < MEASURE_FOR {
        let one = Watch::start();
        file.write_all(&block)?;
        file.sync_data()?;
        took.push(one.elapsed());
    }
    let seconds = whole.elapsed().as_secs_f64();
    took.sort_unstable();
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    Ok(DurableWrites { per_second: took.len() as f64 / seconds, p50_us: median.as_secs_f64() * 1e6 })
}
