//! How many tests passed: what each runner prints, added up.

use std::fmt;

/// Tests passed, failed and skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ran and held.
    pub passed: u64,
    /// Ran and did not hold, or could not run.
    pub failed: u64,
    /// Said of themselves that they do not apply here.
    pub skipped: u64,
}

impl Counts {
    /// One check that has no tests inside, such as the formatter's.
    pub const ONE_PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    /// The same, failed.
    pub const ONE_FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };
    /// The same, not applicable.
    pub const ONE_SKIPPED: Self = Self { passed: 0, failed: 0, skipped: 1 };

    /// The sum over all results found in the output of `cargo test`, of `node --test` or of our own runners.
    pub fn of(output: &str) -> Self {
        output.lines().fold(Self::default(), |sum, line| sum + Self::of_line(line.trim()))
    }

    fn of_line(line: &str) -> Self {
        if let Some(result) = line.strip_prefix("test result:") {
            return Self {
                passed: number_before(result, "passed"),
                failed: number_before(result, "failed"),
                skipped: number_before(result, "ignored"),
            };
        }
        // The TAP reporter of `node --test`.
        let mut words = line.split_whitespace();
        if let (Some("#"), Some(what), Some(Ok(number)), None) =
            (words.next(), words.next(), words.next().map(str::parse), words.next())
        {
            return match what {
                "pass" => Self { passed: number, ..Self::default() },
                "fail" | "cancelled" => Self { failed: number, ..Self::default() },
                "skipped" | "todo" => Self { skipped: number, ..Self::default() },
                _ => Self::default(),
            };
        }
        let counted = Self {
            passed: number_before(line, "passed"),
            failed: number_before(line, "failed"),
            skipped: number_before(line, "skipped"),
        };
        // Only a line that says nothing else is a result; a test may print words like these.
        if line == counted.to_string() { counted } else { Self::default() }
    }
}

fn number_before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> = text.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    words
        .windows(2)
        .find_map(|pair| match pair {
            [number, follower] if *follower == word => number.parse().ok(),
            _ => None,
        })
        .unwrap_or(0)
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn every_binary_of_cargo_test_counts() {
        let output = "\
running 3 tests
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s
test result: FAILED. 4 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 2.51s
";
        assert_eq!(Counts::of(output), Counts { passed: 6, failed: 3, skipped: 1 });
    }

    #[test]
    fn the_tap_summary_of_node_counts() {
        let output = "ok 1 - it logs in\n1..12\n# tests 12\n# suites 2\n# pass 9\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n# duration_ms 812.1\n";
        assert_eq!(Counts::of(output), Counts { passed: 9, failed: 2, skipped: 1 });
    }

    #[test]
    fn the_line_of_our_own_runners_counts() {
        let output = "Ran 5 tests in 0.2s\n\nOK\n4 passed, 0 failed, 1 skipped\n";
        assert_eq!(Counts::of(output), Counts { passed: 4, failed: 0, skipped: 1 });
    }

    #[test]
    fn words_of_a_test_are_no_result() {
        assert_eq!(Counts::of("the run said 4 passed, 0 failed, 1 skipped today\n# 3 pass\n"), Counts::default());
    }
}
