//! The data directory, the master key and the schema.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use keysig_store::Store;
use rustix::fs::{Access, access};

use crate::ambient::OsRng;
use crate::config::Config;
use crate::data_dir::{DataDir, Kind};
use crate::health::{Check, Verdict, check};

/// Where the data is.
pub fn directory(path: &Path, kind: Kind) -> Vec<Check> {
    const NAME: &str = "data";
    let shown = path.display();
    let mode = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => metadata.permissions().mode(),
        Ok(_) => {
            return vec![check(NAME, Verdict::Broken, format!("{shown} is no directory"), "name another in `data`")];
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let found = format!("{shown} is not there yet: the first start makes it");
            return vec![check(NAME, Verdict::Look, found, "keysig serve --config FILE")];
        }
        Err(error) => {
            return vec![check(NAME, Verdict::Broken, format!("{shown}: {error}"), "see who owns it: ls -ld")];
        }
    };
    let mut checks = Vec::new();
    if mode & 0o022 != 0 {
        let found = format!("others may write into {shown}");
        checks.push(check(NAME, Verdict::Broken, found, format!("chmod 700 {shown}")));
    } else if mode & 0o055 != 0 {
        let found = format!("others may look into {shown}");
        checks.push(check(NAME, Verdict::Look, found, format!("chmod 700 {shown}")));
    }
    if access(path, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let found = format!("this user may not write into {shown}");
        checks.push(check(NAME, Verdict::Broken, found, "run as the user that the server runs as"));
    }
    if kind == Kind::Real && DataDir::kind_of(path) == Kind::Test {
        let found = format!("{shown} was made by `keysig dev` and holds test accounts");
        checks.push(check(NAME, Verdict::Broken, found, "name another directory in `data`"));
    }
    if checks.is_empty() {
        checks.push(check(NAME, Verdict::Ok, shown.to_string(), ""));
    }
    checks
}

/// Whether what is broken leaves the store as it can be opened: a port that is taken is no reason not to look into it.
pub fn could_be_opened(checks: &[Check]) -> bool {
    let stops = ["configuration", "scopes-file", "data", "master-key"];
    !checks.iter().any(|check| check.verdict == Verdict::Broken && stops.contains(&check.name.as_str()))
}

/// The key from which all are derived; whether the store is sealed with it is the store's to say.
pub fn master_key(config: &Config) -> Check {
    const NAME: &str = "master-key";
    let Some(data) = DataDir::existing(&config.data) else {
        return check(NAME, Verdict::Look, "is made at the first start", "then keep a copy of it elsewhere");
    };
    if config.makes_master_key(&data) {
        return check(NAME, Verdict::Look, "is made at the first start", "then keep a copy of it elsewhere");
    }
    match config.master_key(&data, &OsRng) {
        Ok(_) => check(NAME, Verdict::Ok, "can be read", ""),
        Err(failure) => check(NAME, Verdict::Broken, failure.to_string(), "put the key of this store in its place"),
    }
}

/// The store's schema, and whether it is this program's.
pub async fn schema(config: &Config) -> (Check, bool) {
    const NAME: &str = "schema";
    let known = Store::KNOWN_SCHEMA;
    let Some(data) = DataDir::existing(&config.data) else {
        return (check(NAME, Verdict::Look, "there is no store yet", "keysig serve --config FILE"), false);
    };
    match Store::schema(&config.engine(&data)).await {
        Ok(Some(found)) if found == known => (check(NAME, Verdict::Ok, found.to_string(), ""), true),
        Ok(Some(found)) if found > known => {
            let found = format!("the store has schema {found}, this program knows {known}");
            (check(NAME, Verdict::Broken, found, "start the newer version"), false)
        }
        Ok(Some(found)) => {
            let found = format!("the next start brings the store from schema {found} to {known}");
            (check(NAME, Verdict::Look, found, "keep a copy of the data, then start"), false)
        }
        Ok(None) => {
            let found = "there is no store yet: the first start makes it";
            (check(NAME, Verdict::Look, found, "keysig serve --config FILE"), false)
        }
        Err(error) => {
            let fix = "see whether the database runs and lets this user in";
            (check(NAME, Verdict::Broken, error.to_string(), fix), false)
        }
    }
}
