//! Checks a description and those nested in it, and reports every error and lint.
//!
//! Errors come from binding, lints from the rules. A lint whose fix removes errors is merged with
//! these errors: an IPv6 address that its colons split causes several errors, for example. The
//! result is one error at the place of the lint, with the lint's explanation and fix. Other errors,
//! which the split had hidden, are reported too.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::autofix::Autofix;
use crate::bind_role::{Endpoint, MOST_FINDINGS};
use crate::diagnostic::apply;
use crate::explain::{Explained, explain};
use crate::find::find;
use crate::lint;
use crate::signature::Releases;
use crate::{
    ClientEndpoint, Code, Description, Diagnostic, Fix, Parameters, Role, ServerEndpoint, Severity,
    Span, Types, Value, canonical_bytes,
};

/// The maximum length in bytes of a text whose fixes [`Report::read_by`] checks. Longer texts were
/// not written by hand.
const LONGEST_READ: usize = 64 * 1024;

/// The result of checking a text as a server or client description: its findings and the endpoint.
///
/// ```
/// use strports_syntax::{Role, check};
/// let report = check("TCP:example.com:080", Role::Client);
/// assert!(report.is_ok());
/// assert_eq!(report.client().unwrap().to_string(), "tcp:example.com:80");
/// assert_eq!(report.canonical().as_deref(), Some(&b"tcp:example.com:80"[..]));
/// assert_eq!(report.portable(), Some(true)); // Twisted reads it too
///
/// let report = check("tcp:http:backlog=x", Role::Server);
/// assert!(report.endpoint().is_none());
/// let messages: Vec<_> = report.errors().map(|error| error.message.as_str()).collect();
/// assert_eq!(messages, [
///     "expected an integer for `port`, but found `http`",
///     "expected an integer for `backlog`, but found `x`",
/// ]);
/// ```
#[derive(Clone, Debug)]
pub struct Report<'a> {
    types: Types<'a>,
    text: &'a [u8],
    role: Role,
    endpoint: Option<Endpoint<'a>>,
    diagnostics: Vec<Diagnostic>,
    more: usize,
    /// Whether Twisted without extensions and plugins accepts the text, if it has no errors.
    portable: bool,
    /// The number of errors that remain after all safe fixes; [`corrected`](Self::corrected) needs
    /// 0.
    unfixed: usize,
}

/// Checks `text` in the given role and reports every error and lint, ordered by place.
///
/// ```
/// use strports_syntax::{Code, Role, Span, check};
/// let report = check("tls:h:443:trustroots=/x:timeout=0", Role::Client);
/// let found: Vec<_> = report.diagnostics().iter().map(|d| (d.code, d.span)).collect();
/// assert_eq!(found, [
///     (Code::UnexpectedKeyword, Span::new(10, 20)),
///     (Code::OutOfRange, Span::new(32, 33)),
/// ]);
/// assert_eq!(report.diagnostics()[0].fix.as_ref().unwrap().replacement, b"trustRoots");
/// ```
pub fn check<T: AsRef<[u8]> + ?Sized>(text: &T, role: Role) -> Report<'_> {
    check_with(Types::BUILTIN, text.as_ref(), role)
}

pub(crate) fn check_with<'a>(types: Types<'a>, text: &'a [u8], role: Role) -> Report<'a> {
    let (endpoint, found) = find(types, text, role);
    let before = found.errors.kinds();
    let Explained { errors: mut diagnostics, mut lints, mut more } =
        explain(types, text, role, found);
    silence(&mut lints, &diagnostics);
    let portable = !lints.iter().any(|it| is_foreign(it.code));
    // Errors precede lints, so truncation leaves out lints first.
    lints.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    lints.dedup();
    diagnostics.append(&mut lints);
    more += diagnostics.len().saturating_sub(MOST_FINDINGS);
    diagnostics.truncate(MOST_FINDINGS);
    let mut autofix = Autofix::new(types, role);
    let unfixed = autofix.prove_together(text, &before, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    let mut report = Report { types, text, role, endpoint, diagnostics, more, portable, unfixed };
    // A description that already uses an extension is not meant for Twisted, so help may name
    // others.
    if !portable {
        report.advise_extensions();
    }
    report
}

/// Drops lints that overlap or adjoin an error, or a lint that explains errors.
///
/// Such a lint is probably a consequence of the same mistake.
fn silence(lints: &mut Vec<Diagnostic>, errors: &[Diagnostic]) {
    let explains = |lint: &&Diagnostic| lint::fixes_errors(lint.code);
    let explained = lints.iter().filter(explains).map(|lint| lint.span).collect::<Vec<_>>();
    lints.retain(|lint| {
        let keeps = explains(&lint) || is_foreign(lint.code);
        // A missing argument has no text, so no lint can overlap it.
        let apart = |error: &Diagnostic| keeps && error.code == Code::MissingArgument;
        let mut errors = errors.iter().filter(|error| !apart(error));
        let beside = |spans: &[Span]| spans.iter().any(|span| span.touches(lint.span));
        !errors.any(|error| error.span.touches(lint.span)) && (keeps || !beside(&explained))
    });
}

/// Whether the lint says that Twisted without extensions or plugins rejects the description.
fn is_foreign(code: Code) -> bool {
    matches!(code, Code::NotInTwisted | Code::NeedsPlugin)
}

/// Checks `text` in both roles, and returns the report of the role that fits.
///
/// A role fits if the text has no errors in it; the second value is whether both roles fit. If they
/// do, an address, `localhost` or a name with a dot at the start makes the description one of a
/// client. If neither role fits, the report with fewer errors after safe fixes is returned, then
/// the one with fewer errors.
///
/// ```
/// use strports_syntax::{Role, check_either};
/// assert_eq!(check_either("tcp:h:80").0.role(), Role::Client);
/// assert!(matches!(check_either("unix:/x"), (report, true) if report.role() == Role::Server));
/// assert!(matches!(check_either("tls:h.org:443"), (it, true) if it.role() == Role::Client));
/// ```
pub fn check_either<T: AsRef<[u8]> + ?Sized>(text: &T) -> (Report<'_>, bool) {
    check_either_with(Types::BUILTIN, text.as_ref())
}

pub(crate) fn check_either_with<'a>(types: Types<'a>, text: &'a [u8]) -> (Report<'a>, bool) {
    let server = check_with(types, text, Role::Server);
    let client = check_with(types, text, Role::Client);
    match (server.is_ok(), client.is_ok()) {
        (true, true) if looks_like_client(&client) => (client, true),
        (true, both) => (server, both),
        (false, true) => (client, false),
        (false, false) => {
            let rank = |report: &Report<'_>| (report.unfixed, report.errors().count());
            if rank(&client) < rank(&server) { (client, false) } else { (server, false) }
        }
    }
}

/// Whether a description that fits both roles looks like a client's: it begins with an address,
/// `localhost` or a name with a dot.
fn looks_like_client(client: &Report<'_>) -> bool {
    let Some(Value::Text(host)) = client.endpoint().map(|it| it.value("host")) else {
        return false;
    };
    let host = host.to_str_lossy();
    let is_file = FILES.iter().any(|end| host.ends_with(end));
    let is_name = host.contains('.') && !host.contains('/') && !is_file;
    host == "localhost" || host.parse::<IpAddr>().is_ok() || is_name
}

/// The suffixes of certificate and key files. No host name ends in them, so a server's path such as
/// `a.pem` is not a client's host.
const FILES: &[&str] = &[".pem", ".crt", ".cer", ".key"];

impl<'t> Types<'t> {
    /// Checks `text` as [`check`](crate::check()) does, but with these types as the known ones.
    ///
    /// # Examples
    ///
    /// ```
    /// use strports_syntax::{Role, Signature, Types};
    ///
    /// static ECHO: Signature = Signature::plugin(Role::Server, "echo", "echoes each byte", &[]);
    /// let plugins = [&ECHO];
    /// let types = Types::with(&plugins)?;
    /// assert!(types.check("echo", Role::Server).is_ok());
    /// assert!(!Types::BUILTIN.check("echo", Role::Server).is_ok());
    /// # Ok::<(), strports_syntax::SignatureError>(())
    /// ```
    pub fn check<'a, T>(&self, text: &'a T, role: Role) -> Report<'a>
    where
        T: AsRef<[u8]> + ?Sized,
        't: 'a,
    {
        check_with(*self, text.as_ref(), role)
    }

    /// Checks `text` in both roles as [`check_either`](crate::check_either) does, with these types.
    pub fn check_either<'a, T>(&self, text: &'a T) -> (Report<'a>, bool)
    where
        T: AsRef<[u8]> + ?Sized,
        't: 'a,
    {
        check_either_with(*self, text.as_ref())
    }
}

impl<'a> Report<'a> {
    /// The types that were known to the check, including those of plugins.
    pub const fn types(&self) -> Types<'a> {
        self.types
    }

    /// The text that was checked.
    pub const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The role that the text was checked for.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The type and the arguments as written; `None` if the text has no type.
    ///
    /// A description with other errors is returned too.
    pub fn description(&self) -> Option<Description<'a>> {
        Description::recover(self.text).0
    }

    /// The typed endpoint in either role; `None` if there are errors.
    pub fn endpoint(&self) -> Option<&dyn Parameters> {
        self.endpoint.as_ref().map(Endpoint::parameters)
    }

    /// The server endpoint; `None` if there are errors, or in the role of a client.
    ///
    /// # Examples
    ///
    /// ```
    /// use strports_syntax::{Role, ServerEndpoint, check};
    ///
    /// let report = check("tcp:8080", Role::Server);
    /// let Some(ServerEndpoint::Tcp(tcp)) = report.server() else { unreachable!() };
    /// assert_eq!(tcp.port.value(), 8080);
    /// assert!(check("tcp:http", Role::Server).server().is_none());
    /// ```
    pub const fn server(&self) -> Option<&ServerEndpoint<'a>> {
        match &self.endpoint {
            Some(Endpoint::Server(endpoint)) => Some(endpoint),
            _ => None,
        }
    }

    /// The client endpoint; `None` if there are errors, or in the role of a server.
    pub const fn client(&self) -> Option<&ClientEndpoint<'a>> {
        match &self.endpoint {
            Some(Endpoint::Client(endpoint)) => Some(endpoint),
            _ => None,
        }
    }

    /// Whether the description has no error; it may have lints.
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// assert!(check("tcp:8080", Role::Server).is_ok());
    /// assert!(!check("tcp:http", Role::Server).is_ok());
    /// // A lint is no error.
    /// assert!(check("tcp:80:backlog=5:backlog=50", Role::Server).is_ok());
    /// ```
    pub const fn is_ok(&self) -> bool {
        self.endpoint.is_some()
    }

    /// Errors and lints ordered by place; at most [`MOST_FINDINGS`].
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// let report = check("TCP:example.com:80", Role::Client);
    /// for finding in report.diagnostics() {
    ///     println!("{}: {}", finding.severity(), finding.message);
    /// }
    /// assert_eq!(report.diagnostics()[0].code.slug(), "type-case");
    /// ```
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Adds findings of other checks, such as checks of files, and sorts all by place.
    ///
    /// Findings beyond [`MOST_FINDINGS`] are only counted.
    ///
    /// ```
    /// use strports_syntax::{Code, Diagnostic, Role, Span, check};
    /// let mut report = check("tcp:80:backlog=+5:interface=a", Role::Server);
    /// let message = "there is no `a`".to_owned();
    /// let missing = Diagnostic::lint(Code::MissingFile, Span::new(18, 29), message);
    /// report.add([missing]);
    /// let codes: Vec<_> = report.diagnostics().iter().map(|it| it.code).collect();
    /// assert_eq!(codes, [Code::NoncanonicalInteger, Code::MissingFile]);
    /// ```
    pub fn add(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(found);
        self.more += self.diagnostics.len().saturating_sub(MOST_FINDINGS);
        self.diagnostics.truncate(MOST_FINDINGS);
        self.diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    }

    /// Adds findings about types and parameters that these releases of Twisted reject, and removes
    /// advice to use such features.
    ///
    /// A fix stays if every release can read the text that it adds.
    ///
    /// ```
    /// use strports_syntax::signature::Releases;
    /// use strports_syntax::{Role, check};
    /// let mut report = check("tcp:80:reuseport=1", Role::Server);
    /// assert_eq!(report.fixes().count(), 1);
    /// report.read_by(Releases::NEWEST); // which has no `reusePort`
    /// assert_eq!(report.fixes().count(), 0);
    /// ```
    pub fn read_by(&mut self, releases: Releases) {
        let (types, text, role) = (self.types, self.text, self.role);
        let foreign = |text: &[u8]| {
            let (_, found) = find(types, text, role);
            let extensions = found.lints.into_iter().filter(|it| is_foreign(it.code));
            let refused = types.unsupported(text, role, releases);
            let messages = extensions.chain(refused).map(|it| it.message);
            messages.collect::<BTreeSet<String>>()
        };
        if self.fixes().next().is_some() && text.len() <= LONGEST_READ {
            let reported = self.diagnostics.iter().filter(|it| is_foreign(it.code));
            let reported: Vec<String> = reported.map(|it| it.message.clone()).collect();
            // Replacing a misspelled name reveals that these releases lack the right one. That
            // finding is reported anyway, so it is no reason to drop the fix.
            let is_reported = |message: &String| {
                let refused = || types.unsupported(text, role, releases);
                reported.contains(message) || refused().iter().any(|it| it.message == *message)
            };
            for diagnostic in &mut self.diagnostics {
                let Some(fix) = &diagnostic.fix else { continue };
                let after = foreign(&apply(text, [fix]));
                let is_name =
                    matches!(diagnostic.code, Code::UnexpectedKeyword | Code::UnknownType);
                let is_readable = after.is_empty()
                    || if is_name {
                        after.iter().all(is_reported)
                    } else {
                        after.is_subset(&foreign(text))
                    };
                if !is_readable {
                    diagnostic.fix = None;
                    diagnostic.help = diagnostic.help.take().filter(|_| !is_name);
                    self.unfixed += usize::from(diagnostic.severity() == Severity::Error);
                }
            }
        }
        self.add(types.unsupported(text, role, releases));
    }

    /// Replaces the help of findings by the help for programs that support the extensions.
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// let mut report = check("haproxy:tcp:80", Role::Server);
    /// report.advise_extensions();
    /// let help = report.diagnostics()[0].help.as_deref();
    /// assert_eq!(help, Some("add `proxyTrusted=NETWORK`, which Twisted does not read"));
    /// ```
    pub fn advise_extensions(&mut self) {
        for diagnostic in &mut self.diagnostics {
            let help = diagnostic.help_with_extensions.take();
            diagnostic.help = help.or(diagnostic.help.take());
        }
    }

    /// Iterates over the findings that are errors, not lints.
    ///
    /// ```
    /// use strports_syntax::{Code, Role, check};
    /// let report = check("tcp:http:backlog=x", Role::Server);
    /// let codes: Vec<_> = report.errors().map(|error| error.code).collect();
    /// assert_eq!(codes, [Code::NotAnInteger, Code::NotAnInteger]);
    /// ```
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// How many findings were left out because there are more than [`MOST_FINDINGS`].
    pub const fn more(&self) -> usize {
        self.more
    }

    /// Whether Twisted without extensions and plugins accepts the description too.
    ///
    /// Returns `None` if there are errors.
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// let portable = |text| check(text, Role::Server).portable();
    /// assert_eq!(portable("tcp:80"), Some(true));
    /// assert_eq!(portable("tcp:80:reusePort=1"), Some(false));
    /// assert_eq!(portable("tcp:http"), None);
    /// ```
    pub fn portable(&self) -> Option<bool> {
        self.is_ok().then_some(self.portable)
    }

    /// The canonical form: the shortest description with the same meaning. `None` if there are
    /// errors.
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// let report = check("port=8080:tcp:backlog=50", Role::Server);
    /// assert_eq!(report.canonical().as_deref(), Some(&b"tcp:8080"[..]));
    /// ```
    pub fn canonical(&self) -> Option<Vec<u8>> {
        self.endpoint().map(canonical_bytes)
    }

    /// The text with its safe fixes applied; `None` if there are none, or if errors remain.
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// let report = check(r"ssl:443:privateKey=C:\key.pem", Role::Server);
    /// assert_eq!(report.corrected().as_deref(), Some(&br"ssl:443:privateKey=C\:\\key.pem"[..]));
    /// ```
    pub fn corrected(&self) -> Option<Vec<u8>> {
        let fixes: Vec<&Fix> = self.fixes().filter(|fix| fix.safe).collect();
        (self.unfixed == 0 && !fixes.is_empty()).then(|| apply(self.text, fixes))
    }

    /// Iterates over the safe fixes and the suggestions, in the order of the findings.
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// let report = check("tcp:8080:interface=::1", Role::Server);
    /// let fix = report.fixes().next().unwrap();
    /// assert_eq!(fix.replacement, br"\:\:1");
    /// assert!(fix.safe);
    /// ```
    pub fn fixes(&self) -> impl Iterator<Item = &Fix> {
        self.diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref())
    }
}
