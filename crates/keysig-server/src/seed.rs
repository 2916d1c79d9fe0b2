//! Seed files: the people and apps a playground starts with (`docs/seed-file.md`).

use std::path::Path;
use std::sync::Arc;

use keysig_core::account_event::AccountEvent;
use keysig_core::id::{AppId, EventId, UserId};
use keysig_core::password::{HashingMemory, PasswordHash};
use keysig_core::seal::sha256;
use keysig_core::testing::SeededRng;
use keysig_store::account_events::Happened;
use keysig_store::catalogue::Catalogue;
use keysig_store::library::seed_library;
use keysig_store::{apps, second_factors, users};
use serde::Deserialize;
use tokio::task::JoinSet;

use crate::ambient::OsRng;
use crate::catalogue_import::{self, Format};
use crate::failure::{Failure, toml_mistake};
use crate::register::api::ListedApi;
use crate::register::app::NewApp;
use crate::register::user::NewUser;
use crate::register::{self, Refused};
use crate::second_step;
use crate::server::Server;

const BUILT_IN: &str = include_str!("../../../seed/dev.toml");
const CATALOGUE: &[u8] = include_bytes!("../../../seed/catalogue.json");

/// People and apps registered at once: far fewer than the store's queue holds.
const AT_ONCE: usize = 32;

/// A seed file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Its people.
    #[serde(default, rename = "user")]
    pub users: Vec<NewUser>,
    /// Their apps.
    #[serde(default, rename = "app")]
    pub apps: Vec<NewApp>,
    /// APIs beside ours that tokens can be asked for.
    #[serde(default, rename = "api")]
    pub apis: Vec<ListedApi>,
}

impl Seed {
    /// Reads `file`, or the seed that is built in.
    pub fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(file) = file else { return Self::parse("the built-in seed", BUILT_IN) };
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| Failure::setup(format!("{name}: {error}")))?;
        Self::parse(&name, &text)
    }

    fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let seed: Self = toml::from_str(text).map_err(|error| Failure::setup(toml_mistake(name, text, &error)))?;
        // Without an id nobody could tell at the next start that they are there already.
        if let Some(user) = seed.users.iter().find(|user| user.id.is_none()) {
            return Err(Failure::setup(format!("{name}: user {} needs an `id`", user.email)));
        }
        if let Some(app) = seed.apps.iter().find(|app| app.client_id.is_none()) {
            return Err(Failure::setup(format!("{name}: app {} needs a `client_id`", app.name)));
        }
        Ok(seed)
    }

    /// Registers everybody and everything that is not there yet; what is there is left as it is.
    pub async fn sow(&self, server: &Arc<Server>, catalogue: &Arc<Catalogue>) -> Result<(), Failure> {
        let mut new_users = Vec::new();
        for user in &self.users {
            let id = user.id.as_deref().unwrap_or_default();
            let known = users::by_public_id(&server.store, id).await;
            if known.map_err(|error| Failure::failed(error.to_string()))?.is_none() {
                new_users.push(user.clone());
            }
        }
        let hashes = tokio::task::block_in_place(|| hash_all(&new_users));
        // Many at once, because the store makes many writes durable as fast as one.
        let mut sowing = JoinSet::new();
        for (user, hash) in new_users.into_iter().zip(hashes) {
            wait_until_at_most(AT_ONCE, &mut sowing).await?;
            let (server, catalogue) = (server.clone(), catalogue.clone());
            sowing.spawn(async move {
                let sown = sow_user(&server, &catalogue, &user, hash).await;
                sown.map_err(|reason| Failure::setup(format!("seed, user {}: {reason}", user.email)))
            });
        }
        wait_until_at_most(0, &mut sowing).await?;
        for app in self.apps.clone() {
            wait_until_at_most(AT_ONCE, &mut sowing).await?;
            let server = server.clone();
            sowing.spawn(async move {
                let name = app.client_id.as_deref().unwrap_or_default();
                let sown = sow_app(&server, &app, name).await;
                sown.map_err(|reason| Failure::setup(format!("seed, app {name}: {reason}")))
            });
        }
        wait_until_at_most(0, &mut sowing).await
    }
}

/// Waits until at most `count` of what is under way is left.
async fn wait_until_at_most(count: usize, sowing: &mut JoinSet<Result<(), Failure>>) -> Result<(), Failure> {
    while sowing.len() > count {
        let Some(sown) = sowing.join_next().await else { break };
        sown.map_err(|error| Failure::failed(error.to_string()))??;
    }
    Ok(())
}

/// Sixteen bytes that follow from a name, so that ids are the same at each start.
fn derived(kind: &str, name: &str) -> [u8; 16] {
    let mut id = [0; 16];
    for (slot, byte) in id.iter_mut().zip(sha256(format!("{kind}\0{name}").as_bytes())) {
        *slot = byte;
    }
    id
}

async fn sow_user(
    server: &Server,
    catalogue: &Catalogue,
    new: &NewUser,
    hash: Result<PasswordHash, Refused>,
) -> Result<(), String> {
    let id = derived("user", new.id.as_deref().unwrap_or_default());
    let [a, b, c, d, e, f, g, h, ..] = id;
    let id = UserId::from_bytes(id);
    let now = server.now();
    let said = |refused: Refused| refused.to_string();
    let seed = match &new.totp {
        Some(key) => Some(second_step::seed_from_text(key.expose()).ok_or("`totp` is no key in base32")?),
        None => None,
    };
    register::user::add(&server.store, new, &hash.map_err(said)?, id, now, &*server.rng).await.map_err(said)?;
    if let Some(seed) = seed {
        let sealed = server.second_steps.seal_seed(id, &seed, &*server.rng);
        let told = Happened {
            id: EventId::generate(now, &*server.rng),
            event: AccountEvent::SecondStepAdded,
            about: String::new(),
            address: String::new(),
            user_agent: String::new(),
        };
        let set_up = second_factors::set_up(&server.store, id, &sealed, 0, &[], now, &told).await;
        set_up.map_err(|error| error.to_string())?;
    }
    let same_each_time = SeededRng::new(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
    let filled = seed_library(&server.store, catalogue, id, &new.library, now, &same_each_time).await;
    filled.map_err(|error| error.to_string())
}

async fn sow_app(server: &Server, new: &NewApp, client_id: &str) -> Result<(), Refused> {
    if apps::version(&server.store, client_id).await?.is_none() {
        let id = AppId::from_bytes(derived("app", client_id));
        register::app::add(
            &server.store,
            (&server.scopes(), &server.live().brand),
            new,
            id,
            server.now(),
            &*server.rng,
            None,
        )
        .await?;
    }
    Ok(())
}

/// Hashes on all cores: a start waits for it.
fn hash_all(users: &[NewUser]) -> Vec<Result<PasswordHash, Refused>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = users.len().div_ceil(threads).max(1);
    let hash_share = |share: &[NewUser]| {
        let mut memory = HashingMemory::default();
        share.iter().map(|user| user.hash(&OsRng, &mut memory)).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let running: Vec<_> =
            users.chunks(share).map(|share| (share.len(), scope.spawn(move || hash_share(share)))).collect();
        let joined = running.into_iter().map(|(len, thread)| {
            thread.join().unwrap_or_else(|_| (0..len).map(|_| Err(Refused::NoPassword)).collect())
        });
        joined.flatten().collect()
    })
}

/// Builds the invented catalogue at `path`, unless one is there.
pub fn sow_catalogue(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    let data = catalogue_import::parse(Format::Json, CATALOGUE)
        .map_err(|error| Failure::failed(format!("the built-in catalogue, {error}")))?;
    Catalogue::build(path, &data).map_err(|error| Failure::failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use keysig_core::secret::Secret;

    fn mistake(text: &str) -> String {
        match Seed::parse("seed.toml", text) {
            Ok(_) => panic!("this seed has a mistake"),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn the_hashes_of_the_built_in_seed_are_those_of_its_passwords() {
        let seed = Seed::read(None).unwrap();
        assert_eq!(seed.users.len(), 4);
        let mut memory = HashingMemory::default();
        for user in &seed.users {
            let hash = user.hash(&OsRng, &mut memory).unwrap();
            assert!(user.password_hash.is_some());
            assert!(hash.matches(user.password.as_ref().unwrap(), &mut memory), "{}", user.email);
        }
    }

    #[test]
    fn those_who_have_a_second_step_in_the_built_in_seed_have_the_key_that_is_printed() {
        let seed = Seed::read(None).unwrap();
        for user in &seed.users {
            let key = user.totp.as_ref().map(Secret::expose);
            let wanted = ["tess", "op"].contains(&user.id.as_deref().unwrap()).then_some("JBSWY3DPEHPK3PXP");
            assert_eq!(key, wanted, "{}", user.email);
            assert!(key.is_none_or(|key| second_step::seed_from_text(key) == Some(b"Hello!\xde\xad\xbe\xef".to_vec())));
        }
    }

    #[test]
    fn a_mistake_in_a_seed_is_named_with_its_line() {
        let text = "[[user]]\nid = \"ada\"\nemail = \"a@b\"\nname = \"Ada\"\nplan = \"premium\"\n";
        let said = mistake(text);
        assert!(said.starts_with("seed.toml, line 5: unknown key `plan`"), "{said}");
        let said = mistake("[[user]]\nid = \"ada\"\nemail = \"a@b\"\nname = \"Ada\"\nproduct = \"gold\"\n");
        assert!(said.contains("line 5") && said.contains("gold"), "{said}");
        let said = mistake("[[user]]\nid = \"ada\"\nemail = \"a@b\"\nname = \"Ada\"\ntotp = 5\n");
        assert!(said.contains("line 5"), "{said}");
        let said = mistake("[[user]]\nemail = \"a@b\"\nname = \"Ada\"\n");
        assert!(said.contains("a@b needs an `id`"), "{said}");
        assert!(mistake("[[users]]\n").contains("unknown key `users`"));
    }
}
