//! What is written to people. Sentences come from `locales/…/mail.ftl`; addresses in them from `public_url` alone, never
//! from a request (a poisoned Host header).

use keysig_core::secret::Secret;

use crate::actions::review::Verdict;
use crate::language::{Lang, Sentence, Words};

/// One letter. Names in it are strangers' text: they lose what could turn or break a line.
pub enum Letter<'a> {
    /// The address of a sign-up is to be confirmed.
    SignUp {
        /// `keysig_core::mail::print_link`.
        proof: Secret,
        /// The six digits.
        digits: Secret,
    },
    /// Somebody signed up with the address of an account that exists.
    AlreadyHere,
    /// The operator asks somebody to sign up.
    Invited {
        /// `keysig_core::mail::print_link`.
        proof: Secret,
    },
    /// Somebody is asked to try an app that is in development, and has no account yet.
    TestInvited {
        /// Its name.
        app: &'a str,
    },
    /// A new password can be chosen.
    Recover {
        /// `keysig_core::mail::print_link`.
        proof: Secret,
        /// The six digits.
        digits: Secret,
    },
    /// The password was changed.
    PasswordChanged,
    /// An account's new address is to be confirmed.
    NewAddress {
        /// `keysig_core::mail::print_link`.
        proof: Secret,
        /// The six digits.
        digits: Secret,
    },
    /// An account's address is to be confirmed before anybody is signed in to it.
    ConfirmAddress {
        /// `keysig_core::mail::print_link`.
        proof: Secret,
        /// The six digits.
        digits: Secret,
    },
    /// Somebody wanted to give their account an address that another account has.
    AddressTaken,
    /// To the old address.
    AddressChanged,
    /// An app was allowed something (ux B13).
    AppConnected {
        /// Its name.
        app: &'a str,
        /// Titles of what it may do.
        permissions: &'a [&'a str],
        /// What the browser is called, such as "Firefox on Linux".
        browser: &'a str,
        /// When, as [`crate::pages::When`] says it.
        at: &'a str,
    },
    /// The operator switched an app off; to its owner.
    AppPaused {
        /// Its name.
        app: &'a str,
        /// In the operator's words.
        why: &'a str,
    },
    /// Somebody offers an app; to whoever may take it over.
    AppOffered {
        /// Its name.
        app: &'a str,
        /// The name of whoever owns it.
        owner: &'a str,
    },
    /// A passkey was added.
    PasskeyAdded {
        /// What its owner called it.
        name: &'a str,
    },
    /// A passkey was removed.
    PasskeyRemoved {
        /// What its owner called it.
        name: &'a str,
    },
    /// A second step was switched on.
    SecondStepAdded,
    /// It was switched off.
    SecondStepRemoved,
    /// Somebody signed in with a recovery code.
    RecoveryCodeUsed {
        /// How many are left.
        left: u64,
    },
    /// An account elsewhere signs in here from now on.
    UpstreamLinked {
        /// Whose.
        provider: &'a str,
    },
    /// It no longer does.
    UpstreamUnlinked {
        /// Whose.
        provider: &'a str,
    },
    /// A review of an app was answered.
    Reviewed {
        /// Its name.
        app: &'a str,
        /// Its client ID.
        client_id: &'a str,
        /// How.
        verdict: Verdict,
    },
    /// The account was deleted.
    Deleted,
}

/// What a letter is put together of; a blank line stands between two parts.
enum Part {
    Words(Sentence),
    Line(String),
}

/// What a letter says of whoever sends it.
pub struct Letterhead {
    /// The operator's name for the service.
    pub brand: String,
    /// Where its links begin.
    pub public_url: String,
}

struct Writing<'a> {
    words: Words,
    settings: &'a Letterhead,
    parts: Vec<Part>,
}

impl Writing<'_> {
    fn say(&mut self, key: &'static str) {
        let sentence = self.words.say(key).text("brand", &self.settings.brand);
        self.parts.push(Part::Words(sentence));
    }

    fn link(&mut self, path: &str) {
        self.parts.push(Part::Line(format!("{}{path}", self.settings.public_url)));
    }

    fn proof(&mut self, path: &str, proof: &Secret, digits: &Secret) {
        self.link(&format!("{path}?proof={}", proof.expose()));
        self.say("or-code");
        self.parts.push(Part::Line(digits.expose().to_owned()));
        self.say("half-an-hour");
    }

    /// What the owner of an account does about something they did not do.
    fn not_you(&mut self) {
        self.say("not-you");
        self.link("/account/security");
    }
}

impl Letter<'_> {
    /// Subject and text.
    pub(crate) fn write(&self, settings: &Letterhead, lang: Lang) -> (String, String) {
        let words = lang.words("mail");
        let mut writing = Writing { words, settings, parts: Vec::new() };
        let w = &mut writing;
        w.say("greeting");
        let subject = words.say(self.subject()).text("brand", &settings.brand);
        let subject = match self {
            Self::AppConnected { app, .. }
            | Self::AppPaused { app, .. }
            | Self::TestInvited { app }
            | Self::Reviewed { app, .. } => subject.name("app", *app),
            Self::AppOffered { app, owner } => subject.name("app", *app).name("owner", *owner),
            _ => subject,
        };
        match self {
            Self::SignUp { proof, digits } => {
                w.say("sign-up");
                w.proof("/signup/confirm", proof, digits);
                w.say("sign-up-not-you");
            }
            Self::AlreadyHere => {
                w.say("already-here");
                w.link("/login");
                w.say("already-here-recover");
                w.link("/recover");
                w.say("nothing-to-do");
            }
            Self::Invited { proof } => {
                w.say("invited");
                w.link(&format!("/signup?invite={}", proof.expose()));
                w.say("invited-until");
            }
            Self::TestInvited { app } => {
                let invited = words.say("test-invited").name("app", *app);
                w.parts.push(Part::Words(invited.text("brand", &settings.brand)));
                w.link("/signup");
                w.parts.push(Part::Words(words.say("test-invited-then").name("app", *app)));
            }
            Self::Recover { proof, digits } => {
                w.say("recover");
                w.proof("/recover/confirm", proof, digits);
                w.say("recover-not-you");
            }
            Self::PasswordChanged => {
                w.say("password-changed");
                w.say("password-changed-apps");
                w.link("/account/apps");
                w.say("recover-if-not-you");
                w.link("/recover");
            }
            Self::NewAddress { proof, digits } => {
                w.say("new-address");
                w.proof("/account/email/confirm", proof, digits);
                w.say("nothing-to-do");
            }
            Self::ConfirmAddress { proof, digits } => {
                w.say("confirm-address");
                w.proof("/login/email", proof, digits);
                w.say("confirm-address-not-you");
            }
            Self::AddressTaken => {
                w.say("address-taken");
                w.say("nothing-to-do");
            }
            Self::AddressChanged => {
                w.say("address-changed");
                w.not_you();
            }
            Self::AppConnected { app, permissions, browser, at } => {
                let connected = words.say("app-connected").name("app", *app);
                let connected = connected.name("browser", *browser).text("at", *at);
                w.parts.push(Part::Words(connected.text("brand", &settings.brand)));
                let lines: Vec<String> = permissions.iter().map(|title| format!("- {title}")).collect();
                w.parts.push(Part::Line(lines.join("\n")));
                w.say("app-connected-remove");
                w.link("/account/apps");
            }
            Self::AppPaused { app, why } => {
                w.parts.push(Part::Words(words.say(self.key()).name("app", *app).text("brand", &settings.brand)));
                w.parts.push(Part::Words(words.say("app-paused-why").name("why", *why)));
                w.say("app-paused-what");
            }
            Self::AppOffered { app, owner } => {
                let sentence = words.say(self.key()).name("app", *app).name("owner", *owner);
                w.parts.push(Part::Words(sentence.text("brand", &settings.brand)));
                w.link("/dashboard");
                w.say("app-offered-ignore");
            }
            Self::PasskeyAdded { name } | Self::PasskeyRemoved { name } => {
                w.parts.push(Part::Words(words.say(self.key()).name("name", *name).text("brand", &settings.brand)));
                w.not_you();
            }
            Self::SecondStepAdded | Self::SecondStepRemoved => {
                w.say(self.key());
                w.not_you();
            }
            Self::RecoveryCodeUsed { left } => {
                w.parts.push(Part::Words(words.say(self.key()).count("left", *left).text("brand", &settings.brand)));
                w.not_you();
            }
            Self::UpstreamLinked { provider } | Self::UpstreamUnlinked { provider } => {
                let sentence = words.say(self.key()).name("provider", *provider);
                w.parts.push(Part::Words(sentence.text("brand", &settings.brand)));
                w.not_you();
            }
            Self::Reviewed { app, client_id, .. } => {
                w.parts.push(Part::Words(words.say(self.key()).name("app", *app).text("brand", &settings.brand)));
                w.link(&format!("/dashboard/apps/{client_id}/review"));
            }
            Self::Deleted => {
                w.say("deleted");
                w.say("deleted-apps");
            }
        }
        w.parts.push(Part::Line(format!("{}\n{}", settings.brand, settings.public_url)));
        let texts = writing.parts.iter().map(|part| match part {
            Part::Words(sentence) => sentence.plain(),
            Part::Line(line) => line.clone(),
        });
        let text = texts.collect::<Vec<_>>().join("\n\n");
        (subject.plain(), format!("{text}\n"))
    }

    /// The key of its first sentence.
    const fn key(&self) -> &'static str {
        match self {
            Self::SignUp { .. } => "sign-up",
            Self::AlreadyHere => "already-here",
            Self::Invited { .. } => "invited",
            Self::TestInvited { .. } => "test-invited",
            Self::Recover { .. } => "recover",
            Self::PasswordChanged => "password-changed",
            Self::NewAddress { .. } => "new-address",
            Self::ConfirmAddress { .. } => "confirm-address",
            Self::AddressTaken => "address-taken",
            Self::AddressChanged => "address-changed",
            Self::AppConnected { .. } => "app-connected",
            Self::AppPaused { .. } => "app-paused",
            Self::AppOffered { .. } => "app-offered",
            Self::PasskeyAdded { .. } => "passkey-added",
            Self::PasskeyRemoved { .. } => "passkey-removed",
            Self::SecondStepAdded => "second-step-added",
            Self::SecondStepRemoved => "second-step-removed",
            Self::RecoveryCodeUsed { .. } => "recovery-code-used",
            Self::UpstreamLinked { .. } => "upstream-linked",
            Self::UpstreamUnlinked { .. } => "upstream-unlinked",
            Self::Reviewed { verdict: Verdict::Ask, .. } => "review-ask",
            Self::Reviewed { verdict: Verdict::Approve, .. } => "review-approve",
            Self::Reviewed { verdict: Verdict::Refuse, .. } => "review-refuse",
            Self::Deleted => "deleted",
        }
    }

    const fn subject(&self) -> &'static str {
        match self {
            Self::SignUp { .. } => "sign-up-subject",
            Self::AlreadyHere => "already-here-subject",
            Self::Invited { .. } => "invited-subject",
            Self::TestInvited { .. } => "test-invited-subject",
            Self::Recover { .. } => "recover-subject",
            Self::PasswordChanged => "password-changed-subject",
            Self::NewAddress { .. } => "new-address-subject",
            Self::ConfirmAddress { .. } => "confirm-address-subject",
            Self::AddressTaken => "address-taken-subject",
            Self::AddressChanged => "address-changed-subject",
            Self::AppConnected { .. } => "app-connected-subject",
            Self::AppPaused { .. } => "app-paused-subject",
            Self::AppOffered { .. } => "app-offered-subject",
            Self::PasskeyAdded { .. } => "passkey-added-subject",
            Self::PasskeyRemoved { .. } => "passkey-removed-subject",
            Self::SecondStepAdded => "second-step-added-subject",
            Self::SecondStepRemoved => "second-step-removed-subject",
            Self::RecoveryCodeUsed { .. } => "recovery-code-used-subject",
            Self::UpstreamLinked { .. } => "upstream-linked-subject",
            Self::UpstreamUnlinked { .. } => "upstream-unlinked-subject",
            Self::Reviewed { verdict: Verdict::Ask, .. } => "review-ask-subject",
            Self::Reviewed { verdict: Verdict::Approve, .. } => "review-approve-subject",
            Self::Reviewed { verdict: Verdict::Refuse, .. } => "review-refuse-subject",
            Self::Deleted => "deleted-subject",
        }
    }
}
