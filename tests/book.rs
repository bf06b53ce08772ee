//! Runs the console blocks of every page of the book.
//!
//! `TRANSCRIPTS=overwrite cargo test --test book` updates the output in the pages.
#![cfg(all(feature = "cli", feature = "check", feature = "relay", feature = "__tls"))]
#![expect(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::path::{Path, PathBuf};

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

#[test]
fn console_blocks_print_what_they_show() {
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
