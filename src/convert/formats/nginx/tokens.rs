//! Parses the syntax of nginx configuration files: words, semicolons, braces and comments.

use crate::convert::loss::Failure;

/// A directive, with the directives inside its braces.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) words: Vec<String>,
    pub(super) inside: Vec<Directive>,
    pub(super) is_block: bool,
    pub(super) line: usize,
}

impl Directive {
    /// Returns the directive on one line, without the content of its braces.
    pub(super) fn text(&self) -> String {
        std::iter::once(&self.name)
            .chain(&self.words)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The maximum nesting depth of blocks, so that parsing cannot exhaust the stack.
const DEEPEST: usize = 32;

/// Parses a configuration into its directives. The last one may lack its semicolon.
pub(super) fn parse(text: &str) -> Result<Vec<Directive>, Failure> {
    let mut stack: Vec<Vec<Directive>> = vec![Vec::new()];
    let mut open: Vec<Directive> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut start = 1;
    let mut tokens = Tokens { rest: text.char_indices().peekable(), text, line: 1 };
    while let Some((token, line)) = tokens.next()? {
        match token {
            Token::Word(word) => {
                if words.is_empty() {
                    start = line;
                }
                words.push(word);
            }
            Token::End | Token::Open if words.is_empty() => {
                return Err(at(line, "expected the name of a directive"));
            }
            Token::End => {
                let directive = directive(&mut words, start);
                if let Some(block) = stack.last_mut() {
                    block.push(directive);
                }
            }
            Token::Open => {
                if stack.len() > DEEPEST {
                    return Err(at(line, "blocks are nested too deep"));
                }
                open.push(Directive { is_block: true, ..directive(&mut words, start) });
                stack.push(Vec::new());
            }
            Token::Close => {
                if !words.is_empty() {
                    return Err(at(line, "expected `;` before `}`"));
                }
                let (Some(inside), Some(mut block)) = (stack.pop(), open.pop()) else {
                    return Err(at(line, "`}` closes nothing"));
                };
                block.inside = inside;
                match stack.last_mut() {
                    Some(outer) => outer.push(block),
                    None => return Err(at(line, "`}` closes nothing")),
                }
            }
        }
    }
    if let Some(block) = open.last() {
        return Err(at(block.line, "`{` is not closed"));
    }
    let mut directives = stack.pop().unwrap_or_default();
    if !words.is_empty() {
        directives.push(directive(&mut words, start));
    }
    Ok(directives)
}

fn at(line: usize, why: &str) -> Failure {
    Failure { line: Some(line), ..Failure::new("nginx", why) }
}

fn directive(words: &mut Vec<String>, line: usize) -> Directive {
    let mut words = std::mem::take(words).into_iter();
    let name = words.next().unwrap_or_default();
    Directive { name, words: words.collect(), line, ..Directive::default() }
}

enum Token {
    Word(String),
    /// A semicolon, which ends a directive.
    End,
    /// `{`, which begins a block.
    Open,
    /// `}`, which ends a block.
    Close,
}

struct Tokens<'t> {
    rest: std::iter::Peekable<std::str::CharIndices<'t>>,
    text: &'t str,
    line: usize,
}

impl Tokens<'_> {
    fn next(&mut self) -> Result<Option<(Token, usize)>, Failure> {
        while let Some((at, char)) = self.rest.next() {
            let line = self.line;
            let token = match char {
                '\n' => {
                    self.line += 1;
                    continue;
                }
                '#' => {
                    while self.rest.next_if(|(_, char)| *char != '\n').is_some() {}
                    continue;
                }
                _ if char.is_whitespace() => continue,
                ';' => Token::End,
                '{' => Token::Open,
                '}' => Token::Close,
                '"' | '\'' => Token::Word(self.quoted(char)?),
                _ => {
                    let mut end = at + char.len_utf8();
                    let is_word =
                        |char: char| !char.is_whitespace() && !matches!(char, ';' | '{' | '}');
                    let mut escapes = char == '\\';
                    while let Some((at, char)) =
                        self.rest.next_if(|(_, char)| escapes || is_word(*char))
                    {
                        end = at + char.len_utf8();
                        escapes = char == '\\' && !escapes;
                        self.line += usize::from(char == '\n');
                    }
                    Token::Word(unescaped(&self.text[at..end]))
                }
            };
            return Ok(Some((token, line)));
        }
        Ok(None)
    }

    fn quoted(&mut self, quote: char) -> Result<String, Failure> {
        let (line, mut escapes) = (self.line, false);
        let start = self.rest.peek().map_or(self.text.len(), |(at, _)| *at);
        for (end, char) in self.rest.by_ref() {
            if char == quote && !escapes {
                return Ok(unescaped(&self.text[start..end]));
            }
            escapes = char == '\\' && !escapes;
            self.line += usize::from(char == '\n');
        }
        Err(at(line, "a quote is not closed"))
    }
}

/// Replaces the escape sequences of nginx; other backslashes are kept.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let char = match chars.next() {
            Some(char @ ('"' | '\'' | '\\')) => char,
            Some('t') => '\t',
            Some('r') => '\r',
            Some('n') => '\n',
            _ => {
                out.push('\\');
                rest = after;
                continue;
            }
        };
        out.push(char);
        rest = chars.as_str();
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_nest_and_comments_are_left_out() {
        let all = parse("a 'b c'; # x\nd { e 1;\n f { } }\ng h").unwrap();
        let names: Vec<_> = all.iter().map(|it| (it.text(), it.line, it.inside.len())).collect();
        assert_eq!(names, [("a b c".into(), 1, 0), ("d".into(), 2, 2), ("g h".into(), 4, 0)]);
    }

    #[test]
    fn escapes_are_those_of_nginx() {
        let words = |text| parse(text).unwrap().remove(0).words;
        assert_eq!(
            words(r#"a "b\"c\\d\x;" e\;f 'g"h' i\nj;"#),
            ["b\"c\\d\\x;", "e\\;f", "g\"h", "i\nj"]
        );
    }

    #[test]
    fn unbalanced_braces_are_refused() {
        for text in ["a {", "}", "a { b }", ";", "'a"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"a {".repeat(1000)).unwrap_err().why.contains("too deep"));
    }
}
