//! Mail on its way and proofs by mail: taken once, used once, also when many ask at once.

use std::sync::Arc;

use keysig_core::id::{MailId, ProofId, UserId};
use keysig_core::mail::{MAX_WRONG_DIGITS, Purpose};
use keysig_core::testing::SeededRng;
use keysig_core::time::Timestamp;
use keysig_store::mail_proofs::{self, Proof, Tried};
use keysig_store::{Store, StoreError, Write, mails};
use tokio::task::JoinSet;

use crate::place::{NOW, Place};

on_both_engines!(
    a_mail_is_taken_by_one_and_due_again_until_it_is_done,
    mails_are_listed_newest_first_and_forgotten_by_age,
    of_many_who_show_a_proof_one_uses_it,
    digits_are_tried_five_times_however_many_try_at_once,
    a_proof_is_of_one_purpose_and_ends_with_its_time,
    closing_leaves_other_people_and_purposes_alone,
);

fn proof(n: u64, purpose: Purpose, user: Option<UserId>) -> Proof {
    Proof {
        id: ProofId::generate(NOW, &SeededRng::new(n)),
        purpose,
        email: "ada@example.test".to_owned(),
        user,
        secret_mac: [1; 32],
        digits_mac: [2; 32],
        tries: 0,
        body: "{\"name\":\"Ada\"}".to_owned(),
        expires_at: NOW.plus_seconds(1800),
        used_at: None,
    }
}

async fn add(store: &Store, proof: &Proof) {
    store.write(Write::one(mail_proofs::insertion(proof))).await.unwrap();
}

async fn a_mail_is_taken_by_one_and_due_again_until_it_is_done(place: Arc<Place>) {
    let store = place.open().await;
    let id = MailId::generate(NOW, &SeededRng::new(1));
    mails::add(&store, id, b"sealed".to_vec(), NOW).await.unwrap();
    assert!(mails::due(&store, NOW.plus_seconds(-1), 9).await.unwrap().is_empty());
    let due = mails::due(&store, NOW, 9).await.unwrap();
    assert_eq!((due.len(), due[0].id, &due[0].message[..], due[0].tries), (1, id, &b"sealed"[..], 0));
    let later = NOW.plus_seconds(60);
    assert!(mails::take(&store, &due[0], later).await.unwrap());
    assert!(!mails::take(&store, &due[0], later).await.unwrap(), "taken");
    assert!(mails::due(&store, NOW, 9).await.unwrap().is_empty());
    let again = mails::due(&store, later, 9).await.unwrap();
    assert_eq!(again[0].tries, 1);
    mails::done(&store, id).await.unwrap();
    assert!(mails::due(&store, later, 9).await.unwrap().is_empty());
}

async fn mails_are_listed_newest_first_and_forgotten_by_age(place: Arc<Place>) {
    let store = place.open().await;
    let at = |seconds| MailId::generate(NOW.plus_seconds(seconds), &SeededRng::new(seconds as u64));
    for seconds in [0, 2, 1] {
        mails::add(&store, at(seconds), vec![seconds as u8], NOW).await.unwrap();
    }
    let listed = |mails: Vec<mails::Mail>| mails.into_iter().map(|mail| mail.message[0]).collect::<Vec<_>>();
    assert_eq!(listed(mails::newest(&store, 9).await.unwrap()), [2, 1, 0]);
    assert_eq!(listed(mails::newest(&store, 2).await.unwrap()), [2, 1]);
    assert_eq!(mails::find(&store, at(1)).await.unwrap().unwrap().message, [1]);
    mails::forget(&store, NOW.plus_seconds(1)).await.unwrap();
    assert_eq!(listed(mails::newest(&store, 9).await.unwrap()), [2, 1]);
    assert!(mails::find(&store, at(0)).await.unwrap().is_none());
}

async fn of_many_who_show_a_proof_one_uses_it(place: Arc<Place>) {
    let store = Arc::new(place.open().await);
    let proof = proof(1, Purpose::SignUp, None);
    add(&store, &proof).await;
    let mut all = JoinSet::new();
    for n in 0..25 {
        let (store, id) = (store.clone(), proof.id);
        all.spawn(async move {
            let mail = MailId::generate(NOW, &SeededRng::new(100 + n));
            let write = Write::one(mail_proofs::spending(id, NOW)).and(mails::insertion(mail, Vec::new(), NOW));
            match store.write(write).await {
                Ok(_) => 1,
                Err(StoreError::AffectedMismatch { .. }) => 0,
                Err(error) => panic!("{error}"),
            }
        });
    }
    assert_eq!(all.join_all().await.into_iter().sum::<i32>(), 1);
    assert_eq!(mails::newest(&store, 99).await.unwrap().len(), 1, "what goes with it is done once, too");
    let used = mail_proofs::find(&store, proof.id, Purpose::SignUp).await.unwrap().unwrap();
    assert!(used.used_at.is_some() && !used.is_open(NOW));
}

async fn digits_are_tried_five_times_however_many_try_at_once(place: Arc<Place>) {
    let store = Arc::new(place.open().await);
    let proof = proof(1, Purpose::Recover, None);
    add(&store, &proof).await;
    let mut all = JoinSet::new();
    for _ in 0..25 {
        let (store, proof) = (store.clone(), proof.clone());
        all.spawn(async move { mail_proofs::try_digits(&store, &proof, &[3; 32], NOW).await.unwrap() });
    }
    let tried = all.join_all().await;
    assert_eq!(tried.iter().filter(|tried| **tried == Tried::Wrong).count(), MAX_WRONG_DIGITS as usize);
    let right = mail_proofs::try_digits(&store, &proof, &[2; 32], NOW).await.unwrap();
    assert_eq!(right, Tried::Closed, "the right ones come too late");
    let other = self::proof(2, Purpose::Recover, None);
    add(&store, &other).await;
    assert_eq!(mail_proofs::try_digits(&store, &other, &[2; 32], NOW).await.unwrap(), Tried::Right);
    let over = NOW.plus_seconds(1800);
    assert_eq!(mail_proofs::try_digits(&store, &other, &[2; 32], over).await.unwrap(), Tried::Closed);
}

async fn a_proof_is_of_one_purpose_and_ends_with_its_time(place: Arc<Place>) {
    let store = place.open().await;
    let user = UserId::from_bytes([9; 16]);
    let proof = proof(1, Purpose::Address, Some(user));
    add(&store, &proof).await;
    let found = mail_proofs::find(&store, proof.id, Purpose::Address).await.unwrap().unwrap();
    assert_eq!((found.user, &*found.email, &*found.body), (Some(user), "ada@example.test", "{\"name\":\"Ada\"}"));
    assert_eq!((found.secret_mac, found.digits_mac), ([1; 32], [2; 32]));
    assert!(found.is_open(NOW) && !found.is_open(NOW.plus_seconds(1800)));
    assert!(mail_proofs::find(&store, proof.id, Purpose::Recover).await.unwrap().is_none());
    let late = Write::one(mail_proofs::spending(proof.id, NOW.plus_seconds(1800)));
    assert!(matches!(store.write(late).await, Err(StoreError::AffectedMismatch { .. })));
    mail_proofs::forget_expired(&store, NOW.plus_seconds(1800)).await.unwrap();
    assert!(mail_proofs::find(&store, proof.id, Purpose::Address).await.unwrap().is_some());
    mail_proofs::forget_expired(&store, Timestamp::from_unix_millis(NOW.unix_millis() + 1_800_001)).await.unwrap();
    assert!(mail_proofs::find(&store, proof.id, Purpose::Address).await.unwrap().is_none());
}

async fn closing_leaves_other_people_and_purposes_alone(place: Arc<Place>) {
    let store = place.open().await;
    let [ada, bob] = [1, 2].map(|n| UserId::from_bytes([n; 16]));
    let proofs = [
        proof(1, Purpose::Recover, Some(ada)),
        proof(2, Purpose::Recover, Some(ada)),
        proof(3, Purpose::Recover, Some(bob)),
        proof(4, Purpose::Address, Some(ada)),
    ];
    for proof in &proofs {
        add(&store, proof).await;
    }
    store.write(Write::one(mail_proofs::closing(ada, Purpose::Recover, NOW))).await.unwrap();
    let mut open = Vec::new();
    for proof in &proofs {
        open.push(mail_proofs::find(&store, proof.id, proof.purpose).await.unwrap().unwrap().is_open(NOW));
    }
    assert_eq!(open, [false, false, true, true]);
}
