//! Two addresses beside each other, with what differs in the middle of each.

/// A text in three parts, of which the middle one differs from that of another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// What both begin with.
    pub before: String,
    /// What only this one has there.
    pub differs: String,
    /// What both end with.
    pub after: String,
}

/// Both texts with their differing middles.
#[must_use]
pub fn difference(one: &str, other: &str) -> (Marked, Marked) {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let begins = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = one.len().min(other.len()) - begins;
    let ends = one.iter().rev().zip(other.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let marked = |text: &[char]| {
        let (before, rest) = text.split_at_checked(begins).unwrap_or((text, &[]));
        let (differs, after) = rest.split_at_checked(rest.len() - ends.min(rest.len())).unwrap_or((rest, &[]));
        let text = |chars: &[char]| chars.iter().collect();
        Marked { before: text(before), differs: text(differs), after: text(after) }
    };
    (marked(&one), marked(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_in_the_middle() {
        let parts = |marked: Marked| [marked.before, marked.differs, marked.after];
        for (one, other, expected) in [
            ("a/cb/", "a/cb", [["a/cb", "/", ""], ["a/cb", "", ""]]),
            ("http://x:1/cb", "http://x:22/cb", [["http://x:", "1", "/cb"], ["http://x:", "22", "/cb"]]),
            ("same", "same", [["same", "", ""], ["same", "", ""]]),
            ("aa", "aaa", [["aa", "", ""], ["aa", "a", ""]]),
            ("", "é", [["", "", ""], ["", "é", ""]]),
        ] {
            let (first, second) = difference(one, other);
            assert_eq!([parts(first), parts(second)], expected.map(|parts| parts.map(str::to_owned)), "{one} {other}");
        }
    }
}
