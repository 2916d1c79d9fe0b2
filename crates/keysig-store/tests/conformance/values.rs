//! What is written is what is read.

use std::sync::Arc;

use keysig_core::id::UserId;
use keysig_core::scope::ScopeSet;
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;
use keysig_store::{Statement, Write, params};

use crate::place::Place;

on_both_engines!(values_of_every_type_survive, null_is_not_empty, comparisons_are_read_as_booleans);

const INSERT: &str = "INSERT INTO things (id, kind, text, bytes) VALUES ($1, $2, $3, $4)";
const SELECT: &str = "SELECT kind, text, bytes FROM things WHERE id = $1";

async fn values_of_every_type_survive(place: Arc<Place>) {
    let store = place.open().await;
    let long = "x".repeat(100_000);
    let texts = ["", "'; DROP TABLE things; --", "Æther 𝄞 \u{10ffff}", "$1 ?1", &long];
    let every_byte: Vec<u8> = (0..=255).collect();
    let blobs = [Vec::new(), vec![0], every_byte, vec![7; 200_000], b"text".to_vec()];
    let numbers = [0, i64::MIN, i64::MAX, -1, i64::from(u32::MAX)];
    for (id, ((text, blob), number)) in texts.iter().zip(&blobs).zip(numbers).enumerate() {
        let params = params![id as i64, number, *text, blob.clone()];
        store.write(Write::one(Statement::new(INSERT, params).must_affect(1))).await.unwrap();
        let rows = store.read(SELECT, params![id as i64]).await.unwrap();
        assert_eq!(rows[0].int(0), Ok(number));
        assert_eq!(rows[0].text(1), Ok(*text));
        assert_eq!(rows[0].blob(2), Ok(blob.as_slice()));
        let found = "SELECT id FROM things WHERE text = $1 AND bytes = $2 AND kind = $3";
        assert_eq!(store.read(found, params![*text, blob.clone(), number]).await.unwrap().len(), 1);
    }
    let user = UserId::from_bytes([9; 16]);
    let now = Timestamp::from_unix_millis(1_790_000_000_123);
    store.write(Write::one(Statement::new(INSERT, params![100, now, None::<&str>, user]))).await.unwrap();
    let row = store.read(SELECT, params![100]).await.unwrap().remove(0);
    assert_eq!(row.timestamp(0), Ok(now));
    assert_eq!(row.id::<UserId>(2), Ok(user));
    let scopes = ScopeSet::from_bytes([0x81; 16]);
    store.write(Write::one(Statement::new(INSERT, params![101, true, None::<&str>, scopes]))).await.unwrap();
    let row = store.read(SELECT, params![101]).await.unwrap().remove(0);
    assert_eq!(row.bool(0), Ok(true));
    assert_eq!(row.id::<ScopeSet>(2), Ok(scopes));
    let hash = Secret::new("hush".to_owned()).hash();
    store.write(Write::one(Statement::new(INSERT, params![102, u32::MAX, None::<&str>, hash]))).await.unwrap();
    let row = store.read(SELECT, params![102]).await.unwrap().remove(0);
    assert_eq!(row.u32(0), Ok(u32::MAX));
    assert!(row.id::<keysig_core::secret::SecretHash>(2).unwrap().matches("hush"));
}

async fn null_is_not_empty(place: Arc<Place>) {
    let store = place.open().await;
    let params = params![1, 0, None::<String>, None::<UserId>];
    store.write(Write::one(Statement::new(INSERT, params))).await.unwrap();
    let row = store.read(SELECT, params![1]).await.unwrap().remove(0);
    assert_eq!(row.opt_text(1), Ok(None));
    assert_eq!(row.opt_id::<UserId>(2), Ok(None));
    assert!(row.text(1).is_err() && row.blob(2).is_err() && row.int(1).is_err());
    let params = params![2, 0, "", Vec::<u8>::new()];
    store.write(Write::one(Statement::new(INSERT, params))).await.unwrap();
    let row = store.read(SELECT, params![2]).await.unwrap().remove(0);
    assert_eq!(row.opt_text(1), Ok(Some("")));
    assert_eq!(row.opt_blob(2), Ok(Some(&[] as &[u8])));
}

async fn comparisons_are_read_as_booleans(place: Arc<Place>) {
    let store = place.open().await;
    let sql = "SELECT EXISTS (SELECT 1 FROM things), 1 = 1, COUNT(*) FROM things";
    let row = store.read(sql, params![]).await.unwrap().remove(0);
    assert_eq!((row.bool(0), row.bool(1), row.int(2)), (Ok(false), Ok(true), Ok(0)));
}
