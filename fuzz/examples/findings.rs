//! Writes the findings of descriptions with mistakes: rule, place and fix, without the message.
//!
//! The descriptions are vectors, and vectors with mistakes by the mutator. Of those with the same
//! rules, one is kept. A line is the role, the description, and its findings:
//!
//! ```text
//! cargo run --manifest-path fuzz/Cargo.toml --no-default-features --example findings \
//!     > fuzz/answers/findings.txt
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

use strports_syntax::{Diagnostic, Role, check};

#[path = "seeds.rs"]
#[allow(dead_code, reason = "an example has a main of its own")]
mod seeds;

/// Descriptions whose mistakes neither the vectors nor the mutator have.
const MORE: [&str; 12] = [
    "tcp:h:-1:x",
    "tcp:h:x:1",
    "unix:/a:b",
    "unix:C:/a:C:/b",
    "tcp:fe80::1:2:3:4:5:6:7:80",
    "tcp:80:interface=1:2:3:4:5:6:7:8",
    "tcp6:80:interface=2001:db8::",
    "tls:h:443:endpoint=tcp\\:a\\:x\\\\\\:y:port=a",
    "haproxy:tcp:80:interface=::1:proxyTrusted=10.0.0.0/33",
    "tls:h:443:port=80:timeout=",
    "process:/a:args=b:env=:uid=x",
    "tcp:80:backlgo=5:backlog=6",
];

/// How many descriptions with the same rules are kept, and how long they may be.
const MOST_ALIKE: usize = 1;
const LONGEST: usize = 60;

#[allow(dead_code, reason = "the test has no use for it")]
fn main() {
    print!("{}", chosen());
}

/// All lines of the file.
fn chosen() -> String {
    let vectors = seeds::inputs();
    let mut texts: Vec<Vec<u8>> = vectors.iter().map(|it| it.clone().into_bytes()).collect();
    texts.extend(MORE.map(|it| it.as_bytes().to_vec()));
    let mut seed = 0;
    for _ in 0..4 {
        for vector in &vectors {
            seed += 1;
            texts.push(strports_syntax::arbitrary::mutate(vector.as_bytes(), seed));
        }
    }
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for text in texts.iter().filter(|it| it.len() <= LONGEST) {
        for role in [Role::Server, Role::Client] {
            let report = check(text, role);
            if report.diagnostics().is_empty() {
                continue;
            }
            let rule =
                |it: &Diagnostic| format!("{}{:?}", it.code, it.fix.as_ref().map(|it| it.safe));
            let rules: Vec<String> = report.diagnostics().iter().map(rule).collect();
            let count = alike.entry(format!("{role} {}", rules.join(" "))).or_default();
            *count += 1;
            if *count <= MOST_ALIKE {
                lines.push(line(text, role));
            }
        }
    }
    lines.sort();
    lines.dedup();
    lines.concat()
}

/// The line of a description.
pub(crate) fn line(text: &[u8], role: Role) -> String {
    let mut line = format!("{role}\t{}\t", text.escape_ascii());
    for found in check(text, role).diagnostics() {
        let _ = write!(line, " {}@{}..{}", found.code.slug(), found.span.start, found.span.end);
        if let Some(fix) = &found.fix {
            let mark = if fix.safe { "=" } else { "?" };
            let replacement = fix.replacement.escape_ascii();
            let _ = write!(line, "[{}..{}{mark}{replacement}]", fix.span.start, fix.span.end);
        }
    }
    line + "\n"
}
