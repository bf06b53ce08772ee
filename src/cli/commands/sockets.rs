//! `listen`, `connect`, `relay` and `test` in a build that cannot open sockets.
//!
//! Each fails with a message that names the types of the descriptions that it would have opened.

use std::ffi::OsString;

use crate::cli::args::bytes;
#[cfg(not(feature = "relay"))]
use crate::cli::exit::{Exit, Failure};
use strports_syntax::{BoundDescription, Code, Error, Role, Sink, check};

/// Which build cannot open sockets, and what to do instead.
#[derive(Clone, Copy)]
struct Reason {
    by: &'static str,
    help: &'static str,
}

#[cfg(not(feature = "relay"))]
const REASON: Reason = if cfg!(windows) { ON_WINDOWS } else { WITHOUT_RELAY };

const ON_WINDOWS: Reason =
    Reason { by: "strports on Windows", help: "`strports explain` describes them" };
const WITHOUT_RELAY: Reason =
    Reason { by: "this build", help: "build it with the feature `relay`" };

/// Fails with an error that names the types of the descriptions among the arguments.
#[cfg(not(feature = "relay"))]
pub(in crate::cli) fn run(words: &[OsString]) -> Result<Exit, Failure> {
    use clap::error::{Error, ErrorKind};
    let message = refusal(&types(words), REASON);
    Err(Failure::Usage(Error::raw(ErrorKind::InvalidSubcommand, message)))
}

fn refusal(types: &[String], Reason { by, help }: Reason) -> String {
    let named: Vec<_> = types.iter().map(|name| format!("`{name}`")).collect();
    let what = match named.split_last() {
        None => "no sockets".to_owned(),
        Some((last, [])) => format!("no sockets, so it does not serve {last}"),
        Some((last, before)) => {
            format!("no sockets, so it serves neither {} nor {last}", before.join(" nor "))
        }
    };
    format!("{by} opens {what} ({help})\n")
}

/// Returns the types of the descriptions among `words`, each once, outer before nested ones.
fn types(words: &[OsString]) -> Vec<String> {
    let mut all = Vec::new();
    for word in words.iter().map(|word| bytes(word)) {
        if !word.contains(&b':') || word.starts_with(b"-") {
            continue;
        }
        let roles = [Role::Server, Role::Client];
        let known = roles.into_iter().find_map(|role| types_of(word, role));
        for name in known.unwrap_or_default() {
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    all
}

/// Returns the types in one description, even if it has errors; `None` if a type is unknown.
fn types_of(word: &[u8], role: Role) -> Option<Vec<String>> {
    let report = check(word, role);
    if report.errors().any(|it| it.code == Code::UnknownType) {
        return None;
    }
    let mut found = Types(Vec::new());
    match role {
        Role::Client => drop(report.types().client_with(word, &mut found)),
        Role::Server => drop(report.types().server_with(word, &mut found)),
    }
    found.0.reverse();
    Some(found.0)
}

struct Types(Vec<String>);

impl Sink for Types {
    fn error(&mut self, _: Error) {}

    fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
        self.0.extend(bound.arguments.map(|it| it.signature().name.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str, reason: Reason) -> String {
        refusal(&types(&line.split(' ').map(OsString::from).collect::<Vec<_>>()), reason)
    }

    #[test]
    fn each_type_is_named_once() {
        assert_eq!(
            refused("tcp:8080", ON_WINDOWS),
            "strports on Windows opens no sockets, so it does not serve `tcp` (`strports explain` \
             describes them)\n"
        );
        let relay = r"--retry 5 tls:h:443 haproxy:unix:/a socks5:p:1080:h:80 unix:/a";
        assert_eq!(
            refused(relay, WITHOUT_RELAY),
            "this build opens no sockets, so it serves neither `tls` nor `haproxy` nor `unix` nor \
             `socks5` (build it with the feature `relay`)\n"
        );
    }

    #[test]
    fn invalid_descriptions_are_not_named() {
        let expected = "this build opens no sockets (build it with the feature `relay`)\n";
        for line in ["", "--keep", "--log=a:b", "nonsense:1", "web"] {
            assert_eq!(refused(line, WITHOUT_RELAY), expected, "{line}");
        }
    }
}
