//! Text that tools write to other files: Ansible's `lineinfile`, `ini_file`, `blockinfile` and
//! `copy`, and `write_files` of cloud-init.
//!
//! ```text
//! { path: FILE, line: TEXT }         { dest: FILE, content: TEXT }
//! { path: FILE, section: NAME, option: NAME, value: TEXT }
//! ```

use super::super::context::Reader;
use crate::check::embedded::{Embedded, Quoting};
use strports_syntax::Span;

/// A change of another file, as the keys of one mapping describe it.
#[derive(Debug, Default)]
pub(super) struct Edit {
    path: Option<String>,
    section: Option<String>,
    option: Option<String>,
    text: Option<Embedded>,
    value: Option<Embedded>,
}

/// Whether `key` may describe a change of a file.
pub(super) fn is_key(key: &str) -> bool {
    matches!(
        key,
        "path"
            | "dest"
            | "section"
            | "insertafter"
            | "option"
            | "value"
            | "line"
            | "block"
            | "content"
    )
}

impl Edit {
    /// Keeps the value of `key`, for which [`is_key`] is true.
    pub(super) fn set(&mut self, key: &str, it: &Embedded) {
        let name = || Some(String::from_utf8_lossy(it.text()).into_owned());
        match key {
            "path" | "dest" => self.path = name(),
            "section" => self.section = name(),
            // A regular expression for the head of a section: `^\[ssh\]`.
            "insertafter" => {
                let is_letter = |char: char| char.is_ascii_alphanumeric() || "-_:.".contains(char);
                let text = name().unwrap_or_default();
                let inside = text.split_once('[').map(|(_, inside)| inside.trim_start_matches('('));
                let length = inside.map_or(0, |it| it.find(|char| !is_letter(char)).unwrap_or(0));
                self.section = inside.map(|it| it[..length].to_owned()).filter(|it| !it.is_empty());
            }
            "option" => self.option = name(),
            "value" => self.value = Some(it.clone()),
            _ => self.text = Some(it.clone()),
        }
    }

    /// The name of the changed file. An edit with an option and a value is of an INI file, even
    /// without a name.
    pub(super) fn path(&self) -> Option<&str> {
        let is_of_ini = self.option.is_some() && self.value.is_some();
        self.path.as_deref().or(is_of_ini.then_some("file.ini"))
    }

    /// The text that is written, with the section or head that `reader` needs before it. `None` if
    /// there is no text.
    pub(super) fn file(self, reader: Reader) -> Option<Embedded> {
        let section = self.section.unwrap_or_else(|| "section".to_owned());
        if let (Some(option), Some(value)) = (self.option, self.value) {
            return Some(behind(&format!("[{section}]\n{option} = "), &value));
        }
        let text = self.text?;
        let has_head = text.text().trim_ascii_start().starts_with(b"[");
        Some(match reader.name {
            "ini" if !has_head => behind(&format!("[{section}]\n"), &text),
            "systemd" if !has_head => behind("[Service]\n", &text),
            _ => text,
        })
    }
}

/// Returns `text` after `head`. The head is not in the file, so nothing can be written into it.
fn behind(head: &str, text: &Embedded) -> Embedded {
    let mut it = Embedded::new(None, Quoting::NEVER);
    let start = text.whole().start;
    it.escape(head.as_bytes(), start..start);
    it.extend(text, Span::new(0, text.text().len()));
    it
}
