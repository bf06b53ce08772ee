//! Writes the grammar for grammar-based fuzzers into `fuzz/grammar/`.
//!
//! ```text
//! cargo run -q --manifest-path fuzz/Cargo.toml --no-default-features --example grammar
//! ```

use std::path::Path;
use std::{fs, io};

use strports_fuzz::grammar::{for_grammar_mutator, for_nautilus, grammar};

fn main() -> io::Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar");
    fs::write(directory.join("grammar-mutator.json"), for_grammar_mutator(&grammar()))?;
    fs::write(directory.join("nautilus.json"), for_nautilus(&grammar()))
}
