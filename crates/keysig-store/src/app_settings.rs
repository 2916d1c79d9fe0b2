//! Settings of an app that most leave as they are.

use keysig_core::app::OpenIdSettings;
use keysig_core::audit::AuditRecord;
use keysig_core::id::AppId;

use crate::{Statement, Store, StoreError, apps, params};

/// Sets how an app's ID tokens are signed, where it hears of sign-outs, where browsers may go after one, and whether its
/// refresh tokens rotate.
pub async fn set(
    store: &Store,
    app: AppId,
    openid: &OpenIdSettings,
    rotates: bool,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let mut statements = vec![
        Statement::new(
            "UPDATE apps SET id_token_algorithm = $2, backchannel_logout_uri = $3, frontchannel_logout_uri = $4, rotates = $5
             WHERE id = $1",
            params![
                app,
                openid.id_token_algorithm.name(),
                openid.backchannel_logout_uri.as_deref(),
                openid.frontchannel_logout_uri.as_deref(),
                rotates
            ],
        )
        .must_affect(1),
        Statement::new("DELETE FROM app_post_logout_uris WHERE app_id = $1", params![app]),
    ];
    for (position, uri) in (0_i64..).zip(&openid.post_logout_redirect_uris) {
        let sql = "INSERT INTO app_post_logout_uris (app_id, uri, position) VALUES ($1, $2, $3)";
        statements.push(Statement::new(sql, params![app, uri.as_str(), position]));
    }
    apps::change(store, app, &statements, record).await
}
