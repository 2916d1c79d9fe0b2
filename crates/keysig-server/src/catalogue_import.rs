//! Reads a catalogue file, JSON or CSV (`docs/catalogue.md`), into what the store builds. What is wrong is said with its
//! line, and nothing is built of a file that is wrong anywhere.

mod csv_rows;
mod json_tree;

use std::collections::HashSet;
use std::path::Path;

use keysig_core::encoding::base62;
use keysig_core::seal::sha256;
use keysig_store::catalogue::{CatalogueData, ReleaseDate};

/// What a catalogue file is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// A tree of artists, albums and tracks.
    Json,
    /// One track a row.
    Csv,
}

impl Format {
    /// By the ending of the file's name.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// What is wrong with a catalogue file, and where.
#[derive(PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ImportError {
    /// Counted from 1.
    pub line: usize,
    /// In words.
    pub reason: String,
}

/// Reads a whole file.
pub fn parse(format: Format, file: &[u8]) -> Result<CatalogueData, ImportError> {
    let text = std::str::from_utf8(file).map_err(|error| {
        let good = file.get(..error.valid_up_to()).unwrap_or_default();
        ImportError { line: 1 + newlines(good), reason: "not UTF-8".to_owned() }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Json => json_tree::read(text),
        Format::Csv => csv_rows::read(text),
    }
}

fn newlines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

/// The id of something that was given none: the same for the same names in each import.
fn derived_id(names: &[&str]) -> String {
    let mut first = [0; 16];
    for (slot, byte) in first.iter_mut().zip(sha256(names.join("\n").as_bytes())) {
        *slot = byte;
    }
    base62(&first)
}

/// Takes ids once each.
#[derive(Default)]
struct Ids(HashSet<String>);

impl Ids {
    /// The given id, or one derived from `names`.
    fn take(&mut self, given: Option<String>, names: &[&str]) -> Result<String, String> {
        let is_given = given.is_some();
        let id = given.unwrap_or_else(|| derived_id(names));
        if id.len() != 22 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(format!("the id `{id}` has not 22 letters and digits"));
        }
        if !self.0.insert(id.clone()) {
            let name = names.last().copied().unwrap_or_default();
            return Err(match is_given {
                true => format!("the id `{id}` is taken already"),
                false => format!("`{name}` is there already; give both an id of their own if they are two"),
            });
        }
        Ok(id)
    }
}

fn present(what: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err(format!("{what} is empty")) } else { Ok(()) }
}

fn percentage(popularity: u8) -> Result<u8, String> {
    if popularity <= 100 { Ok(popularity) } else { Err(format!("popularity {popularity} is above 100")) }
}

fn date(text: &str) -> Result<ReleaseDate, String> {
    ReleaseDate::try_from(text.to_owned())
}

#[cfg(test)]
mod tests;
