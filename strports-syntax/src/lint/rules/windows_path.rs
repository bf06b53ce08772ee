//! The lint `windows-path`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::{Binding, Kind};
use crate::{Argument, Code, Diagnostic, Excerpt, Fix, Place, Span, Text, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::WindowsPath,
    fixes_errors: true,
    doc: r"
A Windows path whose colon or backslashes are not escaped.

The colon after the drive letter ends the argument, and each backslash is dropped as an escape of
the next character.

    ssl:8443:privateKey=C:\keys\server.pem

Write a backslash before the colon and before each backslash:

    ssl:8443:privateKey=C\:\\keys\\server.pem

Reference: spec/grammar.abnf, `escape`.
",
    check,
};

const PATHS: &[Kind] = &[Kind::Path];

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let mut positional = 0;
    for (at, argument) in context.written.iter().enumerate() {
        let index = positional;
        positional += usize::from(argument.is_positional());
        // A path that its colon split shifts the positional arguments after it, so each earlier
        // position is possible too.
        let may_be = (0..=index).any(|index| context.may_be(argument, index, PATHS));
        if !may_be {
            continue;
        }
        let next = context.written.get(at + 1);
        let Some(span) = split(context, argument, next).or_else(|| eaten(context, argument)) else {
            continue;
        };
        let path = context.raw(span);
        // If the colon is already escaped, only the backslashes need escapes.
        let path = match path {
            [drive, b'\\', b':', rest @ ..] => [&[*drive, b':'], rest].concat(),
            _ => path.to_vec(),
        };
        let place = if argument.is_positional() { Place::Positional } else { Place::Value };
        let shown = Excerpt::new(Text::plain(&path));
        let message = format!("{shown} is a Windows path that is not escaped");
        findings.push(
            Diagnostic::lint(RULE.code, span, message)
                .with_help("write `\\:` for the colon and `\\\\` for each backslash")
                // If the description has no errors, `C` and `/c.pem` may be a key and a
                // certificate.
                .with_fix(Fix {
                    safe: context.errors > 0 || path.contains(&b'\\'),
                    ..Fix::safe(span, quote_bytes(&path, place))
                }),
        );
    }
}

/// Finds `C` followed by `\path` or `/path`: one path that its colon split. Returns its span.
fn split(
    context: &RuleContext<'_, '_>,
    argument: &Argument<'_>,
    next: Option<&Argument<'_>>,
) -> Option<Span> {
    let next = next?;
    let is_drive =
        matches!(context.raw(argument.value_span), [drive] if drive.is_ascii_alphabetic());
    // Arguments of a program are free text, so `x` and `/etc` may be separate arguments.
    let program = context.signature().is_some_and(|it| it.binding == Binding::Program);
    let is_path = match context.raw(next.span) {
        [b'\\', ..] => true,
        [b'/', ..] => !program,
        _ => false,
    };
    let adjacent = next.span.start == argument.span.end + 1;
    (is_drive && is_path && adjacent).then(|| argument.value_span.to(next.span))
}

/// Finds `C\:\path`, where the backslash after the colon is lost as an escape. Returns its span.
fn eaten(context: &RuleContext<'_, '_>, argument: &Argument<'_>) -> Option<Span> {
    match context.raw(argument.value_span) {
        [drive, b'\\', b':', b'\\', next, ..]
            if drive.is_ascii_alphabetic() && next.is_ascii_alphanumeric() =>
        {
            Some(argument.value_span)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::WindowsPath, text, Role::Server);
        assert_eq!(
            server(r"ssl:8443:privateKey=C:\keys\server.pem"),
            r"ssl:8443:privateKey=C\:\\keys\\server.pem"
        );
        assert_eq!(server("unix:C:/run/x"), r"unix:C\:/run/x");
        assert_eq!(server(r"ssl:1:privateKey=c\:\a.pem"), r"ssl:1:privateKey=c\:\\a.pem");
        assert_eq!(
            server("ssl:1:privateKey=C:/k.pem:certKey=C:/c.pem"),
            r"ssl:1:privateKey=C\:/k.pem:certKey=C\:/c.pem"
        );
    }

    #[test]
    fn near_miss() {
        silent(Code::WindowsPath, r"ssl:1:privateKey=C\:\\k.pem", Role::Server);
        silent(Code::WindowsPath, "tcp:h:80", Role::Client);
        silent(Code::WindowsPath, "process:x:/etc", Role::Client);
    }
}
