//! What clients carry for us: codes, refresh tokens, access tokens.

use std::sync::LazyLock;

use keysig_core::access_token::{AccessTokenFor, AccessTokens, Audience, Holder, NotAToken, TokenId};
use keysig_core::authorize::ResponseType;
use keysig_core::encoding::base64url;
use keysig_core::grant::authorization_code::{AuthorizationCode, Codes};
use keysig_core::grant::refresh_token::RefreshTokens;
use keysig_core::grant::{Amr, Login, MAX_CODE_CHARS, TokenBinding};
use keysig_core::id::{AppId, GrantId, LoginId, SessionId, UserId};
use keysig_core::openid::claims::ClaimsRequest;
use keysig_core::pkce::CodeChallenge;
use keysig_core::scope::ScopeSet;
use keysig_core::testing::SeededRng;
use proptest::prelude::*;

use crate::instance::{INCARNATION, NOW, any_change, changed, keyring};

fn any_audience() -> impl Strategy<Value = Audience> {
    any::<Option<[u8; 8]>>().prop_map(Audience::from_column)
}

prop_compose! {
    fn any_code()(
        ids: [[u8; 16]; 5],
        redirect_uri_hash: [u8; 32],
        redirect_uri_sent: bool,
        challenge: Option<[u8; 32]>,
        nonce in proptest::option::of("\\PC{1,64}"),
        numbers: [u32; 4],
        scopes: u128,
        audience in any_audience(),
        response_type in 1..8u8,
    ) -> AuthorizationCode {
        AuthorizationCode {
            login: LoginId::from_bytes(ids[0]),
            app: AppId::from_bytes(ids[1]),
            user: UserId::from_bytes(ids[2]),
            grant: GrantId::from_bytes(ids[3]),
            redirect_uri_hash,
            redirect_uri_sent,
            challenge: challenge.map(CodeChallenge::from_bytes),
            nonce,
            claims: ClaimsRequest::from_number(numbers[0]),
            scopes: ScopeSet::from_bytes(scopes.to_be_bytes()),
            auth_time: NOW.plus_seconds(-i64::from(numbers[0])),
            amr: Amr::PASSWORD,
            session: SessionId::from_bytes(ids[4]),
            audience,
            binding: TokenBinding::Bearer,
            response_type: ResponseType::from_number(response_type).unwrap(),
            user_epoch: numbers[1],
            app_epoch: numbers[2],
            grant_login_epoch: numbers[3],
            incarnation: INCARNATION,
            issued_at: NOW,
            lifetime_seconds: 60,
        }
    }
}

prop_compose! {
    fn any_token()(
        ids: [[u8; 16]; 4],
        epochs: [u32; 3],
        for_user: bool,
        paused: bool,
        scopes: u128,
        audience in any_audience(),
    ) -> AccessTokenFor {
        let user = Holder::User {
            user: UserId::from_bytes(ids[0]),
            grant: GrantId::from_bytes(ids[1]),
            login: LoginId::from_bytes(ids[2]),
            user_epoch: epochs[0],
            grant_epoch: epochs[1],
            auth_time: NOW,
            amr: Amr::PASSWORD,
            paused,
        };
        AccessTokenFor {
            app: AppId::from_bytes(ids[3]),
            app_epoch: epochs[2],
            holder: if for_user { user } else { Holder::App },
            scopes: ScopeSet::from_bytes(scopes.to_be_bytes()),
            audience,
            lifetime_seconds: 3600,
        }
    }
}

prop_compose! {
    fn any_login()(ids: [[u8; 16]; 4], salt: [u8; 16], generation in 1..u32::MAX) -> Login {
        Login {
            id: LoginId::from_bytes(ids[0]),
            user: UserId::from_bytes(ids[1]),
            app: AppId::from_bytes(ids[2]),
            grant: GrantId::from_bytes(ids[3]),
            generation,
            replays: 0,
            mac_key: REFRESH_TOKENS.current_key(NOW),
            salt,
            attempt: [6; 16],
            scopes: ScopeSet::EMPTY,
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
        }
    }
}

static CODES: LazyLock<Codes> = LazyLock::new(|| Codes::new(keyring("code"), INCARNATION));
static REFRESH_TOKENS: LazyLock<RefreshTokens> = LazyLock::new(|| RefreshTokens::new(keyring("refresh")));
static ACCESS_TOKENS: LazyLock<AccessTokens> = LazyLock::new(|| AccessTokens::new(keyring("access"), INCARNATION));

/// In which roles a text is accepted.
fn roles(text: &str) -> [bool; 3] {
    [CODES.open(text, NOW).is_ok(), REFRESH_TOKENS.open(text, NOW).is_ok(), ACCESS_TOKENS.open(text, NOW).is_ok()]
}

proptest! {
    #[test]
    fn a_code_opens_to_what_it_stands_for_and_is_nothing_else(
        code in any_code(),
        salt: [u8; 16],
        change in any_change(),
    ) {
        let text = CODES.seal(&code, &salt).expose().to_owned();
        prop_assert!(text.len() <= MAX_CODE_CHARS);
        prop_assert_eq!(CODES.open(&text, NOW).unwrap().code, code);
        prop_assert_eq!(roles(&text), [true, false, false]);
        prop_assert_eq!(roles(&changed(&text, change)), [false; 3]);
    }

    #[test]
    fn a_refresh_token_is_its_row_s_alone(login in any_login(), other in any_login(), change in any_change()) {
        let text = REFRESH_TOKENS.make(&login, NOW).unwrap().expose().to_owned();
        let opened = REFRESH_TOKENS.open(&text, NOW).unwrap();
        prop_assert_eq!((opened.user, opened.login, opened.app), (login.user, login.id, login.app));
        prop_assert_eq!(opened.generation, login.generation);
        prop_assert!(REFRESH_TOKENS.was_made_by(&opened, &login, NOW));
        prop_assert!(!REFRESH_TOKENS.was_made_by(&opened, &other, NOW));
        // Only the salt differs: the key alone makes no token.
        let salted_otherwise = Login { salt: other.salt, ..login };
        prop_assert!(!REFRESH_TOKENS.was_made_by(&opened, &salted_otherwise, NOW));
        prop_assert_eq!(roles(&text), [false, true, false]);
        prop_assert_eq!(roles(&changed(&text, change)), [false; 3]);
    }

    #[test]
    fn an_access_token_opens_to_what_it_says_for_an_hour(
        token in any_token(),
        seed: u64,
        change in any_change(),
        later in -200..4000i64,
    ) {
        let text = ACCESS_TOKENS.seal(token, NOW, &SeededRng::new(seed)).expose().to_owned();
        let opened = ACCESS_TOKENS.open(&text, NOW).unwrap();
        prop_assert_eq!((opened.app, opened.app_epoch, opened.holder), (token.app, token.app_epoch, token.holder));
        prop_assert_eq!((opened.scopes, opened.audience), (token.scopes, token.audience));
        prop_assert_eq!(TokenId::from_slice(&opened.id().to_bytes()), Some(opened.id()));
        // A minute for clocks that differ.
        let alive = (-60..3600).contains(&later);
        let now = NOW.plus_seconds(later);
        prop_assert_eq!(ACCESS_TOKENS.open(&text, now).err(), (!alive).then_some(NotAToken::Expired));
        prop_assert_eq!(roles(&text), [false, false, true]);
        prop_assert_eq!(roles(&changed(&text, change)), [false; 3]);
    }

    #[test]
    fn nothing_that_was_not_sealed_opens(
        prefix in prop::sample::select(vec![[1, 1], [1, 2], [5, 1]]),
        rest in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert_eq!(roles(&base64url(&[&prefix[..], &rest].concat())), [false; 3]);
    }
}
