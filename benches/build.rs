//! Passes the compiler's version to the benchmarks, because instruction counts depend on it.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let target = env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=BUILT_WITH={} for {target}", version.unwrap_or_default());
}
