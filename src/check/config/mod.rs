//! `strports.toml`: which keys, files and command lines hold descriptions, and what to report.

mod find;
mod read;

use std::path::{Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet};

use super::lints::Lints;
use super::prefilter::Words;
use super::source::{Context, Format};
use crate::Role;
pub(crate) use find::{Configurations, FILE};
pub(crate) use read::ConfigError;

/// Everything that one `strports.toml` says, or what holds where there is none.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The directory that it stands in, without symbolic links.
    root: PathBuf,
    /// The user's first, then those of the presets.
    sources: Vec<Source>,
    /// The files of all sources.
    files: GlobSet,
    /// Which source each pattern of `files` is of.
    owners: Vec<usize>,
    programs: Vec<Program>,
    /// The names of the programs.
    names: Words,
    pub(crate) lints: Lints,
}

impl Settings {
    /// A path as the patterns of this configuration have it.
    pub(crate) fn path<'p>(&self, absolute: &'p Path) -> &'p Path {
        absolute.strip_prefix(&self.root).unwrap_or(absolute)
    }

    /// What holds for the file at `path`, which counts from where the configuration is.
    pub(crate) fn context<'c>(&'c self, path: &'c Path, role: Option<Role>) -> Context<'c> {
        let mut owners = self.files.matches(path);
        for pattern in &mut owners {
            *pattern = self.owners[*pattern];
        }
        owners.sort_unstable();
        owners.dedup();
        let sources = owners.into_iter().map(|owner| &self.sources[owner]).collect();
        Context { path, role, programs: &self.programs, sources }
    }

    /// The names of programs whose command lines hold descriptions.
    pub(crate) fn program_names(&self) -> &Words {
        &self.names
    }
}

/// One `[[source]]`: files, and where in them descriptions are.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    keys: Vec<(GlobMatcher, Option<Role>)>,
    pub(crate) split: Split,
    /// Where the name of the file does not tell.
    pub(crate) format: Option<&'static Format>,
    /// For files that are descriptions from end to end.
    pub(crate) role: Option<Role>,
    /// Values that are no descriptions, such as `disabled`.
    pub(crate) except: Vec<GlobMatcher>,
}

/// Whether one value holds several descriptions, and what is between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Split {
    #[default]
    No,
    /// White space.
    Blank,
    /// The ends of lines.
    Line,
    Comma,
}

/// One `[[command]]`: a program, and which of its arguments are descriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The name of the program without its directory, and the subcommands behind it, which may
    /// have options in between: `["twist", "web"]`.
    pub(crate) name: Vec<String>,
    pub(crate) options: Vec<Argument>,
    /// `None` where it may be either.
    pub(crate) role: Option<Role>,
    /// Whether it takes words without a colon, such as a mere port, for something else than
    /// descriptions.
    pub(crate) bare: bool,
}

/// Where a command line has a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Behind this option, as written: `--listen`, `-e`.
    Option(String),
    /// The positional argument of this number, from 1.
    Positional(usize),
    /// Every positional argument.
    Every,
}

impl Source {
    pub(crate) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether a value is one of those that are no descriptions.
    pub(crate) fn excepts(&self, value: &[u8]) -> bool {
        let value = String::from_utf8_lossy(value.trim_ascii());
        self.except.iter().any(|pattern| pattern.is_match(&*value))
    }

    /// The role of the value at a path of keys; `None` where it is no description.
    #[allow(clippy::option_option, reason = "no key, a key of either role, a key of one role")]
    pub(crate) fn key<S: AsRef<str>>(&self, path: &[S]) -> Option<Option<Role>> {
        let joined = path.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(".");
        let joined = keys_as_path(&joined);
        self.keys.iter().find(|(glob, _)| glob.is_match(&joined)).map(|(_, role)| *role)
    }
}

/// Keys are matched as paths are, so that `*` is one key and `**` any number of them.
fn keys_as_path(keys: &str) -> String {
    keys.replace('/', "\u{0}").replace('.', "/")
}

/// A pattern for files; one without a slash is for names in any directory.
fn file_pattern(pattern: &str) -> Result<Glob, globset::Error> {
    let anywhere = if pattern.trim_end_matches('/').contains('/') { "" } else { "**/" };
    let whole = format!("{anywhere}{}", pattern.trim_start_matches("./").trim_start_matches('/'));
    glob(&whole)
}

/// A pattern for keys.
fn key_pattern(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(glob(&keys_as_path(pattern))?.compile_matcher())
}

/// A pattern for values.
fn value_pattern(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern).build()?.compile_matcher())
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

/// What a `strports.toml` with this text says, for the tests of others.
#[cfg(test)]
#[track_caller]
pub(crate) fn settings_of(text: &str) -> Settings {
    read::read(Path::new("/strports.toml"), text).unwrap_or_else(|error| panic!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn settings(text: &str) -> Settings {
        read::read(Path::new("/t/strports.toml"), text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[track_caller]
    fn refused(text: &str, said: &str) {
        let error = read::read(Path::new("/t/strports.toml"), text).unwrap_err();
        assert_eq!(error.to_string(), format!("/t/strports.toml:{said}"));
    }

    #[test]
    fn ok_keys_and_files_are_patterns() {
        let settings = settings(
            "presets = []\n[[source]]\nfiles = [\"*.conf\", \"etc/*.cfg\"]\nformat = \"list\"\n\
             split = \"blank\"\nkeys = { \"server.listen\" = \"server\", \"*.to\" = \"client\", \
             \"x.**\" = \"either\" }\n",
        );
        let context = settings.context(Path::new("a/b.conf"), None);
        let role = |path: &[&str]| context.key(path).map(|key| key.role);
        assert_eq!(role(&["server", "listen"]), Some(Some(Role::Server)));
        assert_eq!(role(&["server.listen"]), Some(Some(Role::Server)));
        assert_eq!(role(&["a", "to"]), Some(Some(Role::Client)));
        assert_eq!(role(&["a", "b", "to"]), None);
        assert_eq!(role(&["x", "b", "0"]), Some(None));
        assert_eq!(context.key(&["a", "to"]).map(|key| key.split), Some(Split::Blank));
        let names = |path: &str| !settings.context(Path::new(path), None).sources.is_empty();
        assert!(names("etc/a.cfg") && !names("a.cfg") && !names("x/etc/a.cfg"));
    }

    #[test]
    fn ok_without_a_word_all_presets_hold() {
        let all = settings("");
        let none = settings("presets = []");
        let one = settings("presets = [\"cowrie\"]");
        assert!(none.sources.is_empty() && none.programs.is_empty());
        assert!(all.sources.len() > one.sources.len() && !one.sources.is_empty());
    }

    #[test]
    fn err_mistakes_have_places() {
        refused(
            "x = 1",
            "1:1: unknown field `x`, expected one of `presets`, `source`, `command`, `lints`",
        );
        refused(
            "presets = [\"daphne\", \"dahpne\"]",
            "1:22: unknown preset `dahpne` (known are `twisted`, `daphne`, `cowrie`, `tahoe-lafs`, \
             `buildbot`)",
        );
        refused(
            "[lints]\nignore = [\"no\"]",
            "2:11: unknown code `no` (`strports rule` lists them)",
        );
        refused(
            "[[command]]\nname = \"x\"\noptions = [\"listen\"]",
            "3:12: expected an option such as `--listen`, the place of an argument such as `1`, or \
             `*`, but found `listen`",
        );
        refused(
            "[[source]]\nfiles = [\"a[\"]",
            "2:10: `a[` is no pattern: unclosed character class; missing ']'",
        );
    }
}
