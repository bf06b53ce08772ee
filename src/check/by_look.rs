//! Errors in texts that look like descriptions, without a known function, option or key: in
//! comments, docstrings, prose and other literals.
//!
//! The text may be meant for another program. So it counts only if it begins with a built-in type.
//! After the type must come a parameter of it, a port with keywords, or only a port. Only errors
//! are reported, and only those that do not depend on further text. Tests of programs are skipped,
//! because they contain errors on purpose.

use std::ffi::OsStr;
use std::ops::Range;
use std::path::Path;

use memchr::memchr;

use super::embedded::{Embedded, Quoting};
use super::finding::{FileText, Finding};
use super::judge::{self, Verdict};
use super::prefilter;
use super::rules::Rule;
use super::source::bounds::MAX_DESCRIPTIONS;
use super::source::format::Format;
use super::source::placeholder::Styles;
use strports_syntax::{Code, Role, Severity, Signature, Text, Types};

/// The maximum number of bytes that are read before and after a type to find the limits of a text.
const LONGEST: usize = 1024;

/// The findings about texts that look like descriptions. Texts at the places of `known`
/// descriptions are left out. Each inner list belongs to one text, and is not empty.
pub(super) fn findings(
    known: Vec<Range<usize>>,
    format: &Format,
    types: Types<'static>,
    file: &FileText<'_>,
) -> Vec<Vec<Finding>> {
    let mut found = Vec::new();
    // Most JSON is data, such as reports of this program, which contain the mistakes that they
    // report.
    if format.name == "json" || is_test(file.path) {
        return found;
    }
    let known = Places::new(known);
    for place in prefilter::types(file.text) {
        let Some(whole) = text_at(file.text, place) else { continue };
        if known.has(&whole) || !looks_like_one(&file.text[whole.clone()]) {
            continue;
        }
        let Some(embedded) = decoded(file.text, whole) else { continue };
        let embedded = embedded.with_placeholders(Styles::DOCUMENT).elsewhere();
        let verdict = Verdict::new(&judge::report(&embedded, types), None);
        let mut findings = judge::judge(&embedded, &verdict, file);
        findings.retain(|it| is_certain(it) && !depends_on_others(it));
        if !findings.is_empty() {
            found.push(findings);
        }
        if found.len() > MAX_DESCRIPTIONS {
            break;
        }
    }
    found
}

/// Whether a finding is reported although the purpose of the text is unknown: an error, or an
/// unescaped IPv6 address.
fn is_certain(finding: &Finding) -> bool {
    finding.severity() == Severity::Error || finding.rule == Rule::from(Code::UnescapedIpv6)
}

/// Whether a finding may be wrong because the program may append arguments to the text.
fn depends_on_others(finding: &Finding) -> bool {
    let codes = [Code::MissingArgument, Code::TooManyArguments, Code::ObsoleteTlsMethod];
    finding.explained_by.is_none() && codes.map(Rule::from).contains(&finding.rule)
}

/// Whether a Python file contains tests, by its name or by that of a directory above it.
fn is_test(path: &Path) -> bool {
    let is_directory = |it: &str| matches!(it, "test" | "tests" | "testing");
    let names = || path.iter().filter_map(OsStr::to_str);
    path.extension().is_some_and(|it| it == "py")
        && (names().any(is_directory)
            || names()
                .next_back()
                .is_some_and(|it| it.starts_with("test_") || it.ends_with("_test.py")))
}

/// The byte ranges of the known descriptions in the file, ordered and without nested ones.
struct Places(Vec<Range<usize>>);

impl Places {
    fn new(mut places: Vec<Range<usize>>) -> Self {
        places.sort_unstable_by_key(|place| (place.start, place.end));
        // Of nested ranges, only the outer one is kept, which makes a binary search possible.
        places.dedup_by(|it, outer| it.end <= outer.end);
        Self(places)
    }

    /// Whether `place` overlaps a known description.
    fn has(&self, place: &Range<usize>) -> bool {
        let before = self.0.partition_point(|it| it.end <= place.start);
        self.0.get(before).is_some_and(|it| it.start < place.end)
    }
}

/// The range of the text that begins with the type at `place`, up to a delimiter. `None` if no
/// value may begin there, or if the text is incomplete or has another syntax.
fn text_at(file: &[u8], place: Range<usize>) -> Option<Range<usize>> {
    let is_lower = file[place.clone()].iter().all(|byte| !byte.is_ascii_uppercase());
    if !is_lower || !begins_a_value(&file[..place.start]) {
        return None;
    }
    let rest = &file[place.end..file.len().min(place.end + LONGEST)];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`,;|)]".contains(byte);
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    // A comma between options belongs to the syntax of another program: `tcp:host=h,port=80`.
    let goes_on = |next: &u8| !next.is_ascii_whitespace() && !b"\"'`".contains(next);
    if rest.get(length) == Some(&b',') && rest.get(length + 1).is_some_and(goes_on) {
        return None;
    }
    let text = &rest[..length];
    // A quotation mark inside a literal has a backslash before it.
    let quoted = matches!(rest.get(length), Some(b'"' | b'\''));
    let text = text.strip_suffix(b"\\").filter(|_| quoted).unwrap_or(text);
    let end = text.iter().rposition(|byte| !b".!?".contains(byte)).map_or(0, |last| last + 1);
    let text = &text[..end];
    let is_cut = match text {
        [] | [.., b'=' | b'\\'] => true,
        [before @ .., b':'] => !before.ends_with(b"\\"),
        _ => false,
    };
    let is_other = text.starts_with(b"//") || text.contains(&b'(') || !is_balanced(text);
    (!is_cut && !is_other).then(|| place.start..place.end + end)
}

/// Whether a value may begin after `before`: after a quotation mark, a key or an option.
/// Elsewhere, as in prose or the output of a program, the text may be an example of an error.
fn begins_a_value(before: &[u8]) -> bool {
    let before = &before[before.len().saturating_sub(LONGEST)..];
    let line = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
    match line.trim_ascii_end() {
        [] => false,
        [.., last] if b"\"'`=([".contains(last) => true,
        [.., b':'] => line.ends_with(b" "),
        text => {
            let word = text.rsplit(u8::is_ascii_whitespace).next().unwrap_or(text);
            line.len() > text.len() && word.len() > 1 && word.starts_with(b"-")
        }
    }
}

/// Whether every `{` is closed, and every `}` was opened.
fn is_balanced(text: &[u8]) -> bool {
    let mut depth = 0isize;
    text.iter().all(|byte| {
        depth += isize::from(*byte == b'{') - isize::from(*byte == b'}');
        depth >= 0
    }) && depth == 0
}

/// Decodes the text at `place`. In a literal of a program, all its backslashes may be doubled.
/// `None` if a backslash does not escape `:` or `=`, because the text then has another syntax.
fn decoded(file: &[u8], place: Range<usize>) -> Option<Embedded> {
    let mut it = Embedded::new(None, Quoting::NEVER);
    let text = &file[place.clone()];
    let is_doubled = memchr::memmem::find(text, br"\\").is_some();
    let length = if is_doubled { 2 } else { 1 };
    let mut at = 0;
    while let Some(next) = memchr(b'\\', &text[at..]).map(|next| at + next) {
        let fits = !is_doubled || text.get(next + 1) == Some(&b'\\');
        if !fits || !matches!(text.get(next + length), Some(b':' | b'=')) {
            return None;
        }
        it.verbatim(file, place.start + at..place.start + next);
        it.escape(br"\", place.start + next..place.start + next + length);
        at = next + length;
    }
    it.verbatim(file, place.start + at..place.end);
    Some(it)
}

/// Keys of D-Bus addresses such as `unix:abstract=/tmp/x`. A text with one of them is not a
/// description.
const OTHERS: [&[u8]; 6] = [b"abstract", b"dir", b"guid", b"family", b"runtime", b"tmpdir"];

/// Whether a text is likely to be a description: a key is a parameter of its type, or similar to
/// one. After some types, a port or a path is enough if only keywords follow it.
fn looks_like_one(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == b':');
    let mut name = parts.next().unwrap_or_default();
    if name == b"haproxy" {
        name = parts.next().unwrap_or_default();
    }
    let types =
        || [Role::Server, Role::Client].map(|role| Signature::find(role, &Text::plain(name)));
    let is_parameter = |key: &[u8]| {
        let known = || types().into_iter().flatten().flat_map(|it| it.parameters).map(|it| it.name);
        known().any(|known| known.as_bytes() == key)
            || key.len() > 3 && Text::plain(key).most_similar(known()).is_some()
    };
    let arguments: Vec<&[u8]> = parts.collect();
    let keys = || arguments.iter().filter_map(|it| Some(&it[..memchr(b'=', it)?]));
    let Some((first, rest)) = arguments.split_first() else { return false };
    let is_place = match name {
        b"tcp" | b"tcp6" => first.iter().all(u8::is_ascii_digit),
        b"ssl" => first.iter().all(u8::is_ascii_digit) && !rest.is_empty(),
        b"unix" => first.starts_with(b"/") && !rest.is_empty(),
        _ => false,
    };
    let is_alone = is_place && rest.iter().all(|it| it.contains(&b'='));
    !keys().any(|key| OTHERS.contains(&key)) && (is_alone || keys().any(is_parameter))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::check::{Checker, Options};

    /// The codes of the findings in a file, with their texts.
    #[track_caller]
    fn found(name: &str, text: &str) -> Vec<(&'static str, String)> {
        let checked =
            Checker::new(Options::default()).check_text(Path::new(name), text.as_bytes()).unwrap();
        let findings = checked.findings().into_iter();
        findings.map(|it| (it.rule.slug(), text[it.range].to_owned())).collect()
    }

    #[test]
    fn literals_that_no_function_takes() {
        for program in [
            "if port == 'tcp:0:interfce=127.0.0.1': pass",
            "'''Listens.\n\n:param port: such as ``tcp:80:interfce=::1``.\n'''",
            "web_port = \"tcp:{}:interfce=localhost\".format(port)",
            "x = f'ssl:{port}:privatKey={key}:certKey={cert}'",
            "h('(e.g. \\\"tcp:4321:interfce=localhost\\\")')",
            "# x --listen tcp:80:interfce=h.",
            "# listen = tcp:80:interfce=h",
        ] {
            let found = found("a.py", program);
            assert_eq!(found.first().map(|it| it.0), Some("unexpected-keyword"), "{program}");
        }
        assert_eq!(found("a.py", "x = 'tcp:123456'"), [("out-of-range", "123456".into())]);
        let nix = "{ services.x.\"web.port\" = \"tcp:3456:interface=::1\"; }";
        assert_eq!(found("a.nix", nix), [("multiple-values", "::1".into())]);
        let client = "{ x = ''tcp:host=2a09:80c0:102::1:port=9989''; }";
        assert_eq!(found("a.nix", client)[0].0, "unescaped-ipv6");
        let document = "The default, `haproxy:tcp:80:interfce=h`, and \"tcp:99999\".\n";
        let wanted = [("unexpected-keyword", "interfce".into()), ("out-of-range", "99999".into())];
        assert_eq!(found("a.md", document), wanted);
        let nix = "{ c = ''\n  x = \"tcp:9989:interfce=\\\\:\\\\:\"\n''; }";
        assert_eq!(found("a.nix", nix)[0].0, "unexpected-keyword");
        let compose = "services:\n  a:\n    environment:\n      LISTEN: tcp:8010:interfce=h\n";
        assert_eq!(found("a.yml", compose)[0].0, "unexpected-keyword");
    }

    #[test]
    fn known_descriptions_are_reported_once() {
        let program = "serverFromString(r, 'tcp:80:interfce=h')\n";
        assert_eq!(found("a.py", program).len(), 1);
    }

    #[test]
    fn texts_of_other_programs() {
        for text in [
            "unix:abstract=/tmp/x",
            "tcp:host=localhost,prt=1234",
            "unix:path=/run/x,guid=1",
            "tcp:h:80:priority=2.5",
            "tcp:h:http",
            "tcp://h:80:interfce=h",
            "http-tcp:80:interfce=h",
            "tcp:80:interfce=",
            "tcp:PORT:interface=<ip>",
            "tcp:${toString x}:interfce=h",
            "ssl:port=443",
            "Tcp:80:interfce=h",
            "tcp6:80:interface=\\:\\:1",
            "tcp6:80:interface=\\\\:\\\\:1",
            "tcp6:80:interface=\\x3a",
            "tcp:80:morestuff",
            "unix:/run/x",
        ] {
            assert_eq!(found("a.py", &format!("x = '{text}'\n# x: {text}\n")), [], "{text}");
        }
        assert_eq!(found("a.md", "```console\n$ x\ntcp:80:interfce=h is served\n```\n"), []);
        assert_eq!(found("src/test/test_a.py", "x = 'tcp:999999'"), []);
    }
}
