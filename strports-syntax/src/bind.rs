//! Arguments meet the signature: which argument is which parameter.
//!
//! Every mistake is found, not the first alone. What can be assigned is assigned, so that the
//! values are looked at too.

use crate::Argument;
use crate::Role;
use crate::argument::Written;
use crate::excerpt::Excerpt;
use crate::lexer::RawText;
use crate::origin::Origin;
use crate::signature::{Binding, Default, Kind, MOST_PARAMETERS, Parameter, Signature};
use crate::similar::most_similar;
use crate::{Description, Error, ErrorKind, Span, Text, Types};

/// The arguments of one description by the parameter that they are for.
///
/// ```
/// use strports_syntax::{Error, Level, ServerEndpoint, Sink};
///
/// struct Given(Vec<String>);
///
/// impl Sink for Given {
///     fn error(&mut self, _: Error) {}
///
///     fn level(&mut self, level: &Level<'_, '_>) {
///         for (parameter, argument) in level.arguments.into_iter().flat_map(|it| it.iter()) {
///             self.0.extend(argument.map(|it| format!("{}={}", parameter.name, it.value)));
///         }
///     }
/// }
///
/// let mut given = Given(Vec::new());
/// ServerEndpoint::parse_with("tcp:backlog=5:80", &mut given);
/// assert_eq!(given.0, ["port=80", "backlog=5"]);
/// ```
#[derive(Clone, Debug)]
pub struct BoundArguments<'a> {
    signature: &'static Signature,
    description: Description<'a>,
    slots: [Option<Written<'a>>; MOST_PARAMETERS],
}

impl<'a> BoundArguments<'a> {
    /// With nothing bound yet.
    #[inline]
    pub(crate) fn new(signature: &'static Signature, description: Description<'a>) -> Self {
        // One by one: as a constant, all of their bytes would be filled.
        let slots = core::array::from_fn(|_| None);
        Self { signature, description, slots }
    }

    /// What the arguments were bound to.
    pub const fn signature(&self) -> &'static Signature {
        self.signature
    }

    /// The description that they stand in.
    pub const fn description(&self) -> &Description<'a> {
        &self.description
    }

    /// The argument for the parameter `name`, if one was given.
    pub fn get(&self, name: &str) -> Option<Argument<'a>> {
        let index = self.signature.parameters.iter().position(|it| it.name == name)?;
        self.slot(index).copied().map(Argument::from)
    }

    #[inline]
    pub(crate) fn slot(&self, index: usize) -> Option<&Written<'a>> {
        self.slots.get(index)?.as_ref()
    }

    /// Each parameter with its argument, in the order of the signature.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Parameter, Option<Argument<'a>>)> {
        let arguments = self.slots.iter().map(|slot| slot.map(Argument::from));
        self.signature.parameters.iter().zip(arguments)
    }
}

/// One description, bound: what a [`Sink`] hears of each, nested ones included.
///
/// ```
/// use strports_syntax::{Error, Level, ServerEndpoint, Sink};
///
/// struct Types(Vec<(String, usize)>);
///
/// impl Sink for Types {
///     fn error(&mut self, _: Error) {}
///
///     fn level(&mut self, level: &Level<'_, '_>) {
///         self.0.push((level.description.type_name().to_string(), level.depth));
///     }
/// }
///
/// let mut types = Types(Vec::new());
/// ServerEndpoint::parse_with("haproxy:tcp:80", &mut types);
/// assert_eq!(types.0, [("tcp".to_owned(), 1), ("haproxy".to_owned(), 0)]);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Level<'l, 'a> {
    /// Whether it is to listen or to connect.
    pub role: Role,
    /// The description; its spans count in its own text.
    pub description: &'l Description<'a>,
    /// Its arguments; `None` where the type is unknown.
    pub arguments: Option<&'l BoundArguments<'a>>,
    /// How many descriptions it stands inside.
    pub depth: usize,
    /// How many mistakes there are in it, those inside it included.
    pub errors: usize,
    /// The signature of the description that it stands inside.
    pub outer: Option<&'static Signature>,
    #[cfg(feature = "alloc")]
    pub(crate) origin: Option<&'l Origin<'l>>,
    /// Without an allocator there is no text but the original one.
    #[cfg(not(feature = "alloc"))]
    pub(crate) origin: core::marker::PhantomData<&'l ()>,
}

impl Level<'_, '_> {
    /// Where `span` of this description's own text stands in the original one.
    ///
    /// ```
    /// use strports_syntax::{ClientEndpoint, Error, Level, Sink, Span};
    ///
    /// struct Types(Vec<Span>);
    ///
    /// impl Sink for Types {
    ///     fn error(&mut self, _: Error) {}
    ///
    ///     fn level(&mut self, level: &Level<'_, '_>) {
    ///         self.0.push(level.locate(level.description.type_span()));
    ///     }
    /// }
    ///
    /// let mut types = Types(Vec::new());
    /// ClientEndpoint::parse_with(r"tls:h:443:endpoint=unix\:/run/x", &mut types);
    /// assert_eq!(types.0, [Span::new(19, 23), Span::new(0, 3)]);
    /// ```
    pub fn locate(&self, span: Span) -> Span {
        #[cfg(feature = "alloc")]
        let span = self.origin.map_or(span, |origin| origin.locate(span));
        span
    }
}

/// Receives what is found while a description is bound, as it is found.
///
/// Binding goes on after an error, so that a sink hears of every mistake. What nobody listens to
/// costs nothing: messages and fixes are made from the data by whoever wants them.
///
/// ```
/// use strports_syntax::{ClientEndpoint, Error, Sink};
///
/// struct Mistakes(Vec<String>);
///
/// impl Sink for Mistakes {
///     fn error(&mut self, error: Error) {
///         self.0.push(format!("{}: {error}", error.span()));
///     }
/// }
///
/// let mut mistakes = Mistakes(Vec::new());
/// assert_eq!(ClientEndpoint::parse_with("tcp:h:http:timeout=0", &mut mistakes), None);
/// assert_eq!(mistakes.0, [
///     "6..10: expected an integer for `port`, but found `http`",
///     "19..20: expected a number of seconds above 0 for `timeout`, but found `0`",
/// ]);
/// ```
pub trait Sink {
    /// A mistake; its span counts in the original text.
    fn error(&mut self, error: Error);

    /// One description has been bound to a signature: the outermost last, those inside it first.
    fn level(&mut self, level: &Level<'_, '_>) {
        let _ = level;
    }
}

/// How many mistakes of one description are worth a "did you mean".
const MOST_SUGGESTIONS: usize = 100;

/// What binds a description and those inside it, and hears of mistakes.
pub(crate) struct Binder<'s> {
    /// Who wants to hear of everything; the first mistake is kept for whoever wants no more.
    sink: Option<&'s mut dyn Sink>,
    first: Option<Error>,
    types: Types<'s>,
    pub(crate) origin: Option<&'s Origin<'s>>,
    outer: Option<&'static Signature>,
    pub(crate) depth: usize,
    /// How many mistakes there were.
    pub(crate) errors: usize,
}

impl<'s> Binder<'s> {
    /// For a description that is not inside another one.
    #[inline]
    pub(crate) const fn new(sink: Option<&'s mut dyn Sink>) -> Self {
        Self {
            sink,
            first: None,
            types: Types::BUILTIN,
            origin: None,
            outer: None,
            depth: 0,
            errors: 0,
        }
    }

    /// The same, with the types of plugins.
    #[cfg(feature = "alloc")]
    pub(crate) const fn of(types: Types<'s>, sink: Option<&'s mut dyn Sink>) -> Self {
        Self { types, ..Self::new(sink) }
    }

    /// Binds, by `bind`, what stands inside a description of the signature `outer`.
    #[cfg(feature = "alloc")]
    pub(crate) fn inside<T>(
        &mut self,
        outer: &'static Signature,
        origin: Option<&Origin<'_>>,
        bind: impl FnOnce(&mut Binder<'_>) -> T,
    ) -> T {
        let sink: Option<&mut dyn Sink> = match &mut self.sink {
            Some(sink) => Some(&mut **sink),
            None => None,
        };
        let (outer, depth) = (Some(outer), self.depth + 1);
        let mut inner =
            Binder { sink, first: self.first, types: self.types, origin, outer, depth, errors: 0 };
        let bound = bind(&mut inner);
        self.first = inner.first;
        self.errors += inner.errors;
        bound
    }

    /// Reports a mistake at `span` of the text that is being bound.
    #[cold]
    pub(crate) fn error(&mut self, kind: ErrorKind, span: Span) {
        self.errors += 1;
        let span = self.origin.map_or(span, |origin| origin.locate(span));
        let error = Error::new(kind, span);
        self.first.get_or_insert(error);
        if let Some(sink) = &mut self.sink {
            sink.error(error);
        }
    }

    /// The first mistake that was reported.
    pub(crate) fn first_error(&self) -> Error {
        // Binding gives nothing only where it reported why; this says so without a panic.
        let nothing_said = ErrorKind::EmptyDescription { keywords: false };
        self.first.unwrap_or(Error::new(nothing_said, Span::empty(0)))
    }

    /// Tells the sink that `description` has been bound.
    #[inline]
    pub(crate) fn level(
        &mut self,
        role: Role,
        description: &Description<'_>,
        arguments: Option<&BoundArguments<'_>>,
    ) {
        let Some(sink) = &mut self.sink else { return };
        sink.level(&Level {
            role,
            description,
            arguments,
            depth: self.depth,
            errors: self.errors,
            outer: self.outer,
            #[cfg(feature = "alloc")]
            origin: self.origin,
            #[cfg(not(feature = "alloc"))]
            origin: core::marker::PhantomData,
        });
    }

    /// The signature that the type names, or that it names but for the case of its letters.
    #[inline]
    pub(crate) fn signature(
        &mut self,
        role: Role,
        description: &Description<'_>,
    ) -> Option<&'static Signature> {
        let found = self.types.find(role, &description.type_name());
        found.or_else(|| self.unknown_type(role, description))
    }

    /// Reports a type that nothing has; what was surely meant by it.
    #[cold]
    fn unknown_type(
        &mut self,
        role: Role,
        description: &Description<'_>,
    ) -> Option<&'static Signature> {
        let name = &description.type_name();
        let names = self.types.all(role).map(|signature| signature.name);
        let suggestion = most_similar(name, names);
        let other_role = suggestion.is_none() && self.types.find(role.other(), name).is_some();
        let found = description.type_excerpt();
        let kind = ErrorKind::UnknownType { role, found, suggestion, other_role };
        self.error(kind, description.type_span());
        // What was meant is certain, so that its arguments can be looked at.
        let certain = suggestion.filter(|word| name.eq_ignore_ascii_case(word))?;
        self.types.find(role, &Text::plain(certain))
    }

    /// Assigns the arguments of the description to the parameters of the signature.
    pub(crate) fn bind(&mut self, bound: &mut BoundArguments<'_>) {
        match bound.signature.binding {
            Binding::Call => self.call(bound),
            Binding::Program => self.program(bound),
            Binding::HostAndPort | Binding::Path => {
                let positional = self.keywords(bound);
                if self.dropped(bound, &positional) {
                    return;
                }
                positional.fill(bound);
            }
            Binding::Anything => self.anything(bound),
            // What is not for the wrapper is bound with the description inside it.
            Binding::Wrapper => wrapper(bound),
        }
        self.missing(bound);
    }

    /// As a Python call does.
    fn call(&mut self, bound: &mut BoundArguments<'_>) {
        let mut positional = 0;
        let mut surplus: Option<Span> = None;
        let mut arguments = bound.description.arguments();
        while let Some(argument) = arguments.next_written() {
            if !argument.is_positional() {
                self.keyword(bound, argument);
                continue;
            }
            if !self.positional(bound, positional, argument) {
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
    }

    /// As a call whose surplus positional arguments are wanted: all of them, where `executable=`
    /// is given.
    fn program(&mut self, bound: &mut BoundArguments<'_>) {
        let positional = self.keywords(bound);
        let [executable, ..] = &mut bound.slots;
        *executable = executable.or(positional.first[0]);
    }

    /// Binds the keywords, and gathers the positional arguments.
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

    /// Reports positional arguments that are too many to count, where nothing else is given.
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

    /// Twisted hands everything to a function of `self`, `reactor`, `*args` and `**kwargs`.
    fn anything(&mut self, bound: &BoundArguments<'_>) {
        let mut arguments = bound.description.arguments();
        while let Some(argument) = arguments.next_written() {
            let Some(key) = argument.key() else { continue };
            if !key.bytes().is_ascii() || key.is("self") || key.is("reactor") {
                self.unexpected(bound.signature, key, argument.key_span());
            }
        }
    }

    /// Whether there is a positional parameter of this number.
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
        if let Some(keyword) = slot.replace(argument) {
            self.twice(bound.signature, parameter, index, keyword.span());
        }
        true
    }

    fn keyword<'a>(&mut self, bound: &mut BoundArguments<'a>, argument: Written<'a>) {
        let Some(key) = argument.key() else { return };
        let Some((index, parameter)) = find(bound.signature, key) else {
            self.unexpected(bound.signature, key, argument.key_span());
            return;
        };
        let Some(slot) = bound.slots.get_mut(index) else { return };
        match slot {
            Some(before) if before.is_positional() => {
                self.twice(bound.signature, parameter, index, argument.span());
            }
            // The parameter's own name goes before another one for it.
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

    #[cold]
    fn unexpected(&mut self, signature: &Signature, key: RawText<'_>, span: Span) {
        let Signature { name: type_name, role, parameters, .. } = *signature;
        // Looking for similar words is dear, and nobody reads more than so many findings.
        let suggestion = (self.errors < MOST_SUGGESTIONS)
            .then(|| {
                most_similar(
                    &Text::from_raw(key),
                    parameters.iter().filter(|it| given(it)).map(|it| it.name),
                )
            })
            .flatten();
        let found = Excerpt::of(&Text::from_raw(key));
        self.error(ErrorKind::UnexpectedKeyword { type_name, role, found, suggestion }, span);
    }

    /// Reports the parameters that must be given and are not.
    fn missing(&mut self, bound: &BoundArguments<'_>) {
        for (parameter, slot) in bound.signature.parameters.iter().zip(&bound.slots) {
            match parameter.default {
                Default::Required if slot.is_none() => {}
                Default::RequiredUnless(other) if slot.is_none() && bound.get(other).is_none() => {}
                Default::Required | Default::RequiredUnless(_) => continue,
                // Those that must be given stand first.
                _ => break,
            }
            let Signature { name: type_name, role, .. } = *bound.signature;
            let kind = ErrorKind::MissingArgument { type_name, role, parameter: parameter.name };
            self.error(kind, Span::empty(bound.description.text().len()));
        }
    }
}

/// The positional arguments of a client that does not take them as a call does.
struct Positional<'a> {
    first: [Option<Written<'a>>; 2],
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

    /// By Twisted's rules: for `tcp` and `ssl` host and port, for `unix` the path.
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

/// The wrapper's own keywords; the others belong to what it wraps.
fn wrapper(bound: &mut BoundArguments<'_>) {
    // Of several around one another, the outermost has them all.
    if bound.description.is_wrapped_by(bound.signature) {
        return;
    }
    let mut arguments = bound.description.arguments();
    while let Some(argument) = arguments.next_written() {
        let index = argument.key().and_then(|key| find(bound.signature, key));
        if let Some((index, _)) = index {
            bound.slots[index] = Some(argument);
        }
    }
}

/// Whether a parameter can be given by name.
fn given(parameter: &Parameter) -> bool {
    !matches!(parameter.kind, Kind::Rest | Kind::Ignored)
}

/// The parameter that `key` names.
#[expect(clippy::inline_always, reason = "measured: a call costs as much as what it does")]
#[inline(always)]
fn find(signature: &Signature, key: RawText<'_>) -> Option<(usize, &'static Parameter)> {
    let names = |it: &Parameter| key.is(it.name) || it.alias.is_some_and(|alias| key.is(alias));
    let index = signature.parameters.iter().position(names)?;
    let parameter = &signature.parameters[index];
    (parameter.kind != Kind::Rest).then_some((index, parameter))
}

fn named(argument: &Written<'_>, parameter: &Parameter) -> bool {
    argument.key().is_some_and(|key| key.is(parameter.name))
}
