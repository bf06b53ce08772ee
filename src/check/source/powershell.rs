//! Reads scripts of PowerShell: the commands and the assignments of variables.
//!
//! ```text
//! command  words ended by a line feed, ";", "|", "&", or a bracket outside quotes
//! word     1*( plain / "`" any / "'" … "'" / DQUOTE … DQUOTE / variable / "$(" … ")" )
//! comment  "#" at the beginning of a word, up to the end of the line, or "<#" … "#>"
//! ```
//!
//! In a string, a doubled quote is one quote. A back-quote at the end of a line joins the next
//! line.

use super::bounds::Words;
use super::command::script;
use super::context::Context;
use super::cursor::Cursor;
use super::format::Format;
use crate::check::embedded::{Embedded, Quoting, double_each, escape_each};

pub(super) static FORMAT: Format = Format {
    name: "powershell",
    files: &["*.ps1", "*.psm1"],
    interpreters: &["pwsh"],
    trailing_comments: true,
    windows: true,
    commands: true,
    find,
    ..Format::NEW
};

/// Bytes with a meaning to PowerShell outside quotes, which a back-quote escapes.
const SPECIAL: &[u8] = b" \t`$\"'(){};|&<>,@#";

/// Scopes of variables, as in `$env:NAME`. After any other name, a colon is not part of the
/// variable.
const SCOPES: &[&[u8]] = &[b"env", b"global", b"local", b"private", b"script", b"using"];

/// The maximum length in bytes of `${…}` and `$(…)`.
const LONGEST: usize = 256;

const BARE: Quoting = Quoting(|text| escape_each(text, b'`', SPECIAL));
const DOUBLE: Quoting = Quoting(|text| escape_each(text, b'`', b"`$\""));
const SINGLE: Quoting = Quoting(|text| double_each(text, b'\''));

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    script(file, context, command)
}

/// The length of a line continuation at the cursor, in bytes; `None` if there is none.
fn joint(cursor: &Cursor<'_>) -> Option<usize> {
    cursor.any_of(&["`\n", "`\r\n"])
}

/// Reads the words of one command, and skips the separator after it. Redirections are left out.
fn command(cursor: &mut Cursor<'_>) -> Words {
    let mut words = Words::default();
    let (mut skipped, mut in_list) = (false, false);
    while let Some(byte) = cursor.rest().first() {
        if let Some(length) = joint(cursor) {
            cursor.at += length;
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b',' => cursor.at += 1,
            b'#' => cursor.skip_line(),
            b'<' if cursor.rest().starts_with(b"<#") => cursor.skip_past("#>"),
            b'@' if cursor.rest().starts_with(b"@'") => cursor.skip_past("\n'@"),
            b'@' if cursor.rest().starts_with(b"@\"") => cursor.skip_past("\n\"@"),
            b'@' if cursor.rest().starts_with(b"@(") && takes_list(&words) => {
                cursor.at += 2;
                in_list = true;
            }
            b')' | b'\n' if in_list => {
                cursor.at += 1;
                in_list = *byte == b'\n';
            }
            b'\n' | b';' | b'|' | b'&' | b'(' | b')' | b'{' | b'}' => {
                cursor.at += 1;
                break;
            }
            b'<' | b'>' => skipped = cursor.skip_redirection(),
            _ => {
                let Some(word) = cursor.word(word) else { continue };
                if !std::mem::take(&mut skipped) {
                    words.push(word);
                }
            }
        }
    }
    words
}

/// Whether the next word is the list of a program's arguments: `-ArgumentList @('-e', 'tcp:80')`.
fn takes_list(words: &[Embedded]) -> bool {
    words.last().is_some_and(|last| last.text().eq_ignore_ascii_case(b"-ArgumentList"))
}

fn word(cursor: &mut Cursor<'_>) -> Embedded {
    let mut word = Embedded::new(None, BARE);
    while let Some(byte) = cursor.rest().first() {
        match byte {
            _ if byte.is_ascii_whitespace() => break,
            b';' | b'|' | b'&' | b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b',' => break,
            b'\'' => single(cursor, &mut word),
            b'"' => double(cursor, &mut word),
            b'`' if joint(cursor).is_some() => break,
            _ => inside(cursor, &mut word),
        }
    }
    word
}

fn single(cursor: &mut Cursor<'_>, word: &mut Embedded) {
    cursor.read_quote(word, SINGLE);
    while !cursor.rest().is_empty() {
        let length = memchr::memchr(b'\'', cursor.rest()).unwrap_or(cursor.rest().len());
        cursor.read(word, length);
        if !cursor.rest().starts_with(b"''") {
            cursor.at += 1.min(cursor.rest().len());
            break;
        }
        cursor.read_escape(word, b"'", 2);
    }
    word.quoted(BARE);
}

fn double(cursor: &mut Cursor<'_>, word: &mut Embedded) {
    cursor.read_quote(word, DOUBLE);
    while let Some(byte) = cursor.rest().first() {
        if cursor.rest().starts_with(b"\"\"") {
            cursor.read_escape(word, b"\"", 2);
        } else if *byte == b'"' {
            cursor.at += 1;
            break;
        } else {
            inside(cursor, word);
        }
    }
    word.quoted(BARE);
}

/// Reads syntax that means the same inside and outside of double quotes.
fn inside(cursor: &mut Cursor<'_>, word: &mut Embedded) {
    let rest = cursor.rest();
    match (rest[0], rest.get(1)) {
        (b'`', Some(next)) => {
            let meaning = match next {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'0' => 0,
                next => *next,
            };
            cursor.read_escape(word, &[meaning], 2);
        }
        (b'$', _) => match variable(rest) {
            Some(length) => cursor.read_unknown(word, length),
            None => plain(cursor, word),
        },
        _ => plain(cursor, word),
    }
}

fn plain(cursor: &mut Cursor<'_>, word: &mut Embedded) {
    cursor.read_plain(word, 1, |byte| SPECIAL.contains(&byte) || byte.is_ascii_whitespace());
}

/// The length in bytes of the variable at the start of `text`: `$name`, `$env:NAME`, `${name}`,
/// `$(…)`. `None` if none starts there.
fn variable(text: &[u8]) -> Option<usize> {
    let name = |text: &[u8]| {
        text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
    };
    let rest = text.get(1..)?;
    let line = rest.get(..LONGEST).unwrap_or(rest).split(|byte| *byte == b'\n').next()?;
    match *rest.first()? {
        b'{' => memchr::memchr(b'}', line).map(|length| length + 2),
        b'(' => {
            let mut depth = 0usize;
            for (at, byte) in line.iter().enumerate() {
                match byte {
                    b'(' => depth += 1,
                    b')' if depth == 1 => return Some(at + 2),
                    b')' => depth -= 1,
                    _ => {}
                }
            }
            None
        }
        _ => {
            let first = name(rest);
            let scoped = SCOPES.iter().any(|scope| scope.eq_ignore_ascii_case(&rest[..first]));
            let second = match rest.get(first) {
                Some(b':') if scoped => name(&rest[first + 1..]),
                _ => 0,
            };
            let colon = usize::from(second > 0);
            (first > 0).then_some(1 + first + colon + second)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, texts};
    use strports_syntax::Span;

    #[track_caller]
    fn texts_of(file: &str) -> Vec<String> {
        texts(&FORMAT, "a.ps1", file.as_bytes())
    }

    #[test]
    fn commands_of_a_script_are_found() {
        let file = "<# daphne -e no #>\r\n# daphne -e no\r\n$env:X = \"y\"\r\n\
            & \"C:\\a b\\daphne.exe\" `\r\n  -e 'tcp:1' `\r\n  -e tcp:2 2>&1 > log\r\n\
            if ($x) { twistd web --listen=\"tcp:3\" } else { daphne -e tcp:4; exit }\r\n\
            $t = @\"\r\ndaphne -e no\r\n\"@\r\npython -m daphne -e tcp:5 | Out-Null\r\n";
        assert_eq!(texts_of(file), ["tcp:1", "tcp:2", "tcp:3", "tcp:4", "tcp:5"]);
    }

    #[test]
    fn started_processes_are_read() {
        for line in [
            r#"Start-Process -FilePath "C:\a\daphne.exe" -ArgumentList "-e", "tcp:1", 'x:y' -Wait"#,
            "start-process daphne -ArgumentList '-e tcp:1 x:y' -NoNewWindow",
            "Start-Process -ArgumentList @('-e', 'tcp:1') -FilePath daphne",
            "Start-Process daphne '-e', 'tcp:1'",
        ] {
            assert_eq!(texts_of(line), ["tcp:1"], "{line}");
        }
    }

    #[test]
    fn strings_and_variables_are_read() {
        let file = concat!(
            r#"daphne -e "tcp:$env:PORT`:$port:a=${b c}:$(f (g)):""`$x" "#,
            "-e 'it''s $x' -e tcp:`$x:$$",
        );
        assert_eq!(texts_of(file), ["tcp:1:1:a=1:1:\"$x", "it's $x", "tcp:$x:$$"]);
    }

    #[test]
    fn fixes_keep_the_quoting() {
        let file = b"daphne -e tcp:1 -e \"tcp:2\" -e 'tcp:3'";
        let found = find(&FORMAT, "a.ps1", file);
        let quote = |index: usize| {
            let it: &Embedded = &found[index];
            String::from_utf8(it.quote(Span::new(0, 3), br"\: '$").unwrap()).unwrap()
        };
        assert_eq!([quote(0), quote(1), quote(2)], [r"\:` `'`$", r"\: '`$", r"\: ''$"]);
    }

    #[test]
    fn unterminated_constructs_are_read_to_the_end() {
        for file in [
            "daphne -e 'a",
            "daphne -e \"a",
            "daphne -e $",
            "daphne -e ${a",
            "daphne -e $(a",
            "daphne -e `",
        ] {
            assert!(texts_of(file).len() <= 1, "{file}");
        }
        assert_eq!(texts_of("<# @\" &"), [""; 0]);
        assert_eq!(texts_of("daphne > "), [""; 0]);
    }
}
