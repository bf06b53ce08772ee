//! The lint `interface-family`: its documentation page, and its check.

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
not an address. Neither is text that has other characters than an address or a name.

    tcp6:80:interface=127.0.0.1

Use the type for the family of the address:

    tcp:80:interface=127.0.0.1

Reference: `twisted.internet.endpoints.TCP4ServerEndpoint` and `TCP6ServerEndpoint`.
",
    check,
};

/// Prefixes of the names of network devices, such as `eth0`.
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
    let odd = context.argument("interface").filter(|it| is_neither_address_nor_name(&it.value));
    if let Some(interface) = odd {
        let found = Excerpt::new(&interface.value);
        let message = format!("expected an address for `interface`, but found {found}");
        let mut finding = Diagnostic::lint(RULE.code, interface.span, message);
        if let Some(address) = address_in(&interface.value) {
            finding = finding.with_help(format!("write `{address}`"));
        }
        findings.push(finding);
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

/// Whether the text looks like the name of a network device: a known prefix and a digit, or `lo`.
fn is_device(text: &Text<'_>) -> bool {
    let name = text.to_string();
    DEVICES.iter().any(|device| {
        name.strip_prefix(device)
            .is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
    }) || name == "lo"
}

/// Whether the text can be neither an address nor a host name: `0.0.0.0:80`, `0.0.0.0,`.
fn is_neither_address_nor_name(text: &Text<'_>) -> bool {
    let name = text.to_string();
    if name.is_empty() || name.starts_with('[') || address(text).is_some() {
        return false;
    }
    let is_odd = |it: char| it.is_ascii() && !it.is_ascii_alphanumeric() && !"._-%".contains(it);
    let is_number = |it: char| it.is_ascii_digit() || it == '.';
    name.contains(is_odd) || name.matches('.').count() == 3 && name.chars().all(is_number)
}

/// Finds an IPv4 address in text with other characters around it, such as `0.0.0.0:80`.
fn address_in(text: &Text<'_>) -> Option<IpAddr> {
    let text = text.to_string();
    let mut parts = text.split(|it: char| !it.is_ascii_digit() && it != '.');
    parts.find_map(|it| it.parse().ok())
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
    use alloc::format;

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
        for value in ["0.0.0.0,", "`10.0.0.1`", r"0.0.0.0\:80", "127.0.0.1/8", "300.1.1.1", "a b"] {
            let at = format!("interface={value}");
            finds(Code::InterfaceFamily, &format!("tcp:80:{at}"), Role::Server, &[&at]);
        }
    }

    #[test]
    fn near_miss() {
        silent(Code::InterfaceFamily, r"tcp:80:interface=\:\:1", Role::Server);
        silent(Code::InterfaceFamily, r"tcp6:80:interface=\:\:1", Role::Server);
        silent(Code::InterfaceFamily, "tcp:80:interface=localhost", Role::Server);
        for value in ["web1", "my_host", "a-b.example.com", "10.0.0.1", "81", r"fe80\:\:1%eth0"] {
            silent(Code::InterfaceFamily, &format!("tcp:80:interface={value}"), Role::Server);
        }
        silent(Code::InterfaceFamily, r"tcp:h:80:bindAddress=\:\:1", Role::Client);
    }
}
