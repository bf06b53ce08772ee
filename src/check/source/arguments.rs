//! Finds the descriptions among the arguments of a program.
//!
//! ```text
//! --option VALUE      --option=VALUE      -o VALUE      -oVALUE      a positional argument
//! ```

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use super::invocation::behind_bytes;
use crate::check::embedded::{Embedded, Origin};
use crate::check::prefilter::begins_with_type;
use crate::check::program::{Argument, Part, Program};
use strports_syntax::{Place, Span, quote_bytes};

/// The arguments after the subcommands `verbs`. Options may come before each of them, and the word
/// after an option may be its value. `None` if a subcommand is missing.
pub(super) fn behind_verbs<'w>(
    mut words: &'w [Embedded],
    verbs: &[String],
) -> Option<&'w [Embedded]> {
    for verb in verbs {
        let mut option = false;
        loop {
            let (first, rest) = words.split_first()?;
            words = rest;
            let is_option = first.text().starts_with(b"-");
            if first.text() == verb.as_bytes() {
                break;
            } else if !is_option && !mem::take(&mut option) {
                return None;
            }
            option = is_option;
        }
    }
    Some(words)
}

/// The values of the listed options and positional arguments of a program, in the order of `words`.
pub(super) fn values(program: &Program, words: &[Embedded]) -> Vec<Embedded> {
    let mut values = Vec::new();
    let mut place = 0;
    let mut only_positional = false;
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let text = word.text();
        if only_positional || text.len() < 2 || text[0] != b'-' {
            place += 1;
            let wanted = |it: &Argument| match it {
                Argument::Positional(wanted) => *wanted == place,
                Argument::Every => true,
                Argument::Option(_) => false,
            };
            // `-` is standard input, not a description.
            if text != b"-" && program.options.iter().any(wanted) {
                values.push(word.clone());
            }
        } else if text == b"--" {
            only_positional = true;
        } else if let Some(length) = joined(&program.options, text) {
            values.push(behind_bytes(word, length));
        } else if takes_value(program, text) {
            values.extend(words.next_if(|next| !is_option(next)).cloned());
        } else if !text.contains(&b'=') {
            // The next word may be the value of an unknown option, unless it looks like a
            // description.
            words.next_if(|next| !is_option(next) && !begins_with_type(next.text()));
        }
    }
    values.retain(|value| !program.bare || value.text().contains(&b':'));
    values
}

fn is_option(word: &Embedded) -> bool {
    word.text().len() > 1 && word.text().starts_with(b"-") && !word.is_unknown()
}

/// Whether `word` is exactly one of the options of `program` whose value is a description.
fn takes_value(program: &Program, word: &[u8]) -> bool {
    let is = |it: &Argument| matches!(it, Argument::Option(name) if name.as_bytes() == word);
    program.options.iter().any(is)
}

/// The byte offset of a value that is joined to its option: `--option=VALUE`, `-oVALUE`. `None` if
/// the word is not one of `options` with a joined value.
fn joined(options: &[Argument], word: &[u8]) -> Option<usize> {
    options.iter().find_map(|it| {
        let Argument::Option(name) = it else { return None };
        let rest = word.strip_prefix(name.as_bytes()).filter(|rest| !rest.is_empty())?;
        let is_short = name.len() == 2;
        (rest[0] == b'=' || is_short).then(|| name.len() + usize::from(rest[0] == b'='))
    })
}

/// The description that `program` derives from the value of an option, according to `stands-for =`.
/// `None` if the program has no such entry.
pub(super) fn implied(program: &Program, value: &Embedded, words: &[Embedded]) -> Option<Embedded> {
    let mut it = Embedded::like(value);
    let at = value.whole();
    for part in &program.stands_for.as_ref()?.0 {
        match part {
            Part::Text(text) => it.escape(text.as_bytes(), at.start..at.start),
            Part::Value => escaped(&mut it, value),
            Part::Option(names, default) => {
                let end = at.end..at.end;
                match value_of(names, words) {
                    Some(other) if other.is_template() => it.unknown(end),
                    Some(other) => {
                        let text = &other.text()[without_brackets(other.text())];
                        it.escape(&quote_bytes(text, Place::Value), end);
                    }
                    None => it.escape(default.as_bytes(), end),
                }
            }
        }
    }
    it.is_implied = true;
    Some(it)
}

/// Adds `value` with escapes for the characters that have a meaning in descriptions.
fn escaped(it: &mut Embedded, value: &Embedded) {
    let mut inside = without_brackets(value.text());
    while let Some(index) = inside.clone().find(|index| is_special(value.text()[*index])) {
        it.extend(value, Span::new(inside.start, index));
        it.escape(&[b'\\', value.text()[index]], value.locate(Span::new(index, index + 1)));
        inside.start = index + 1;
    }
    it.extend(value, Span::new(inside.start, inside.end));
}

/// Whether a byte needs a backslash before it in the value of a description.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b':' | b'\\')
}

/// The range of a text without the brackets around an IPv6 address, which descriptions do not have.
fn without_brackets(text: &[u8]) -> Range<usize> {
    let has_both = text.len() > 1 && text.starts_with(b"[") && text.ends_with(b"]");
    if has_both { 1..text.len() - 1 } else { 0..text.len() }
}

/// The value of the first option in `words` with one of these names: `-b VALUE`, `--bind=VALUE`.
/// `None` if there is no such option.
fn value_of(names: &[String], words: &[Embedded]) -> Option<Embedded> {
    let options: Vec<_> = names.iter().cloned().map(Argument::Option).collect();
    words.iter().enumerate().find_map(|(index, word)| {
        if names.iter().any(|name| name.as_bytes() == word.text()) {
            return words.get(index + 1).cloned();
        }
        joined(&options, word.text()).map(|length| behind_bytes(word, length))
    })
}

/// The values of options on the command line of an unknown program. Only options of known programs
/// count, and values that begin like a description.
pub(super) fn loose_values(programs: &[Program], words: &[Embedded]) -> Vec<Embedded> {
    let mut found = Vec::new();
    let is_own = |option: &[u8]| option.starts_with(b"--") || option == b"-e";
    let programs: Vec<_> = programs.iter().filter(|it| it.stands_for.is_none()).collect();
    for (index, word) in words.iter().enumerate().filter(|(_, it)| is_own(option(it.text()))) {
        let program = programs.iter().find(|it| takes_value(it, option(word.text())));
        let Some(program) = program else { continue };
        let value = match joined(&program.options, word.text()) {
            Some(length) => Some(behind_bytes(word, length)),
            None => words.get(index + 1).cloned(),
        };
        // `tcp://…` is a URL, not a description.
        let is_description = |it: &Embedded| {
            let behind = memchr::memchr(b':', it.text()).map(|colon| &it.text()[colon + 1..]);
            begins_with_type(it.text()) && !behind.is_some_and(|it| it.starts_with(b"//"))
        };
        if let Some(mut value) = value.filter(is_description) {
            value.role = program.role;
            value.source = Some(Origin::Named(Arc::clone(&program.label)));
            found.push(value);
        }
    }
    found
}

/// The name of an option, without `=` and the value after it.
fn option(word: &[u8]) -> &[u8] {
    &word[..memchr::memchr(b'=', word).unwrap_or(word.len())]
}
