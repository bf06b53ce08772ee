//! Has the command linked so that it starts sooner, where that is known to work.
//!
//! A program that needs `libgcc_s` to unwind and for nothing else can hold `libgcc_eh` instead, and
//! loads one library less; relative relocations in their packed form are a hundredth of the bytes.
//! A linker may know neither, and before 2.36 glibc refuses to start programs with such
//! relocations. So a program is linked that way and run: only if it ran, the command is linked like
//! it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const RELOCATIONS: &str = "-Wl,-z,pack-relative-relocs";
/// All of it, as the compiler names `libgcc_s` before; the linker drops what is not called.
const UNWINDER: &str = "-Wl,--whole-archive,-l:libgcc_eh.a,--no-whole-archive";
/// What is tried, the best first.
const WAYS: [&[&str]; 3] = [&[UNWINDER, RELOCATIONS], &[RELOCATIONS], &[UNWINDER]];

/// Unwinding has to work, whoever does it.
const PROGRAM: &str = "fn main() { assert!(std::panic::catch_unwind(|| panic!()).is_err()) }";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if !is_release_for_this_machine() {
        return;
    }
    let best = WAYS.into_iter().find(|way| runs_when_linked(way).unwrap_or(false));
    for argument in best.unwrap_or_default() {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// Other builds are linked as ever.
fn is_release_for_this_machine() -> bool {
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|it| it == value);
    is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && env::var_os("HOST") == env::var_os("TARGET")
}

/// Whether a program runs that is linked with `arguments` by the compiler, the linker and the flags
/// of the command.
fn runs_when_linked(arguments: &[&str]) -> Option<bool> {
    let directory = PathBuf::from(env::var_os("OUT_DIR")?);
    let (source, program) = (directory.join("probe.rs"), directory.join("probe"));
    fs::write(&source, PROGRAM).ok()?;
    let mut compiler = Command::new(env::var_os("RUSTC")?);
    compiler.args(["--edition=2024", "-o"]).arg(&program).arg(&source);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut option = OsString::from("-Clinker=");
        option.push(linker);
        compiler.arg(option);
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    compiler.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    compiler.args(arguments.iter().map(|argument| format!("-Clink-arg={argument}")));
    // Builds that measure themselves leave files where they run, and the sources may be somebody
    // else's.
    let ran = succeeds(&mut compiler) && succeeds(Command::new(&program).current_dir(&directory));
    // It has four megabytes, and nobody needs it again.
    let _ = fs::remove_file(program);
    Some(ran)
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
