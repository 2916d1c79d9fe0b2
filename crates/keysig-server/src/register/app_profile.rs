//! What an app says of itself, as its developer typed it.

use keysig_core::app::{App, KeepsData};
use keysig_store::app_profile::AppProfile;
use url::Url;

use super::{Refused, app_name, is_invisible};
use crate::pages::{ProfileField, ProfileProblem, ProfileTyped};

/// A description is no longer than this many characters.
pub const MAX_DESCRIPTION_CHARS: usize = 300;
/// An address is no longer than this many bytes.
const MAX_LINK_BYTES: usize = 500;

/// What is saved, or what is wrong with it. An address that stood there before is not asked about again: apps from before
/// this form may have others. `brand` is the service's name.
pub fn checked(
    typed: &ProfileTyped,
    app: &App,
    brand: &str,
) -> Result<AppProfile, Vec<(ProfileField, ProfileProblem)>> {
    let mut problems = Vec::new();
    let mut or_problem = |field, result: Result<Option<String>, ProfileProblem>| {
        result.unwrap_or_else(|problem| {
            problems.push((field, problem));
            None
        })
    };
    let name = or_problem(ProfileField::Name, name(&typed.name, app, brand).map(Some)).unwrap_or_default();
    let description = or_problem(ProfileField::Description, description(&typed.description));
    let before = [&app.homepage, &app.consent.privacy_url, &app.about.terms_url, &app.about.support_url];
    let links = ProfileField::LINKS.into_iter().zip(&typed.links).zip(before);
    let mut links = links.map(|((field, typed), before)| or_problem(field, link(typed, before.as_deref())));
    let [homepage, privacy_url, terms_url, support_url] = std::array::from_fn(|_| links.next().flatten());
    drop(links);
    let keeps_data = keeps(typed).unwrap_or_else(|problem| {
        problems.push((ProfileField::Days, problem));
        None
    });
    match problems.is_empty() {
        true => Ok(AppProfile { name, homepage, description, privacy_url, terms_url, support_url, keeps_data }),
        false => Err(problems),
    }
}

fn name(typed: &str, app: &App, brand: &str) -> Result<String, ProfileProblem> {
    if typed.trim() == app.name {
        return Ok(app.name.clone());
    }
    app_name(typed, Some(brand).filter(|_| !app.consent.trusted)).map_err(|refused| match refused {
        Refused::LookAlike(..) => ProfileProblem::LookAlike,
        _ => ProfileProblem::Name,
    })
}

fn description(typed: &str) -> Result<Option<String>, ProfileProblem> {
    // A line break is a blank: nothing of it reaches beyond its line.
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > MAX_DESCRIPTION_CHARS {
        return Err(ProfileProblem::TooLong);
    }
    if text.chars().any(is_invisible) {
        return Err(ProfileProblem::Invisible);
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn link(typed: &str, before: Option<&str>) -> Result<Option<String>, ProfileProblem> {
    let typed = typed.trim();
    if typed.is_empty() || Some(typed) == before {
        return Ok(before.filter(|_| !typed.is_empty()).map(str::to_owned));
    }
    let url = Url::parse(typed).map_err(|_| ProfileProblem::NoAddress)?;
    if url.scheme() != "https" {
        return Err(if url.has_host() { ProfileProblem::NotHttps } else { ProfileProblem::NoAddress });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ProfileProblem::SignIn);
    }
    let text = String::from(url);
    if text.len() > MAX_LINK_BYTES { Err(ProfileProblem::TooLong) } else { Ok(Some(text)) }
}

fn keeps(typed: &ProfileTyped) -> Result<Option<KeepsData>, ProfileProblem> {
    match typed.keeps.as_str() {
        "not-kept" => Ok(Some(KeepsData::NotKept)),
        "until-disconnected" => Ok(Some(KeepsData::UntilDisconnected)),
        "days" => {
            let days = KeepsData::parse(&format!("{} days", typed.days.trim()));
            days.map(Some).ok_or(ProfileProblem::Days)
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_encrypted_and_shows_its_host() {
        assert_eq!(link(" https://peek.example/terms ", None), Ok(Some("https://peek.example/terms".to_owned())));
        assert_eq!(link("", Some("https://peek.example/")), Ok(None), "what is emptied is taken away");
        assert_eq!(link("http://peek.example/", Some("http://peek.example/")), Ok(Some("http://peek.example/".into())));
        let long = format!("https://peek.example/{}", "a".repeat(500));
        for (bad, why) in [
            ("http://peek.example/", ProfileProblem::NotHttps),
            ("javascript:alert(1)", ProfileProblem::NoAddress),
            ("data:text/html,x", ProfileProblem::NoAddress),
            ("//peek.example", ProfileProblem::NoAddress),
            ("peek.example", ProfileProblem::NoAddress),
            ("https://ada@peek.example/", ProfileProblem::SignIn),
            ("https://peek.example:x@evil.example/", ProfileProblem::SignIn),
            (long.as_str(), ProfileProblem::TooLong),
        ] {
            assert_eq!(link(bad, None), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_description_is_one_line_that_shows_all_it_holds() {
        assert_eq!(description(" Plays\r\n  songs. "), Ok(Some("Plays songs.".to_owned())));
        assert_eq!(description("\n"), Ok(None));
        assert_eq!(description("\u{202e}gnos"), Err(ProfileProblem::Invisible));
        assert_eq!(description(&"ä".repeat(301)), Err(ProfileProblem::TooLong));
    }
}
