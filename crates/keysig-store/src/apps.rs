//! Apps, their addresses, secrets and test users.

use keysig_core::app::{
    About, App, ClientType, ConsentSettings, KeepsData, Mode, OpenIdSettings, OwnQuota, Review, Standing, StoredSecret,
};
use keysig_core::audit::AuditRecord;
use keysig_core::feed::FeedEntry;
use keysig_core::id::{AppId, UserId};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::scope::ScopeSet;
use keysig_core::secret::SecretHash;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Tx, Write, audit, params};

const fn client_type_name(client_type: ClientType) -> &'static str {
    match client_type {
        ClientType::Confidential => "confidential",
        ClientType::Public => "public",
    }
}

const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Development => "development",
        Mode::Live => "live",
    }
}

/// Which version of an app is current: caches keep an [`App`] as long as this stands still.
pub async fn version(store: &Store, client_id: &str) -> Result<Option<(AppId, i64)>, StoreError> {
    let rows = store
        .read(
            "SELECT a.id, a.version FROM client_ids c JOIN apps a ON a.id = c.app_id WHERE c.client_id = $1",
            params![client_id],
        )
        .await?;
    rows.first().map(|row| Ok((row.id(0)?, row.int(1)?))).transpose()
}

/// The client ID of the app of this id; it never changes.
pub async fn client_id(store: &Store, id: AppId) -> Result<Option<String>, StoreError> {
    let rows = store.read("SELECT client_id FROM apps WHERE id = $1", params![id]).await?;
    rows.first().map(|row| Ok(row.text(0)?.to_owned())).transpose()
}

/// The app of this id, whole.
pub async fn by_id(store: &Store, id: AppId) -> Result<Option<App>, StoreError> {
    let rows = store
        .read(
            "SELECT id, client_id, name, owner, developer, homepage, profile, client_type, scopes, mode, rotates,
                    paused, legacy_flows, epoch, created_at, pkce_optional, id_token_algorithm, userinfo_algorithm,
                    sector, backchannel_logout_uri, frontchannel_logout_uri, optional_scopes, scope_reasons, keeps_data,
                    privacy_url, trusted, description, terms_url, support_url, logo, logins_stopped, reviewed_at,
                    reviewed_as, paused_by_operator, quota_calls, quota_tokens
             FROM apps WHERE id = $1",
            params![id],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let uris =
        store.read("SELECT uri FROM app_redirect_uris WHERE app_id = $1 ORDER BY position, uri", params![id]).await?;
    let post_logout = "SELECT uri FROM app_post_logout_uris WHERE app_id = $1 ORDER BY position, uri";
    let post_logout = store.read(post_logout, params![id]).await?;
    let secrets = store.read("SELECT secret_hash, retires_at FROM app_secrets WHERE app_id = $1", params![id]).await?;
    let test_users = store.read("SELECT user_id FROM app_test_users WHERE app_id = $1", params![id]).await?;
    let app = app(row, &uris, &secrets, &test_users)?;
    let openid = OpenIdSettings { post_logout_redirect_uris: addresses(&post_logout)?, ..app.openid };
    Ok(Some(App { openid, ..app }))
}

fn addresses(rows: &[Row]) -> Result<Vec<RedirectUri>, StoreError> {
    rows.iter().map(|row| Ok(RedirectUri::from_store(row.text(0)?.to_owned()))).collect()
}

fn app(row: &Row, uris: &[Row], secrets: &[Row], test_users: &[Row]) -> Result<App, StoreError> {
    let algorithm = |column: usize| {
        let name = row.opt_text(column)?;
        name.map(|name| SigningAlgorithm::from_name(name).ok_or_else(|| row.corrupt(column))).transpose()
    };
    let quota = |column| {
        let number = row.opt_int(column)?;
        number.map(|number| u32::try_from(number).map_err(|_| row.corrupt(column))).transpose()
    };
    let secret =
        |row: &Row| Ok(StoredSecret { hash: SecretHash::from_bytes(row.id(0)?), retires_at: row.opt_timestamp(1)? });
    Ok(App {
        id: row.id(0)?,
        client_id: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        owner: row.opt_id(3)?,
        developer: row.text(4)?.to_owned(),
        homepage: row.opt_text(5)?.map(str::to_owned),
        profile: Profile::from_name(row.text(6)?).ok_or_else(|| row.corrupt(6))?,
        client_type: match row.text(7)? {
            "confidential" => ClientType::Confidential,
            "public" => ClientType::Public,
            _ => return Err(row.corrupt(7)),
        },
        scopes: row.opt_id(8)?.map(ScopeSet::from_bytes),
        mode: match row.text(9)? {
            "development" => Mode::Development,
            "live" => Mode::Live,
            _ => return Err(row.corrupt(9)),
        },
        rotates: row.bool(10)?,
        paused: row.bool(11)?,
        legacy_flows: row.bool(12)?,
        epoch: row.u32(13)?,
        created_at: row.timestamp(14)?,
        pkce_optional: row.bool(15)?,
        openid: OpenIdSettings {
            id_token_algorithm: algorithm(16)?.ok_or_else(|| row.corrupt(16))?,
            userinfo_algorithm: algorithm(17)?,
            sector: row.opt_text(18)?.map(str::to_owned),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: row.opt_text(19)?.map(str::to_owned),
            frontchannel_logout_uri: row.opt_text(20)?.map(str::to_owned),
        },
        consent: consent(row)?,
        about: About {
            description: row.opt_text(26)?.map(str::to_owned),
            terms_url: row.opt_text(27)?.map(str::to_owned),
            support_url: row.opt_text(28)?.map(str::to_owned),
            logo: row.opt_id(29)?,
        },
        standing: Standing {
            logins_stopped: row.bool(30)?,
            paused_by_operator: row.bool(33)?,
            review: match (row.opt_timestamp(31)?, row.opt_text(32)?) {
                (Some(at), Some(of)) => Some(Review { at, of: of.to_owned() }),
                _ => None,
            },
            quota: OwnQuota { calls: quota(34)?, tokens: quota(35)? },
        },
        redirect_uris: addresses(uris)?,
        secrets: secrets.iter().map(secret).collect::<Result<_, StoreError>>()?,
        test_users: test_users.iter().map(|row| row.id::<UserId>(0)).collect::<Result<_, StoreError>>()?,
    })
}

fn consent(row: &Row) -> Result<ConsentSettings, StoreError> {
    let keeps_data = row.opt_text(23)?.map(|text| KeepsData::parse(text).ok_or_else(|| row.corrupt(23)));
    Ok(ConsentSettings {
        optional: row.opt_id(21)?.map(ScopeSet::from_bytes).unwrap_or_default(),
        reasons: ConsentSettings::parse_reasons(row.text(22)?).ok_or_else(|| row.corrupt(22))?,
        keeps_data: keeps_data.transpose()?,
        privacy_url: row.opt_text(24)?.map(str::to_owned),
        trusted: row.bool(25)?,
    })
}

/// Adds an app. `last_four` are the last characters of its secret, shown to tell secrets apart. `StoreError::Conflict`
/// if the client ID is taken.
pub async fn add(store: &Store, app: &App, last_four: &str) -> Result<(), StoreError> {
    store.write(addition(app, last_four)).await?;
    store.note_apps_changed();
    Ok(())
}

/// The same, and the record of it in one transaction.
pub async fn add_recorded(store: &Store, app: &App, last_four: &str, record: &AuditRecord) -> Result<(), StoreError> {
    change(store, app.id, &addition(app, last_four).statements, record).await
}

fn addition(app: &App, last_four: &str) -> Write {
    let mut write = Write::one(Statement::new(
        "INSERT INTO client_ids (client_id, app_id) VALUES ($1, $2)",
        params![app.client_id.as_str(), app.id],
    ))
    .and(Statement::new(
        "INSERT INTO apps (id, client_id, name, owner, developer, homepage, profile, client_type, scopes, mode, rotates,
                           paused, legacy_flows, epoch, version, created_at, pkce_optional, id_token_algorithm,
                           userinfo_algorithm, sector, backchannel_logout_uri, frontchannel_logout_uri, optional_scopes,
                           scope_reasons, keeps_data, privacy_url, trusted, description, terms_url, support_url, logo,
                           logins_stopped, reviewed_at, reviewed_as, paused_by_operator, quota_calls, quota_tokens)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16, $17, $18, $19, $20, $21, $22,
                 $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36)",
        params![
            app.id,
            app.client_id.as_str(),
            app.name.as_str(),
            app.owner,
            app.developer.as_str(),
            app.homepage.as_deref(),
            app.profile.name(),
            client_type_name(app.client_type),
            app.scopes.map(ScopeSet::to_bytes),
            mode_name(app.mode),
            app.rotates,
            app.paused,
            app.legacy_flows,
            app.epoch,
            app.created_at,
            app.pkce_optional,
            app.openid.id_token_algorithm.name(),
            app.openid.userinfo_algorithm.map(SigningAlgorithm::name),
            app.openid.sector.as_deref(),
            app.openid.backchannel_logout_uri.as_deref(),
            app.openid.frontchannel_logout_uri.as_deref(),
            Some(app.consent.optional.to_bytes()),
            app.consent.print_reasons().as_str(),
            app.consent.keeps_data.map(KeepsData::print).as_deref(),
            app.consent.privacy_url.as_deref(),
            app.consent.trusted,
            app.about.description.as_deref(),
            app.about.terms_url.as_deref(),
            app.about.support_url.as_deref(),
            app.about.logo,
            app.standing.logins_stopped,
            app.standing.review.as_ref().map(|review| review.at),
            app.standing.review.as_ref().map(|review| review.of.as_str()),
            app.standing.paused_by_operator,
            app.standing.quota.calls.map(i64::from),
            app.standing.quota.tokens.map(i64::from)
        ],
    ));
    for (sql, uris) in [
        ("INSERT INTO app_redirect_uris (app_id, uri, position) VALUES ($1, $2, $3)", &app.redirect_uris),
        (
            "INSERT INTO app_post_logout_uris (app_id, uri, position) VALUES ($1, $2, $3)",
            &app.openid.post_logout_redirect_uris,
        ),
    ] {
        for (position, uri) in (0_i64..).zip(uris) {
            write = write.and(Statement::new(sql, params![app.id, uri.as_str(), position]));
        }
    }
    for secret in &app.secrets {
        write = write.and(Statement::new(
            "INSERT INTO app_secrets (app_id, secret_hash, last_four, created_at, retires_at)
             VALUES ($1, $2, $3, $4, $5)",
            params![app.id, *secret.hash.as_bytes(), last_four, app.created_at, secret.retires_at],
        ));
    }
    for user in &app.test_users {
        write = write.and(Statement::new(
            "INSERT INTO app_test_users (app_id, user_id) VALUES ($1, $2)",
            params![app.id, *user],
        ));
    }
    write
}

/// Changes an app: `statements` and the record of it, in one transaction; caches are told. A statement's `must_affect`
/// guards what has to hold at that moment.
pub async fn change(
    store: &Store,
    app: AppId,
    statements: &[Statement],
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    for statement in statements {
        tx.run(statement).await?;
    }
    finish_change(store, tx, app, record).await
}

/// The end of a transaction that changes an app.
pub async fn finish_change(store: &Store, mut tx: Tx, app: AppId, record: &AuditRecord) -> Result<(), StoreError> {
    tx.execute("UPDATE apps SET version = version + 1 WHERE id = $1", params![app]).await?;
    audit::append(store, &mut tx, record).await?;
    tx.commit().await?;
    store.note_apps_changed();
    Ok(())
}

/// Opens an app to everybody, or closes it to all but its owner and its test users, and records it. Closed: everything of it is
/// dead when this returns, whosever it is. `false`: it was so.
pub async fn set_mode(
    store: &Store,
    id: AppId,
    mode: Mode,
    keep_until: Timestamp,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let ends = i64::from(mode == Mode::Development);
    let sql = "UPDATE apps SET mode = $2, epoch = epoch + $3 WHERE id = $1 AND mode <> $2 RETURNING epoch";
    let rows = tx.query(sql, params![id, mode_name(mode), ends]).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    if mode == Mode::Development {
        tx.revoke(FeedEntry::App(id, row.u32(0)?), keep_until);
    }
    finish_change(store, tx, id, record).await?;
    Ok(true)
}

/// The apps of an owner, by name.
pub async fn of_owner(store: &Store, owner: UserId) -> Result<Vec<App>, StoreError> {
    let ids = "SELECT id FROM apps WHERE owner = $1 ORDER BY name, id";
    let mut apps = Vec::new();
    for row in store.read_heavy(ids, params![owner]).await? {
        apps.extend(by_id(store, row.id(0)?).await?);
    }
    Ok(apps)
}

/// How many people have the app connected, and since when the first: shown on the consent page of an app nobody
/// reviewed.
pub async fn reach(store: &Store, id: AppId) -> Result<(i64, Option<Timestamp>), StoreError> {
    let sql = "SELECT COUNT(*), MIN(created_at) FROM grants WHERE app_id = $1 AND removed_at IS NULL";
    let rows = store.read_heavy(sql, params![id]).await?;
    rows.first().map_or(Ok((0, None)), |row| Ok((row.int(0)?, row.opt_timestamp(1)?)))
}

/// Switches an app off or on. Off: everything of it is dead when this returns.
pub async fn set_paused(store: &Store, id: AppId, paused: bool, keep_until: Timestamp) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let rows = tx
        .query(
            "UPDATE apps SET paused = $2, epoch = epoch + $2, version = version + 1 WHERE id = $1 RETURNING epoch",
            params![id, paused],
        )
        .await?;
    if let Some(row) = rows.first().filter(|_| paused) {
        tx.revoke(FeedEntry::App(id, row.u32(0)?), keep_until);
    }
    tx.commit().await?;
    store.note_apps_changed();
    Ok(())
}
