//! Errors: what was found, and where.

use core::fmt;

use crate::condition::Condition;
use crate::words::Words;
use crate::{Code, Excerpt, Role, Span};

/// A mistake that stops a description from meaning anything, as binding finds it.
///
/// Parsing returns a [`ParseError`](crate::ParseError), which explains it. This is the data behind
/// it, which a [`Sink`](crate::Sink) receives too. It borrows nothing and allocates nothing.
///
/// Its `Display` is one clause in lower case that says what was expected and what was found;
/// [`span`](Self::span) says where.
///
/// ```
/// use strports_syntax::{ServerEndpoint, Span};
/// let error = *ServerEndpoint::parse("tcp:http").unwrap_err().unexplained();
/// assert_eq!(error.to_string(), "expected an integer for `port`, but found `http`");
/// assert_eq!(error.code().slug(), "not-an-integer");
/// assert_eq!(error.span(), Span::new(4, 8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    kind: ErrorKind,
    span: Span,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// What was found.
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Where, in the original text.
    pub const fn span(&self) -> Span {
        self.span
    }

    /// Its stable name.
    pub const fn code(&self) -> Code {
        self.kind.code()
    }
}

/// What [`Error`]s there are, each with its data.
///
/// The heading of each variant is the slug that tools see.
///
/// ```
/// use strports_syntax::{ClientEndpoint, ErrorKind};
/// let error = ClientEndpoint::parse("tcp:h:80:timeuot=5").unwrap_err();
/// let error = error.unexplained();
/// assert_eq!(error.kind().found().unwrap().as_str(), "timeuot");
/// assert_eq!(error.kind().suggestion(), Some("timeout"));
/// assert!(matches!(error.kind(), ErrorKind::UnexpectedKeyword { type_name: "tcp", .. }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `empty-description`: there is no type. Samples: the empty text, `port=80`.
    #[error(
        "expected a type such as `tcp`, but found {}",
        if *.keywords { "only keyword arguments" } else { "an empty description" }
    )]
    EmptyDescription {
        /// Whether there are keyword arguments.
        keywords: bool,
    },
    /// `trailing-backslash`: a `\` at the very end. Sample: `tcp:80\`.
    #[error("`\\` at the end of the description escapes nothing")]
    TrailingBackslash,
    /// `unknown-type`: no such type for this role. Samples: `8080`, `TCP:80` as a server.
    #[error("unknown {role} type {found}{}", Suggestion(*.suggestion, *.other_role))]
    UnknownType {
        /// Whether it was to listen or to connect.
        role: Role,
        /// The type as read.
        found: Excerpt,
        /// The type that was probably meant.
        suggestion: Option<&'static str>,
        /// Whether the other role has this type.
        other_role: bool,
    },
    /// `missing-argument`: a required one is absent. Samples: `tcp`, `tls:example.com`.
    #[error(
        "expected `{parameter}` for the `{type_name}` {role}, but found the end of the description"
    )]
    MissingArgument {
        /// The endpoint's type.
        type_name: &'static str,
        /// Its role.
        role: Role,
        /// The parameter without a value.
        parameter: &'static str,
    },
    /// `unexpected-keyword`: the type has no such parameter. Samples: `tcp:80:prot=1`,
    /// `tcp:80:é=1`.
    #[error(
        "unknown keyword {found} for the `{type_name}` {role}{}",
        Suggestion(*.suggestion, false)
    )]
    UnexpectedKeyword {
        /// The endpoint's type.
        type_name: &'static str,
        /// Its role.
        role: Role,
        /// The key as read.
        found: Excerpt,
        /// The keyword that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// `too-many-arguments`: surplus positional arguments. Sample: `tcp:80::50:1`.
    #[error(
        "expected at most {max} positional argument{} for the `{type_name}` {role}, \
         but found {found}",
        if *.max == 1 { "" } else { "s" }
    )]
    TooManyArguments {
        /// The endpoint's type.
        type_name: &'static str,
        /// Its role.
        role: Role,
        /// How many it takes.
        max: usize,
        /// How many there are.
        found: usize,
    },
    /// `multiple-values`: one parameter given by place and by name. Sample: `tcp:80:port=81`.
    #[error(
        "`{type_name}` received `{parameter}` twice \
         (positional {positional} and keyword `{parameter}`)"
    )]
    MultipleValues {
        /// The endpoint's type.
        type_name: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// The place of the positional argument, from 1.
        positional: usize,
    },
    /// `not-an-integer`: Python's `int()` would refuse it. Samples: `tcp:http`, `unix:/x:mode=rw`.
    #[error(
        "expected an {} for `{parameter}`, but found {}",
        if *.octal { "octal integer" } else { "integer" },
        OrNothing(*.found)
    )]
    NotAnInteger {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        found: Excerpt,
        /// Whether the digits are octal.
        octal: bool,
    },
    /// `not-ascii-digit`: digits of another script. Sample: `tcp:٨٠`.
    #[error("expected ASCII digits for `{parameter}`, but found {found}")]
    NotAsciiDigit {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        found: Excerpt,
    },
    /// `out-of-range`: a number that can never work. Samples: `tcp:99999`, `tcp:h:1:timeout=0`.
    #[error("expected {expected} for `{parameter}`, but found {found}")]
    OutOfRange {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        found: Excerpt,
        /// What it may be, in words.
        expected: &'static str,
    },
    /// `out-of-range`: a word that is none of those the parameter takes. Sample:
    /// `process:/bin/x:stderr=none`.
    #[error(
        "expected {expected} for `{parameter}`, but found {found}{}",
        Suggestion(*.suggestion, false)
    )]
    UnknownWord {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        found: Excerpt,
        /// The words it takes.
        expected: &'static Words,
        /// The word that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// `unknown-domain`: not `INET`, `INET6` or `UNIX`. Sample: `systemd:inet:index=0`.
    #[error(
        "expected `INET`, `INET6` or `UNIX` for `domain`, but found {found}{}",
        Suggestion(*.suggestion, false)
    )]
    UnknownDomain {
        /// Its value.
        found: Excerpt,
        /// The domain that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// `index-and-name`: `systemd` takes exactly one. Samples: `systemd:INET`,
    /// `systemd:INET:index=0:name=web`.
    #[error(
        "expected exactly one of `index` and `name` for `systemd`, but found {}",
        if *.both { "both" } else { "neither" }
    )]
    IndexAndName {
        /// Whether both are there, or neither.
        both: bool,
    },
    /// `unknown-tls-method`: no method of a TLS server. Sample: `ssl:443:sslmethod=Error`.
    #[error(
        "expected a TLS method such as `TLS_METHOD` for `sslmethod`, but found {found}{}",
        Suggestion(*.suggestion, false)
    )]
    UnknownTlsMethod {
        /// Its value.
        found: Excerpt,
        /// The method that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// `obsolete-tls-method`: a protocol version that is forbidden today. Sample:
    /// `ssl:443:sslmethod=TLSv1_METHOD`.
    #[error("expected TLS 1.2 or newer for `sslmethod`, but found {found} (write `TLS_METHOD`)")]
    ObsoleteTlsMethod {
        /// Its value.
        found: Excerpt,
    },
    /// `bad-host`: neither a host name nor an address. Samples: `tls:-h:443`, `tls:a..b:443`.
    #[error(
        "expected a {} for `{parameter}`, but found {found} ({reason})",
        if *.network { "network such as `10.0.0.0/8`" } else { "host name" }
    )]
    BadHost {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        found: Excerpt,
        /// The rule that it breaks.
        reason: &'static str,
        /// Whether a network was expected rather than a name.
        network: bool,
    },
    /// `out-of-range`: no pairs of a name and a value. Sample: `i2p:x.i2p:options=fast`.
    #[error(
        "expected pairs such as `NAME\\:VALUE` for `{parameter}`, separated by commas, but found \
         {found}"
    )]
    NotPairs {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        found: Excerpt,
    },
    /// `conflicting-arguments`: an argument that needs another one. Sample:
    /// `i2p:x.i2p:api=BOB:nickname=a`.
    #[error("expected `{needs}` beside `{parameter}` for the `{type_name}` {role}")]
    NeedsArgument {
        /// The endpoint's type.
        type_name: &'static str,
        /// Its role.
        role: Role,
        /// The parameter that is given.
        parameter: &'static str,
        /// What it needs.
        needs: Condition,
    },
    /// `conflicting-arguments`: two arguments of which one is allowed. Sample:
    /// `onion:80:hiddenServiceDir=/d:privateKey=k`.
    #[error("expected either `{first}` or `{second}` for the `{type_name}` {role}, but found both")]
    ExcludesArgument {
        /// The endpoint's type.
        type_name: &'static str,
        /// Its role.
        role: Role,
        /// One of them.
        first: Condition,
        /// The other.
        second: Condition,
    },
    /// `nested-too-deep`: more descriptions inside one another than
    /// [`NESTING_LIMIT`](crate::NESTING_LIMIT).
    #[error(
        "expected at most {limit} nested descriptions{}",
        if *.limit == 0 { " (this build has no allocator)" } else { "" }
    )]
    NestedTooDeep {
        /// How many may be nested.
        limit: usize,
    },
}

impl ErrorKind {
    /// Its stable name.
    pub const fn code(&self) -> Code {
        match self {
            Self::EmptyDescription { .. } => Code::EmptyDescription,
            Self::TrailingBackslash => Code::TrailingBackslash,
            Self::UnknownType { .. } => Code::UnknownType,
            Self::MissingArgument { .. } => Code::MissingArgument,
            Self::UnexpectedKeyword { .. } => Code::UnexpectedKeyword,
            Self::TooManyArguments { .. } => Code::TooManyArguments,
            Self::MultipleValues { .. } => Code::MultipleValues,
            Self::NotAnInteger { .. } => Code::NotAnInteger,
            Self::NotAsciiDigit { .. } => Code::NotAsciiDigit,
            Self::OutOfRange { .. } | Self::UnknownWord { .. } | Self::NotPairs { .. } => {
                Code::OutOfRange
            }
            Self::NeedsArgument { .. } | Self::ExcludesArgument { .. } => {
                Code::ConflictingArguments
            }
            Self::UnknownDomain { .. } => Code::UnknownDomain,
            Self::IndexAndName { .. } => Code::IndexAndName,
            Self::UnknownTlsMethod { .. } => Code::UnknownTlsMethod,
            Self::ObsoleteTlsMethod { .. } => Code::ObsoleteTlsMethod,
            Self::BadHost { .. } => Code::BadHost,
            Self::NestedTooDeep { .. } => Code::NestedTooDeep,
        }
    }

    /// What was found, where it is text.
    pub const fn found(&self) -> Option<&Excerpt> {
        match self {
            Self::UnknownType { found, .. }
            | Self::UnexpectedKeyword { found, .. }
            | Self::NotAnInteger { found, .. }
            | Self::NotAsciiDigit { found, .. }
            | Self::OutOfRange { found, .. }
            | Self::UnknownWord { found, .. }
            | Self::NotPairs { found, .. }
            | Self::UnknownDomain { found, .. }
            | Self::UnknownTlsMethod { found, .. }
            | Self::ObsoleteTlsMethod { found }
            | Self::BadHost { found, .. } => Some(found),
            _ => None,
        }
    }

    /// The word of ours that was probably meant.
    pub const fn suggestion(&self) -> Option<&'static str> {
        match self {
            Self::UnknownType { suggestion, .. }
            | Self::UnexpectedKeyword { suggestion, .. }
            | Self::UnknownWord { suggestion, .. }
            | Self::UnknownDomain { suggestion, .. }
            | Self::UnknownTlsMethod { suggestion, .. } => *suggestion,
            _ => None,
        }
    }
}

/// What was found; an empty text is told as such.
struct OrNothing(Excerpt);

impl fmt::Display for OrNothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_str().is_empty() { f.write_str("nothing") } else { self.0.fmt(f) }
    }
}

/// The hint in parentheses.
struct Suggestion(Option<&'static str>, bool);

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(Some(word), _) => write!(f, " (did you mean `{word}`?)"),
            Self(None, true) => f.write_str(" (it exists for the other role only)"),
            Self(None, false) => Ok(()),
        }
    }
}
