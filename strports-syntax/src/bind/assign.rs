//! Assigns arguments to parameters, by the rules of each [`Binding`].

use super::{Binder, BoundArguments};
use crate::argument::Written;
use crate::escape::RawText;
use crate::excerpt::Excerpt;
use crate::signature::{Binding, Default, Kind, Parameter, Signature};
use crate::similar::most_similar;
use crate::{ErrorKind, Span, Text};

/// The number of errors of one description that get a "did you mean" suggestion; a search is slow.
const MOST_SUGGESTIONS: usize = 100;

impl Binder<'_> {
    /// Assigns the arguments of `bound.description` to the parameters of its signature.
    ///
    /// Reports surplus, unknown, repeated and missing arguments; values are checked later.
    pub(crate) fn bind(&mut self, bound: &mut BoundArguments<'_>) {
        let mut has_surplus = false;
        match bound.signature.binding {
            Binding::Call => has_surplus = self.call(bound, true),
            Binding::Program => self.program(bound),
            Binding::HostAndPort | Binding::Path => {
                let positional = self.keywords(bound);
                if self.dropped(bound, &positional) {
                    positional.without_surplus().fill(bound);
                    return;
                }
                positional.fill(bound);
            }
            Binding::Anything => self.anything(bound),
            // The wrapped description binds the arguments that the wrapper does not take.
            Binding::Wrapper => wrapper(bound),
            Binding::Joined(_) => _ = self.call(bound, false),
        }
        self.missing(bound, has_surplus);
    }

    /// Binds arguments as a Python call does; with `all`, arguments without a parameter are errors.
    ///
    /// Returns whether such an error for surplus positional arguments was reported.
    fn call(&mut self, bound: &mut BoundArguments<'_>, all: bool) -> bool {
        let mut positional = 0;
        let mut surplus: Option<Span> = None;
        let mut arguments = bound.description.arguments();
        while let Some(argument) = arguments.next_written() {
            if !argument.is_positional() {
                if all || argument.key().is_some_and(|key| find(bound.signature, key).is_some()) {
                    self.keyword(bound, argument);
                }
                continue;
            }
            if !self.positional(bound, positional, argument) && all {
                let span = argument.span();
                surplus = Some(surplus.map_or(span, |before| before.to(span)));
            }
            positional += 1;
        }
        if let Some(span) = surplus {
            let Signature { name: type_name, role, .. } = *bound.signature;
            let max = bound.signature.positional().count();
            let kind = ErrorKind::TooManyArguments { type_name, role, max, found: positional };
            self.error(kind, span);
        }
        surplus.is_some()
    }

    /// Binds the arguments of `process`.
    ///
    /// The first positional argument is the program, unless `executable=` names it. The other
    /// positional arguments are passed to the program and need no slot.
    fn program(&mut self, bound: &mut BoundArguments<'_>) {
        let positional = self.keywords(bound);
        let [executable, ..] = &mut bound.slots;
        *executable = executable.or(positional.first[0]);
    }

    /// Binds the keyword arguments, and returns the positional ones unbound.
    fn keywords<'a>(&mut self, bound: &mut BoundArguments<'a>) -> Positional<'a> {
        let mut positional = Positional::default();
        let mut arguments = bound.description.arguments();
        while let Some(argument) = arguments.next_written() {
            if argument.is_positional() {
                positional.push(argument);
            } else {
                self.keyword(bound, argument);
            }
        }
        positional
    }

    /// Reports too many positional arguments for a client, and returns whether it did.
    ///
    /// Twisted ignores positional arguments if their number is wrong. That is no error if a keyword
    /// gives a required parameter, because the description may then be complete without them.
    fn dropped(&mut self, bound: &BoundArguments<'_>, positional: &Positional<'_>) -> bool {
        let Signature { name: type_name, role, binding, .. } = *bound.signature;
        let (max, found) = (if binding == Binding::Path { 1 } else { 2 }, positional.count);
        let given = || bound.iter().any(|(it, argument)| it.is_required() && argument.is_some());
        if found <= max || given() {
            return false;
        }
        let kind = ErrorKind::TooManyArguments { type_name, role, max, found };
        self.error(kind, positional.span);
        true
    }

    /// Checks the keywords of `stdio`, which accepts and ignores almost all arguments.
    ///
    /// Twisted calls a function with the parameters `self`, `reactor`, `*args` and `**kwargs`, so
    /// only `self=`, `reactor=` and keywords that are not ASCII are errors.
    fn anything(&mut self, bound: &BoundArguments<'_>) {
        let mut arguments = bound.description.arguments();
        while let Some(argument) = arguments.next_written() {
            let Some(key) = argument.key() else { continue };
            if !key.bytes().is_ascii() || key.is("self") || key.is("reactor") {
                self.unexpected(bound.signature, key, argument.key_span());
            }
        }
    }

    /// Binds the positional argument number `index`, from 0.
    ///
    /// Returns false if the type has no positional parameter there: the argument is surplus.
    fn positional<'a>(
        &mut self,
        bound: &mut BoundArguments<'a>,
        index: usize,
        argument: Written<'a>,
    ) -> bool {
        let parameter = bound.signature.parameters.get(index).filter(|it| !it.keyword_only);
        let (Some(parameter), Some(slot)) = (parameter, bound.slots.get_mut(index)) else {
            return false;
        };
        if let Some(keyword) = slot.replace(argument).filter(|before| names(before, parameter)) {
            self.twice(bound.signature, parameter, index, keyword.span());
        }
        true
    }

    fn keyword<'a>(&mut self, bound: &mut BoundArguments<'a>, argument: Written<'a>) {
        let Some(key) = argument.key() else { return };
        let Some((index, parameter)) = find(bound.signature, key) else {
            if !bound.signature.ignores_keywords {
                self.misspelled(bound, argument, key);
            }
            return;
        };
        let Some(slot) = bound.slots.get_mut(index) else { return };
        match slot {
            Some(before) if before.is_positional() => {
                self.twice(bound.signature, parameter, index, argument.span());
            }
            // An argument under the parameter's own name takes precedence over one under its alias.
            Some(before) if !key.is(parameter.name) && named(before, parameter) => {}
            _ => *slot = Some(argument),
        }
    }

    #[cold]
    fn twice(&mut self, signature: &Signature, parameter: &Parameter, index: usize, span: Span) {
        let (type_name, parameter) = (signature.name, parameter.name);
        let positional = index + 1;
        self.error(ErrorKind::MultipleValues { type_name, parameter, positional }, span);
    }

    /// Reports an unknown keyword, and binds its value to the parameter with the most similar name.
    ///
    /// The value is then checked too, and the parameter is not reported as missing. A later
    /// argument with the correct keyword replaces this one.
    #[cold]
    fn misspelled<'a>(
        &mut self,
        bound: &mut BoundArguments<'a>,
        argument: Written<'a>,
        key: RawText<'_>,
    ) {
        let meant = self.unexpected(bound.signature, key, argument.key_span());
        let index =
            meant.and_then(|name| bound.signature.parameters.iter().position(|it| it.name == name));
        if let Some(slot) = index.and_then(|index| bound.slots.get_mut(index)) {
            slot.get_or_insert(argument);
        }
    }

    /// Reports an unknown keyword; returns the most similar known one, or `None` if none is
    /// similar.
    fn unexpected(
        &mut self,
        signature: &Signature,
        key: RawText<'_>,
        span: Span,
    ) -> Option<&'static str> {
        let Signature { name: type_name, role, parameters, .. } = *signature;
        // Keywords of an enclosing `haproxy` may stand among those of the wrapped description.
        let wrapper = self.outer.filter(|outer| outer.binding == Binding::Wrapper);
        let of_wrapper = wrapper.into_iter().flat_map(|outer| outer.parameters);
        let names = parameters.iter().chain(of_wrapper).filter(|it| given(it)).map(|it| it.name);
        // Each search for similar words is slow, and a report keeps at most 100 findings.
        let search = self.errors < MOST_SUGGESTIONS;
        let suggestion = search.then(|| most_similar(&Text::from_raw(key), names)).flatten();
        let found = Excerpt::new(Text::from_raw(key));
        self.error(ErrorKind::UnexpectedKeyword { type_name, role, found, suggestion }, span);
        suggestion
    }

    /// Reports required parameters that have no argument.
    ///
    /// Beside surplus positional arguments, missing keyword-only parameters are not reported. One
    /// of the arguments is probably meant for them, so that is one mistake.
    fn missing(&mut self, bound: &BoundArguments<'_>, has_surplus: bool) {
        for (parameter, slot) in bound.signature.parameters.iter().zip(&bound.slots) {
            match parameter.default {
                Default::Required if has_surplus && parameter.keyword_only => continue,
                Default::Required if slot.is_none() => {}
                Default::RequiredUnless(other) if slot.is_none() && bound.get(other).is_none() => {}
                Default::Required | Default::RequiredUnless(_) => continue,
                // Required parameters come first, so no later parameter can be missing.
                _ => break,
            }
            let Signature { name: type_name, role, .. } = *bound.signature;
            let kind = ErrorKind::MissingArgument { type_name, role, parameter: parameter.name };
            self.error(kind, Span::empty(bound.description.text().len()));
        }
    }
}

/// The positional arguments of a client type whose meaning depends on how many there are.
///
/// Only the first two can be bound; further ones are just counted.
struct Positional<'a> {
    first: [Option<Written<'a>>; 2],
    /// The number of all positional arguments, which may exceed two.
    count: usize,
    span: Span,
}

impl core::default::Default for Positional<'_> {
    fn default() -> Self {
        Self { first: [None, None], count: 0, span: Span::empty(0) }
    }
}

impl<'a> Positional<'a> {
    fn push(&mut self, argument: Written<'a>) {
        self.span = if self.count == 0 { argument.span() } else { self.span.to(argument.span()) };
        if let Some(slot) = self.first.get_mut(self.count) {
            *slot = Some(argument);
        }
        self.count += 1;
    }

    /// Drops surplus arguments: keeps the first two if they can be host and port, and none
    /// otherwise.
    ///
    /// In `a:b:c`, any of the three may be meant as the port, so no further errors are reported.
    fn without_surplus(mut self) -> Self {
        let number = self.first[1].is_some_and(|it| {
            it.value().bytes().first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-')
        });
        self.count = if number { self.first.len() } else { 0 };
        self
    }

    /// Assigns the arguments by Twisted's rules: host and port for `tcp` and `ssl`, the path for
    /// `unix`.
    fn fill(self, bound: &mut BoundArguments<'a>) {
        let binding = bound.signature.binding;
        let [first, second, ..] = &mut bound.slots;
        match (binding, self.first, self.count) {
            (Binding::Path, [path, _], 1) => *first = path,
            (Binding::HostAndPort, [host, port], 2) => (*first, *second) = (host, port),
            (Binding::HostAndPort, [port, _], 1) if first.is_some() => *second = port,
            (Binding::HostAndPort, [host, _], 1) => *first = host,
            _ => {}
        }
    }
}

/// Binds the keywords of a `haproxy` wrapper; other arguments belong to the wrapped description.
///
/// If `haproxy` wraps `haproxy`, the outermost one takes the keywords:
/// [`Description::wrapped`](crate::Description::wrapped) leaves them out of the inner description.
fn wrapper(bound: &mut BoundArguments<'_>) {
    let mut arguments = bound.description.arguments();
    while let Some(argument) = arguments.next_written() {
        let index = argument.key().and_then(|key| find(bound.signature, key));
        if let Some((index, _)) = index {
            bound.slots[index] = Some(argument);
        }
    }
}

/// Whether the parameter has a keyword that takes effect, so that a suggestion may name it.
fn given(parameter: &Parameter) -> bool {
    !matches!(parameter.kind, Kind::Rest | Kind::Ignored) && !parameter.positional_only
}

/// Finds the parameter with the name or alias `key`, and its index; `None` if there is none.
#[expect(clippy::inline_always, reason = "measured: a call costs as much as what it does")]
#[inline(always)]
fn find(signature: &Signature, key: RawText<'_>) -> Option<(usize, &'static Parameter)> {
    let index = signature.parameters.iter().position(|it| is_for(key, it))?;
    let parameter = &signature.parameters[index];
    let by_name = parameter.kind != Kind::Rest && !parameter.positional_only;
    by_name.then_some((index, parameter))
}

fn named(argument: &Written<'_>, parameter: &Parameter) -> bool {
    argument.key().is_some_and(|key| key.is(parameter.name))
}

/// Whether the argument's keyword is the name or the alias of the parameter.
#[cold]
fn names(argument: &Written<'_>, parameter: &Parameter) -> bool {
    argument.key().is_some_and(|key| is_for(key, parameter))
}

#[inline]
fn is_for(key: RawText<'_>, parameter: &Parameter) -> bool {
    key.is(parameter.name) || parameter.alias.is_some_and(|alias| key.is(alias))
}
