//! Converts the text of arguments to hosts, paths, names and durations.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use strports_syntax::Text;
use strports_syntax::value::{self, Delay, Seconds};

use crate::address::UnixName;
use crate::error::DescriptionProblem;
use crate::plan::host::{Host, split_port};
use crate::plan::tcp::{KeepAlive, SocketOptions, TcpConnect};

pub(super) fn host(argument: &'static str, text: &Text<'_>) -> Result<Host, DescriptionProblem> {
    match text.to_str() {
        Some(text) => Ok(Host::parse(&text)),
        None => Err(not_utf8(argument, text)),
    }
}

/// Converts an argument to a string; returns an error that names it unless it is UTF-8.
pub(super) fn text(argument: &'static str, text: &Text<'_>) -> Result<String, DescriptionProblem> {
    text.to_str().map(Into::into).ok_or_else(|| not_utf8(argument, text))
}

/// Sets the local address of a client from `bindAddress`, if that is given.
///
/// As in Twisted, an empty text means no local address. A port in it is an extension: Twisted
/// cannot connect with one.
pub(super) fn bind(
    connect: &mut TcpConnect,
    text: Option<&Text<'_>>,
) -> Result<(), DescriptionProblem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(()) };
    let both = text.to_str().ok_or_else(|| not_utf8("bindAddress", text))?;
    let (host, port) = split_port(&both);
    connect.bind_address = Some(Host::parse(host));
    if let Some(port) = port {
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        connect.bind_port = port
            .parse()
            .ok()
            .filter(|_| is_number)
            .ok_or_else(|| DescriptionProblem::BindAddressPort { port: port.to_owned() })?;
    }
    Ok(())
}

pub(super) fn unix_name(
    text: &Text<'_>,
    is_abstract: bool,
) -> Result<UnixName, DescriptionProblem> {
    if is_abstract { UnixName::abstract_name(text.to_bytes()) } else { UnixName::path(path(text)?) }
}

pub(in crate::plan) fn path(text: &Text<'_>) -> Result<PathBuf, DescriptionProblem> {
    os_string(text).map(PathBuf::from)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "where texts are not bytes, not all bytes are one")]
pub(super) fn os_string(text: &Text<'_>) -> Result<OsString, DescriptionProblem> {
    use std::os::unix::ffi::OsStringExt;
    Ok(OsString::from_vec(text.to_bytes().into_owned()))
}

#[cfg(not(unix))]
pub(super) fn os_string(text: &Text<'_>) -> Result<OsString, DescriptionProblem> {
    let text = text.to_str().ok_or_else(|| not_utf8("path", text))?;
    Ok(text.into_owned().into())
}

pub(super) fn duration(seconds: &Seconds<'_>) -> Duration {
    Duration::from_secs(seconds.value())
}

/// Converts the socket options that every type of endpoint over TCP takes.
pub(super) fn socket_options(
    keep_alive: Option<&value::KeepAlive<'_>>,
    user_timeout: Option<&Seconds<'_>>,
    device: Option<&Text<'_>>,
) -> Result<SocketOptions, DescriptionProblem> {
    let seconds = |number: u16| Duration::from_secs(number.into());
    Ok(SocketOptions {
        keep_alive: keep_alive.map(|probes| KeepAlive {
            idle: seconds(probes.idle()),
            interval: probes.interval().map(seconds),
            count: probes.count().map(Into::into),
        }),
        user_timeout: user_timeout.map(duration),
        device: device.map(|device| text("device", device)).transpose()?,
    })
}

pub(super) fn delay(delay: &Delay<'_>) -> Duration {
    Duration::from_millis(delay.millis().into())
}

fn not_utf8(argument: &'static str, text: &Text<'_>) -> DescriptionProblem {
    DescriptionProblem::NotUtf8 { argument, value: text.to_bytes().into_owned() }
}
