//! What a fresh machine lacks: installed where we may, named where we may not.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    process::program,
    steps::{self, Workshop},
};

/// The first of `names` that is a file in one of the directories of `PATH`.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let directories = env::var_os("PATH").unwrap_or_default();
    let directories: Vec<PathBuf> = env::split_paths(&directories).collect();
    names.iter().find_map(|name| directories.iter().map(|directory| directory.join(name)).find(|path| path.is_file()))
}

/// Whether this process may install packages and become other users.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout == b"0\n")
}

/// Installs Debian packages, or says which are missing and why they stay so.
fn apt(workshop: &Workshop, packages: &[&str]) -> Result<(), String> {
    let missing = packages.join(" ");
    if on_path(&["apt-get"]).is_none() {
        return Err(format!("missing: {missing}; there is no apt-get here, install it by hand"));
    }
    if !is_root() {
        return Err(format!("missing: {missing}; run `sudo apt-get install {missing}`"));
    }
    steps::aside(&format!("apt installs {missing}"));
    let apt_get = |words: &[&str]| {
        let mut command = program("apt-get", "TERM");
        // Run level 1 keeps Debian from starting a server of its own when PostgreSQL is installed.
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
        workshop.run(command)
    };
    apt_get(&["update", "-q"])?;
    apt_get(&[&["install", "-q", "-y", "--no-install-recommends"], packages].concat())
}

/// Debian's Chromium, or the one that `KEYSIG_CHROMIUM` names.
pub fn chromium(workshop: &Workshop) -> Result<PathBuf, String> {
    let find =
        || env::var_os("KEYSIG_CHROMIUM").map(PathBuf::from).or_else(|| on_path(&["chromium", "chromium-browser"]));
    if find().is_none() {
        // A page without a font has no text to look at, nor to measure.
        apt(workshop, &["chromium", "fonts-dejavu-core"])?;
    }
    find().ok_or_else(|| "chromium was installed, but is not on PATH".to_owned())
}

/// Debian's Go, or the one on `PATH`.
pub fn go(workshop: &Workshop) -> Result<PathBuf, String> {
    if on_path(&["go"]).is_none() {
        apt(workshop, &["golang-go"])?;
    }
    on_path(&["go"]).ok_or_else(|| "golang-go was installed, but go is not on PATH".to_owned())
}

/// The directory of `initdb` and `postgres`: the newest of Debian's, or the one on `PATH`.
pub fn postgres(workshop: &Workshop) -> Result<PathBuf, String> {
    if find_postgres().is_none() {
        apt(workshop, &["postgresql"])?;
    }
    find_postgres().ok_or_else(|| "postgresql was installed, but its programs are not to be found".to_owned())
}

fn find_postgres() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = debian
        .filter_map(|entry| {
            entry.file_name().to_str()?.parse::<u32>().ok().map(|version| (version, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .max();
    newest.map(|(_, bin)| bin).or_else(|| on_path(&["initdb"])?.parent().map(Path::to_owned))
}

/// The Python of a virtual environment under `target/` with exactly what the lock file names.
pub fn python(workshop: &Workshop) -> Result<PathBuf, String> {
    let lock = workshop.root.join("tests/clients/python/requirements.txt");
    let venv = workshop.target("venv");
    let interpreter = venv.join("bin/python");
    if is_current(&lock, &venv) && interpreter.is_file() {
        return Ok(interpreter);
    }
    let system = on_path(&["python3"]).ok_or("missing: python3 (3.11 or later)")?;
    if !Command::new(&system)
        .args(["-c", "import venv, ensurepip"])
        .output()
        .is_ok_and(|answer| answer.status.success())
    {
        apt(workshop, &["python3-venv"])?;
    }
    let mut create = program(&system, "TERM");
    create.args(["-m", "venv", "--clear"]).arg(&venv);
    workshop.run(create)?;
    let mut install = program(&interpreter, "TERM");
    install
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"])
        .arg(&lock);
    workshop.run(install)?;
    stamp(&lock, &venv)?;
    Ok(interpreter)
}

/// A copy of the Node tests under `target/`, beside the packages of their lock file.
pub fn node(workshop: &Workshop) -> Result<PathBuf, String> {
    on_path(&["node"]).ok_or("missing: node (20 or later)")?;
    on_path(&["npm"]).ok_or("missing: npm")?;
    let tests = workshop.root.join("tests");
    let place = workshop.target("node");
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        copy(&tests.join(file), &place.join(file))?;
    }
    for directory in ["clients/node", "browser"] {
        let _ = fs::remove_dir_all(place.join(directory));
        copy(&tests.join(directory), &place.join(directory))?;
    }
    let lock = tests.join("package-lock.json");
    if !is_current(&lock, &place.join("node_modules")) {
        let mut install = program("npm", "TERM");
        install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&place);
        workshop.run(install)?;
        stamp(&lock, &place.join("node_modules"))?;
    }
    Ok(place)
}

/// `cargo-deny`: the one on `PATH`, or built into `target/tools`.
pub fn cargo_deny(workshop: &Workshop) -> Result<PathBuf, String> {
    cargo_tool(workshop, "cargo-deny", "^0.20")
}

/// `cargo-fuzz`: the one on `PATH`, or built into `target/tools`.
pub fn cargo_fuzz(workshop: &Workshop) -> Result<PathBuf, String> {
    cargo_tool(workshop, "cargo-fuzz", "^0.13")
}

fn cargo_tool(workshop: &Workshop, name: &str, version: &str) -> Result<PathBuf, String> {
    let tools = workshop.target("tools");
    let ours = tools.join("bin").join(name);
    if let Some(found) = on_path(&[name]).or_else(|| ours.is_file().then(|| ours.clone())) {
        return Ok(found);
    }
    steps::aside(&format!("cargo installs {name}"));
    let mut install = program("cargo", "TERM");
    install.args(["install", "--quiet", "--locked", name, "--version", version, "--root"]).arg(&tools);
    workshop.run(install)?;
    Ok(ours)
}

/// A C++ compiler, which libFuzzer is built with.
pub fn cxx(workshop: &Workshop) -> Result<(), String> {
    if env::var_os("CXX").is_none() && on_path(&["c++"]).is_none() {
        apt(workshop, &["g++"])?;
    }
    Ok(())
}

/// Copies a file, or a directory with all it holds.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let complain = |error: std::io::Error| format!("copying {}: {error}", from.display());
    if from.is_dir() {
        fs::create_dir_all(to).map_err(complain)?;
        for entry in fs::read_dir(from).map_err(complain)? {
            let entry = entry.map_err(complain)?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(complain)?;
    }
    fs::copy(from, to).map(|_| ()).map_err(complain)
}

/// Whether `place` was installed from a lock file with these very bytes.
fn is_current(lock: &Path, place: &Path) -> bool {
    matches!((fs::read(lock), fs::read(place.join(".installed-from"))), (Ok(now), Ok(then)) if now == then)
}

fn stamp(lock: &Path, place: &Path) -> Result<(), String> {
    copy(lock, &place.join(".installed-from"))
}
