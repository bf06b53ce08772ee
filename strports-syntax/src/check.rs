//! Everything at once: one description, and all that is to say of it.
//!
//! Errors come from binding, lints from the rules. Where a lint's fix mends errors (an IPv6
//! address whose colons split it makes several), the two are one finding: an error at the lint's
//! place, with its explanation and its fix.

use alloc::vec::Vec;

use crate::diagnostic::apply;
use crate::lint;
use crate::mend::Bench;
use crate::trial::{Endpoint, Errors, bind};
use crate::{
    ClientEndpoint, Code, Description, Diagnostic, Error, ErrorKind, Fix, Level, Parameters, Role,
    ServerEndpoint, Severity, Sink, Span, Types, canonical_bytes,
};

/// At most this many findings are reported; the others are counted.
///
/// ```
/// use strports_syntax::{MOST_FINDINGS, Role, check};
/// let text = "tcp:80".to_owned() + &":x=1".repeat(MOST_FINDINGS + 7);
/// let report = check(&text, Role::Server);
/// assert_eq!((report.diagnostics().len(), report.more()), (MOST_FINDINGS, 7));
/// ```
pub const MOST_FINDINGS: usize = 100;

/// What there is to say of one description in one role.
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
#[derive(Debug)]
pub struct Report<'a> {
    text: &'a [u8],
    role: Role,
    endpoint: Option<Endpoint<'a>>,
    diagnostics: Vec<Diagnostic>,
    more: usize,
    portable: bool,
    /// How many errors its safe fixes leave.
    unmended: usize,
}

/// Reads `text` for `role` and reports every mistake and everything that is odd, in order.
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

pub(crate) fn check_with<'a>(types: Types<'_>, text: &'a [u8], role: Role) -> Report<'a> {
    let Found { endpoint, errors: Errors { kept: errors, mut more }, mut lints } =
        find(types, text, role);
    let mut bench = Bench::new(types, text, role, &errors);
    let mut diagnostics = bench.mend_by_lints(&mut lints);
    let left = errors.iter().filter(|error| bench.is_left(error.kind()));
    let mut left: Vec<Diagnostic> = left.copied().map(with_fix).collect();
    for error in &mut left {
        bench.prove(error);
    }
    diagnostics.append(&mut left);
    if errors.is_empty() {
        for lint in &mut lints {
            bench.prove_harmless(lint);
        }
    }
    silence(&mut lints, &errors, &diagnostics);
    let portable = !lints.iter().any(|it| it.code == Code::NotInTwisted);
    // Where there are too many, it is lints that give way.
    lints.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    lints.dedup();
    diagnostics.append(&mut lints);
    more += diagnostics.len().saturating_sub(MOST_FINDINGS);
    diagnostics.truncate(MOST_FINDINGS);
    let unmended = bench.prove_together(&mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    Report { text, role, endpoint, diagnostics, more, portable, unmended }
}

/// One mistake, one finding: lints keep silent where there is an error, and where another lint
/// says what was meant.
fn silence(lints: &mut Vec<Diagnostic>, errors: &[Error], reported: &[Diagnostic]) {
    let explains = |lint: &&Diagnostic| lint::mends(lint.code);
    let explained = lints.iter().filter(explains).map(|lint| lint.span).collect::<Vec<_>>();
    let errors: Vec<Span> =
        errors.iter().map(Error::span).chain(reported.iter().map(|it| it.span)).collect();
    lints.retain(|lint| {
        let touched = |spans: &[Span]| spans.iter().any(|span| span.touches(lint.span));
        let keeps = explains(&lint) || lint.code == Code::NotInTwisted;
        !touched(&errors) && (keeps || !touched(&explained))
    });
}

/// Reads `text` in either role: the one without errors counts, and of two such the server.
///
/// The second value says whether both fit. Where neither does, the one counts that its safe fixes
/// leave with fewer errors, then the one with fewer errors.
///
/// ```
/// use strports_syntax::{Role, check_either};
/// assert_eq!(check_either("tcp:h:80").0.role(), Role::Client);
/// assert!(matches!(check_either("unix:/x"), (report, true) if report.role() == Role::Server));
/// ```
pub fn check_either<T: AsRef<[u8]> + ?Sized>(text: &T) -> (Report<'_>, bool) {
    check_either_with(Types::BUILTIN, text.as_ref())
}

pub(crate) fn check_either_with<'a>(types: Types<'_>, text: &'a [u8]) -> (Report<'a>, bool) {
    let server = check_with(types, text, Role::Server);
    let client = check_with(types, text, Role::Client);
    match (server.is_ok(), client.is_ok()) {
        (true, both) => (server, both),
        (false, true) => (client, false),
        (false, false) => {
            let rank = |report: &Report<'_>| (report.unmended, report.errors().count());
            if rank(&client) < rank(&server) { (client, false) } else { (server, false) }
        }
    }
}

impl<'a> Report<'a> {
    /// The text that was read.
    pub const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The role it was read for.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Its type and arguments, as far as they can be read.
    pub fn description(&self) -> Option<Description<'a>> {
        Description::recover(self.text).0
    }

    /// What it means; `None` where there are errors.
    pub fn endpoint(&self) -> Option<&dyn Parameters> {
        self.endpoint.as_ref().map(Endpoint::parameters)
    }

    /// What it means as a server.
    pub const fn server(&self) -> Option<&ServerEndpoint<'a>> {
        match &self.endpoint {
            Some(Endpoint::Server(endpoint)) => Some(endpoint),
            _ => None,
        }
    }

    /// What it means as a client.
    pub const fn client(&self) -> Option<&ClientEndpoint<'a>> {
        match &self.endpoint {
            Some(Endpoint::Client(endpoint)) => Some(endpoint),
            _ => None,
        }
    }

    /// Whether there is no error.
    pub const fn is_ok(&self) -> bool {
        self.endpoint.is_some()
    }

    /// Errors and lints in the order of their places; at most [`MOST_FINDINGS`].
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Adds what was found by looking at more than the text, in the order of the places.
    ///
    /// Beyond [`MOST_FINDINGS`] it is counted, as everything else.
    ///
    /// ```
    /// use strports_syntax::{Code, Diagnostic, Role, Span, check};
    /// let mut report = check("tcp:80:backlog=+5:interface=a", Role::Server);
    /// let missing = Diagnostic::lint(Code::MissingFile, Span::new(18, 29), "there is no `a`".into());
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

    /// The errors among them.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// How many further findings there are.
    pub const fn more(&self) -> usize {
        self.more
    }

    /// Whether Twisted accepts it too; `None` where there are errors.
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

    /// Its canonical form; `None` where there are errors.
    pub fn canonical(&self) -> Option<Vec<u8>> {
        self.endpoint().map(canonical_bytes)
    }

    /// The text with its safe fixes applied; `None` where there is none, or errors are left.
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// let report = check(r"ssl:443:privateKey=C:\key.pem", Role::Server);
    /// assert_eq!(report.corrected().as_deref(), Some(&br"ssl:443:privateKey=C\:\\key.pem"[..]));
    /// ```
    pub fn corrected(&self) -> Option<Vec<u8>> {
        let fixes: Vec<&Fix> = self.fixes().filter(|fix| fix.safe).collect();
        (self.unmended == 0 && !fixes.is_empty()).then(|| apply(self.text, fixes))
    }

    /// What to write instead, in the order of the findings.
    pub fn fixes(&self) -> impl Iterator<Item = &Fix> {
        self.diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref())
    }
}

/// What binding and the rules find.
struct Found<'a> {
    endpoint: Option<Endpoint<'a>>,
    errors: Errors,
    lints: Vec<Diagnostic>,
}

/// Hears of errors, and runs the rules on each level.
#[derive(Default)]
struct Listener {
    errors: Errors,
    lints: Vec<Diagnostic>,
}

impl Sink for Listener {
    fn error(&mut self, error: Error) {
        self.errors.error(error);
    }

    fn level(&mut self, level: &Level<'_, '_>) {
        lint::run(level, &mut self.lints);
    }
}

fn find<'a>(types: Types<'_>, text: &'a [u8], role: Role) -> Found<'a> {
    let mut listener = Listener::default();
    let endpoint = bind(types, text, role, &mut listener);
    Found { endpoint, errors: listener.errors, lints: listener.lints }
}

/// An error with what to write instead, where it says so itself.
fn with_fix(error: Error) -> Diagnostic {
    let fix = match (error.kind(), error.kind().suggestion()) {
        (ErrorKind::TrailingBackslash, _) => Some(Fix::safe(error.span(), "")),
        // The same letters in another case are certain.
        (kind, Some(word)) => {
            let same = kind.found().is_some_and(|found| found.as_str().eq_ignore_ascii_case(word));
            Some(Fix { safe: same, ..Fix::safe(error.span(), word) })
        }
        _ => None,
    };
    Diagnostic { fix, ..error.into() }
}
