//! Finds what releases of Twisted reject in a description.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::bind_role::bind_role;
use crate::signature::{Case, Change, Effect, Parameter, Releases, Signature, unsupported};
use crate::value::{Host, HostKind};
use crate::{
    Argument, BoundArguments, BoundDescription, Code, Diagnostic, Error, Role, Sink, Span, Types,
};

impl Types<'_> {
    /// Reports types and arguments in `text` that some of `releases` reject, or accept but fail
    /// with.
    ///
    /// Extensions, which every release rejects, are not reported here, but by
    /// [`check`](Self::check).
    ///
    /// ```
    /// use strports_syntax::signature::Releases;
    /// use strports_syntax::{Role, Types};
    /// let releases: Releases = ">=22.4,<24".parse()?;
    /// let found = Types::BUILTIN.unsupported("systemd:INET:name=web", Role::Server, releases);
    /// assert_eq!(
    ///     found[0].message,
    ///     "Twisted 22.4 and 22.8 have no `name` for `systemd`, which was added in 22.10"
    /// );
    /// # Ok::<(), strports_syntax::signature::ReleasesError>(())
    /// ```
    pub fn unsupported<T: AsRef<[u8]> + ?Sized>(
        &self,
        text: &T,
        role: Role,
        releases: Releases,
    ) -> Vec<Diagnostic> {
        let mut changes = Changes { releases, found: Vec::new() };
        bind_role(*self, text.as_ref(), role, &mut changes);
        changes.found.sort_by_key(|found| found.span);
        changes.found
    }
}

impl Types<'_> {
    /// Whether Twisted accepts `text` as a `bytes` object too, instead of a `str`, on Python 3.
    ///
    /// ```
    /// use strports_syntax::{Role, Types};
    /// assert!(Types::BUILTIN.takes_bytes("tcp6:80", Role::Server));
    /// assert!(!Types::BUILTIN.takes_bytes("tcp:80", Role::Server));
    /// ```
    pub fn takes_bytes<T: AsRef<[u8]> + ?Sized>(&self, text: &T, role: Role) -> bool {
        let mut read = Bytes { takes: true };
        bind_role(*self, text.as_ref(), role, &mut read);
        read.takes
    }
}

/// Receives descriptions and keeps in `takes` whether all of them can be given as `bytes`.
///
/// That is so if the type accepts `bytes` and no description is nested.
struct Bytes {
    takes: bool,
}

impl Sink for Bytes {
    fn error(&mut self, _: Error) {}

    fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
        // Whether a plugin's type accepts `bytes` is up to its package, so it counts as accepting
        // them.
        let takes = |it: &BoundArguments<'_>| it.signature().takes_bytes || it.signature().plugin;
        self.takes &= bound.arguments.is_some_and(takes) && bound.depth == 0;
    }
}

/// Receives descriptions and compares them with the changes of their types and parameters.
struct Changes {
    /// The releases that must accept the descriptions.
    releases: Releases,
    /// One finding for each change that makes some of `releases` reject a description or fail.
    found: Vec<Diagnostic>,
}

/// What a change affects in one description: its type, or one parameter.
#[derive(Clone, Copy)]
struct Subject<'s> {
    signature: &'static Signature,
    /// The parameter and its argument; `None` if the change affects the type itself.
    parameter: Option<(&'static Parameter, &'s Argument<'s>)>,
}

impl Sink for Changes {
    fn error(&mut self, _: Error) {}

    fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
        let Some(arguments) = bound.arguments else { return };
        let signature = arguments.signature();
        self.compare(bound, signature.changes, Subject { signature, parameter: None });
        for (parameter, argument) in arguments.iter() {
            let Some(argument) = &argument else { continue };
            let subject = Subject { signature, parameter: Some((parameter, argument)) };
            self.compare(bound, parameter.changes, subject);
        }
    }
}

impl Changes {
    fn compare(
        &mut self,
        bound: &BoundDescription<'_, '_>,
        changes: &'static [Change],
        subject: Subject<'_>,
    ) {
        for (index, change) in changes.iter().enumerate() {
            let is_first = !changes[..index].iter().any(|it| it.case == change.case);
            if !is_first || !subject.is_in(change.case, bound) {
                continue;
            }
            let releases = unsupported(changes, change.case, self.releases);
            if !releases.is_empty() {
                let (span, message) = (subject.span(bound, change), subject.say(change, releases));
                let span = bound.locate(span);
                self.found.push(Diagnostic::lint(Code::NotInTwisted, span, message));
            }
        }
    }
}

impl Subject<'_> {
    /// Whether the description, with this type or parameter, is a case that the change affects.
    fn is_in(self, case: Case, bound: &BoundDescription<'_, '_>) -> bool {
        let given = |name: &str| bound.arguments.and_then(|it: &BoundArguments<'_>| it.get(name));
        match case {
            Case::Given => true,
            Case::Alone => bound.description.is_alone(),
            Case::Without(names) => names.iter().all(|name| given(name).is_none()),
            Case::Ipv6Beside(name) => {
                let is_ipv6 = |(_, argument): (_, &Argument<'_>)| {
                    let host = Host::new(argument.value.clone());
                    host.is_ok_and(|host| host.kind() == HostKind::Ipv6)
                };
                given(name).is_some() && self.parameter.is_some_and(is_ipv6)
            }
        }
    }

    /// The span of the finding, in the description's text.
    fn span(self, bound: &BoundDescription<'_, '_>, change: &Change) -> Span {
        match (self.parameter, change.case) {
            (None, _) => bound.description.type_span(),
            (Some((_, argument)), Case::Given) => argument.span,
            (Some((_, argument)), _) => argument.value_span,
        }
    }

    /// The message: how `releases` treat the description, and what to do if that is known.
    fn say(self, change: &Change, releases: Releases) -> String {
        let Signature { name, role, .. } = *self.signature;
        let parameter = self.parameter.map(|(parameter, _)| parameter.name);
        let since = change.since;
        let (has, refuses, accepts, fails) = match releases.iter().nth(1) {
            None => ("has", "refuses", "accepts", "fails"),
            Some(_) => ("have", "refuse", "accept", "fail"),
        };
        match (change.case, parameter, change.effect) {
            (Case::Given, None, Effect::Accepted) => {
                format!("Twisted {releases} {has} no `{name}` {role}, which was added in {since}")
            }
            (Case::Given, Some(parameter), Effect::Accepted) => {
                format!(
                    "Twisted {releases} {has} no `{parameter}` for `{name}`, which was added in {since}"
                )
            }
            (Case::Given, parameter, Effect::Refused) => {
                format!("Twisted {releases} {refuses} `{}`", parameter.unwrap_or(name))
            }
            (Case::Alone, ..) => {
                format!(
                    "Twisted {releases} {refuses} `{name}` without an argument (write `{name}:`)"
                )
            }
            (Case::Ipv6Beside(_), ..) => format!(
                "Twisted {releases} {refuses} an IPv6 address for `{}`",
                parameter.unwrap_or(name)
            ),
            (Case::Without(names), ..) => format!(
                "Twisted {releases} {accepts} the `{name}` {role} without `{}`, and then {fails}",
                names.join("` and `")
            ),
            (Case::Given, ..) => format!(
                "Twisted {releases} {accepts} `{}`, and then {fails}",
                parameter.unwrap_or(name)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(text: &str, role: Role, releases: &str, expected: &[(&str, &str)]) {
        let found = Types::BUILTIN.unsupported(text, role, releases.parse().unwrap());
        let found: Vec<_> =
            found.iter().map(|it| (&text[it.span.start..it.span.end], &*it.message)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn each_finding_names_the_releases() {
        let server = |text, releases, expected: &[_]| found(text, Role::Server, releases, expected);
        server(
            "tls:/c",
            "24.10",
            &[("tls", "Twisted 24.10 has no `tls` server, which was added in 26.4")],
        );
        server("tls:/c", ">=26", &[]);
        server(
            "haproxy:stdio",
            "<17",
            &[
                (
                    "haproxy",
                    "Twisted 16.0 to 16.1.1 have no `haproxy` server, which was added in 16.2",
                ),
                (
                    "stdio",
                    "Twisted 16.0 to 16.6 refuse `stdio` without an argument (write `stdio:`)",
                ),
            ],
        );
        server("stdio:", "16.0", &[]);
        server("haproxy:stdio:proxyVersion=1", "16.6", &[]);
        server(
            "haproxy:systemd:INET:name=web",
            ">=22.4",
            &[(
                "name=web",
                "Twisted 22.4 and 22.8 have no `name` for `systemd`, which was added in 22.10",
            )],
        );
    }

    #[test]
    fn nested_clients_are_checked() {
        let client = |text, releases, expected: &[_]| found(text, Role::Client, releases, expected);
        client(
            r"tls:\:\:1:443:endpoint=tcp\:h\:1",
            ">=18.7,<19",
            &[(r"\:\:1", "Twisted 18.7 refuses an IPv6 address for `host`")],
        );
        client(
            "tls:h:443",
            ">=24.7,<25",
            &[(
                "tls",
                "Twisted 24.10 accepts the `tls` client without `bindAddress` and `endpoint`, \
               and then fails",
            )],
        );
        client(
            r"tls:h:443:endpoint=tls\:i\:443\:bindAddress=1.2.3.4",
            ">=24.3,<25",
            &[("bindAddress=1.2.3.4", "Twisted 24.3 and 24.7 accept `bindAddress`, and then fail")],
        );
    }
}
