//! Converts the text of a `strports.toml` into a configuration. An error has its line and column.

use std::iter::once;
use std::path::Path;

use globset::{Glob, GlobMatcher, GlobSetBuilder};
use toml::Spanned;

use super::configuration::{Configuration, FILE, Source};
use super::error::ConfigError;
use super::presets::PRESETS;
use super::tables::{
    CommandTable, File, InOrder, LintsTable, ListOrTable, PathLintsTable, Preset, Project,
    RoleWord, SourceTable, SplitWord, VariableTable,
};
use crate::check::embedded::Split;
use crate::check::paths::real_path;
use crate::check::pattern::{self, value_pattern};
use crate::check::place::{Lines, Place};
use crate::check::prefilter::TypeNames;
use crate::check::program::{Argument, KnownNames, Program, StandsFor};
use crate::check::selection::{Lints, PerPath, Selector};
use crate::check::source;
use crate::check::source::format::Format;
use crate::check::source::keys::{KeyPattern, Keys, Seen};
use crate::check::variable::Variable;
use crate::types::{Catalogue, Mistake};

impl Configuration {
    /// Reads the text of a `strports.toml`, whose patterns for files are relative to `root`.
    ///
    /// # Errors
    ///
    /// Returns the first error with its place: text that is not TOML, an unknown key, preset, code
    /// or format, or an invalid pattern. Samples: `presets = ["dahpne"]`, `files = ["a["]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use strports::check::Configuration;
    ///
    /// let error = Configuration::parse(Path::new(""), "presets = ['dahpne']").unwrap_err();
    /// assert!(error.to_string().contains("dahpne"));
    /// assert!(Configuration::parse(Path::new(""), "presets = ['daphne']").is_ok());
    /// ```
    pub fn parse(root: &Path, text: &str) -> Result<Self, ConfigError> {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        read(&real_path(root).join(FILE), text)
    }
}

/// Reads the configuration at `path`, whose content is `text`.
pub(super) fn read(path: &Path, text: &str) -> Result<Configuration, ConfigError> {
    let whole = toml::from_str::<File>(text).map_err(Mistake::from);
    let settings = whole.and_then(|whole| settings(path, text, whole));
    settings.map_err(|mistake| ConfigError::new(path, text, mistake))
}

/// Reads the table `[tool.strports]` of the `pyproject.toml` at `path`, whose content is `text`;
/// `None` if there is no such table.
pub(super) fn read_project(path: &Path, text: &str) -> Result<Option<Configuration>, ConfigError> {
    // Without the table, the file is not parsed: its errors are reported by other tools.
    if !text.contains("tool.strports") && !text.contains("[tool]") {
        return Ok(None);
    }
    let whole = toml::from_str::<Project>(text).map_err(Mistake::from);
    let table = whole.map(|whole| whole.tool.and_then(|tool| tool.strports));
    let settings = table.and_then(|it| it.map(|table| settings(path, text, table)).transpose());
    settings.map_err(|mistake| ConfigError::new(path, text, mistake))
}

/// The configuration of a directory without a file: all presets. An error is in the presets.
pub(super) fn without_file(root: &Path) -> Result<Configuration, ConfigError> {
    let path = Path::new("presets.toml");
    settings(&root.join(FILE), "", File::default())
        .map_err(|mistake| ConfigError::new(path, PRESETS, mistake))
}

fn settings(path: &Path, text: &str, whole: File) -> Result<Configuration, Mistake> {
    let places = Lines::new(text.as_bytes());
    let own = Preset { source: whole.source, command: whole.command, variable: whole.variable };
    let mut files = Files { globs: GlobSetBuilder::new(), owners: Vec::new() };
    let (mut sources, mut programs, mut variables) = (Vec::new(), Vec::new(), Vec::new());
    let mut excerpts = Vec::new();
    let presets = presets(whole.presets.as_deref())?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for (index, (name, preset)) in once((file, own)).chain(presets).enumerate() {
        let Preset { source: more, command, variable } = preset;
        for one in more {
            files.add(sources.len(), &one.files)?;
            let source = one_source(&one, (index == 0).then_some(&places), &name)?;
            if !source.is_own() {
                excerpts.extend(excerpt(&one, &source));
            }
            sources.push(source);
        }
        for one in command {
            programs.push(program(&one, &name)?);
        }
        for one in variable {
            variables.push(one_variable(&one, &name)?);
        }
    }
    let Files { globs, owners } = files;
    let files = globs.build().map_err(|error| Mistake::anywhere(&error))?;
    let mut exclude = GlobSetBuilder::new();
    for pattern in &whole.exclude {
        exclude.add(file_pattern(pattern)?);
    }
    let exclude = exclude.build().map_err(|error| Mistake::anywhere(&error))?;
    let lints = lints(whole.lints)?;
    let catalogue = Catalogue::new(&whole.r#type)?;
    let type_names = TypeNames::new(&catalogue);
    let commands = programs.iter().filter_map(|it: &Program| it.name.first());
    let mut all: Vec<&str> =
        variables.iter().map(Variable::word).chain(commands.map(String::as_str)).collect();
    let names = KnownNames::new(all.iter().copied());
    source::words().for_each(|word| all.push(word));
    let words = KnownNames::new(all);
    Ok(Configuration {
        root: path.parent().unwrap_or(Path::new("")).to_owned(),
        file: path.to_owned(),
        exclude,
        sources,
        files,
        owners,
        programs,
        variables,
        names,
        words,
        excerpts,
        lints,
        catalogue,
        type_names,
    })
}

/// The presets that the configuration lists, with their names; by default all.
fn presets(wanted: Option<&[Spanned<String>]>) -> Result<Vec<(String, Preset)>, Mistake> {
    let InOrder(mut all) = toml::from_str::<InOrder<Preset>>(PRESETS)?;
    for name in wanted.unwrap_or_default() {
        if !all.iter().any(|(preset, _)| preset.get_ref() == name.get_ref()) {
            let known = all.iter().map(|(preset, _)| format!("`{}`", preset.get_ref()));
            let known = known.collect::<Vec<_>>().join(", ");
            let message = format!("unknown preset `{}` (known are {known})", name.get_ref());
            return Err(Mistake::at(name, message));
        }
    }
    if let Some(wanted) = wanted {
        all.retain(|(preset, _)| wanted.iter().any(|name| name.get_ref() == preset.get_ref()));
    }
    let named = |(name, preset): (Spanned<String>, Preset)| {
        (format!("preset `{}`", name.get_ref()), preset)
    };
    Ok(all.into_iter().map(named).collect())
}

/// The file patterns of all sources, and for each pattern the index of its source.
struct Files {
    globs: GlobSetBuilder,
    owners: Vec<usize>,
}

impl Files {
    fn add(&mut self, owner: usize, patterns: &[Spanned<String>]) -> Result<(), Mistake> {
        for pattern in patterns {
            self.globs.add(file_pattern(pattern)?);
            self.owners.push(owner);
        }
        Ok(())
    }
}

fn file_pattern(pattern: &Spanned<String>) -> Result<Glob, Mistake> {
    pattern::file_pattern(pattern.get_ref()).map_err(|error| not_a_pattern(pattern, &error))
}

/// Converts one `[[source]]`. `own` has the lines of the configuration; `None` for a preset.
fn one_source(
    one: &SourceTable,
    own: Option<&Lines<'_>>,
    configuration: &str,
) -> Result<Source, Mistake> {
    let place = |word: &Spanned<String>| match own {
        Some(lines) => lines.place(word.span().start),
        None => Place { line: 1, column: 1 },
    };
    let mut patterns = Vec::new();
    for (pattern, role) in &one.keys.0 {
        let key = KeyPattern::new(pattern.get_ref(), place(pattern), role.role(), configuration);
        patterns.push(key.map_err(|error| not_a_pattern(pattern, &error))?);
    }
    let format = one.format.as_ref().map(format).transpose()?;
    let (split, except) = (one.split.map_or(Split::No, SplitWord::split), values(&one.except)?);
    let role = one.role.and_then(RoleWord::role);
    let keys = Keys { patterns, split, role, except, typed: one.typed, is_own: own.is_some() };
    let place = one.files.first().map_or(Place { line: 1, column: 1 }, place);
    Ok(Source { keys, format, place, met: Seen::default(), unread: Seen::default() })
}

/// Compiles the patterns of `except =`, for values that are not descriptions.
fn values(patterns: &[Spanned<String>]) -> Result<Vec<GlobMatcher>, Mistake> {
    let matcher = |pattern: &Spanned<String>| {
        value_pattern(pattern.get_ref()).map_err(|error| not_a_pattern(pattern, &error))
    };
    patterns.iter().map(matcher).collect()
}

/// The format and the keys of a source, for texts of that format inside other files. `None` if the
/// file name determines no format.
fn excerpt(table: &SourceTable, source: &Source) -> Option<(&'static str, Keys)> {
    let by_name = || table.files.first().and_then(|it| source::by_path(Path::new(it.get_ref())));
    Some((source.format.or_else(by_name)?.name, source.keys.clone()))
}

fn one_variable(one: &VariableTable, configuration: &str) -> Result<Variable, Mistake> {
    let name = one.name.get_ref();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'*';
    if name.trim_matches('*').is_empty() || !name.bytes().all(is_name) {
        return Err(Mistake::at(&one.name, "expected the name of an environment variable"));
    }
    if name.matches('*').count() > 1 {
        return Err(Mistake::at(&one.name, format!("`{name}` has more than one `*`")));
    }
    let keys = Keys {
        patterns: Vec::new(),
        split: one.split.map_or(Split::No, SplitWord::split),
        role: one.role.and_then(RoleWord::role),
        except: values(&one.except)?,
        typed: false,
        is_own: false,
    };
    Ok(Variable::new(name, keys, configuration))
}

fn not_a_pattern(pattern: &Spanned<String>, error: &globset::Error) -> Mistake {
    Mistake::at(pattern, format!("`{}` is not a pattern: {}", pattern.get_ref(), error.kind()))
}

fn format(name: &Spanned<String>) -> Result<&'static Format, Mistake> {
    source::by_name(name.get_ref()).ok_or_else(|| {
        let known = source::names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Mistake::at(name, format!("unknown format `{}` (known are {known})", name.get_ref()))
    })
}

fn program(one: &CommandTable, configuration: &str) -> Result<Program, Mistake> {
    let name: Vec<String> = one.name.get_ref().split_whitespace().map(str::to_owned).collect();
    if name.is_empty() {
        return Err(Mistake::at(&one.name, "expected the name of a program"));
    }
    let options = one.options.iter().map(argument).collect::<Result<_, _>>()?;
    let stands_for = |text: &Spanned<String>| {
        let why = "expected a description with `{}` for the value, and `{--option=DEFAULT}`";
        StandsFor::parse(text.get_ref()).ok_or_else(|| Mistake::at(text, why))
    };
    let stands_for = one.stands_for.as_ref().map(stands_for).transpose()?;
    let role = one.role.and_then(RoleWord::role);
    let label = format!("command `{}` of {configuration}", name.join(" ")).into();
    Ok(Program { name, options, role, bare: one.bare, stands_for, label })
}

fn argument(option: &Spanned<String>) -> Result<Argument, Mistake> {
    match option.get_ref().as_str() {
        "*" => Ok(Argument::Every),
        text if text.starts_with('-') && text.len() > 1 => Ok(Argument::Option(text.to_owned())),
        text => match text.parse() {
            Ok(place) if place > 0 => Ok(Argument::Positional(place)),
            _ => Err(Mistake::at(
                option,
                format!(
                    "expected an option such as `--listen`, the place of an argument such as `1`, \
                     or `*`, but found `{text}`"
                ),
            )),
        },
    }
}

fn lints(one: LintsTable) -> Result<Lints, Mistake> {
    let mut per_path = Vec::new();
    for (pattern, lints) in one.per_path.0 {
        let ListOrTable(PathLintsTable { select, ignore }) = lints;
        per_path.push(PerPath {
            files: file_pattern(&pattern)?.compile_matcher(),
            select: select.as_deref().map(selectors).transpose()?,
            ignore: selectors(&ignore)?,
        });
    }
    Ok(Lints {
        select: one.select.as_deref().map(selectors).transpose()?,
        ignore: selectors(&one.ignore)?,
        per_path,
    })
}

fn selectors(codes: &[Spanned<String>]) -> Result<Vec<Selector>, Mistake> {
    let selector =
        |code: &Spanned<String>| code.get_ref().parse().map_err(|error| Mistake::at(code, error));
    codes.iter().map(selector).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use strports_syntax::Role;

    #[track_caller]
    fn settings(text: &str) -> Configuration {
        read(Path::new("/t/strports.toml"), text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[track_caller]
    fn refused(text: &str, said: &str) {
        let error = read(Path::new("/t/strports.toml"), text).unwrap_err();
        assert_eq!(error.to_string(), format!("/t/strports.toml:{said}"));
    }

    #[test]
    fn keys_and_files_are_patterns() {
        let settings = settings(
            "presets = []\n[[source]]\nfiles = [\"*.conf\", \"etc/*.cfg\"]\nformat = \"list\"\n\
             split = \"blank\"\nkeys = { \"server.listen\" = \"server\", \"*.to\" = \"client\", \
             \"x.**\" = \"either\" }\n",
        );
        let context = settings.context(Path::new("a/b.conf"), None);
        let key = |path: &[&str]| context.key(&path.iter().collect());
        let role = |path: &[&str]| key(path).map(|key| key.role);
        assert_eq!(role(&["server", "listen"]), Some(Some(Role::Server)));
        assert_eq!(role(&["server.listen"]), Some(Some(Role::Server)));
        assert_eq!(role(&["a", "to"]), Some(Some(Role::Client)));
        assert_eq!(role(&["a", "b", "to"]), None);
        assert_eq!(role(&["x", "b", "0"]), Some(None));
        assert_eq!(key(&["a", "to"]).map(|key| key.split), Some(Split::Blank));
        let names = |path: &str| !settings.sources(Path::new(path)).is_empty();
        assert!(names("etc/a.cfg") && !names("a.cfg") && !names("x/etc/a.cfg"));
    }

    #[test]
    fn all_presets_apply_by_default() {
        let all = settings("");
        let none = settings("presets = []");
        let one = settings("presets = [\"cowrie\"]");
        assert!(none.sources.is_empty() && none.programs.is_empty());
        assert!(all.sources.len() > one.sources.len() && !one.sources.is_empty());
    }

    #[test]
    fn errors_have_positions() {
        refused(
            "x = 1",
            "1:1: unknown field `x`, expected one of `presets`, `exclude`, `source`, `command`, \
             `variable`, `type`, `lints`",
        );
        refused(
            "presets = [\"daphne\", \"dahpne\"]",
            "1:22: unknown preset `dahpne` (known are `twisted`, `daphne`, `cowrie`, `tahoe-lafs`, \
             `buildbot`, `crossbar`)",
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
            "2:10: `a[` is not a pattern: unclosed character class; missing ']'",
        );
    }
}
