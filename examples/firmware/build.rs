//! Links for the board: the vector table of `cortex-m-rt`, and the memory of `memory.x`.

fn main() {
    println!("cargo:rerun-if-changed=memory.x");
    // On other systems only the library is built.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|it| it == "none") {
        println!("cargo:rustc-link-search={}", env!("CARGO_MANIFEST_DIR"));
        println!("cargo:rustc-link-arg-bins=-Tlink.x");
    }
}
