//! The codes of all errors and lints: their stable names, severities and summaries.

use core::fmt;

/// How severe a finding is: only an error makes a description invalid.
///
/// ```
/// use strports_syntax::Severity;
/// assert!(Severity::Info < Severity::Warning && Severity::Warning < Severity::Error);
/// assert_eq!(Severity::Warning.to_string(), "warning");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The description is valid; the finding is about style or portability.
    Info,
    /// The description is valid, but probably contains a mistake.
    Warning,
    /// The text is not a valid description, so it has no endpoint.
    Error,
}

impl Severity {
    /// The name of the severity: `error`, `warning` or `info`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! codes {
    ($($variant:ident $slug:literal $severity:ident $summary:literal;)*) => {
        /// An error or a lint, identified by a stable name.
        ///
        /// ```
        /// use strports_syntax::{Code, Severity};
        /// let code = Code::from_slug("unescaped-ipv6").unwrap();
        /// assert_eq!((code, code.severity()), (Code::UnescapedIpv6, Severity::Warning));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $slug, "`: ", $summary, ".")] $variant,)*
        }

        impl Code {
            /// Every code: those of errors first, then those of lints.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name that tools show and configurations use, such as `out-of-range`.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// The severity that every finding with this code has.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What a finding with this code means, in one clause.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }
        }
    };
}

codes! {
    EmptyDescription "empty-description" Error "there is no type";
    TrailingBackslash "trailing-backslash" Error "a backslash at the very end escapes nothing";
    UnknownType "unknown-type" Error "no such type for this role";
    MissingArgument "missing-argument" Error "a required argument is absent";
    UnexpectedKeyword "unexpected-keyword" Error "the type has no such parameter";
    TooManyArguments "too-many-arguments" Error "more positional arguments than the type takes";
    MultipleValues "multiple-values" Error "one parameter given by position and by name";
    NotAnInteger "not-an-integer" Error "Python's int() would refuse it";
    NotAsciiDigit "not-ascii-digit" Error "digits of another script";
    OutOfRange "out-of-range" Error "a value that can never work";
    UnknownDomain "unknown-domain" Error "a socket domain that cannot be adopted";
    IndexAndName "index-and-name" Error "systemd takes exactly one of index and name";
    ConflictingArguments "conflicting-arguments" Error
        "arguments that a plugin refuses together, or one that requires another";
    UnknownTlsMethod "unknown-tls-method" Error "an sslmethod that is not a method for servers";
    ObsoleteTlsMethod "obsolete-tls-method" Error "an sslmethod older than TLS 1.2";
    BadHost "bad-host" Error "neither a host name nor an address";
    NestedTooDeep "nested-too-deep" Error "too many descriptions inside one another";

    DuplicateKeyword "duplicate-keyword" Warning "a keyword given twice, of which the last wins";
    ShadowedKeyword "shadowed-keyword" Warning "a keyword that a positional argument overwrites";
    IgnoredArgument "ignored-argument" Warning "an argument without effect";
    EmptyArgument "empty-argument" Warning "an argument that is empty rather than absent";
    UnescapedIpv6 "unescaped-ipv6" Warning "an IPv6 address whose colons split it";
    LooksLikeUrl "looks-like-url" Warning "a URL where a description is expected";
    WindowsPath "windows-path" Warning "a Windows path whose colon or backslashes are not escaped";
    UnescapedEndpoint "unescaped-endpoint" Warning "an inner description whose colons split it";
    UnescapedEquals "unescaped-equals" Warning
        "an = that turns a positional argument into a keyword";
    InterfaceFamily "interface-family" Warning "an interface of the other address family";
    PortZeroClient "port-zero-client" Warning "connecting to port 0";
    LegacyBarePort "legacy-bare-port" Warning "a port without its type";
    PositionalLooksLikeKeyword "positional-looks-like-keyword" Warning
        "a keyword with : instead of =";
    ProxyInsideTls "proxy-inside-tls" Warning "a PROXY header expected inside TLS";
    SurplusPositional "surplus-positional" Warning "positional arguments that a client ignores";
    PrivateKeyIgnored "private-key-ignored" Warning "a private key without its certificate";
    UnverifiedHostname "unverified-hostname" Warning "Twisted would verify nothing here";
    WorldWritableSocket "world-writable-socket" Warning "a socket that every user may write to";
    LegacySslClient "legacy-ssl-client" Info "the older of two TLS clients";
    DhParametersIgnored "dh-parameters-ignored" Warning "Diffie-Hellman parameters without effect";
    HaproxyTrustsEveryone "haproxy-trusts-everyone" Warning "a PROXY header accepted from every sender";
    NotInTwisted "not-in-twisted" Info "an extension that Twisted does not read";
    NeedsPlugin "needs-plugin" Info "a type of a plugin for Twisted";
    TypeNotFirst "type-not-first" Info "arguments before the type";
    NoncanonicalInteger "noncanonical-integer" Info "an integer in an unusual spelling";
    NeedlessEscape "needless-escape" Info "a backslash before a plain character";
    TypeCase "type-case" Info "a type that is not in lower case";

    MissingFile "missing-file" Warning "a file or directory that does not exist";
    UnusableFile "unusable-file" Warning "a file that exists, but cannot be used";
    UnreadableFile "unreadable-file" Info "a file that the current user may not read";
    KeyReadableByOthers "key-readable-by-others" Warning "a private key that every user may read";
    CertificateExpired "certificate-expired" Warning
        "a certificate that is not valid, or not for long";
    KeyDoesNotMatchCertificate "key-does-not-match-certificate" Warning
        "a private key of another certificate";
    CertificateNameMismatch "certificate-name-mismatch" Warning
        "a certificate that is not for the requested name";
}

impl Code {
    /// Finds the code whose [`slug`](Self::slug) this is; `None` if there is none.
    ///
    /// ```
    /// use strports_syntax::Code;
    /// assert_eq!(Code::from_slug("bad-host"), Some(Code::BadHost));
    /// assert_eq!(Code::from_slug("bad host"), None);
    /// assert!(Code::ALL.iter().all(|code| Code::from_slug(code.slug()) == Some(*code)));
    /// ```
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.slug() == slug)
    }

    /// Whether the check for this code examines the machine, for example its files.
    ///
    /// ```
    /// use strports_syntax::Code;
    /// assert!(Code::MissingFile.needs_machine() && !Code::UnescapedIpv6.needs_machine());
    /// ```
    pub const fn needs_machine(self) -> bool {
        matches!(
            self,
            Self::MissingFile
                | Self::UnusableFile
                | Self::UnreadableFile
                | Self::KeyReadableByOthers
                | Self::CertificateExpired
                | Self::KeyDoesNotMatchCertificate
                | Self::CertificateNameMismatch
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}
