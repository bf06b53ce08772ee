//! Writes and checks the committed instruction counts: `baseline.txt`, one case per line.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use strports_benches::cases::ours;

use crate::{Failure, count};

/// The tolerance in percent. A case fails if its count rose by more; if it fell by more, the output
/// suggests a new baseline.
const PERCENT: u64 = 5;
const BUILT_WITH: &str = env!("BUILT_WITH");

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("baseline.txt")
}

pub(crate) fn write() -> Result<(), Failure> {
    let mut text = format!(
        "# Instructions of each case; written by `ci/check bench-baseline`.\n\
         # {BUILT_WITH}\n"
    );
    let cases = ours();
    for (case, count) in cases.iter().zip(count(&cases)?) {
        writeln!(text, "{:<24} {count:>10}", case.name)?;
    }
    fs::write(path(), text)?;
    println!("wrote {}", path().display());
    Ok(())
}

pub(crate) fn check() -> Result<bool, Failure> {
    let text = fs::read_to_string(path())?;
    let made_with = text.lines().filter_map(|line| line.strip_prefix("# ")).nth(1);
    let made_with = made_with.ok_or("the baseline does not say what built it")?;
    println!("baseline: {made_with}\nthis:     {BUILT_WITH}");
    if made_with != BUILT_WITH {
        return Err("the counts of two compilers cannot be compared: make the baseline of the \
                    commit before with this one, by `ci/check bench-baseline`"
            .into());
    }
    let mut before = parse(&text)?;
    let mut good = true;
    let cases = ours();
    for (name, now) in cases.iter().map(|case| &case.name).zip(count(&cases)?) {
        let Some(then) = before.remove(name) else {
            println!("{name:<24} {now:>10}  NOT IN THE BASELINE");
            good = false;
            continue;
        };
        let rose = now * 100 > then * (100 + PERCENT);
        let fell = now * 100 < then * (100 - PERCENT);
        let verdict = match (rose, fell) {
            (true, _) => "ROSE",
            (_, true) => "fell: lower the baseline by `ci/check bench-baseline`",
            _ => "",
        };
        good &= !rose;
        let tenths = i64::try_from(now * 1000 / then)? - 1000;
        let (sign, tenths) = (if tenths < 0 { '-' } else { '+' }, tenths.abs());
        let change = format!("{sign}{}.{} %", tenths / 10, tenths % 10);
        println!("{name:<24} {then:>10} {now:>10} {change:>9}  {verdict}");
    }
    for name in before.keys() {
        println!("{name:<24} IN THE BASELINE ALONE");
        good = false;
    }
    if !good {
        println!(
            "a count rose by more than {PERCENT} %, or the cases are others; where that is \
                  meant, `ci/check bench-baseline` writes the new counts"
        );
    }
    Ok(good)
}

fn parse(text: &str) -> Result<BTreeMap<String, u64>, Failure> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, count) = line.split_once(' ').ok_or("a line without a count")?;
            Ok((name.to_owned(), count.trim().parse()?))
        })
        .collect()
}
