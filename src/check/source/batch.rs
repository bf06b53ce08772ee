//! Reads Windows batch files: the quoting of `cmd.exe`, and then that of programs.
//!
//! ```text
//! command  words ended by a line feed, "&", "|", "(" or ")" outside quotes
//! word     1*( plain / "^" any / DQUOTE … DQUOTE / "\" DQUOTE / "%" name "%" / "!" name "!" )
//! comment  "REM" or "::" at the beginning of a command, up to the end of the line
//! ```
//!
//! A `^` at the end of a line joins it with the next one.

use super::bounds::Words;
use super::command::script;
use super::context::Context;
use super::cursor::Cursor;
use super::format::{Comment, Format};
use crate::check::embedded::{Embedded, Quoting};

pub(super) static FORMAT: Format = Format {
    name: "batch",
    files: &["*.bat", "*.cmd"],
    comments: &[Comment::REM, Comment::COLONS],
    windows: true,
    commands: true,
    find,
    ..Format::NEW
};

/// Bytes with a meaning to `cmd.exe` outside quotes, which a `^` escapes.
const SPECIAL: &[u8] = b"&|<>^()";

/// The maximum length in bytes of a reference to a variable, such as `%NAME:a=b%`.
const LONGEST: usize = 256;

/// The quoting of text outside quotation marks.
const BARE: Quoting = Quoting(|text| quote(text, true));
/// The quoting of text inside double quotes.
const QUOTED: Quoting = Quoting(|text| quote(text, false));

/// Quotes text for `cmd.exe` and the program. `bare` is whether no quotation marks surround it.
fn quote(text: &[u8], bare: bool) -> Option<Vec<u8>> {
    // A backslash before the closing quote would escape it.
    if !bare && text.ends_with(b"\\") {
        return None;
    }
    let mut quoted = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'"' | b'!' => return None,
            b' ' if bare => return None,
            _ if byte.is_ascii_control() => return None,
            b'%' => quoted.extend(b"%%"),
            _ if bare && SPECIAL.contains(byte) => quoted.extend([b'^', *byte]),
            _ => quoted.push(*byte),
        }
    }
    Some(quoted)
}

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    script(file, context, command)
}

/// The length of a line continuation at the cursor, in bytes; `None` if there is none.
fn joint(cursor: &Cursor<'_>) -> Option<usize> {
    cursor.any_of(&["^\n", "^\r\n"])
}

/// Reads the words of one command, and skips the separator after it. Redirections are left out.
fn command(cursor: &mut Cursor<'_>) -> Words {
    let mut words = Words::default();
    let mut skipped = false;
    while let Some(byte) = cursor.rest().first() {
        match byte {
            b' ' | b'\t' | b'\r' | b',' | b';' => cursor.at += 1,
            b'^' if joint(cursor).is_some() => cursor.at += joint(cursor).unwrap_or(1),
            b'@' if words.is_empty() => cursor.at += 1,
            b'\n' | b'&' | b'|' | b'(' | b')' => {
                cursor.at += 1;
                break;
            }
            b'<' | b'>' => skipped = cursor.skip_redirection(),
            _ => {
                if words.is_empty() && is_comment(cursor) {
                    cursor.skip_line();
                    continue;
                }
                if *byte == b'"' && is_read_again(&words) {
                    // `cmd.exe` removes the quotes around this line, so what follows is a separate
                    // command.
                    cursor.at += 1;
                    break;
                }
                let Some(word) = cursor.word(word) else { continue };
                if !std::mem::take(&mut skipped) {
                    words.push(word);
                }
            }
        }
    }
    words
}

/// Whether the next argument is a line for another `cmd.exe`: `cmd /c "…"`.
fn is_read_again(words: &[Embedded]) -> bool {
    let is = |word: &Embedded, names: [&str; 2]| {
        names.iter().any(|it| word.text().to_ascii_lowercase().ends_with(it.as_bytes()))
    };
    words.last().is_some_and(|last| is(last, ["/c", "/k"]))
        && words.iter().any(|word| is(word, ["cmd", "cmd.exe"]))
}

fn is_comment(cursor: &Cursor<'_>) -> bool {
    let rest = cursor.rest();
    let rem = rest.len() >= 3 && rest[..3].eq_ignore_ascii_case(b"rem");
    rest.starts_with(b"::") || rem && rest.get(3).is_none_or(u8::is_ascii_whitespace)
}

fn word(cursor: &mut Cursor<'_>) -> Embedded {
    let mut word = Embedded::new(None, BARE);
    let mut quoted = false;
    while let Some(byte) = cursor.rest().first() {
        match byte {
            b'\n' => break,
            b' ' | b'\t' | b'\r' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' if !quoted => break,
            b'\r' if cursor.rest().starts_with(b"\r\n") => break,
            b'"' => {
                quoted = !quoted;
                cursor.read_quote(&mut word, if quoted { QUOTED } else { BARE });
            }
            b'\\' => backslashes(cursor, &mut word),
            b'^' if !quoted => match joint(cursor) {
                Some(length) => cursor.at += length,
                None => caret(cursor, &mut word),
            },
            b'%' | b'!' => placeholder(cursor, &mut word),
            _ => plain(cursor, &mut word, 1),
        }
    }
    word
}

fn plain(cursor: &mut Cursor<'_>, word: &mut Embedded, least: usize) {
    cursor.read_plain(word, least, |byte| b" \t\r\n&|()<>\"\\^%!".contains(&byte));
}

/// Backslashes are literal, except before a double quote: there, two mean one backslash, and a
/// single one escapes the quote.
fn backslashes(cursor: &mut Cursor<'_>, word: &mut Embedded) {
    let count = cursor.rest().iter().take_while(|byte| **byte == b'\\').count();
    if cursor.rest().get(count) != Some(&b'"') {
        return plain(cursor, word, count);
    }
    for _ in 0..count / 2 {
        cursor.read_escape(word, b"\\", 2);
    }
    if count % 2 == 1 {
        cursor.read_escape(word, b"\"", 2);
    }
}

fn caret(cursor: &mut Cursor<'_>, word: &mut Embedded) {
    match cursor.rest().get(1) {
        Some(byte) => cursor.read_escape(word, &[*byte], 2),
        None => plain(cursor, word, 1),
    }
}

fn placeholder(cursor: &mut Cursor<'_>, word: &mut Embedded) {
    let rest = cursor.rest();
    match variable(rest) {
        Some(length) => cursor.read_unknown(word, length),
        None if rest.starts_with(b"%%") => cursor.read_escape(word, b"%", 2),
        None => plain(cursor, word, 1),
    }
}

/// The length in bytes of a variable at the start of `text`: `%NAME%`, `%NAME:a=b%`, `!NAME!`,
/// `%1`, `%~dp0`, `%%i`. `None` if no variable starts there.
fn variable(text: &[u8]) -> Option<usize> {
    let (mark, rest) = text.get(..LONGEST).unwrap_or(text).split_first()?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.()#$".contains(byte);
    let name = rest.iter().take_while(|byte| is_name(byte)).count();
    if name > 0 && !rest[0].is_ascii_digit() {
        if rest.get(name) == Some(mark) {
            return Some(name + 2);
        }
        // `%NAME:~0,3%`, `%NAME:a=b%`. The same form may be two variables with a colon between
        // them.
        if rest.get(name) == Some(&b':') {
            let line = rest.split(|byte| *byte == b'\n').next()?;
            let part = line.get(name + 1..)?;
            let end = memchr::memchr(*mark, part)?;
            let is_part = part.starts_with(b"~") || part[..end].contains(&b'=');
            return is_part.then_some(name + end + 3);
        }
    }
    if *mark == b'!' {
        return None;
    }
    let (loops, rest) = match rest.strip_prefix(b"%") {
        Some(rest) => (1, rest),
        None => (0, rest),
    };
    let tilde = if rest.starts_with(b"~") {
        1 + rest[1..].iter().take_while(|byte| b"dpnxfsatzDPNXFSATZ".contains(byte)).count()
    } else {
        0
    };
    let is_one = |byte: &u8| {
        if loops == 1 { byte.is_ascii_alphabetic() } else { byte.is_ascii_digit() || *byte == b'*' }
    };
    match rest.get(tilde) {
        Some(byte) if is_one(byte) => Some(1 + loops + tilde + 1),
        // In `%%~nxi`, the last letter is the variable.
        _ if loops == 1 && tilde > 1 => Some(1 + loops + tilde),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, texts};
    use strports_syntax::Span;

    #[track_caller]
    fn texts_of(file: &str) -> Vec<String> {
        texts(&FORMAT, "a.bat", file.as_bytes())
    }

    #[test]
    fn lines_are_read_like_cmd() {
        let file = "@echo off\r\nREM daphne -e no\r\n:: daphne -e no\r\n\
            @C:\\venv\\Scripts\\daphne.exe -e tcp:1 ^\r\n  -e \"tcp:2\" > log.txt 2>&1\r\n\
            if exist x (\r\n  call twistd web --listen=tcp:3 & daphne -e tcp:4\r\n)\r\n\
            start \"a b\" /b python -m daphne -e tcp:5\r\n";
        assert_eq!(texts_of(file), ["tcp:1", "tcp:2", "tcp:3", "tcp:4", "tcp:5"]);
    }

    #[test]
    fn lines_for_another_interpreter_are_read() {
        let file = concat!(
            r#"start "B" /min cmd /c "cd /d "C: b" && venv\python.exe -m daphne -e "tcp:1" x""#,
            "\r\ncmd /k \"daphne -e tcp:2\"\r\n\"%PYTHON%\" -m daphne -e tcp:3\r\n",
            "FOR %%P IN (1 2) DO daphne -e tcp:%%P:x\r\n",
        );
        assert_eq!(texts_of(file), ["tcp:1", "tcp:2", "tcp:3", "tcp:1:x"]);
    }

    #[test]
    fn variables_and_escapes() {
        let file = concat!(
            "daphne -e tcp:%PORT%:a=%~dp0:%1:!X!:%%i:%P:~0,2%:50%% ",
            r#"-e "unix:C\:\a b\\" -e a^&b\"c^^"#,
        );
        assert_eq!(texts_of(file), ["tcp:1:a=1:1:1:1:1:50%", r"unix:C\:\a b\", "a&b\"c^"]);
        assert_eq!(texts_of("daphne -e tcp:%A%:%B%:x=1"), ["tcp:1:1:x=1"]);
    }

    #[test]
    fn fixes_keep_the_quoting() {
        let file = b"daphne -e tcp:1 -e \"tcp:2\"";
        let found = find(&FORMAT, "a.bat", file);
        let quote = |index: usize, text: &[u8]| {
            let it: &Embedded = &found[index];
            it.quote(Span::new(0, 3), text).map(|it| String::from_utf8(it).unwrap())
        };
        assert_eq!(quote(0, br"\:&%").as_deref(), Some(r"\:^&%%"));
        assert_eq!(quote(1, br"\: &").as_deref(), Some(r"\: &"));
        assert_eq!((quote(0, b"a b"), quote(1, b"a\\"), quote(1, b"\"")), (None, None, None));
    }

    #[test]
    fn unterminated_constructs_are_read_to_the_end() {
        for file in [
            "daphne -e ^",
            "daphne -e \"a",
            "daphne -e %",
            "daphne -e %~",
            "daphne -e !a",
            "daphne -e %a:",
            "daphne -e \\",
        ] {
            assert_eq!(texts_of(file).len(), 1, "{file}");
        }
        assert_eq!(texts_of("@"), [""; 0]);
        assert_eq!(texts_of("daphne > "), [""; 0]);
    }
}
