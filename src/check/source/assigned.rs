//! Finds values of variables that a script passes to a program: `E=tcp:80; daphne -e "$E"`.

use std::collections::HashMap;

use super::bounds::{Found, MAX_KEY};
use crate::check::embedded::{Embedded, Quoting, Split};
use strports_syntax::Role;

/// The maximum number of values to record, and of uses.
const MOST: usize = 4096;
/// The maximum number of values of one variable that are split into words, and the maximum number
/// of words of each.
const MOST_LINES: usize = 8;
const MOST_WORDS: usize = 256;

/// The variables in one file: their values, and where they are used as descriptions.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    /// The values without blanks, by the name of the variable.
    values: HashMap<Vec<u8>, Vec<Embedded>>,
    /// Values with blanks in them. Where a variable is not quoted, a shell splits such a value into
    /// words.
    words: HashMap<Vec<u8>, Vec<Embedded>>,
    /// The number of recorded values of both kinds.
    count: usize,
    uses: Vec<Use>,
}

/// A place where a program takes a variable as a description: `daphne -e "$E"`.
#[derive(Debug)]
struct Use {
    /// The variable as written, such as `${NAME}`.
    word: Embedded,
    role: Option<Role>,
    unit: Option<usize>,
}

impl Assigned {
    /// Records an assignment of `value` to the variable `name`, if it may contain a description.
    pub(super) fn set(&mut self, name: &[u8], value: &Embedded) {
        let text = value.text();
        if !text.contains(&b':') || self.count >= MOST || name.len() > MAX_KEY {
            return;
        }
        self.count += 1;
        let is_line = text.trim_ascii().iter().any(u8::is_ascii_whitespace);
        let values = if is_line { &mut self.words } else { &mut self.values };
        values.entry(name.to_vec()).or_default().push(value.clone());
    }

    /// Whether the value of a variable has blanks, so that it may be several words of a command.
    pub(super) fn has_lines(&self) -> bool {
        !self.words.is_empty()
    }

    /// The possible command lines of `words`, with variables replaced by the words of their values.
    /// `None` if no variable has such a value.
    pub(super) fn filled_in(&self, file: &[u8], words: &[Embedded]) -> Option<Vec<Vec<Embedded>>> {
        if self.words.is_empty() {
            return None;
        }
        let lines_of = |word: &Embedded| {
            let place = word.is_unknown().then(|| word.whole())?;
            let is_quoted = place.start > 0 && file.get(place.start - 1) == Some(&b'"');
            let (name, _) = file.get(place).and_then(variable).filter(|_| !is_quoted)?;
            self.words.get(name)
        };
        let most = words.iter().filter_map(lines_of).map(Vec::len).max()?.min(MOST_LINES);
        let line = |number: usize| {
            let parts = words.iter().flat_map(|word| match lines_of(word) {
                Some(values) => values[number.min(values.len() - 1)].clone().split(Split::Blank),
                None => vec![word.clone()],
            });
            parts.take(MOST_WORDS).collect()
        };
        Some((0..most).map(line).collect())
    }

    /// Records `it` if it consists of one variable, whose values are descriptions then.
    pub(super) fn uses(&mut self, it: &Embedded) {
        if it.is_unknown() && self.uses.len() < MOST {
            self.uses.push(Use { word: it.clone(), role: it.role, unit: it.unit });
        }
    }

    /// The recorded values of the variables that a program takes as descriptions. Each value is
    /// returned once, with the role and the source of its first use.
    pub(super) fn values(&mut self, file: &[u8]) -> Vec<Embedded> {
        let mut found = Found::default();
        for Use { word, role, unit } in std::mem::take(&mut self.uses) {
            let Some((name, default)) = file.get(word.whole()).and_then(variable) else { continue };
            let values = self.values.remove(name).unwrap_or_default();
            // Two values of a variable are never used at the same time, so they cannot conflict.
            let unit = unit.filter(|_| values.len() + usize::from(default.is_some()) == 1);
            let default = default.map(|length| {
                let end = word.whole().end - 1;
                let mut it = Embedded::new(None, Quoting::NEVER);
                it.verbatim(file, end - length..end);
                it
            });
            for mut it in values.into_iter().chain(default) {
                (it.role, it.unit) = (role, unit);
                it.source.clone_from(&word.source);
                it.start.clone_from(&word.start);
                found.push(it);
            }
        }
        found.into_vec()
    }
}

/// The name of the variable if it is all of `text`, and the length of its default in bytes. The
/// length is `None` unless the default may be a description.
fn variable(text: &[u8]) -> Option<(&[u8], Option<usize>)> {
    if let [b'{', b'{', inside @ .., b'}', b'}'] = text {
        // `{{ NAME }}` is the syntax of a justfile.
        let name = inside.trim_ascii();
        return (!name.is_empty() && name.iter().all(|byte| is_name(*byte)))
            .then_some((name, None));
    }
    let ([b'$', b'{', inside @ .., b'}']
    | [b'$', b'(', inside @ .., b')']
    | [b'%', inside @ .., b'%']
    | [b'!', inside @ .., b'!']
    | [b'$', inside @ ..]) = text
    else {
        return None;
    };
    let length = inside.iter().take_while(|byte| is_name(**byte)).count();
    let (name, rest) = inside.split_at(length);
    let default = [&b":-"[..], b":=", b"-", b"="].iter().find_map(|mark| rest.strip_prefix(*mark));
    let is_plain =
        |it: &&[u8]| it.contains(&b':') && !it.iter().any(|byte| b"$`\"' \\".contains(byte));
    match default {
        Some(default) if length > 0 => {
            Some((name, Some(default).filter(is_plain).map(<[u8]>::len)))
        }
        None if length > 0 && rest.is_empty() => Some((name, None)),
        _ => None,
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_of_all_shells_are_parsed() {
        for text in ["$AB", "${AB}", "$(AB)", "%AB%", "!AB!", "{{AB}}", "{{ AB }}"] {
            assert_eq!(variable(text.as_bytes()), Some((&b"AB"[..], None)), "{text}");
        }
        assert_eq!(variable(b"${A:-tcp:80}"), Some((&b"A"[..], Some(6))));
        assert_eq!(variable(b"${A-$B}"), Some((&b"A"[..], None)));
        for text in ["", "$", "A", "$A$B", "${A%x}", "$(f x)", "%%", "{{ a b }}", "{{}}"] {
            assert_eq!(variable(text.as_bytes()), None, "{text}");
        }
    }
}
