//! Finds the descriptions on command lines of known programs: those of `[[command]]` in
//! `strports.toml`, and of presets.
//!
//! A format splits its text into words and passes them to [`CommandLines`], which returns
//! descriptions with the places and the quoting of these words. Assignments of environment
//! variables on the command line are read too.

use std::collections::HashSet;
use std::sync::Arc;

use super::arguments::{behind_verbs, implied, loose_values, values};
use super::assigned::Assigned;
use super::bounds::{Found, Words};
use super::context::Context;
use super::cursor::Cursor;
use super::excerpt::Excerpts;
use super::invocation::{Invocation, invocation, text_for_shell};
use super::placeholder::Styles;
use super::shell_words::{self, Event, Listener, Target};
use crate::check::embedded::{Embedded, Origin};
use crate::check::prefilter::has_known_type;
use crate::check::variable::assignment;
use strports_syntax::Span;

/// The maximum nesting of commands for a shell inside other commands, as in `sh -c "sh -c …"`.
const DEEPEST: usize = 3;

/// Commands that may have a variable and its value as two consecutive words, such as `setx NAME
/// VALUE`.
const SETTERS: [&[u8]; 4] = [b"set", b"setx", b"setenv", b"export"];

/// Finds the descriptions in a script, in order. `command` reads the words of the next command.
pub(super) fn script(
    file: &[u8],
    context: &Context<'_>,
    command: impl Fn(&mut Cursor<'_>) -> Words,
) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
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

/// Collects the descriptions on the command lines of one file.
pub(crate) struct CommandLines<'c> {
    context: &'c Context<'c>,
    /// The text of the file, to which the places of words refer.
    file: &'c [u8],
    found: Found,
    /// The values of variables of the script, and the variables that are descriptions.
    assigned: Assigned,
    /// The unit of the next command line; see [`Embedded::unit`].
    unit: usize,
    /// The number of commands for a shell around the next command.
    depth: usize,
    /// The byte offset of the first quote or bracket without an end, outside of nested shells. Text
    /// after it was not read.
    unclosed: Option<usize>,
}

impl<'c> CommandLines<'c> {
    /// Creates a collector without descriptions. Each command line becomes a separate unit,
    /// numbered from `unit`.
    pub(crate) fn new(context: &'c Context<'c>, file: &'c [u8], unit: usize) -> Self {
        let (found, assigned) = (Found::default(), Assigned::default());
        Self { context, file, found, assigned, unit, depth: 0, unclosed: None }
    }

    /// Whether a file contains the name of a known program or variable, so that its commands must
    /// be read.
    pub(crate) fn may_be_in(&self, file: &[u8]) -> bool {
        self.context.names.are_in(file)
    }

    /// Returns the descriptions, ordered by place and without duplicates. Variables are replaced by
    /// their values.
    pub(crate) fn found(mut self) -> Vec<Embedded> {
        self.found.extend(self.assigned.values(self.file));
        let mut found = self.found.into_vec();
        found.sort_by_key(|it| (it.whole().start, it.whole().end));
        found.dedup_by(|it, other| it.whole() == other.whole() && it.text() == other.text());
        found
    }

    /// The byte offset of the first quote or bracket without an end; `None` if all were closed.
    pub(crate) const fn unclosed(&self) -> Option<usize> {
        self.unclosed
    }

    /// Reads `text` as a shell does, and collects the descriptions in its commands.
    pub(crate) fn shell(&mut self, text: &Embedded) {
        if self.depth == DEEPEST {
            return;
        }
        self.depth += 1;
        shell_words::each(text, self);
        self.depth -= 1;
    }

    /// Like [`shell`](Self::shell), but returns whether `text` has a description.
    pub(crate) fn shell_finds(&mut self, text: &Embedded) -> bool {
        let unit = self.unit;
        self.shell(text);
        self.unit > unit
    }

    /// Reads the lines of a here-document as the program or file that receives them would.
    fn document(&mut self, target: &Target, body: &Embedded) {
        if !self.context.names_any(body.text()) && !has_known_type(body.text()) {
            return;
        }
        let readers = self.context.readers;
        let reader = match target {
            Target::Shell => return self.shell(body),
            Target::Python => (readers.named)("python"),
            Target::File(name) => {
                (readers.for_path)(String::from_utf8_lossy(name).as_ref().as_ref())
                    .or_else(|| (readers.for_script)(body.text()))
            }
            Target::Unknown => None,
        };
        if let Some(reader) = reader {
            let mut excerpts = Excerpts::new(self.context, self.unit);
            excerpts.read(reader, body);
            let (found, unit) = excerpts.found();
            self.unit = unit;
            self.found.extend(found);
        }
    }

    /// Reads a command line that is split into words; returns false if it starts no known program.
    pub(crate) fn words(&mut self, words: &[Embedded]) -> bool {
        self.set(words);
        match self.assigned.filled_in(self.file, words) {
            // A variable has one of its values at a time, so each gives a separate command line.
            Some(lines) => {
                let mut is_known = false;
                for line in &lines {
                    is_known |= self.run(line);
                }
                is_known
            }
            None => self.run(words),
        }
    }

    /// Finds the program that `words` start, and reads its arguments. Returns false if it is
    /// unknown.
    fn run(&mut self, mut words: &[Embedded]) -> bool {
        loop {
            match invocation(words) {
                Some(Invocation::Joined(words)) => {
                    let is_shallow = self.depth < DEEPEST;
                    self.depth += 1;
                    let known = is_shallow && self.run(&words);
                    self.depth -= 1;
                    return known;
                }
                Some(Invocation::Arguments(words)) => {
                    self.loose(&words);
                    return true;
                }
                Some(Invocation::Script(text)) => {
                    self.shell(&text.expanded());
                    return true;
                }
                Some(Invocation::Scripts(texts)) => {
                    for text in texts {
                        self.shell(&text.expanded());
                    }
                    return true;
                }
                Some(Invocation::Program(name, arguments)) => {
                    if self.program(&name, arguments) {
                        return true;
                    }
                    // An unknown program may start the command after `--`: `wait-for-it db:5432 --
                    // daphne …`.
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

    /// Reads the assignment of a variable. The value of a known environment variable is a
    /// description; any other value is recorded for later uses.
    pub(crate) fn variable(&mut self, name: &[u8], value: &Embedded) {
        let Some(key) = self.context.variable(name) else {
            return self.assigned.set(name, value);
        };
        let parts = key.descriptions(value.clone().in_unit(self.unit), Styles::NONE);
        self.unit += 1;
        self.found.extend(parts);
    }

    /// Reads a text that begins with an option, without the program before it: `-e tcp:80`.
    pub(crate) fn options(&mut self, text: &Embedded) {
        if !text.text().starts_with(b"-") {
            return;
        }
        let mut found = Vec::new();
        let programs = self.context.programs;
        shell_words::each_command(text, |words| found.extend(loose_values(programs, words)));
        self.found.extend(found.into_iter().map(|it| it.in_unit(self.unit)));
        self.unit += 1;
    }

    /// Reads the words of an unknown program: options of known programs may have descriptions as
    /// values.
    pub(crate) fn loose(&mut self, words: &[Embedded]) {
        let found = loose_values(self.context.programs, words);
        self.found.extend(found.into_iter().map(|it| it.in_unit(self.unit)));
        self.unit += 1;
    }

    /// Reads assignments that are separated by commas, as in `environment=` of supervisord.
    pub(crate) fn environment(&mut self, text: &Embedded) {
        shell_words::each_command(text, |words| {
            for word in words {
                let end = word.text().strip_suffix(b",").unwrap_or(word.text()).len();
                let mut start = 0;
                // A comma begins another variable only if an assignment follows it.
                for comma in memchr::memchr_iter(b',', &word.text()[..end]) {
                    if assignment(&word.text()[comma + 1..end], |name| !name.is_empty()).is_some() {
                        self.set(&[word.part(Span::new(start, comma))]);
                        start = comma + 1;
                    }
                }
                self.set(&[word.part(Span::new(start, end))]);
            }
        });
    }

    /// Reads the variables that a command sets, such as `NAME=VALUE daphne` or `setenv NAME VALUE`.
    pub(super) fn set(&mut self, words: &[Embedded]) {
        // A text for a shell may begin with an assignment, but is not one as a whole.
        let script = text_for_shell(words).map(Embedded::whole);
        for word in words.iter().filter(|word| script.as_ref() != Some(&word.whole())) {
            let is_known = |name: &[u8]| self.context.variable(name).is_some();
            let known = assignment(word.text(), is_known);
            let any = || assignment(word.text(), |name| !name.is_empty());
            if let Some((name, start)) = known.or_else(any) {
                let value = word.part(Span::new(start, word.text().len()));
                self.variable(name, &value);
            }
        }
        if let [first, rest @ ..] = words
            && SETTERS.contains(&first.text())
        {
            for pair in rest.windows(2) {
                if self.context.variable(pair[0].text()).is_some() {
                    self.variable(pair[0].text(), &pair[1]);
                }
            }
        }
        self.set_in_powershell(words);
    }

    /// Reads an assignment of PowerShell: `$name = VALUE`, `$env:NAME = VALUE` or `$name=VALUE`.
    /// The first word begins with a variable.
    fn set_in_powershell(&mut self, words: &[Embedded]) {
        let Some(first) = words.first().filter(|it| it.is_template()) else { return };
        let hole = first.holes().next().filter(|hole| hole.start == 0);
        let Some(name) = hole.and_then(|hole| self.file.get(first.locate(hole))) else { return };
        let name = name.strip_prefix(b"$env:").or_else(|| name.strip_prefix(b"$"));
        let Some(name) = name.map(<[u8]>::to_vec) else { return };
        let text = first.text();
        match (text.get(1), words.get(1).map(Embedded::text), words.get(2)) {
            (None, Some(b"="), Some(value)) => self.variable(&name, value),
            (Some(b'='), ..) => self.variable(&name, &first.part(Span::new(2, text.len()))),
            _ => {}
        }
    }

    /// Reads the arguments of a program; returns false if the program is unknown.
    fn program(&mut self, name: &[u8], arguments: &[Embedded]) -> bool {
        let mut known = false;
        let mut found = Found::default();
        let mut places = HashSet::new();
        for program in self.context.programs {
            let Some((first, verbs)) = program.name.split_first() else { continue };
            if first.as_bytes() != name {
                continue;
            }
            known = true;
            if let Some(arguments) = behind_verbs(arguments, verbs) {
                let role = program.role.or(self.context.role);
                for mut value in values(program, arguments) {
                    value.role = role;
                    value.source = Some(Origin::Named(Arc::clone(&program.label)));
                    if program.stands_for.is_some() {
                        let it = implied(program, &value, arguments);
                        found.extend(it.map(|it| it.in_unit(self.unit)));
                        continue;
                    }
                    value.extensions = program.is_ours();
                    // The user's entries come first, so a preset does not add the same argument
                    // again.
                    if places.insert(value.whole()) {
                        found.push(value.in_unit(self.unit));
                    }
                }
            }
        }
        if !found.is_empty() {
            self.unit += 1;
            let found = found.into_vec();
            for it in found.iter().filter(|it| !it.is_implied) {
                self.assigned.uses(it);
            }
            self.found.extend(found);
        }
        known
    }
}

impl Listener for CommandLines<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Command(words) => _ = self.words(words),
            Event::Document(target, body) => self.document(&target, body),
            Event::Unclosed(at) if self.depth == 1 => self.unclosed = self.unclosed.or(Some(at)),
            Event::Unclosed(_) => {}
        }
    }

    /// Whether a command cannot contain a description: it names no known program or variable, and
    /// can neither set nor use a variable with a description.
    fn skips(&self, command: &[u8]) -> bool {
        let has = |byte| memchr::memchr(byte, command).is_some();
        let may_set = || has(b':') || memchr::memmem::find(command, b"$'").is_some();
        let may_use = || self.assigned.has_lines() && has(b'$');
        !may_set() && !may_use() && !self.context.names.are_in(command)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::check::config::test_settings;
    use crate::check::embedded::Embedded;
    use strports_syntax::Role;

    /// The descriptions on command lines, with their units.
    #[track_caller]
    fn found(text: &str) -> Vec<(String, Option<Role>, usize)> {
        let settings = test_settings("");
        let context = settings.context(Path::new("a.sh"), None);
        let mut lines = CommandLines::new(&context, text.as_bytes(), 0);
        lines.shell(&Embedded::plain(text.as_bytes(), 0..text.len(), None));
        let mut found = lines.found();
        found.retain(|it| !it.is_implied);
        let text = |it: &Embedded| String::from_utf8(it.text().to_vec()).unwrap();
        found.iter().map(|it| (text(it), it.role, it.unit.unwrap())).collect()
    }

    #[track_caller]
    fn texts(text: &str) -> Vec<String> {
        found(text).into_iter().map(|(text, ..)| text).collect()
    }

    #[test]
    fn options_are_found_in_every_spelling() {
        let line = "daphne -b 0.0.0.0 -p 80 -e a:1 --endpoint b:2 --endpoint=c:3 -ed:4 -e=f:5 x:y";
        assert_eq!(texts(line), ["a:1", "b:2", "c:3", "d:4", "f:5"]);
        assert_eq!(texts("daphne -e --endpoint= -e '' x"), ["", ""]);
        assert_eq!(texts("daphne --endpoints=a --end b -- -e c"), [""; 0]);
    }

    #[test]
    fn subcommands_have_their_own_options() {
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
    fn positional_arguments_are_counted() {
        let line = "strports relay --log-level debug tcp:1 -- tcp:h:2 x; \
            strports explain a --role client b -";
        let (server, client) = (Some(Role::Server), Some(Role::Client));
        let wanted = [("tcp:1", server, 0), ("tcp:h:2", client, 0), ("a", None, 1), ("b", None, 1)];
        let wanted = wanted.map(|(text, role, unit)| (text.to_owned(), role, unit));
        assert_eq!(found(line), wanted);
    }

    #[test]
    fn descriptions_of_one_command_line_belong_together() {
        let units = |text: &str| found(text).iter().map(|it| it.2).collect::<Vec<_>>();
        assert_eq!(units("daphne -e a -e b; ls; daphne -e c"), [0, 0, 1]);
    }

    #[test]
    fn nested_commands_are_found() {
        assert_eq!(texts("x=$(daphne -e a); bash -c \"exec daphne -e 'b' \\$@\""), ["a", "b"]);
        assert_eq!(texts("./wait-for-it.sh db:5432 -t 5 -- daphne -e tcp:1"), ["tcp:1"]);
    }

    #[test]
    fn environment_variables_are_found() {
        let name = "COWRIE_SSH_LISTEN_ENDPOINTS";
        for line in [
            "export X=tcp:1",
            "X='tcp:1' cowrie start",
            "sudo env A=b X=tcp:1 cowrie",
            "docker run -d -e X=tcp:1 --env=A=b cowrie/cowrie",
            "docker run --env=X=tcp:1 -eA=b cowrie/cowrie",
            "docker run -eX=tcp:1 cowrie/cowrie",
            "setenv X tcp:1",
            "set -gx X tcp:1",
        ] {
            assert_eq!(texts(&line.replace('X', name)), ["tcp:1"], "{line}");
        }
        for line in [
            "su - www -c 'X=tcp:1 cowrie start'",
            "sh -ec 'X=tcp:1 cowrie start'",
            "unknown --exec X=tcp:1 a",
        ] {
            assert_eq!(texts(&line.replace('X', name)), ["tcp:1"], "{line}");
        }
        // A command of a program that is not known is not read.
        let behind = "unknown bash -c 'X=tcp:1 cowrie start'".replace('X', name);
        assert_eq!(texts(&behind), [""; 0]);
        let both = format!("{name}='tcp:1 tcp:2'");
        assert_eq!(texts(&both), ["tcp:1", "tcp:2"]);
        assert_eq!(texts("export BUILDBOT_WORKER_PORT=9989 BUILDBOT_WEB_PORT=8010"), ["8010"]);
        assert_eq!(texts("export OTHER=tcp:1 COWRIE_SSH_LISTEN=tcp:1"), [""; 0]);
    }

    #[test]
    fn variables_may_hold_several_words() {
        let both = "A='-e tcp:1 -v 2'; daphne $A -e tcp:2; B='daphne -e tcp:3 x'; exec ${B}";
        assert_eq!(texts(both), ["tcp:1", "tcp:2", "tcp:3"]);
        let choice = "if x; then A='-e tcp:1 y'; else A='-e tcp:2 y'; fi; daphne $A";
        assert_eq!(texts(choice), ["tcp:1", "tcp:2"]);
        assert_eq!(texts("A='-e tcp:1 y'; daphne \"$A\"; echo $A"), [""; 0]);
    }

    #[test]
    fn commands_of_containers_are_found() {
        assert_eq!(texts("docker run --entrypoint daphne i -e tcp:1"), ["tcp:1"]);
        assert_eq!(texts("docker run --entrypoint sh i -c 'daphne -e tcp:1'"), ["tcp:1"]);
        let deep = "docker run --entrypoint docker i ".repeat(3000);
        assert_eq!(texts(&deep), [""; 0]);
    }

    #[test]
    fn similar_text_is_ignored() {
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
