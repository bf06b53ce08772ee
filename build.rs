//! Links the command with options for a faster start, if they work on this machine.
//!
//! A program that needs `libgcc_s` only for unwinding can contain `libgcc_eh` instead, and then
//! loads one library less. Packed relative relocations need a hundredth of the bytes. Some linkers
//! support neither, and glibc before 2.36 refuses to start programs with such relocations. So a
//! test program is linked with the options and run. If it runs, the command is linked with them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const RELOCATIONS: &str = "-Wl,-z,pack-relative-relocs";
/// The whole library, because the compiler names `libgcc_s` first. The linker drops unused code.
const UNWINDER: &str = "-Wl,--whole-archive,-l:libgcc_eh.a,--no-whole-archive";
/// The options to try, the best first.
const WAYS: [&[&str]; 3] = [&[UNWINDER, RELOCATIONS], &[RELOCATIONS], &[UNWINDER]];

/// Unwinding must work with either library.
const PROGRAM: &str = "fn main() { assert!(std::panic::catch_unwind(|| panic!()).is_err()) }";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=STRPORTS_LINK");
    if is_portable() || !is_release_for_this_machine() {
        return;
    }
    let best = WAYS.into_iter().find(|way| runs_when_linked(way).unwrap_or(false));
    for argument in best.unwrap_or_default() {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// Whether the program is to run on machines with an older glibc than this one.
fn is_portable() -> bool {
    env::var_os("STRPORTS_LINK").is_some_and(|it| it == "portable")
}

/// Other builds use the default options.
fn is_release_for_this_machine() -> bool {
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|it| it == value);
    is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && env::var_os("HOST") == env::var_os("TARGET")
}

/// Whether a program runs that was linked with `arguments`, by the compiler, linker and flags of
/// the command.
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
    // Builds with coverage write files to the working directory, and the directory of the sources
    // may not be writable.
    let ran = succeeds(&mut compiler) && succeeds(Command::new(&program).current_dir(&directory));
    // The test program has four megabytes, and is not needed anymore.
    let _ = fs::remove_file(program);
    Some(ran)
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
