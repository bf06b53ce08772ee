//! Runs the console blocks of the README, and its first command.
//!
//! `TRANSCRIPTS=overwrite cargo test --test readme` updates the output.
#![cfg(feature = "cli")]

mod support;

use std::path::{Path, PathBuf};

fn read_me() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

#[test]
fn console_blocks_print_what_they_show() {
    support::console::run(&read_me());
}

#[test]
fn the_first_two_code_blocks_are_successful_cargo_commands() {
    let text = std::fs::read_to_string(read_me()).unwrap();
    let blocks: Vec<&str> = text.split("```").skip(1).step_by(2).collect();
    let commands = [blocks[0], blocks[1]].map(|block| block.strip_prefix("sh\n").unwrap().trim());
    assert_eq!(commands[1], "cargo test --workspace");
    let arguments =
        commands[0].strip_prefix("cargo run -q --no-default-features --features cli -- ").unwrap();
    let output = support::console::shell(&format!("strports {arguments}"), Path::new(".")).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
    assert!(String::from_utf8(output.stdout).unwrap().contains("warning["));
}
