//! Commands of Windows that start another command, now or as a service: `Start-Process`,
//! `nssm install`, `sc create`, `schtasks`.

use std::iter;

use crate::check::embedded::{Embedded, Split};
use strports_syntax::Span;

/// A command of Windows that starts the program in its parameter `program`. Without a parameter
/// `arguments`, that value is a whole command line.
struct Starter {
    name: &'static str,
    program: &'static str,
    arguments: Option<&'static str>,
    /// Whether the program may be the first argument, without the name of the parameter before it.
    positional: bool,
    /// Parameters that end the list of the program's arguments.
    others: &'static [&'static str],
}

const STARTERS: [Starter; 6] = [
    Starter::process("start-process"),
    Starter::process("saps"),
    Starter::service("new-scheduledtaskaction", "-Execute", Some("-Argument")),
    Starter::service("new-service", "-BinaryPathName", None),
    Starter::service("sc", "binPath=", None),
    Starter::service("schtasks", "/tr", None),
];

impl Starter {
    const fn process(name: &'static str) -> Self {
        Self {
            name,
            program: "-FilePath",
            arguments: Some("-ArgumentList"),
            positional: true,
            others: &[
                "-Credential",
                "-FilePath",
                "-NoNewWindow",
                "-PassThru",
                "-RedirectStandardError",
                "-RedirectStandardInput",
                "-RedirectStandardOutput",
                "-Verb",
                "-Wait",
                "-WindowStyle",
                "-WorkingDirectory",
            ],
        }
    }

    const fn service(
        name: &'static str,
        program: &'static str,
        arguments: Option<&'static str>,
    ) -> Self {
        Self { name, program, arguments, positional: false, others: &["-WorkingDirectory"] }
    }
}

/// The words of the command that the starter `name` starts; `None` if it starts none. A single word
/// of the starter may contain all arguments.
pub(super) fn started(name: &[u8], words: &[Embedded]) -> Option<Vec<Embedded>> {
    if name.eq_ignore_ascii_case(b"nssm") {
        let [verb, _, program, rest @ ..] = words else { return None };
        let command = || iter::once(program.clone()).chain(split(rest)).collect();
        return is(verb, "install").then(command);
    }
    let starter = STARTERS.iter().find(|it| name.eq_ignore_ascii_case(it.name.as_bytes()))?;
    let behind = |name: &str| {
        let at = words.iter().position(|word| is(word, name))?;
        words.get(at + 1..)
    };
    let joined = || {
        let length = starter.program.len();
        let name = starter.program.as_bytes();
        let begins = |it: &&Embedded| {
            name.ends_with(b"=")
                && it.text().get(..length).is_some_and(|it| it.eq_ignore_ascii_case(name))
        };
        let word = words.iter().find(begins)?;
        Some(word.part(Span::new(length, word.text().len())))
    };
    let given = behind(starter.program).and_then(|it| it.first().cloned()).or_else(joined);
    let first = || words.first().filter(|_| starter.positional).cloned();
    let program = given.or_else(first)?;
    let Some(arguments) = starter.arguments else { return Some(program.split(Split::Blank)) };
    let is_parameter = |word: &Embedded| starter.others.iter().any(|name| is(word, name));
    let rest = || words.get(1..).filter(|_| starter.positional);
    let arguments = behind(arguments).or_else(rest).unwrap_or_default();
    let arguments = arguments.iter().take_while(|word| !is_parameter(word)).cloned();
    // A workflow file does not name the shell, so commas between arguments may still be in the
    // words.
    let arguments: Vec<_> = arguments.flat_map(|word| word.split(Split::Comma)).collect();
    Some(iter::once(program).chain(split(&arguments)).collect())
}

/// The arguments in `nssm set NAME AppParameters …`. Another command has set their program.
pub(super) fn parameters(name: &[u8], words: &[Embedded]) -> Option<Vec<Embedded>> {
    let [verb, _, what, rest @ ..] = words else { return None };
    let sets = name.eq_ignore_ascii_case(b"nssm") && is(verb, "set") && is(what, "AppParameters");
    sets.then(|| split(rest))
}

/// Splits a list of arguments into words. A single argument may contain several words.
fn split(words: &[Embedded]) -> Vec<Embedded> {
    match words {
        [one] => one.clone().split(Split::Blank),
        several => several.to_vec(),
    }
}

fn is(word: &Embedded, name: &str) -> bool {
    word.text().eq_ignore_ascii_case(name.as_bytes())
}
