//! Reads the fields of endpoints from bound arguments, and the macros that define endpoint types.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;

use crate::argument::Written;
use crate::bind::{Binder, BoundArguments};
use crate::signature::{Kind, Row};
use crate::value::{
    Delay, Domain, Flag, FromText, Host, KeepAlive, Mode, Networks, Number, Pairs, ProxyTlvs,
    ProxyVersion, StandardError, TextList, TlsMethod,
};
use crate::{ErrorKind, Text, Value};
#[cfg(feature = "alloc")]
use crate::{
    NESTING_LIMIT, Place,
    endpoint::{ClientEndpoint, ServerEndpoint},
    origin::Origin,
};

/// Reads the values of one bound description, and reports values that are wrong.
pub(crate) struct Reader<'r, 's, 'a> {
    pub(crate) binder: &'r mut Binder<'s>,
    pub(crate) arguments: &'r BoundArguments<'a>,
}

impl<'a> Reader<'_, '_, 'a> {
    /// Reads the field for the parameter of `row` from its argument, or takes the default.
    ///
    /// Returns `None` after an error, which was already reported.
    #[inline]
    pub(crate) fn read<F: Field<'a>>(&mut self, row: Row) -> Option<F> {
        match self.arguments.slot(row.index) {
            Some(argument) => F::read(self, argument, row),
            None => F::absent(self, row),
        }
    }

    /// Passes the description to the sink; returns true if it and those nested in it have no
    /// errors.
    pub(crate) fn finish(&mut self) -> bool {
        let arguments = self.arguments;
        let role = arguments.signature().role;
        self.binder.report_bound(role, arguments.description(), Some(arguments));
        self.binder.errors == 0
    }

    /// Reads the argument's unescaped text as a value; `None` after an error, which it reports.
    fn text<T: FromText<'a>>(&mut self, argument: &Written<'a>, row: Row) -> Option<T> {
        self.value(argument, |text| T::from_text(text, row.parameter))
    }

    /// Applies `read` to the argument's unescaped text; `None` after an error, which it reports.
    #[inline]
    pub(super) fn value<T>(
        &mut self,
        argument: &Written<'a>,
        read: impl FnOnce(&Text<'a>) -> Result<T, ErrorKind>,
    ) -> Option<T> {
        match read(&Text::from_raw(argument.value())) {
            Ok(value) => Some(value),
            Err(kind) => {
                let span = argument.value_span();
                // An empty value has nothing to mark, so the error marks the whole argument.
                let span = if span.is_empty() { argument.span() } else { span };
                self.binder.error(kind, span);
                None
            }
        }
    }
}

/// A type of endpoint fields: how it is read from an argument, printed and made owned.
pub(crate) trait Field<'a>: Sized {
    /// The same type with `'static` text, for [`into_owned`](Self::into_owned).
    #[cfg(feature = "alloc")]
    type Owned;

    /// Reads the field from its argument; `None` after an error, which was already reported.
    fn read(reader: &mut Reader<'_, '_, 'a>, argument: &Written<'a>, row: Row) -> Option<Self>;

    /// The field if no argument is given: the default of the parameter.
    ///
    /// Returns `None` for a required parameter; binding has already reported that it is missing.
    fn absent(reader: &Reader<'_, '_, 'a>, row: Row) -> Option<Self>;

    fn value(&self) -> Value<'_>;

    #[cfg(feature = "alloc")]
    fn into_owned(self) -> Self::Owned;
}

macro_rules! field {
    ($($Type:ty => $Owned:ty, $this:ident => $value:expr, $into_owned:expr;)*) => {$(
        impl<'a> Field<'a> for $Type {
            #[cfg(feature = "alloc")]
            type Owned = $Owned;

            fn read(
                reader: &mut Reader<'_, '_, 'a>,
                argument: &Written<'a>,
                row: Row,
            ) -> Option<Self> {
                reader.text(argument, row)
            }

            #[inline]
            fn absent(_: &Reader<'_, '_, 'a>, row: Row) -> Option<Self> {
                FromText::from_default(row)
            }

            fn value(&self) -> Value<'_> {
                let $this = self;
                $value
            }

            #[cfg(feature = "alloc")]
            fn into_owned(self) -> $Owned {
                let owned: fn(Self) -> $Owned = $into_owned;
                owned(self)
            }
        }
    )*};
}

field! {
    Text<'a> => Text<'static>, it => Value::Text(it), Text::into_owned;
    Number<'a, u16> => Number<'static, u16>,
        it => Value::Integer(it.value().into()), Number::into_owned;
    Number<'a, u32> => Number<'static, u32>,
        it => Value::Integer(it.value().into()), Number::into_owned;
    Number<'a, i32> => Number<'static, i32>,
        it => Value::Integer(it.value().into()), Number::into_owned;
    Number<'a, u64> => Number<'static, u64>,
        it => Value::Integer(it.value().into()), Number::into_owned;
    Mode<'a> => Mode<'static>, it => Value::Octal(it.bits()), Mode::into_owned;
    Delay<'a> => Delay<'static>, it => Value::Thousandths(it.millis()), Delay::into_owned;
    Flag<'a> => Flag<'static>, it => Value::Flag(it.is_on()), Flag::into_owned;
    Host<'a> => Host<'static>, it => Value::Text(it.text()), Host::into_owned;
    Networks<'a> => Networks<'static>, it => Value::Text(it.text()), Networks::into_owned;
    ProxyTlvs<'a> => ProxyTlvs<'static>, it => Value::Text(it.text()), ProxyTlvs::into_owned;
    KeepAlive<'a> => KeepAlive<'static>, it => Value::Text(it.text()), KeepAlive::into_owned;
    Pairs<'a> => Pairs<'static>, it => Value::Text(it.text()), Pairs::into_owned;
    Domain => Domain, it => Value::Word(it.as_str()), |it| it;
    TlsMethod => TlsMethod, it => Value::Word(it.as_str()), |it| it;
    StandardError => StandardError, it => Value::Word(it.as_str()), |it| it;
    ProxyVersion => ProxyVersion, it => Value::Integer(it.number().into()), |it| it;
}

impl<'a, F: Field<'a>> Field<'a> for Option<F> {
    #[cfg(feature = "alloc")]
    type Owned = Option<F::Owned>;

    #[inline]
    fn read(reader: &mut Reader<'_, '_, 'a>, argument: &Written<'a>, row: Row) -> Option<Self> {
        F::read(reader, argument, row).map(Some)
    }

    #[inline]
    fn absent(_: &Reader<'_, '_, 'a>, _: Row) -> Option<Self> {
        Some(None)
    }

    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Absent, F::value)
    }

    #[cfg(feature = "alloc")]
    fn into_owned(self) -> Self::Owned {
        self.map(F::into_owned)
    }
}

impl<'a> Field<'a> for TextList<'a> {
    #[cfg(feature = "alloc")]
    type Owned = TextList<'static>;

    fn read(reader: &mut Reader<'_, '_, 'a>, _: &Written<'a>, row: Row) -> Option<Self> {
        Self::absent(reader, row)
    }

    fn absent(reader: &Reader<'_, '_, 'a>, row: Row) -> Option<Self> {
        let description = reader.arguments.description();
        Some(if row.parameter.kind == Kind::Repeated {
            Self::keyword(description, row.parameter.name)
        } else {
            // The first positional argument is the program, unless `executable=` names the program.
            let first = reader.arguments.slot(0);
            let skip = usize::from(first.is_some_and(Written::is_positional));
            Self::positional(description, skip)
        })
    }

    fn value(&self) -> Value<'_> {
        Value::Texts(self)
    }

    #[cfg(feature = "alloc")]
    fn into_owned(self) -> TextList<'static> {
        TextList::into_owned(self)
    }
}

#[cfg(feature = "alloc")]
macro_rules! nested {
    ($($Endpoint:ident, $Value:ident;)*) => {$(
        impl<'a> Field<'a> for Box<$Endpoint<'a>> {
            type Owned = Box<$Endpoint<'static>>;

            fn read(
                reader: &mut Reader<'_, '_, 'a>,
                argument: &Written<'a>,
                _: Row,
            ) -> Option<Self> {
                let place =
                    if argument.is_positional() { Place::Positional } else { Place::Value };
                let binder = &mut *reader.binder;
                if binder.depth >= NESTING_LIMIT {
                    let kind = ErrorKind::NestedTooDeep { limit: NESTING_LIMIT };
                    binder.error(kind, argument.value_span());
                    return None;
                }
                let (start, value) =
                    (argument.value_span().start, Text::from_raw(argument.value()));
                let origin = Origin::unescape(&value, start, place, binder.origin);
                let outer = reader.arguments.signature();
                let endpoint = binder.inside(outer, Some(&origin), |binder| {
                    let endpoint = $Endpoint::bind_text(origin.text(), binder);
                    endpoint.map(|endpoint| Box::new(endpoint.into_owned()))
                });
                endpoint.ok()
            }

            fn absent(_: &Reader<'_, '_, 'a>, _: Row) -> Option<Self> {
                None
            }

            fn value(&self) -> Value<'_> {
                Value::$Value(self)
            }

            fn into_owned(self) -> Box<$Endpoint<'static>> {
                Box::new((*self).into_owned())
            }
        }
    )*};
}

#[cfg(feature = "alloc")]
nested! {
    ServerEndpoint, Server;
    ClientEndpoint, Client;
}

/// The field type of nested descriptions without an allocator: it has no values.
#[cfg(not(feature = "alloc"))]
impl<'a> Field<'a> for core::convert::Infallible {
    fn read(reader: &mut Reader<'_, '_, 'a>, argument: &Written<'a>, _: Row) -> Option<Self> {
        let kind = ErrorKind::NestedTooDeep { limit: 0 };
        reader.binder.error(kind, argument.value_span());
        None
    }

    fn absent(_: &Reader<'_, '_, 'a>, _: Row) -> Option<Self> {
        None
    }

    fn value(&self) -> Value<'_> {
        match *self {}
    }
}

/// Implements an endpoint type by connecting each field to the parameter of the given name.
///
/// A field with a type after `as` gets a setter; fields without one are set by `new`. A name that
/// is not in the signature does not compile. A test checks that no parameter is missing.
macro_rules! fields {
    ($Type:ident = $SIGNATURE:path { $($field:ident: $name:literal $(as $Set:ty)?),* $(,)? }) => {
        impl<'a> $Type<'a> {
            /// The row of the signature table that describes this type.
            pub const SIGNATURE: &'static $crate::Signature = &$SIGNATURE;

            pub(crate) fn read(
                reader: &mut $crate::endpoint::field::Reader<'_, '_, 'a>,
            ) -> Option<Self> {
                // All fields are read before `?` returns, so that every error is reported.
                $(let $field = reader.read(const { $SIGNATURE.row($name) });)*
                Some(Self { $($field: $field?),* })
            }

            /// Copies the borrowed text, so that the result outlives the parsed description.
            #[cfg(feature = "alloc")]
            pub fn into_owned(self) -> $Type<'static> {
                $Type { $($field: $crate::endpoint::field::Field::into_owned(self.$field)),* }
            }
        }

        /// Setters for the optional parameters, for use after `new`.
        impl<'a> $Type<'a> {$($(
            #[doc = concat!("Sets `", $name, "`; see [the field](field@Self::", stringify!($field), ").")]
            #[must_use]
            pub fn $field(mut self, value: impl Into<$Set>) -> Self {
                let value: $Set = value.into();
                self.$field = value.into();
                self
            }
        )?)*}

        impl $crate::endpoint::Sealed for $Type<'_> {}

        impl $crate::Parameters for $Type<'_> {
            fn signature(&self) -> &'static $crate::Signature {
                Self::SIGNATURE
            }

            fn value(&self, name: &str) -> $crate::Value<'_> {
                match name {
                    $($name => $crate::endpoint::field::Field::value(&self.$field),)*
                    _ => $crate::Value::Absent,
                }
            }
        }

        $crate::endpoint::field::display!($Type<'_>);
    };
}
pub(crate) use fields;

/// Implements `Display` for an endpoint type, which prints the canonical description.
macro_rules! display {
    ($Type:ty) => {
        /// Prints the canonical description.
        impl core::fmt::Display for $Type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::endpoint::print::print(self, f)
            }
        }
    };
}
pub(crate) use display;
