//! Parameters that servers and clients share.

use super::kind::Kind;
use super::parameter::Parameter;

pub(super) const ALPN: Parameter = Parameter::optional(
    "alpn",
    Kind::Text,
    "protocols to offer inside TLS, best first, separated by commas",
)
.extension();

/// The parameter of `fd`; Daphne writes `fd:fileno=0`.
pub(super) const DESCRIPTOR: Parameter = Parameter {
    alias: Some("fileno"),
    ..Parameter::required("fd", Kind::Number, "number of the descriptor")
};
