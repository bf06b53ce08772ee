//! Drafts of descriptions: what every form is read into, and written from.
//!
//! A draft is a transport, optionally with a PROXY header and TLS on top.

use super::loss::{Failure, Loss};
use strports_syntax::{Place, Role, Signature, Text, check, quote_bytes};

/// One type of endpoint with its arguments, as one level of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) kind: &'static str,
    /// The arguments, with the parameter names of the signature table. `args` and `env` may be
    /// repeated.
    arguments: Vec<(&'static str, String)>,
}

impl Layer {
    pub(super) const fn new(kind: &'static str) -> Self {
        Self { kind, arguments: Vec::new() }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets an argument; replaces its earlier value if it has one.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.take(name);
        self.add(name, value);
    }

    /// Adds a value of an argument that may be repeated.
    pub(super) fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.arguments.push((name, value.into()));
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find(|(other, _)| *other == name).map(|(_, value)| &**value)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.arguments.iter().position(|(other, _)| *other == name)?;
        Some(self.arguments.remove(at).1)
    }

    /// Returns the arguments in the order in which they were added.
    pub(super) fn arguments(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.arguments.iter().map(|(name, value)| (*name, &**value))
    }

    /// Returns all values of an argument that may be repeated.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.arguments().filter(move |(other, _)| *other == name).map(|(_, value)| value)
    }

    /// Returns a loss, with the reason `why`, for each argument that `known` does not name.
    pub(super) fn lost(&self, known: &[&str], why: &str) -> Vec<Loss> {
        let more = self.arguments().filter(|(name, _)| !known.contains(name));
        more.map(|(name, value)| Loss::new(format!("{name}={value}"), why)).collect()
    }

    /// Whether the type `kind` has a parameter for each of these arguments.
    fn fits(&self, role: Role, kind: &str) -> bool {
        let signature = Signature::find(role, &Text::plain(kind));
        signature.is_some_and(|signature| {
            self.arguments().all(|(name, _)| signature.parameter(name).is_some())
        })
    }

    /// Writes the type and its arguments as a description, with escapes.
    fn text(&self) -> String {
        let mut text = self.kind.to_owned();
        for (name, value) in self.arguments() {
            text.push(':');
            // The program and its arguments are positional, so they have no keyword.
            let place = if matches!(name, "executable" | "args") {
                Place::Positional
            } else {
                Place::Value
            };
            if place == Place::Value {
                text.push_str(name);
                text.push('=');
            }
            text.push_str(&quoted(value, place));
        }
        if self.arguments.is_empty() {
            text.push(':');
        }
        text
    }
}

fn quoted(value: &str, place: Place) -> String {
    String::from_utf8_lossy(&quote_bytes(value.as_bytes(), place)).into_owned()
}

/// The parameters that form the address of a transport; the others are its options.
pub(super) const ADDRESS: [&str; 5] = ["host", "port", "address", "path", "abstract"];

/// The paths at which platforms keep their certificate authorities. Naming one of them means the
/// same as naming none.
const PLATFORM: [&str; 5] = [
    "/etc/ssl/certs",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// A description that is being built: a transport, optionally with a PROXY header and TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) role: Role,
    pub(super) transport: Layer,
    /// The type `haproxy` around the transport. The PROXY header is sent before the TLS handshake.
    pub(super) proxy: Option<Layer>,
    /// The TLS layer, with parameter names of the client type `tls` and the server type `ssl`. In
    /// both roles, the certificate is called `certificate`.
    pub(super) tls: Option<Layer>,
    /// Options of `strports relay` that the other program has as part of this address.
    pub(super) options: Vec<RelayOption>,
}

/// An option of `strports relay`, which a description cannot contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RelayOption {
    /// The name of the option, such as `--allow`.
    pub(super) name: &'static str,
    /// The value of the option; empty if it takes none.
    pub(super) value: String,
    /// The text in the other program's form that the option was read from, for losses.
    pub(super) from: String,
}

impl Draft {
    pub(super) const fn new(role: Role, transport: Layer) -> Self {
        Self { role, transport, proxy: None, tls: None, options: Vec::new() }
    }

    #[must_use]
    pub(super) fn over_tls(mut self) -> Self {
        self.tls.get_or_insert_with(|| Layer::new("tls"));
        self
    }

    /// Adds a PROXY header of this version; `None` leaves the version open.
    pub(super) fn proxied(&mut self, version: Option<&str>) {
        let proxy = self.proxy.get_or_insert_with(|| Layer::new("haproxy"));
        if let Some(version) = version {
            proxy.set("proxyVersion", version);
        }
    }

    /// Reports a loss if a client for IPv6 only is written in a form without address families.
    /// There it may connect over IPv4.
    pub(super) fn lose_family(&self, losses: &mut Vec<Loss>) {
        let is_name = self.transport.get("host").is_some_and(|host| !host.contains(':'));
        if self.transport.kind == "tcp6" && is_name {
            losses.push(Loss::new("tcp6", "the addresses of a name may be of both families"));
        }
    }

    /// Returns the arguments that are not part of the address, sorted, each with its layer.
    fn options_alone(&self) -> Vec<(&'static str, &'static str, &str)> {
        let below = self.transport.arguments().filter(|(name, _)| !ADDRESS.contains(name));
        let mut all: Vec<_> = below.map(|(name, value)| ("", name, value)).collect();
        for layer in self.tls.iter().chain(&self.proxy) {
            all.push((layer.kind, "", ""));
            all.extend(layer.arguments().map(|(name, value)| (layer.kind, name, value)));
        }
        all.sort_unstable();
        all
    }

    /// Whether another client has the same options, so that both differ only in their addresses.
    pub(super) fn has_options_of(&self, other: &Self) -> bool {
        self.options_alone() == other.options_alone()
    }

    pub(super) fn tls(&mut self) -> &mut Layer {
        self.tls.get_or_insert_with(|| Layer::new("tls"))
    }

    /// Returns an argument of the TLS layer, or of the transport if TLS does not have it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let tls = self.tls.as_ref().filter(|_| is_of_tls(self.role, name));
        tls.unwrap_or(&self.transport).get(name)
    }

    /// Sets the name that the server's certificate must be valid for. It is also the requested name
    /// (SNI), so setting two names is an error.
    pub(super) fn set_name(&mut self, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Err("the name in the certificate is always verified".to_owned());
        }
        let tls = self.tls();
        if let Some(known) = tls.get("host").filter(|known| *known != value) {
            return Err(format!(
                "the requested name and the verified name are the same, which is `{known}`"
            ));
        }
        tls.set("host", value);
        Ok(())
    }

    /// Removes the client authorities of a server that requests no certificates from clients.
    /// `option` would make it request them; the loss says so. `None` if there are no authorities.
    pub(super) fn without_client_authorities(&mut self, option: &str) -> Option<Loss> {
        let file = self.tls.as_mut().and_then(|tls| tls.take("clientCAs"))?;
        let why = format!("it has no effect without {option}");
        Some(Loss::new(file, why))
    }

    /// Sets an argument in the layer that has the parameter. Returns false if no layer has it.
    pub(super) fn set(&mut self, name: &'static str, value: &str) -> bool {
        if self.tls.is_some() && is_of_tls(self.role, name) {
            self.tls().set(name, value);
            return true;
        }
        let kind = Signature::find(self.role, &Text::plain(self.transport.kind));
        let has = kind.is_some_and(|kind| kind.parameter(name).is_some());
        if has {
            self.transport.set(name, value);
        }
        has
    }

    /// Writes the draft as a description in canonical form.
    ///
    /// # Errors
    ///
    /// Returns an error if a value is not valid in a description, such as port 99999.
    pub(super) fn description(&self) -> Result<String, Failure> {
        let text = self.written()?;
        let report = check(&text, self.role);
        if let Some(error) = report.errors().next() {
            return Err(Failure::new(text.clone(), error.message.clone()));
        }
        let canonical = report.canonical().unwrap_or_else(|| text.clone().into_bytes());
        Ok(String::from_utf8_lossy(&canonical).into_owned())
    }

    fn written(&self) -> Result<String, Failure> {
        let mut under = self.transport.text();
        if let Some(proxy) = &self.proxy {
            under = proxy.arguments().fold(format!("haproxy:{under}"), |text, (name, value)| {
                format!("{text}:{name}={}", quoted(value, Place::Value))
            });
        }
        match (&self.tls, self.role) {
            (None, _) => Ok(under),
            (Some(tls), Role::Client) => Ok(self.tls_client(tls, under)),
            (Some(tls), Role::Server) => self.tls_server(tls, under),
        }
    }

    /// Writes a TLS client. TLS directly over TCP has `host` and `port` arguments; over anything
    /// else, the transport is a nested `endpoint`.
    fn tls_client(&self, tls: &Layer, under: String) -> String {
        let host = self.transport.get("host").unwrap_or("localhost");
        let name = tls.get("host").unwrap_or(host);
        let mut layer = Layer::new("tls").with("host", name);
        layer.set("port", self.transport.get("port").unwrap_or("443"));
        let is_direct = self.proxy.is_none() && self.transport.kind == "tcp" && name == host;
        if is_direct {
            for (name, value) in self.transport.arguments() {
                layer.set(name, value);
            }
        }
        for (name, value) in tls.arguments() {
            // Without `trustRoots`, the platform's authorities are used anyway.
            if name != "trustRoots" || !PLATFORM.contains(&value) {
                layer.set(name, value);
            }
        }
        // If only the certificate or only the key is named, that file contains both.
        for (one, other) in [("certificate", "privateKey"), ("privateKey", "certificate")] {
            if let (Some(file), None) = (layer.get(one).map(str::to_owned), layer.get(other)) {
                layer.set(other, file);
            }
        }
        if !is_direct {
            layer.set("endpoint", under);
        }
        layer.text()
    }

    /// Writes a TLS server: the type `ssl` for one certificate, `tls` for a directory of them.
    fn tls_server(&self, tls: &Layer, under: String) -> Result<String, Failure> {
        let mut layer = Layer::new(if tls.get("path").is_some() { "tls" } else { "ssl" });
        for (name, value) in tls.arguments() {
            layer.set(if name == "certificate" { "certKey" } else { name }, value);
        }
        if layer.kind == "ssl" && layer.get("privateKey").is_none() {
            let Some(file) = layer.take("certKey") else {
                return Err(Failure::new(under, "TLS needs a certificate, and none is named"));
            };
            layer.set("privateKey", file);
        }
        if layer.get("certKey") == layer.get("privateKey") {
            layer.take("certKey");
        }
        let mut transport = self.transport.clone();
        match transport.kind {
            "tcp6" if transport.get("interface").is_none() => transport.set("interface", "::"),
            "tcp" if layer.kind == "tls" && transport.get("interface").is_none() => {
                transport.set("interface", "0.0.0.0");
            }
            _ => {}
        }
        let is_tcp = matches!(transport.kind, "tcp" | "tcp6");
        if is_tcp && self.proxy.is_none() && transport.fits(self.role, layer.kind) {
            for (name, value) in transport.arguments() {
                layer.set(name, value);
            }
        } else {
            layer.set("endpoint", under);
        }
        Ok(layer.text())
    }
}

/// Whether a parameter belongs to the TLS layer, and not to the transport.
pub(super) fn is_of_tls(role: Role, name: &str) -> bool {
    let names: &[&str] = match role {
        Role::Client => &["certificate", "privateKey", "trustRoots", "alpn"],
        Role::Server => &[
            "path",
            "certificate",
            "privateKey",
            "extraCertChain",
            "dhParameters",
            "sslmethod",
            "clientCAs",
            "alpn",
        ],
    };
    names.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(role: Role) -> Draft {
        let transport = Layer::new("tcp").with("port", "443");
        Draft::new(role, if role == Role::Client { transport.with("host", "h") } else { transport })
    }

    #[test]
    fn layers_are_written_in_canonical_form() {
        let mut draft = tcp(Role::Server);
        assert!(draft.set("interface", "::1"));
        assert!(!draft.set("certificate", "a.pem"));
        assert_eq!(draft.description().unwrap(), r"tcp:443:interface=\:\:1");

        let mut draft = tcp(Role::Server).over_tls();
        draft.set("certificate", "a.pem");
        assert_eq!(draft.description().unwrap(), "ssl:443:privateKey=a.pem");
        draft.proxied(None);
        assert_eq!(
            draft.description().unwrap(),
            r"ssl:privateKey=a.pem:endpoint=haproxy\:tcp\:443"
        );

        let mut draft = tcp(Role::Client).over_tls();
        draft.set("certificate", "a.pem");
        assert_eq!(draft.description().unwrap(), "tls:h:443:certificate=a.pem:privateKey=a.pem");
        draft.tls().set("host", "other");
        assert_eq!(
            draft.description().unwrap(),
            r"tls:other:443:certificate=a.pem:privateKey=a.pem:endpoint=tcp\:h\:443"
        );
    }

    #[test]
    fn values_outside_the_language_are_refused() {
        let mut draft = tcp(Role::Server);
        draft.transport.set("port", "99999");
        let failure = draft.description().unwrap_err();
        assert!(failure.why.contains("from 0 to 65535"), "{failure}");
        assert!(tcp(Role::Server).over_tls().description().is_err());
    }
}
