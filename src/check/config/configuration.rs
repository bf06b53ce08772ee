//! One configuration: what a `strports.toml` and the presets say.

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
use crate::check::types::Catalogue;
use crate::check::variable::Variable;
use strports_syntax::{Role, Types};

/// The name of its file.
pub(super) const FILE: &str = "strports.toml";

/// Whether a file is a configuration, and so holds no descriptions.
pub(crate) fn is_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == FILE)
}

/// Everything that one `strports.toml` says, or what holds where there is none.
///
/// The format is described in `docs/config.md`; [`parse`](Self::parse) reads it.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The directory of the file, without symbolic links.
    pub(super) root: PathBuf,
    /// The file itself, if there is one.
    pub(super) file: PathBuf,
    /// What a walk leaves out.
    pub(super) exclude: GlobSet,
    /// The user's entries first, then those of the presets.
    pub(super) sources: Vec<Source>,
    /// The files of all sources.
    pub(super) files: GlobSet,
    /// The index of the source of each pattern of `files`.
    pub(super) owners: Vec<usize>,
    pub(super) programs: Vec<Program>,
    pub(super) variables: Vec<Variable>,
    /// The names of programs and variables.
    pub(super) names: KnownNames,
    /// The keys of presets by format, for texts inside files of other formats.
    pub(super) excerpts: Vec<(&'static str, Keys)>,
    pub(crate) lints: Lints,
    pub(crate) catalogue: Catalogue,
    /// The names of types whose files are worth reading.
    pub(crate) type_names: TypeNames,
}

/// One `[[source]]`: files, and where in them descriptions are.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(super) keys: Keys,
    /// For files whose name does not tell their format.
    pub(crate) format: Option<&'static Format>,
    /// Where the configuration says which files are its own.
    pub(super) place: Place,
    /// Whether one of its files was met.
    pub(crate) met: Seen,
}

impl Source {
    /// Whether it is the user's, and not a preset's.
    pub(crate) const fn is_own(&self) -> bool {
        self.keys.is_own
    }

    /// Whether a file that has none of its words, and no type with a colon, holds no description.
    pub(crate) const fn is_typed(&self) -> bool {
        self.keys.typed
    }
}

impl Configuration {
    /// A path as the patterns of this configuration match it.
    pub(crate) fn relative<'p>(&self, absolute: &'p Path) -> &'p Path {
        absolute.strip_prefix(&self.root).unwrap_or(absolute)
    }

    /// The sources that name the file at `path`, which is relative to the configuration.
    pub(crate) fn sources(&self, path: &Path) -> Vec<&Source> {
        // The configuration names keys; it has no descriptions under them.
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

    /// What holds for the file at `path`, which is relative to the configuration.
    pub(crate) fn context(&self, path: &Path, role: Option<Role>) -> Context<'_> {
        let keys = self.sources(path).into_iter().map(|source| &source.keys).collect();
        Context {
            role,
            programs: &self.programs,
            variables: &self.variables,
            names: &self.names,
            keys,
            excerpts: &self.excerpts,
            readers: READERS,
            notes: Notes::default(),
            is_template: source::is_template(path),
            depth: 0,
        }
    }

    /// The directory that its patterns start from.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the file or directory at `path`, which is relative to the configuration, is left
    /// out of a walk.
    pub(crate) fn excludes(&self, path: &Path) -> bool {
        self.exclude.is_match(path)
    }

    /// What the user has named and no file that was read has: sources without a file, and keys.
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
            for key in source.keys.patterns.iter().filter(|key| !key.used.get()) {
                warn(key.place, format!("no file of this `[[source]]` has the key `{}`", key.text));
            }
        }
        unused
    }

    /// The types that descriptions may have: those of the table, of packages, and its own.
    pub const fn types(&self) -> Types<'static> {
        self.catalogue.types()
    }

    /// The names of programs and variables that descriptions are given to.
    pub(crate) const fn names(&self) -> &KnownNames {
        &self.names
    }
}
