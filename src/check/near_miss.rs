//! Finds comments that look as if they ignored a finding but do not: `strports: ignore` without a
//! code, or the directive of another tool with a code of this linter.

use std::ops::Range;

use memchr::memmem;

use super::finding::{FileFix, FileText, Finding};
use super::rules::{LinterRule, Rule};
use super::source::bounds::MAX_DESCRIPTIONS;
use super::source::format::Comment;

const NAME: &[u8] = b"strports";
/// Words with which the ignore comments of various tools begin.
const DIRECTIVES: &[&[u8]] =
    &[b"allow", b"disable", b"ignore", b"noqa", b"nolint", b"off", b"skip", b"suppress"];
/// Prefixes of other tools' ignore comments with a list of codes, such as `disable=` of pylint.
const OTHERS: &[&[u8]] = &[b"disable=", b"noqa:", b"ignore["];
/// Codes that other tools use too. A directive of another tool with only these is not reported.
const SHARED: &[&str] = &["too-many-arguments", "unused-ignore"];
/// The maximum length in bytes of a line that is searched. Longer lines are data.
const LONGEST: usize = 64 << 10;

/// The findings about comments that look like ignore comments but have no effect.
pub(super) fn near_misses(file: &FileText<'_>, comments: &[Comment]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for tail in memmem::find_iter(file.text, &NAME[1..]) {
        let start = tail.checked_sub(1).filter(|it| matches!(file.text[*it], b's' | b'S'));
        found.extend(start.and_then(|it| own(file, it, comments)));
        if found.len() > MAX_DESCRIPTIONS {
            return found;
        }
    }
    for directive in OTHERS {
        let mut line = Line::default();
        for start in memmem::find_iter(file.text, directive) {
            line.move_to(file, start, comments);
            found.extend(of_other(file, start, directive.len(), &line));
            if found.len() > MAX_DESCRIPTIONS {
                return found;
            }
        }
    }
    found
}

/// The finding for a comment that begins with `strports` at the offset `start`. `None` if the
/// comment is prose or a valid ignore comment.
fn own(file: &FileText<'_>, start: usize, comments: &[Comment]) -> Option<Finding> {
    let line = file.lines.line_around(start);
    if line.len() > LONGEST || !comments.iter().any(|it| it.ends(&file.text[line.start..start])) {
        return None;
    }
    let rest = &file.text[start + NAME.len()..line.end];
    let is_exact = file.text[start..].starts_with(NAME) && rest.starts_with(b": ignore[");
    let is_empty = rest[rest.len().min(9)..].trim_ascii_start().starts_with(b"]");
    if is_exact && !is_empty && memchr::memchr(b']', rest).is_some() {
        return None;
    }
    let after_name = rest.trim_ascii_start();
    let has_colon = after_name.first() == Some(&b':');
    let words = after_name.strip_prefix(b":").unwrap_or(after_name).trim_ascii_start();
    let length = words.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (word, behind) = words.split_at(length);
    if !DIRECTIVES.iter().any(|it| it.eq_ignore_ascii_case(word)) {
        return None;
    }
    // A suffix belongs to the directive: other tools have `ignore-file` and `disable-next-line`.
    let is_suffix = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'-';
    let suffix = behind.iter().take_while(|it| behind[0] == b'-' && is_suffix(it)).count();
    let behind = &behind[suffix..];
    // "the strports ignore list" is prose, not a directive.
    if !has_colon
        && !matches!(behind.trim_ascii_start().first(), None | Some(b'[' | b'(' | b'=' | b':'))
    {
        return None;
    }
    let (codes, length) = codes(behind);
    let end = line.end - behind.len() + length;
    Some(finding(file, start..end, &codes))
}

/// The finding for a directive of another tool at the offset `start`, whose prefix has `length`
/// bytes. `None` unless it is in a comment and lists a code that only this linter has.
fn of_other(file: &FileText<'_>, start: usize, length: usize, line: &Line) -> Option<Finding> {
    // Lines with `strports` are handled by `own`.
    if line.range.len() > LONGEST || line.comment > start || line.name <= start {
        return None;
    }
    let behind = file.text.get(start + length..line.range.end)?;
    let (codes, length_of_codes) = codes(behind);
    let ours = codes.iter().any(|code| !SHARED.contains(code));
    ours.then(|| finding(file, start..start + length + length_of_codes, &codes))
}

/// The line that was searched last. It is kept because one line may contain many directives.
#[derive(Default)]
struct Line {
    range: Range<usize>,
    /// The offset in the file after the first comment mark; `usize::MAX` if there is none.
    comment: usize,
    /// The offset in the file after the first `strports`; `usize::MAX` if there is none.
    name: usize,
}

impl Line {
    /// Moves to the line that contains `offset`, and searches it unless this is already the current
    /// line.
    fn move_to(&mut self, file: &FileText<'_>, offset: usize, comments: &[Comment]) {
        if self.range.contains(&offset) {
            return;
        }
        let range = file.lines.line_around(offset);
        let text = file.text.get(range.clone()).filter(|text| text.len() <= LONGEST);
        let behind = |word: &[u8]| {
            let at = memmem::find(text.unwrap_or_default(), word);
            at.map_or(usize::MAX, |at| range.start + at + word.len())
        };
        let opened = comments.iter().map(|it| behind(it.open.trim_end().as_bytes()));
        let (comment, name) = (opened.min().unwrap_or(usize::MAX), behind(NAME));
        *self = Self { range, comment, name };
    }
}

/// The leading words of a list that are codes of this linter. Also returns the length of the list
/// in bytes, with its closing bracket.
fn codes(text: &[u8]) -> (Vec<&'static str>, usize) {
    let mut codes = Vec::new();
    let mut end = 0;
    let mut at = 0;
    while at < text.len() {
        let word = text[at..].iter().take_while(|it| it.is_ascii_alphanumeric() || **it == b'-');
        let length = word.count();
        if length == 0 {
            at += 1;
            continue;
        }
        let word = std::str::from_utf8(&text[at..at + length]).unwrap_or_default();
        // The first word that is not a code begins an explanation.
        let Some(rule) = Rule::from_slug(word) else { break };
        at += length;
        codes.push(rule.slug());
        end = at;
    }
    let blanks = text[end..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let is_closed = matches!(text.get(end + blanks), Some(b']' | b')'));
    (codes, if is_closed { end + blanks + 1 } else { end })
}

fn finding(file: &FileText<'_>, range: Range<usize>, codes: &[&'static str]) -> Finding {
    let rule = Rule::Linter(LinterRule::MalformedIgnore);
    let message = if codes.is_empty() {
        "this ignores nothing, because it has no code in brackets"
    } else {
        "this ignores nothing, because it has a different syntax"
    };
    let mut finding = Finding::new(file, range.clone(), rule, message.to_owned());
    let list = if codes.is_empty() { "CODE".to_owned() } else { codes.join(", ") };
    let written = format!("strports: ignore[{list}]");
    if codes.is_empty() {
        finding.help = Some(format!("write `{written}`"));
    } else {
        finding.fix = Some(FileFix::new(file, range, written.into_bytes(), false));
    }
    finding
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;

    /// The texts with a finding, and their replacements.
    fn found(text: &str) -> Vec<(&str, Option<String>)> {
        let path: Arc<Path> = Path::new("x").into();
        let file = FileText::new(&path, text.as_bytes());
        let found = near_misses(&file, &[Comment::HASH]).into_iter();
        let fix = |it: FileFix| String::from_utf8(it.replacement).unwrap();
        found.map(|it| (&text[it.range.clone()], it.fix.map(fix))).collect()
    }

    #[test]
    fn near_misses_of_ignore_comments_are_reported() {
        for text in [
            "strports: ignore",
            "strports: noqa",
            "strports:ignore",
            "strports : ignore",
            "strports ignore",
            "strports: ignore[",
            "strports: Ignore",
            "strports: ignore-file",
            "Strports: ignore",
        ] {
            let line = format!("tcp:80  # {text} ");
            let found = found(&line);
            assert_eq!(found.len(), 1, "{text}");
            assert!(text.starts_with(found[0].0), "{found:?}");
            assert_eq!(found[0].1, None);
        }
        for text in [
            "strports:ignore[bad-host, out-of-range]",
            "strports: disable=bad-host,out-of-range",
            "strports: noqa: bad-host out-of-range",
            "strports: ignore(bad-host, out-of-range)",
            "strports: ignore [bad-host, out-of-range]",
            "Strports: Ignore[bad-host, out-of-range]",
            "strports: ignore-next-line[bad-host, out-of-range]",
        ] {
            let line = format!("# {text} as before");
            let wanted = Some("strports: ignore[bad-host, out-of-range]".to_owned());
            assert_eq!(found(&line), [(text, wanted)]);
        }
    }

    #[test]
    fn directives_of_other_tools_count_only_with_our_codes() {
        let wanted = Some("strports: ignore[bad-host]".to_owned());
        let both = "x # pylint: disable=bad-host";
        assert_eq!(found(both), [("disable=bad-host", wanted.clone())]);
        assert_eq!(found("x # noqa: bad-host"), [("noqa: bad-host", wanted)]);
        for text in [
            "x # noqa",
            "x # noqa: E501",
            "x # pylint: disable=too-many-arguments",
            "x # type: ignore[unused-ignore]",
            "disable=bad-host",
            "# the strports ignore list",
            "# strports: ignore[bad-host]",
            "strports: ignore",
            "# strports reads this",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
