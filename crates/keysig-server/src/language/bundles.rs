//! The files of `locales/`, read once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use unic_langid::LanguageIdentifier;

use super::Lang;

/// The sentences that every screen has.
pub(super) const COMMON: &str = "common";

macro_rules! files {
    ($($screen:literal)*) => {
        /// Every screen's file in every language.
        pub(super) const FILES: &[(&str, [(Lang, &str); 3])] = &[$((
            $screen,
            [
                (Lang::En, include_str!(concat!("../../locales/en/", $screen, ".ftl"))),
                (Lang::De, include_str!(concat!("../../locales/de/", $screen, ".ftl"))),
                (Lang::Ar, include_str!(concat!("../../locales/ar/", $screen, ".ftl"))),
            ],
        ),)*];
    };
}

// One line each, in alphabetical order.
files! {
    "account"
    "authenticator"
    "chooser"
    "common"
    "connected-apps"
    "consent"
    "device-done"
    "devices"
    "error"
    "form-post"
    "home"
    "inbox"
    "leaving"
    "mail"
    "pair"
    "passkeys"
    "profile"
    "recheck"
    "recover"
    "second-step"
    "security"
    "sign-in"
    "sign-out"
    "sign-up"
    "signed-out"
    "upstream"
    "your-data"
}

/// The sentences that every screen of developers and operators has.
const WORK: &str = "work";

macro_rules! work_files {
    ($($screen:literal)*) => {
        /// The screens of developers and operators, which are in English only.
        pub(super) const WORK_FILES: &[(&str, &str)] =
            &[$(($screen, include_str!(concat!("../../locales/en/", $screen, ".ftl"))),)*];
    };
}

// One line each, in alphabetical order.
work_files! {
    "admin-area"
    "admin-scopes"
    "admin-settings"
    "admin-refused"
    "dashboard-apps"
    "dashboard-create"
    "dashboard-danger"
    "dashboard-events"
    "dashboard-inspector"
    "dashboard-permissions"
    "dashboard-profile"
    "dashboard-quickstart"
    "dashboard-redirect-uris"
    "dashboard-review"
    "inspector-reasons"
    "dashboard-secrets"
    "dashboard-settings"
    "dashboard-mode"
    "dashboard-test-users"
    "dashboard-usage"
    "dashboard-webhooks"
    "work"
}

type Bundle = FluentBundle<Arc<FluentResource>>;

/// The sentences of one screen and those all screens share; each file is read once.
static BUNDLES: LazyLock<HashMap<(Lang, &'static str), Bundle>> = LazyLock::new(|| {
    let common = Lang::ALL.map(|lang| (lang, resource(lang, text(lang, COMMON))));
    let mut bundles = HashMap::new();
    for (screen, texts) in FILES {
        for ((lang, text), (_, common)) in texts.iter().zip(&common) {
            bundles.insert((*lang, *screen), bundle(*lang, &[common.clone(), resource(*lang, text)]));
        }
    }
    let work = |screen: &str| WORK_FILES.iter().find(|(name, _)| *name == screen).map_or("", |(_, text)| text);
    let shared = [resource(Lang::En, text(Lang::En, COMMON)), resource(Lang::En, work(WORK))];
    for (screen, text) in WORK_FILES {
        let [common, work] = shared.clone();
        bundles.insert((Lang::En, *screen), bundle(Lang::En, &[common, work, resource(Lang::En, text)]));
    }
    bundles
});

/// The screens of each language that may be shown in it.
static COMPLETE: LazyLock<BTreeSet<(Lang, &'static str)>> = LazyLock::new(|| {
    let has = |lang, screen| lacking(&messages(text(Lang::En, screen)), &messages(text(lang, screen))).is_empty();
    let mut complete = BTreeSet::new();
    for lang in Lang::ALL.into_iter().filter(|lang| has(*lang, COMMON)) {
        complete.extend(FILES.iter().filter(|(screen, _)| has(lang, screen)).map(|(screen, _)| (lang, *screen)));
    }
    complete
});

fn text(lang: Lang, screen: &str) -> &'static str {
    let texts = FILES.iter().find(|(name, _)| *name == screen).map(|(_, texts)| texts);
    texts.and_then(|texts| texts.iter().find(|(of, _)| *of == lang)).map_or("", |(_, text)| text)
}

/// What cannot be read is left out and logged; a test reads every file.
fn resource(lang: Lang, text: &str) -> Arc<FluentResource> {
    Arc::new(FluentResource::try_new(text.to_owned()).unwrap_or_else(|(readable, errors)| {
        tracing::error!(?errors, lang = lang.tag(), "a file of sentences cannot be read");
        readable
    }))
}

fn bundle(lang: Lang, resources: &[Arc<FluentResource>]) -> Bundle {
    let tag: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Names are fenced in by elements of their own (`Sentence`).
    bundle.set_use_isolating(false);
    for resource in resources {
        // A screen may say it in its own words.
        bundle.add_resource_overriding(resource.clone());
    }
    bundle
}

/// A screen's sentences; `None` for a screen there is none of.
pub(super) fn of(lang: Lang, screen: &'static str) -> Option<&'static Bundle> {
    BUNDLES.get(&(lang, screen))
}

/// Whether the screen can be shown in the language without a sentence in another.
pub(super) fn is_complete(lang: Lang, screen: &'static str) -> bool {
    COMPLETE.contains(&(lang, screen))
}

/// The sentences of a file with the arguments each names.
pub(super) fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some((id, _)) = line.split_once('=').filter(|(id, _)| is_id(id.trim_end())) {
            current = Some(id.trim_end().to_owned());
        }
        let Some(id) = current.clone().filter(|_| !line.starts_with('#')) else { continue };
        let arguments = messages.entry(id).or_default();
        for rest in line.split('$').skip(1) {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
            arguments.extend(rest.get(..end).map(str::to_owned));
        }
    }
    messages
}

fn is_id(text: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '-';
    text.starts_with(starts) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// What a translation lacks: sentences, or arguments in them. Terms (`-brand`) are a language's own affair.
pub(super) fn lacking(
    english: &BTreeMap<String, BTreeSet<String>>,
    other: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let asked = english.iter().filter(|(id, _)| !id.starts_with('-'));
    asked.filter(|(id, arguments)| other.get(*id) != Some(arguments)).map(|(id, _)| id.clone()).collect()
}
