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

/// Once nobody has asked for this long, all 19 MiB of each thread are given back.
const KEEP_MEMORY: Duration = Duration::from_secs(10);

impl PasswordHasher {
    /// Starts the threads; they end when the hasher is dropped.
    pub fn start(rng: Arc<dyn Rng>) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from).min(16);
        let (jobs, queue) = sync_channel(threads * 8);
        let shared = Arc::new(Shared { queue: Mutex::new(queue), spare: Mutex::default() });
        for _ in 0..threads {
            let (shared, rng) = (shared.clone(), rng.clone());
            std::thread::spawn(move || work(&shared, &*rng));
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

/// What the threads share.
struct Shared {
    /// One thread waits for it at a time, so that who has waited in vain knows that nobody was served.
    queue: Mutex<Receiver<Job>>,
    /// The memory that no job works in just now: not the threads' own, or each would keep its own until its turn to wait.
    spare: Mutex<Vec<HashingMemory>>,
}

impl Shared {
    fn with_memory<T>(&self, hash: impl FnOnce(&mut HashingMemory) -> T) -> T {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = spare().pop().unwrap_or_default();
        let hashed = hash(&mut memory);
        spare().push(memory);
        hashed
    }
}

fn work(shared: &Shared, rng: &dyn Rng) {
    loop {
        let job = shared.queue.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(KEEP_MEMORY);
        match job {
            // The person went away while they waited: not worth 20 ms.
            Ok(Job::Hash(_, answer)) if answer.is_closed() => {}
            Ok(Job::Verify(_, _, answer)) if answer.is_closed() => {}
            // An answer that nobody waits for any more is no error: the person closed the page.
            Ok(Job::Hash(password, answer)) => {
                let _ = answer.send(shared.with_memory(|memory| PasswordHash::new(&password, rng, memory)));
            }
            Ok(Job::Verify(password, hash, answer)) => {
                let _ = answer.send(shared.with_memory(|memory| hash.matches(&password, memory)));
            }
            Err(RecvTimeoutError::Timeout) => shared.spare.lock().unwrap_or_else(PoisonError::into_inner).clear(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
