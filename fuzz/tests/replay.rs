//! The laws on known inputs: what the fuzzer once found, every vector of the specification, and
//! strings over an alphabet small enough to reach the odd corners by chance.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../examples/seeds.rs"]
#[allow(dead_code, reason = "an example has a main of its own")]
mod seeds;

/// Runs the laws and names the input where one does not hold: a panic alone would not.
fn hold<'i>(inputs: impl IntoIterator<Item = &'i [u8]>) -> usize {
    let mut broken = Vec::new();
    let mut count = 0;
    for input in inputs {
        count += 1;
        if catch_unwind(AssertUnwindSafe(|| strports_fuzz::all(input))).is_err() {
            broken.push(input.escape_ascii().to_string());
        }
    }
    assert!(broken.is_empty(), "{} of {count} broke a law: {broken:#?}", broken.len());
    count
}

#[test]
fn ok_every_vector_keeps_the_laws() {
    let inputs = seeds::inputs();
    let count = hold(inputs.iter().map(String::as_bytes));
    assert!(count > 1000, "only {count} vectors were found");
}

#[test]
fn ok_every_escape_added_to_a_vector_keeps_the_laws() {
    // As the value of `endpoint=` and behind a wrapper, where spans must be led back.
    let inputs = seeds::inputs();
    let quoted = inputs.iter().map(|it| strports_syntax::quote_string_argument(it));
    let nested: Vec<String> = quoted
        .flat_map(|it| [format!("tls:h:443:endpoint={it}"), format!("ssl:443:endpoint={it}")])
        .chain(inputs.iter().map(|it| format!("haproxy:{it}")))
        .collect();
    hold(nested.iter().map(String::as_bytes));
}

#[test]
fn ok_what_the_fuzzer_found_keeps_the_laws() {
    let mut inputs = Vec::new();
    for directory in ["corpus", "artifacts"] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(directory), &mut inputs);
    }
    hold(inputs.iter().map(Vec::as_slice));
}

fn read(directory: &Path, inputs: &mut Vec<Vec<u8>>) {
    // There need not be one: a clean checkout has no artifacts.
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { read(&path, inputs) } else { inputs.push(fs::read(path).unwrap()) }
    }
}

#[test]
fn ok_strings_over_a_small_alphabet_keep_the_laws() {
    const PIECES: [&[u8]; 46] = [
        b":",
        b":",
        b":",
        b":",
        b"=",
        b"=",
        br"\",
        br"\:",
        br"\\",
        br"\=",
        b"tcp",
        b"tcp6",
        b"ssl",
        b"unix",
        b"tls",
        b"systemd",
        b"stdio",
        b"haproxy",
        b"fd",
        b"process",
        b"host",
        b"port",
        b"interface=",
        b"endpoint=",
        b"timeout=",
        b"mode=",
        b"lockfile=",
        b"INET",
        b"index=",
        b"env=",
        b"proxyTrusted=",
        b"sslmethod=",
        b"80",
        b"443",
        b"0",
        b"-1",
        b"99999",
        b"1_0",
        b" 7",
        b"::1",
        b"a",
        b"T",
        b"/x",
        b"h",
        "\u{e9}".as_bytes(),
        b"\xff",
    ];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let inputs: Vec<Vec<u8>> = (0..8000)
        .map(|_| {
            let pieces = numbers.below(14);
            (0..pieces).flat_map(|_| PIECES[numbers.below(PIECES.len())]).copied().collect()
        })
        .collect();
    hold(inputs.iter().map(Vec::as_slice));
}

#[test]
fn ok_long_inputs_keep_the_laws() {
    let long = |piece: &str, count| format!("tcp:80{}", piece.repeat(count));
    let inputs = [
        long(":a=1", 300),
        long(":", 300),
        long(r"\\", 3000),
        "haproxy:".repeat(40) + "tcp:80",
        "=".repeat(500) + ":tcp",
    ];
    hold(inputs.iter().map(String::as_bytes));
}

/// Quadratic time on these would be minutes, linear time is some tenths of a second.
#[test]
fn ok_checking_takes_linear_time() {
    let inputs = [
        ("", "haproxy:", "tcp:80"),
        ("tcp:80", ":", ""),
        ("tcp:80", ":a=1", ""),
        ("tcp:80", ":interface=::1", ""),
        ("unix:", r"\\a", ""),
        ("unix:/x=y", ":/x=y", ""),
        ("unix:C:/x", ":C:/x", ""),
        ("tls:h:443:endpoint=unix", r"\:", ""),
        ("process:/x", ":env=A=1", ""),
        ("haproxy:haproxy:haproxy:haproxy:tcp:80", ":interface=::1", ""),
    ];
    for (start, piece, end) in inputs {
        let input = start.to_string() + &piece.repeat((1 << 17) / piece.len()) + end;
        let begun = Instant::now();
        let _ = strports_syntax::check_either(&input);
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?} for {start}({piece})*{end}");
    }
}

/// Xorshift: the same strings in every run and on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The upper half is the better one; a bound is far below 32 bits.
        usize::try_from(self.0 >> 32).unwrap_or_default() % bound
    }
}
