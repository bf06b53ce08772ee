//! Links without the C library and start files, and without undefined symbols.

fn main() {
    for argument in [
        "-nostdlib",
        "-nostartfiles",
        "-static",
        "-no-pie",
        "-Wl,--gc-sections",
        "-Wl,--no-undefined",
    ] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}
