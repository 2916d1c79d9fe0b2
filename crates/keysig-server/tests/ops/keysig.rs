//! Runs the built binary.

use std::io::Read;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Far more than any start or stop takes.
const TRIES: u32 = 2_000;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keysig"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("KEYSIG_") {
            command.env_remove(variable);
        }
    }
    command
}

/// How a command ended.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Its standard output as JSON, if it went well.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.err);
        serde_json::from_str(&self.out).unwrap()
    }

    /// The one line it complains with.
    pub fn complaint(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        assert_eq!(self.err.trim_end().lines().count(), 1, "{}", self.err);
        self.err.trim_end()
    }
}

/// Runs a command to its end, `typed` on its standard input.
pub fn run(args: &[&str], typed: &str) -> Ended {
    run_with(args, typed, &[])
}

/// The same with variables in its environment.
pub fn run_with(args: &[&str], typed: &str, environment: &[(&str, &str)]) -> Ended {
    let mut child = program(args).envs(environment.iter().copied()).spawn().unwrap();
    // It may refuse without reading.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    Ended::of(child.wait_with_output().unwrap())
}

/// A server that runs until this is dropped.
pub struct Running {
    child: Option<Child>,
    pub ready: Value,
}

impl Running {
    /// Starts it and waits for its ready file, which appears in `dir`.
    pub fn start(dir: &Path, args: &[&str]) -> Self {
        let ready_file = dir.join("ready.json");
        let _ = std::fs::remove_file(&ready_file);
        let mut child = program(args).arg("--ready-file").arg(&ready_file).spawn().unwrap();
        for _ in 0..TRIES {
            if let Ok(text) = std::fs::read_to_string(&ready_file) {
                return Self { child: Some(child), ready: serde_json::from_str(&text).unwrap() };
            }
            if child.try_wait().unwrap().is_some() {
                panic!("it ended: {}", Ended::of(child.wait_with_output().unwrap()).err);
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
        let _ = child.kill();
        panic!("it wrote no ready file");
    }

    /// `keysig dev` with free ports.
    pub fn dev(dir: &Path, more: &[&str]) -> Self {
        Self::start(dir, &[&["dev", "--listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0"], more].concat())
    }

    pub fn issuer(&self) -> &str {
        self.ready["issuer"].as_str().unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(self.child.as_ref().unwrap());
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Sends a signal and waits for the end.
    pub fn stop(mut self, signal: rustix::process::Signal) -> Ended {
        self.signal(signal);
        let mut child = self.child.take().unwrap();
        for _ in 0..TRIES {
            if child.try_wait().unwrap().is_some() {
                return Ended::of(child.wait_with_output().unwrap());
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
        let _ = child.kill();
        panic!("it does not stop");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// One HTTP/1.1 request; status and body.
pub fn http(base: &str, head: &str, body: &str) -> (u16, String) {
    let address: SocketAddr = base.strip_prefix("http://").unwrap().split('/').next().unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{head} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// Whether the token endpoint knows this app.
pub fn knows_app(issuer: &str, client_id: &str, client_secret: &str) -> bool {
    let body = format!("grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}");
    http(issuer, "POST /api/token", &body).0 == 200
}
