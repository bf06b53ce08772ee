//! Parameters that types of both roles have.

use super::kind::Kind;
use super::parameter::Parameter;

pub(super) const ALPN: Parameter = Parameter::optional(
    "alpn",
    Kind::Text,
    "protocols to offer inside TLS, best first, separated by commas",
)
.extension();

pub(super) const KEEP_ALIVE: Parameter = Parameter::optional(
    "keepAlive",
    Kind::KeepAlive,
    "seconds until a silent peer is probed, seconds between probes, their number; 0 is off",
)
.extension();
pub(super) const USER_TIMEOUT: Parameter = Parameter::optional(
    "userTimeout",
    Kind::Seconds,
    "seconds that sent bytes may stay unacknowledged until the connection is ended; Linux only",
)
.extension();
pub(super) const DEVICE: Parameter = Parameter::optional(
    "device",
    Kind::Text,
    "name of the network interface for all packets; Linux only",
)
.extension();

/// The parameter of `fd`: a file descriptor. It has an alias because Daphne writes `fd:fileno=0`.
pub(super) const DESCRIPTOR: Parameter = Parameter {
    alias: Some("fileno"),
    ..Parameter::required("fd", Kind::Number, "number of the descriptor")
};
