//! `cargo xtask`: what the project asks of a developer's machine.
//!
//! `test` runs all there is and ends with one line of counts; `nightly` adds what is too slow or too far away for every
//! change. Both take the names of single steps and `--list`.

mod bench;
mod counts;
mod fuzz;
mod keysig;
mod nightly;
mod postgres;
mod process;
mod steps;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask test [STEP…]      run all steps, or the named ones and what they need
       cargo xtask nightly [STEP…]   dependency policy, longer property tests and fuzzing
       cargo xtask test --list       name the steps
       cargo xtask screenshots       a picture of every page, in target/screenshots
       cargo xtask bench [--help]    measure a release build beside a bare server
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (plan, limit, wanted) = match words.split_first() {
        Some((verb, wanted)) if verb == "test" => (test::PLAN, test::LIMIT, wanted),
        Some((verb, wanted)) if verb == "screenshots" => (test::SCREENSHOTS, test::LIMIT, wanted),
        Some((verb, wanted)) if verb == "nightly" => (nightly::PLAN, nightly::LIMIT, wanted),
        Some((verb, arguments)) if verb == "bench" => {
            return bench::run(arguments).unwrap_or_else(|complaint| {
                eprintln!("xtask: {complaint}");
                ExitCode::FAILURE
            });
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    if wanted.iter().any(|word| word == "--list") {
        for step in plan {
            println!("{:<12} {}", step.name, step.what);
        }
        return ExitCode::SUCCESS;
    }
    match steps::run(plan, limit, wanted) {
        Ok(counts) if counts.failed == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(complaint) => {
            eprintln!("xtask: {complaint}");
            ExitCode::from(2)
        }
    }
}
