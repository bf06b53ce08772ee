//! The table of file formats, with one module per reader.
//!
//! To add a format, create a file with a `FORMAT` and add it to [`FORMATS`]. Readers get only files
//! that may contain a description: files with a type and a colon, files with a word of the format,
//! and files that the configuration names.

mod arguments;
mod assigned;
mod batch;
pub(crate) mod bounds;
mod c_escapes;
mod command;
pub(crate) mod context;
mod crontab;
mod cursor;
mod dockerfile;
mod documents;
mod dotenv;
pub(crate) mod excerpt;
mod exec_form;
mod file_names;
pub(crate) mod format;
mod ini;
mod invocation;
mod json;
pub(crate) mod key_path;
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
mod shortened;
mod string_literal;
mod systemd;
#[cfg(test)]
pub(crate) mod tests;
mod toml;
mod tree;
mod yaml;

use std::path::Path;
use std::sync::LazyLock;

use context::Readers;
use file_names::{FileNames, Name};
use format::Format;
pub(crate) use list::{FORMAT as LIST, OPTIONS};

/// All formats that a configuration can name. A file has the first format whose pattern matches its
/// name.
static FORMATS: &[&Format] = &[
    // Python is first because of `master.cfg`, which would otherwise be an INI file.
    &python::FORMAT,
    &list::FORMAT,
    &shell::FORMAT,
    &makefile::FORMAT,
    &nix::FORMAT,
    &procfile::FORMAT,
    &dotenv::FORMAT,
    &crontab::FORMAT,
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

/// Looks up formats for texts inside files of other formats.
pub(crate) static READERS: Readers = Readers {
    named: |name| by_name(name).map(Format::reader),
    for_path: |path| by_path(path).map(Format::reader),
    for_script: |text| by_first_line(text).map(Format::reader),
};

/// The names of all formats.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.name)
}

/// The words of all formats, such as `FromString`, for which a file is read.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().flat_map(|format| format.words).copied()
}

/// The format called `name`, as in `format =`; `None` if there is none.
pub(crate) fn by_name(name: &str) -> Option<&'static Format> {
    find(|format| format.name == name)
}

/// Extensions of templates and samples. The format is that of the name before the extension.
const COPIES: [&str; 12] = [
    "j2", "jinja", "jinja2", "tmpl", "tpl", "tftpl", "template", "erb", "in", "dist", "example",
    "sample",
];

/// Hidden files and directories that may contain descriptions. Others have only the state of a
/// tool.
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

/// Whether a hidden file or directory with this name is walked in spite of its leading dot.
pub(crate) fn is_walked(name: &std::ffi::OsStr) -> bool {
    HIDDEN.iter().any(|pattern| Name::new(pattern).fits(name.as_encoded_bytes()))
}

/// The format of the file at `path`, from its name; `None` if the name determines none.
pub(crate) fn by_path(path: &Path) -> Option<&'static Format> {
    static NAMES: LazyLock<FileNames> =
        LazyLock::new(|| FileNames::new(FORMATS.iter().map(|format| format.files)));
    let named = |path: &Path| NAMES.find(path).map(|format| FORMATS[format]);
    named(path).or_else(|| is_template(path).then(|| named(&path.with_extension("")))?)
}

/// Whether a file is a template or a sample of another file, such as `a.service.j2`.
pub(crate) fn is_template(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    extension.is_some_and(|it| COPIES.iter().any(|copy| copy.eq_ignore_ascii_case(it)))
}

/// Whether a path has no extension, so that the file may be a script. See [`by_first_line`].
pub(crate) fn may_be_script(path: &Path) -> bool {
    path.extension().is_none()
}

/// The format of a script, from the interpreter that its first line names: `#!/usr/bin/env
/// python3`. `None` for another file, or another interpreter.
pub(crate) fn by_first_line(file: &[u8]) -> Option<&'static Format> {
    let line = file.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let name = |word: &[u8]| word.rsplit(|byte| *byte == b'/').next().unwrap_or(word).to_vec();
    let mut program = name(words.next()?);
    if program == b"env" {
        program = name(words.find(|word| !word.starts_with(b"-"))?);
    }
    // A version at the end is dropped: `python3.11` means `python`.
    let end = program.iter().rposition(u8::is_ascii_alphabetic)?;
    let program = &program[..=end];
    find(|format| format.interpreters.iter().any(|it| it.as_bytes() == program))
}

fn find(is_wanted: impl Fn(&Format) -> bool) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| is_wanted(format))
}
