//! The transcripts in `cmd/`: commands and their output.
//!
//! `TRANSCRIPTS=overwrite cargo test --test cmd` updates them.
#![cfg(feature = "cli")]

mod support;

use std::path::Path;

#[track_caller]
fn transcript(name: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    support::console::run(&directory.join(name).with_extension("md"));
}

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            transcript(stringify!($name));
        })*

        #[test]
        fn every_transcript_is_run() {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap();
                assert!([$(stringify!($name)),*].contains(&name), "{name}");
            }
        }
    };
}

transcripts! {
    check
    check_reports
    completions_and_man
    convert
    explain
    explain_errors
    explain_json
    explain_records
    fmt
    help
    listen_connect_relay
    on_this_machine
    process
    quote
    rule
    types
    usage
    versions
}
