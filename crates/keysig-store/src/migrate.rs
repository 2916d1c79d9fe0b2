//! Schema changes: numbered files (`migrations/README.md`), one text for both engines.

use crate::error::StoreError;

/// All migrations; the number of one is its place, from 1. Append only.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_engine.sql"),
    include_str!("../migrations/0002_login.sql"),
    include_str!("../migrations/0003_music.sql"),
    include_str!("../migrations/0004_openid.sql"),
    include_str!("../migrations/0005_sign_in.sql"),
    include_str!("../migrations/0006_mail.sql"),
    include_str!("../migrations/0007_consent.sql"),
    include_str!("../migrations/0008_upstream.sql"),
    include_str!("../migrations/0009_account.sql"),
    include_str!("../migrations/0010_audit.sql"),
    include_str!("../migrations/0011_apps.sql"),
    include_str!("../migrations/0012_inspector.sql"),
    include_str!("../migrations/0013_webhooks.sql"),
    include_str!("../migrations/0014_settings.sql"),
    include_str!("../migrations/0015_operators.sql"),
    include_str!("../migrations/0016_programme.sql"),
];

/// The newest schema this program knows.
pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Made before anything else; its one row is locked while migrations run.
pub(crate) const BOOTSTRAP: &str = "CREATE TABLE IF NOT EXISTS schema_version (
        one BIGINT NOT NULL PRIMARY KEY,
        version BIGINT NOT NULL
    );
    INSERT INTO schema_version (one, version) VALUES (1, 0) ON CONFLICT (one) DO NOTHING;";
/// Locks the row and reads the version.
pub(crate) const LOCK: &str = "UPDATE schema_version SET version = version WHERE one = 1 RETURNING version";
/// Sets the version.
pub(crate) const SET: &str = "UPDATE schema_version SET version = $1 WHERE one = 1";
/// Reads the version.
pub(crate) const READ: &str = "SELECT version FROM schema_version WHERE one = 1";
/// Begins the store's life, unless it has begun.
pub(crate) const BEGIN_LIFE: &str =
    "INSERT INTO store_life (one, incarnation, made_at) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING";
/// Reads the store's life.
pub(crate) const READ_LIFE: &str = "SELECT incarnation FROM store_life WHERE one = 1";

/// The migrations a store of schema `found` still needs.
pub(crate) fn pending(found: i64) -> Result<&'static [&'static str], StoreError> {
    let newer = StoreError::NewerSchema { found, known: KNOWN };
    usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found..)).ok_or(newer)
}

/// A migration as PostgreSQL wants it.
pub(crate) fn for_postgres(sql: &str) -> String {
    sql.replace("BLOB", "BYTEA").replace("WITHOUT ROWID", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_file_is_embedded_at_its_number() {
        let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
        files.sort();
        assert_eq!(files.len(), MIGRATIONS.len());
        for (index, (file, embedded)) in files.iter().zip(MIGRATIONS).enumerate() {
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name}");
            assert_eq!(&std::fs::read_to_string(file).unwrap(), embedded);
        }
    }

    #[test]
    fn a_newer_schema_is_refused() {
        assert_eq!(pending(KNOWN), Ok(&[] as &[&str]));
        assert_eq!(pending(KNOWN + 1), Err(StoreError::NewerSchema { found: KNOWN + 1, known: KNOWN }));
        assert!(pending(-1).is_err());
    }
}
