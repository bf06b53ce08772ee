//! The text of `strports.toml`, read with the places of its mistakes.

use std::iter::once;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSetBuilder};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::{Argument, Program, Settings, Source, Split, key_pattern};
use crate::Role;
use crate::check::lints::{Lints, PerPath, Selector};
use crate::check::place::{Lines, Place};
use crate::check::prefilter::{Words, program_names};
use crate::check::source::Format;
use crate::check::walk::shown;

/// The presets, written as users would write them.
const PRESETS: &str = include_str!("presets.toml");

/// A mistake in a configuration, with its place.
#[derive(Clone, Debug)]
pub(crate) struct ConfigError {
    path: PathBuf,
    place: Option<Place>,
    message: String,
}

impl ConfigError {
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let message = format!("cannot read the configuration: {error}");
        Self { path: path.to_owned(), place: None, message }
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", shown(&self.path).display())?;
        if let Some(Place { line, column }) = self.place {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.message)
    }
}

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    presets: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    source: Vec<OneSource>,
    #[serde(default)]
    command: Vec<OneCommand>,
    #[serde(default)]
    lints: OneLints,
}

/// A preset has fewer tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    #[serde(default)]
    source: Vec<OneSource>,
    #[serde(default)]
    command: Vec<OneCommand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneSource {
    files: Vec<Spanned<String>>,
    #[serde(default)]
    keys: InOrder<OneRole>,
    split: Option<OneSplit>,
    format: Option<Spanned<String>>,
    role: Option<OneRole>,
    #[serde(default)]
    except: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneCommand {
    name: Spanned<String>,
    options: Vec<Spanned<String>>,
    role: Option<OneRole>,
    #[serde(default)]
    bare: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OneLints {
    select: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    #[serde(default)]
    per_path: InOrder<ListOrTable>,
}

/// Beside a table, a mere list is what to ignore.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PathLints {
    select: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OneRole {
    Server,
    Client,
    Either,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OneSplit {
    Blank,
    Line,
    Comma,
}

/// A table whose order counts.
struct InOrder<V>(Vec<(Spanned<String>, V)>);

impl<V> Default for InOrder<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for InOrder<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = InOrder<V>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder<V>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(InOrder(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct ListOrTable(PathLints);

impl<'de> Deserialize<'de> for ListOrTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = PathLints;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of codes to ignore, or a table of `select` and `ignore`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<PathLints, A::Error> {
                let ignore = Deserialize::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(PathLints { select: None, ignore })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PathLints, A::Error> {
                PathLints::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Either).map(Self)
    }
}

impl OneRole {
    const fn role(self) -> Option<Role> {
        match self {
            Self::Server => Some(Role::Server),
            Self::Client => Some(Role::Client),
            Self::Either => None,
        }
    }
}

/// A mistake at a range of the text.
struct Mistake {
    range: Option<Range<usize>>,
    message: String,
}

impl Mistake {
    fn at(spanned: &Spanned<String>, message: impl std::fmt::Display) -> Self {
        Self { range: Some(spanned.span()), message: message.to_string() }
    }

    fn anywhere(message: &dyn std::fmt::Display) -> Self {
        Self { range: None, message: message.to_string() }
    }
}

impl From<toml::de::Error> for Mistake {
    fn from(error: toml::de::Error) -> Self {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        Self { range: error.span(), message }
    }
}

/// Reads the configuration at `path`, which holds `text`.
pub(super) fn read(path: &Path, text: &str) -> Result<Settings, ConfigError> {
    let root = path.parent().unwrap_or(Path::new("")).to_owned();
    settings(root, text).map_err(|Mistake { range, message }| {
        let place = range.map(|range| Lines::new(text.as_bytes()).place(range.start));
        ConfigError { path: path.to_owned(), place, message }
    })
}

/// What holds where there is no configuration.
pub(super) fn without_file(root: PathBuf) -> Result<Settings, ConfigError> {
    settings(root, "").map_err(|Mistake { message, .. }| ConfigError {
        path: PathBuf::from("presets.toml"),
        place: None,
        message,
    })
}

fn settings(root: PathBuf, text: &str) -> Result<Settings, Mistake> {
    let whole: Whole = toml::from_str(text)?;
    let own = Preset { source: whole.source, command: whole.command };
    let mut files = Files { globs: GlobSetBuilder::new(), owners: Vec::new() };
    let mut sources = Vec::new();
    let mut programs = Vec::new();
    for Preset { source: more, command } in once(own).chain(presets(whole.presets.as_deref())?) {
        for one in more {
            files.add(sources.len(), &one.files)?;
            sources.push(source(&one)?);
        }
        for one in command {
            programs.push(program(&one)?);
        }
    }
    let Files { globs, owners } = files;
    let files = globs.build().map_err(|error| Mistake::anywhere(&error))?;
    let lints = lints(whole.lints)?;
    let names = Words::new(program_names(&programs));
    Ok(Settings { root, sources, files, owners, programs, names, lints })
}

/// The presets that are asked for; every one where nothing is said.
fn presets(wanted: Option<&[Spanned<String>]>) -> Result<Vec<Preset>, Mistake> {
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
    Ok(all.into_iter().map(|(_, preset)| preset).collect())
}

/// The patterns of all sources.
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
    super::file_pattern(pattern.get_ref()).map_err(|error| not_a_pattern(pattern, &error))
}

fn source(one: &OneSource) -> Result<Source, Mistake> {
    let mut keys = Vec::new();
    for (pattern, role) in &one.keys.0 {
        let glob =
            key_pattern(pattern.get_ref()).map_err(|error| not_a_pattern(pattern, &error))?;
        keys.push((glob, role.role()));
    }
    let split = match one.split {
        None => Split::No,
        Some(OneSplit::Blank) => Split::Blank,
        Some(OneSplit::Line) => Split::Line,
        Some(OneSplit::Comma) => Split::Comma,
    };
    let format = one.format.as_ref().map(format).transpose()?;
    let except = |pattern: &Spanned<String>| {
        super::value_pattern(pattern.get_ref()).map_err(|error| not_a_pattern(pattern, &error))
    };
    let except = one.except.iter().map(except).collect::<Result<_, _>>()?;
    Ok(Source { keys, split, format, role: one.role.and_then(OneRole::role), except })
}

fn not_a_pattern(pattern: &Spanned<String>, error: &globset::Error) -> Mistake {
    Mistake::at(pattern, format!("`{}` is no pattern: {}", pattern.get_ref(), error.kind()))
}

fn format(name: &Spanned<String>) -> Result<&'static Format, Mistake> {
    Format::named(name.get_ref()).ok_or_else(|| {
        let known = Format::names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Mistake::at(name, format!("unknown format `{}` (known are {known})", name.get_ref()))
    })
}

fn program(one: &OneCommand) -> Result<Program, Mistake> {
    let name: Vec<String> = one.name.get_ref().split_whitespace().map(str::to_owned).collect();
    if name.is_empty() {
        return Err(Mistake::at(&one.name, "expected the name of a program"));
    }
    let options = one.options.iter().map(argument).collect::<Result<_, _>>()?;
    Ok(Program { name, options, role: one.role.and_then(OneRole::role), bare: one.bare })
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

fn lints(one: OneLints) -> Result<Lints, Mistake> {
    let mut per_path = Vec::new();
    for (pattern, lints) in one.per_path.0 {
        let ListOrTable(PathLints { select, ignore }) = lints;
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
