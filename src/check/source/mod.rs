//! Where descriptions hide in files: one table of formats, a file each.
//!
//! A format says which files are its own, how comments are written in them, and finds the
//! descriptions. It is asked only about files in which one may be: those with a type and a colon
//! behind it, those with one of the format's own words, and those that the configuration names.

mod batch;
pub(crate) mod command;
mod context;
mod cursor;
mod dockerfile;
mod escapes;
mod exec_form;
mod filled;
mod ini;
mod json;
mod launch;
mod list;
pub(crate) mod placeholder;
mod powershell;
mod procfile;
mod python;
mod quoted;
mod shell;
mod shell_words;
mod systemd;
mod toml;
mod yaml;

pub(crate) use context::Context;

use std::path::Path;

use super::embedded::Embedded;

/// Nobody has keys inside more keys than these.
const DEEPEST: usize = 128;

/// Every format; the first whose files these are has the file.
static FORMATS: &[&Format] = &[
    // Before the formats of other files whose names end in `.cfg`.
    &python::FORMAT,
    &list::FORMAT,
    &shell::FORMAT,
    &procfile::FORMAT,
    &dockerfile::FORMAT,
    &systemd::FORMAT,
    &batch::FORMAT,
    &powershell::FORMAT,
    &toml::FORMAT,
    &json::FORMAT,
    &yaml::FORMAT,
    &ini::FORMAT,
];

/// One way in which files hold descriptions.
#[derive(Debug)]
pub(crate) struct Format {
    /// As `format =` in `strports.toml` names it.
    pub(crate) name: &'static str,
    /// The names of its files, each with at most one `*`: `*.py`, `Dockerfile`, `Dockerfile.*`;
    /// perhaps with that of their directory: `*.service.d/*.conf`.
    pub(crate) files: &'static [&'static str],
    /// The programs that read it, where its first line names one and its name tells nothing:
    /// `sh` for `#!/bin/sh`.
    pub(crate) interpreters: &'static [&'static str],
    /// What begins a comment; see [`suppress`](super::suppress).
    pub(crate) comments: &'static [Comment],
    /// Words that make it worth reading a file in which there is no type with a colon behind it,
    /// such as the function that a description is handed to.
    pub(crate) words: &'static [&'static str],
    /// Whether the names of known programs make it worth reading one, too.
    pub(crate) commands: bool,
    /// Finds the descriptions of a file, in the order of their places.
    ///
    /// It gets whatever people have in their trees: what it cannot read holds nothing.
    pub(crate) find: fn(file: &[u8], context: &Context<'_>) -> Vec<Embedded>,
}

/// How a comment begins and, unless with its line, ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment {
    pub(crate) open: &'static str,
    pub(crate) close: &'static str,
}

impl Comment {
    pub(crate) const HASH: Self = Self::line("#");
    pub(crate) const SEMICOLON: Self = Self::line(";");
    pub(crate) const SLASHES: Self = Self::line("//");
    pub(crate) const STARS: Self = Self { open: "/*", close: "*/" };
    pub(crate) const REM: Self = Self::line("REM ");
    pub(crate) const COLONS: Self = Self::line("::");

    pub(crate) const fn line(open: &'static str) -> Self {
        Self { open, close: "" }
    }

    /// Whether it begins at the start of `text`.
    pub(crate) fn begins(&self, text: &[u8]) -> bool {
        let open = self.open.as_bytes();
        text.len() >= open.len() && text[..open.len()].eq_ignore_ascii_case(open)
    }
}

impl Format {
    /// The format called `name`.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().copied().find(|format| format.name == name)
    }

    /// The format of the file at `path`, as far as its name tells.
    pub(crate) fn of(path: &Path) -> Option<&'static Self> {
        FORMATS.iter().copied().find(|format| format.files.iter().any(|it| fits(path, it)))
    }

    /// Whether a name tells so little that the first line is to be asked.
    pub(crate) fn may_be_script(path: &Path) -> bool {
        path.extension().is_none()
    }

    /// The format of a script, as its first line has it.
    pub(crate) fn of_script(file: &[u8]) -> Option<&'static Self> {
        let line = file.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let name = |word: &[u8]| word.rsplit(|byte| *byte == b'/').next().unwrap_or(word).to_vec();
        let mut program = name(words.next()?);
        if program == b"env" {
            program = name(words.find(|word| !word.starts_with(b"-"))?);
        }
        // `python3.11` is `python`.
        let end = program.iter().rposition(u8::is_ascii_alphabetic)?;
        let program = &program[..=end];
        let reads = |format: &&Self| format.interpreters.iter().any(|it| it.as_bytes() == program);
        FORMATS.iter().copied().find(reads)
    }

    /// The names of all formats.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().map(|format| format.name)
    }

    /// What is on standard input.
    pub(crate) fn list() -> &'static Self {
        &list::FORMAT
    }

    /// What is on the command line.
    pub(crate) fn options() -> &'static Self {
        &list::OPTIONS
    }
}

/// Whether a file is called as a pattern says; with a `/` in it, its directory, too.
fn fits(path: &Path, pattern: &str) -> bool {
    let name = |path: &Path, pattern: &str| {
        path.file_name().is_some_and(|name| is_called(name.as_encoded_bytes(), pattern))
    };
    match pattern.split_once('/') {
        Some((directory, file)) => {
            name(path, file) && path.parent().is_some_and(|parent| name(parent, directory))
        }
        None => name(path, pattern),
    }
}

/// Whether a file's name fits a pattern with at most one `*`; letters may be in any case.
fn is_called(name: &[u8], pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return name.eq_ignore_ascii_case(pattern.as_bytes());
    };
    name.len() >= head.len() + tail.len()
        && name[..head.len()].eq_ignore_ascii_case(head.as_bytes())
        && name[name.len() - tail.len()..].eq_ignore_ascii_case(tail.as_bytes())
}

#[cfg(test)]
pub(crate) mod testing {
    //! What the tests of formats are written with.

    use std::sync::LazyLock;

    use super::*;
    use crate::Span;
    use crate::check::config::{Configurations, Settings, settings_of};

    /// What `format` finds in a file called `name`, with every preset.
    #[track_caller]
    pub(crate) fn find(format: &Format, name: &str, file: &[u8]) -> Vec<Embedded> {
        static SETTINGS: LazyLock<Settings> =
            LazyLock::new(|| Configurations::default_settings(Path::new("/")).unwrap());
        let settings = &*SETTINGS;
        let path = Path::new(name);
        (format.find)(file, &settings.context(path, None))
    }

    /// Everything in a file that stands under a key with `listen` at its end, and where.
    #[track_caller]
    pub(crate) fn listens<'f>(format: &Format, file: &'f str) -> Vec<(String, &'f str)> {
        let found = listens_in(format, file.as_bytes());
        found.iter().map(|it| (shown(it), &file[it.whole()])).collect()
    }

    fn listens_in(format: &Format, file: &[u8]) -> Vec<Embedded> {
        static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
            settings_of(
                "presets = []\n[[source]]\nfiles = [\"*\"]\nexcept = [\"disabled\"]\n\
                 keys = { \"**.listen\" = \"server\", \"**.listen.*\" = \"server\" }\n",
            )
        });
        (format.find)(file, &SETTINGS.context(Path::new("a"), None))
    }

    fn shown(it: &Embedded) -> String {
        String::from_utf8_lossy(it.text()).into_owned()
    }

    /// Whatever is written in place of a description is read again, if it is written at all, and
    /// nothing else changes; says how often it was.
    #[track_caller]
    pub(crate) fn written(format: &Format, file: &str) -> usize {
        let texts = [
            "tcp:8080",
            "tcp:1:interface=\\:\\:1",
            "unix:/a b:mode=660",
            "unix:/it's",
            "unix:/\"q\"",
            "unix:/a #b",
            "unix:/a ;b",
            "unix:/a: b",
            "unix:/a,[b]c",
            "unix:/\u{e9}",
            "unix:/a:",
            "*x",
            "&x",
            "- x",
            "#x",
            " x",
            "a\tb",
            "a\nb",
        ];
        let before = listens_in(format, file.as_bytes());
        let mut count = 0;
        for (index, it) in before.iter().enumerate() {
            for text in texts {
                let Some(quoted) = it.quote(Span::new(0, it.text().len()), text.as_bytes()) else {
                    continue;
                };
                let mut changed = file.as_bytes().to_vec();
                changed.splice(it.whole(), quoted);
                let mut wanted: Vec<_> = before.iter().map(shown).collect();
                text.clone_into(&mut wanted[index]);
                let after = listens_in(format, &changed);
                let after: Vec<_> = after.iter().map(shown).collect();
                assert_eq!(after, wanted, "{}", String::from_utf8_lossy(&changed));
                count += 1;
            }
        }
        count
    }

    /// Nothing that is broken makes a format panic.
    pub(crate) fn survives(format: &Format, file: &str) {
        let marks: &[u8] = b"\"'\\{}[]:#\n\xff$%&*|>-";
        for at in 0..=file.len() {
            listens_in(format, &file.as_bytes()[..at]);
            for mark in marks {
                let mut broken = file.as_bytes().to_vec();
                broken.insert(at, *mark);
                for it in listens_in(format, &broken) {
                    assert!(it.whole().end <= broken.len());
                }
            }
        }
    }

    /// The texts that `format` finds in a file called `name`.
    #[track_caller]
    pub(crate) fn texts(format: &Format, name: &str, file: &[u8]) -> Vec<String> {
        let text = |it: &Embedded| String::from_utf8(it.text().to_vec()).unwrap();
        find(format, name, file).iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_names_fit_with_one_star() {
        assert!(is_called(b"Dockerfile.web", "Dockerfile.*"));
        assert!(is_called(b"a.PY", "*.py") && is_called(b".py", "*.py"));
        assert!(!is_called(b"a.pyc", "*.py") && !is_called(b"y", "*.py"));
        assert!(is_called(b"procfile", "Procfile") && !is_called(b"Procfile2", "Procfile"));
    }

    #[test]
    fn ok_a_directory_may_count() {
        let pattern = "*.service.d/*.conf";
        assert!(fits(Path::new("etc/a.service.d/b.conf"), pattern));
        assert!(!fits(Path::new("etc/a.d/b.conf"), pattern) && !fits(Path::new("b.conf"), pattern));
    }

    #[test]
    fn err_no_file_is_too_broken_to_be_looked_at() {
        let text = concat!(
            "#!/bin/sh\n[Service]\nExecStart=@-\"daphne\" -e 'tcp:%i' \\\n;\\; ${aé} $(x `y`)\n",
            "CMD [\"daphne\", \"-e\", \"\\ud83d\\ude00\\\"\"] <<-'E'\r\n\tE\nweb: daphne -e \"$\\\"\"",
            " $'\\x3'\ndaphne -e \"%~dp0%%i!a!%b:~0,1%\" ^\r\n <# #> @\" \"@ `\n {{ x }} [a, {b: ",
            "\"c\"}] = \"\"\"\n",
        );
        for format in FORMATS {
            for end in 0..=text.len() {
                let (head, tail) = text.as_bytes().split_at(end);
                let backwards: Vec<u8> = head.iter().copied().chain(text.bytes().rev()).collect();
                for file in [head, tail, &backwards] {
                    for it in testing::find(format, "a", file) {
                        assert!(it.whole().end <= file.len(), "{} at {end}", format.name);
                    }
                }
            }
        }
    }

    #[test]
    fn ok_each_format_is_found_by_its_name() {
        for name in Format::names() {
            assert_eq!(Format::named(name).map(|format| format.name), Some(name));
        }
    }
}
