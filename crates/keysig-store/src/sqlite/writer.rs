//! The writer thread: takes what is queued, commits it in one durable transaction, answers.

use std::borrow::Borrow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};

use super::write_side::WriteSide;
use crate::error::StoreError;
use crate::statement::{Write, Written};

/// Writes that wait for the thread; one more is refused at once.
pub(super) const QUEUE: usize = 4096;
/// Writes in one transaction at most: beyond, the answer's delay grows and the commit's share no longer shrinks.
const BATCH: usize = 512;
/// After this long without a write the log is moved to the database file.
const IDLE: Duration = Duration::from_secs(1);
/// How often an idle thread looks for what interactive transactions left in the log.
const LONG_IDLE: Duration = Duration::from_secs(30);
/// Writes between two looks at the size of the log.
const LOOK_AFTER: usize = 256;

pub(super) struct Job {
    write: Write,
    reply: Option<Reply>,
}

type Reply = oneshot::Sender<Result<Written, StoreError>>;

impl Job {
    pub(super) fn new(write: Write, reply: Reply) -> Self {
        Self { write, reply: Some(reply) }
    }

    fn answer(mut self, result: Result<Written, StoreError>) {
        // A caller that went away has no use for the answer; the write stands.
        drop(self.reply.take().map(|reply| reply.send(result)));
    }
}

/// A write that is still queued when the store closes was not done, and its caller is told so. After a fault of the
/// thread nobody knows: the caller gets no answer, and takes that for an unknown outcome.
impl Drop for Job {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(self.reply.take().map(|reply| reply.send(Err(super::closed()))));
        }
    }
}

impl Borrow<Write> for Job {
    fn borrow(&self) -> &Write {
        &self.write
    }
}

pub(super) enum Message {
    Write(Job),
    /// Do what is queued before this, close, answer.
    Close(oneshot::Sender<()>),
}

pub(super) fn run(queue: Receiver<Message>, side: &Arc<Mutex<WriteSide>>) {
    let mut batch: Vec<Job> = Vec::with_capacity(BATCH);
    let mut results = Vec::with_capacity(BATCH);
    let mut wait = LONG_IDLE;
    let mut written = 0;
    loop {
        let mut close = None;
        match queue.recv_timeout(wait) {
            Ok(Message::Write(job)) => batch.push(job),
            Ok(Message::Close(reply)) => close = Some(reply),
            Err(RecvTimeoutError::Timeout) => {
                side.blocking_lock().checkpoint();
                (wait, written) = (LONG_IDLE, 0);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => {
                side.blocking_lock().close();
                return;
            }
        }
        let mut side = side.blocking_lock();
        while close.is_none() && batch.len() < BATCH {
            match queue.try_recv() {
                Ok(Message::Write(job)) => batch.push(job),
                Ok(Message::Close(reply)) => close = Some(reply),
                Err(_) => break,
            }
        }
        if !batch.is_empty() {
            // Revocations last: what is minted in the same batch is minted before them, and dies by them.
            batch.sort_by_key(|job| !job.write.feed.is_empty());
            side.write_batch(&batch, &mut results);
            written += batch.len();
            for (job, result) in batch.drain(..).zip(results.drain(..)) {
                job.answer(result);
            }
        }
        if let Some(reply) = close {
            side.close();
            drop(queue);
            // Whoever asked may have gone away.
            let _ = reply.send(());
            return;
        }
        if written >= LOOK_AFTER {
            side.checkpoint_if_large();
            written = 0;
        }
        wait = IDLE;
    }
}
