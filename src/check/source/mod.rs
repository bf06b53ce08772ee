//! The table of formats in which files hold descriptions; a reader a file.
//!
//! A new format is a file with a `FORMAT` and a row in [`FORMATS`]. Readers see only the files in
//! which a description may be: those with a type and a colon, those with one of the format's words,
//! and those that the configuration names.

mod arguments;
mod assigned;
mod batch;
pub(crate) mod bounds;
mod c_escapes;
mod command;
pub(crate) mod context;
mod cursor;
mod dockerfile;
mod documents;
mod dotenv;
pub(crate) mod excerpt;
mod exec_form;
pub(crate) mod format;
mod ini;
mod invocation;
mod json;
pub(crate) mod keys;
mod list;
mod makefile;
mod masked;
mod nix;
pub(crate) mod notes;
pub(crate) mod placeholder;
mod powershell;
mod procfile;
mod python;
mod shell;
mod shell_words;
mod string_literal;
mod systemd;
#[cfg(test)]
pub(crate) mod tests;
mod toml;
mod tree;
mod yaml;

use std::path::Path;

use context::Readers;
use format::Format;
pub(crate) use list::{FORMAT as LIST, OPTIONS};

/// Every format that a configuration can name; a file has the first that its name fits.
static FORMATS: &[&Format] = &[
    // Before the formats of other files whose names end in `.cfg`.
    &python::FORMAT,
    &list::FORMAT,
    &shell::FORMAT,
    &makefile::FORMAT,
    &nix::FORMAT,
    &procfile::FORMAT,
    &dotenv::FORMAT,
    &dockerfile::FORMAT,
    &systemd::FORMAT,
    &batch::FORMAT,
    &powershell::FORMAT,
    &toml::FORMAT,
    &json::FORMAT,
    &yaml::FORMAT,
    &ini::FORMAT,
    &documents::markdown::FORMAT,
    &documents::restructured_text::FORMAT,
];

/// The formats of texts inside files of other formats.
pub(crate) static READERS: Readers = Readers {
    named: |name| by_name(name).map(Format::reader),
    for_path: |path| by_path(path).map(Format::reader),
    for_script: |text| by_first_line(text).map(Format::reader),
};

/// The names of all formats.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.name)
}

/// The format called `name`.
pub(crate) fn by_name(name: &str) -> Option<&'static Format> {
    find(|format| format.name == name)
}

/// What the name of a file ends with that becomes another one, or is a sample of it.
const COPIES: [&str; 12] = [
    "j2", "jinja", "jinja2", "tmpl", "tpl", "tftpl", "template", "erb", "in", "dist", "example",
    "sample",
];

/// Hidden files and directories in which there is more than a tool's own state.
const HIDDEN: [&str; 24] = [
    ".bash_profile",
    ".bashrc",
    ".buildkite",
    ".circleci",
    ".crossbar",
    ".devcontainer",
    ".drone.yml",
    ".env*",
    ".envrc",
    ".flaskenv",
    ".forgejo",
    ".gitea",
    ".github",
    ".gitlab",
    ".gitlab-ci.yml",
    ".gitlab-ci*.yml",
    ".profile",
    ".travis.yml",
    ".vscode",
    ".woodpecker",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".zshrc",
    ".docker",
];

/// Whether a hidden file or directory of this name is walked all the same.
pub(crate) fn is_walked(name: &std::ffi::OsStr) -> bool {
    HIDDEN.iter().any(|pattern| is_called(name.as_encoded_bytes(), pattern))
}

/// The format of the file at `path`, by its name.
pub(crate) fn by_path(path: &Path) -> Option<&'static Format> {
    let named = |path: &Path| find(|it| it.files.iter().any(|pattern| fits(path, pattern)));
    named(path).or_else(|| is_template(path).then(|| named(&path.with_extension("")))?)
}

/// Whether a file becomes another one, or is a sample of it: `a.service.j2`.
pub(crate) fn is_template(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    extension.is_some_and(|it| COPIES.iter().any(|copy| copy.eq_ignore_ascii_case(it)))
}

/// Whether a path has no extension, so that the file may be a script; see [`by_first_line`].
pub(crate) fn may_be_script(path: &Path) -> bool {
    path.extension().is_none()
}

/// The format of a script, by the program that its first line names.
pub(crate) fn by_first_line(file: &[u8]) -> Option<&'static Format> {
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
    find(|format| format.interpreters.iter().any(|it| it.as_bytes() == program))
}

fn find(is_wanted: impl Fn(&Format) -> bool) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| is_wanted(format))
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
