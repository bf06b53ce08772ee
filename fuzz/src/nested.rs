//! An error in a nested description is reported like that of the description alone, at its bytes.

use strports_syntax::{Description, Error, ErrorKind, Place, Role, Span, quote_bytes};

use crate::{errors, shown};

/// A description around a nested one: the text before and after it, and how it is escaped.
struct Outer {
    role: Role,
    before: &'static str,
    /// The position that determines the escapes of the nested text; `None` if it is not escaped.
    place: Option<Place>,
    behind: &'static str,
}

const OUTER: [Outer; 8] = [
    quoted(Role::Client, "tls:h:443:endpoint=", Place::Value, ""),
    quoted(Role::Client, r"endp\oint=", Place::Value, r":TLS:h:port=443:bindAddress=\:\:1"),
    quoted(Role::Client, "tls:h:443:30:a:b:c:d:", Place::Positional, ":alpn=h2"),
    quoted(Role::Server, "ssl:endpoint=", Place::Value, ""),
    quoted(Role::Server, r"tls:/x\=y:endpoint=", Place::Value, ":backlog=5"),
    quoted(Role::Server, "haproxy:tls:/x:endpoint=", Place::Value, ""),
    Outer { role: Role::Server, before: "haproxy:", place: None, behind: "" },
    Outer { role: Role::Client, before: "haproxy:", place: None, behind: "" },
];

const fn quoted(role: Role, before: &'static str, place: Place, behind: &'static str) -> Outer {
    Outer { role, before, place: Some(place), behind }
}

/// Checks the law. `input` is nested in every outer description, and once more in another one.
pub fn holds(input: &[u8]) {
    for role in [Role::Server, Role::Client] {
        let within = errors(input, role);
        for outer in OUTER.iter().filter(|it| it.role == role) {
            let text = outer.around(input);
            let found = outer.leads_back(input, &within, &text);
            // Nests the result again, in the first outer description of this role.
            if let Some(further) = OUTER.iter().find(|it| it.role == role) {
                further.leads_back(&text, &found, &further.around(&text));
            }
        }
    }
}

impl Outer {
    fn around(&self, inner: &[u8]) -> Vec<u8> {
        [self.before.as_bytes(), &self.quote(inner), self.behind.as_bytes()].concat()
    }

    fn quote(&self, inner: &[u8]) -> Vec<u8> {
        self.place.map_or_else(|| inner.to_vec(), |place| quote_bytes(inner, place))
    }

    /// Returns the errors of `text`, the outer description. Checks that those of the nested text
    /// equal `within`.
    fn leads_back(&self, inner: &[u8], within: &[Error], text: &[u8]) -> Vec<Error> {
        let found = errors(text, self.role);
        let too_deep = |it: &Error| matches!(it.kind(), ErrorKind::NestedTooDeep { .. });
        let left_alone = self.place.is_some() || stands_alone(inner);
        if !left_alone || found.iter().any(too_deep) {
            return found;
        }
        let outside = |offset: usize| self.before.len() + self.quote(&inner[..offset]).len();
        let led_back = |error: &Error| {
            let Span { start, end } = error.span();
            (*error.kind(), Span::new(outside(start), outside(end)))
        };
        let expected: Vec<_> = within.iter().map(led_back).map(without_suggestion).collect();
        let places = found.iter().map(|error| (*error.kind(), error.span()));
        let places: Vec<_> = places.map(without_suggestion).collect();
        assert_eq!(places, expected, "{} in {}", shown(inner), shown(text));
        found
    }
}

/// Removes the suggestion from an error. `haproxy:` adds keywords, so suggestions may differ.
fn without_suggestion((kind, span): (ErrorKind, Span)) -> (ErrorKind, Span) {
    match kind {
        ErrorKind::UnexpectedKeyword { type_name, role, found, .. } => {
            (ErrorKind::UnexpectedKeyword { type_name, role, found, suggestion: None }, span)
        }
        kind => (kind, span),
    }
}

/// Whether `haproxy:` passes the whole text on to the wrapped type, without keywords of its own.
fn stands_alone(inner: &[u8]) -> bool {
    let Ok(description) = Description::parse(inner) else { return false };
    let ours = ["proxyTrusted", "proxyVersion", "proxyTlvs"];
    !description.arguments().any(|it| it.key.is_some_and(|key| ours.iter().any(|it| key == *it)))
}
