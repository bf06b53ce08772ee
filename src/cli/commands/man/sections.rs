//! Sections of manual pages that the definition of the command line does not contain.

use clap::Command;
#[cfg(feature = "check")]
use clap_mangen::roff::italic;
use clap_mangen::roff::{Roff, bold, roman};

#[cfg(feature = "check")]
use crate::lsp::schema::{Key, Tables};

/// A row of a section: a name or an exit code, and what it means.
type Row = (&'static str, &'static str);
type Rows = &'static [Row];

const EXIT: Rows = &[
    ("0", "success"),
    ("1", "a description has errors, there are findings, or a connection failed"),
    ("2", "the command line is invalid, or something could not be read"),
];
const EXIT_CONNECT: Rows = &[
    ("0", "the connection succeeded, or a signal stopped the server"),
    ("1", "a description has errors, listening failed, or the connection failed"),
    ("2", "the command line is invalid"),
    ("other", "the exit code of a `process` client; 128 and more if a signal ended it"),
];
const EXIT_CHECK: Rows = &[
    ("0", "no finding of the severity of \\-\\-fail-on"),
    ("1", "at least one such finding"),
    (
        "2",
        "the command line or the configuration is wrong, or a requested file could not be checked",
    ),
];
const EXIT_CONVERT: Rows = &[
    ("0", "nothing is lost"),
    ("1", "something is lost, or the text cannot be converted"),
    ("2", "the command line is invalid"),
];

const ENVIRONMENT: Rows = &[
    ("NO_COLOR", "if not empty, disables colors, unless \\-\\-color is given"),
    ("FORCE_COLOR", "if neither empty nor 0, enables colors in files and pipes, too"),
    ("COLUMNS", "the width of lines, instead of the width of the terminal"),
];
const ENVIRONMENT_SERVICE: Rows = &[
    (
        "LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES",
        "sockets that systemd passes, for `systemd` endpoints",
    ),
    (
        "NOTIFY_SOCKET, WATCHDOG_USEC",
        "the notifications of the state to systemd, and their interval",
    ),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "the authorities to trust, instead of those of the platform"),
];

#[cfg(feature = "check")]
const FILES: Rows = &[(
    "strports.toml, pyproject.toml",
    "the nearest one above a file configures the linter, in a pyproject.toml by the table \
     [tool.strports]; see strports.toml(5)",
)];
const FILES_SERVICE: Rows = &[
    (
        "PATH.lock",
        "locks the UNIX socket PATH: a symbolic link whose target is the id of the process that \
         listens",
    ),
    (
        "/etc/strports/NAME.env",
        "server, targets and options of the systemd unit strports@NAME, which packages install",
    ),
];

/// Returns the sections EXIT STATUS, ENVIRONMENT, FILES and SEE ALSO of a page. `name` is the
/// subcommand; `None` is the page of the whole program.
pub(super) fn more(command: &Command, name: Option<&str>) -> Roff {
    let mut page = Roff::new();
    let is_service = matches!(name, None | Some("listen" | "connect" | "relay" | "test"));
    let exit = match name {
        Some("listen" | "connect" | "relay") => EXIT_CONNECT,
        Some("check") => EXIT_CHECK,
        Some("convert") => EXIT_CONVERT,
        _ => EXIT,
    };
    list(&mut page, "EXIT STATUS", exit);
    list(&mut page, "ENVIRONMENT", ENVIRONMENT);
    if is_service {
        rows(&mut page, ENVIRONMENT_SERVICE);
    }
    let mut files = Vec::new();
    #[cfg(feature = "check")]
    if matches!(name, None | Some("check" | "explain" | "fmt" | "types" | "lsp" | "init")) {
        files.extend(FILES);
    }
    if is_service {
        files.extend(FILES_SERVICE);
    }
    if !files.is_empty() {
        list(&mut page, "FILES", files);
    }
    page.control("SH", ["SEE ALSO"]);
    let others =
        command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help");
    let mut names: Vec<String> = match name {
        None => others.map(|it| format!("strports-{}(1)", it.get_name())).collect(),
        Some(_) => vec!["strports(1)".to_owned()],
    };
    if cfg!(feature = "check") {
        names.push("strports.toml(5)".to_owned());
    }
    if is_service {
        names.push("systemd.socket(5)".to_owned());
    }
    page.text([roman(names.join(", "))]);
    page
}

fn list<'r>(page: &mut Roff, title: &str, entries: impl IntoIterator<Item = &'r Row>) {
    page.control("SH", [title]);
    rows(page, entries);
}

fn rows<'r>(page: &mut Roff, entries: impl IntoIterator<Item = &'r Row>) {
    for (name, meaning) in entries {
        page.control("TP", []);
        page.text([bold(*name)]);
        page.text([roman(meaning.replace("\\-", "-"))]);
    }
}

/// Generates the page `strports.toml(5)` from the JSON schema of the file.
#[cfg(feature = "check")]
pub(super) fn configuration() -> Roff {
    let tables = Tables::new();
    let mut page = Roff::new();
    page.control("TH", ["strports.toml", "5"]);
    page.control("SH", ["NAME"]);
    page.text([roman("strports.toml - configuration of the linter of strports")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([roman(
        "The nearest strports.toml above a file applies to it, or [tool.strports] in a \
         pyproject.toml. Unknown keys are errors. `strports init` writes a template, \
         `strports schema` prints the JSON schema.",
    )]);
    page.control("SH", ["KEYS"]);
    keys(&mut page, &tables.keys(""));
    let of_tables = tables.names().into_iter().map(|name| (tables.keys(&name), name));
    // `lints.per-path` has no keys to list, because its keys are patterns for paths.
    for (found, name) in of_tables.filter(|(found, _)| !found.is_empty()) {
        page.control("SH", [format!("KEYS OF [{name}]").as_str()]);
        keys(&mut page, &found);
    }
    page.control("SH", ["EXAMPLE"]);
    page.control("nf", []);
    for line in EXAMPLE.lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("strports(1), strports-check(1), strports-init(1), strports-schema(1)")]);
    page
}

#[cfg(feature = "check")]
const EXAMPLE: &str = "presets = [\"daphne\"]

[[source]]
files = [\"etc/*.conf\"]
format = \"ini\"
keys = { \"server.listen\" = \"server\" }

[lints]
ignore = [\"world-writable-socket\"]";

#[cfg(feature = "check")]
fn keys(page: &mut Roff, keys: &[Key]) {
    for Key { name, summary, values } in keys {
        page.control("TP", []);
        page.text([bold(name.as_str())]);
        page.text([roman(summary.as_str())]);
        // The list of all codes is too long for a page; `strports rule` prints it.
        if !values.is_empty() && values.len() <= 24 {
            page.control("br", []);
            page.text([roman("One of "), italic(values.join(", ")), roman(".")]);
        }
    }
}

#[cfg(all(test, feature = "check"))]
mod tests {
    use super::*;

    #[test]
    fn each_section_of_the_configuration_has_text() {
        let page = configuration().render();
        let lines: Vec<&str> = page.lines().collect();
        for pair in lines.windows(2) {
            assert!(!pair.iter().all(|line| line.starts_with(".SH")), "{pair:?}");
        }
    }
}
