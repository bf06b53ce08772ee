//! Finds the program that a command line starts, after wrappers:
//! `sudo -u www env A=b python -m daphne`.

mod starters;
mod wrappers;

use crate::check::embedded::Embedded;
use starters::{parameters, started};
use strports_syntax::Span;
use wrappers::{WRAPPERS, behind, is_option, verb};

/// What a command line starts, after wrappers such as `sudo` and `env`.
pub(super) enum Invocation<'w> {
    /// A program by its name without directory, and its arguments.
    Program(Vec<u8>, &'w [Embedded]),
    /// A text that a shell reads as commands, as in `sh -c TEXT`.
    Script(&'w Embedded),
    /// Several texts that a shell reads as commands, perhaps among other arguments.
    Scripts(&'w [Embedded]),
    /// A command whose words are at different places: `docker run --entrypoint NAME IMAGE …`.
    Joined(Vec<Embedded>),
    /// Arguments without their program, which another command of the script sets.
    Arguments(Vec<Embedded>),
}

/// Shell keywords that may precede a command.
const KEYWORDS: &[&str] =
    &["if", "then", "elif", "else", "while", "until", "do", "!", "{", "time", "coproc"];

/// Programs that read one of their arguments as a shell reads a script, and which argument that is.
const SHELLS: &[(&str, Takes)] = &[
    ("sh", Takes::First),
    ("bash", Takes::First),
    ("dash", Takes::First),
    ("zsh", Takes::First),
    ("ksh", Takes::First),
    ("ash", Takes::First),
    ("busybox", Takes::First),
    ("su", Takes::Behind),
];

/// Where a program expects the text that it reads as a shell does.
#[derive(Clone, Copy)]
enum Takes {
    /// The first argument that is not an option, if an option before it contains a `c`, as in `-lc
    /// TEXT`.
    First,
    /// The value of `-c`, which may come after other arguments, as in `su - USER -c TEXT`.
    Behind,
}

/// Returns the program or script that `words` start, or `None` if it cannot be determined.
pub(super) fn invocation(mut words: &[Embedded]) -> Option<Invocation<'_>> {
    loop {
        let (first, rest) = words.split_first()?;
        let text = first.text();
        // The comparison ignores case, because keywords of `cmd.exe` may have capital letters.
        if is_assignment(text) || KEYWORDS.iter().any(|it| text.eq_ignore_ascii_case(it.as_bytes()))
        {
            words = rest;
            continue;
        }
        let name = base_name(text);
        let is = |other: &&str| other.as_bytes() == name;
        if let Some(takes) = shell(name) {
            return takes.text(rest).map(Invocation::Script);
        } else if PARALLEL.iter().any(is) {
            return Some(Invocation::Scripts(rest));
        } else if let Some(started) = started(name, rest) {
            return Some(Invocation::Joined(started));
        } else if let Some(arguments) = parameters(name, rest) {
            return Some(without_program(arguments));
        } else if is_python(first, name, rest) || is(&"coverage") {
            let rest = if is(&"coverage") { verb(rest, "run")? } else { rest };
            let (module, arguments) = python(rest)?;
            match module {
                Some(module) if !WRAPPERS.iter().any(|it| it.name.as_bytes() == module) => {
                    return Some(Invocation::Program(module, arguments));
                }
                _ => words = arguments,
            }
        } else if WRAPPERS.iter().any(|wrapper| is(&wrapper.name)) {
            let mut wrappers = WRAPPERS.iter().filter(|wrapper| is(&wrapper.name));
            words = wrappers.find_map(|wrapper| behind(wrapper, rest))?;
            let options = &rest[..rest.len() - words.len()];
            if let Some(entry) = entry_point(options) {
                return Some(Invocation::Joined([&[entry], words].concat()));
            }
            if let [script] = words
                && READ_AGAIN.iter().any(is)
                && script.text().contains(&b' ')
            {
                return Some(Invocation::Script(script));
            }
        } else {
            // A configuration of an editor names the module that it runs, such as `twisted`.
            let is_module = name.split(|byte| *byte == b'.').next() == Some(b"twisted");
            let name = if is_module { module_name(name) } else { name.to_vec() };
            return Some(Invocation::Program(name, rest));
        }
    }
}

/// Handles arguments whose program another command sets. If they begin with `-m`, the program is
/// Python, so the word `python` is added.
fn without_program(mut arguments: Vec<Embedded>) -> Invocation<'static> {
    let Some(module) = arguments.first().filter(|it| it.text() == b"-m") else {
        return Invocation::Arguments(arguments);
    };
    let (mut python, at) = (Embedded::like(module), module.whole().start);
    python.escape(b"python", at..at);
    arguments.insert(0, python);
    Invocation::Joined(arguments)
}

/// The value of `--entrypoint`, the program that replaces the one of a container's image; `None` if
/// it is missing or empty.
fn entry_point(options: &[Embedded]) -> Option<Embedded> {
    const OPTION: &[u8] = b"--entrypoint";
    let at = options.iter().position(|word| word.text().starts_with(OPTION))?;
    match options[at].text().strip_prefix(OPTION)? {
        b"" => options.get(at + 1).cloned(),
        joined if joined.starts_with(b"=") => Some(behind_bytes(&options[at], OPTION.len() + 1)),
        _ => None,
    }
    .filter(|entry| !entry.text().is_empty())
}

/// Programs that pass each of their arguments to a shell.
const PARALLEL: [&str; 2] = ["concurrently", "start-server-and-test"];

/// Wrappers that pass a single argument with blanks to a shell, as `ssh HOST 'daphne …'` does.
const READ_AGAIN: [&str; 6] = ["ssh", "cmd", "eval", "pm2", "screen", "start"];

/// Whether a word starts Python: by its name, or as a variable before `-m`, as in `$PYTHON -m
/// daphne`.
fn is_python(word: &Embedded, name: &[u8], rest: &[Embedded]) -> bool {
    let runs_module = || rest.first().is_some_and(|it| it.text() == b"-m");
    let names = [&b"python"[..], b"pythonw", b"py", b"pypy", b"ipython"];
    names.contains(&name) || word.is_template() && runs_module()
}

/// Whether a word sets a variable: `NAME=…`.
fn is_assignment(word: &[u8]) -> bool {
    let name = word.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
    let length = name.count();
    let rest = &word[length..];
    length > 0 && !word[0].is_ascii_digit() && (rest.starts_with(b"=") || rest.starts_with(b"+="))
}

/// The name of a program without its directory, an extension such as `.exe`, and the version of
/// Python: `python` for `/usr/bin/python3.11`.
fn base_name(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or(path);
    let suffixes = [".exe", ".cmd", ".bat", ".py"];
    let suffix = suffixes.iter().find(|suffix| {
        name.len() > suffix.len()
            && name[name.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
    });
    let name = suffix.map_or(name, |suffix| &name[..name.len() - suffix.len()]);
    let end = name.iter().rposition(u8::is_ascii_alphabetic).map_or(0, |last| last + 1);
    let versioned = [&b"python"[..], b"pypy"].contains(&&name[..end]);
    if versioned { &name[..end] } else { name }
}

/// The text for a shell in a command that starts one, even as an argument of an unknown program.
pub(super) fn text_for_shell(words: &[Embedded]) -> Option<&Embedded> {
    let mut shells = words.iter().enumerate();
    let (at, takes) = shells.find_map(|(at, word)| Some((at, shell(base_name(word.text()))?)))?;
    takes.text(&words[at + 1..])
}

/// Where the shell `name` expects its text; `None` if `name` is not a shell.
fn shell(name: &[u8]) -> Option<Takes> {
    SHELLS.iter().find(|(shell, _)| shell.as_bytes() == name).map(|(_, takes)| *takes)
}

impl Takes {
    /// The text for the shell among its arguments; `None` if it reads a file or standard input.
    fn text(self, arguments: &[Embedded]) -> Option<&Embedded> {
        match self {
            Self::First => script(arguments),
            Self::Behind => after(arguments, b"-c"),
        }
    }
}

/// The word after the first `option`; `None` if it is missing.
fn after<'w>(words: &'w [Embedded], option: &[u8]) -> Option<&'w Embedded> {
    words.get(words.iter().position(|word| word.text() == option)? + 1)
}

/// The text for a shell in its arguments: `-c TEXT`, `-lc TEXT`. `None` without such an option.
fn script(words: &[Embedded]) -> Option<&Embedded> {
    let mut words = words.iter();
    let mut wanted = false;
    while let Some(word) = words.next() {
        match word.text() {
            b"sh" | b"ash" => {}
            text if text.starts_with(b"--") && text.len() > 2 => {}
            b"--" => {}
            text if text.starts_with(b"-") || text.starts_with(b"+") => {
                wanted |= text.contains(&b'c');
                if matches!(text.last(), Some(b'o' | b'O')) {
                    words.next()?;
                }
            }
            _ => return wanted.then_some(word),
        }
    }
    None
}

/// The module that Python runs with `-m`, and its arguments; or no module, and the words from the
/// file on. `None` if Python runs neither, as with `-c`.
fn python(mut words: &[Embedded]) -> Option<(Option<Vec<u8>>, &[Embedded])> {
    loop {
        let (first, rest) = words.split_first()?;
        match first.text() {
            b"-m" => {
                let (module, arguments) = rest.split_first()?;
                let name = module_name(module.text());
                // A module that is a wrapper stays among the words, so that the next round finds
                // it.
                let wraps = WRAPPERS.iter().any(|it| it.name.as_bytes() == name);
                return Some(if wraps || name == b"coverage" {
                    (None, rest)
                } else {
                    (Some(name), arguments)
                });
            }
            b"-c" => return None,
            b"-W" | b"-X" => words = rest.get(1..)?,
            _ if is_option(first) => words = rest,
            _ => return Some((None, words)),
        }
    }
}

/// The name of the program that a module contains: `twist` for `twisted`, and else the first name
/// of the path.
fn module_name(module: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = module.split(|byte| *byte == b'.').collect();
    match parts.as_slice() {
        [b"twisted", .., b"twistd"] => b"twistd".to_vec(),
        [b"twisted", ..] => b"twist".to_vec(),
        [first, ..] => first.to_vec(),
        [] => Vec::new(),
    }
}

/// The part of a word after the first `length` bytes, with its places in the file.
pub(super) fn behind_bytes(word: &Embedded, length: usize) -> Embedded {
    word.part(Span::new(length, word.text().len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::shell_words::each_command;

    fn joined(words: &[Embedded]) -> String {
        let words: Vec<_> = words.iter().map(|it| String::from_utf8_lossy(it.text())).collect();
        words.join(" ")
    }

    /// Describes the program that the command `text` starts.
    fn launched(text: &str) -> String {
        let base = Embedded::plain(text.as_bytes(), 0..text.len(), None);
        let mut first: Vec<Embedded> = Vec::new();
        each_command(&base, |words| {
            if first.is_empty() {
                first = words.to_vec();
            }
        });
        match invocation(&first) {
            Some(Invocation::Program(name, arguments)) => {
                format!("{} {}", String::from_utf8(name).unwrap(), arguments.len())
            }
            Some(Invocation::Script(text)) => String::from_utf8(text.text().to_vec()).unwrap(),
            Some(Invocation::Scripts(texts)) => joined(texts),
            Some(Invocation::Joined(words) | Invocation::Arguments(words)) => joined(&words),
            None => String::new(),
        }
    }

    #[test]
    fn commands_of_containers_are_found() {
        for line in [
            "docker run -it --entrypoint daphne image -e x",
            "sudo podman run --entrypoint=daphne -p 1:1 image -e x",
        ] {
            assert_eq!(launched(line), "daphne -e x", "{line}");
        }
        assert_eq!(launched("docker run --entrypoint '' image daphne -e x"), "daphne 2");
    }

    #[test]
    fn processes_of_powershell_are_found() {
        for line in [
            "Start-Process -FilePath daphne -ArgumentList '-e','x' -Wait",
            "Start-Process daphne -ArgumentList '-e', 'x'",
            "Start-Process daphne '-e x'",
        ] {
            assert_eq!(launched(line), "daphne -e x", "{line}");
        }
    }

    #[test]
    fn services_of_windows_are_found() {
        for line in [
            "nssm install Web daphne -e x",
            "nssm.exe install Web python '-m daphne -e x'",
            "sc create Web start= auto binPath= 'daphne -e x'",
            "sc.exe create Web 'binPath=daphne -e x'",
            "New-Service -Name Web -BinaryPathName 'daphne -e x' -StartupType Automatic",
            "schtasks /create /tn Web /TR 'daphne -e x' /sc onstart",
            "New-ScheduledTaskAction -Execute daphne -Argument '-e x'",
        ] {
            let command = launched(line).replace("python -m ", "");
            assert_eq!(command, "daphne -e x", "{line}");
        }
        assert_eq!(launched("nssm set Web AppParameters -e x"), "-e x");
        assert_eq!(launched("nssm set Web AppParameters '-e x'"), "-e x");
        assert_eq!(
            launched("nssm set Web AppParameters '-m daphne -e x'"),
            "python -m daphne -e x"
        );
        assert_eq!(launched("nssm set Web AppDirectory daphne"), "nssm 4");
    }

    #[test]
    fn programs_are_found_behind_wrappers() {
        for line in [
            "daphne -e x",
            "A=b C= /usr/bin/daphne -e x",
            "if ! $VENV/bin/daphne -e x",
            "sudo -E -u daphne env -i A=b nohup nice -n 5 daphne -e x",
            "timeout -k 5 10 time daphne -e x",
            "gosu www:www tini -g -- daphne -e x",
            "exec -a name venv/Scripts/daphne.exe -e x",
            "python3.11 -u -W ignore -m daphne -e x",
            "python -m coverage run -m daphne -e x",
            "python /opt/bin/daphne -e x",
            "python -m daphne.cli -e x",
            "poetry run python -m daphne -e x",
            "start /b \"a title\" daphne -e x",
            "call daphne -e x",
            "$PYTHON -m daphne -e x",
            "\"${PY}\" -m daphne -e x",
            "docker run --rm -it -p 80:80 -e A=b image daphne -e x",
            "docker compose -f a.yml exec -T web daphne -e x",
            "docker exec -it c python -m daphne -e x",
            "ssh -p 22 -i k u@h exec daphne -e x",
            "ddtrace-run daphne -e x",
            "uvx --from daphne daphne -e x",
            "uv run --with a daphne -e x",
            "uv tool run daphne -e x",
            "newrelic-admin run-program daphne -e x",
            "screen -dmS web daphne -e x",
            "post-start exec daphne -e x",
        ] {
            assert_eq!(launched(line), "daphne 2", "{line}");
        }
        assert_eq!(launched("python -m twisted web"), "twist 1");
        assert_eq!(launched("twisted web"), "twist 1");
        assert_eq!(launched("python -m twisted.scripts.twistd web"), "twistd 1");
    }

    #[test]
    fn the_argument_of_shell_c_is_read_as_a_script() {
        for line in [
            "bash -lc 'a b'",
            "sh -e -c 'a b' x",
            "bash -euo pipefail -c 'a b'",
            "su - u -c 'a b'",
            "ssh h 'a b'",
            "eval 'a b'",
            "cmd /c 'a b'",
        ] {
            assert_eq!(launched(line), "a b", "{line}");
        }
    }

    #[test]
    fn text_without_a_program_is_ignored() {
        for line in
            ["A=b", "sudo", "sh x -c y", "python -c daphne", "poetry install", "env", "timeout 5"]
        {
            assert_eq!(launched(line), "", "{line}");
        }
        assert_eq!(launched("sudo -u daphne rsync -e ssh"), "rsync 2");
    }
}
