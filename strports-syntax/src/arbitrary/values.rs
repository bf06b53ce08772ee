//! Values of each kind, decoded from a fuzzer's bytes.
//!
//! Every value that the endpoint types allow can occur, except those that their documentation
//! excludes. These are descriptors above 31 bits, the user id 2³²−1, zero seconds, and an IPv6
//! address as the `hostname` of `ssl`.

use alloc::format;
use alloc::string::{String, ToString};
use core::net::{Ipv4Addr, Ipv6Addr};

use arbitrary::{Arbitrary, Error, Result, Unstructured};

use crate::Text;
use crate::value::{
    Delay, Flag, Host, HostKind, KeepAlive, Mode, Networks, Number, Port, ProxyTlv, ProxyTlvs,
    ProxyVersion, Seconds, TextList,
};

/// Decodes parameter values from the fuzzer's bytes.
pub(super) struct Values<'m, 'u>(pub(super) &'m mut Unstructured<'u>);

impl Values<'_, '_> {
    pub(super) fn option<T>(
        &mut self,
        make: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.0.arbitrary()? { make(self).map(Some) } else { Ok(None) }
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> Result<T> {
        self.0.choose(all).copied()
    }

    /// Returns arbitrary bytes, or one of a few words that need escapes or are a parameter's
    /// default.
    pub(super) fn text(&mut self) -> Result<Text<'static>> {
        const WORDS: [&str; 10] =
            ["", "::", "=", "a=b", ":", "\\", "/run/a", "server.pem", "é", "666"];
        if self.0.arbitrary()? {
            return self.0.choose(&WORDS).map(|word| Text::literal(word));
        }
        let wanted = self.0.int_in_range(0..=24)?.min(self.0.len());
        self.0.bytes(wanted).map(|bytes| Text::from(bytes.to_vec()))
    }

    pub(super) fn texts(&mut self) -> Result<TextList<'static>> {
        let count = self.0.int_in_range(0..=4)?;
        (0..count).map(|_| self.text()).collect()
    }

    pub(super) fn flag(&mut self) -> Result<Flag<'static>> {
        self.0.arbitrary().map(Flag::new)
    }

    pub(super) fn number<T: Copy + for<'a> Arbitrary<'a>>(&mut self) -> Result<Number<'static, T>> {
        self.0.arbitrary().map(Number::new)
    }

    pub(super) fn port(&mut self) -> Result<Port<'static>> {
        self.number()
    }

    pub(super) fn seconds(&mut self) -> Result<Seconds<'static>> {
        self.0.int_in_range(1..=u64::MAX).map(Number::new)
    }

    pub(super) fn delay(&mut self) -> Result<Delay<'static>> {
        let millis = self.0.int_in_range(100..=2_000)?;
        Delay::from_millis(millis).ok_or(Error::IncorrectFormat)
    }

    pub(super) fn descriptor(&mut self) -> Result<Number<'static, u32>> {
        self.0.int_in_range(0..=u32::MAX / 2).map(Number::new)
    }

    pub(super) fn id(&mut self) -> Result<Number<'static, u32>> {
        self.0.int_in_range(0..=u32::MAX - 1).map(Number::new)
    }

    pub(super) fn version(&mut self) -> Result<ProxyVersion> {
        self.one_of(&[ProxyVersion::V1, ProxyVersion::V2])
    }

    /// Decodes a text, and returns it if it is a valid host; otherwise decodes an IP address.
    pub(super) fn host(&mut self) -> Result<Host<'static>> {
        let name = self.text()?;
        if let Ok(host) = Host::new(name) {
            return Ok(host);
        }
        let address = self.address()?;
        Host::new(address.into_bytes()).map_err(|_| Error::IncorrectFormat)
    }

    /// The `hostname` of an `ssl` client, which must not be an IPv6 address; `None` omits it.
    pub(super) fn tls_hostname(&mut self) -> Result<Option<Host<'static>>> {
        Ok(self.option(Self::host)?.filter(|it| it.kind() != HostKind::Ipv6))
    }

    pub(super) fn networks(&mut self) -> Result<Networks<'static>> {
        let mut list = self.address()?;
        for _ in 0..self.0.int_in_range(0..=2)? {
            list = format!("{list}/{},{}", self.0.int_in_range(0..=32)?, self.address()?);
        }
        Networks::new(list.into_bytes()).ok_or(Error::IncorrectFormat)
    }

    pub(super) fn proxy_tlvs(&mut self) -> Result<ProxyTlvs<'static>> {
        let mut list = self.one_of(ProxyTlv::ALL)?.to_string();
        for _ in 0..self.0.int_in_range(0..=2)? {
            list = format!("{list},{}", self.one_of(ProxyTlv::ALL)?);
        }
        ProxyTlvs::new(list.into_bytes()).ok_or(Error::IncorrectFormat)
    }

    /// A keep-alive setting: up to three numbers within their bounds, or 0 to turn probes off.
    pub(super) fn keep_alive(&mut self) -> Result<KeepAlive<'static>> {
        let mut text = self.0.int_in_range(0..=32767)?.to_string();
        if text != "0" && self.0.arbitrary()? {
            text = format!("{text},{}", self.0.int_in_range(1..=32767)?);
            if self.0.arbitrary()? {
                text = format!("{text},{}", self.0.int_in_range(1..=127)?);
            }
        }
        KeepAlive::new(Text::from(text.into_bytes())).ok_or(Error::IncorrectFormat)
    }

    pub(super) fn mode(&mut self) -> Result<Mode<'static>> {
        Mode::new(self.0.int_in_range(0..=0o7777)?).ok_or(Error::IncorrectFormat)
    }

    fn address(&mut self) -> Result<String> {
        Ok(if self.0.arbitrary()? {
            Ipv4Addr::from(self.0.arbitrary::<u32>()?).to_string()
        } else {
            Ipv6Addr::from(self.0.arbitrary::<u128>()?).to_string()
        })
    }
}
