//! A plan of named steps, run one after the other with a line each.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    counts::Counts,
    postgres::Cluster,
    process::{Running, Stopwatch},
};

const LINES_OF_A_FAILED_LOG: usize = 400;
/// So many after the line that names a failed test.
const LINES_OF_A_FAILURE: usize = 20;

/// One line of the report.
pub struct Step {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it does, for `--list`.
    pub what: &'static str,
    /// Steps whose failure makes this one pointless.
    pub needs: &'static [&'static str],
    /// The longest it may take, in minutes.
    pub limit_minutes: u64,
    /// Does it, and says how many tests passed, or why there are none to count.
    pub run: fn(&mut Workshop) -> Result<Counts, String>,
}

/// What the steps share: the tree, the log of the current step, and what earlier steps left running.
pub struct Workshop {
    /// The repository.
    pub root: PathBuf,
    /// The throw-away cluster, once its step ran.
    pub postgres: Option<Cluster>,
    /// Where the current step writes.
    pub log: PathBuf,
    limit: Duration,
    watch: Stopwatch,
}

impl Workshop {
    fn open(limit: Duration) -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask has no parent directory")?.to_owned();
        let logs = root.join("target/xtask");
        fs::create_dir_all(&logs).map_err(|error| format!("{}: {error}", logs.display()))?;
        Ok(Self { root, postgres: None, log: logs.join("log"), limit, watch: Stopwatch::start() })
    }

    /// A path under `target/`.
    pub fn target(&self, path: &str) -> PathBuf {
        self.root.join("target").join(path)
    }

    /// What is left of the step's time, and of the whole's.
    fn patience(&self) -> Duration {
        self.limit.saturating_sub(self.watch.elapsed())
    }

    /// Runs a command made by [`crate::process::program`] in the repository (unless it names a directory), logs what it
    /// prints, and fails when it fails or takes longer than the step may.
    pub fn run(&self, mut command: Command) -> Result<(), String> {
        if command.get_current_dir().is_none() {
            command.current_dir(&self.root);
        }
        let spoken = spoken(&command);
        self.note(&format!("$ {spoken}"))?;
        let running = Running::start(command, &self.log).map_err(|error| format!("{spoken}: {error}"))?;
        match running.wait(self.patience()).map_err(|error| format!("{spoken}: {error}"))? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("{spoken}: {status}")),
            None => Err(format!("{spoken}: still running when its time was up; ended")),
        }
    }

    /// Runs a command like [`Self::run`] and counts the tests it reports; a failure without a failed test counts as one.
    pub fn run_tests(&self, command: Command) -> Result<Counts, String> {
        let before = self.said().len();
        let ended = self.run(command);
        let counts = Counts::of(self.said().get(before..).unwrap_or_default());
        match ended {
            Ok(()) if counts == Counts::default() => Err("no test reported a result".to_owned()),
            Ok(()) => Ok(counts),
            Err(complaint) => {
                self.note(&complaint)?;
                Ok(if counts.failed == 0 { counts + Counts::ONE_FAILED } else { counts })
            }
        }
    }

    /// What the step logged so far.
    pub fn said(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Adds a line to the step's log.
    pub fn note(&self, line: &str) -> Result<(), String> {
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .and_then(|mut log| writeln!(log, "{line}"))
            .map_err(|error| format!("{}: {error}", self.log.display()))
    }
}

/// The command as a person would type it, without the guard.
fn spoken(command: &Command) -> String {
    let words: Vec<_> = command.get_args().skip(4).map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

/// The names given and all they need, in the order of the plan.
fn choose<'a>(plan: &'a [Step], wanted: &[String]) -> Result<Vec<&'a Step>, String> {
    let mut chosen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = if wanted.is_empty() {
        plan.iter().map(|step| step.name).collect()
    } else {
        wanted.iter().map(String::as_str).collect()
    };
    while let Some(name) = open.pop() {
        let step = plan
            .iter()
            .find(|step| step.name == name)
            .ok_or_else(|| format!("there is no step {name:?}; --list names them"))?;
        if chosen.insert(step.name) {
            open.extend(step.needs);
        }
    }
    Ok(plan.iter().filter(|step| chosen.contains(step.name)).collect())
}

/// Runs the steps named, or all, in `limit` altogether; prints a line for each and the sum at the end.
pub fn run(plan: &[Step], limit: Duration, wanted: &[String]) -> Result<Counts, String> {
    let chosen = choose(plan, wanted)?;
    let mut workshop = Workshop::open(limit)?;
    let mut sum = Counts::default();
    let mut broken: Vec<&str> = Vec::new();
    for (number, step) in chosen.iter().enumerate() {
        print!("[{}/{}] {} … ", number + 1, chosen.len(), step.name);
        let _ = io::stdout().flush();
        if let Some(missing) = step.needs.iter().find(|need| broken.contains(need)) {
            println!("not run: needs {missing}");
            broken.push(step.name);
            sum = sum + Counts::ONE_FAILED;
            continue;
        }
        let watch = Stopwatch::start();
        workshop.log = workshop.target("xtask").join(format!("{}.log", step.name));
        let _ = fs::remove_file(&workshop.log);
        let limit_of_step = workshop.watch.elapsed() + Duration::from_secs(60 * step.limit_minutes);
        workshop.limit = limit_of_step.min(limit);
        let result = (step.run)(&mut workshop);
        let seconds = watch.elapsed().as_secs();
        match result {
            Ok(counts) if counts.failed == 0 => {
                let of = if counts == Counts::default() { String::new() } else { format!("  ({counts})") };
                println!(" ok {seconds} s{of}");
                sum = sum + counts;
            }
            Ok(counts) => {
                println!(" FAILED {seconds} s  ({counts})");
                show(&workshop);
                broken.push(step.name);
                sum = sum + counts;
            }
            Err(complaint) => {
                println!(" FAILED {seconds} s  {complaint}");
                show(&workshop);
                broken.push(step.name);
                sum = sum + Counts::ONE_FAILED;
            }
        }
    }
    // Ends the cluster before the last line is said.
    drop(workshop);
    println!("{sum}");
    Ok(sum)
}

/// Says in the middle of a step's line what takes so long.
pub fn aside(words: &str) {
    print!("({words}) ");
    let _ = io::stdout().flush();
}

fn show(workshop: &Workshop) {
    let said = workshop.said();
    let lines: Vec<&str> = said.lines().collect();
    let from = lines.len().saturating_sub(LINES_OF_A_FAILED_LOG);
    println!("---- {}{}", workshop.log.display(), if from > 0 { " (its end)" } else { "" });
    for line in lines.iter().skip(from) {
        println!("{line}");
    }
    // A log of thousands of lines ends in what went well.
    let failures: Vec<&str> = failures(&lines);
    if !failures.is_empty() {
        println!("---- what failed");
        for line in failures {
            println!("{line}");
        }
    }
    println!("----");
}

/// The lines that say of a test that it failed, and some after each.
fn failures<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let is_failure = |line: &str| line.trim_start().starts_with("not ok") || line.contains("panicked at");
    let mut wanted = 0;
    let mut found = Vec::new();
    for line in lines {
        if is_failure(line) {
            wanted = LINES_OF_A_FAILURE;
        }
        if wanted > 0 && found.len() < LINES_OF_A_FAILED_LOG {
            found.push(*line);
            wanted -= 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Counts, Step, choose};

    const fn step(name: &'static str, needs: &'static [&'static str]) -> Step {
        Step { name, what: "", needs, limit_minutes: 1, run: |_| Ok(Counts::ONE_PASSED) }
    }

    const PLAN: &[Step] =
        &[step("fmt", &[]), step("build", &[]), step("venv", &[]), step("python", &["build", "venv"])];

    fn names(wanted: &[&str]) -> Vec<&'static str> {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        choose(PLAN, &wanted).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn without_names_the_whole_plan_is_chosen() {
        assert_eq!(names(&[]), ["fmt", "build", "venv", "python"]);
    }

    #[test]
    fn a_step_brings_what_it_needs_in_the_order_of_the_plan() {
        assert_eq!(names(&["python"]), ["build", "venv", "python"]);
    }

    #[test]
    fn an_unknown_step_is_named() {
        let complaint = choose(PLAN, &["pythn".to_owned()]).err().unwrap();
        assert!(complaint.contains("\"pythn\""), "{complaint}");
    }
}
