//! What an agreement remembers of the page that led to it.

use crate::app::App;
use crate::authorize::{AuthorizationRequest, ReplyTo};
use crate::encoding::hex;
use crate::id::LogoId;
use crate::redirect_uri::RegisteredRedirectUri;
use crate::scope::{Risk, ScopeCatalogue, ScopeSet};

/// What the consent page showed of an app: its name, its owner, its logo, the hosts that answers went to, the APIs beside
/// ours at which it acts in the person's name, and how risky each permission was said to be. If one of the first is another
/// next time, or a permission has become riskier, the person is asked again: a name and a logo can imitate anyone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    name: String,
    owner: String,
    logo: Option<LogoId>,
    hosts: Vec<String>,
    risks: [ScopeSet; 4],
}

/// No host has a blank in it.
const DEVICE: &str = "a device";
/// In front of what stands for an API.
const API: &str = "api ";
/// In front of a logo's id.
const LOGO: &str = "logo ";
/// In front of the permissions of one risk.
const RISK: &str = "risk ";
/// Least first, as in the catalogue's file.
const RISKS: [(Risk, &str); 4] =
    [(Risk::Little, "S"), (Risk::Personal, "P"), (Risk::Control, "C"), (Risk::Change, "W")];

fn host(reply_to: &ReplyTo) -> String {
    match reply_to {
        ReplyTo::Redirect { uri, .. } => host_of_redirect(uri),
        ReplyTo::Device { .. } => DEVICE.to_owned(),
    }
}

fn host_of_redirect(redirect_uri: &RegisteredRedirectUri) -> String {
    if redirect_uri.is_private_use_scheme() {
        // With its colon, so that no scheme is ever taken for the host of the same name.
        return format!("{}:", redirect_uri.destination());
    }
    // A loopback address has another port each time, and means the same device.
    let destination = redirect_uri.destination();
    let loopback = ["127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| destination.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    loopback.unwrap_or(destination).to_owned()
}

fn print_risk(letter: &str, scopes: ScopeSet) -> String {
    format!("{RISK}{letter} {}", hex(&scopes.to_bytes()))
}

fn parse_risk(line: &str) -> Option<(usize, ScopeSet)> {
    let (letter, digits) = line.strip_prefix(RISK)?.split_once(' ')?;
    let rank = RISKS.iter().position(|(_, known)| *known == letter)?;
    let scopes = u128::from_str_radix(digits, 16).ok()?;
    Some((rank, ScopeSet::from_bytes(scopes.to_be_bytes())))
}

impl Shown {
    /// What a page about `scopes` for this `request` of `app` shows.
    pub fn now(app: &App, request: &AuthorizationRequest, scopes: ScopeSet, catalogue: &ScopeCatalogue) -> Self {
        let owner = app.owner.map(|owner| owner.to_string()).unwrap_or_default();
        let api = request.audience.to_column().map(|id| format!("{API}{}", hex(&id)));
        let hosts = std::iter::once(host(&request.reply_to)).chain(api).collect();
        let of = |risk| {
            let is = |scope: &_| catalogue.entry(*scope).is_some_and(|entry| entry.risk == risk);
            scopes.iter().filter(is).fold(ScopeSet::EMPTY, ScopeSet::with)
        };
        Self { name: app.name.clone(), owner, logo: app.about.logo, hosts, risks: RISKS.map(|(risk, _)| of(risk)) }
    }

    /// The app's name as shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The permissions that were shown, whether or not they were allowed.
    pub fn scopes(&self) -> ScopeSet {
        self.risks.into_iter().fold(ScopeSet::EMPTY, ScopeSet::union)
    }

    /// From a grant's column.
    pub fn parse(column: &str) -> Self {
        let mut lines = column.lines();
        let (name, owner) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let (name, owner) = (name.to_owned(), owner.to_owned());
        let mut shown = Self { name, owner, logo: None, hosts: Vec::new(), risks: Default::default() };
        for line in lines {
            if let Some(logo) = line.strip_prefix(LOGO).and_then(LogoId::parse) {
                shown.logo = Some(logo);
                continue;
            }
            match parse_risk(line) {
                Some((rank, scopes)) => {
                    if let Some(slot) = shown.risks.get_mut(rank) {
                        *slot = scopes;
                    }
                }
                None => shown.hosts.push(line.to_owned()),
            }
        }
        shown
    }

    /// For a grant's column; names hold no line breaks.
    pub fn print(&self) -> String {
        let risks = RISKS.iter().zip(self.risks).filter(|(_, scopes)| !scopes.is_empty());
        let risks = risks.map(|((_, letter), scopes)| print_risk(letter, scopes));
        let lines = [self.name.clone(), self.owner.clone()].into_iter().chain(self.hosts.iter().cloned());
        let logo = self.logo.map(|logo| format!("{LOGO}{logo}"));
        let lines = lines.map(|line| line.replace(['\n', '\r'], " ")).chain(logo).chain(risks);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Of the permissions that `other` shows, those that were shown at least as risky before.
    fn seen_as_risky(&self, other: &Self) -> ScopeSet {
        // From the riskiest down: what was shown at one risk was shown at all below it.
        let mut at_least = ScopeSet::EMPTY;
        let mut seen = ScopeSet::EMPTY;
        for (before, now) in self.risks.into_iter().zip(other.risks).rev() {
            at_least = at_least.union(before);
            seen = seen.union(now.intersection(at_least));
        }
        seen
    }

    /// Whether whoever saw this, and has `allowed`, has seen all that `other` shows: the same app, no new place, and none
    /// of the allowed permissions riskier than it was. A logo that was taken away says less than before, not something else.
    pub fn covers(&self, other: &Self, allowed: ScopeSet) -> bool {
        let same_logo = other.logo.is_none() || self.logo == other.logo;
        let same = self.name == other.name && self.owner == other.owner && same_logo;
        let riskier = other.scopes().without(self.seen_as_risky(other)).intersection(allowed);
        same && riskier.is_empty() && other.hosts.iter().all(|host| self.hosts.contains(host))
    }

    /// What has been seen after `other` was seen as well: hosts add up as long as name and owner stay, and each permission
    /// keeps the highest risk it was ever shown at.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut taken = ScopeSet::EMPTY;
        let mut risks = self.risks;
        for (slot, more) in risks.iter_mut().zip(other.risks).rev() {
            *slot = slot.union(more).without(taken);
            taken = taken.union(*slot);
        }
        if self.name != other.name || self.owner != other.owner {
            return Self { risks, ..other };
        }
        let mut hosts = self.hosts;
        hosts.extend(other.hosts.iter().filter(|host| !hosts.contains(host)).cloned().collect::<Vec<_>>());
        Self { hosts, risks, ..other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::ScopeId;
    use proptest::prelude::*;

    fn shown(name: &str, hosts: &[&str]) -> Shown {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        Shown { name: name.into(), owner: "o".into(), logo: None, hosts, risks: Default::default() }
    }

    fn scope(number: u8) -> ScopeSet {
        ScopeSet::EMPTY.with(ScopeId::from_number(number).unwrap())
    }

    /// One permission at a risk, by its rank.
    fn at(rank: usize) -> Shown {
        let mut risks = <[ScopeSet; 4]>::default();
        risks[rank] = scope(1);
        Shown { risks, ..shown("Peek", &["a"]) }
    }

    #[test]
    fn a_new_host_or_name_is_not_covered() {
        let covers = |before: &Shown, now: &Shown| before.covers(now, ScopeSet::EMPTY);
        assert!(covers(&shown("Peek", &["a", "b"]), &shown("Peek", &["b"])));
        assert!(!covers(&shown("Peek", &["a"]), &shown("Peek", &["b"])));
        assert!(!covers(&shown("Peek", &["a"]), &shown("Peak", &["a"])));
    }

    #[test]
    fn hosts_add_up_until_the_name_changes() {
        assert_eq!(shown("Peek", &["a"]).and(shown("Peek", &["b"])), shown("Peek", &["a", "b"]));
        assert_eq!(shown("Peek", &["a"]).and(shown("Peak", &["b"])), shown("Peak", &["b"]));
        assert_eq!(Shown::parse(&shown("Peek", &["a", "b"]).print()), shown("Peek", &["a", "b"]));
    }

    #[test]
    fn a_higher_risk_is_not_covered_and_a_lower_one_is() {
        for before in 0..4 {
            for now in 0..4 {
                assert_eq!(at(before).covers(&at(now), scope(1)), before >= now, "{before} {now}");
                assert!(at(before).covers(&at(now), scope(2)), "what is not allowed is asked for by other rules");
            }
        }
        assert!(!shown("Peek", &["a"]).covers(&at(0), scope(1)), "nobody knows what was seen");
        assert_eq!(at(3).and(at(0)), at(3), "the highest risk is remembered");
        assert_eq!(at(0).and(at(3)), at(3));
    }

    #[test]
    fn a_logo_that_nobody_saw_is_not_covered_and_what_was_kept_before_there_were_any_is() {
        let with = |logo: u8| Shown { logo: Some(LogoId::from_bytes([logo; 16])), ..shown("Peek", &["a"]) };
        let none = shown("Peek", &["a"]);
        let covers = |before: &Shown, now: &Shown| before.covers(now, ScopeSet::EMPTY);
        assert!(covers(&Shown::parse("Peek\no\na"), &none), "older rows say nothing of logos");
        assert!(covers(&with(1), &with(1)) && covers(&with(1), &none));
        assert!(!covers(&none, &with(1)) && !covers(&with(1), &with(2)));
        assert_eq!(Shown::parse(&with(1).print()), with(1));
        assert_eq!(with(1).and(with(2)), with(2));
    }

    proptest! {
        #[test]
        fn whatever_was_shown_is_remembered_and_covers_itself(
            risks: [u128; 4],
            more: [u128; 4],
            hosts in prop::collection::vec("[a-z.:0-9]{1,20}", 1..4),
        ) {
            // Each permission has one risk.
            let apart = |sets: [u128; 4]| {
                let mut taken = 0;
                sets.map(|set| {
                    let own = set & !taken;
                    taken |= own;
                    ScopeSet::from_bytes(own.to_be_bytes())
                })
            };
            let logo = risks[0].is_multiple_of(2).then(|| LogoId::from_bytes(risks[0].to_be_bytes()));
            let one =
                Shown { name: "Peek".into(), owner: String::new(), logo, hosts: hosts.clone(), risks: apart(risks) };
            let two = Shown { risks: apart(more), ..one.clone() };
            prop_assert_eq!(&Shown::parse(&one.print()), &one);
            let all = ScopeSet::from_bytes([0xff; 16]);
            let both = one.clone().and(two.clone());
            prop_assert!(one.covers(&one, all) && both.covers(&one, all) && both.covers(&two, all));
            prop_assert_eq!(both.scopes(), one.scopes().union(two.scopes()));
            prop_assert_eq!(&Shown::parse(&both.print()), &both);
        }
    }
}
