//! A description that is quoted in a file is found there, with its text and its position.
//!
//! Its findings and fixes are those of the description alone, moved to the quoted bytes.

mod forms;

use std::path::Path;
use std::sync::LazyLock;

use strports::check::{
    Checked, Checker, Configuration, DescriptionRead, Finding, Fixes, LinterRule, Options, Rule,
};
use strports_syntax::{Report, Role, apply_fixes, check};

use self::forms::{FORMS, Form, IGNORING, MENDED, READINGS};

/// A linter that reads descriptions from keys named `listen`, and lists all that it reads.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let text = "[[source]]\nfiles = ['*.list']\nformat = 'list'\n[[source]]\nfiles = ['*']\n\
        keys = { '**.listen' = 'server', '**.listen.*' = 'server', 'list.1.exact' = 'server' }\n";
    let configuration =
        Configuration::parse(Path::new(""), text).unwrap_or_else(|error| panic!("{error}"));
    let mut options = Options::default();
    options.listing = true;
    Checker::with_configuration(options, configuration)
});

/// Checks the law. The first byte chooses the file excerpt, and the others end the description.
pub fn holds(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else { return };
    let form = FORMS.iter().chain(IGNORING).cycle().nth((*choice).into()).expect("many forms");
    let allowed = |byte: &&u8| byte.is_ascii_alphanumeric() || b":=/._,+ \\'\"-$%#".contains(byte);
    let rest: String = rest.iter().take(200).filter(allowed).map(|it| char::from(*it)).collect();
    let rest = rest.trim_end();
    let is_whole = ["unix:", "ssl:"].iter().any(|it| rest.starts_with(it));
    let description = if is_whole { rest.to_owned() } else { format!("tcp:80{rest}") };
    if form.excerpt.contains(forms::CODES) {
        ignored_in(form, &description);
    } else {
        found_in(form, &description);
    }
}

fn found_in(form: &Form, description: &str) {
    let Some(quoted) = form.quoting.quote(description) else { return };
    // The last `@` of the excerpt stands for the description; others belong to the format.
    let (before, after) = form.excerpt.rsplit_once('@').expect("a place for the description");
    let file = [before, &quoted, after].concat();
    let (mut checked, all) = read(form, &file);
    let mut found = all.iter().filter(|it| *it.text == *description);
    let (Some(found), None) = (found.next(), found.next()) else {
        panic!("{description:?} is not found once in {} {file:?}, but {all:?}", form.file);
    };
    assert_eq!(all.len(), form.descriptions(), "{} {file:?}: {all:?}", form.file);
    let lines = before.matches('\n').count() + 1;
    // A byte order mark at the start of the file is in no column.
    let line = before.rsplit('\n').next().unwrap_or_default();
    let column = line.trim_start_matches('\u{feff}').len() + 1;
    assert_eq!((found.start.line, found.start.column), (lines, column), "{file:?}");
    let end = (found.end.line, found.end.column);
    assert_eq!(end, (lines, column + quoted.len()), "{} {file:?}", form.file);

    let report = judged(description, found.role);
    // Returns the file offset of an offset in the description, which is never inside an escape.
    let place = |offset: usize| {
        let quoted = form.quoting.quote_any(&description[..offset]);
        before.len() + quoted.len()
    };
    let expected = report.diagnostics().iter().map(|it| {
        let range = place(it.span.start)..place(it.span.end);
        (range.start, range.end, it.code, it.message.clone())
    });
    let of_language = checked.findings().into_iter().filter_map(|it| match it.rule {
        Rule::Language(code) => Some((it.range.start, it.range.end, code, it.message.clone())),
        _ => None,
    });
    let (mut expected, mut found): (Vec<_>, Vec<_>) = (expected.collect(), of_language.collect());
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "left: in the file {} {file:?}", form.file);

    let fixed = checked.fix(Fixes::Safe).unwrap_or_else(|error| panic!("{error}"));
    let mended = mended(description, report.role());
    let Some(fixed) = fixed.first() else {
        let can_be_written = mended != description && form.quoting.quote(&mended).is_some();
        assert!(!can_be_written, "{} {file:?}: {mended:?} was not written", form.file);
        return;
    };
    let text = String::from_utf8_lossy(fixed.text());
    assert!(text.starts_with(before) && text.ends_with(after), "{} {text:?}", form.file);
    let (_, all) = read(form, &text);
    assert!(all.iter().any(|it| *it.text == *mended), "{text:?} lacks {mended:?}: {all:?}");
}

/// An ignore comment with the codes of all findings hides them, and none of its codes is
/// superfluous.
fn ignored_in(form: &Form, description: &str) {
    let Some(quoted) = form.quoting.quote(description) else { return };
    let (before, after) = form.excerpt.rsplit_once('@').expect("a place for the description");
    let all = read(form, &[before, &quoted, after].concat()).1;
    assert!(all.iter().any(|it| *it.text == *description), "{description:?} not in {all:?}");
    let file = |codes: &str| [before, &quoted, after].concat().replace(forms::CODES, codes);
    let codes_in = |file: &str| {
        let findings = read(form, file).0.findings().into_iter();
        let mut codes: Vec<String> = findings.map(|it| it.rule.slug().to_owned()).collect();
        codes.dedup();
        codes
    };
    let unused = Rule::Linter(LinterRule::UnusedIgnore).slug();
    let mut codes = codes_in(&file("stale-code"));
    codes.retain(|it| it != unused && it != "malformed-ignore");
    if codes.is_empty() {
        return;
    }
    assert_eq!(codes_in(&file(&codes.join(", "))), [""; 0], "{}", file(&codes.join(",")));
    let more = format!("{},port-conflict", codes.join(","));
    assert_eq!(codes_in(&file(&more)), [unused], "{}", file(&more));
}

/// Checks that each file in [`READINGS`] contains exactly the expected descriptions.
pub fn files_are_read() {
    let mut different = Vec::new();
    for (file, text, expected) in READINGS {
        let checked = CHECKER.check_text(Path::new(file), text.as_bytes());
        let checked = checked.unwrap_or_else(|problem| panic!("{problem}"));
        let all = checked.files_read().flat_map(|it| it.descriptions);
        let found: Vec<_> = all.map(|it| it.text.to_string()).collect();
        if found != *expected {
            different.push(format!("{file} {text:?}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(different.is_empty(), "{different:#?}");
    for (file, text, expected) in MENDED {
        let checked = CHECKER.check_text(Path::new(file), text.as_bytes());
        let mut checked = checked.unwrap_or_else(|problem| panic!("{problem}"));
        let fixed = checked.fix(Fixes::Safe).unwrap_or_else(|error| panic!("{error}"));
        let found = fixed.first().map_or(text.as_bytes(), |it| it.text());
        assert_eq!(
            found.escape_ascii().to_string(),
            expected.as_bytes().escape_ascii().to_string()
        );
        let counts = |it: &Finding| it.message.starts_with("expected at most");
        assert!(!checked.findings().iter().any(counts), "variables are not counted: {text}");
    }
}

/// Checks a file; returns the result and the descriptions that the linter read from it.
fn read(form: &Form, file: &str) -> (Checked, Vec<DescriptionRead>) {
    let checked = CHECKER.check_text(Path::new(form.file), file.as_bytes());
    let checked = checked.unwrap_or_else(|problem| panic!("{problem}"));
    let all = checked.files_read().flat_map(|it| it.descriptions).collect();
    (checked, all)
}

/// Returns the report on the description without a file.
fn judged(description: &str, role: Role) -> Report<'_> {
    let mut report = check(description, role);
    report.read_by(Options::default().twisted);
    report
}

/// Returns the description after all safe fixes, which are applied in rounds as the linter does.
fn mended(description: &str, role: Role) -> String {
    let mut text = description.to_owned();
    for _ in 0..10 {
        let report = judged(&text, role);
        let next = apply_fixes(report.text(), report.fixes().filter(|fix| fix.safe));
        text = String::from_utf8(next).expect("the fixes of a text are text");
    }
    text
}

/// Returns descriptions of several shapes for every file excerpt.
pub fn samples() -> Vec<Vec<u8>> {
    let ends = [
        "80",
        "",
        ":a$b%c=$",
        ":a=b\\\"c#%",
        ":a#b;c",
        "ssl:443:privateKey=C:\\k$y\\server.pem",
        "unix:C:\\a$b\\c:mode=600",
        ":interface=127.0.0.1",
        ":interface=\\:\\:1",
        ":interface=a b:backlog=5",
        ":99999:x=it's",
        ":interface=\"a\"",
        ":a=\\\\b",
        ":,=+-_.",
        ":a=...5",
    ];
    let forms = (0..FORMS.len() + IGNORING.len()).map(|it| u8::try_from(it).expect("few forms"));
    forms.flat_map(|form| ends.map(|end| [&[form], end.as_bytes()].concat())).collect()
}
