//! An authorization request and every rule it must pass, in order (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 9700 §2.1).

use crate::access_token::Audience;
use crate::app::App;
use crate::authorize::prompt::Prompt;
use crate::authorize::refused::{PageReason, RedirectReason, Refused};
use crate::authorize::response::longest_redirect_bytes;
use crate::authorize::response_type::{ResponseMode, ResponseType};
use crate::grant::device_code::UserCode;
use crate::grant::{ACR_VALUES, Amr};
use crate::id::DeviceId;
use crate::jose::SigningKeys;
use crate::openid::claims::{ClaimsRequest, RequestedClaims};
use crate::openid::id_token::read_hint;
use crate::parameters::Parameters;
use crate::pkce::CodeChallenge;
use crate::profile::ErrorsGo;
use crate::redirect_uri::{RedirectUriRefused, RegisteredRedirectUri};
use crate::resource::{ApiCatalogue, TokenFormat};
use crate::scope::{ScopeCatalogue, ScopeRefused, ScopeSet};

/// `state` is echoed byte for byte and is no longer than this.
pub const MAX_STATE_BYTES: usize = 4096;
/// A nonce travels inside the code and is no longer than this.
pub const MAX_NONCE_BYTES: usize = 256;
/// No redirect we assemble is longer than this: browsers and proxies cut longer ones.
const MAX_REDIRECT_BYTES: usize = 8192;

/// Where the answer to a request goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplyTo {
    /// To the app, by the browser.
    Redirect {
        /// Proven.
        uri: RegisteredRedirectUri,
        /// How.
        mode: ResponseMode,
    },
    /// Nowhere: a device asks for it (RFC 8628 §3.4).
    Device {
        /// Its row.
        id: DeviceId,
        /// What it shows.
        code: UserCode,
    },
}

/// A request that passed every check: what is kept while the person signs in and decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthorizationRequest {
    /// Where the answer goes.
    pub reply_to: ReplyTo,
    /// What is asked to come back.
    pub response_type: ResponseType,
    /// What is asked for.
    pub scopes: ScopeSet,
    /// For which API.
    pub audience: Audience,
    /// To be echoed byte for byte.
    pub state: Option<String>,
    /// The challenge that the verifier must meet.
    pub challenge: Option<CodeChallenge>,
    /// To be echoed in the ID token.
    pub nonce: Option<String>,
    /// What the person must be shown, or must not be.
    pub prompt: Prompt,
    /// How long ago the person may have signed in, in seconds.
    pub max_age_seconds: Option<i64>,
    /// Claims that are asked for one by one.
    pub claims: ClaimsRequest,
    /// Only these people will do, by what the app calls them; whoever if there are none.
    pub subjects: Vec<String>,
    /// Who is probably about to sign in: untrusted text.
    pub login_hint: Option<String>,
    /// The tokens are to hold what was granted before, too (`include_granted_scopes=true`).
    pub include_granted: bool,
    /// The languages the app's person reads, best first (OpenID Connect Core §3.1.2.1); untrusted text, at most 254 characters.
    pub ui_locales: Option<String>,
    /// Only a sign-in by two factors will do: an essential `acr` (OpenID Connect Core §5.5.1.1).
    pub needs_two_factors: bool,
}

impl AuthorizationRequest {
    /// What the person is asked for: the scopes, and those that bring the claims which are asked for one by one.
    pub fn permissions(&self) -> ScopeSet {
        self.scopes.union(self.claims.scopes())
    }

    /// Whether a sign-in by `amr` is of the class that is demanded.
    pub fn is_strong_enough(&self, amr: Amr) -> bool {
        !self.needs_two_factors || amr.is_two_factors()
    }
}

/// What a request's values are looked up in.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    /// The scopes that exist.
    pub scopes: &'a ScopeCatalogue,
    /// The APIs that exist.
    pub apis: &'a ApiCatalogue,
    /// Our signing keys.
    pub keys: &'a SigningKeys,
    /// Who we are.
    pub issuer: &'a str,
}

/// The app a request names. Checked before everything else, so that no error is ever sent to an unproven address.
pub fn client_id(parameters: &Parameters) -> Result<&str, PageReason> {
    for name in ["client_id", "redirect_uri"] {
        if parameters.all(name).count() > 1 {
            return Err(PageReason::ParameterTwice(name.to_owned()));
        }
    }
    parameters.get("client_id").ok_or(PageReason::ParameterMissing("client_id"))
}

/// The scopes that a request of `app` asks for: all of them exist, and are open to it (RFC 6749 §3.3). Those of OpenID
/// Connect are no permissions over our API and open to every app that knows what they mean.
pub fn check_scopes(app: &App, catalogue: &ScopeCatalogue, parameter: Option<&str>) -> Result<ScopeSet, ScopeRefused> {
    let mut offered = app.scopes.unwrap_or_else(|| catalogue.all()).union(ScopeSet::OPENID_CONNECT);
    if !app.policy().openid_connect {
        offered = offered.without(ScopeSet::OPENID_CONNECT);
    }
    let scopes = catalogue.parse(parameter.unwrap_or_default())?;
    let withheld = scopes.without(offered);
    if withheld.is_empty() {
        return Ok(scopes);
    }
    Err(ScopeRefused::Unknown { sent: catalogue.print(withheld), nearest: None })
}

/// How even an error travels: as the request says, if it says something that can be, or as its response type asks for.
fn mode_of(
    parameters: &Parameters,
    to: &RegisteredRedirectUri,
    openid_connect: bool,
) -> (Option<ResponseType>, ResponseMode) {
    let response_type = parameters.get("response_type").and_then(ResponseType::parse);
    let default = response_type.map_or(ResponseMode::Query, ResponseType::default_mode);
    let asked = parameters.get("response_mode").filter(|_| openid_connect).and_then(ResponseMode::from_name);
    let allowed = |mode: &ResponseMode| match mode {
        // Not even an error of a flow with tokens goes into a query: the app reads it where it expects the tokens.
        ResponseMode::Query => default == ResponseMode::Query,
        ResponseMode::Fragment => true,
        // A form is posted to a web page; no program on the device receives one.
        ResponseMode::FormPost => !to.is_private_use_scheme(),
    };
    (response_type, asked.filter(allowed).unwrap_or(default))
}

/// Every rule for a request of `app`, in order.
pub fn check(parameters: &Parameters, app: &App, lookup: Lookup<'_>) -> Result<AuthorizationRequest, Refused> {
    let page = |reason| Err(Refused::Page(reason));
    let policy = app.policy();

    // 1. Where the answer goes: nothing is sent anywhere before this is proven (RFC 6749 §10.15).
    let Some(requested_uri) = parameters.get("redirect_uri") else {
        return page(PageReason::ParameterMissing("redirect_uri"));
    };
    let redirect_uri = match app.resolve(requested_uri) {
        Ok(uri) => uri,
        Err(RedirectUriRefused::Insecure) => return page(PageReason::RedirectUriInsecure),
        Err(RedirectUriRefused::NotRegistered { nearest }) => {
            return page(PageReason::RedirectUriNotRegistered { nearest });
        }
    };
    if app.paused {
        return page(PageReason::AppPaused);
    }

    // 2. What is echoed must fit into the answer (a state sent twice has no one answer either).
    if parameters.all("state").count() > 1 {
        return page(PageReason::ParameterTwice("state".to_owned()));
    }
    let state = parameters.get("state").map(str::to_owned);
    if state.as_ref().is_some_and(|state| state.len() > MAX_STATE_BYTES) {
        return page(PageReason::StateTooLong);
    }
    let (response_type, mode) = mode_of(parameters, &redirect_uri, policy.openid_connect);
    let parts = response_type.unwrap_or(ResponseType::CODE);
    if mode != ResponseMode::FormPost
        && longest_redirect_bytes(&redirect_uri, parts, state.as_deref(), "", false) > MAX_REDIRECT_BYTES
    {
        return page(PageReason::AnswerTooLong);
    }
    let to_app = |reason| Refused::Redirect { to: redirect_uri.clone(), mode, state: state.clone(), reason };
    let refuse = |page: PageReason, redirect: RedirectReason| match policy.request_errors {
        ErrorsGo::ToPage => Err(Refused::Page(page)),
        ErrorsGo::ToApp => Err(to_app(redirect)),
    };

    // 3. Parameter pollution (RFC 6749 §3.1).
    if let Some(name) = parameters.duplicate() {
        return refuse(PageReason::ParameterTwice(name.to_owned()), RedirectReason::ParameterTwice);
    }

    // 4. Request objects would be a second copy of the request (RFC 9101 §5): refused, never ignored, where they mean
    // something; the Spotify API knows no such parameter and ignores unknown ones.
    let openid = |name: &str| parameters.get(name).filter(|_| policy.openid_connect);
    for (name, reason) in [
        ("request", RedirectReason::RequestObject),
        ("request_uri", RedirectReason::RequestObjectReference),
        ("registration", RedirectReason::Registration),
    ] {
        if openid(name).is_some() {
            return Err(to_app(reason));
        }
    }

    // 5. RFC 6749 §3.1.1. ID tokens exist only where OpenID Connect does.
    let response_type = match (response_type, parameters.get("response_type")) {
        (_, None) => {
            let name = "response_type";
            return refuse(PageReason::ParameterMissing(name), RedirectReason::ParameterMissing(name));
        }
        (Some(known), Some(_)) if policy.openid_connect || !known.has_id_token() => known,
        _ => return refuse(PageReason::ResponseType, RedirectReason::ResponseType),
    };
    if response_type.is_legacy() && !app.legacy_flows {
        return refuse(PageReason::LegacyFlowsOff, RedirectReason::LegacyFlowsOff);
    }
    if openid("response_mode").is_some_and(|asked| ResponseMode::from_name(asked) != Some(mode)) {
        return Err(to_app(RedirectReason::ResponseMode));
    }

    // 6. RFC 6749 §3.3.
    let scopes = match check_scopes(app, lookup.scopes, parameters.get("scope")) {
        Ok(scopes) if response_type.has_code() => scopes,
        // Without a code nothing outlives the browser (OpenID Connect Core §11): ignored, and nobody is asked for it.
        Ok(scopes) => scopes.without(ScopeSet::OFFLINE_ACCESS),
        Err(refused) => return refuse(PageReason::Scope(refused.clone()), RedirectReason::Scope(refused)),
    };
    if response_type.has_id_token() && !scopes.is_openid() {
        return Err(to_app(RedirectReason::OpenIdMissing));
    }

    // 7. RFC 7636 §4.4.1; a public client without PKCE could have its code stolen (RFC 9700 §2.1.1).
    let challenge = CodeChallenge::parse(parameters.get("code_challenge"), parameters.get("code_challenge_method"))
        .map_err(|refused| to_app(RedirectReason::Challenge(refused)))?;
    if challenge.is_none() && response_type.has_code() && app.needs_pkce() {
        return Err(to_app(RedirectReason::ChallengeMissing));
    }

    // 8. A nonce binds an ID token to the browser that asked; one from the front channel needs it (Core §3.2.2.1).
    let nonce = parameters.get("nonce").map(str::to_owned);
    if nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE_BYTES) {
        return Err(to_app(RedirectReason::NonceTooLong));
    }
    if nonce.is_none() && response_type.has_id_token() {
        return Err(to_app(RedirectReason::NonceMissing));
    }

    // 9. Who must sign in, how, and what they are shown (OpenID Connect Core §3.1.2.1).
    let mut prompt =
        openid("prompt").map_or(Ok(Prompt::default()), Prompt::parse).map_err(|_| to_app(RedirectReason::Prompt))?;
    prompt.consent |= parameters.get("show_dialog").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let seconds = |text: &str| text.parse::<u32>().ok().filter(|_| !text.starts_with('+')).map(i64::from);
    let max_age_seconds =
        openid("max_age").map(|text| seconds(text).ok_or_else(|| to_app(RedirectReason::MaxAge))).transpose()?;
    let hint = openid("id_token_hint").map(|hint| read_hint(lookup.keys, lookup.issuer, Some(&app.client_id), hint));
    let hint = hint.transpose().map_err(|_| to_app(RedirectReason::Hint))?;
    let claims = openid("claims").map_or(Ok(RequestedClaims::default()), RequestedClaims::parse);
    let claims = claims.map_err(|_| to_app(RedirectReason::Claims))?;
    let exists = |acr: &String| ACR_VALUES.contains(&acr.as_str());
    if claims.essential_acr.as_ref().is_some_and(|values| !values.iter().any(exists)) {
        return Err(to_app(RedirectReason::AcrUnmet));
    }
    let needs_two_factors =
        claims.essential_acr.is_some_and(|values| !values.iter().any(|acr| Amr::PASSWORD.satisfies(acr)));
    // Whom the hint names must be among those whom `claims` names.
    let subjects = match hint.map(|hint| hint.sub) {
        Some(hinted) if claims.subjects.is_empty() || claims.subjects.contains(&hinted) => vec![hinted],
        Some(_) => return Err(to_app(RedirectReason::Hint)),
        None => claims.subjects,
    };

    // 10. RFC 8707 §2.
    let resources = parameters.all("resource").filter(|_| policy.openid_connect);
    let audience = lookup.apis.resolve_all(resources).map_err(|_| to_app(RedirectReason::Target))?;
    let audience = audience.unwrap_or(Audience::OwnApi);

    // 11. Only now it is known what the longest answer holds.
    let is_jwt = lookup.apis.find(audience).is_some_and(|api| matches!(api.format, TokenFormat::Jwt(_)));
    let include_granted = parameters.get("include_granted_scopes") == Some("true");
    let at_most = if include_granted { lookup.scopes.all() } else { scopes };
    let (scope, state_sent) = (lookup.scopes.print(at_most), state.as_deref());
    if mode != ResponseMode::FormPost
        && longest_redirect_bytes(&redirect_uri, response_type, state_sent, &scope, is_jwt) > MAX_REDIRECT_BYTES
    {
        return page(PageReason::AnswerTooLong);
    }

    Ok(AuthorizationRequest {
        reply_to: ReplyTo::Redirect { uri: redirect_uri, mode },
        response_type,
        scopes,
        audience,
        state,
        challenge,
        nonce,
        prompt,
        max_age_seconds,
        claims: claims.request,
        subjects,
        login_hint: parameters.get("login_hint").map(|hint| hint.chars().take(254).collect()),
        include_granted,
        needs_two_factors,
        ui_locales: parameters.get("ui_locales").map(|tags| tags.chars().take(254).collect()),
    })
}
