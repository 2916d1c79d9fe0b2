//! Devices that wait for a person (RFC 8628).

use keysig_core::access_token::Audience;
use keysig_core::grant::device_code::Decided;
use keysig_core::grant::{Amr, CarriedEpochs};
use keysig_core::id::{AppId, DeviceId, GrantId, LoginId, UserId};
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, params};

/// A waiting device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its row.
    pub id: DeviceId,
    /// MAC of the secret in its device code.
    pub secret_mac: [u8; 32],
    /// MAC of its user code.
    pub user_code_mac: [u8; 32],
    /// Whose device.
    pub app: AppId,
    /// The login it will become.
    pub login: LoginId,
    /// What it asks for.
    pub scopes: ScopeSet,
    /// For which API.
    pub audience: Audience,
    /// How long it waits between polls.
    pub interval_seconds: u32,
    /// When it last asked.
    pub polled_at: Option<Timestamp>,
    /// When it is over.
    pub expires_at: Timestamp,
    /// What somebody decided.
    pub decided: Decided<Approval>,
}

/// Who let a device in, and what was read when they did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Approval {
    /// Who.
    pub user: UserId,
    /// Under which agreement.
    pub grant: GrantId,
    /// What stood then.
    pub epochs: CarriedEpochs,
    /// When they had signed in.
    pub auth_time: Timestamp,
    /// And how.
    pub amr: Amr,
    /// When they decided.
    pub decided_at: Timestamp,
}

fn device(row: &Row) -> Result<Device, StoreError> {
    let decided = match (row.opt_timestamp(10)?, row.opt_int(11)?) {
        (None, _) => Decided::NotYet,
        (Some(decided_at), Some(1)) => Decided::Allowed(Approval {
            user: row.id(12)?,
            grant: row.id(13)?,
            epochs: CarriedEpochs { user: row.u32(14)?, app: row.u32(15)?, grant_login: row.u32(16)? },
            auth_time: row.timestamp(17)?,
            amr: row.amr(18)?,
            decided_at,
        }),
        (Some(_), _) => Decided::Denied,
    };
    Ok(Device {
        id: row.id(0)?,
        secret_mac: row.id(1)?,
        user_code_mac: row.id(2)?,
        app: row.id(3)?,
        login: row.id(4)?,
        scopes: row.id(5)?,
        audience: Audience::from_column(row.opt_id(6)?),
        interval_seconds: row.u32(7)?,
        polled_at: row.opt_timestamp(8)?,
        expires_at: row.timestamp(9)?,
        decided,
    })
}

/// Adds a device. `StoreError::Conflict`: another waits under the same user code.
pub async fn add(store: &Store, new: &Device) -> Result<(), StoreError> {
    let write = Write::one(Statement::new(
        "INSERT INTO device_user_codes (user_code_mac, device_id) VALUES ($1, $2)",
        params![new.user_code_mac, new.id],
    ))
    .and(Statement::new(
        "INSERT INTO device_authorizations (id, secret_mac, user_code_mac, app_id, login_id, scopes, audience,
                                            interval_seconds, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            new.id,
            new.secret_mac,
            new.user_code_mac,
            new.app,
            new.login,
            new.scopes.to_bytes(),
            new.audience.to_column(),
            new.interval_seconds,
            new.expires_at
        ],
    ));
    store.write(write).await.map(|_| ())
}

/// The device of this id.
pub async fn find(store: &Store, id: DeviceId) -> Result<Option<Device>, StoreError> {
    let rows = store
        .read(
            "SELECT id, secret_mac, user_code_mac, app_id, login_id, scopes, audience, interval_seconds, polled_at,
                    expires_at, decided_at, allowed, user_id, grant_id, user_epoch, app_epoch, grant_login_epoch,
                    auth_time, amr
             FROM device_authorizations WHERE id = $1",
            params![id],
        )
        .await?;
    rows.first().map(device).transpose()
}

/// The device of this id, as long as somebody can still decide about it.
pub async fn waiting(store: &Store, id: DeviceId, now: Timestamp) -> Result<Option<Device>, StoreError> {
    let device = find(store, id).await?;
    Ok(device.filter(|device| device.decided == Decided::NotYet && now < device.expires_at))
}

/// The id of the device that shows the user code with this MAC.
pub async fn by_user_code(store: &Store, user_code_mac: [u8; 32]) -> Result<Option<DeviceId>, StoreError> {
    let sql = "SELECT device_id FROM device_user_codes WHERE user_code_mac = $1";
    let rows = store.read(sql, params![user_code_mac]).await?;
    rows.first().map(|row| row.id(0)).transpose()
}

/// Notes a poll; the wait between two is `interval_seconds` from now on.
pub async fn note_poll(store: &Store, id: DeviceId, interval_seconds: u32, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE device_authorizations SET polled_at = $2, interval_seconds = $3 WHERE id = $1";
    store.write(Write::one(Statement::new(sql, params![id, now, interval_seconds]))).await.map(|_| ())
}

/// Lets a device in, once. `false`: somebody decided before.
pub async fn allow(store: &Store, id: DeviceId, approval: &Approval) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE device_authorizations SET decided_at = $2, allowed = 1, user_id = $3, grant_id = $4, user_epoch = $5,
                app_epoch = $6, grant_login_epoch = $7, auth_time = $8, amr = $9
         WHERE id = $1 AND decided_at IS NULL",
        params![
            id,
            approval.decided_at,
            approval.user,
            approval.grant,
            approval.epochs.user,
            approval.epochs.app,
            approval.epochs.grant_login,
            approval.auth_time,
            approval.amr.bits()
        ],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

/// Turns a device away, once. `false`: somebody decided before.
pub async fn deny(store: &Store, id: DeviceId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE device_authorizations SET decided_at = $2, allowed = 0 WHERE id = $1 AND decided_at IS NULL";
    Ok(store.write(Write::one(Statement::new(sql, params![id, now]))).await?.affected(0) == 1)
}

/// Deletes devices that began to wait before `begun_before`, and their codes.
pub async fn forget(store: &Store, begun_before: Timestamp) -> Result<(), StoreError> {
    let bound = crate::time_bound(begun_before);
    let codes = "DELETE FROM device_user_codes WHERE device_id < $1";
    let write = Write::one(Statement::new(codes, params![bound]))
        .and(Statement::new("DELETE FROM device_authorizations WHERE id < $1", params![bound]));
    store.write(write).await.map(|_| ())
}
