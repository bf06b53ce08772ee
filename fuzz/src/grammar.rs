//! The language of descriptions as a context-free grammar, for grammar-based fuzzers.
//!
//! The rules are derived from the signature table: each type with its required arguments in their
//! positions, and any of its keywords after them. Values are samples of their kind, because a
//! grammar cannot escape a nested description. Most derivations are valid; duplicate keywords and
//! forbidden combinations are not.

use std::collections::BTreeMap;

use strports_syntax::signature::{Default, Kind, Parameter, Signature};
use strports_syntax::{Role, quote_string_argument};

/// One part of an expansion: text, or another rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// Literal text, which appears in the description unchanged.
    Text(String),
    /// The name of another rule, one of whose expansions takes its place.
    Rule(String),
}

/// The expansions of each rule, by the rule's name. Derivations begin with [`START`].
pub type Grammar = BTreeMap<String, Vec<Vec<Symbol>>>;

/// The name of the start rule.
pub const START: &str = "DESCRIPTION";

/// Returns the grammar of all descriptions, of servers and of clients.
pub fn grammar() -> Grammar {
    let mut grammar = Grammar::new();
    let mut start = Vec::new();
    for role in [Role::Server, Role::Client] {
        for signature in Signature::all(role) {
            let name = rule_name(role, signature);
            start.push(vec![Symbol::Rule(name.clone())]);
            let keywords = format!("{name}-KEYWORDS");
            grammar.insert(name, vec![description(signature, &keywords)]);
            grammar.insert(keywords.clone(), keyword_lists(signature, &keywords));
            for parameter in signature.parameters {
                let values = samples(parameter.kind, role);
                let values = values.into_iter().map(|value| vec![Symbol::Text(value)]).collect();
                grammar.insert(value_rule(parameter.kind, role), values);
            }
        }
    }
    grammar.insert(START.into(), start);
    grammar
}

/// Returns the name of the rule for a type, such as `SERVER-HTTP-CONNECT`.
fn rule_name(role: Role, signature: &Signature) -> String {
    format!("{}-{}", role.as_str(), signature.name).to_ascii_uppercase()
}

fn value_rule(kind: Kind, role: Role) -> String {
    let has_role = matches!(kind, Kind::Description | Kind::Rest);
    let role = has_role.then(|| format!("-{}", role.as_str()));
    format!("{kind:?}{}", role.unwrap_or_default()).to_ascii_uppercase()
}

/// Returns the expansion for a type: its name, its required arguments, and a list of keywords.
fn description(signature: &Signature, keywords: &str) -> Vec<Symbol> {
    let mut symbols = vec![Symbol::Text(signature.name.into())];
    for parameter in signature.parameters.iter().filter(|it| is_required(it)) {
        let key = if parameter.keyword_only { format!(":{}=", parameter.name) } else { ":".into() };
        symbols.push(Symbol::Text(key));
        symbols.push(Symbol::Rule(value_rule(parameter.kind, signature.role)));
    }
    symbols.push(Symbol::Rule(keywords.into()));
    symbols
}

fn is_required(parameter: &Parameter) -> bool {
    matches!(parameter.default, Default::Required | Default::RequiredUnless(_))
}

/// Returns the expansions of a keyword list: nothing, or one keyword and the rest of the list.
fn keyword_lists(signature: &Signature, keywords: &str) -> Vec<Vec<Symbol>> {
    let optional = signature.parameters.iter().filter(|it| !is_required(it) && !it.positional_only);
    let one = |parameter: &Parameter| {
        vec![
            Symbol::Text(format!(":{}=", parameter.name)),
            Symbol::Rule(value_rule(parameter.kind, signature.role)),
            Symbol::Rule(keywords.into()),
        ]
    };
    [Vec::new()].into_iter().chain(optional.map(one)).collect()
}

/// Returns sample values of a kind, quoted so that they are valid in any position.
fn samples(kind: Kind, role: Role) -> Vec<String> {
    let texts: &[&str] = match kind {
        Kind::Port => &["80", "0", "65535", " 8_0"],
        Kind::Backlog | Kind::Number | Kind::Id => &["50", "0", "1_0"],
        Kind::Seconds => &["30", "1"],
        Kind::Delay => &["0.25", "1"],
        Kind::KeepAlive => &["60", "60,10,5"],
        Kind::Mode => &["660", "0o600"],
        Kind::Flag => &["0", "1"],
        Kind::Host | Kind::TlsHost => &["example.com", "127.0.0.1", "::1"],
        Kind::TlsHostname => &["example.com", "127.0.0.1"],
        Kind::Interface => &["", "127.0.0.1", "::1"],
        Kind::Domain => &["INET", "INET6", "UNIX"],
        Kind::TlsMethod => &["TLS_METHOD", "TLSv1_2_METHOD"],
        Kind::StandardError => &["inherit", "drop"],
        Kind::ProxyVersion => &["1", "2"],
        Kind::Networks => &["10.0.0.0/8", "127.0.0.1,::1"],
        Kind::Description if role == Role::Server => &["tcp:8080", "unix:/run/a:mode=660"],
        Kind::ServerDescription => &["tcp:8080"],
        Kind::Description | Kind::ClientDescription => &["tcp:example.com:80", "unix:/run/a"],
        Kind::ProxyTlvs => &["ssl", "alpn,authority"],
        Kind::Pairs => &["A=B", "LANG=C"],
        // The remaining arguments of a wrapper are a description that is not escaped again.
        Kind::Rest if role == Role::Server => return vec!["tcp:8080".into(), "unix:/run/a".into()],
        Kind::Rest => return vec!["tcp:example.com:80".into(), "unix:/run/a".into()],
        _ => &["/run/a.sock", "a b", "C:\\x"],
    };
    texts.iter().map(|text| quote_string_argument(text)).collect()
}

/// Formats the grammar as JSON for AFL++'s Grammar-Mutator: `{"<A>": [["text", "<B>"]]}`.
pub fn for_grammar_mutator(grammar: &Grammar) -> String {
    let mut rules = Vec::new();
    let start = [("start".to_owned(), vec![vec![Symbol::Rule(START.into())]])];
    for (name, expansions) in start.iter().map(|(name, it)| (name, it)).chain(grammar) {
        let expansions = expansions.iter().map(|expansion| {
            let symbols = expansion.iter().map(|symbol| match symbol {
                Symbol::Text(text) => quoted(text),
                Symbol::Rule(name) => quoted(&format!("<{name}>")),
            });
            format!("[{}]", symbols.collect::<Vec<_>>().join(", "))
        });
        let expansions = expansions.collect::<Vec<_>>().join(",\n    ");
        rules.push(format!("  {}: [\n    {expansions}\n  ]", quoted(&format!("<{name}>"))));
    }
    format!("{{\n{}\n}}\n", rules.join(",\n"))
}

/// Formats the grammar as JSON for Nautilus: `[["A", "text{B}"]]`, with the start rule first.
///
/// Nautilus reads `\{` as a brace, and every other `\` as a backslash.
pub fn for_nautilus(grammar: &Grammar) -> String {
    let mut rules = Vec::new();
    let start = grammar.get_key_value(START);
    let others = grammar.iter().filter(|(name, _)| *name != START);
    for (name, expansions) in start.into_iter().chain(others) {
        for expansion in expansions {
            let text: String = expansion
                .iter()
                .map(|symbol| match symbol {
                    Symbol::Text(text) => text.replace('{', r"\{"),
                    Symbol::Rule(name) => format!("{{{name}}}"),
                })
                .collect();
            rules.push(format!("  [{}, {}]", quoted(name), quoted(&text)));
        }
    }
    format!("[\n{}\n]\n", rules.join(",\n"))
}

/// Formats a JSON string. The grammar contains no control characters, so none are escaped.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}
