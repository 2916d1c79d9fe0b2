//! What a server gave out, so that at the end of every test its files are searched for it: nothing of it is kept as it is.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use tempfile::TempDir;

use super::Answer;

/// In front of what is given out, in JSON, addresses and pages; what follows ends at a character that is none of its own.
const MARKS: [&str; 14] = [
    "\"access_token\":\"",
    "\"refresh_token\":\"",
    "\"id_token\":\"",
    "\"client_secret\":\"",
    "\"device_code\":\"",
    "code=",
    "access_token=",
    "id_token=",
    "name=\"code\" value=\"",
    "name=\"csrf\" value=\"",
    "<pre>whsec_",
    "id=\"new-secret\">",
    "id=\"fake-password\">",
    "ks_",
];

/// What is shorter is found by chance.
const SHORTEST: usize = 20;

/// The directory of a server, and what the server gave out.
pub struct Place {
    directory: TempDir,
    issued: Mutex<BTreeSet<String>>,
}

impl Place {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), issued: Mutex::default() }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Notes what an answer gives out.
    pub fn heard(&self, answer: &Answer) {
        let named = |name: &str| answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
        let texts: Vec<&str> = named("location").chain([answer.body.as_str()]).collect();
        for text in texts {
            for mark in MARKS {
                for rest in text.split(mark).skip(1) {
                    self.note(own(rest));
                }
            }
        }
        // The first characters of a cookie of a session are its id, which is kept.
        for cookie in named("set-cookie") {
            if let Some(value) = cookie.strip_prefix("sid=").or_else(|| cookie.strip_prefix("browser=")) {
                self.note(own(value).get(24..).unwrap_or_default());
            }
        }
    }

    /// Notes something that must not be found.
    pub fn note(&self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.issued.lock().unwrap().insert(secret.to_owned());
        }
    }

    /// Everything it gave out.
    pub fn issued(&self) -> BTreeSet<String> {
        self.issued.lock().unwrap().clone()
    }

    /// The files of the store as they are on the disk, what was deleted and not overwritten included.
    pub fn dump(&self) -> Vec<u8> {
        let files = ["keysig.db", "keysig.db-wal"].map(|name| std::fs::read(self.path().join(name)));
        files.into_iter().flatten().flatten().collect()
    }
}

fn own(text: &str) -> &str {
    let is_own = |c: char| c.is_ascii_alphanumeric() || "-_.+/=%".contains(c);
    text.split(|c| !is_own(c)).next().unwrap_or_default()
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let dump = self.dump();
        let text = String::from_utf8_lossy(&dump);
        let found: Vec<String> = self.issued().into_iter().filter(|secret| text.contains(secret.as_str())).collect();
        assert!(found.is_empty(), "the store holds in the clear: {found:?}");
    }
}
