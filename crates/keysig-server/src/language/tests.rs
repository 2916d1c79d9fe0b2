use super::bundles::{FILES, WORK_FILES, lacking, messages};
use super::*;

#[test]
fn every_screen_is_complete_in_every_language() {
    for (screen, texts) in FILES {
        let english = messages(texts[0].1);
        assert!(!english.is_empty(), "{screen}: no sentences");
        for (lang, text) in texts {
            fluent_bundle::FluentResource::try_new((*text).to_owned())
                .map_err(|(_, errors)| errors)
                .unwrap_or_else(|errors| panic!("{}/{screen}.ftl: {errors:?}", lang.tag()));
            let there = messages(text);
            assert_eq!(lacking(&english, &there), [""; 0], "{}/{screen}.ftl lacks these", lang.tag());
            assert_eq!(lacking(&there, &english), [""; 0], "{}/{screen}.ftl has these too many", lang.tag());
            assert_eq!(lang.words(screen).lang(), *lang);
        }
    }
}

#[test]
fn a_screen_that_lacks_a_sentence_or_an_argument_is_shown_in_english_as_a_whole() {
    let english = messages("heading = Sign in\nto = to { $app }\n");
    assert_eq!(lacking(&english, &messages("heading = Anmelden\n")), ["to"]);
    assert_eq!(lacking(&english, &messages("heading = Anmelden\nto = zu { $ap }\n")), ["to"]);
    assert_eq!(lacking(&english, &messages("heading = Anmelden\nto =\n    zu { $app }\n")), [""; 0]);
    assert_eq!(Lang::De.words("no such screen").lang(), Lang::En);
}

#[test]
fn every_file_is_listed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    for lang in Lang::ALL {
        let mut files: Vec<String> = std::fs::read_dir(folder.join(lang.tag()))
            .unwrap()
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        files.sort();
        let mut listed: Vec<&str> = FILES.iter().map(|(screen, _)| *screen).collect();
        if lang == Lang::En {
            listed.extend(WORK_FILES.iter().map(|(screen, _)| *screen));
        }
        listed.sort_unstable();
        assert_eq!(files, listed, "{}", lang.tag());
    }
}

#[test]
fn what_strangers_chose_is_escaped_and_fenced_in() {
    let hostile = "<b>\u{202e}\"{ $app }";
    let said = Lang::En.words("home").say("signed-in-as").strong("name", hostile);
    let html = said.to_string();
    assert!(html.contains("<strong><bdi>&#60;b&#62;\u{202e}&#34;{ $app }</bdi></strong>"), "{html}");
    assert!(said.plain().contains("<b>\"{ $app }"), "{}", said.plain());
}

#[test]
fn plurals_follow_the_language() {
    let said = |lang: Lang, n: u64| lang.words("home").say("days-ago").count("n", n).plain();
    assert_eq!((said(Lang::En, 1), said(Lang::En, 2)), ("1 day ago".to_owned(), "2 days ago".to_owned()));
    assert_eq!((said(Lang::De, 1), said(Lang::De, 2)), ("vor 1 Tag".to_owned(), "vor 2 Tagen".to_owned()));
    let arabic: std::collections::BTreeSet<String> = [1, 2, 3, 11].map(|n| said(Lang::Ar, n)).into();
    assert_eq!(arabic.len(), 4, "one, two, few and many are four sentences: {arabic:?}");
}

#[test]
fn the_first_language_of_ours_is_chosen() {
    let all = &Lang::ALL;
    assert_eq!(accepted("fr-FR, de-AT;q=0.9, en;q=0.8", all), Some(Lang::De));
    assert_eq!(accepted("ar", all), Some(Lang::Ar));
    assert_eq!(accepted("fr", all), None);
    assert_eq!(accepted("de", &[Lang::En]), None, "not offered here");
    assert_eq!(chosen("pt ar-EG de", all), Some(Lang::Ar));
    assert_eq!(chosen("\"><script>", all), None);
    assert_eq!(accepted(&"x".repeat(100_000), all), None);
}

#[test]
fn a_sentence_that_is_not_there_is_marked_for_the_tests_of_pages() {
    assert_eq!(Lang::En.words("home").say("nonsense").plain(), "⟦nonsense⟧");
    assert_eq!(Lang::En.words("home").say("days-ago").plain(), "⟦days-ago⟧", "an argument is missing");
}
