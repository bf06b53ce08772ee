//! The descriptions on command lines of known programs: those of `[[command]]` in `strports.toml`,
//! and of presets.
//!
//! ```text
//! --option VALUE      --option=VALUE      -o VALUE      -oVALUE      a positional argument
//! ```
//!
//! A format splits its text into words and hands them to [`CommandLines`], which gives descriptions
//! that keep the places and the quoting of these words.

use std::collections::HashSet;
use std::mem;

use super::bounds::{Found, Words};
use super::context::Context;
use super::cursor::Cursor;
use super::invocation::{Invocation, behind_bytes, invocation};
use super::shell_words;
use crate::check::embedded::Embedded;
use crate::check::prefilter::begins_with_type;
use crate::check::program::{Argument, Program, names_program};
use strports_syntax::Role;

/// How deep shells inside shells are read.
const DEEPEST: usize = 3;

/// What the commands of a script hold, which are read one after the other.
pub(super) fn script(
    file: &[u8],
    context: &Context<'_>,
    command: impl Fn(&mut Cursor<'_>) -> Words,
) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, 0);
    if !lines.may_be_in(file) {
        return Vec::new();
    }
    let base = Embedded::plain(file, 0..file.len(), None);
    let mut cursor = Cursor::new(&base, 0);
    while cursor.at < file.len() {
        lines.words(&command(&mut cursor));
    }
    lines.found()
}

/// What the command lines of one file hold.
#[derive(Debug)]
pub(crate) struct CommandLines<'c> {
    programs: &'c [Program],
    /// Where nothing else tells.
    role: Option<Role>,
    found: Found,
    /// The unit of the next command line.
    unit: usize,
    depth: usize,
}

impl<'c> CommandLines<'c> {
    /// Each command line is a unit of its own, the first has the number `unit`.
    pub(crate) fn new(context: &Context<'c>, unit: usize) -> Self {
        let Context { programs, role, .. } = *context;
        Self { programs, role, found: Found::default(), unit, depth: 0 }
    }

    /// Whether a file names any program that is known, so that reading its commands is worth it.
    pub(crate) fn may_be_in(&self, file: &[u8]) -> bool {
        names_program(file, self.programs)
    }

    /// What was found, in the order of the places.
    pub(crate) fn found(self) -> Vec<Embedded> {
        let mut found = self.found.into_vec();
        found.sort_by_key(|it| it.whole().start);
        found
    }

    /// Reads commands as a shell does.
    pub(crate) fn shell(&mut self, text: &Embedded) {
        if self.depth == DEEPEST {
            return;
        }
        self.depth += 1;
        shell_words::each_command(text, &mut |words| _ = self.words(words));
        self.depth -= 1;
    }

    /// Reads one command line that is split into words; `false` where it starts no program that is
    /// known.
    pub(crate) fn words(&mut self, mut words: &[Embedded]) -> bool {
        loop {
            match invocation(words) {
                Some(Invocation::Script(text)) => {
                    self.shell(text);
                    return true;
                }
                Some(Invocation::Program(name, arguments)) => {
                    if self.program(&name, arguments) {
                        return true;
                    }
                    // `wait-for-it db:5432 -- daphne …`
                    let dashes = arguments.iter().position(|word| word.text() == b"--");
                    match dashes {
                        Some(at) => words = &arguments[at + 1..],
                        None => return false,
                    }
                }
                None => return false,
            }
        }
    }

    /// Reads the arguments of a program; `false` where it is not known.
    fn program(&mut self, name: &[u8], arguments: &[Embedded]) -> bool {
        let mut known = false;
        let mut found = Found::default();
        let mut places = HashSet::new();
        for program in self.programs {
            let Some((first, verbs)) = program.name.split_first() else { continue };
            if first.as_bytes() != name {
                continue;
            }
            known = true;
            if let Some(arguments) = behind_verbs(arguments, verbs) {
                let role = program.role.or(self.role);
                for mut value in values(program, arguments) {
                    value.role = role;
                    // What a user says of an option comes before what a preset does.
                    if places.insert(value.whole()) {
                        found.push(value.in_unit(self.unit));
                    }
                }
            }
        }
        if !found.is_empty() {
            self.unit += 1;
            self.found.extend(found.into_vec());
        }
        known
    }
}

/// The arguments behind the subcommands, which may have options before them; the word behind an
/// option may be its value.
fn behind_verbs<'w>(mut words: &'w [Embedded], verbs: &[String]) -> Option<&'w [Embedded]> {
    for verb in verbs {
        let mut option = false;
        loop {
            let (first, rest) = words.split_first()?;
            words = rest;
            let is_option = first.text().starts_with(b"-");
            if first.text() == verb.as_bytes() {
                break;
            } else if !is_option && !mem::take(&mut option) {
                return None;
            }
            option = is_option;
        }
    }
    Some(words)
}

/// The descriptions among the arguments of a program.
fn values(program: &Program, words: &[Embedded]) -> Vec<Embedded> {
    let mut values = Vec::new();
    let mut place = 0;
    let mut only_positional = false;
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let text = word.text();
        if only_positional || text.len() < 2 || text[0] != b'-' {
            place += 1;
            let wanted = |it: &Argument| match it {
                Argument::Positional(wanted) => *wanted == place,
                Argument::Every => true,
                Argument::Option(_) => false,
            };
            // `-` is standard input.
            if text != b"-" && program.options.iter().any(wanted) {
                values.push(word.clone());
            }
        } else if text == b"--" {
            only_positional = true;
        } else if let Some(length) = joined(program, text) {
            values.push(behind_bytes(word, length));
        } else if takes_value(program, text) {
            values.extend(words.next_if(|next| !is_option(next)).cloned());
        } else if !text.contains(&b'=') {
            // An unknown option may take a value, but hardly a description.
            words.next_if(|next| !is_option(next) && !begins_with_type(next.text()));
        }
    }
    values.retain(|value| !program.bare || value.text().contains(&b':'));
    values
}

fn is_option(word: &Embedded) -> bool {
    word.text().len() > 1 && word.text().starts_with(b"-") && !word.is_unknown()
}

fn takes_value(program: &Program, word: &[u8]) -> bool {
    let is = |it: &Argument| matches!(it, Argument::Option(name) if name.as_bytes() == word);
    program.options.iter().any(is)
}

/// Where in a word the value of an option begins: `--option=VALUE`, `-oVALUE`.
fn joined(program: &Program, word: &[u8]) -> Option<usize> {
    program.options.iter().find_map(|it| {
        let Argument::Option(name) = it else { return None };
        let rest = word.strip_prefix(name.as_bytes()).filter(|rest| !rest.is_empty())?;
        let is_short = name.len() == 2;
        (rest[0] == b'=' || is_short).then(|| name.len() + usize::from(rest[0] == b'='))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::check::config::test_settings;
    use crate::check::embedded::Embedded;

    /// The descriptions on command lines, with their units.
    #[track_caller]
    fn found(text: &str) -> Vec<(String, Option<Role>, usize)> {
        let settings = test_settings("");
        let context = settings.context(Path::new("a.sh"), None);
        let mut lines = CommandLines::new(&context, 0);
        lines.shell(&Embedded::plain(text.as_bytes(), 0..text.len(), None));
        let found = lines.found();
        let text = |it: &Embedded| String::from_utf8(it.text().to_vec()).unwrap();
        found.iter().map(|it| (text(it), it.role, it.unit.unwrap())).collect()
    }

    #[track_caller]
    fn texts(text: &str) -> Vec<String> {
        found(text).into_iter().map(|(text, ..)| text).collect()
    }

    #[test]
    fn ok_options_in_every_spelling() {
        let line = "daphne -b 0.0.0.0 -p 80 -e a:1 --endpoint b:2 --endpoint=c:3 -ed:4 -e=f:5 x:y";
        assert_eq!(texts(line), ["a:1", "b:2", "c:3", "d:4", "f:5"]);
        assert_eq!(texts("daphne -e --endpoint= -e '' x"), ["", ""]);
        assert_eq!(texts("daphne --endpoints=a --end b -- -e c"), [""; 0]);
    }

    #[test]
    fn ok_subcommands_have_options_of_their_own() {
        let line = "twistd -n --pidfile web.pid --port tcp:1 web --listen tcp:2 -ptcp:3 --path .";
        assert_eq!(texts(line), ["tcp:2", "tcp:3"]);
        assert_eq!(texts("twistd web --port 8080; twistd ftp --port 2121"), ["8080"]);
        assert_eq!(
            texts("twistd web --https 443 --https=ssl:443; twist foo web -p 1"),
            ["ssl:443"]
        );
        assert_eq!(texts("tahoe -d n create-node --webport=none --port tcp:1"), ["tcp:1"]);
    }

    #[test]
    fn ok_positional_arguments_are_counted() {
        let line = "strports relay --log-level debug tcp:1 -- tcp:h:2 x; \
            strports explain a --role client b -";
        let (server, client) = (Some(Role::Server), Some(Role::Client));
        let wanted = [("tcp:1", server, 0), ("tcp:h:2", client, 0), ("a", None, 1), ("b", None, 1)];
        let wanted = wanted.map(|(text, role, unit)| (text.to_owned(), role, unit));
        assert_eq!(found(line), wanted);
    }

    #[test]
    fn ok_a_command_line_is_a_unit() {
        let units = |text: &str| found(text).iter().map(|it| it.2).collect::<Vec<_>>();
        assert_eq!(units("daphne -e a -e b; ls; daphne -e c"), [0, 0, 1]);
    }

    #[test]
    fn ok_commands_inside_others() {
        assert_eq!(texts("x=$(daphne -e a); bash -c \"exec daphne -e 'b' \\$@\""), ["a", "b"]);
        assert_eq!(texts("./wait-for-it.sh db:5432 -t 5 -- daphne -e tcp:1"), ["tcp:1"]);
    }

    #[test]
    fn ok_look_alikes_are_left_alone() {
        for line in [
            "socat TCP-LISTEN:80,fork TCP:h:80",
            "docker run -p 80:80 -e tcp:x image",
            "ssh -L 80:h:80 h",
            "pip install daphne -e tcp:x",
            "echo daphne -e tcp:x",
            "grep -e tcp:x daphne",
            "pkill -f daphne",
            "# daphne -e tcp:x",
            "curl unix:///x tcp://y",
            "daphne -u /s.sock -p 8000 app:application",
        ] {
            assert_eq!(texts(line), [""; 0], "{line}");
        }
    }
}
