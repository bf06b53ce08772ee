//! Types that `[[type]]` declares bind arguments to parameters like Python functions.

use std::fmt::Write as _;
use std::path::Path;

use strports::check::{Checker, Configuration, Options};
use strports_syntax::Severity;

use crate::declared;

/// A parameter of the type that the test declares.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the table")]
struct Parameter {
    kind: usize,
    required: bool,
    keyword_only: bool,
    positional_only: bool,
    has_default: bool,
}

/// The kinds of parameters, each with a valid value, and an invalid one if there is any.
const KINDS: [(&str, &str, Option<&str>); 8] = [
    ("text", "a", None),
    ("port", "80", Some("65536")),
    ("flag", "1", Some("yes")),
    ("number", "7", Some("-1")),
    ("seconds", "30", Some("0")),
    ("mode", "660", Some("888")),
    ("networks", "10.0.0.0/8", Some("10.0.0.0/33")),
    ("word", "red", Some("blue")),
];

/// Checks the law. After a number, there is a byte for each of up to three parameters, and then one
/// for each argument.
///
/// If the first byte is 255, the others are input for the types in `declared`.
pub fn holds(input: &[u8]) {
    let [count, rest @ ..] = input else { return };
    if *count == u8::MAX {
        return declared::holds(rest);
    }
    let count = usize::from(count % 4);
    let Some((declared, arguments)) = rest.split_at_checked(count) else { return };
    let mut parameters = [Parameter::default(); 3];
    for (one, byte) in parameters.iter_mut().zip(declared) {
        *one = Parameter {
            kind: usize::from(byte % 8),
            required: byte & 8 != 0,
            keyword_only: byte & 0b11_0000 == 0b1_0000,
            positional_only: byte & 0b11_0000 == 0b10_0000,
            has_default: byte & 0b100_1000 == 0b100_0000,
        };
    }
    let parameters = &parameters[..count];
    let configuration = Configuration::parse(Path::new(""), &table(parameters));
    // Required parameters must precede optional ones, and keyword-only parameters must come last.
    let behind = |is: fn(&Parameter) -> bool, other: fn(&Parameter) -> bool| {
        let first = parameters.iter().position(is);
        first.is_some_and(|at| parameters[at..].iter().any(other))
    };
    let has_gap = behind(|it| !it.required, |it| it.required);
    let is_ordered = !has_gap && !behind(|it| it.keyword_only, |it| !it.keyword_only);
    assert_eq!(configuration.is_ok(), is_ordered, "{}", table(parameters));
    let Ok(configuration) = configuration else { return };
    let arguments: Vec<Argument> =
        arguments.iter().take(6).map(|it| argument(*it, parameters)).collect();
    let mut text = "zz".to_owned();
    for it in &arguments {
        match it.name {
            Some(name) => write!(text, ":{name}={}", it.value),
            None => write!(text, ":{}", it.value),
        }
        .expect("a string takes all");
    }
    let checker = Checker::with_configuration(Options::default(), configuration);
    let result = checker.check_text(Path::new("a.list"), text.as_bytes());
    let findings = result.unwrap_or_else(|problem| panic!("{problem}")).findings();
    let errors = findings.iter().filter(|it| it.severity() == Severity::Error);
    let errors: Vec<_> = errors.map(|it| it.message.clone()).collect();
    let expected = is_accepted(parameters, &arguments);
    assert_eq!(errors.is_empty(), expected, "{text} {errors:?}\n{}", table(parameters));
}

/// Returns every byte as a parameter, with few and many arguments.
pub fn samples() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for byte in 0..=255_u8 {
        for arguments in [&[0][..], &[17, 16], &[3, 9], &[64]] {
            all.push([&[1, byte][..], arguments].concat());
            all.push([&[2, byte, byte.reverse_bits()][..], arguments, arguments].concat());
            all.push([&[3, byte, 1, !byte][..], &[0, 33], arguments].concat());
        }
    }
    all.extend(declared::samples().iter().map(|it| [&[u8::MAX][..], it].concat()));
    all
}

fn table(parameters: &[Parameter]) -> String {
    let mut text = "[[source]]\nfiles = ['*.list']\nformat = 'list'\n\n\
        [[type]]\nname = 'zz'\nroles = ['server']\nsummary = 'a type'\n"
        .to_owned();
    for (one, name) in parameters.iter().zip(NAMES) {
        let (kind, value, _) = KINDS[one.kind];
        let flag =
            |name: &str, is: bool| if is { format!("{name} = true\n") } else { String::new() };
        let _ =
            write!(text, "[[type.parameters]]\nname = '{name}'\nkind = '{kind}'\nsummary = 'x'\n");
        text.push_str(&flag("required", one.required));
        text.push_str(&flag("keyword_only", one.keyword_only));
        text.push_str(&flag("positional_only", one.positional_only));
        if kind == "word" {
            text.push_str("values = ['red', 'green']\n");
        }
        if one.has_default && !one.required {
            let _ = writeln!(text, "default = '{value}'");
        }
    }
    text
}

const NAMES: [&str; 3] = ["one", "two", "three"];

struct Argument {
    name: Option<&'static str>,
    value: &'static str,
}

/// Decodes an argument from a byte: its parameter, whether it has a keyword, and if it is valid.
fn argument(byte: u8, parameters: &[Parameter]) -> Argument {
    let at = usize::from(byte & 3);
    let name = if byte & 16 == 0 { None } else { Some(NAMES.get(at).copied().unwrap_or("four")) };
    // A positional argument has the value of the parameter `at`, and may be bound to another one.
    let (_, good, bad) = parameters.get(at).map_or(KINDS[0], |it| KINDS[it.kind]);
    let value = match byte >> 5 & 3 {
        1 => bad.unwrap_or(good),
        _ => good,
    };
    Argument { name, value }
}

/// Whether Python would bind the arguments, and each value is valid for its parameter.
fn is_accepted(parameters: &[Parameter], arguments: &[Argument]) -> bool {
    let mut values: [Option<&str>; 3] = [None; 3];
    let mut places = (0..parameters.len()).filter(|at| !parameters[*at].keyword_only);
    for it in arguments.iter().filter(|it| it.name.is_none()) {
        let Some(place) = places.next() else { return false };
        values[place] = Some(it.value);
    }
    // If a keyword repeats, Twisted uses its last value.
    let positional = values;
    for it in arguments {
        let Some(name) = it.name else { continue };
        let Some(at) = NAMES.iter().position(|known| *known == name) else { return false };
        if at >= parameters.len() || parameters[at].positional_only || positional[at].is_some() {
            return false;
        }
        values[at] = Some(it.value);
    }
    parameters.iter().zip(values).all(|(one, value)| match value {
        None => !one.required,
        Some(value) => {
            let (kind, _, _) = KINDS[one.kind];
            match kind {
                "text" => true,
                "port" => value.parse::<u16>().is_ok(),
                "flag" => value.parse::<i64>().is_ok(),
                "number" => value.parse::<u32>().is_ok(),
                "seconds" => value.parse::<u32>().is_ok_and(|it| it > 0),
                "mode" => u32::from_str_radix(value, 8).is_ok_and(|it| it <= 0o7777),
                "networks" => value == "10.0.0.0/8",
                _ => value == "red",
            }
        }
    })
}
