//! Tests of the table of formats, and helpers for the tests of readers.

use std::path::Path;
use std::sync::LazyLock;

use super::format::Format;
use super::{FORMATS, by_name, excerpt, names};
use crate::check::config::{Configuration, test_settings};
use crate::check::embedded::Embedded;
use strports_syntax::Span;

/// Finds descriptions in a file `name` with `format` and all presets.
#[track_caller]
pub(crate) fn find(format: &Format, name: &str, file: &[u8]) -> Vec<Embedded> {
    static SETTINGS: LazyLock<Configuration> = LazyLock::new(|| test_settings(""));
    let settings = &*SETTINGS;
    let path = Path::new(name);
    excerpt::descriptions(format, file, &mut settings.context(path, None))
}

/// The values in a file under keys that end with `listen`, each with its source text.
#[track_caller]
pub(crate) fn listens<'f>(format: &Format, file: &'f str) -> Vec<(String, &'f str)> {
    let found = listens_in(format, file.as_bytes());
    found.iter().map(|it| (shown(it), &file[it.whole()])).collect()
}

fn listens_in(format: &Format, file: &[u8]) -> Vec<Embedded> {
    static SETTINGS: LazyLock<Configuration> = LazyLock::new(|| {
        test_settings(
            "presets = []\n[[source]]\nfiles = [\"*\"]\nexcept = [\"disabled\"]\n\
             keys = { \"**.listen\" = \"server\", \"**.listen.*\" = \"server\" }\n",
        )
    });
    excerpt::descriptions(format, file, &mut SETTINGS.context(Path::new("a"), None))
}

/// The decoded text of a description.
fn shown(it: &Embedded) -> String {
    String::from_utf8_lossy(it.text()).into_owned()
}

/// Checks that every replacement of a description is read back, if it can be written, and that
/// nothing else changes. Returns the number of written replacements.
#[track_caller]
pub(crate) fn written(format: &Format, file: &str) -> usize {
    let texts = [
        "tcp:8080",
        "tcp:1:interface=\\:\\:1",
        "unix:/a b:mode=660",
        "unix:/it's",
        "unix:/\"q\"",
        "unix:/a #b",
        "unix:/a ;b",
        "unix:/a: b",
        "unix:/a,[b]c",
        "unix:/\u{e9}",
        "unix:/a:",
        "*x",
        "&x",
        "- x",
        "#x",
        " x",
        "a\tb",
        "a\nb",
    ];
    let before = listens_in(format, file.as_bytes());
    let mut count = 0;
    for (index, it) in before.iter().enumerate() {
        for text in texts {
            let Some(quoted) = it.quote(Span::new(0, it.text().len()), text.as_bytes()) else {
                continue;
            };
            let mut changed = file.as_bytes().to_vec();
            changed.splice(it.whole(), quoted);
            let mut wanted: Vec<_> = before.iter().map(shown).collect();
            text.clone_into(&mut wanted[index]);
            let after = listens_in(format, &changed);
            let after: Vec<_> = after.iter().map(shown).collect();
            assert_eq!(after, wanted, "{}", String::from_utf8_lossy(&changed));
            count += 1;
        }
    }
    count
}

/// Checks that a truncated or damaged `file` makes no reader panic.
pub(crate) fn survives(format: &Format, file: &str) {
    let marks: &[u8] = b"\"'\\{}[]:#\n\xff$%&*|>-";
    for at in 0..=file.len() {
        listens_in(format, &file.as_bytes()[..at]);
        for mark in marks {
            let mut broken = file.as_bytes().to_vec();
            broken.insert(at, *mark);
            for it in listens_in(format, &broken) {
                assert!(it.whole().end <= broken.len());
            }
        }
    }
}

/// The texts of the descriptions that `format` finds in a file `name`, without implied ones.
#[track_caller]
pub(crate) fn texts(format: &Format, name: &str, file: &[u8]) -> Vec<String> {
    let text = |it: &Embedded| String::from_utf8(it.text().to_vec()).unwrap();
    let found = find(format, name, file);
    found.iter().filter(|it| !it.is_implied).map(text).collect()
}

/// Checks that `format` finds these texts, and no others, in a file called `name`.
#[track_caller]
pub(crate) fn finds(format: &Format, name: &str, file: &str, wanted: &[&str]) {
    assert_eq!(texts(format, name, file.as_bytes()), wanted, "{file}");
}

#[test]
fn broken_files_do_not_panic() {
    let text = concat!(
        "#!/bin/sh\n[Service]\nExecStart=@-\"daphne\" -e 'tcp:%i' \\\n;\\; ${aé} $(x `y`)\n",
        "CMD [\"daphne\", \"-e\", \"\\ud83d\\ude00\\\"\"] <<-'E'\r\n\tE\nweb: daphne -e \"$\\\"\"",
        " $'\\x3'\ndaphne -e \"%~dp0%%i!a!%b:~0,1%\" ^\r\n <# #> @\" \"@ `\n {{ x }} [a, {b: ",
        "\"c\"}] = \"\"\"\n",
    );
    for format in FORMATS {
        for end in 0..=text.len() {
            let (head, tail) = text.as_bytes().split_at(end);
            let backwards: Vec<u8> = head.iter().copied().chain(text.bytes().rev()).collect();
            for file in [head, tail, &backwards] {
                for it in find(format, "a", file) {
                    assert!(it.whole().end <= file.len(), "{} at {end}", format.name);
                }
            }
        }
    }
}

#[test]
fn formats_are_detected_by_file_name() {
    for name in names() {
        assert_eq!(by_name(name).map(|format| format.name), Some(name));
    }
}
