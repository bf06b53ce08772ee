//! Endpoint types that a release of Twisted does not have yet.

use strports_syntax::signature::{Release, Signature, server};
use strports_syntax::{Argument, Description, Report, Role, Span, Text};

/// The type in `report` that `twisted` does not have: its place, and a message.
pub(super) fn newer_than(report: &Report<'_>, twisted: Release) -> Option<(Span, String)> {
    let types = report.description().into_iter().flat_map(positional);
    let (signature, span) = innermost(types, report.role())?;
    let since = signature.since.filter(|since| *since > twisted)?;
    let Signature { name, role, .. } = signature;
    Some((span, format!("Twisted {twisted} has no `{name}` {role}, which came with {since}")))
}

/// The type and the positional arguments, with their places.
fn positional(description: Description<'_>) -> impl Iterator<Item = (Text<'_>, Span)> {
    let arguments = description.arguments().filter(Argument::is_positional);
    let arguments = arguments.map(|it| (it.value, it.span));
    std::iter::once((description.type_name(), description.type_span())).chain(arguments)
}

/// What is left when `haproxy` is taken away, which hands the rest on.
fn innermost<'a>(
    mut types: impl Iterator<Item = (Text<'a>, Span)>,
    role: Role,
) -> Option<(&'static Signature, Span)> {
    let (name, span) = types.find(|(name, _)| !name.eq_ignore_ascii_case(server::HAPROXY.name))?;
    Some((Signature::find(role, &name)?, span))
}
