//! The list: name, place, role, what it does; then who does it, what that takes and what it gives.

use http::Method;
use keysig_core::user::Role::{Operator, Support, Viewer};

use super::{
    Nothing, Operation, Route, api_keys, apps, audit, health, inspect, keys, print, read, reviews, scopes, settings,
    users,
};

const fn at(method: Method, path: &'static str) -> Option<Route> {
    Some(Route { method, path, is_copy: false })
}

const fn copy_at(path: &'static str) -> Option<Route> {
    Some(Route { method: Method::POST, path, is_copy: true })
}

/// Only from a shell on the server's machine.
const HERE: Option<Route> = None;

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PATCH: Method = Method::PATCH;

macro_rules! operations {
    ($($name:literal, $route:expr, $needs:ident, $summary:literal => $work:path: $takes:ty => $gives:ty;)*) => {
        /// All of them, by what they are about.
        pub static OPERATIONS: &[Operation] = &[$(
            Operation {
                name: $name,
                route: $route,
                needs: $needs,
                summary: $summary,
                takes: |schemas| schemas.subschema_for::<$takes>(),
                gives: |schemas| schemas.subschema_for::<$gives>(),
                work: |server, actor, given| Box::pin(async move {
                    let given: $takes = read(given)?;
                    let answer: $gives = $work(server, actor, given).await?;
                    print(&answer)
                }),
            },
        )*];
    };
}

operations! {
    "health", at(GET, "/health"), Viewer, "Looks at how the server is."
        => health::all: Nothing => health::Health;
    "inspect", at(POST, "/inspect"), Viewer,
        "Says why an authorization request would be refused; nothing is issued or counted."
        => inspect::inspect: inspect::Pasted => inspect::Inspected;

    "user.list", at(GET, "/users"), Viewer, "Looks for accounts, 50 at a time."
        => users::list: users::Sought => users::Accounts;
    "user.roles", at(GET, "/roles"), Viewer, "Lists everybody who works in the operator area."
        => users::staff: Nothing => users::Staff;
    "user.invite", at(POST, "/users/invite"), Operator, "Invites somebody to sign up, by mail."
        => users::invite: users::Invited => users::Invited;
    "user.show", at(GET, "/users/{who}"), Viewer, "Shows an account: its sessions, connected apps and last events."
        => users::show: users::Who => users::AccountDetails;
    "user.lock", at(POST, "/users/{who}/lock"), Support, "Closes an account: everything of it ends."
        => users::lock: users::Who => users::Account;
    "user.unlock", at(POST, "/users/{who}/unlock"), Support, "Opens a closed account again."
        => users::unlock: users::Who => users::Account;
    "user.revoke", at(POST, "/users/{who}/revoke"), Support, "Ends all sessions and connected apps of an account."
        => users::revoke: users::Who => users::Account;
    "user.reset-password", at(POST, "/users/{who}/reset-password"), Operator,
        "Takes the password away: a new one is chosen by mail."
        => users::reset_password: users::Who => users::Account;
    "user.role", at(POST, "/users/{who}/role"), Operator, "Changes what somebody may do; one operator is always left."
        => users::set_role: users::NewRole => users::Account;
    "user.delete", at(POST, "/users/{who}/delete"), Operator,
        "Deletes an account and everything of it, for ever; answers with what it was."
        => users::delete: users::Deletion => users::Account;

    "app.list", at(GET, "/apps"), Viewer, "Lists apps, at most a hundred."
        => apps::list: apps::Sought => apps::Apps;
    "app.show", at(GET, "/apps/{client_id}"), Viewer, "Shows an app: its addresses and the reports about it."
        => apps::show: apps::Which => apps::AppDetails;
    "app.check", at(GET, "/apps/{client_id}/checks"), Viewer, "Looks at what an app's developer should mend."
        => health::of_app: apps::Which => health::Health;
    "app.pause", at(POST, "/apps/{client_id}/pause"), Support,
        "Stops everything of an app: no login, no refresh, no token works."
        => apps::pause: apps::Pause => apps::AppDetails;
    "app.resume", at(POST, "/apps/{client_id}/resume"), Support, "Lets a stopped app work again."
        => apps::resume: apps::Which => apps::AppDetails;
    "app.stop-logins", at(POST, "/apps/{client_id}/stop-logins"), Support,
        "Lets nobody new log in to an app; whoever has it connected goes on."
        => apps::stop_logins: apps::Which => apps::AppDetails;
    "app.allow-logins", at(POST, "/apps/{client_id}/allow-logins"), Support, "Lets everybody log in to an app again."
        => apps::allow_logins: apps::Which => apps::AppDetails;
    "app.trust", at(POST, "/apps/{client_id}/trust"), Operator,
        "Says that an app is the operator's own: people are not asked."
        => apps::trust: apps::Which => apps::AppDetails;
    "app.distrust", at(POST, "/apps/{client_id}/distrust"), Operator, "Says that an app is no longer the operator's own."
        => apps::distrust: apps::Which => apps::AppDetails;
    "app.quota", at(POST, "/apps/{client_id}/quota"), Operator,
        "Gives an app quotas of its own; what is not given is as for all apps, and 0 is any number."
        => apps::set_quota: apps::Quota => apps::AppDetails;
    "app.reports-read", at(POST, "/apps/{client_id}/reports-read"), Support, "Marks the reports about an app as read."
        => apps::reports_read: apps::Which => apps::AppDetails;

    "review.list", at(GET, "/reviews"), Viewer, "Lists apps whose review is not over."
        => reviews::list: Nothing => reviews::Reviews;
    "review.show", at(GET, "/reviews/{client_id}"), Viewer, "Shows what a reviewer looks at."
        => reviews::show: apps::Which => reviews::Dossier;
    "review.ask", at(POST, "/reviews/{client_id}/ask"), Support, "Asks the makers of an app something, who get a mail."
        => reviews::ask: reviews::Words => reviews::Dossier;
    "review.approve", at(POST, "/reviews/{client_id}/approve"), Operator,
        "Says that an app is reviewed, as it was seen and until it changes."
        => reviews::approve: reviews::Approval => reviews::Dossier;
    "review.refuse", at(POST, "/reviews/{client_id}/refuse"), Operator,
        "Says that an app is not reviewed, even if it was before."
        => reviews::refuse: reviews::Words => reviews::Dossier;
    "review.check-host", at(POST, "/reviews/{client_id}/check-host"), Support,
        "Asks the host of an app's home page whether it is the app's; nothing is kept."
        => reviews::check_host: apps::Which => reviews::HostFound;

    "scope.list", at(GET, "/scopes"), Viewer, "Lists what apps can ask for."
        => scopes::list: Nothing => scopes::Scopes;
    "scope.add", at(POST, "/scopes"), Operator, "Makes a scope."
        => scopes::add: scopes::NewScope => scopes::Scope;
    "scope.show", at(GET, "/scopes/{scope}"), Viewer, "Shows a scope."
        => scopes::show: scopes::Which => scopes::Scope;
    "scope.set", at(PATCH, "/scopes/{scope}"), Operator,
        "Words a scope anew; a higher risk asks everybody who agreed again."
        => scopes::set: scopes::Change => scopes::Scope;
    "scope.retire", at(POST, "/scopes/{scope}/retire"), Operator,
        "Takes a scope from what apps can ask for; whoever agreed keeps it."
        => scopes::retire: scopes::Which => scopes::Scope;
    "scope.restore", at(POST, "/scopes/{scope}/restore"), Operator, "Offers a retired scope again."
        => scopes::restore: scopes::Which => scopes::Scope;

    "key.list", at(GET, "/keys"), Viewer, "Lists the signing keys: next, current, retired."
        => keys::list: Nothing => keys::Keys;
    "key.rotate", at(POST, "/keys/rotate"), Operator,
        "Makes the next key of an algorithm: published at once, it signs when no cache lacks it."
        => keys::rotate: keys::Rotation => keys::Keys;
    "key.show", at(GET, "/keys/{kid}"), Viewer, "Says what would die with a key."
        => keys::show: keys::Which => keys::Reach;
    "key.revoke", at(POST, "/keys/{kid}/revoke"), Operator, "Ends a key at once, and everything that rests on it."
        => keys::revoke: keys::Which => keys::Keys;

    "brand.show", at(GET, "/brand"), Viewer, "Shows the name, the accent and the links of every page."
        => settings::show_brand: Nothing => settings::Brand;
    "brand.set", at(PATCH, "/brand"), Operator, "Sets some of the brand; an empty text takes a value away."
        => settings::set_brand: settings::BrandValues => settings::Brand;
    "policy.show", at(GET, "/policy"), Viewer, "Shows who may sign up, register apps and log in."
        => settings::show_policy: Nothing => settings::Policy;
    "policy.set", at(PATCH, "/policy"), Operator, "Sets some of the policy; an empty text takes a bound away."
        => settings::set_policy: settings::PolicyValues => settings::Policy;

    "limits.show", at(GET, "/limits"), Viewer, "Shows how much apps may ask for within 30 seconds."
        => settings::show_limits: Nothing => settings::Limits;
    "limits.set", at(PATCH, "/limits"), Operator, "Sets some of the limits."
        => settings::set_limits: settings::LimitValues => settings::Limits;

    "audit.list", at(GET, "/audit"), Viewer, "Lists what was done, the latest first, 50 at a time."
        => audit::list: audit::Asked => audit::Records;
    "audit.verify", at(GET, "/audit/verify"), Viewer, "Checks every record of every chain, and every checkpoint."
        => audit::verify: Nothing => audit::Verified;
    "audit.export", copy_at("/audit/export"), Operator, "Takes a copy of the audit, which is itself recorded."
        => audit::export: audit::Copy => audit::CopyBegun;

    "api-key.list", at(GET, "/api-keys"), Viewer, "Lists the keys of this API."
        => api_keys::list: Nothing => api_keys::ApiKeys;
    "api-key.add", HERE, Operator, "Makes a key of the admin API, which is shown this once."
        => api_keys::add: api_keys::NewApiKey => api_keys::MadeApiKey;
    "api-key.revoke", at(POST, "/api-keys/{id}/revoke"), Operator, "Ends a key of this API at once."
        => api_keys::revoke: api_keys::Which => api_keys::ApiKey;
}
