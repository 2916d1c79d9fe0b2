//! The built binary, which can be killed.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

const READY_POLLS: usize = 1500;

/// `keysig dev` on a directory; dropping it kills it.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts it on a free port, or at an address where it was before, and waits until it is ready.
    pub async fn start(directory: &Path, address: Option<SocketAddr>) -> Self {
        let ready_file = directory.join("ready.json");
        let _ = std::fs::remove_file(&ready_file);
        let listen = address.map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string());
        let mut command = Command::new(env!("CARGO_BIN_EXE_keysig"));
        command
            .args(["dev", "--listen", &listen, "--app-listen", "127.0.0.1:0"])
            .args(["--seed", concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/seed.toml")])
            .arg("--data")
            .arg(directory.join("data"))
            .arg("--ready-file")
            .arg(&ready_file)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        for _ in 0..READY_POLLS {
            if let Ok(ready) = std::fs::read(&ready_file) {
                let ready: Value = serde_json::from_slice(&ready).unwrap();
                let issuer = ready.get("issuer").and_then(Value::as_str).unwrap();
                return Self { child, address: issuer.strip_prefix("http://").unwrap().parse().unwrap() };
            }
            assert!(child.try_wait().unwrap().is_none(), "keysig dev ended by itself");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _ = child.kill();
        panic!("keysig dev is not ready");
    }

    /// SIGKILL: nothing of it runs after this returns.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
