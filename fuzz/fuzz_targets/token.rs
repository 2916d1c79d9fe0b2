//! A token request: a byte that says how, a line that is its `Authorization` header, and a body. Clients are who they
//! say in one reading only, and nothing opens but what was sealed.
#![no_main]

use std::sync::LazyLock;

use keysig_core::access_token::{AccessTokenFor, AccessTokens, Audience, Holder};
use keysig_core::authorize::ResponseType;
use keysig_core::client_authentication::{ClientRefused, Credential, present};
use keysig_core::encoding::{base64_decode, base64_encode};
use keysig_core::grant::authorization_code::{AuthorizationCode, Codes};
use keysig_core::grant::device_code::{DeviceCode, UserCode};
use keysig_core::grant::refresh_token::RefreshTokens;
use keysig_core::grant::{Amr, Login, TokenBinding};
use keysig_core::id::{AppId, DeviceId, GrantId, LoginId, SessionId, UserId};
use keysig_core::openid::claims::ClaimsRequest;
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::pkce::{CodeChallenge, is_well_formed_verifier};
use keysig_core::scope::ScopeSet;
use keysig_core::testing::SeededRng;
use keysig_fuzz::{INCARNATION, NOW, edited, keyring, values_by_another_reader};
use libfuzzer_sys::fuzz_target;

struct Kit {
    codes: Codes,
    refresh: RefreshTokens,
    access: AccessTokens,
    /// One text of each kind.
    code: String,
    refresh_token: String,
    access_token: String,
    device_code: String,
}

static KIT: LazyLock<Kit> = LazyLock::new(|| {
    let (app, user) = (AppId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
    let (grant, login) = (GrantId::from_bytes([3; 16]), LoginId::from_bytes([4; 16]));
    let codes = Codes::new(keyring("code"), INCARNATION);
    let refresh = RefreshTokens::new(keyring("refresh"));
    let access = AccessTokens::new(keyring("access"), INCARNATION);
    let code = AuthorizationCode {
        login,
        app,
        user,
        grant,
        redirect_uri_hash: [8; 32],
        redirect_uri_sent: true,
        challenge: Some(CodeChallenge::from_bytes([9; 32])),
        nonce: Some("nonce".to_owned()),
        claims: ClaimsRequest::default(),
        scopes: ScopeSet::OPENID,
        auth_time: NOW,
        amr: Amr::PASSWORD,
        session: SessionId::from_bytes([5; 16]),
        audience: Audience::OwnApi,
        binding: TokenBinding::Bearer,
        response_type: ResponseType::CODE,
        user_epoch: 1,
        app_epoch: 1,
        grant_login_epoch: 1,
        incarnation: INCARNATION,
        issued_at: NOW,
        lifetime_seconds: 600,
    };
    let row = Login {
        id: login,
        user,
        app,
        grant,
        generation: 1,
        replays: 0,
        mac_key: refresh.current_key(NOW),
        salt: [7; 16],
        attempt: [6; 16],
        scopes: ScopeSet::OPENID,
        user_epoch: 1,
        app_epoch: 1,
        grant_login_epoch: 1,
        auth_time: NOW,
        amr: Amr::PASSWORD,
        audience: Audience::OwnApi,
        binding: TokenBinding::Bearer,
        session: None,
        claims: ClaimsRequest::default(),
        created_at: NOW,
        rotated_at: NOW,
        expires_at: NOW.plus_seconds(86_400),
        ended_at: None,
    };
    let token = AccessTokenFor {
        app,
        app_epoch: 1,
        holder: Holder::App,
        scopes: ScopeSet::OPENID,
        audience: Audience::Resource([1; 8]),
        lifetime_seconds: 3600,
    };
    Kit {
        code: codes.seal(&code, &[7; 16]).expose().to_owned(),
        refresh_token: refresh.make(&row, NOW).expect("is made").expose().to_owned(),
        access_token: access.seal(token, NOW, &SeededRng::new(1)).expose().to_owned(),
        device_code: DeviceCode { id: DeviceId::from_bytes([1; 16]), secret: [2; 32] }.to_wire().expose().to_owned(),
        codes,
        refresh,
        access,
    }
});

/// Whatever role a text is shown in, it opens as what it is, if we sealed it, and else as nothing.
fn opens_as_what_it_is(text: &str) {
    let kit = &*KIT;
    assert_eq!(kit.codes.open(text, NOW).is_ok(), text == kit.code, "code");
    assert_eq!(kit.refresh.open(text, NOW).is_ok(), text == kit.refresh_token, "refresh token");
    assert_eq!(kit.access.open(text, NOW).is_ok(), text == kit.access_token, "access token");
    assert!(kit.access.open(text, NOW.plus_seconds(3600)).is_err());
    // A device code is random: any of the right form may be one, and has no second spelling.
    if let Some(code) = DeviceCode::parse(text) {
        assert_eq!(code.to_wire().expose(), text);
    }
    assert!(text != kit.device_code || DeviceCode::parse(text).is_some());
    if let Some(code) = UserCode::parse(text) {
        assert_eq!(UserCode::parse(&code.to_string()), Some(code));
        let typed = text.to_ascii_uppercase().replace(['-', ' '], "");
        assert_eq!(code.to_string().replace('-', ""), typed);
    }
    if is_well_formed_verifier(text) {
        assert_eq!(percent_encode(text), text);
    }
}

fn is_who_it_says(header: Option<&str>, body: &[u8], parameters: &Parameters) {
    let of_body = |name: &str| values_by_another_reader(body, name).into_iter().next().filter(|it| !it.is_empty());
    let by_header = header.and_then(|header| {
        let encoded = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))?.1;
        let pair = String::from_utf8(base64_decode(encoded)?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        // Form-encoded, not with `&` or `=` in it: another reader would see two parameters.
        let decode = |text: &str| of_pair(&text.replace('&', "%26"));
        Some((decode(id), decode(secret)))
    });
    match present(header, parameters) {
        Ok(client) => {
            assert_eq!(client.by_header, header.is_some());
            let secret = match &client.credential {
                Credential::Nothing => String::new(),
                Credential::Secret(secret) => secret.expose().to_owned(),
            };
            match by_header {
                Some(read) => {
                    assert_eq!((client.client_id.clone(), secret.clone()), read);
                    assert!(of_body("client_secret").is_none());
                    assert!(of_body("client_id").is_none_or(|id| id == client.client_id));
                }
                None => {
                    assert!(header.is_none());
                    assert_eq!(Some(&client.client_id), of_body("client_id").as_ref());
                    assert_eq!(secret, of_body("client_secret").unwrap_or_default());
                }
            }
            // Said again the other way, it is the same client.
            let pair = format!("{}:{}", percent_encode(&client.client_id), percent_encode(&secret));
            let again = present(Some(&format!("Basic {}", base64_encode(pair.as_bytes()))), &Parameters::default());
            assert!(again.is_ok_and(|again| again.client_id == client.client_id));
        }
        Err(ClientRefused::Missing) => assert!(header.is_none() && of_body("client_id").is_none()),
        Err(ClientRefused::TwoMethods) => assert!(of_body("client_secret").is_some()),
        Err(ClientRefused::IdsDiffer) => {
            assert_ne!(by_header.map(|(id, _)| id), of_body("client_id"));
        }
        Err(ClientRefused::Assertion) => {
            assert!(of_body("client_assertion").or(of_body("client_assertion_type")).is_some());
        }
        Err(ClientRefused::Malformed) => assert!(header.is_some()),
        Err(other) => panic!("{other:?} is found later"),
    }
}

fn of_pair(text: &str) -> String {
    let pair = format!("x={text}");
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fuzz_target!(|data: &[u8]| {
    let Some((how, rest)) = data.split_first() else { return };
    let kit = &*KIT;
    let goods = [&kit.code, &kit.refresh_token, &kit.access_token, &kit.device_code];
    if let Some(good) = goods.get(usize::from(how % 8)) {
        return opens_as_what_it_is(&edited(good, rest));
    }
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let header = str::from_utf8(&rest[..end]).ok().filter(|line| !line.is_empty());
    let body = rest.get(end + 1..).unwrap_or_default();
    let Ok(parameters) = Parameters::parse(body) else { return };
    is_who_it_says(header, body, &parameters);
    for name in ["code", "refresh_token", "token", "device_code", "user_code", "code_verifier"] {
        for value in parameters.all(name) {
            opens_as_what_it_is(value);
        }
    }
});
