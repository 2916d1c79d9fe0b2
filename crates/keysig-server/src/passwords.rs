//! Hashing passwords without letting it become an attack: as many threads as cores, a short queue, then 503.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use keysig_core::password::{HashingMemory, PasswordHash};
use keysig_core::rng::Rng;
use keysig_core::secret::Secret;
use tokio::sync::oneshot;

enum Job {
    Hash(Secret, oneshot::Sender<Option<PasswordHash>>),
    Verify(Secret, PasswordHash, oneshot::Sender<bool>),
}

/// More is queued than can be hashed soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords to check at once")]
pub struct Busy;

/// A few threads that hash.
pub struct PasswordHasher {
    jobs: SyncSender<Job>,
}

/// An idle thread gives its 19 MiB back after this long.
const KEEP_MEMORY: Duration = Duration::from_secs(10);

impl PasswordHasher {
    /// Starts the threads; they end when the hasher is dropped.
    pub fn start(rng: Arc<dyn Rng>) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from).min(16);
        let (jobs, queue) = sync_channel(threads * 8);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let (queue, rng) = (queue.clone(), rng.clone());
            std::thread::spawn(move || work(&queue, &*rng));
        }
        Self { jobs }
    }

    async fn run<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, Busy> {
        let (answer, answered) = oneshot::channel();
        self.jobs.try_send(job(answer)).map_err(|refused| match refused {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => Busy,
        })?;
        answered.await.map_err(|_| Busy)
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: Secret) -> Result<PasswordHash, Busy> {
        self.run(|answer| Job::Hash(password, answer)).await?.ok_or(Busy)
    }

    /// Whether `password` is the one of `hash`.
    pub async fn verify(&self, password: Secret, hash: PasswordHash) -> Result<bool, Busy> {
        self.run(|answer| Job::Verify(password, hash, answer)).await
    }
}

fn work(queue: &Mutex<Receiver<Job>>, rng: &dyn Rng) {
    let mut memory = HashingMemory::default();
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(KEEP_MEMORY);
        match job {
            // The person went away while they waited: not worth 20 ms.
            Ok(Job::Hash(_, answer)) if answer.is_closed() => {}
            Ok(Job::Verify(_, _, answer)) if answer.is_closed() => {}
            // An answer that nobody waits for any more is no error: the person closed the page.
            Ok(Job::Hash(password, answer)) => drop(answer.send(PasswordHash::new(&password, rng, &mut memory))),
            Ok(Job::Verify(password, hash, answer)) => drop(answer.send(hash.matches(&password, &mut memory))),
            Err(RecvTimeoutError::Timeout) => memory = HashingMemory::default(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
