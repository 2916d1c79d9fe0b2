//! Chance as a parameter: nothing in the core draws randomness by itself.

/// Where random bytes come from. The server has the operating system's generator; tests seed one.
pub trait Rng: Send + Sync {
    /// Fills `bytes` with random bytes that nobody can predict.
    fn fill(&self, bytes: &mut [u8]);
}

impl<R: Rng + ?Sized> Rng for std::sync::Arc<R> {
    fn fill(&self, bytes: &mut [u8]) {
        (**self).fill(bytes);
    }
}

/// `N` random bytes.
pub fn random<const N: usize>(rng: &(impl Rng + ?Sized)) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill(&mut bytes);
    bytes
}
