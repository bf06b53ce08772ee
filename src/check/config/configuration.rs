//! A configuration: the content of a `strports.toml`, together with the presets that it uses.

use std::path::{Path, PathBuf};

use globset::GlobSet;

use super::error::ConfigError;
use crate::check::place::Place;
use crate::check::prefilter::TypeNames;
use crate::check::program::{KnownNames, Program};
use crate::check::selection::Lints;
use crate::check::source::context::Context;
use crate::check::source::format::Format;
use crate::check::source::keys::{Keys, Seen};
use crate::check::source::notes::Notes;
use crate::check::source::{self, READERS};
use crate::check::variable::Variable;
use crate::types::Catalogue;
use strports_syntax::{Role, Types};

/// The name of the configuration file.
pub(super) const FILE: &str = "strports.toml";

/// Whether a file is a configuration. Its values are not descriptions.
pub(crate) fn is_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == FILE)
}

/// The content of a `strports.toml`, or the defaults without one.
///
/// The format is described in `docs/config.md`; [`parse`](Self::parse) reads it.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The directory of the file, without symbolic links.
    pub(super) root: PathBuf,
    /// The path at which errors are reported. Without a file, it does not exist.
    pub(super) file: PathBuf,
    /// The patterns of `exclude =`: files and directories that are not walked.
    pub(super) exclude: GlobSet,
    /// The `[[source]]` tables: the user's first, then those of the presets.
    pub(super) sources: Vec<Source>,
    /// The file patterns of all `sources`, compiled together so that each path is matched once.
    pub(super) files: GlobSet,
    /// For each pattern in `files`, the index of its source in `sources`.
    pub(super) owners: Vec<usize>,
    /// The `[[command]]` tables: the user's first, then those of the presets.
    pub(super) programs: Vec<Program>,
    /// The `[[variable]]` tables: the user's first, then those of the presets.
    pub(super) variables: Vec<Variable>,
    /// The names of `programs` and `variables`, compiled to search files for them.
    pub(super) names: KnownNames,
    /// `names`, and the words of all formats. A file with commands is read if it contains one of
    /// them.
    pub(super) words: KnownNames,
    /// The keys of presets by format, for texts of the format inside other files, such as code
    /// blocks.
    pub(super) excerpts: Vec<(&'static str, Keys)>,
    pub(crate) lints: Lints,
    /// The types of descriptions, including those of packages and of `[[type]]` tables.
    pub(crate) catalogue: Catalogue,
    /// The names of all types; a file that contains one before a colon is read.
    pub(crate) type_names: TypeNames,
}

/// One `[[source]]`: a set of files, and the places of descriptions in them.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(super) keys: Keys,
    /// The format, for files whose names do not determine it.
    pub(crate) format: Option<&'static Format>,
    /// The place of the source's `files` in the configuration.
    pub(super) place: Place,
    /// Whether a file matched the source; otherwise, an unused source is reported.
    pub(crate) met: Seen,
    /// Whether a matching file was not read to its end. Unused keys are then not reported.
    pub(super) unread: Seen,
}

impl Source {
    /// Whether the source is from the user's configuration, and not from a preset.
    pub(crate) const fn is_own(&self) -> bool {
        self.keys.is_own
    }

    /// Whether only values that begin with a type and a colon are descriptions.
    pub(crate) const fn is_typed(&self) -> bool {
        self.keys.typed
    }
}

impl Configuration {
    /// A path in the form that the patterns of this configuration match.
    pub(crate) fn relative<'p>(&self, absolute: &'p Path) -> &'p Path {
        absolute.strip_prefix(&self.root).unwrap_or(absolute)
    }

    /// The sources for the file at `path`, which is relative to the configuration.
    pub(crate) fn sources(&self, path: &Path) -> Vec<&Source> {
        // The values in a configuration are names of keys, even if they look like descriptions.
        if is_configuration(path) {
            return Vec::new();
        }
        let mut owners = self.files.matches(path);
        for pattern in &mut owners {
            *pattern = self.owners[*pattern];
        }
        owners.sort_unstable();
        owners.dedup();
        owners.into_iter().map(|owner| &self.sources[owner]).collect()
    }

    /// Records that the file at `path`, which is relative to the configuration, was not read to its
    /// end. Unused keys of its sources are then not reported.
    pub(crate) fn has_unread(&self, path: &Path) {
        for source in self.sources(path) {
            source.unread.set();
        }
    }

    /// The settings with which a reader searches the file at `path`, relative to the configuration.
    /// `role` is the role of descriptions whose file determines none.
    pub(crate) fn context(&self, path: &Path, role: Option<Role>) -> Context<'_> {
        let keys = self.sources(path).into_iter().map(|source| &source.keys).collect();
        Context {
            role,
            programs: &self.programs,
            variables: &self.variables,
            names: &self.names,
            words: &self.words,
            keys,
            excerpts: &self.excerpts,
            readers: READERS,
            notes: Notes::default(),
            is_template: source::is_template(path),
            depth: 0,
            trees: None,
        }
    }

    /// The directory to which the patterns for files are relative.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the file or directory at `path`, which is relative to the configuration, is not
    /// walked.
    pub(crate) fn excludes(&self, path: &Path) -> bool {
        self.exclude.is_match(path)
    }

    /// Warnings about entries of the user that matched nothing: sources without files, and keys.
    pub(crate) fn unused(&self) -> Vec<ConfigError> {
        let mut unused = Vec::new();
        for source in self.sources.iter().filter(|source| source.is_own()) {
            let mut warn =
                |place, message| unused.push(ConfigError::at(&self.file, place, message));
            if !source.met.get() {
                let why = "hidden, excluded and ignored files are not read";
                warn(source.place, format!("no file fits this `[[source]]` ({why})"));
                continue;
            }
            // A key may be in the part of a file that was not read.
            if source.unread.get() {
                continue;
            }
            for key in source.keys.patterns.iter().filter(|key| !key.used.get()) {
                warn(key.place, format!("no file of this `[[source]]` has the key `{}`", key.text));
            }
        }
        unused
    }

    /// All types of descriptions: built-in ones, those of packages, and those of the configuration.
    pub const fn types(&self) -> Types<'static> {
        self.catalogue.types()
    }

    /// Whether a file may have a key whose value must be a description. The file is then read even
    /// if all its types look like URLs.
    pub(crate) fn takes_urls(&self, file: &[u8], sources: &[&Source]) -> bool {
        let own = sources.iter().map(|source| &source.keys);
        let mut all = own.chain(self.excerpts.iter().map(|(_, keys)| keys));
        all.any(|keys| keys.may_be_in(file))
    }

    /// The names of programs and variables, and the words of all formats, for which files are read.
    pub(crate) const fn words(&self) -> &KnownNames {
        &self.words
    }
}
