//! The languages of code blocks, by their names in documents.

/// The language of a code block, which determines its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language<'n> {
    /// The block contains commands for a shell, in this layout.
    Shell(Kind),
    /// The block is read by the reader of the format with this name.
    Reader(&'static str),
    /// The block is read like a file with this name.
    File(&'n str),
}

/// Whether a block of commands also contains prompts and output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Commands. If any line has a prompt such as `$ `, the lines without one are output.
    Script,
    /// Commands after prompts, such as `$ ` or `# `, and their output, which is skipped.
    Session,
}

/// Names of languages in documents that are neither a format nor a file name extension.
static ALIASES: &[(&str, Language<'static>)] = &[
    ("sh", Language::Shell(Kind::Script)),
    ("shell", Language::Shell(Kind::Script)),
    ("bash", Language::Shell(Kind::Script)),
    ("zsh", Language::Shell(Kind::Script)),
    ("ksh", Language::Shell(Kind::Script)),
    ("fish", Language::Shell(Kind::Script)),
    ("console", Language::Shell(Kind::Session)),
    ("terminal", Language::Shell(Kind::Session)),
    ("session", Language::Shell(Kind::Session)),
    ("shell-session", Language::Shell(Kind::Session)),
    ("shellsession", Language::Shell(Kind::Session)),
    ("sh-session", Language::Shell(Kind::Session)),
    ("bash-session", Language::Shell(Kind::Session)),
    ("py", Language::Reader("python")),
    ("py3", Language::Reader("python")),
    ("python3", Language::Reader("python")),
    ("pycon", Language::Reader("python")),
    ("doctest", Language::Reader("python")),
    ("docker", Language::Reader("dockerfile")),
    ("docker-compose", Language::Reader("yaml")),
    ("compose", Language::Reader("yaml")),
    ("config", Language::Reader("ini")),
    ("pwsh", Language::Reader("powershell")),
    ("dotenv", Language::Reader("env")),
    ("make", Language::Reader("makefile")),
];

/// The names of formats that are also language names.
const FORMATS: [&str; 11] = [
    "python",
    "ini",
    "toml",
    "yaml",
    "json",
    "dockerfile",
    "systemd",
    "procfile",
    "powershell",
    "makefile",
    "nix",
];

/// Names of code blocks that say nothing about the language, which is then guessed from the text.
const PLAIN: [&str; 6] = ["", "text", "none", "plain", "plaintext", "txt"];

impl<'n> Language<'n> {
    /// Returns the language with this name. For a block without a name, guesses the language from
    /// `text`.
    pub(super) fn new(name: &'n str, text: &[u8]) -> Self {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        if PLAIN.iter().any(|it| is(it)) {
            return guess(text);
        }
        let alias = ALIASES.iter().find(|(known, _)| is(known)).map(|(_, language)| *language);
        let format = FORMATS.iter().find(|known| is(known)).map(|name| Self::Reader(name));
        alias.or(format).unwrap_or(Self::File(name))
    }
}

/// Guesses the language of a code block without a name from its text. The default is a script.
fn guess(text: &[u8]) -> Language<'static> {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#")).unwrap_or_default();
    if first.starts_with(b"[") && first.ends_with(b"]") {
        return Language::Reader(if has("[Service]") { "systemd" } else { "ini" });
    }
    let is_python = first.starts_with(b">>>") || has("FromString(") || has("import ");
    if is_python {
        return Language::Reader("python");
    }
    // Blanks around `=` exclude a shell, so the line is a setting.
    let key = memchr::memmem::find(first, b" = ").map(|end| &first[..end]);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    if key.is_some_and(|key| key.iter().all(is_name)) {
        return Language::Reader("ini");
    }
    let opens = first.starts_with(b"{") || first.starts_with(b"services:");
    if opens {
        return Language::Reader(if first.starts_with(b"{") { "json" } else { "yaml" });
    }
    Language::Shell(Kind::Script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_languages_are_recognized() {
        let of = |name: &'static str, text: &str| Language::new(name, text.as_bytes());
        assert_eq!(of("Bash", ""), Language::Shell(Kind::Script));
        assert_eq!(of("console", ""), Language::Shell(Kind::Session));
        assert_eq!(of("py", ""), Language::Reader("python"));
        assert_eq!(of("service", ""), Language::File("service"));
        assert_eq!(of("", "# x\n[ssh]\na = b\n"), Language::Reader("ini"));
        assert_eq!(of("", "[Unit]\n[Service]\n"), Language::Reader("systemd"));
        assert_eq!(of("text", ">>> a\n"), Language::Reader("python"));
        assert_eq!(of("", "tub.port = tcp:1\n"), Language::Reader("ini"));
        assert_eq!(of("", "daphne -e x\n"), Language::Shell(Kind::Script));
    }
}
