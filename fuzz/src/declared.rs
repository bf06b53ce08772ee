//! Types that `[[type]]` declares with features that no type of Twisted has.
//!
//! These are word lists, conditions and nested descriptions.
//!
//! One type is declared twice: by `[[type]]`, and in Rust. Both accept the same descriptions, with
//! the values of a simple reading. Another type joins its arguments to a nested description.

use std::path::Path;
use std::sync::LazyLock;

use strports::check::{Checker, Configuration, Options};
use strports_syntax::signature::{Condition, Joined, Kind, Parameter, Words};
use strports_syntax::{
    ClientEndpoint, Parameters, Role, Severity, Signature, Types, Value, canonical_bytes,
    quote_string_argument,
};

use crate::model::parse::parse;
use crate::model::python::int;

const API: Words = Words::new(&["SAM", "BOB"]);
const YES: Words = Words::new(&["false", "true"]).in_any_case().trimmed();
const VERSION: Words = Words::new(&["2", "3"]).as_integers();
const WITH_SAM: Condition = Condition { parameter: "api", value: Some("SAM") };
const WITH_API: Condition = Condition { parameter: "api", value: None };

static WHOLE: Signature = Signature::plugin(
    Role::Server,
    "whole",
    "a type with every feature",
    &[
        Parameter::required("keyfile", Kind::Path, "required"),
        Parameter::or("api", Kind::Word(&API), "SAM", "a word").absent_if_empty(),
        Parameter::optional("through", Kind::ClientDescription, "nested").with(WITH_API),
        Parameter::optional("port", Kind::Port, "may be empty").absent_if_empty(),
        Parameter::optional("nickname", Kind::Text, "for one word").by_name().with(WITH_SAM),
        Parameter::optional("options", Kind::Pairs, "pairs").by_name(),
        Parameter::optional("fast", Kind::Word(&YES), "in any case").by_name(),
        Parameter::optional("version", Kind::Word(&VERSION), "an integer").by_name(),
    ],
)
.excluding(&[&[
    Condition { parameter: "fast", value: Some("true") },
    Condition { parameter: "version", value: Some("2") },
]]);

static AROUND: Signature = Signature::plugin(
    Role::Server,
    "around",
    "joins its arguments",
    &[Parameter::required("directory", Kind::Path, "required")],
)
.around(Joined { role: Role::Server, escapes: ":" });

const DECLARED: &str = "
[[source]]
files = ['*.list']
format = 'list'
[[type]]
name = 'whole'
roles = ['server']
summary = 'a type with every feature'
excludes = [['fast=true', 'version=2']]
parameters = [
    { name = 'keyfile', kind = 'path', required = true, summary = 'required' },
    { name = 'api', kind = 'word', values = ['SAM', 'BOB'], default = 'SAM', \
empty_is_absent = true, summary = 'a word' },
    { name = 'through', kind = 'description', nests = 'client', with = 'api', summary = 'nested' },
    { name = 'port', kind = 'port', empty_is_absent = true, summary = 'may be empty' },
    { name = 'nickname', kind = 'text', keyword_only = true, with = 'api=SAM', \
summary = 'for one word' },
    { name = 'options', kind = 'pairs', keyword_only = true, summary = 'pairs' },
    { name = 'fast', kind = 'word', values = ['false', 'true'], any_case = true, trimmed = true, \
keyword_only = true, summary = 'in any case' },
    { name = 'version', kind = 'number', values = ['2', '3'], keyword_only = true, \
summary = 'an integer' },
]
[[type]]
name = 'around'
roles = ['server']
summary = 'joins its arguments'
inside = { role = 'server', escapes = [':'] }
parameters = [{ name = 'directory', kind = 'path', required = true, summary = 'required' }]
[[type]]
name = 'lax'
roles = ['server']
summary = 'ignores keywords'
other_keywords = 'ignored'
parameters = [
    { name = 'port', kind = 'port', required = true, positional_only = true, summary = 'required' },
]
";

static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let configuration = Configuration::parse(Path::new(""), DECLARED);
    let configuration = configuration.unwrap_or_else(|error| panic!("{error}"));
    Checker::with_configuration(Options::default(), configuration)
});

/// The values that each parameter may have. The first stands for an absent argument.
const VALUES: [(&str, &[&str]); 8] = [
    ("keyfile", &["", "/k"]),
    ("api", &["", "SAM", "BOB", "sam", "", " SAM"]),
    ("through", &["", "tcp:h:1", "tcp:h", "unix:/s:lockfile=1", "tcp:h:x", ""]),
    ("port", &["", "80", "", "65536", "x", "+7"]),
    ("nickname", &["", "a", "", "a:b"]),
    ("options", &["", "a:1", "a:1,b:", "a", "", "a:1,", "a:1:2", ":"]),
    ("fast", &["", "true", " TRUE\u{a0}", "False", "yes", "tru", "true x"]),
    ("version", &["", "2", "+0_3", "4", "3.0", " 2", ""]),
];

/// The texts that are tried after `around:DIRECTORY:`, as the description that the type joins.
const INSIDE: [&str; 14] = [
    "tcp:80",
    "tcp:80:backlog=5",
    "backlog=5:tcp:80",
    "tcp:x",
    "tcp",
    "",
    "unix:/a\\:b",
    "unix:/a\\\\b:mode=600",
    "unix:/a\\\\:5",
    "tcp:80:interface=\\:\\:1",
    "tcp:80:backlog=5:backlog=6",
    "around:/d:tcp:1",
    "haproxy:tcp:1",
    "nothing:1",
];

/// Checks the law. Each byte chooses the value of a parameter, or a text for another type.
pub(crate) fn holds(input: &[u8]) {
    let chosen = VALUES.iter().zip(input).map(|((name, values), byte)| {
        let at = usize::from(*byte) % values.len();
        (*name, (at > 0).then(|| values[at]))
    });
    whole(&chosen.collect::<Vec<_>>());
    if let Some(last) = input.last() {
        around(INSIDE[usize::from(*last) % INSIDE.len()]);
        lax(*last);
    }
}

fn whole(chosen: &[(&str, Option<&str>)]) {
    let value = |name: &str| chosen.iter().find(|it| it.0 == name).and_then(|it| it.1);
    let mut text = "whole".to_owned();
    for (name, given) in chosen.iter().filter_map(|(name, given)| Some((name, (*given)?))) {
        text.extend([":", name, "=", &quote_string_argument(given)]);
    }
    let given = |name| value(name).filter(|it| !it.is_empty());
    let api = match given("api") {
        None => Some("SAM"),
        Some(word) => ["SAM", "BOB"].into_iter().find(|it| *it == word),
    };
    let through = value("through").map(ClientEndpoint::parse);
    let port = given("port").map(|it| int(it).ok().and_then(|port| u16::try_from(port).ok()));
    let options = value("options")
        .map(|it| it.is_empty() || it.split(',').all(|pair| pair.matches(':').count() == 1));
    let fast = value("fast").map(|it| {
        let word = it.trim().to_ascii_lowercase();
        ["false", "true"].into_iter().find(|it| *it == word)
    });
    let version = value("version").map(|it| int(it).ok().filter(|it| matches!(it, 2 | 3)));
    let are_values = api.is_some()
        && through.as_ref().is_none_or(Result::is_ok)
        && port != Some(None)
        && options != Some(false)
        && fast != Some(None)
        && version != Some(None);
    let fits = value("keyfile").is_some()
        && (through.is_none() || given("api").is_some())
        && (value("nickname").is_none() || api == Some("SAM"))
        && (fast, version) != (Some(Some("true")), Some(Some(2)));
    let is_accepted = are_values && fits;
    assert_eq!(is_accepted_in_file(&text), is_accepted, "declared by a table: {text}");

    let plugins = [&WHOLE, &AROUND];
    let types = Types::with(&plugins).expect("the names are free");
    let found = types.server(&text);
    assert_eq!(found.is_ok(), is_accepted, "declared in Rust: {text} {found:?}");
    let Ok(endpoint) = found else { return };
    let number = |name| endpoint.value(name).as_integer();
    assert_eq!(number("port"), port.flatten().map(i128::from), "{text}");
    let word = |name| Some(endpoint.value(name).to_string()).filter(|it| !it.is_empty());
    assert_eq!(word("api").as_deref(), api, "{text}");
    assert_eq!(word("fast").as_deref(), fast.flatten(), "{text}");
    assert_eq!(word("version"), version.flatten().map(|it| it.to_string()), "{text}");
    for name in ["keyfile", "nickname", "options"] {
        let found = endpoint.value(name).as_text().map(ToString::to_string);
        assert_eq!(found.as_deref(), value(name), "{name} of {text}");
    }
    let printed = canonical_bytes(&endpoint);
    assert_eq!(types.server(&printed).ok().as_ref(), Some(&endpoint), "{text}");
    let wrapped = [b"haproxy:", &printed[..]].concat();
    let wrapped = types.server(&wrapped).map(|it| canonical_bytes(&it));
    assert_eq!(wrapped.ok(), Some([b"haproxy:", &printed[..]].concat()), "{text}");
}

/// The type `around` joins its arguments to a description. It unescapes each argument, and escapes
/// only its colons again. Keywords come last if an argument ends in a backslash.
fn around(inside: &str) {
    let text = format!("around:/c:{inside}");
    // If the text has no positional argument after the directory, it is no description.
    let Ok((args, keywords)) = parse(&text) else { return };
    let escaped = |text: &str| text.replace(':', "\\:");
    let mut joined: Vec<String> = args[2..].iter().map(|it| escaped(it)).collect();
    joined.extend(keywords.iter().map(|(key, value)| format!("{key}={}", escaped(value))));
    let joined = joined.join(":");
    let plugins = [&WHOLE, &AROUND];
    let types = Types::with(&plugins).expect("the names are free");
    let expected = types.server(&joined).ok().filter(|_| !joined.is_empty());
    let found = types.server(&text);
    assert_eq!(found.is_ok(), expected.is_some(), "{text}, joined {joined}: {found:?}");
    assert_eq!(is_accepted_in_file(&text), expected.is_some(), "{text}, joined {joined}");
    let (Ok(found), Some(expected)) = (found, expected) else { return };
    let Value::Server(nested) = found.value("endpoint") else { panic!("no endpoint in {text}") };
    assert_eq!(canonical_bytes(nested), canonical_bytes(&expected), "{text}");
    let printed = canonical_bytes(&found);
    assert_eq!(types.server(&printed).ok(), Some(found), "{text}");
}

/// The type `lax` ignores unknown keywords. Its positional-only parameter has no keyword.
fn lax(choice: u8) {
    let texts = ["lax:80", "lax:80:x=1", "lax:port=80", "lax:80:port=81", "lax:x", "lax:80:81"];
    let text = texts[usize::from(choice) % texts.len()];
    assert_eq!(is_accepted_in_file(text), matches!(choice % 6, 0 | 1 | 3), "{text}");
}

/// Whether a list file with this description as its only line has no error.
fn is_accepted_in_file(text: &str) -> bool {
    let checked = CHECKER.check_text(Path::new("a.list"), text.as_bytes());
    let findings = checked.unwrap_or_else(|problem| panic!("{problem}")).findings();
    findings.iter().all(|it| it.severity() != Severity::Error)
}

/// Returns each value beside common ones, and each combination of two values.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    let usual = [1, 1, 0, 0, 0, 0, 0, 0];
    let with = |at: usize, choice: usize, mut values: [u8; 8]| {
        values[at] = u8::try_from(choice).expect("few values");
        values
    };
    let mut all = Vec::new();
    for (first, (_, values)) in VALUES.iter().enumerate() {
        for one in 0..values.len() {
            for (second, (_, others)) in VALUES.iter().enumerate().skip(first + 1) {
                let both = (0..others.len()).map(|it| with(second, it, with(first, one, usual)));
                all.extend(both.map(|it| it.to_vec()));
            }
        }
    }
    all.extend((0..INSIDE.len()).map(|it| vec![u8::try_from(it).expect("few texts")]));
    all
}
