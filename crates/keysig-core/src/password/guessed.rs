//! Passwords that are guessed before any other (NIST SP 800-63B §3.1.1.2): the common ones, and words of the place. Nobody
//! outside is asked.

use crate::secret::Secret;

/// What the most common passwords of twelve characters and more are made of, folded as [`folded`] does. A password is weak
/// if nothing else is in it.
const WORDS: &str = "password passwort passwd passw motdepasse contrasena wachtwoord parola senha salasana haslo \
    qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm yxcvbnm qazwsx qwe asd zxc \
    qaz wsx edc rfv qazwsxedc zaq xsw qweasd qweasdzxc abcd abcdef abcdefgh abcdefghijkl abc aaa \
    admin administrator root user username guest login test testing demo default changeme change letmein welcome willkommen \
    hello hallo secret geheim access master super superman batman spiderman starwars pokemon dragon monkey shadow \
    sunshine princess football baseball basketball hockey soccer fussball iloveyou loveyou love you ich liebe dich i me my \
    mein the is this the new please trustno trust no one michael jordan ashley charlie daniel jennifer jessica thomas \
    summer winter spring autumn sommer herbst fruehling fruhling computer internet google facebook spotify music musik \
    microsoft windows linux samsung iphone apple amazon whatever nothing everything forever friends family chocolate \
    flower butterfly cheese cookie killer ninja mustang ferrari mercedes porsche liverpool chelsea arsenal barcelona \
    realmadrid juventus bayern schalke january february march april may june july august september october november december \
    monday tuesday wednesday thursday friday saturday sunday correct horse battery staple correcthorsebatterystaple";

/// A few that no word list tells: whole, folded.
const WHOLE: [&str; 4] = ["thequickbrownfox", "tobeornottobe", "maytheforcebewithyou", "openseasame"];

/// Words shorter than this are taken out of a password only where the list above names them.
const MIN_CONTEXT_CHARS: usize = 3;

/// One spelling for all: lower case, letters for the digits and signs that stand for them, nothing but letters.
fn folded(text: &str) -> String {
    let letter = |c: char| match c {
        '0' => Some('o'),
        '1' | '!' => Some('i'),
        '3' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' => Some('t'),
        c if c.is_alphabetic() => Some(c),
        _ => None,
    };
    text.to_lowercase().chars().filter_map(letter).collect()
}

/// Whether a password would be guessed first: one character or a short row of them again and again, steps of the alphabet
/// or of the digits, or nothing but common words and `context` (brand, name, address), in whatever order, case and disguise.
pub fn is_guessed_first(password: &Secret, context: &[&str]) -> bool {
    let lower = password.expose().to_lowercase();
    if repeats(&lower) || is_a_row(&lower) {
        return true;
    }
    let context: Vec<String> = context
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .map(folded)
        .filter(|word| word.chars().count() >= MIN_CONTEXT_CHARS)
        .collect();
    let words: Vec<&str> = WORDS.split_whitespace().chain(context.iter().map(String::as_str)).collect();
    // Digits as letters, and digits as nothing: "passw0rd" and "password2024".
    let bare: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
    [folded(&lower), bare].iter().any(|text| WHOLE.contains(&&**text) || is_made_of(text, &words))
}

/// Whether the text is a chain of the words, with no letter left. Nothing but digits and signs is a chain of none.
fn is_made_of(text: &str, words: &[&str]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for at in 0..text.len() {
        if reached.get(at) != Some(&true) {
            continue;
        }
        let Some(rest) = text.get(at..) else { continue };
        for word in words.iter().filter(|word| rest.starts_with(**word)) {
            if let Some(end) = reached.get_mut(at + word.len()) {
                *end = true;
            }
        }
    }
    // Of digits alone there are few enough to guess only where they are few in kind.
    !text.is_empty() && reached.last() == Some(&true)
}

/// A part of at most four characters, again and again.
fn repeats(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(one, other)| one == other))
}

/// Each character one step up or one step down from the one before, as `123456789012` and `abcdefghijkl` are.
fn is_a_row(text: &str) -> bool {
    let steps = |from: char, to: char| {
        let (from, to) = (i64::from(u32::from(from)), i64::from(u32::from(to)));
        (to - from, from, to)
    };
    let is_row = |by: i64| {
        text.chars().zip(text.chars().skip(1)).all(|(from, to)| {
            let (step, from, to) = steps(from, to);
            // After nine comes nought.
            step == by || (from, to) == if by == 1 { (57, 48) } else { (48, 57) }
        })
    };
    is_row(1) || is_row(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak(text: &str) -> bool {
        is_guessed_first(&Secret::new(text.to_owned()), &["Demo Music", "Ada Lovelace", "ada.lovelace@example.test"])
    }

    #[test]
    fn what_everybody_guesses_first_is_refused_in_any_disguise() {
        for common in [
            "password1234",
            "Password2024!",
            "P@ssw0rdP@ssw0rd",
            "passwordpassword",
            "qwertyuiop123",
            "qwertzuiop12",
            "123456789012",
            "098765432109",
            "111111111111",
            "abcabcabcabc",
            "abcdefghijkl",
            "adminadmin123",
            "Welcome12345",
            "iloveyou1234",
            "letmein-letmein",
            "correct horse battery staple",
            "Sommer2025!!",
            "demopassword",
            "demo-password",
            "changeme1234",
            "spotify12345",
        ] {
            assert!(weak(common), "{common}");
        }
    }

    #[test]
    fn words_of_the_place_are_no_password() {
        for local in ["demomusic1234", "AdaLovelace1815", "lovelacelovelace", "Music-Password-1"] {
            assert!(weak(local), "{local}");
        }
        assert!(!is_guessed_first(&Secret::new("lovelace-lovelace".into()), &[]), "of somebody else it is one");
    }

    #[test]
    fn everything_else_is_allowed_whatever_it_is_made_of() {
        for good in [
            "tumbling pebbles sing",
            "ملح البحر الأبيض",
            "zzz-vier-Enten-am-See",
            "k7q2m9x4w1c8",
            "4815162342108",
            "🦊🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔",
            "a password about turnips",
            "            x",
        ] {
            assert!(!weak(good), "{good}");
        }
    }
}
