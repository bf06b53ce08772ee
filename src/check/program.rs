//! Programs whose command lines contain descriptions, and a search for their names in files.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use strports_syntax::Role;

/// One `[[command]]`: a program, and the arguments that are descriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The name of the program without its directory, and its subcommands: `["twist", "web"]`.
    /// Options may be between them.
    pub(crate) name: Vec<String>,
    /// The options and positional arguments that `options =` lists.
    pub(crate) options: Vec<Argument>,
    /// The role of the descriptions; `None` means either role.
    pub(crate) role: Option<Role>,
    /// Whether a word without a colon, such as a port number, is not a description.
    pub(crate) bare: bool,
    /// How to derive a description from the value of an option; `None` if the value is a
    /// description itself.
    pub(crate) stands_for: Option<StandsFor>,
    /// The name that the list of descriptions (`--list`) shows as the source.
    pub(crate) label: Arc<str>,
}

/// A description that a program derives from its options: `tcp:port={}:interface={-b=127.0.0.1}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StandsFor(pub(crate) Vec<Part>);

/// A part of the description that a program derives from its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    /// The value of the option that the `[[command]]` lists: `{}`.
    Value,
    /// The value of another option, by one of its names, with a default: `{-b,--bind=127.0.0.1}`.
    Option(Vec<String>, String),
}

impl StandsFor {
    /// Parses the value of `stands-for =`. `None` if a brace is not closed, or an option has no
    /// default.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let (inside, next) = behind.split_once('}')?;
            parts.push(Part::Text(before.into()));
            parts.push(match inside.split_once('=') {
                Some((names, default)) => {
                    Part::Option(names.split(',').map(str::to_owned).collect(), default.into())
                }
                None if inside.is_empty() => Part::Value,
                None => return None,
            });
            rest = next;
        }
        parts.push(Part::Text(rest.into()));
        Some(Self(parts))
    }
}

impl Program {
    /// Whether the program is strports, which supports its own extensions of the syntax.
    pub(crate) fn is_ours(&self) -> bool {
        self.name.first().is_some_and(|name| name == "strports")
    }
}

/// The position of a description on a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// The value of this option, as written: `--listen`, `-e`.
    Option(String),
    /// The positional argument with this number, from 1.
    Positional(usize),
    /// All positional arguments.
    Every,
}

/// Names of programs and variables, compiled to search many files for all of them at once.
#[derive(Clone, Debug)]
pub(crate) struct KnownNames(Option<AhoCorasick>);

impl KnownNames {
    pub(crate) fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut words: Vec<_> = words.into_iter().collect();
        words.sort_unstable();
        words.dedup();
        // If the automaton would be too large, there is none, and every file counts as one with a
        // name.
        Self(AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).ok())
    }

    /// The byte offsets in `file` at which a name begins.
    pub(crate) fn places(&self, file: &[u8]) -> Vec<usize> {
        self.0.iter().flat_map(|words| words.find_iter(file)).map(|it| it.start()).collect()
    }

    /// Whether `file` contains one of the names.
    pub(crate) fn are_in(&self, file: &[u8]) -> bool {
        self.0.as_ref().is_none_or(|words| words.is_match(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_names_are_found_in_one_pass() {
        let names = KnownNames::new(["daphne", "twist", "daphne"]);
        assert!(names.are_in(b"exec daphne -e x") && names.are_in(b"twistd"));
        assert!(!names.are_in(b"daph\nne twis"));
        assert!(!KnownNames::new([]).are_in(b"daphne"));
    }
}
