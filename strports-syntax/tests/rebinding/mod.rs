//! For the laws about fixes, here and in `fuzz/`.

use strports_syntax::Code;

/// The findings whose fixes change which arguments there are, so that a fix may reveal errors. The
/// arguments of an unknown type are not read, nor are earlier values of a repeated keyword. Another
/// number of arguments binds them to other parameters.
pub(crate) const REBINDING: [Code; 16] = [
    Code::UnknownType,
    Code::UnexpectedKeyword,
    Code::MultipleValues,
    Code::MissingArgument,
    Code::TooManyArguments,
    Code::DuplicateKeyword,
    Code::IgnoredArgument,
    Code::UnescapedIpv6,
    Code::LooksLikeUrl,
    Code::WindowsPath,
    Code::UnescapedEndpoint,
    Code::UnescapedEquals,
    Code::LegacyBarePort,
    Code::PositionalLooksLikeKeyword,
    Code::SurplusPositional,
    Code::TypeNotFirst,
];
