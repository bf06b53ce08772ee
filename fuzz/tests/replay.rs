//! Checks every law on known inputs: each target's corpus, the vectors of the specification, and
//! strings from a fixed seed.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../examples/seeds.rs"]
#[allow(dead_code, reason = "an example has a main of its own")]
mod seeds;

#[path = "../examples/dictionary.rs"]
#[allow(dead_code, reason = "an example has a main of its own")]
mod dictionary;

#[test]
fn the_committed_dictionary_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("laws.dict");
    let committed = fs::read_to_string(path).unwrap();
    assert_eq!(committed, dictionary::dictionary(), "examples/dictionary.rs says how to write it");
}

/// Runs a law on inputs; a failure names the input, which a plain panic would not.
fn hold<'i>(law: fn(&[u8]), inputs: impl IntoIterator<Item = &'i [u8]>) {
    let mut broken = Vec::new();
    let mut count = 0;
    for input in inputs {
        count += 1;
        if catch_unwind(AssertUnwindSafe(|| law(input))).is_err() {
            broken.push(input.escape_ascii().to_string());
        }
    }
    assert!(broken.is_empty(), "{} of {count} broke the law: {broken:#?}", broken.len());
}

/// Runs a law about descriptions, alone or in files, on the vectors and what is made of them.
fn hold_for_descriptions(law: fn(&[u8]), target: &str) {
    let vectors = seeds::inputs();
    assert!(vectors.len() > 1000, "only {} vectors were found", vectors.len());
    hold(law, vectors.iter().map(String::as_bytes));
    let mut around = vectors;
    for _ in 0..3 {
        // Nest one level deeper each time, in another place.
        around = seeds::nested(&around);
        hold(law, around.iter().map(String::as_bytes));
        around.rotate_left(1);
    }
    let found = found(target);
    hold(law, found.iter().map(Vec::as_slice));
    let mutants = mutants(&seeds::inputs());
    hold(law, mutants.iter().map(Vec::as_slice));
    // A program in Python and the table of conversions take a hundred times longer than a list.
    let count = if matches!(target, "python" | "conversions") { 2000 } else { 10_000 };
    hold(law, small_alphabet(count).iter().map(Vec::as_slice));
    hold(law, any_bytes(count / 2).iter().map(Vec::as_slice));
    hold(law, long().iter().map(String::as_bytes));
}

/// Runs a law about bytes of another kind on samples of every shape, and on edits of each.
fn hold_for_samples(law: fn(&[u8]), target: &str, samples: &[Vec<u8>]) {
    assert!(samples.len() >= 100, "only {} samples", samples.len());
    hold(law, samples.iter().map(Vec::as_slice));
    // A session of an editor and a configuration take a thousand times longer than a header.
    let count = if matches!(target, "lsp" | "schemas") { 2000 } else { 20_000 };
    let edited = edited(samples, count);
    hold(law, edited.iter().map(Vec::as_slice));
    let found = found(target);
    hold(law, found.iter().map(Vec::as_slice));
    hold(law, any_bytes(count / 4).iter().map(Vec::as_slice));
}

/// Defines a test for each law.
macro_rules! replay {
    (
        descriptions: $($law:ident)*;
        samples: $($sampled:ident)*;
        samples_of_command: $($own:ident)*;
    ) => {
        $(#[test]
        fn $law() {
            hold_for_descriptions(strports_fuzz::$law::holds, stringify!($law));
        })*

        $(#[test]
        fn $sampled() {
            let samples = strports_fuzz::$sampled::samples();
            hold_for_samples(strports_fuzz::$sampled::holds, stringify!($sampled), &samples);
        })*

        $(#[cfg(feature = "command")]
        #[test]
        fn $own() {
            let samples = strports_fuzz::$own::samples();
            hold_for_samples(strports_fuzz::$own::holds, stringify!($own), &samples);
        })*

        #[test]
        fn every_target_is_replayed() {
            let replayed =
                [$(stringify!($law),)* $(stringify!($sampled),)* $(stringify!($own)),*];
            let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
            let targets = fs::read_dir(targets).unwrap().map(|entry| entry.unwrap().path());
            let targets: Vec<_> =
                targets.map(|path| path.file_stem().unwrap().display().to_string()).collect();
            assert_eq!(targets.len(), replayed.len());
            assert!(targets.iter().all(|target| replayed.contains(&target.as_str())));
        }
    };
}

replay! {
    descriptions:
        lex arguments description endpoints quote bind lints nested conversions twisted plans
        scripts services configurations documents python settings;
    samples:
        tunnels inherited proxy racing pauses embedded schemas values relay addresses;
    samples_of_command:
        metrics pem lsp;
}

/// The description laws on every parameter of every type, with every value of its grid.
#[test]
fn every_parameter_takes_every_value() {
    let grid = strports_fuzz::grid::descriptions();
    assert!(grid.len() > 10_000, "only {} descriptions", grid.len());
    let extensions = strports_fuzz::grid::extensions();
    let all = grid.iter().chain(&extensions).map(String::as_bytes);
    let laws = [
        strports_fuzz::twisted::holds,
        strports_fuzz::endpoints::holds,
        strports_fuzz::plans::holds,
    ];
    for law in laws {
        hold(law, all.clone());
    }
}

#[test]
fn files_are_read() {
    strports_fuzz::embedded::files_are_read();
}

/// Sixteen wrappers may be around a description, of each kind, and no more.
#[test]
fn nesting_has_a_limit() {
    use strports_syntax::{Role, check, quote_string_argument};
    let wrappers: [(Role, &str, bool); 5] = [
        (Role::Server, "haproxy:", false),
        (Role::Client, "haproxy:", false),
        (Role::Server, "ssl:endpoint=", true),
        (Role::Server, "tls:/a:endpoint=", true),
        (Role::Client, "tls:h:443:endpoint=", true),
    ];
    for (role, before, is_quoted) in wrappers {
        let mut text = if role == Role::Server { "tcp:80" } else { "tcp:h:80" }.to_owned();
        for depth in 1..=17 {
            let inner = if is_quoted { quote_string_argument(&text) } else { text };
            text = format!("{before}{inner}");
            assert_eq!(check(&text, role).is_ok(), depth <= 16, "{role} {before} {depth} times");
        }
    }
}

/// The corpus of a target, and the inputs on which it failed.
fn found(target: &str) -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for directory in ["corpus", "artifacts"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
        read(&directory.join(target), &mut inputs);
    }
    inputs
}

fn read(directory: &Path, inputs: &mut Vec<Vec<u8>>) {
    // A clean checkout has no artifacts.
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { read(&path, inputs) } else { inputs.push(fs::read(path).unwrap()) }
    }
}

/// The vectors, each mutated one to four times.
fn mutants(vectors: &[String]) -> Vec<Vec<u8>> {
    let mut seeds = 0..;
    let mut mutant = |vector: &String| {
        let mut text = vector.clone().into_bytes();
        for seed in seeds.by_ref().take(4) {
            text = strports_syntax::arbitrary::mutate(&text, seed);
            if seed % 3 == 0 {
                break;
            }
        }
        text
    };
    vectors.iter().map(&mut mutant).collect()
}

/// Each sample after one edit or two: bytes dropped, doubled, changed and inserted.
fn edited(samples: &[Vec<u8>], count: usize) -> Vec<Vec<u8>> {
    const BYTES: &[u8] = b"+-0019afx:;,=\"'\\ \t\r\n\0\x7f\x80\xff";
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let rounds = (count / samples.len()).clamp(1, 40);
    let mut edit = |sample: &Vec<u8>| {
        let mut bytes = sample.clone();
        for _ in 0..=numbers.below(2) {
            let at = numbers.below(bytes.len().max(1));
            let byte = BYTES[numbers.below(BYTES.len())];
            match (numbers.below(6), bytes.get(at).copied()) {
                (0, Some(_)) => drop(bytes.remove(at)),
                (1, Some(same)) => bytes.insert(at, same),
                (2, Some(other)) => bytes[at] = other.wrapping_add(1),
                (3, Some(_)) => bytes[at] = byte,
                (4, Some(_)) => bytes.truncate(at),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    };
    let rounds = std::iter::repeat_n(samples, rounds);
    rounds.flatten().map(&mut edit).collect()
}

/// Random strings over a small alphabet, which makes rare combinations likely.
fn small_alphabet(count: usize) -> Vec<Vec<u8>> {
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
    let string = |_| {
        let pieces = numbers.below(14);
        (0..pieces).flat_map(|_| PIECES[numbers.below(PIECES.len())]).copied().collect()
    };
    (0..count).map(string).collect()
}

/// Random bytes, as input of the laws that construct values.
fn any_bytes(count: usize) -> Vec<Vec<u8>> {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut byte = move || u8::try_from(numbers.below(256)).unwrap_or_default();
    (0..count).map(|_| (0..byte()).map(|_| byte()).collect()).collect()
}

fn long() -> [String; 5] {
    let long = |piece: &str, count| format!("tcp:80{}", piece.repeat(count));
    [
        long(":a=1", 300),
        long(":", 300),
        long(r"\\", 3000),
        "haproxy:".repeat(40) + "tcp:80",
        "=".repeat(500) + ":tcp",
    ]
}

/// Quadratic time on these inputs would take minutes; linear time takes tenths of a second.
#[test]
fn checking_takes_linear_time() {
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

/// A xorshift generator with a fixed seed: equal strings in every run and on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The upper half has better randomness, and bounds are far below 32 bits.
        usize::try_from(self.0 >> 32).unwrap_or_default() % bound
    }
}
