//! Links the program alone: no C library, no start files, nothing left undefined.

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
