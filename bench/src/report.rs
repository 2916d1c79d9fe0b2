//! One table, the target beside each figure, and the same as JSON.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::Serialize;

use crate::arrivals::Arrivals;
use crate::disk::DurableWrites;
use crate::flood::Flood;
use crate::load::Figures;
use crate::removal::{Removals, Spread};
use crate::rotation::Rotations;
use crate::startup::ColdStart;

/// What is measured under load.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// The yardstick.
    Bare,
    /// `POST /api/token` by an app in its own name.
    ClientCredentials,
    /// The same with a refresh token that is echoed: reads, no write.
    RefreshEcho,
    /// The same with one that rotates: a durable write.
    RefreshRotating,
    /// `GET /v1/me`.
    Me,
    /// `GET /authorize` and `POST /api/token`: one durable write.
    Login,
}

impl Operation {
    /// All of them, the yardstick first.
    pub const ALL: [Self; 6] =
        [Self::Bare, Self::ClientCredentials, Self::RefreshEcho, Self::RefreshRotating, Self::Me, Self::Login];

    fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare axum \"ok\"",
            Self::ClientCredentials => "client credentials",
            Self::RefreshEcho => "refresh, echoed",
            Self::RefreshRotating => "refresh, rotating (durable)",
            Self::Me => "guarded GET /v1/me",
            Self::Login => "whole login (durable)",
        }
    }

    /// What it should be; the figures in µs are of the server's CPU.
    fn target(self) -> &'static str {
        match self {
            Self::Bare => "the yardstick",
            Self::ClientCredentials => "first: >= 0.50 x bare; later: <= 30 us",
            Self::RefreshEcho => "later: <= 50 us",
            Self::RefreshRotating => "later: <= 50 us, >= 5000/s at 64",
            Self::Me => "later: <= 25 us",
            Self::Login => "later: <= 80 us, >= 4000/s at 64",
        }
    }
}

/// What can be measured alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// A line of the table.
    Operation(Operation),
    /// Removing an app.
    Removal,
    /// Pausing an app.
    Pause,
    /// Exchanging a secret that is in use.
    Rotation,
    /// More sign-ins than can be hashed.
    Flood,
}

impl ValueEnum for Part {
    fn value_variants<'a>() -> &'a [Self] {
        const {
            &[
                Self::Operation(Operation::Bare),
                Self::Operation(Operation::ClientCredentials),
                Self::Operation(Operation::RefreshEcho),
                Self::Operation(Operation::RefreshRotating),
                Self::Operation(Operation::Me),
                Self::Operation(Operation::Login),
                Self::Removal,
                Self::Pause,
                Self::Rotation,
                Self::Flood,
            ]
        }
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Operation(operation) => operation.to_possible_value(),
            Self::Removal => Some(PossibleValue::new("removal")),
            Self::Pause => Some(PossibleValue::new("pause")),
            Self::Rotation => Some(PossibleValue::new("rotation")),
            Self::Flood => Some(PossibleValue::new("flood")),
        }
    }
}

/// Apps that are removed.
#[derive(Debug, Serialize)]
pub struct Removal {
    /// While nothing else happens.
    pub at_rest: Removals,
    /// While requests arrive.
    pub under_load: Removals,
    /// Those.
    pub load: Arrivals,
}

/// Secrets that are exchanged under load. A token request that fails ends the run: none did.
#[derive(Debug, Serialize)]
pub struct Rotation {
    /// Them.
    pub rotations: Rotations,
    /// So many asked for tokens.
    pub connections: u16,
    /// What they got.
    pub load: Arrivals,
}

/// One line of the table.
#[derive(Debug, Serialize)]
pub struct Line {
    /// What was done.
    pub operation: Operation,
    /// How it went.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Everything one run found out.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Cores that servers and load generator share.
    pub cores: usize,
    /// Of the binary, stripped.
    pub binary_mib: f64,
    /// The disk under the data.
    pub disk: DurableWrites,
    /// `keysig dev`: everything is made anew, the built-in seed included.
    pub start_throw_away: ColdStart,
    /// `keysig dev --data DIR`, not for the first time.
    pub start_existing_data: ColdStart,
    /// `VmRSS` after all the load, in MiB.
    pub rss_after_load_mib: f64,
    /// `VmHWM` then, in MiB; the memory of two password hashes at once, 19 MiB each, is part of it.
    pub rss_peak_mib: f64,
    /// Under load.
    pub lines: Vec<Line>,
    /// Removing an app.
    pub removal: Option<Removal>,
    /// An app that is paused and resumed.
    pub pause: Option<Removal>,
    /// Secrets.
    pub rotation: Option<Rotation>,
    /// More sign-ins than can be hashed.
    pub flood: Option<Flood>,
}

impl Report {
    /// For a terminal.
    pub fn table(&self) -> String {
        let mut text = self.operations();
        text += &format!("\n{:<52} {:>10}  {}\n", "process", "figure", "target");
        for (what, figure, target) in self.process() {
            text += &format!("{what:<52} {figure:>10}  {target}\n");
        }
        text += &self.removal.as_ref().map(|of| of.table("removing an app")).unwrap_or_default();
        text += &self.pause.as_ref().map(|of| of.table("pausing an app")).unwrap_or_default();
        text += &self.rotation.as_ref().map(Rotation::table).unwrap_or_default();
        text += &self.flood.as_ref().map(Flood::table).unwrap_or_default();
        text + &self.notes()
    }

    fn operations(&self) -> String {
        if self.lines.is_empty() {
            return String::new();
        }
        let mut text = format!(
            "{:<28} {:>5} {:>9} {:>7} {:>9} {:>9} {:>9} {:>9}  {}\n",
            "operation", "conns", "per s", "x bare", "CPU us", "client us", "p50 ms", "p99 ms", "target"
        );
        for Line { operation, figures } in &self.lines {
            text += &format!(
                "{:<28} {:>5} {:>9.0} {:>7.2} {:>9.1} {:>9.1} {:>9.3} {:>9.3}  {}\n",
                operation.name(),
                figures.connections,
                figures.per_second,
                figures.per_second / self.bare_per_second(figures.connections),
                figures.server_cpu_us,
                figures.client_cpu_us,
                figures.p50_us / 1e3,
                figures.p99_us / 1e3,
                operation.target()
            );
        }
        text
    }

    fn bare_per_second(&self, connections: usize) -> f64 {
        let bare = |line: &&Line| line.operation == Operation::Bare && line.figures.connections == connections;
        self.lines.iter().find(bare).map_or(f64::NAN, |line| line.figures.per_second)
    }

    fn process(&self) -> Vec<(&'static str, String, &'static str)> {
        let (fresh, again) = (&self.start_throw_away, &self.start_existing_data);
        let (ms, mib) = (|ms: f64| format!("{ms:.0} ms"), |mib: f64| format!("{mib:.1} MiB"));
        vec![
            ("dev, throw-away, seeded: start to first 200, median", ms(fresh.p50_ms), "first: <= 300 ms"),
            ("  slowest", ms(fresh.slowest_ms), ""),
            ("  CPU of a start", ms(fresh.cpu_ms), ""),
            ("  RSS idle", mib(fresh.idle_rss_mib), "first: <= 40 MB"),
            ("dev --data, existing: start to first 200, median", ms(again.p50_ms), "first: <= 300 ms; later: <= 50 ms"),
            ("  slowest", ms(again.slowest_ms), ""),
            ("  CPU of a start", ms(again.cpu_ms), "later: <= 20 ms"),
            ("  RSS idle", mib(again.idle_rss_mib), "first: <= 40 MB; later: <= 15 MiB"),
            ("RSS after the load above", mib(self.rss_after_load_mib), "later: <= 40 MiB"),
            ("RSS at most, password hashing included", mib(self.rss_peak_mib), ""),
            ("binary", mib(self.binary_mib), ""),
            ("disk: fdatasync of 4 KiB, one after the other", format!("{:.0}/s", self.disk.per_second), "given"),
        ]
    }

    fn notes(&self) -> String {
        format!(
            "\nServer and load generator share {} cores: rates and latencies are of both together, CPU us of the server\n\
             alone (user and kernel, in steps of 10 ms over the whole measurement). Every answer was checked. A login is two\n\
             exchanges. Durable: answered after fdatasync, shared by whatever was queued; with one connection nothing is.\n",
            self.cores
        )
    }
}

/// Median and most.
fn spread(Spread { p50_ms, max_ms }: Spread) -> String {
    format!("{p50_ms:.1} / {max_ms:.1}")
}

impl Rotation {
    fn table(&self) -> String {
        let (rotations, load) = (&self.rotations, &self.load);
        format!(
            "\nexchanging a secret {} times while {} connections ask for tokens\n\
             a new one is added: ms, median / most                {:>15}\n\
             the old one is retired: ms, median / most            {:>15}\n\
             meanwhile: {:.0} token requests a second, 0 failed (target 0: one that fails ends the run)\n",
            rotations.rotations,
            self.connections,
            spread(rotations.added_ms),
            spread(rotations.retired_ms),
            load.per_second
        )
    }
}

impl Removal {
    fn table(&self, what: &str) -> String {
        let mut text = format!(
            "\n{:<52} {:>15} {:>15}  {}\n",
            format!("{what}, {} times: ms, median / most", self.at_rest.removals),
            "at rest",
            format!("{}/s arrive", self.load.wanted_per_second),
            "target"
        );
        let mut line = |what: &str, of: &dyn Fn(&Removals) -> String, target: &str| {
            text += &format!("{what:<52} {:>15} {:>15}  {target}\n", of(&self.at_rest), of(&self.under_load));
        };
        line("the answer", &|all| spread(all.post), "");
        for (token, is_access) in [("access token", true), ("refresh token", false)] {
            let of = |all: &Removals| if is_access { all.access } else { all.refresh };
            line(
                &format!("{token}: sent to first refusal"),
                &|all| spread(of(all).refused_after_sending),
                "<= 1000 ms",
            );
            line("  answer to first refusal", &|all| spread(of(all).refused_after_answer), "");
            line("  answer to last taken", &|all| spread(of(all).last_taken_after_answer), "");
            let taken = |all: &Removals| format!("{} of {}", of(all).taken_after_answer, of(all).asked_after_answer);
            line("  taken, of those asked after the answer", &taken, "none");
        }
        let load = &self.load;
        text + &format!(
            "meanwhile: {:.0}/s answered, p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms from when each was due; none wrong\n",
            load.per_second, load.p50_ms, load.p99_ms, load.max_ms
        )
    }
}

impl Flood {
    fn table(&self) -> String {
        let mut text = format!("\n{:<52} {:>15}\n", format!("{} sign-ins a second", self.wanted_per_second), "figure");
        let share = self.turned_away as f64 / self.sign_ins as f64;
        for (what, figure) in [
            ("answered", self.sign_ins.to_string()),
            ("within", format!("{:.2} s", self.seconds)),
            ("  hashed", self.hashed.to_string()),
            ("  turned away with 503", format!("{} ({:.0} %)", self.turned_away, share * 1e2)),
            ("  of those with Retry-After", self.with_retry_after.to_string()),
            ("hashed: ms, median / most", spread(self.hashed_ms)),
            ("turned away: ms, median / most", spread(self.turned_away_ms)),
            ("RSS before", format!("{:.1} MiB", self.rss_before_mib)),
            ("  at most", format!("{:.1} MiB", self.rss_most_mib)),
            ("  after", format!("{:.1} MiB", self.rss_after_mib)),
        ] {
            text += &format!("{what:<52} {figure:>15}\n");
        }
        text
    }
}
