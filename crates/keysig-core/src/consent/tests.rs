//! Who is asked for what, over apps, requests and agreements of all kinds.

use proptest::prelude::*;

use super::*;
use crate::app::{About, ConsentSettings, Mode, OpenIdSettings, Standing};
use crate::authorize::{Prompt, ResponseMode, ResponseType};
use crate::grant::device_code::UserCode;
use crate::id::{AppId, DeviceId, GrantId, UserId};
use crate::openid::claims::ClaimsRequest;
use crate::profile::Profile;
use crate::redirect_uri::RedirectUri;
use crate::scope::{Risk, ScopeEntry, ScopeFile, ScopeGroup, ScopeId, ScopeText};
use crate::testing::SeededRng;

const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
const WEB: &str = "https://peek.example/cb";
const LOOPBACK: &str = "http://127.0.0.1/cb";

/// Eight scopes, all as risky as `risk`.
fn catalogue(risk: Risk) -> ScopeCatalogue {
    let text = ScopeText { title: "T".into(), detail: "D".into(), will_not: "W".into() };
    let entry = |id: u8| ScopeEntry {
        id,
        name: format!("scope-{id}"),
        aliases: Vec::new(),
        group: ScopeGroup::See,
        risk,
        can_delete: false,
        endpoints: Vec::new(),
        retired: false,
        text: [("en".to_owned(), text.clone())].into(),
    };
    ScopeCatalogue::new(ScopeFile { scope: (0..8).map(entry).collect() }, &["en"]).unwrap()
}

fn set(bits: u8) -> ScopeSet {
    (0..8).filter(|bit| bits & 1 << bit != 0).filter_map(ScopeId::from_number).fold(ScopeSet::EMPTY, ScopeSet::with)
}

fn app(client_type: ClientType, optional: u8) -> App {
    let policy = Profile::Spotify.policy();
    App {
        id: AppId::from_bytes([1; 16]),
        client_id: "app".to_owned(),
        name: "Peek".to_owned(),
        owner: None,
        developer: "Dev".to_owned(),
        homepage: None,
        profile: Profile::Spotify,
        client_type,
        redirect_uris: [WEB, LOOPBACK].map(|uri| RedirectUri::register(uri, &policy).unwrap()).to_vec(),
        secrets: Vec::new(),
        scopes: None,
        mode: Mode::Live,
        test_users: Vec::new(),
        rotates: false,
        paused: false,
        legacy_flows: false,
        pkce_optional: false,
        openid: OpenIdSettings::default(),
        consent: ConsentSettings { optional: set(optional), ..ConsentSettings::default() },
        about: About::default(),
        standing: Standing::default(),
        epoch: 1,
        created_at: NOW,
    }
}

fn request(app: &App, scopes: u8) -> AuthorizationRequest {
    AuthorizationRequest {
        reply_to: ReplyTo::Redirect { uri: app.resolve(WEB).unwrap(), mode: ResponseMode::Query },
        response_type: ResponseType::CODE,
        scopes: set(scopes),
        audience: Audience::OwnApi,
        state: None,
        challenge: None,
        nonce: None,
        prompt: Prompt::default(),
        max_age_seconds: None,
        claims: ClaimsRequest::default(),
        subjects: Vec::new(),
        login_hint: None,
        ui_locales: None,
        needs_two_factors: false,
        include_granted: false,
    }
}

/// An agreement to `scopes`, of a page that also offered `offered`.
fn grant(app: &App, scopes: u8, offered: u8) -> Grant {
    let shown = Shown::now(app, &request(app, 0), set(scopes | offered), &catalogue(Risk::Personal));
    Grant {
        id: GrantId::from_bytes([3; 16]),
        user: UserId::from_bytes([2; 16]),
        app: app.id,
        scopes: set(scopes),
        salt: [0; 16],
        access_epoch: 1,
        login_epoch: 1,
        paused: false,
        removed_at: None,
        shown: shown.print(),
        created_at: NOW,
        last_used_at: NOW,
        expires_at: None,
    }
}

fn ask_at(risk: Risk, app: &App, request: &AuthorizationRequest, grant: Option<&Grant>) -> Question {
    let catalogue = catalogue(risk);
    question(app, request, grant, Instance { catalogue: &catalogue, confirms_public_apps: true, now: NOW })
}

fn ask(app: &App, request: &AuthorizationRequest, grant: Option<&Grant>) -> Question {
    ask_at(Risk::Personal, app, request, grant)
}

fn asked(required: u8, optional: u8, already: u8) -> Asked {
    Asked { required: set(required), optional: set(optional), already: set(already) }
}

#[test]
fn at_first_everything_is_asked_and_what_is_optional_apart() {
    let app = app(ClientType::Confidential, 0b0110);
    assert_eq!(ask(&app, &request(&app, 0b0011), None), Question::Whole(asked(0b0001, 0b0010, 0)));
}

#[test]
fn an_optional_permission_that_was_declined_is_asked_for_no_more_unless_the_app_insists() {
    let app = app(ClientType::Confidential, 0b0010);
    let declined = grant(&app, 0b0001, 0b0010);
    let again = request(&app, 0b0011);
    assert_eq!(ask(&app, &again, Some(&declined)), Question::None);
    let insists = AuthorizationRequest { prompt: Prompt { consent: true, ..Prompt::default() }, ..again.clone() };
    assert_eq!(ask(&app, &insists, Some(&declined)), Question::More(asked(0, 0b0010, 0b0001)));
    let never_offered = grant(&app, 0b0001, 0);
    assert_eq!(ask(&app, &again, Some(&never_offered)), Question::More(asked(0, 0b0010, 0b0001)));
    // What was declined as a choice and is needed now is asked for.
    let needed = App { consent: ConsentSettings::default(), ..app.clone() };
    assert_eq!(ask(&needed, &again, Some(&declined)), Question::More(asked(0b0010, 0, 0b0001)));
}

#[test]
fn a_permission_that_became_riskier_is_asked_for_again_and_no_other() {
    let app = app(ClientType::Confidential, 0);
    let agreed = grant(&app, 0b0011, 0);
    let one = request(&app, 0b0001);
    assert_eq!(ask_at(Risk::Little, &app, &one, Some(&agreed)), Question::None);
    assert_eq!(ask_at(Risk::Control, &app, &one, Some(&agreed)), Question::Whole(asked(0b0001, 0, 0b0010)));
    // With what was granted before, its risk counts too.
    let all = AuthorizationRequest { include_granted: true, ..one };
    assert_eq!(ask_at(Risk::Control, &app, &all, Some(&agreed)), Question::Whole(asked(0b0011, 0, 0)));
}

#[test]
fn an_agreement_whose_time_is_over_is_none() {
    let app = app(ClientType::Confidential, 0);
    let over = Grant { expires_at: Some(NOW), ..grant(&app, 0b0011, 0) };
    assert_eq!(ask(&app, &request(&app, 0b0001), Some(&over)), Question::Whole(asked(0b0001, 0, 0)));
    let not_yet = Grant { expires_at: Some(NOW.plus_seconds(1)), ..over };
    assert_eq!(ask(&app, &request(&app, 0b0001), Some(&not_yet)), Question::None);
}

#[test]
fn nobody_is_asked_about_a_trusted_app_but_where_another_program_could_be_it() {
    let trusted = |client_type| {
        let app = app(client_type, 0);
        App { consent: ConsentSettings { trusted: true, ..app.consent.clone() }, ..app }
    };
    let web = trusted(ClientType::Confidential);
    assert_eq!(ask(&web, &request(&web, 0b0001), None), Question::Trusted);
    assert_eq!(ask(&web, &request(&web, 0b0001), Some(&grant(&web, 0b0001, 0))), Question::None);
    let insists =
        AuthorizationRequest { prompt: Prompt { consent: true, ..Prompt::default() }, ..request(&web, 0b0001) };
    assert_eq!(ask(&web, &insists, None), Question::Whole(asked(0b0001, 0, 0)));
    let device = ReplyTo::Device { id: DeviceId::from_bytes([1; 16]), code: UserCode::generate(&SeededRng::new(1)) };
    let by_device = AuthorizationRequest { reply_to: device, ..request(&web, 0b0001) };
    assert_eq!(ask(&web, &by_device, None), Question::Whole(asked(0b0001, 0, 0)));
    let native = trusted(ClientType::Public);
    let to_loopback = ReplyTo::Redirect { uri: native.resolve(LOOPBACK).unwrap(), mode: ResponseMode::Query };
    let to_loopback = AuthorizationRequest { reply_to: to_loopback, ..request(&native, 0b0001) };
    assert_eq!(ask(&native, &to_loopback, None), Question::Whole(asked(0b0001, 0, 0)));
}

#[test]
fn what_was_granted_is_included_at_our_own_api_alone() {
    let app = app(ClientType::Confidential, 0);
    let agreed = grant(&app, 0b0011, 0);
    let more = AuthorizationRequest { include_granted: true, ..request(&app, 0b0100) };
    assert_eq!(of_login(&more, &agreed), set(0b0111));
    assert_eq!(of_login(&request(&app, 0b0100), &agreed), set(0b0100));
    let elsewhere = AuthorizationRequest { audience: Audience::Resource([1; 8]), ..more };
    assert_eq!(of_login(&elsewhere, &agreed), set(0b0100));
    assert_eq!(wanted(&elsewhere, Some(&agreed)), set(0b0100));
}

#[test]
fn a_time_box_ends_when_it_was_chosen_to_and_nothing_chosen_changes_nothing() {
    let before = Some(NOW.plus_seconds(5));
    let ends = |text| Until::parse(text).map(|until| until.ends_at(before, NOW));
    assert_eq!(ends(None), Some(before));
    assert_eq!(ends(Some("as-before")), Some(before));
    assert_eq!(ends(Some("removed")), Some(None));
    assert_eq!(ends(Some("30")), Some(Some(NOW.plus_seconds(30 * 86_400))));
    assert_eq!(ends(Some("1")), Some(Some(NOW.plus_seconds(86_400))));
    for odd in ["2", "-1", "031", "forever", "999999999999999999999"] {
        assert_eq!(Until::parse(Some(odd)), None, "{odd}");
    }
}

#[test]
fn no_token_outlives_what_it_rests_on() {
    let app = app(ClientType::Confidential, 0);
    let left = |millis: i64| {
        let end = Timestamp::from_unix_millis(NOW.unix_millis() + millis);
        Grant { expires_at: Some(end), ..grant(&app, 1, 0) }.access_token_lifetime_seconds(NOW)
    };
    assert_eq!([left(-1000), left(0), left(999), left(1000), left(3_599_999)], [0, 0, 0, 1, 3599]);
    assert_eq!([left(3_600_000), left(86_400_000)], [3600, 3600]);
    assert_eq!(grant(&app, 1, 0).access_token_lifetime_seconds(NOW), 3600);
}

proptest! {
    /// Whatever is asked, agreed and ticked: a page asks for nothing that is not wanted and nothing twice, nobody agrees to
    /// what the request does not hold, and whoever allowed a page is not asked the same again.
    #[test]
    fn a_question_asks_for_what_is_missing_and_its_answer_settles_it(
        optional: u8,
        scopes: u8,
        before in proptest::option::of((any::<u8>(), any::<u8>())),
        ticked: u8,
        include_granted: bool,
    ) {
        let app = app(ClientType::Confidential, optional);
        let request = AuthorizationRequest { include_granted, ..request(&app, scopes) };
        let before = before.map(|(scopes, offered)| grant(&app, scopes, offered));
        let granted = before.as_ref().map_or(ScopeSet::EMPTY, |grant| grant.scopes);
        match ask(&app, &request, before.as_ref()) {
            Question::None => prop_assert!(agreed(&app, &request, ScopeSet::EMPTY).is_subset(granted)),
            Question::Whole(page) | Question::More(page) => {
                prop_assert!(page.required.union(page.optional).is_subset(wanted(&request, before.as_ref())));
                prop_assert!(page.optional.is_subset(app.consent.optional.without(granted)));
                prop_assert!(page.required.intersection(page.optional).is_empty());
                prop_assert!(page.already.is_subset(granted));
            }
            other => prop_assert!(false, "{other:?}"),
        }
        let agreed = agreed(&app, &request, set(ticked));
        prop_assert!(agreed.is_subset(request.permissions()));
        prop_assert!(agreed.intersection(app.consent.optional).is_subset(set(ticked)));
        // The answer, as it is written down.
        let seen = Shown::now(&app, &request, wanted(&request, before.as_ref()), &catalogue(Risk::Personal));
        let shown = match &before {
            Some(grant) => Shown::parse(&grant.shown).and(seen),
            None => seen,
        };
        let after = Grant { scopes: granted.union(agreed), shown: shown.print(), ..grant(&app, 0, 0) };
        prop_assert_eq!(ask(&app, &request, Some(&after)), Question::None);
        let login = of_login(&request, &after).intersection(after.scopes);
        prop_assert!(include_granted || login.is_subset(set(scopes)), "nothing widens by itself");
    }
}
