//! The same data, another server.

use keysig_server::settings::Compat;

use super::{TestApp, apis, scope_file};

impl TestApp {
    /// Stops it and starts another on the same data, as after a restart.
    pub async fn restart(self) -> Self {
        let (directory, clock) = self.stop().await;
        Self::open(directory, clock, 2, Compat::Friendly).await
    }

    /// The same data with no API but ours.
    pub async fn without_apis(self) -> Self {
        let (place, clock) = self.stop().await;
        Self::open_with(place, clock, 4, Compat::Friendly, Vec::new()).await
    }

    /// The same data at another address.
    pub async fn on(self, issuer: &str) -> Self {
        let (place, clock) = self.stop().await;
        Self::open_set(place, clock, 5, (apis(), scope_file()), |settings| issuer.clone_into(&mut settings.public_url))
            .await
    }

    /// The same data under `compat = strict`.
    pub async fn strict(self) -> Self {
        self.set_to(|settings| settings.defaults.compat = Compat::Strict).await
    }
}
