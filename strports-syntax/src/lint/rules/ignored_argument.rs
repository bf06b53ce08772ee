//! The lint `ignored-argument`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::{Binding, Kind, Parameter};
use crate::similar::most_similar;
use crate::{Argument, Code, Diagnostic, Excerpt, Fix, Role, Signature};

pub(crate) const RULE: Rule = Rule {
    code: Code::IgnoredArgument,
    fixes_errors: false,
    doc: r"
An argument without effect.

`stdio` ignores all arguments. With `endpoint=`, arguments for listening or connecting have no
effect. `lockfile=` takes precedence over `checkPID=`. A PROXY header of version 1 has no
`proxyTlvs=`.

    tls:/etc/certs:port=8443:endpoint=unix\:/run/tls.sock

Remove it:

    tls:/etc/certs:endpoint=unix\:/run/tls.sock

Reference: spec/endpoints.md.
",
    check,
};

/// The parameters of TCP sockets, which have no effect beside `endpoint=`.
///
/// A client's `port` is among them, but is not reported, because it is required.
const OF_THE_SOCKET: [&str; 11] = [
    "port",
    "interface",
    "backlog",
    "reusePort",
    "v6only",
    "timeout",
    "bindAddress",
    "attemptDelay",
    "keepAlive",
    "userTimeout",
    "device",
];

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = context.signature() else { return };
    if signature.binding == Binding::Anything {
        everything(context, findings);
        return;
    }
    let over_endpoint = context.argument("endpoint").is_some();
    for argument in &context.written {
        let bound = context.bound().find(|(_, bound)| bound.span == argument.span);
        let preferred = signature.parameters.iter().find(|it| preferred(context, it, argument));
        let reason = match bound {
            Some((parameter, _)) if parameter.kind == Kind::Ignored => "it has no meaning",
            Some((parameter, _)) if over_endpoint && OF_THE_SOCKET.contains(&parameter.name) => {
                if parameter.name == "port" && context.role == Role::Client {
                    continue;
                }
                "`endpoint` determines it"
            }
            Some((parameter, _)) if parameter.kind == Kind::ProxyTlvs && is_version_1(context) => {
                "a header of version 1 contains only addresses"
            }
            None if preferred.is_some() => "the parameter's own name takes precedence",
            None if signature.ignores_keywords && context.named(argument).is_none() => {
                unknown(signature, argument, context, findings);
                continue;
            }
            _ => continue,
        };
        let own = bound.map(|(parameter, _)| parameter.name);
        let name = own.or(preferred.and_then(|it| it.alias)).unwrap_or_default();
        let message = format!("`{name}` has no effect here: {reason}");
        let mut diagnostic = Diagnostic::lint(RULE.code, argument.span, message);
        // Removing a positional argument would move the ones after it.
        if !argument.is_positional() {
            diagnostic = diagnostic.with_fix(Fix::safe(context.removal(argument), ""));
        }
        findings.push(diagnostic);
    }
}

/// Whether a `haproxy` client sends a header of version 1.
fn is_version_1(context: &RuleContext<'_, '_>) -> bool {
    context.argument("proxyVersion").is_some_and(|it| it.value == "1")
}

/// Reports a keyword that a plugin's type does not have and ignores, instead of rejecting it.
fn unknown(
    signature: &Signature,
    argument: &Argument<'_>,
    context: &RuleContext<'_, '_>,
    findings: &mut Findings<'_, '_>,
) {
    let Some(key) = &argument.key else { return };
    let names = signature.parameters.iter().filter(|it| !it.positional_only).map(|it| it.name);
    let name = signature.name;
    let message = format!("{} has no effect here: `{name}` has no such keyword", Excerpt::new(key));
    let mut diagnostic = Diagnostic::lint(RULE.code, argument.span, message);
    diagnostic = match most_similar(key, names) {
        Some(word) => diagnostic
            .with_help(format!("did you mean `{word}`?"))
            .with_fix(Fix::suggestion(argument.key_span(), word)),
        None => diagnostic.with_fix(Fix::safe(context.removal(argument), "")),
    };
    findings.push(diagnostic);
}

/// Whether `argument` is without effect: it uses the alias of `parameter`, which is also given
/// under its own name.
fn preferred(
    context: &RuleContext<'_, '_>,
    parameter: &Parameter,
    argument: &Argument<'_>,
) -> bool {
    let alias = argument.key.as_ref().zip(parameter.alias).is_some_and(|(key, it)| *key == it);
    let own = context.argument(parameter.name).and_then(|it| it.key);
    alias && own.is_some_and(|key| key == *parameter.name)
}

/// Reports every argument of `stdio` except the empty one of `stdio:`.
fn everything(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let (Some(first), Some(last)) = (context.written.first(), context.written.last()) else {
        return;
    };
    if context.written.len() > 1 || !first.span.is_empty() {
        let span = first.span.to(last.span);
        findings.push(Diagnostic::lint(RULE.code, span, "`stdio` ignores its arguments".into()));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        finds(Code::IgnoredArgument, "stdio:1:x=y", Role::Server, &["1:x=y"]);
        finds(Code::IgnoredArgument, r"ssl:443:endpoint=unix\:/x", Role::Server, &["443"]);
        let client = |text| fixed(Code::IgnoredArgument, text, Role::Client);
        assert_eq!(client("ssl:h:1:sslContextFactory=x"), "ssl:h:1");
        assert_eq!(client("unix:/a:checkPID=1:lockfile=0"), "unix:/a:lockfile=0");
        assert_eq!(
            client("haproxy:tcp:h:1:proxyVersion=1:proxyTlvs=ssl"),
            "haproxy:tcp:h:1:proxyVersion=1"
        );
    }

    #[test]
    fn near_miss() {
        silent(Code::IgnoredArgument, "stdio:", Role::Server);
        silent(Code::IgnoredArgument, "unix:/a:checkPID=1", Role::Client);
        silent(Code::IgnoredArgument, "haproxy:tcp:h:1:proxyTlvs=ssl", Role::Client);
        silent(Code::IgnoredArgument, r"tls:h:443:endpoint=unix\:/x", Role::Client);
    }
}
