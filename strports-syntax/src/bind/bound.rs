//! The arguments of one description, assigned to the parameters of its type.

use crate::argument::Written;
use crate::signature::{MOST_PARAMETERS, Parameter, Signature};
use crate::{Argument, Description};

/// The arguments of one description, assigned to the parameters of its type.
///
/// ```
/// use strports_syntax::{Error, BoundDescription, ServerEndpoint, Sink};
///
/// struct Given(Vec<String>);
///
/// impl Sink for Given {
///     fn error(&mut self, _: Error) {}
///
///     fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
///         for (parameter, argument) in bound.arguments.into_iter().flat_map(|it| it.iter()) {
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
    pub(super) signature: &'static Signature,
    pub(super) description: Description<'a>,
    pub(super) slots: [Option<Written<'a>>; MOST_PARAMETERS],
}

impl<'a> BoundArguments<'a> {
    /// Starts binding: every parameter of `signature` is without an argument.
    #[inline]
    pub(crate) fn new(signature: &'static Signature, description: Description<'a>) -> Self {
        // Filling slot by slot is faster: copying a constant would write every byte of the array.
        let slots = core::array::from_fn(|_| None);
        Self { signature, description, slots }
    }

    /// The signature of the description's type, or of the most similar type if it is unknown.
    pub const fn signature(&self) -> &'static Signature {
        self.signature
    }

    /// The description that contains the arguments.
    pub const fn description(&self) -> &Description<'a> {
        &self.description
    }

    /// The argument assigned to the parameter `name`; `None` if there is no argument or parameter.
    pub fn get(&self, name: &str) -> Option<Argument<'a>> {
        let index = self.signature.parameters.iter().position(|it| it.name == name)?;
        self.slot(index).copied().map(Argument::from)
    }

    #[inline]
    pub(crate) fn slot(&self, index: usize) -> Option<&Written<'a>> {
        self.slots.get(index)?.as_ref()
    }

    /// Whether the argument is unassigned and its keyword, if any, is not one of the signature's.
    ///
    /// Such arguments form the nested description of a type with
    /// [`Binding::Joined`](crate::signature::Binding::Joined).
    #[cfg(feature = "alloc")]
    pub(crate) fn is_left(&self, argument: &Written<'_>) -> bool {
        let bound = |slot: &Written<'_>| slot.span() == argument.span();
        let named = |parameter: &Parameter| {
            argument.key().is_some_and(|key| key.is(parameter.name)) && !parameter.positional_only
        };
        !self.slots.iter().flatten().any(bound) && !self.signature.parameters.iter().any(named)
    }

    /// Each parameter in the order of the signature, with its argument if one was given.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Parameter, Option<Argument<'a>>)> {
        let arguments = self.slots.iter().map(|slot| slot.map(Argument::from));
        self.signature.parameters.iter().zip(arguments)
    }
}
