//! The errors that make a description invalid, as data: what was found, and where.

use core::fmt;

use crate::condition::Condition;
use crate::words::Words;
use crate::{Code, Excerpt, Role, Span};

/// An error in a description, found when its arguments are bound to parameters.
///
/// [`ServerEndpoint::parse`](crate::ServerEndpoint::parse) returns a
/// [`ParseError`](crate::ParseError) instead, which wraps this type and explains the error. A
/// [`Sink`](crate::Sink) receives this type directly. It borrows nothing and allocates nothing.
///
/// `Display` prints one clause in lower case: what was expected and what was found.
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

    /// What is wrong, with the data that the message contains.
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The bytes of the parsed text that are wrong; empty if something is missing there.
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The stable name of the error, which tools show.
    pub const fn code(&self) -> Code {
        self.kind.code()
    }
}

/// What is wrong in a description: the kinds of [`Error`], each with the data of its message.
///
/// The description of each variant begins with the slug that tools show.
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
        /// Whether the text has keyword arguments; otherwise it is empty.
        keywords: bool,
    },
    /// `trailing-backslash`: a `\` at the very end. Sample: `tcp:80\`.
    #[error("`\\` at the end of the description escapes nothing")]
    TrailingBackslash,
    /// `unknown-type`: no such type for this role. Samples: `8080`, `TCP:80` as a server.
    #[error("unknown {role} type {found}{}", Suggestion(*.suggestion, *.other_role))]
    UnknownType {
        /// Whether the text was read as a server or as a client.
        role: Role,
        /// The beginning of the type as written, without escapes.
        found: Excerpt,
        /// The most similar type of this role; `None` if none is similar.
        suggestion: Option<&'static str>,
        /// Whether the other role has a type of this name; false if there is a suggestion.
        other_role: bool,
    },
    /// `missing-argument`: a required one is absent. Samples: `tcp`, `tls:example.com`.
    #[error(
        "expected `{parameter}` for the `{type_name}` {role}, but found the end of the description"
    )]
    MissingArgument {
        /// The endpoint's type, such as `tcp`.
        type_name: &'static str,
        /// Whether the endpoint is a server or a client.
        role: Role,
        /// The keyword of the parameter that has no argument.
        parameter: &'static str,
    },
    /// `unexpected-keyword`: the type has no such parameter. Samples: `tcp:80:prot=1`,
    /// `tcp:80:é=1`.
    #[error(
        "unknown keyword {found} for the `{type_name}` {role}{}",
        Suggestion(*.suggestion, false)
    )]
    UnexpectedKeyword {
        /// The endpoint's type, such as `tcp`.
        type_name: &'static str,
        /// Whether the endpoint is a server or a client.
        role: Role,
        /// The beginning of the key as written, without escapes.
        found: Excerpt,
        /// The most similar keyword of the type; `None` if none is similar.
        suggestion: Option<&'static str>,
    },
    /// `too-many-arguments`: surplus positional arguments. Sample: `tcp:80::50:1`.
    #[error(
        "expected at most {max} positional argument{} for the `{type_name}` {role}, \
         but found {found}",
        if *.max == 1 { "" } else { "s" }
    )]
    TooManyArguments {
        /// The endpoint's type, such as `tcp`.
        type_name: &'static str,
        /// Whether the endpoint is a server or a client.
        role: Role,
        /// The maximum number of positional arguments of the type.
        max: usize,
        /// The number of positional arguments in the description.
        found: usize,
    },
    /// `multiple-values`: one parameter given by position and by name. Sample: `tcp:80:port=81`.
    #[error(
        "`{type_name}` received `{parameter}` twice \
         (positional {positional} and keyword `{parameter}`)"
    )]
    MultipleValues {
        /// The endpoint's type, such as `tcp`.
        type_name: &'static str,
        /// The keyword of the parameter with two values.
        parameter: &'static str,
        /// The number of the positional argument among the positional ones, from 1.
        positional: usize,
    },
    /// `not-an-integer`: a value that Python's `int()` rejects. Samples: `tcp:http`,
    /// `unix:/x:mode=rw`.
    #[error(
        "expected an {} for `{parameter}`, but found {}",
        if *.octal { "octal integer" } else { "integer" },
        OrNothing(*.found)
    )]
    NotAnInteger {
        /// The keyword of the parameter, such as `port`.
        parameter: &'static str,
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
        /// Whether the parameter takes an octal number instead of a decimal one.
        octal: bool,
    },
    /// `not-ascii-digit`: digits that are not ASCII. Sample: `tcp:٨٠`.
    #[error("expected ASCII digits for `{parameter}`, but found {found}")]
    NotAsciiDigit {
        /// The keyword of the parameter, such as `port`.
        parameter: &'static str,
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
    },
    /// `out-of-range`: a number outside the range of the parameter. Samples: `tcp:99999`,
    /// `tcp:h:1:timeout=0`.
    #[error("expected {expected} for `{parameter}`, but found {found}")]
    OutOfRange {
        /// The keyword of the parameter, such as `port`.
        parameter: &'static str,
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
        /// The permitted range in words, such as "a port from 0 to 65535".
        expected: &'static str,
    },
    /// `out-of-range`: a word that is not one of those that the parameter accepts. Sample:
    /// `process:/bin/x:stderr=none`.
    #[error(
        "expected {expected} for `{parameter}`, but found {found}{}",
        Suggestion(*.suggestion, false)
    )]
    UnknownWord {
        /// The keyword of the parameter, such as `stderr`.
        parameter: &'static str,
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
        /// The set of words that the parameter accepts.
        expected: &'static Words,
        /// The most similar of these words; `None` if none is similar.
        suggestion: Option<&'static str>,
    },
    /// `unknown-domain`: not `INET`, `INET6` or `UNIX`. Sample: `systemd:inet:index=0`.
    #[error(
        "expected `INET`, `INET6` or `UNIX` for `domain`, but found {found}{}",
        Suggestion(*.suggestion, false)
    )]
    UnknownDomain {
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
        /// The most similar domain; `None` if none is similar.
        suggestion: Option<&'static str>,
    },
    /// `index-and-name`: `systemd` requires exactly one of `index` and `name`. Samples:
    /// `systemd:INET`, `systemd:INET:index=0:name=web`.
    #[error(
        "expected exactly one of `index` and `name` for `systemd`, but found {}",
        if *.both { "both" } else { "neither" }
    )]
    IndexAndName {
        /// Whether both `index` and `name` are given; otherwise neither is.
        both: bool,
    },
    /// `unknown-tls-method`: the name is not a TLS method for servers. Sample:
    /// `ssl:443:sslmethod=Error`.
    #[error(
        "expected a TLS method such as `TLS_METHOD` for `sslmethod`, but found {found}{}",
        Suggestion(*.suggestion, false)
    )]
    UnknownTlsMethod {
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
        /// The most similar method; `None` if none is similar.
        suggestion: Option<&'static str>,
    },
    /// `obsolete-tls-method`: a protocol version that RFC 8996 or RFC 7568 forbids. Sample:
    /// `ssl:443:sslmethod=TLSv1_METHOD`.
    #[error("expected TLS 1.2 or newer for `sslmethod`, but found {found} (write `TLS_METHOD`)")]
    ObsoleteTlsMethod {
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
    },
    /// `bad-host`: neither a host name nor an address. Samples: `tls:-h:443`, `tls:a..b:443`.
    #[error(
        "expected a {} for `{parameter}`, but found {found} ({reason})",
        if *.network { "network such as `10.0.0.0/8`" } else { "host name" }
    )]
    BadHost {
        /// The keyword of the parameter, such as `host`.
        parameter: &'static str,
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
        /// The rule that the value breaks, in words, such as "a label is empty".
        reason: &'static str,
        /// Whether a list of networks was expected, instead of a host name.
        network: bool,
    },
    /// `out-of-range`: the value is not a list of name and value pairs. Sample:
    /// `i2p:x.i2p:options=fast`.
    #[error(
        "expected pairs such as `NAME\\:VALUE` for `{parameter}`, separated by commas, but found \
         {found}"
    )]
    NotPairs {
        /// The keyword of the parameter, such as `options`.
        parameter: &'static str,
        /// The beginning of the value as written, without escapes.
        found: Excerpt,
    },
    /// `conflicting-arguments`: an argument that requires another one. Sample:
    /// `i2p:x.i2p:api=BOB:nickname=a`.
    #[error("expected `{needs}` beside `{parameter}` for the `{type_name}` {role}")]
    NeedsArgument {
        /// The endpoint's type, such as `i2p`.
        type_name: &'static str,
        /// Whether the endpoint is a server or a client.
        role: Role,
        /// The keyword of the argument that requires another one.
        parameter: &'static str,
        /// The required argument, or the required value of it.
        needs: Condition,
    },
    /// `conflicting-arguments`: two arguments that exclude each other. Sample:
    /// `onion:80:hiddenServiceDir=/d:privateKey=k`.
    #[error("expected either `{first}` or `{second}` for the `{type_name}` {role}, but found both")]
    ExcludesArgument {
        /// The endpoint's type, such as `onion`.
        type_name: &'static str,
        /// Whether the endpoint is a server or a client.
        role: Role,
        /// The argument, or its value, that the group of excluding conditions lists first.
        first: Condition,
        /// The argument, or its value, that `first` excludes.
        second: Condition,
    },
    /// `nested-too-deep`: descriptions nested deeper than [`NESTING_LIMIT`](crate::NESTING_LIMIT).
    #[error(
        "expected at most {limit} nested descriptions{}",
        if *.limit == 0 { " (this build has no allocator)" } else { "" }
    )]
    NestedTooDeep {
        /// The maximum nesting depth that is supported; 0 without an allocator.
        limit: usize,
    },
}

impl ErrorKind {
    /// The stable name of the error, which tools show.
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

    /// The text that was found instead of what was expected; `None` for kinds without one.
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

    /// The known word that was probably meant; `None` if none is similar, or none was expected.
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

/// Prints the text that was found, or "nothing" if it is empty.
struct OrNothing(Excerpt);

impl fmt::Display for OrNothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_str().is_empty() { f.write_str("nothing") } else { self.0.fmt(f) }
    }
}

/// Prints the end of a message in parentheses: the suggested word, or, if the flag is set, that
/// only the other role has the type.
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
