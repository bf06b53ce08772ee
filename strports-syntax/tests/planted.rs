//! Plants mistakes in descriptions: `check` must report each of them, at its place, and nothing
//! else.
//!
//! Descriptions are generated from the signature table, so that all types and parameters occur.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ops::Range;

use proptest::prelude::*;
use strports_syntax::signature::{Binding, Kind, Parameter, server};
use strports_syntax::{
    Code, Fix, Place, Quoted, Report, Role, Severity, Signature, Text, apply_fixes, check,
};

/// The random numbers that decide how a description is made.
struct Choices<'c> {
    numbers: &'c [u32],
    at: usize,
}

impl Choices<'_> {
    /// Chooses a number below `count`; 0 if there are no more random numbers.
    fn below(&mut self, count: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::try_from(number).unwrap() % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }
}

/// A description or a piece of one, and the byte ranges of the mistakes in it.
#[derive(Default)]
struct Planted {
    text: String,
    mistakes: Vec<Range<usize>>,
}

impl Planted {
    /// Appends a piece, and moves its mistakes along.
    fn push(&mut self, piece: &Self) {
        let at = self.text.len();
        self.mistakes.extend(piece.mistakes.iter().map(|it| it.start + at..it.end + at));
        self.text += &piece.text;
    }

    /// A piece without a mistake.
    fn right(text: impl Into<String>) -> Self {
        Self { text: text.into(), mistakes: Vec::new() }
    }

    /// A piece of which all is one mistake.
    fn wrong(text: impl Into<String>) -> Self {
        let text = text.into();
        let whole = 0..text.len();
        Self { text, mistakes: [whole].into() }
    }

    /// Applies `fix`, and removes the mistake that begins where the fix does.
    fn with_fix(&self, fix: &Fix) -> Self {
        let added = fix.replacement.len() - fix.span.len();
        let moved = |it: &Range<usize>| {
            let by = if it.start >= fix.span.end { added } else { 0 };
            it.start + by..it.end + by
        };
        let others = self.mistakes.iter().filter(|it| it.start != fix.span.start);
        let text = String::from_utf8(apply_fixes(self.text.as_bytes(), [fix])).unwrap();
        Self { text, mistakes: others.map(moved).collect() }
    }

    /// Escapes the piece for use as the value of a keyword.
    fn quoted(&self) -> Self {
        let quote = |text: &str| Quoted::new(&Text::plain(text), Place::Value).to_string();
        let place = |it: &Range<usize>| {
            let start = quote(&self.text[..it.start]).len();
            start..start + quote(&self.text[it.clone()]).len()
        };
        Self { text: quote(&self.text), mistakes: self.mistakes.iter().map(place).collect() }
    }
}

/// Misspells a name by doubling its first letter.
fn misspelled(name: &str) -> String {
    format!("{}{name}", &name[..1])
}

/// A valid value for a parameter of this kind.
fn right_value(kind: Kind) -> &'static str {
    match kind {
        Kind::Port => "8080",
        Kind::Mode => "660",
        Kind::Path => "/run/a",
        Kind::TlsHost | Kind::TlsHostname => "example.com",
        Kind::Interface => "127.0.0.1",
        Kind::Domain => "INET",
        Kind::TlsMethod => "TLS_METHOD",
        Kind::StandardError => "drop",
        Kind::Networks => "10.0.0.0/8",
        Kind::ProxyTlvs => "ssl,alpn",
        Kind::Host | Kind::Text | Kind::Repeated => "web",
        _ => "1",
    }
}

/// Invalid values for a parameter of this kind; none if every text is valid.
fn wrong_values(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Port => &["99999", "http", "-1"],
        Kind::Seconds => &["0", "soon"],
        Kind::Number | Kind::Id => &["-5", "x"],
        Kind::Mode => &["rw", "99999"],
        Kind::Backlog | Kind::Flag => &["many", "1.5"],
        Kind::TlsHost | Kind::TlsHostname => &["-h", "a..b"],
        Kind::Domain => &["INTE"],
        Kind::TlsMethod => &["TLS", "TLSv1_METHOD"],
        Kind::StandardError => &["none"],
        Kind::ProxyVersion => &["3", "v1"],
        Kind::Networks => &["10.0.0.0/99"],
        Kind::ProxyTlvs => &["sll", "ssl,", "ssl,h2"],
        _ => &[],
    }
}

/// Makes a description of a random built-in type, with random mistakes.
struct Maker<'m, 'c> {
    choices: &'m mut Choices<'c>,
    role: Role,
    /// Whether a value with colons may still be left unescaped; at most one per description is.
    address: bool,
}

impl Maker<'_, '_> {
    /// Makes a description, in which descriptions may be nested `depth` levels deep.
    fn description(&mut self, depth: usize) -> Planted {
        let all: Vec<_> = Signature::all(self.role)
            .iter()
            .filter(|it| !matches!(it.binding, Binding::Anything | Binding::Wrapper))
            .collect();
        let signature = all[self.choices.below(all.len())];
        let mut made = self.type_name(signature.name);
        let wrapped = (depth > 0 && self.choices.one_in(4)).then(|| {
            let wrapper = Signature::find(self.role, &server::HAPROXY.name.into()).unwrap();
            let mut outer = self.type_name(wrapper.name);
            outer.text.push(':');
            outer.push(&std::mem::take(&mut made));
            made = outer;
            wrapper
        });
        let mut positional = self.positional(signature);
        let mut missing = false;
        let mut twice = Vec::new();
        let mut last = None;
        for (index, parameter) in signature.parameters.iter().enumerate() {
            if positional > index {
                let two = positional <= 2 && !signature.parameters[0].keyword_only;
                let value = self.value(parameter, two && self.role == Role::Client, depth);
                made.text.push(':');
                made.push(&value);
                if signature.binding == Binding::Call && self.choices.one_in(9) {
                    let again = right_value(parameter.kind);
                    twice.push(Planted::wrong(format!("{}={again}", parameter.name)));
                }
                continue;
            }
            positional = 0;
            if parameter.is_required() && !missing && self.choices.one_in(9) {
                missing = true;
                continue;
            }
            if !self.is_given(signature, parameter) {
                continue;
            }
            let argument = self.keyword(parameter, depth);
            // Positional text after an unescaped inner description would belong to it, so it must
            // come last.
            if parameter.kind == Kind::Description && argument.text.contains("=tcp:") {
                last = Some(argument);
            } else {
                made.text.push(':');
                made.push(&argument);
            }
        }
        for parameter in wrapped.into_iter().flat_map(|wrapper| wrapper.parameters) {
            if self.choices.one_in(2) {
                let argument = self.keyword(parameter, depth);
                made.text.push(':');
                made.push(&argument);
            }
        }
        if self.choices.one_in(4) {
            made.text.push(':');
            made.push(&Planted::wrong("bogus=1"));
        }
        for argument in twice.iter().chain(&last) {
            made.text.push(':');
            made.push(argument);
        }
        if missing {
            made.push(&Planted::wrong(""));
        }
        made
    }

    fn type_name(&mut self, name: &str) -> Planted {
        if self.choices.one_in(6) { Planted::wrong(misspelled(name)) } else { Planted::right(name) }
    }

    /// Chooses how many parameters get a positional argument.
    fn positional(&mut self, signature: &Signature) -> usize {
        let most = match signature.binding {
            Binding::HostAndPort => return 2 * self.choices.below(2),
            Binding::Path | Binding::Program => 1,
            // `systemd` has its domain first, and then exactly one of `index` and `name`.
            _ if signature.name == "systemd" => 2,
            _ => signature.positional().take_while(|it| it.kind != Kind::Description).count(),
        };
        self.choices.below(most + 1)
    }

    fn is_given(&mut self, signature: &Signature, parameter: &Parameter) -> bool {
        match (signature.name, parameter.name) {
            // `systemd` takes exactly one of `index` and `name`.
            ("systemd", "index") => true,
            ("systemd", "name") => false,
            _ if matches!(parameter.kind, Kind::Rest | Kind::Ignored) => false,
            _ => parameter.is_required() || parameter.name == "port" || self.choices.one_in(2),
        }
    }

    fn keyword(&mut self, parameter: &Parameter, depth: usize) -> Planted {
        if self.choices.one_in(5) {
            let right = right_value(parameter.kind);
            let value =
                if parameter.kind == Kind::Description { self.inner_right() } else { right.into() };
            let mut made = Planted::wrong(misspelled(parameter.name));
            made.text += "=";
            made.text += &value;
            return made;
        }
        let mut made = Planted::right(format!("{}=", parameter.name));
        made.push(&self.value(parameter, true, depth));
        made
    }

    /// A valid nested description, escaped as the value of a keyword.
    fn inner_right(&self) -> String {
        match self.role {
            Role::Server => r"unix\:/run/b".into(),
            Role::Client => r"tcp\:h\:80".into(),
        }
    }

    /// Makes a valid or an invalid value for a parameter. `splits` is whether an IPv6 address,
    /// which its colons split, may be left unescaped here.
    fn value(&mut self, parameter: &Parameter, splits: bool, depth: usize) -> Planted {
        let wrong = self.choices.one_in(3);
        if parameter.kind == Kind::Description {
            return match (depth, wrong) {
                (0, _) => Planted::right(self.inner_right()),
                (_, true) if self.address => {
                    self.address = false;
                    Planted::wrong(if self.role == Role::Server { "tcp:81" } else { "tcp:h:81" })
                }
                _ => self.description(depth - 1).quoted(),
            };
        }
        let is_address = matches!(parameter.kind, Kind::Host | Kind::TlsHost | Kind::Interface);
        if is_address && wrong && splits && self.address {
            self.address = false;
            return Planted::wrong(["::1", "fe80::2", "2001:db8::5"][self.choices.below(3)]);
        }
        match wrong_values(parameter.kind) {
            values if wrong && !values.is_empty() => {
                Planted::wrong(values[self.choices.below(values.len())])
            }
            _ => Planted::right(right_value(parameter.kind)),
        }
    }
}

/// The findings that mistakes must cause: errors, and lints that are errors if they explain one.
fn found(report: &Report<'_>) -> Vec<(Code, Range<usize>)> {
    let counts = |code| matches!(code, Code::UnescapedIpv6 | Code::UnescapedEndpoint);
    let findings = report.diagnostics().iter();
    findings
        .filter(|it| it.severity() == Severity::Error || counts(it.code))
        .map(|it| (it.code, it.span.into()))
        .collect()
}

/// Asserts that the findings are exactly the planted mistakes, in the order of their places.
fn assert_all_found(planted: &Planted, role: Role) {
    let report = check(&planted.text, role);
    let found = found(&report);
    if report.is_ok() && planted.mistakes.len() > 1 {
        // The text is valid by accident: the pieces of an unescaped address take the places of the
        // other mistakes. Those must be found once the address is escaped.
        assert_eq!(found.len(), 1, "{}", planted.text);
        let address = report.fixes().find(|fix| fix.span.start == found[0].1.start).unwrap();
        return assert_all_found(&planted.with_fix(address), role);
    }
    let mut expected = planted.mistakes.clone();
    expected.sort_by_key(|it| it.start);
    let at_place = |((_, span), place): (&(Code, Range<usize>), &Range<usize>)| {
        place.start <= span.start && span.end <= place.end
    };
    let agree = found.len() == expected.len() && found.iter().zip(&expected).all(at_place);
    let pieces: Vec<_> = expected.iter().map(|it| &planted.text[it.clone()]).collect();
    let said: Vec<_> = found.iter().map(|(code, it)| (code, &planted.text[it.clone()])).collect();
    assert!(agree, "{role} {}: planted {pieces:?}, found {said:?}", planted.text);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(2000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn all_planted_mistakes_are_found(numbers in prop::collection::vec(any::<u32>(), 60)) {
        for role in [Role::Server, Role::Client] {
            let mut choices = Choices { numbers: &numbers, at: 0 };
            let planted = Maker { choices: &mut choices, role, address: true }.description(1);
            assert_all_found(&planted, role);
        }
    }
}
