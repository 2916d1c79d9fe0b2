//! What an app says of itself.

use keysig_core::app::KeepsData;
use keysig_core::audit::AuditRecord;
use keysig_core::id::AppId;

use crate::{Statement, Store, StoreError, apps, params};

/// All of it but the logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppProfile {
    /// Its name.
    pub name: String,
    /// Its home page.
    pub homepage: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its privacy policy.
    pub privacy_url: Option<String>,
    /// What its users agree to.
    pub terms_url: Option<String>,
    /// Where its users find help.
    pub support_url: Option<String>,
    /// What it does with data; `None`: it has not said.
    pub keeps_data: Option<KeepsData>,
}

/// Changes it.
pub async fn save(store: &Store, app: AppId, profile: &AppProfile, record: &AuditRecord) -> Result<(), StoreError> {
    let statement = Statement::new(
        "UPDATE apps SET name = $2, homepage = $3, description = $4, privacy_url = $5, terms_url = $6, support_url = $7,
                         keeps_data = $8
         WHERE id = $1",
        params![
            app,
            profile.name.as_str(),
            profile.homepage.as_deref(),
            profile.description.as_deref(),
            profile.privacy_url.as_deref(),
            profile.terms_url.as_deref(),
            profile.support_url.as_deref(),
            profile.keeps_data.map(KeepsData::print).as_deref()
        ],
    );
    apps::change(store, app, &[statement.must_affect(1)], record).await
}
