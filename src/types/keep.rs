//! Stores the signatures of declared types for the rest of the process.
//!
//! An endpoint refers to its signature with a `'static` lifetime, so signatures are leaked. Equal
//! ones are stored once, so that reading a configuration again leaks nothing more.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{LazyLock, Mutex};

use crate::lock::lock;
use strports_syntax::Signature;
use strports_syntax::signature::{Condition, Parameter, Words};

/// What was stored so far, to find equal values.
#[derive(Default)]
struct Kept {
    texts: HashSet<&'static str>,
    lists: HashSet<&'static [&'static str]>,
    words: Vec<&'static Words>,
    conditions: Vec<&'static [Condition]>,
    groups: Vec<&'static [&'static [Condition]]>,
    parameters: Vec<&'static [Parameter]>,
    notes: Vec<&'static [Option<&'static str>]>,
    signatures: Vec<&'static Signature>,
    types: Vec<&'static [&'static Signature]>,
}

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

fn with<T>(keep: impl FnOnce(&mut Kept) -> T) -> T {
    keep(&mut lock(&KEPT))
}

pub(super) fn text(text: &str) -> &'static str {
    with(|kept| match kept.texts.get(text) {
        Some(known) => known,
        None => insert(&mut kept.texts, text.to_owned().leak()),
    })
}

pub(super) fn texts(texts: &[String]) -> &'static [&'static str] {
    let list: Vec<_> = texts.iter().map(|it| text(it)).collect();
    with(|kept| match kept.lists.get(&list[..]) {
        Some(known) => known,
        None => insert(&mut kept.lists, list.leak()),
    })
}

pub(super) fn words(words: Words) -> &'static Words {
    with(|kept| one(&mut kept.words, words))
}

pub(super) fn groups(groups: Vec<Vec<Condition>>) -> &'static [&'static [Condition]] {
    with(|kept| {
        let groups = groups.into_iter().map(|group| many(&mut kept.conditions, group)).collect();
        many(&mut kept.groups, groups)
    })
}

pub(super) fn parameters(parameters: Vec<Parameter>) -> &'static [Parameter] {
    with(|kept| many(&mut kept.parameters, parameters))
}

pub(super) fn notes(notes: Vec<Option<&'static str>>) -> &'static [Option<&'static str>] {
    with(|kept| many(&mut kept.notes, notes))
}

pub(super) fn signature(signature: Signature) -> &'static Signature {
    with(|kept| one(&mut kept.signatures, signature))
}

pub(super) fn types(types: Vec<&'static Signature>) -> &'static [&'static Signature] {
    with(|kept| many(&mut kept.types, types))
}

fn insert<T: ?Sized + Eq + Hash>(known: &mut HashSet<&'static T>, new: &'static T) -> &'static T {
    known.insert(new);
    new
}

fn one<T: PartialEq>(known: &mut Vec<&'static T>, new: T) -> &'static T {
    if let Some(known) = known.iter().find(|it| ***it == new) {
        return known;
    }
    let new = Box::leak(Box::new(new));
    known.push(new);
    new
}

fn many<T: PartialEq>(known: &mut Vec<&'static [T]>, new: Vec<T>) -> &'static [T] {
    if let Some(known) = known.iter().find(|it| **it == new) {
        return known;
    }
    let new = new.leak();
    known.push(new);
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_types_are_stored_once() {
        assert!(std::ptr::eq(text("kept once"), text(&["kept", "once"].join(" "))));
        let list = || texts(&["a".to_owned(), "b".to_owned()]);
        assert!(std::ptr::eq(list(), list()));
        assert!(std::ptr::eq(words(Words::new(list())), words(Words::new(list()))));
    }
}
