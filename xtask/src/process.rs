//! Programs that cannot outlive us: each runs in a process group of its own behind a small shell that holds one end of
//! a pipe. When the pipe closes, because we are done, out of patience or dead, the whole group goes.

use std::{
    fs::OpenOptions,
    io,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// `$1` is the signal that asks politely; five seconds later nobody is asked.
const GUARD: &str = r#"
signal=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
job=$!
(
    cat <&3 >/dev/null
    kill -s "$signal" "$job" 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
        kill -0 "$job" 2>/dev/null || break
        sleep 0.2
    done
    kill -s KILL 0
) </dev/null >/dev/null 2>&1 &
exec 3<&-
wait "$job"
"#;

const POLL: Duration = Duration::from_millis(50);

/// A program to be run behind the guard; add arguments as to any `Command`. `stop` is the signal that ends it politely.
pub fn program(name: impl AsRef<std::ffi::OsStr>, stop: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard", stop]).arg(name).process_group(0);
    command
}

/// A program that is running; dropping it ends it and everything it started.
#[derive(Debug)]
pub struct Running {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Running {
    /// Starts `command`, made by [`program`]; what it prints is appended to `log`.
    pub fn start(mut command: Command, log: &Path) -> io::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let pipe = child.stdin.take();
        Ok(Self { child, pipe })
    }

    /// The status once it has ended by itself, `None` while it runs.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits until it ends by itself; `None` when `limit` passed first, and it was ended.
    pub fn wait(mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let watch = Stopwatch::start();
        while watch.elapsed() < limit {
            if let Some(status) = self.ended()? {
                return Ok(Some(status));
            }
            thread::sleep(POLL);
        }
        Ok(None)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // An error here means that it is gone already, which is what was wanted.
        let _ = self.child.wait();
    }
}

/// Wall time for people who wait.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "nothing decides by this clock but when to give up waiting")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Asks `question` every 50 ms until it answers; `None` when `limit` passed first.
pub fn until<T>(limit: Duration, mut question: impl FnMut() -> Option<T>) -> Option<T> {
    let watch = Stopwatch::start();
    loop {
        if let Some(answer) = question() {
            return Some(answer);
        }
        if watch.elapsed() >= limit {
            return None;
        }
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::{Running, program, until};

    fn shell(script: &str) -> std::process::Command {
        let mut command = program("sh", "TERM");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_exit_code_and_the_output_come_through() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("log");
        let running = Running::start(shell("echo out; echo err >&2; exit 3"), &log).unwrap();
        let status = running.wait(Duration::from_secs(20)).unwrap().unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(fs::read_to_string(log).unwrap(), "out\nerr\n");
    }

    #[test]
    fn what_takes_too_long_is_ended_with_its_children() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("log");
        let running = Running::start(shell("sleep 300 & echo $!; wait"), &log).unwrap();
        let pid = until(Duration::from_secs(20), || fs::read_to_string(&log).ok().filter(|text| text.ends_with('\n')))
            .unwrap();
        assert!(running.wait(Duration::from_millis(1)).unwrap().is_none());
        let grandchild = std::path::PathBuf::from(format!("/proc/{}/cmdline", pid.trim()));
        let gone = until(Duration::from_secs(20), || {
            fs::read(&grandchild).map_or(true, |words| words.is_empty()).then_some(())
        });
        assert!(gone.is_some());
    }
}
