//! Snapshot ids: which version of which playlist an app has seen.

use keysig_core::encoding::{base64_decode, base64_encode};

/// One version of one playlist: 32 base64 characters that start with `AAAA`, opaque to apps. The salt is the
/// playlist's, so that one playlist's snapshot id is never another's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SnapshotId {
    pub(super) version: i64,
    pub(super) salt: [u8; 16],
}

impl SnapshotId {
    /// As sent to apps.
    pub fn print(self) -> String {
        // Versions stay below 2^40, so the first three of the eight bytes are zero: `AAAA`.
        let mut bytes = self.version.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.salt);
        base64_encode(&bytes)
    }

    /// From what an app sends back; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = base64_decode(text)?.try_into().ok()?;
        let (version, salt) = bytes.split_at_checked(8)?;
        let version = i64::from_be_bytes(version.try_into().ok()?);
        (0..1 << 40).contains(&version).then_some(Self { version, salt: salt.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_id_looks_as_clients_expect_and_comes_back() {
        let snapshot = SnapshotId { version: 70_000, salt: [0xAB; 16] };
        let text = snapshot.print();
        assert!(text.len() == 32 && text.starts_with("AAAA"), "{text}");
        assert_eq!(SnapshotId::parse(&text), Some(snapshot));
        assert_ne!(SnapshotId { version: 70_001, ..snapshot }.print(), text);
    }

    #[test]
    fn what_is_none_is_refused() {
        assert_eq!(SnapshotId::parse(""), None);
        assert_eq!(SnapshotId::parse("AAAA"), None);
        assert_eq!(SnapshotId::parse(&base64_encode(&[0xFF; 24])), None);
    }
}
