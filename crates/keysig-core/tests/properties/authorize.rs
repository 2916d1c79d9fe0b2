//! Authorization requests (RFC 6749 §4.1.1), put together from what clients and attackers send.

use keysig_core::app::{App, ClientType};
use keysig_core::authorize::{
    Answer, AuthorizationRequest, Departure, RedirectReason, Refused, ReplyTo, ResponseMode, ResponseType, check,
    redirect,
};
use keysig_core::grant::MAX_CODE_CHARS;
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RegisteredRedirectUri;
use keysig_core::secret::Secret;
use proptest::prelude::*;

use crate::instance::{ISSUER, JWT_API, REDIRECT_URIS, any_app, app, lookup};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// For each parameter what a request may say, right or wrong.
const WORDS: &[(&str, &[&str])] = &[
    ("response_type", &["code", "token", "id_token", "code id_token token", "token code", "none"]),
    ("redirect_uri", &REDIRECT_URIS),
    ("scope", &["", "user-read-email", "openid profile", "email,openid", "offline_access user-library-read", "x"]),
    ("code_challenge", &[CHALLENGE, "short"]),
    ("code_challenge_method", &["S256", "plain"]),
    ("nonce", &["n", "\u{1f3b5}"]),
    ("prompt", &["none", "login consent", "none login", "create"]),
    ("max_age", &["0", "3600", "-1", "+1"]),
    ("response_mode", &["query", "fragment", "form_post", "okay"]),
    ("resource", &[JWT_API, "https://unknown.example"]),
    ("claims", &["{\"userinfo\":{\"email\":null}}", "[]"]),
    ("id_token_hint", &["a.b.c"]),
    ("show_dialog", &["true", "false"]),
    ("login_hint", &["ada"]),
    ("request", &["a.b.c"]),
];

type Pairs = Vec<(String, String)>;

/// What a request says: often all that it must, and beside it anything goes.
fn any_pairs() -> impl Strategy<Value = Pairs> {
    let luck = proptest::collection::vec(0..10u8, WORDS.len());
    let words = proptest::collection::vec(any::<prop::sample::Index>(), WORDS.len());
    let state = proptest::option::of("[^\\p{Cc}]{0,40}");
    let knows_pkce = prop::bool::weighted(0.8);
    (luck, words, state, knows_pkce).prop_map(|(luck, words, state, knows_pkce)| {
        let mut pairs: Pairs = vec![("client_id".to_owned(), "app".to_owned())];
        for (((name, all), chosen), luck) in WORDS.iter().zip(words).zip(luck) {
            let needed = matches!(*name, "response_type" | "redirect_uri" | "code_challenge" | "code_challenge_method");
            // The first word is a right one; enough requests must be good for those that are not to mean something.
            let word = if needed && luck < 8 { all[0] } else { all[chosen.index(all.len())] };
            if needed && luck < 9 || luck < 2 {
                pairs.push(((*name).to_owned(), word.to_owned()));
            }
        }
        pairs.retain(|(name, _)| knows_pkce || !name.starts_with("code_challenge"));
        pairs.extend(state.map(|state| ("state".to_owned(), state)));
        pairs
    })
}

fn checked(pairs: &[(String, String)], app: &App) -> Result<AuthorizationRequest, Refused> {
    let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
    check(&Parameters::parse(query.join("&").as_bytes()).unwrap(), app, lookup())
}

fn proven(uri: &str) -> RegisteredRedirectUri {
    app(Profile::Standard, ClientType::Public, true).resolve(uri).unwrap()
}

/// The fields that `answer` brings the app, read as it would.
fn arrives(to: &RegisteredRedirectUri, mode: ResponseMode, answer: &Answer<'_>, state: Option<&str>) -> Pairs {
    match redirect(to, mode, answer, state, Some(ISSUER)) {
        Departure::Form { fields, .. } => fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        Departure::Address(address) => {
            let url = url::Url::parse(&address).unwrap();
            let carried = if mode == ResponseMode::Query { url.query() } else { url.fragment() }.unwrap();
            url::form_urlencoded::parse(carried.as_bytes()).into_owned().filter(|(name, _)| name != "kept").collect()
        }
    }
}

proptest! {
    #[test]
    fn the_order_of_parameters_means_nothing(app in any_app(), pairs in any_pairs().prop_shuffle()) {
        let mut sorted = pairs.clone();
        sorted.sort();
        prop_assert_eq!(checked(&pairs, &app), checked(&sorted, &app));
    }

    #[test]
    fn a_parameter_that_nobody_knows_changes_nothing(app in any_app(), pairs in any_pairs(), value in "\\PC{0,20}") {
        let before = checked(&pairs, &app);
        let after = checked(&[pairs, vec![("x-unknown".to_owned(), value)]].concat(), &app);
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_request_that_says_anything_twice_is_never_accepted(
        app in any_app(),
        pairs in any_pairs(),
        twice: prop::sample::Index,
    ) {
        let (name, value) = pairs[twice.index(pairs.len())].clone();
        prop_assume!(name != "resource");
        prop_assert!(checked(&[pairs, vec![(name, value)]].concat(), &app).is_err());
    }

    #[test]
    fn whatever_is_wrong_with_a_request_it_is_answered_where_it_may_be(
        app in any_app(),
        pairs in any_pairs(),
        evil in "https?://[a-z.@:/]{1,20}",
    ) {
        let said = |name: &str| pairs.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
        match checked(&pairs, &app) {
            Ok(AuthorizationRequest { reply_to: ReplyTo::Redirect { uri, .. }, .. })
            | Err(Refused::Redirect { to: uri, .. }) => prop_assert_eq!(Some(uri.as_str()), said("redirect_uri")),
            Ok(_) => prop_assert!(false, "no device asked"),
            Err(Refused::Page(_)) => {}
        }
        let turn = |(name, value): &(String, String)| {
            (name.clone(), if name == "redirect_uri" { evil.clone() } else { value.clone() })
        };
        let elsewhere: Pairs = pairs.iter().map(turn).collect();
        prop_assert!(matches!(checked(&elsewhere, &app), Err(Refused::Page(_))));
    }

    #[test]
    fn no_answer_is_posted_to_a_program_on_the_device(app in any_app(), pairs in any_pairs()) {
        let (own_scheme, form) = ("com.example.app:/cb".to_owned(), "form_post".to_owned());
        let mut pairs = pairs;
        pairs.retain(|(name, _)| name != "redirect_uri" && name != "response_mode");
        pairs.extend([("redirect_uri".to_owned(), own_scheme), ("response_mode".to_owned(), form)]);
        match checked(&pairs, &app) {
            // The Spotify API knows no such parameter.
            Ok(_) => prop_assert!(app.profile == Profile::Spotify),
            Err(Refused::Redirect { mode, .. }) => prop_assert_ne!(mode, ResponseMode::FormPost),
            Err(Refused::Page(_)) => {}
        }
    }

    #[test]
    fn what_an_app_gets_it_may_have(app in any_app(), pairs in any_pairs()) {
        let Ok(request) = checked(&pairs, &app) else { return Ok(()) };
        let ReplyTo::Redirect { mode, .. } = request.reply_to else { return Ok(()) };
        let wanted = request.response_type;
        prop_assert!(!wanted.is_legacy() || app.legacy_flows && mode != ResponseMode::Query);
        prop_assert!(!wanted.has_code() || !app.needs_pkce() || request.challenge.is_some());
        prop_assert!(!wanted.has_id_token() || request.scopes.is_openid() && request.nonce.is_some());
        prop_assert!(!request.scopes.is_openid() || app.policy().openid_connect);
        // A switch that allows more takes nothing away.
        let freer = App { legacy_flows: true, pkce_optional: true, ..app };
        prop_assert_eq!(checked(&pairs, &freer), Ok(request));
    }

    #[test]
    fn state_comes_back_to_the_byte_in_every_mode(
        uri in 0..REDIRECT_URIS.len(),
        state in "[^\\p{Cc}]{1,80}",
        described: bool,
    ) {
        let uri = proven(REDIRECT_URIS[uri]);
        let answer = Answer::Error { reason: &RedirectReason::Denied, described };
        for mode in ResponseMode::ALL {
            let fields = arrives(&uri, mode, &answer, Some(&state));
            let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
            let expected = ["error", "error_description", "state", "iss"];
            prop_assert_eq!(
                names,
                expected.into_iter().filter(|it| described || *it != "error_description").collect::<Vec<_>>()
            );
            prop_assert!(fields.contains(&("state".to_owned(), state.clone())));
        }
    }

    #[test]
    fn an_accepted_state_fits_into_8_kib_beside_the_longest_code(
        uri in 0..2000usize,
        state in 0..4097usize,
        letter in "[a{\u{e9}]",
    ) {
        let uri = format!("https://app.example/{}", "p".repeat(uri));
        let app = App {
            redirect_uris: vec![keysig_core::redirect_uri::RedirectUri::from_store(uri.clone())],
            ..app(Profile::Standard, ClientType::Public, false)
        };
        let say = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let state = letter.repeat(state / letter.len());
        let pairs = [
            say("redirect_uri", &uri),
            say("response_type", "code"),
            say("state", &state),
            say("code_challenge", CHALLENGE),
            say("code_challenge_method", "S256"),
        ];
        match checked(&pairs, &app) {
            Ok(request) => {
                prop_assert_eq!(request.response_type, ResponseType::CODE);
                let ReplyTo::Redirect { uri, mode } = &request.reply_to else {
                    return Err(TestCaseError::fail("device"));
                };
                let code = Secret::new("c".repeat(MAX_CODE_CHARS));
                let answer = Answer::Granted { code: Some(&code), access_token: None, id_token: None };
                let left = redirect(uri, *mode, &answer, request.state.as_deref(), Some(ISSUER));
                prop_assert!(matches!(left, Departure::Address(address) if address.len() <= 8192));
            }
            // Only what would not fit is refused, and not because of how it is written.
            Err(refused) => prop_assert!(uri.len() + 3 * state.len() > 6500, "{refused:?}"),
        }
    }
}
