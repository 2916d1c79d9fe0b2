//! Fuzzing: every target in `fuzz/` for some minutes, two at a time.

use std::{
    env, fs,
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use crate::{
    counts::Counts,
    process::{Running, program},
    steps::{self, Workshop},
    tools,
};

/// How long each target runs, in seconds, where `KEYSIG_FUZZ_SECONDS` says nothing.
const SECONDS: u64 = 600;
const AT_ONCE: usize = 2;
/// What a target may take beyond its time: it reads its corpus first, and ends after the input it is at.
const GRACE: Duration = Duration::from_secs(120);
/// A request is refused unread long before it is this long.
const MAX_INPUT_BYTES: u32 = 9000;

/// Runs every target; one that found nothing is a test that passed.
pub fn run(workshop: &mut Workshop) -> Result<Counts, String> {
    let seconds = match env::var("KEYSIG_FUZZ_SECONDS") {
        Ok(text) => text.parse().map_err(|_| format!("KEYSIG_FUZZ_SECONDS={text} is no number of seconds"))?,
        Err(_) => SECONDS,
    };
    let targets = targets(workshop)?;
    build(workshop)?;
    steps::aside(&format!("{} targets, {seconds} s each, {AT_ONCE} at a time", targets.len()));
    let host = host()?;
    let open = Mutex::new(targets.into_iter());
    let (workshop, results) = (&*workshop, Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    // A guard that lived as long as the run would make it one at a time.
                    let next = open.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(target) = next else { break };
                    let result = fuzz(workshop, &host, &target, seconds);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((target, result));
                }
            });
        }
    });
    let mut sum = Counts::default();
    for (target, result) in results.into_inner().unwrap_or_else(PoisonError::into_inner) {
        sum = sum + if result.is_ok() { Counts::ONE_PASSED } else { Counts::ONE_FAILED };
        let (Ok(said) | Err(said)) = result;
        workshop.note(&format!("{target}: {said}"))?;
    }
    Ok(sum)
}

/// The names of all targets.
fn targets(workshop: &Workshop) -> Result<Vec<String>, String> {
    let directory = workshop.root.join("fuzz/fuzz_targets");
    let files = fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let name = |path: std::path::PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = files.flatten().filter_map(|entry| name(entry.path())).collect();
    names.sort();
    Ok(names)
}

fn build(workshop: &Workshop) -> Result<(), String> {
    tools::cxx(workshop)?;
    let mut command = program(tools::cargo_fuzz(workshop)?, "TERM");
    // Without a sanitizer it builds on a stable compiler. None of this code is `unsafe`: what can go wrong is a panic.
    command
        .args(["build", "--fuzz-dir", "fuzz", "--sanitizer", "none"])
        .env("CARGO_TARGET_DIR", workshop.target("fuzz"));
    workshop.run(command).map_err(|complaint| {
        let said = workshop.said();
        let at_libfuzzer = said.contains("`libfuzzer-sys v") && said.contains("custom build command");
        let at_linker = said.contains("linking with") || said.contains("linker `");
        if at_libfuzzer || at_linker { format!("libFuzzer cannot be linked here: {complaint}") } else { complaint }
    })
}

/// The target triple of this machine, below which cargo-fuzz builds.
fn host() -> Result<String, String> {
    let answer = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let said = String::from_utf8_lossy(&answer.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

/// Runs one target, and says how far it came or what it found.
fn fuzz(workshop: &Workshop, host: &str, target: &str, seconds: u64) -> Result<String, String> {
    let complain = |error: std::io::Error| format!("{target}: {error}");
    // What it finds on its way stays out of the tree; the corpus there is only read.
    let found = workshop.target("fuzz/corpus").join(target);
    fs::create_dir_all(&found).map_err(complain)?;
    let log = workshop.log.with_extension(format!("{target}.log"));
    let _ = fs::remove_file(&log);
    let artifacts = workshop.log.with_extension(format!("{target}."));
    let mut command = program(workshop.target("fuzz").join(host).join("release").join(target), "TERM");
    command
        .args([format!("-max_total_time={seconds}"), format!("-max_len={MAX_INPUT_BYTES}")])
        .args(["-timeout=5", "-print_final_stats=1", &format!("-dict=fuzz/dictionaries/{target}")])
        .arg(format!("-artifact_prefix={}", artifacts.display()))
        .arg(found)
        .arg(format!("fuzz/corpus/{target}"))
        .current_dir(&workshop.root);
    let patience = Duration::from_secs(seconds) + GRACE;
    let status = Running::start(command, &log).and_then(|running| running.wait(patience)).map_err(complain)?;
    let said = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(complain)?;
    match status {
        Some(status) if status.success() => Ok(figures(&said)),
        Some(_) => Err(found_something(&said, &log.display().to_string())),
        None => Err("still running when its time was up; ended".to_owned()),
    }
}

/// What libFuzzer says at the end of a run.
fn figures(said: &str) -> String {
    let stat =
        |name: &str| said.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name)).map(str::trim);
    let after = |line: &str, word: &str| {
        line.split_whitespace().skip_while(|it| *it != word).nth(1).map(str::to_owned).unwrap_or_default()
    };
    let last = said.lines().rfind(|line| line.contains(" cov: ")).unwrap_or_default();
    format!(
        "{} executions, {} a second, cov {}, ft {}",
        stat("number_of_executed_units:").unwrap_or("?"),
        stat("average_exec_per_sec:").unwrap_or("?"),
        after(last, "cov:"),
        after(last, "ft:"),
    )
}

fn found_something(said: &str, log: &str) -> String {
    let panic = said.lines().find(|line| line.contains("panicked at")).unwrap_or("no panic, but an error");
    let input = said.lines().rev().find_map(|line| line.split_once("Test unit written to ")).map(|(_, path)| path);
    format!("{panic}; the input is {}; see {log}", input.unwrap_or("lost"))
}

#[cfg(test)]
mod tests {
    use super::{figures, found_something};

    #[test]
    fn the_figures_of_a_run_are_those_at_its_end() {
        let said = "\
#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 28Mb
#4843336\tDONE   cov: 1628 ft: 6175 corp: 2487/313Kb lim: 4096 exec/s: 302708 rss: 31Mb
Done 4843336 runs in 16 second(s)
stat::number_of_executed_units: 4843336
stat::average_exec_per_sec:     302708
";
        assert_eq!(figures(said), "4843336 executions, 302708 a second, cov 1628, ft 6175");
    }

    #[test]
    fn a_finding_names_its_input() {
        let said = "\
thread '<unnamed>' panicked at fuzz_targets/scope.rs:38:13:
artifact_prefix='target/x.'; Test unit written to target/x.crash-1cc7
";
        let complaint = found_something(said, "the log");
        assert!(complaint.contains("scope.rs:38") && complaint.contains("target/x.crash-1cc7"), "{complaint}");
    }
}
