//! Prints `spec/versions.md`: what each release of Twisted changed, from the table of signatures.
//!
//! ```text
//! cargo run -q -p strports-syntax --example versions_md > spec/versions.md
//! ```

use std::fmt::{self, Display};
use std::io::{self, Write};

use strports_syntax::Role;
use strports_syntax::signature::{Change, Effect, FIRST_ASKED, RELEASES, Signature};

fn main() -> io::Result<()> {
    write!(io::stdout(), "{Page}")
}

const HEAD: &str = "\
# Releases of Twisted

What each release since 16.0 changed in the language of endpoints. Generated from the signature
table in `strports-syntax/src/signature/`: `ci/check spec` says how, and fails if this page is out
of date. `vectors/versions/` has the answers of the releases.

`strports check --twisted VERSION` and `strports explain --twisted VERSION` report what a release
refuses, or all releases of a range such as `>=22.4,<25`.

## Evidence
";

const BYTES: &str = "
## `bytes`

On Python 3, each release refuses most descriptions that are `bytes`. It accepts those of these
types, unless they contain another description:
";

/// The whole page.
pub(crate) struct Page;

impl Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        write!(f, "\n{}", Wrapped(&evidence()))?;
        let mut unchanged = Vec::new();
        for release in RELEASES.iter().rev() {
            let rows: Vec<_> = rows().filter(|row| row.change.since == *release).collect();
            if rows.is_empty() {
                unchanged.push(release.to_string());
                continue;
            }
            write!(
                f,
                "\n## {release}\n\n| of | change | before | since |\n| --- | --- | --- | --- |\n"
            )?;
            rows.iter().try_for_each(|row| writeln!(f, "{row}"))?;
        }
        let all = format!("No other release changed anything: {}.", unchanged.join(", "));
        write!(f, "\n## Others\n\n{}", Wrapped(&all))?;
        f.write_str(BYTES)?;
        for signature in signatures().filter(|signature| signature.takes_bytes) {
            write!(f, "\n- the `{}` {}", signature.name, signature.role)?;
        }
        writeln!(f)
    }
}

/// Prints which releases were installed, and which were only analyzed.
fn evidence() -> String {
    let (oldest, newest) = (RELEASES[0], RELEASES[RELEASES.len() - 1]);
    let read = RELEASES.iter().rfind(|release| **release < FIRST_ASKED).copied().unwrap_or(oldest);
    format!(
        "The releases {FIRST_ASKED} to {newest} were installed and tested. Those from {oldest} to \
         {read} run on no current Python: their signatures were read from their sources by `ast`, \
         and they were not run. They count as {FIRST_ASKED}, except where their sources \
         differ."
    )
}

/// One change.
struct Row {
    signature: &'static Signature,
    parameter: Option<&'static str>,
    change: &'static Change,
}

fn signatures() -> impl Iterator<Item = &'static Signature> {
    Signature::all(Role::Server).iter().chain(Signature::all(Role::Client)).copied()
}

fn rows() -> impl Iterator<Item = Row> {
    signatures().flat_map(|signature| {
        let row = move |parameter| move |change| Row { signature, parameter, change };
        let of_type = signature.changes.iter().map(row(None));
        let parameters = signature.parameters.iter();
        let of_parameters =
            parameters.flat_map(move |it| it.changes.iter().map(row(Some(it.name))));
        of_type.chain(of_parameters)
    })
}

impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Signature { name, role, .. } = self.signature;
        write!(f, "| `{name}` {role}")?;
        if let Some(parameter) = self.parameter {
            write!(f, ", `{parameter}`")?;
        }
        let effect = match self.change.effect {
            Effect::Accepted => "accepted",
            Effect::Works => "works",
            Effect::Fails => "fails",
            Effect::Refused => "refused",
            _ => "meaning",
        };
        write!(f, " | {effect} | {} | {} |", self.change.before, self.change.after)
    }
}

/// A paragraph in lines of at most 100 columns.
struct Wrapped<'t>(&'t str);

impl Display for Wrapped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut column = 0;
        for word in self.0.split(' ') {
            let len = word.chars().count();
            if column > 0 && column + 1 + len > 100 {
                f.write_str("\n")?;
                column = 0;
            } else if column > 0 {
                f.write_str(" ")?;
                column += 1;
            }
            f.write_str(word)?;
            column += len;
        }
        f.write_str("\n")
    }
}
