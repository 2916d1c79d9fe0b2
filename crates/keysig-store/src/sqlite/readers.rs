//! Read-only connections: short reads run where they are asked for, long ones have connections of their own.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::connection::Connection;
use crate::error::StoreError;
use crate::value::{Row, Value};

/// Long reads that run at the same time; more of them wait in their threads.
const HEAVY: usize = 2;

type Slot = Mutex<Option<Connection>>;

pub(super) struct Readers {
    light: Box<[Slot]>,
    heavy: Box<[Slot]>,
    turn: AtomicUsize,
}

impl Readers {
    pub(super) fn open(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        let light = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
        let each = cache_bytes / (light + HEAVY) as u64;
        let slots = |count: usize| -> Result<Box<[Slot]>, StoreError> {
            (0..count).map(|_| Ok(Mutex::new(Some(Connection::open_reader(path, each)?)))).collect()
        };
        Ok(Self { light: slots(light)?, heavy: slots(HEAVY)?, turn: AtomicUsize::new(0) })
    }

    /// A read of microseconds. It runs on the calling thread: sending it to another would cost more than it does.
    pub(super) fn read(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.read_on(&self.light, sql, params)
    }

    /// A read that may take long; call it on a thread that may block.
    pub(super) fn read_heavy(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.read_on(&self.heavy, sql, params)
    }

    fn read_on(&self, slots: &[Slot], sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = || slots.iter().cycle().skip(turn % slots.len().max(1)).take(slots.len());
        let free = in_turn().find_map(|slot| match slot.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        let next = || in_turn().next().map(lock);
        let mut guard = free.or_else(next).ok_or(StoreError::Busy)?;
        let connection = guard.as_mut().ok_or_else(super::closed)?;
        connection.run(sql, params, true).map(|result| result.rows)
    }

    pub(super) fn close(&self) {
        for slot in self.light.iter().chain(&self.heavy) {
            *lock(slot) = None;
        }
    }
}

fn lock(slot: &Slot) -> MutexGuard<'_, Option<Connection>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
