//! Links for the board, with the vector table of `cortex-m-rt` and the memory layout in `memory.x`.

fn main() {
    println!("cargo:rerun-if-changed=memory.x");
    // On hosts, only the library is built.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|it| it == "none") {
        println!("cargo:rustc-link-search={}", env!("CARGO_MANIFEST_DIR"));
        println!("cargo:rustc-link-arg-bins=-Tlink.x");
    }
}
