//! What people do on the consent page besides a plain yes or no, and apps that let them.

use keysig_core::app::{App, ClientType, ConsentSettings};
use keysig_core::profile::Profile;
use keysig_core::scope::ScopeEntry;

use super::{Answer, AuthorizeUrl, Browser, ClientApp, TestApp, apis, app, parameters, scope_file};

impl TestApp {
    /// An app of the Spotify profile called `choices`, which works without `optional`.
    pub async fn with_choices(&self, optional: &str) -> ClientApp {
        let optional = self.server.scopes().parse(optional).unwrap();
        self.with_settings(ConsentSettings { optional, ..ConsentSettings::default() }).await
    }

    /// An app of the Spotify profile called `choices`.
    pub async fn with_settings(&self, consent: ConsentSettings) -> ClientApp {
        self.add(&App { consent, ..app("choices", ClientType::Confidential, Profile::Spotify) }).await;
        self.client("choices")
    }

    /// The same data after the operator changed the scopes.
    pub async fn with_scopes(self, change: impl Fn(&mut ScopeEntry)) -> Self {
        // Other random bytes than before: no id comes twice.
        let seed = u64::from_be_bytes(keysig_core::rng::random(&*self.server.rng));
        let (place, clock) = self.stop().await;
        let mut file = scope_file();
        file.scope.iter_mut().for_each(change);
        Self::open_set(place, clock, seed, (apis(), file), |_| {}).await
    }
}

impl ClientApp {
    /// A request for `scope`, without PKCE.
    pub fn asks(&self, scope: &str) -> AuthorizeUrl {
        self.request().with("scope", scope).without("code_challenge").without("code_challenge_method")
    }

    /// What the token of this callback may do.
    #[track_caller]
    pub fn scope_of(&self, callback: &str) -> impl Future<Output = String> {
        let code = parameters(callback).remove("code").unwrap_or_else(|| panic!("no code in {callback}"));
        async move { self.exchange(&code).await.text("scope") }
    }
}

impl Browser {
    /// Allows the page at hand with more fields: boxes that are ticked, a time that is chosen.
    pub async fn allow_with(&mut self, page: &Answer, more: &[(&str, &str)]) -> Answer {
        let (tx, csrf) = (page.field("tx"), page.field("csrf"));
        let fields = [("tx", tx.as_str()), ("csrf", &csrf), ("decision", "allow")];
        self.post("/consent", &[&fields[..], more].concat()).await
    }

    /// The same browser before another server on the same data.
    pub fn before(self, app: &TestApp) -> Self {
        Self { app: app.clone(), ..self }
    }
}
