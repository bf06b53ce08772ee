//! Programs whose command lines hold descriptions, and a search for their names.

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

use strports_syntax::Role;

/// One `[[command]]`: a program, and which of its arguments are descriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The name of the program without its directory, and its subcommands, which may have options
    /// between them: `["twist", "web"]`.
    pub(crate) name: Vec<String>,
    pub(crate) options: Vec<Argument>,
    /// `None` where it may be either.
    pub(crate) role: Option<Role>,
    /// Whether a word without a colon, such as a bare port number, is not a description.
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

/// Whether the name of one of `programs` is in `file`.
pub(crate) fn names_program(file: &[u8], programs: &[Program]) -> bool {
    program_names(programs).iter().any(|name| memmem::find(file, name.as_bytes()).is_some())
}

/// The names of programs, each once.
fn program_names(programs: &[Program]) -> Vec<&str> {
    let mut names: Vec<_> = programs.iter().filter_map(|it| it.name.first()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(String::as_str).collect()
}

/// The names of programs, compiled to be searched for in many files.
#[derive(Clone, Debug)]
pub(crate) struct ProgramNames(Option<AhoCorasick>);

impl ProgramNames {
    pub(crate) fn new(programs: &[Program]) -> Self {
        Self::from_words(program_names(programs))
    }

    fn from_words(words: Vec<&str>) -> Self {
        // Without a search, because it would be too large, every file counts as one with a name.
        Self(AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).ok())
    }

    /// Whether one of them is in `file`.
    pub(crate) fn are_in(&self, file: &[u8]) -> bool {
        self.0.as_ref().is_none_or(|words| words.is_match(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_names_are_found_together() {
        let names = ProgramNames::from_words(vec!["daphne", "twist"]);
        assert!(names.are_in(b"exec daphne -e x") && names.are_in(b"twistd"));
        assert!(!names.are_in(b"daph\nne twis"));
        assert!(!ProgramNames::new(&[]).are_in(b"daphne"));
    }
}
