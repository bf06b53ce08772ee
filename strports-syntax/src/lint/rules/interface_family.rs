//! The lint `interface-family`: its page and its check.

use alloc::format;
use alloc::string::ToString;
use core::net::IpAddr;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic, Excerpt, Role, Text};

pub(crate) const RULE: Rule = Rule {
    code: Code::InterfaceFamily,
    fixes_errors: false,
    doc: r"
An address of the other address family.

`tcp6` with an IPv4 address, or with an empty one, silently creates an IPv4 socket. A client cannot
connect from an address of one family to an address of the other. The name of a network device is
not an address.

    tcp6:80:interface=127.0.0.1

Use the type for the family of the address:

    tcp:80:interface=127.0.0.1

Reference: `twisted.internet.endpoints.TCP4ServerEndpoint` and `TCP6ServerEndpoint`.
",
    check,
};

/// Prefixes of network device names.
const DEVICES: &[&str] = &[
    "bond", "br", "docker", "em", "en", "eno", "enp", "ens", "eth", "ib", "lo", "ppp", "tap",
    "tun", "veth", "wg", "wlan", "wlp", "wwan",
];

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let server = |name| context.is(Role::Server, name);
    if let Some(interface) = context.argument("interface").filter(|it| is_device(&it.value)) {
        let found = Excerpt::new(&interface.value);
        let message = format!("expected an address for `interface`, but found the device {found}");
        findings.push(
            Diagnostic::lint(RULE.code, interface.span, message)
                .with_help("write the address of the device"),
        );
        return;
    }
    if server("tcp6") || server("tls") {
        let Some(interface) = context.argument("interface") else { return };
        let ipv4 = address(&interface.value).is_some_and(|address| address.is_ipv4());
        if ipv4 || interface.value.is_empty() {
            let found = if ipv4 { "an IPv4 address" } else { "empty, which is every IPv4 address" };
            let message = format!("expected an IPv6 address for `interface`, but it is {found}");
            findings.push(Diagnostic::lint(RULE.code, interface.span, message));
        }
        return;
    }
    let Some((host, host_address)) = known_address(context, "host") else { return };
    if context.is(Role::Client, "tcp6") && host_address.is_ipv4() {
        let message = "expected an IPv6 address for `host` of `tcp6`, but it is an IPv4 address";
        findings.push(Diagnostic::lint(RULE.code, host, message.into()));
    }
    let Some((bound, bind_address)) = known_address(context, "bindAddress") else { return };
    if bind_address.is_ipv4() != host_address.is_ipv4() {
        let message = "`bindAddress` is not of the address family of `host`";
        findings.push(Diagnostic::lint(RULE.code, bound, message.into()));
    }
}

/// Whether the text looks like the name of a network device: letters, then a number.
fn is_device(text: &Text<'_>) -> bool {
    let name = text.to_string();
    DEVICES.iter().any(|device| {
        name.strip_prefix(device)
            .is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
    }) || name == "lo"
}

fn known_address(context: &RuleContext<'_, '_>, name: &str) -> Option<(crate::Span, IpAddr)> {
    let argument = context.argument(name)?;
    Some((argument.span, address(&argument.value)?))
}

fn address(text: &Text<'_>) -> Option<IpAddr> {
    let text = text.to_string();
    text.split('%').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let at = "interface=127.0.0.1";
        finds(Code::InterfaceFamily, "tcp6:80:interface=127.0.0.1", Role::Server, &[at]);
        finds(Code::InterfaceFamily, "tcp6:80:interface=", Role::Server, &["interface="]);
        let bound = r"bindAddress=\:\:1";
        finds(Code::InterfaceFamily, r"tcp:1.2.3.4:80:bindAddress=\:\:1", Role::Client, &[bound]);
        for text in ["tcp:80:interface=eth0", "tls:/c:443:interface=enp3s0"] {
            let at = text.rsplit(':').next().unwrap_or_default();
            finds(Code::InterfaceFamily, text, Role::Server, &[at]);
        }
        finds(Code::InterfaceFamily, "tcp6:1.2.3.4:80", Role::Client, &["1.2.3.4"]);
    }

    #[test]
    fn near_miss() {
        silent(Code::InterfaceFamily, r"tcp:80:interface=\:\:1", Role::Server);
        silent(Code::InterfaceFamily, r"tcp6:80:interface=\:\:1", Role::Server);
        silent(Code::InterfaceFamily, "tcp:80:interface=localhost", Role::Server);
        silent(Code::InterfaceFamily, "tcp:80:interface=web1", Role::Server);
        silent(Code::InterfaceFamily, r"tcp:h:80:bindAddress=\:\:1", Role::Client);
    }
}
