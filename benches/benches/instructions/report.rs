//! Prints a table of all measurements, and a table of ratios with their limits.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use strports_benches::cases::{Case, Loaded, SIZES, landmarks, many, ours, scaled};
use strports_benches::corpus;

use crate::{Failure, count};

pub(crate) fn print(python: Option<&str>) -> Result<(), Failure> {
    println!("{}\n", env!("BUILT_WITH"));
    let mut measured = Measured::new();
    measured.count(&ours())?;
    measured.count(&landmarks())?;
    measured.time(&many());
    measured.print();
    let sizes = Sizes::measure()?;
    let twisted = python.map(twisted).transpose()?;
    if let Some(nanoseconds) = twisted {
        println!("Twisted's _parse on the realistic corpus: {nanoseconds:.1} ns/byte\n");
    }
    println!("target                                            limit   reached");
    measured.targets(twisted).iter().for_each(|target| println!("{target}"));
    sizes.print();
    Ok(())
}

struct Row {
    name: String,
    bytes: f64,
    instructions: Option<u64>,
    nanoseconds: f64,
}

impl Row {
    fn instructions_per_byte(&self) -> f64 {
        self.instructions.map_or(f64::NAN, |count| float(count) / self.bytes)
    }

    fn nanoseconds_per_byte(&self) -> f64 {
        self.nanoseconds / self.bytes
    }
}

struct Measured(Vec<Row>);

impl Measured {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn count(&mut self, cases: &[Case]) -> Result<(), Failure> {
        let before = self.0.len();
        let counts = count(cases)?;
        self.time(cases);
        for (row, count) in self.0[before..].iter_mut().zip(counts) {
            row.instructions = Some(count);
        }
        Ok(())
    }

    fn time(&mut self, cases: &[Case]) {
        let loaded: Vec<Loaded> = cases.iter().map(Case::load).collect();
        let rows = cases.iter().zip(&loaded).zip(fastest(&loaded));
        self.0.extend(rows.map(|((case, loaded), nanoseconds)| Row {
            name: case.name.clone(),
            bytes: float(loaded.bytes as u64),
            instructions: None,
            nanoseconds,
        }));
    }

    fn row(&self, name: &str) -> Option<&Row> {
        self.0.iter().find(|row| row.name == name)
    }

    /// Returns the measurement of the floor (the minimal splitter) on the same inputs. `None` if
    /// the case has no counterpart.
    fn floor_of(&self, name: &str) -> Option<&Row> {
        let (reader, input) = name.split_once('/')?;
        let comparable = ["arguments", "endpoint", "server", "client"].contains(&reader);
        comparable.then(|| self.row(&format!("floor/{input}")))?
    }

    fn print(&self) {
        println!("case                         bytes  instructions  instr/B   × floor     ns/B");
        for row in &self.0 {
            let per_byte = row.instructions_per_byte();
            let ratio = row.instructions.and(self.floor_of(&row.name));
            let ratio = ratio.map(|floor| per_byte / floor.instructions_per_byte());
            println!(
                "{:<24} {:>9} {:>13} {:>8} {:>9} {:>8.3}",
                row.name,
                row.bytes,
                row.instructions.map(|it| it.to_string()).unwrap_or_default(),
                shown(row.instructions.map(|_| per_byte)),
                shown(ratio),
                row.nanoseconds_per_byte(),
            );
        }
        println!();
    }

    fn targets(&self, twisted: Option<f64>) -> Vec<Target> {
        let instructions = |name: &str| self.row(name).map_or(f64::NAN, Row::instructions_per_byte);
        let time = |name: &str| self.row(name).map_or(f64::NAN, Row::nanoseconds_per_byte);
        let mut targets = Vec::new();
        let mut target = |what: String, limit, reached| {
            targets.push(Target { what, limit, reached });
        };
        let mut ratio = |ours: &str, theirs: &str, limit| {
            let reached = instructions(ours) / instructions(theirs);
            target(format!("{ours} ÷ {theirs}"), limit, reached);
        };
        ratio("arguments/realistic", "floor/realistic", 1.0);
        for long in ["plain", "value", "escaped"] {
            ratio(&format!("arguments/{long}"), &format!("floor/{long}"), 1.0);
        }
        ratio("endpoint/realistic", "floor/realistic", 3.0);
        // README.md explains which of our two parsers these limits are meant for.
        for ours in ["arguments/realistic", "endpoint/realistic"] {
            ratio(ours, "http-uri/uris", 0.6);
            ratio(ours, "zbus/buses", 0.2);
            ratio(ours, "url/uris", 0.17);
        }
        let (ours, floor) = ("arguments/random-200000", "floor/random-200000");
        target(
            "time of arguments ÷ floor, 200000 at random".into(),
            0.85,
            time(ours) / time(floor),
        );
        for ours in ["arguments", "endpoint"].iter().filter(|_| twisted.is_some()) {
            let reached = time(&format!("{ours}/realistic")) / twisted.unwrap_or(f64::NAN);
            target(format!("time of {ours} ÷ Twisted's _parse"), 0.002, reached);
        }
        targets
    }
}

/// A ratio of two measurements, its upper limit, and the value that was reached.
struct Target {
    what: String,
    limit: f64,
    reached: f64,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.reached {
            nothing if nothing.is_nan() => "not measured",
            reached if reached <= self.limit => "ok",
            _ => "MISSED",
        };
        write!(f, "{:<48} {:>6} {:>9.4}  {mark}", self.what, self.limit, self.reached)
    }
}

/// The instructions per byte of each case, for its inputs in several sizes.
struct Sizes(BTreeMap<String, [f64; SIZES.len()]>);

impl Sizes {
    fn measure() -> Result<Self, Failure> {
        let cases = scaled();
        let counts = count(&cases)?;
        let mut sizes = BTreeMap::new();
        for (case, count) in cases.iter().zip(counts) {
            let Some((name, label)) = case.name.rsplit_once('/') else { continue };
            let Some(index) = SIZES.iter().position(|(known, _)| *known == label) else { continue };
            let row: &mut [f64; SIZES.len()] = sizes.entry(name.to_owned()).or_default();
            row[index] = float(count) / float(case.load().bytes as u64);
        }
        Ok(Self(sizes))
    }

    fn print(&self) {
        let labels: Vec<String> = SIZES.iter().map(|(label, _)| format!("{label:>9}")).collect();
        println!("\ninstr/B by size         {}   largest ÷ smallest ≤ 1.1", labels.concat());
        for (name, row) in &self.0 {
            let cells: Vec<String> = row.iter().map(|cell| format!("{cell:>9.2}")).collect();
            let growth = row[SIZES.len() - 1] / row[0];
            let mark = if growth <= 1.1 { "ok" } else { "MISSED" };
            println!("{name:<24}{} {growth:>9.3}  {mark}", cells.concat());
        }
    }
}

/// Returns the time of the fastest of many runs of each case, in nanoseconds.
///
/// The cases run in turn, so that other load on the machine affects all of them alike.
fn fastest(cases: &[Loaded]) -> Vec<f64> {
    let begun = Instant::now();
    let mut fastest = vec![Duration::MAX; cases.len()];
    while begun.elapsed() < Duration::from_secs(4) {
        for (case, fastest) in cases.iter().zip(&mut fastest) {
            // Runs each case several times in a row, so that the branch predictor is warm.
            let visit = Instant::now();
            while visit.elapsed() < Duration::from_millis(1) {
                let start = Instant::now();
                case.run();
                *fastest = start.elapsed().min(*fastest);
            }
        }
    }
    fastest.iter().map(|time| time.as_secs_f64() * 1e9).collect()
}

/// Returns how many nanoseconds per byte Twisted's `_parse` takes on the realistic corpus.
fn twisted(python: &str) -> Result<f64, Failure> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/twisted_parse.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{python}: {error}"))?;
    let lines: Vec<String> = corpus::realistic().into_iter().map(|it| it.text + "\n").collect();
    child.stdin.take().ok_or("no input")?.write_all(lines.concat().as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err("twisted_parse.py failed".into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

fn shown(number: Option<f64>) -> String {
    number.map(|number| format!("{number:.2}")).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
const fn float(count: u64) -> f64 {
    count as f64
}
