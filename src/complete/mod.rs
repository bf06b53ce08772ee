//! Completion of descriptions: types, keywords and values.
//!
//! The candidates come from the signature table and from the types of packages. Shell completion
//! and the language server use this module.
//!
//! See [`complete()`] for an example.

#[cfg(feature = "cli")]
pub(crate) mod files;

use strports_syntax::signature::{Binding, Kind, Parameter};
use strports_syntax::value::{Domain, StandardError, TlsMethod};
use strports_syntax::{
    Description, Place, Role, Signature, Text, TokenKind, Types, quote_bytes, tokens,
};

/// One text that can follow the cursor at the end of a description.
///
/// See [`complete`](crate::complete::complete()) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The text to insert at the cursor, with escapes as its position requires.
    pub text: String,
    /// How many bytes before the cursor the text replaces.
    pub replaces: usize,
    /// Whether the text is a type, a keyword or a value.
    pub kind: CandidateKind,
    /// The meaning of the type or parameter, in one clause.
    pub summary: &'static str,
    /// For a keyword, the values that its parameter takes and its default; empty for other kinds.
    pub detail: String,
}

/// Which part of a description a candidate completes.
///
/// See [`complete`](crate::complete::complete()) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateKind {
    /// The type at the start of a description, such as `tcp`.
    Type,
    /// The keyword of an argument, such as `interface=`.
    Keyword,
    /// The value of an argument, such as `INET` after `domain=`.
    Value,
}

/// Everything that can follow the cursor at the end of a description.
///
/// See [`complete`](crate::complete::complete()) for an example.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Completion {
    /// The candidates, in the order of the signature table.
    pub candidates: Vec<Candidate>,
    /// The path before the cursor that existing files can complete. `None` if the argument there is
    /// no path.
    pub path: Option<PathStart>,
}

/// The beginning of a path that the cursor follows, for completion with existing files.
///
/// See [`complete`](crate::complete::complete()) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathStart {
    /// The path as far as it is typed, without escapes.
    pub text: String,
    /// How many bytes before the cursor the path takes in the description, with its escapes.
    pub replaces: usize,
    place: Place,
    /// How many descriptions the one with the path is nested in; each adds a level of escapes.
    depth: usize,
}

impl PathStart {
    /// Returns `path` with the escapes that its position in the description requires.
    pub fn write(&self, path: &str) -> String {
        let quoted = quote_bytes(path.as_bytes(), self.place);
        escaped(&String::from_utf8_lossy(&quoted), self.depth)
    }
}

/// The maximum nesting depth at which completion still looks for candidates.
const DEEPEST: usize = 8;

/// Returns what can follow the end of `text`, which is a description up to the cursor.
///
/// With `None` as `role`, candidates for servers and for clients are returned.
///
/// ```
/// use strports::complete::complete;
/// use strports::{Role, Types};
///
/// let texts = |text: &str| -> Vec<String> {
///     let completion = complete(Types::BUILTIN, Some(Role::Server), text.as_bytes());
///     completion.candidates.into_iter().map(|it| it.text).collect()
/// };
/// assert_eq!(texts("un"), ["unix:"]);
/// assert_eq!(texts("tcp:80:int"), ["interface="]);
/// assert_eq!(texts("systemd:domain=INET"), ["INET", "INET6"]);
/// assert_eq!(texts(r"tls:/certs:endpoint=un"), [r"unix\:"]);
/// ```
pub fn complete(types: Types<'_>, role: Option<Role>, text: &[u8]) -> Completion {
    let mut completion = Completion::default();
    let roles = role.map_or(&[Role::Server, Role::Client][..], |role| match role {
        Role::Client => &[Role::Client][..],
        Role::Server => &[Role::Server][..],
    });
    for role in roles {
        at_end(types, *role, text, 0, &mut completion);
    }
    let mut seen = Vec::new();
    completion.candidates.retain(|it| {
        let is_new = !seen.contains(&it.text);
        seen.push(it.text.clone());
        is_new
    });
    completion
}

fn at_end(types: Types<'_>, role: Role, text: &[u8], depth: usize, out: &mut Completion) {
    if depth > DEEPEST {
        return;
    }
    let start = last_segment(text);
    let (before, segment) = (&text[..start], &text[start..]);
    let Some(signature) = type_of(types, role, before) else {
        if !before.is_empty() {
            return;
        }
        let all = types.all(role).filter(|it| starts_with(it.name, segment));
        out.candidates.extend(all.map(|it| Candidate {
            text: escaped(&format!("{}:", it.name), depth),
            replaces: segment.len(),
            kind: CandidateKind::Type,
            summary: it.summary,
            detail: String::new(),
        }));
        return;
    };
    if signature.binding == Binding::Wrapper {
        // A wrapper takes one positional argument, and the rest of the text is a whole description.
        let rest = tokens(text).find(|token| token.kind == TokenKind::Colon);
        let rest = rest.map_or(&[][..], |colon| &text[colon.span.end..]);
        at_end(types, role, rest, depth, out);
    }
    let key = tokens(segment).find(|token| token.kind == TokenKind::Equals);
    if let Some(equals) = key {
        let (key, value) = (&segment[..equals.span.start], &segment[equals.span.end..]);
        let named = |it: &&Parameter| {
            Text::plain(key) == it.name || it.alias.is_some_and(|alias| Text::plain(key) == alias)
        };
        if let Some(parameter) = signature.parameters.iter().find(named) {
            values(types, role, parameter, (value, Place::Value), depth, out);
        }
    } else {
        if let Some(parameter) = positional(signature, before) {
            values(types, role, parameter, (segment, Place::Positional), depth, out);
        }
        keywords(signature, before, segment, out);
    }
}

/// Returns the byte offset of the last segment, which the user is still typing.
fn last_segment(text: &[u8]) -> usize {
    let colons = tokens(text).filter(|token| token.kind == TokenKind::Colon);
    colons.last().map_or(0, |colon| colon.span.end)
}

/// Returns the type of a description from `before`, its text up to and including the last colon.
/// `None` if the type is unknown.
fn type_of(types: Types<'_>, role: Role, before: &[u8]) -> Option<&'static Signature> {
    let whole = before.strip_suffix(b":")?;
    let description = Description::parse(whole).ok()?;
    types.find(role, &description.type_name())
}

/// Returns the parameter that the next positional argument is bound to. `None` if all positions are
/// taken.
fn positional(signature: &'static Signature, before: &[u8]) -> Option<&'static Parameter> {
    let whole = before.strip_suffix(b":")?;
    let given = Description::parse(whole)
        .ok()?
        .arguments()
        .filter(strports_syntax::Argument::is_positional)
        .count();
    signature.positional().nth(given)
}

fn keywords(signature: &'static Signature, before: &[u8], segment: &[u8], out: &mut Completion) {
    let description = before.strip_suffix(b":").and_then(|whole| Description::parse(whole).ok());
    let arguments = || description.iter().flat_map(Description::arguments);
    let filled = arguments().filter(strports_syntax::Argument::is_positional).count();
    let free = signature.parameters.iter().filter(|parameter| {
        let by_place = signature.positional().take(filled).any(|it| it.name == parameter.name);
        let by_name = arguments().any(|it| it.key.is_some_and(|key| key == parameter.name));
        let again = matches!(parameter.kind, Kind::Repeated);
        !matches!(parameter.kind, Kind::Rest | Kind::Ignored)
            && !parameter.positional_only
            && (again || !by_place && !by_name)
            && starts_with(parameter.name, segment)
    });
    out.candidates.extend(free.map(|parameter| Candidate {
        text: format!("{}=", parameter.name),
        replaces: segment.len(),
        kind: CandidateKind::Keyword,
        summary: parameter.summary,
        detail: detail(parameter),
    }));
}

/// Describes which values a parameter takes, and its default.
fn detail(parameter: &Parameter) -> String {
    let takes = parameter.kind.describe();
    match parameter.default_text() {
        Some("") | None => takes.to_owned(),
        Some(default) => format!("{takes}, {default} if absent"),
    }
}

fn values(
    types: Types<'_>,
    role: Role,
    parameter: &'static Parameter,
    (value, place): (&[u8], Place),
    depth: usize,
    out: &mut Completion,
) {
    if let Some(inner) = parameter.kind.nests(role) {
        if let Some(text) = unescaped(value) {
            at_end(types, inner, &text, depth + 1, out);
        }
        return;
    }
    let words: Vec<&'static str> = match parameter.kind {
        Kind::Flag => vec!["0", "1"],
        Kind::Domain => Domain::WORDS.values.to_vec(),
        Kind::StandardError => StandardError::WORDS.values.to_vec(),
        Kind::ProxyVersion => vec!["1", "2"],
        Kind::TlsMethod => TlsMethod::WORDS.values.to_vec(),
        Kind::Word(words) => words.values.to_vec(),
        Kind::Path => {
            let text = unescaped(value).and_then(|path| String::from_utf8(path).ok());
            // A nested path that contains escapes is not completed: it would have to be unescaped
            // twice.
            let text = text.filter(|it| depth == 0 || !it.contains([':', '\\', '=']));
            out.path = text.map(|text| PathStart { text, replaces: value.len(), place, depth });
            return;
        }
        _ => return,
    };
    let words = words.into_iter().filter(|word| starts_with(word, value));
    out.candidates.extend(words.map(|word| Candidate {
        text: word.to_owned(),
        replaces: value.len(),
        kind: CandidateKind::Value,
        summary: parameter.summary,
        detail: String::new(),
    }));
}

/// Removes the escapes from the beginning of a value. `None` if it ends within an escape.
fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let whole = [b"x:x=", value].concat();
    let description = Description::parse(&whole).ok()?;
    Some(description.arguments().next()?.value.to_bytes().into_owned())
}

fn starts_with(name: &str, start: &[u8]) -> bool {
    let name = name.as_bytes();
    name.len() >= start.len() && name[..start.len()].eq_ignore_ascii_case(start)
}

/// Escapes a value of a description that is nested `depth` levels deep.
fn escaped(text: &str, depth: usize) -> String {
    let mut text = text.to_owned();
    for _ in 0..depth {
        text = text.replace('\\', r"\\").replace(':', r"\:");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn texts(role: Role, text: &str) -> Vec<String> {
        let completion = complete(Types::BUILTIN, Some(role), text.as_bytes());
        completion.candidates.into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn types_keywords_and_values_are_completed() {
        assert!(texts(Role::Server, "").contains(&"tcp6:".to_owned()));
        assert_eq!(texts(Role::Client, "T"), ["tcp:", "tcp6:", "tls:"]);
        assert_eq!(texts(Role::Server, "unix:/run/a:lock"), ["lockfile="]);
        assert_eq!(texts(Role::Server, "unix:/run/a:lockfile="), ["0", "1"]);
        assert_eq!(texts(Role::Client, "process:cat:stderr=d"), ["drop"]);
        assert_eq!(texts(Role::Server, "tcp:80:ba"), ["backlog="]);
        assert_eq!(texts(Role::Server, "tcp:80:backlog=5:ba"), [""; 0]);
        assert_eq!(texts(Role::Server, "nothing:"), [""; 0]);
    }

    #[test]
    fn nested_descriptions_are_completed() {
        assert_eq!(texts(Role::Server, "haproxy:tcp:80:proxyV"), ["proxyVersion="]);
        assert_eq!(texts(Role::Server, "haproxy:uni"), ["unix:"]);
        assert_eq!(texts(Role::Client, r"tls:h:443:endpoint=tcp\:h\:80\:bindA"), ["bindAddress="]);
        let inside = texts(Role::Client, r"tls:h:443:endpoint=tls\:h\:80\:endpoint=un");
        assert_eq!(inside, [r"unix\\\:"]);
    }

    #[test]
    fn path_values_are_marked() {
        let completion = complete(Types::BUILTIN, Some(Role::Server), br"unix:/run/a\:b");
        let path = completion.path.unwrap();
        assert_eq!((&*path.text, path.replaces), ("/run/a:b", r"/run/a\:b".len()));
        assert_eq!(path.write("/run/a:b=c"), r"/run/a\:b\=c");
        let inside = br"tls:h:443:endpoint=unix\:/run/a";
        let path = complete(Types::BUILTIN, Some(Role::Client), inside).path.unwrap();
        assert_eq!((&*path.text, path.replaces), ("/run/a", "/run/a".len()));
        assert_eq!(path.write("/run/a:b"), r"/run/a\\\:b");
    }
}
