//! Copies the reactor's handover of turns with the locks, atomics and threads of shuttle.

use std::path::Path;
use std::{env, fs};

const FILES: [&str; 3] = ["reactor/turns.rs", "reactor/driver.rs", "reactor/fallback.rs"];

fn main() {
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../endpoint-runtime/src");
    for name in FILES {
        let path = source.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).expect("the file of the reactor");
        // An included file has no inner comments, and no static: shuttle makes a new one each time.
        let lines = text.lines().filter(|line| !line.starts_with("//!"));
        let lines = lines.take_while(|line| *line != "#[cfg(test)]");
        let copy = lines
            .map(|line| {
                // Shuttle's locks have the errors of the standard library.
                line.replace("std::sync", "shuttle::sync")
                    .replace("shuttle::sync::PoisonError", "std::sync::PoisonError")
                    .replace("std::thread", "shuttle::thread")
            })
            .collect::<Vec<_>>()
            .join("\n");
        let file = Path::new(name).file_name().expect("a file name");
        fs::write(Path::new(&out).join(file), copy).expect("the output directory");
    }
}
