//! Names that read as others: words that mix alphabets, and letters made to look like plain ones (Unicode TR39 §4, §5).

/// The alphabets that have letters of each other's shapes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Georgian,
    Cherokee,
    Coptic,
    Other,
}

fn alphabet(c: char) -> Option<Alphabet> {
    if !c.is_alphabetic() {
        return None;
    }
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Alphabet::Latin,
        '\u{370}'..='\u{3e1}' | '\u{3f0}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Alphabet::Greek,
        '\u{3e2}'..='\u{3ef}' | '\u{2c80}'..='\u{2cff}' => Alphabet::Coptic,
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => {
            Alphabet::Cyrillic
        }
        '\u{530}'..='\u{58f}' => Alphabet::Armenian,
        '\u{10a0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}' | '\u{2d00}'..='\u{2d2f}' => Alphabet::Georgian,
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Alphabet::Cherokee,
        _ => Alphabet::Other,
    })
}

/// Letters and digits that are plain ones in another dress: phonetic, small-capital, letter-like, enclosed, mathematical and
/// full-width forms.
fn is_dressed_up(c: char) -> bool {
    matches!(c, '\u{250}'..='\u{2ff}' | '\u{1d00}'..='\u{1dbf}' | '\u{2070}'..='\u{209f}' | '\u{2100}'..='\u{218f}'
        | '\u{2460}'..='\u{24ff}' | '\u{a720}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab6f}' | '\u{fb00}'..='\u{fb06}'
        | '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}' | '\u{1f100}'..='\u{1f1ff}')
}

/// Why a name may be taken for another one.
pub(super) fn look_alike(name: &str) -> Option<&'static str> {
    if name.chars().any(is_dressed_up) {
        return Some("write it with ordinary letters");
    }
    let is_mixed = |word: &str| {
        let mut of_word = word.chars().filter_map(alphabet);
        let first = of_word.next();
        of_word.any(|other| Some(other) != first && (other != Alphabet::Other || first != Some(Alphabet::Other)))
    };
    name.split(|c: char| !c.is_alphabetic()).any(is_mixed).then_some("each word keeps to one alphabet")
}

/// A name as it is read at a glance: without case, blanks and marks, letters of other alphabets as the Latin ones they look
/// like.
pub(super) fn at_a_glance(name: &str) -> String {
    let read = |c: char| {
        Some(match c {
            'а' | 'α' => 'a',
            'в' | 'β' => 'b',
            'с' | 'ϲ' => 'c',
            'ԁ' => 'd',
            'е' | 'ε' | 'є' => 'e',
            'һ' | 'н' | 'η' => 'h',
            'і' | 'ι' | 'ӏ' | 'ı' | '1' | 'l' | '|' => 'i',
            'ј' => 'j',
            'к' | 'κ' => 'k',
            'м' | 'μ' => 'm',
            'ո' => 'n',
            'о' | 'ο' | 'σ' | 'օ' | '0' => 'o',
            'р' | 'ρ' => 'p',
            'ѕ' | '5' | '$' => 's',
            'т' | 'τ' => 't',
            'ս' | 'υ' => 'u',
            'ѵ' | 'ν' => 'v',
            'ѡ' | 'ω' => 'w',
            'х' | 'χ' => 'x',
            'у' | 'γ' => 'y',
            c if c.is_alphanumeric() => c,
            _ => return None,
        })
    };
    let plain: String = name.to_lowercase().chars().map(without_marks).filter_map(read).collect();
    plain.replace("rn", "m").replace("vv", "w")
}

/// Latin letters without the marks that are easily overlooked.
fn without_marks(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ī' | 'į' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ś' | 'š' | 'ş' => 's',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_to_one_alphabet_and_a_name_may_have_several() {
        for good in
            ["Playlist Peek", "Löwe & Søn", "Музыка Player", "音楽プレイヤー", "موسيقى", "R2-D2", "Ελληνικά Radio"]
        {
            assert_eq!(look_alike(good), None, "{good}");
        }
        for bad in ["Р\u{430}ypal", "Sp\u{3bf}tify", "App\u{456}e", "\u{ff21}pple", "\u{1d400}pp", "Play\u{299}ack"] {
            assert!(look_alike(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn names_that_read_alike_are_alike_at_a_glance() {
        for same in ["demo music", "DEMO-MUSIC", "Dem0 Musіс", "Dérno Musıc", "\u{501}emo mu$ic"] {
            assert_eq!(at_a_glance(same), at_a_glance("Demo Music"), "{same}");
        }
        assert_ne!(at_a_glance("Demo Music Player"), at_a_glance("Demo Music"));
    }
}
