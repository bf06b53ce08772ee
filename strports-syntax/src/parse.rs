//! Parsing a text to a typed endpoint, or to the first error that `check` reports.
//!
//! The best explanations of errors come from lints, which the endpoint types do not depend on. This
//! file uses both: it binds the text, and runs the lints only if that fails.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::fmt;
#[cfg(feature = "alloc")]
use core::str::FromStr;

use crate::bind::Binder;
#[cfg(feature = "alloc")]
use crate::check::check_with;
use crate::{ClientEndpoint, Code, Error, ServerEndpoint, Span};
#[cfg(feature = "alloc")]
use crate::{Description, Diagnostic, Fix, Role, Types};

/// The error when a text is not a valid description of an endpoint.
///
/// With the feature `alloc` it is the first error that `check` reports, with the same message and
/// the same fix. `Display` prints one clause: the error, and the correction in parentheses.
///
/// Without `alloc` it is the first [`Error`] that binding finds, without a fix.
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use strports_syntax::{ServerEndpoint, Span};
/// let error = ServerEndpoint::parse("tcp:8080:interface=::1").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r"`::1` is an IPv6 address whose colons are not escaped (write `\:\:1`)",
/// );
/// assert_eq!(error.span(), Span::new(19, 22));
/// assert_eq!(error.fix().unwrap().replacement, br"\:\:1");
/// // Binding received an argument `` and an argument `1`.
/// assert_eq!(
///     error.unexplained().to_string(),
///     "`tcp` received `interface` twice (positional 2 and keyword `interface`)",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    #[cfg(not(feature = "alloc"))]
    first: Error,
    // Boxed so that a `Result` is not larger than the endpoint in it.
    #[cfg(feature = "alloc")]
    explained: Box<Explained>,
}

#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq)]
struct Explained {
    /// The first error of binding.
    first: Error,
    /// The first error of `check`, which may be another one.
    finding: Diagnostic,
    /// Whether the text that the fix replaces contains a secret, which a message must not show.
    is_secret: bool,
}

#[cfg(feature = "alloc")]
impl ParseError {
    /// Runs the full check to explain why `text` is invalid; `first` is the first error of binding.
    #[cold]
    fn explain(types: Types<'_>, text: &[u8], role: Role, first: Error) -> Self {
        let report = check_with(types, text, role);
        let Some(finding) = report.errors().next().cloned() else { return first.into() };
        let replaced = |fix: &Fix| Description::secrets(text).any(|it| it.touches(fix.span));
        let is_secret = finding.fix.as_ref().is_some_and(replaced);
        Self { explained: Box::new(Explained { first, finding, is_secret }) }
    }

    /// The error in one clause, without the correction.
    pub fn message(&self) -> &str {
        &self.explained.finding.message
    }

    /// The correction as a replacement of text; `None` if none is known.
    pub fn fix(&self) -> Option<&Fix> {
        self.explained.finding.fix.as_ref()
    }

    /// The error as `check` reports it, with its help.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.explained.finding
    }

    /// The first error of binding as data, without an explanation by lints.
    ///
    /// A slip such as an unescaped colon shifts the arguments after it. This error may therefore
    /// be a consequence of the one that is reported.
    pub fn unexplained(&self) -> &Error {
        &self.explained.first
    }

    /// The stable name of the error, which tools show.
    pub fn code(&self) -> Code {
        self.explained.finding.code
    }

    /// The bytes of the parsed text that are wrong; empty if something is missing there.
    pub fn span(&self) -> Span {
        self.explained.finding.span
    }
}

#[cfg(not(feature = "alloc"))]
impl ParseError {
    /// The first error of binding as data, without an explanation by lints.
    pub const fn unexplained(&self) -> &Error {
        &self.first
    }

    /// The stable name of the error, which tools show.
    pub const fn code(&self) -> Code {
        self.first.code()
    }

    /// The bytes of the parsed text that are wrong; empty if something is missing there.
    pub const fn span(&self) -> Span {
        self.first.span()
    }
}

impl fmt::Display for ParseError {
    #[cfg(feature = "alloc")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explained { finding, is_secret, .. } = &*self.explained;
        f.write_str(&finding.message)?;
        match &finding.fix {
            // Messages that end with a suggestion in parentheses need no second one.
            Some(fix) if !is_secret && !finding.message.ends_with(')') => {
                write!(f, " ({})", fix.advice())
            }
            _ => Ok(()),
        }
    }

    #[cfg(not(feature = "alloc"))]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.first, f)
    }
}

impl core::error::Error for ParseError {}

/// For code that reads a [`Description`](crate::Description) before it parses an endpoint.
impl From<Error> for ParseError {
    #[cfg(feature = "alloc")]
    fn from(first: Error) -> Self {
        let finding = first.into();
        Self { explained: Box::new(Explained { first, finding, is_secret: false }) }
    }

    #[cfg(not(feature = "alloc"))]
    fn from(first: Error) -> Self {
        Self { first }
    }
}

macro_rules! parsing {
    ($($Endpoint:ident, $ROLE:ident, $function:ident, $article:literal;)*) => {$(
        impl<'a> $Endpoint<'a> {
            /// Parses `text`, a `&str` or bytes.
            ///
            /// # Errors
            ///
            /// Returns the first error that `check` reports. Samples: the empty text, `8080`,
            /// `tcp:http:x`, `tcp:h:80:timeout=0`, `tcp:h:80\`.
            pub fn parse<T: AsRef<[u8]> + ?Sized>(text: &'a T) -> Result<Self, ParseError> {
                #[cfg(feature = "alloc")]
                return Types::BUILTIN.$function(text);
                #[cfg(not(feature = "alloc"))]
                return Ok(Self::bind_text(text.as_ref(), &mut Binder::new(None))?);
            }
        }

        /// Parses a text as [`parse`](Self::parse) does.
        impl<'a> TryFrom<&'a str> for $Endpoint<'a> {
            type Error = ParseError;

            fn try_from(text: &'a str) -> Result<Self, ParseError> {
                Self::parse(text)
            }
        }

        /// Parses a text as [`parse`](Self::parse) does, and converts the result to an owned value.
        #[cfg(feature = "alloc")]
        impl FromStr for $Endpoint<'static> {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                $Endpoint::parse(text).map($Endpoint::into_owned)
            }
        }

        #[cfg(feature = "alloc")]
        impl Types<'_> {
            #[doc = concat!("Reads ", $article, " description with these types.")]
            ///
            /// # Errors
            ///
            #[doc = concat!("As for [`", stringify!($Endpoint), "::parse`].")]
            pub fn $function<'a, T>(&self, text: &'a T) -> Result<$Endpoint<'a>, ParseError>
            where
                T: AsRef<[u8]> + ?Sized,
            {
                let text = text.as_ref();
                $Endpoint::bind_text(text, &mut Binder::with_types(*self, None))
                    .map_err(|first| ParseError::explain(*self, text, Role::$ROLE, first))
            }
        }
    )*};
}

parsing! {
    ServerEndpoint, Server, server, "a server";
    ClientEndpoint, Client, client, "a client";
}
