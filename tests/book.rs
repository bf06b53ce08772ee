//! Runs the console blocks of every page of the book, and compares its tables with the manual.
//!
//! `TRANSCRIPTS=overwrite cargo test --test book` updates the output and the tables in the pages.
#![cfg(all(feature = "cli", feature = "check", feature = "relay", feature = "__tls"))]
#![expect(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// All Markdown files below `folder`.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found
}

/// Held while pages may be written.
static PAGES: Mutex<()> = Mutex::new(());

#[test]
fn console_blocks_print_what_they_show() {
    let _guard = PAGES.lock();
    for page in pages(&docs()) {
        support::console::run(&page);
    }
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let summary = std::fs::read_to_string(docs().join("SUMMARY.md")).unwrap();
    for page in pages(&docs()) {
        let page = page.strip_prefix(docs()).unwrap().display().to_string();
        if page != "SUMMARY.md" {
            assert!(summary.contains(&format!("({page})")), "{page} is not in docs/SUMMARY.md");
        }
    }
}

/// A manual page, without the fonts and escapes of roff.
fn manual(page: &str) -> String {
    let mut command = support::strports();
    command.arg("man");
    if page != "strports" {
        command.arg(page);
    }
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let text = text.replace("\\-", "-").replace("\\*(Aq", "'");
    text.replace("\\fB", "").replace("\\fI", "").replace("\\fR", "")
}

/// The rows of a section of a manual page: names and meanings. Options of every command are left
/// out, and so are arguments.
fn section(page: &str, title: &str) -> Vec<(String, String)> {
    let text = manual(page);
    let is_wanted = |it: &&str| it.lines().next().is_some_and(|it| it.trim_matches('"') == title);
    let section = text.split("\n.SH ").find(is_wanted).unwrap_or_default();
    assert!(!section.is_empty(), "`strports man {page}` has no `{title}`");
    let rows = section.split("\n.TP\n").skip(1).map(row);
    let is_left_out = |name: &str| name.starts_with(['<', '[']) || name == "-h, --help";
    rows.filter(|(name, _)| !is_left_out(name) && name != "--color <WHEN>").collect()
}

/// A name, and its meaning: the first paragraph, the default and the possible values.
fn row(entry: &str) -> (String, String) {
    let (name, rest) = entry.split_once('\n').unwrap();
    let (name, default) = name.split_once(" [default: ").unwrap_or((name, ""));
    let lines: Vec<_> = rest.lines().collect();
    let mut meaning = lines[0].to_owned();
    if let Some(default) = default.strip_suffix(']') {
        write!(meaning, " (default: `{default}`)").unwrap();
    }
    let values =
        lines.windows(2).filter(|pair| pair[0].starts_with(".IP")).map(|pair| {
            match pair[1].split_once(": ") {
                Some((value, does)) => format!("`{value}`: {does}"),
                None => format!("`{}`", pair[1]),
            }
        });
    let values: Vec<_> = values.collect();
    if !values.is_empty() {
        write!(meaning, ". Values: {}", values.join("; ")).unwrap();
    }
    (name.to_owned(), meaning)
}

/// Replaces the tables between `<!-- manual: PAGE, SECTION -->` and `<!-- manual: end -->`.
fn with_tables(text: &str) -> String {
    let mut new = String::new();
    let mut is_table = false;
    for line in text.lines() {
        let region = line.strip_prefix("<!-- manual: ").and_then(|it| it.strip_suffix(" -->"));
        is_table &= region != Some("end");
        if !is_table {
            new.extend([line, "\n"]);
        }
        if let Some((page, title)) = region.and_then(|it| it.split_once(", ")) {
            let head = match title {
                "EXIT STATUS" => "code",
                "ENVIRONMENT" | "FILES" => "name",
                _ => "option",
            };
            new.extend(["| ", head, " | meaning |\n| --- | --- |\n"]);
            for (name, meaning) in section(page, title) {
                let name = name.replace(", ", "`, `");
                new.extend(["| `", &name, "` | ", &meaning, " |\n"]);
            }
            is_table = true;
        }
    }
    new
}

#[test]
fn tables_equal_those_of_the_manual() {
    let _guard = PAGES.lock();
    for page in pages(&docs()) {
        let text = std::fs::read_to_string(&page).unwrap();
        let new = with_tables(&text);
        if std::env::var_os("TRANSCRIPTS").is_some_and(|it| it == "overwrite") {
            std::fs::write(&page, new).unwrap();
        } else {
            assert_eq!(text, new, "{} differs from `strports man`", page.display());
        }
    }
}
