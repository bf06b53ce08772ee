//! Prints tables of the measurements, and the ratios that have limits.

use std::collections::HashMap;

use crate::load::{Figures, Load};
use crate::peers::Peer;

/// The measurements of all servers, loads and runs.
pub(crate) struct Report {
    peers: Vec<String>,
    all: HashMap<(String, Load), Vec<Figures>>,
}

/// Which figure of two servers is compared.
#[derive(Clone, Copy)]
enum What {
    Rate,
    Cost,
}

impl Report {
    pub(crate) fn new(peers: &[Peer]) -> Self {
        let peers = peers.iter().map(|it| it.name().to_owned()).collect();
        Self { peers, all: HashMap::new() }
    }

    pub(crate) fn add(&mut self, name: &str, load: Load, figures: Figures) {
        self.all.entry((name.to_owned(), load)).or_default().push(figures);
    }

    /// Prints all tables, and returns whether every limit is kept.
    pub(crate) fn print(&self, loads: &[Load]) -> bool {
        for load in loads {
            self.print_load(*load);
        }
        println!("{:44}{:>8}{:>9}", "the first ÷ another, same run", "limit", "reached");
        let mut kept = true;
        for load in loads {
            for (what, other, limit, aim) in limits(*load) {
                kept &= self.print_limit(*load, *what, other, *limit, *aim);
            }
        }
        kept
    }

    fn print_load(&self, load: Load) {
        let (rate, cost) = match load {
            Load::Handshakes { .. } => ("1/s", "µs CPU"),
            Load::Up(_) | Load::Down(_) => ("GiB/s", "s CPU/GiB"),
            Load::Idle | Load::Unread => ("", "bytes"),
        };
        println!("{:28}{rate:>10}{cost:>12}{:>8}", load.name(), "core");
        for name in self.peers.iter().map(String::as_str).chain(["memory"]) {
            let Some(all) = self.all.get(&(name.to_owned(), load)) else { continue };
            let of = |which: fn(&Figures) -> f64| median(all.iter().map(which).collect());
            let (rate, cost, busy) = (of(|it| it.rate), of(|it| it.cost), of(|it| it.busy));
            match load {
                Load::Handshakes { .. } => {
                    print!("  {name:26}{rate:>10.0}{:>12.1}", cost * 1e6);
                }
                Load::Up(_) | Load::Down(_) => print!("  {name:26}{rate:>10.2}{cost:>12.3}"),
                Load::Idle | Load::Unread if cost.is_nan() => continue,
                Load::Idle | Load::Unread => print!("  {name:26}{:>10}{cost:>12.0}", ""),
            }
            if busy.is_nan() { println!() } else { println!("{:>7.0}%", busy * 100.0) }
        }
        println!();
    }

    fn print_limit(&self, load: Load, what: What, other: &str, limit: f64, aim: bool) -> bool {
        let figures = |name: &str| self.all.get(&(name.to_owned(), load));
        let Some((ours, theirs)) =
            self.peers.first().and_then(|it| figures(it)).zip(figures(other))
        else {
            return true;
        };
        let of = |it: &Figures| match what {
            What::Rate => it.rate,
            What::Cost => it.cost,
        };
        let ratio = median(ours.iter().zip(theirs).map(|(a, b)| of(a) / of(b)).collect());
        let (kept, name, sign) = match what {
            What::Rate => (ratio >= limit, "rate", '≥'),
            What::Cost => (ratio <= limit, "cpu", '≤'),
        };
        let verdict = match (kept, aim) {
            (true, _) => "ok",
            (false, true) => "short of the aim",
            (false, false) => "MISSED",
        };
        println!(
            "{:44}{sign} {limit:>5}{ratio:>9.3}  {verdict}",
            format!("{}, {name} ÷ {other}", load.name())
        );
        kept || aim
    }
}

/// Returns the limits of a load. Each has the figure, the server to compare with, the ratio, and
/// whether missing it is no failure.
fn limits(load: Load) -> &'static [(What, &'static str, f64, bool)] {
    match load {
        Load::Handshakes { post_quantum: true, .. } => &[(What::Rate, "bare", 0.95, false)],
        Load::Handshakes { .. } => &[
            (What::Rate, "bare", 0.95, false),
            (What::Rate, "haproxy", 1.3, false),
            (What::Cost, "haproxy", 0.65, false),
            (What::Rate, "stunnel", 2.0, false),
            (What::Cost, "memory", 2.0, true),
        ],
        Load::Up(_) | Load::Down(_) => &[
            (What::Rate, "bare", 0.95, false),
            (What::Cost, "haproxy", 0.65, false),
            (What::Cost, "memory", 3.5, true),
        ],
        Load::Idle | Load::Unread => &[],
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
