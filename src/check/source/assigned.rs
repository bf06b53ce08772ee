//! Finds values of variables that a script passes to a program: `E=tcp:80; daphne -e "$E"`.

use std::collections::HashMap;

use super::bounds::{Found, key};
use crate::check::embedded::{Embedded, Quoting};
use strports_syntax::Role;

/// The most values and uses to record.
const MOST: usize = 4096;

/// The assignments and uses of variables in a file.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    values: HashMap<Vec<u8>, Vec<Embedded>>,
    count: usize,
    uses: Vec<Use>,
}

/// A description that consists of one variable.
#[derive(Debug)]
struct Use {
    /// The variable as written, such as `${NAME}`.
    word: Embedded,
    role: Option<Role>,
    unit: Option<usize>,
}

impl Assigned {
    /// Records a value that may be a description.
    pub(super) fn set(&mut self, name: &[u8], value: &Embedded) {
        let is_word = |byte: &u8| !byte.is_ascii_whitespace();
        let may_be = value.text().contains(&b':') && value.text().iter().all(is_word);
        if may_be && self.count < MOST && key(&String::from_utf8_lossy(name)).len() == name.len() {
            self.count += 1;
            self.values.entry(name.to_vec()).or_default().push(value.clone());
        }
    }

    /// Records a description that consists of a variable.
    pub(super) fn uses(&mut self, it: &Embedded) {
        if it.is_unknown() && self.uses.len() < MOST {
            self.uses.push(Use { word: it.clone(), role: it.role, unit: it.unit });
        }
    }

    /// The values of variables that are used as descriptions, without duplicates.
    pub(super) fn values(&mut self, file: &[u8]) -> Vec<Embedded> {
        let mut found = Found::default();
        for Use { word, role, unit } in std::mem::take(&mut self.uses) {
            let Some((name, default)) = file.get(word.whole()).and_then(variable) else { continue };
            let values = self.values.remove(name).unwrap_or_default();
            // Two values of a variable are never used at the same time.
            let unit = unit.filter(|_| values.len() + usize::from(default.is_some()) == 1);
            let default = default.map(|length| {
                let end = word.whole().end - 1;
                let mut it = Embedded::new(None, Quoting::NEVER);
                it.verbatim(file, end - length..end);
                it
            });
            for mut it in values.into_iter().chain(default) {
                (it.role, it.unit) = (role, unit);
                it.start.clone_from(&word.start);
                found.push(it);
            }
        }
        found.into_vec()
    }
}

/// The name of the variable if it is all of `text`, and the length of its default.
fn variable(text: &[u8]) -> Option<(&[u8], Option<usize>)> {
    let ([b'$', b'{', inside @ .., b'}']
    | [b'$', b'(', inside @ .., b')']
    | [b'%', inside @ .., b'%']
    | [b'!', inside @ .., b'!']
    | [b'$', inside @ ..]) = text
    else {
        return None;
    };
    let length =
        inside.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_a_variable_in_the_ways_of_scripts() {
        for text in ["$AB", "${AB}", "$(AB)", "%AB%", "!AB!"] {
            assert_eq!(variable(text.as_bytes()), Some((&b"AB"[..], None)), "{text}");
        }
        assert_eq!(variable(b"${A:-tcp:80}"), Some((&b"A"[..], Some(6))));
        assert_eq!(variable(b"${A-$B}"), Some((&b"A"[..], None)));
        for text in ["", "$", "A", "$A$B", "${A%x}", "$(f x)", "%%"] {
            assert_eq!(variable(text.as_bytes()), None, "{text}");
        }
    }
}
