//! Types for parameters that take one of a fixed set of words.

use super::from_text::FromText;
use super::integer::{Radix, integer, is_space};
use super::number::in_range;
use crate::signature::{Parameter, Words};
use crate::similar::most_similar;
use crate::{ErrorKind, Excerpt, Text};

/// Creates the error for an unknown word from the text, the most similar word if any, and the
/// parameter's name.
type Unknown = fn(Excerpt, Option<&'static str>, &'static str) -> ErrorKind;

macro_rules! words {
    (
        $(#[$doc:meta])*
        $Type:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }
        else $unknown:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $Type { $($(#[$variant_doc])* $variant),* }

        impl $Type {
            /// All values, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The words for all values, as they are written in descriptions.
            pub const WORDS: &'static Words = &Words::new(&[$($word),*]);

            /// The word for this value, as it is written in descriptions.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl FromText<'_> for $Type {
            fn from_text(
                text: &Text<'_>,
                parameter: &'static Parameter,
            ) -> Result<Self, ErrorKind> {
                let words = Self::ALL.iter().copied();
                words.clone().find(|word| *text == word.as_str()).ok_or_else(|| {
                    let suggestion = most_similar(text, words.map(Self::as_str));
                    let unknown: Unknown = $unknown;
                    unknown(Excerpt::new(text), suggestion, parameter.name)
                })
            }
        }

        impl core::fmt::Display for $Type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// The address family of an inherited socket, as Python's `socket.AF_…` without the prefix.
    ///
    /// ```
    /// use strports_syntax::value::Domain;
    /// let names = Domain::ALL.iter().map(|it| it.as_str());
    /// assert!(names.eq(["INET", "INET6", "UNIX"]));
    /// ```
    Domain {
        /// An IPv4 socket (`AF_INET`).
        Inet = "INET",
        /// An IPv6 socket (`AF_INET6`).
        Inet6 = "INET6",
        /// A UNIX domain socket (`AF_UNIX`).
        Unix = "UNIX",
    } else |found, suggestion, _| ErrorKind::UnknownDomain { found, suggestion }
}

words! {
    /// The TLS versions that a server accepts, by the name of OpenSSL's method.
    ///
    /// ```
    /// use strports_syntax::{SslServer, value::TlsMethod};
    /// let endpoint = SslServer::new(443).ssl_method(TlsMethod::Tls13);
    /// assert_eq!(endpoint.to_string(), "ssl:443:sslmethod=TLSv1_3_METHOD");
    /// ```
    TlsMethod {
        /// TLS 1.2 and 1.3.
        Tls = "TLS_METHOD",
        /// TLS 1.2 and 1.3, by Twisted's name for servers.
        TlsServer = "TLS_SERVER_METHOD",
        /// TLS 1.2 and 1.3, by an old name of OpenSSL that does not mean SSL 2 or 3.
        Ssl23 = "SSLv23_METHOD",
        /// Only TLS 1.2.
        Tls12 = "TLSv1_2_METHOD",
        /// Only TLS 1.3; an extension to Twisted.
        Tls13 = "TLSv1_3_METHOD",
    } else |found, suggestion, _| {
        if OBSOLETE.contains(&found.as_str()) {
            ErrorKind::ObsoleteTlsMethod { found }
        } else {
            ErrorKind::UnknownTlsMethod { found, suggestion }
        }
    }
}

/// TLS methods whose protocol versions RFC 8996 and RFC 7568 forbid; they are an error.
const OBSOLETE: [&str; 4] = ["SSLv2_METHOD", "SSLv3_METHOD", "TLSv1_METHOD", "TLSv1_1_METHOD"];

words! {
    /// What becomes of the standard error of a child process.
    ///
    /// ```
    /// use strports_syntax::{ProcessClient, value::StandardError};
    /// let program = ProcessClient::new("/bin/x");
    /// let endpoint = program.stderr(StandardError::Drop);
    /// assert_eq!(endpoint.to_string(), "process:/bin/x:stderr=drop");
    /// ```
    StandardError {
        /// The output is written to the log.
        Log = "log",
        /// The output is discarded.
        Drop = "drop",
        /// The child writes to the standard error of this process.
        Inherit = "inherit",
    } else |found, suggestion, parameter| {
        let expected = StandardError::WORDS;
        ErrorKind::UnknownWord { parameter, found, expected, suggestion }
    }
}

words! {
    /// A TLV (typed extra field) of a PROXY protocol header of version 2.
    ///
    /// ```
    /// use strports_syntax::value::ProxyTlv;
    /// assert_eq!(ProxyTlv::UniqueId.as_str(), "unique-id");
    /// ```
    ProxyTlv {
        /// The host name that the client requested (SNI).
        Authority = "authority",
        /// The negotiated application protocol (ALPN).
        Alpn = "alpn",
        /// The TLS version and cipher, and the client's certificate.
        Ssl = "ssl",
        /// A unique id of the connection: the id in the header that was received, or else a new
        /// one.
        UniqueId = "unique-id",
        /// All TLVs of the header that was received with the connection being forwarded.
        Forward = "forward",
    } else |found, suggestion, parameter| {
        ErrorKind::UnknownWord { parameter, found, expected: ProxyTlv::WORDS, suggestion }
    }
}

/// A version of the PROXY protocol, which has a text and a binary header.
///
/// ```
/// use strports_syntax::value::ProxyVersion;
/// assert_eq!([ProxyVersion::V1, ProxyVersion::V2].map(ProxyVersion::number), [1, 2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProxyVersion {
    /// Version 1: a header of one line of text, with addresses only.
    V1,
    /// Version 2: a binary header, which can also carry TLVs.
    V2,
}

impl ProxyVersion {
    /// The version as a number: 1 or 2.
    pub const fn number(self) -> u8 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }
}

impl FromText<'_> for ProxyVersion {
    fn from_text(text: &Text<'_>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        let version = in_range(text, parameter, Radix::Decimal)?;
        Ok(if version == 1 { Self::V1 } else { Self::V2 })
    }
}

impl Words {
    /// Finds the word that equals `text`, by this set's rules for case and white space.
    ///
    /// Returns `None` if no word does.
    pub fn find(&self, text: &Text<'_>) -> Option<&'static str> {
        if self.integers {
            let value = integer(text, Radix::Decimal).ok()?.value()?;
            return self.values.iter().copied().find(|word| word.parse() == Ok(value));
        }
        self.values.iter().copied().find(|word| self.is(text, word))
    }

    fn is(&self, text: &Text<'_>, word: &str) -> bool {
        let mut chars = text.chars().skip_while(|&char| self.trimmed && is_space(char));
        let same = |expected: char, found: char| {
            expected == found || self.any_case && expected.eq_ignore_ascii_case(&found)
        };
        word.chars().all(|expected| chars.next().is_some_and(|found| same(expected, found)))
            && chars.all(|char| self.trimmed && is_space(char))
    }

    /// Finds the word that equals `text`, or returns the error that `parameter` does not accept it.
    #[cfg(feature = "alloc")]
    pub(crate) fn read(
        &'static self,
        text: &Text<'_>,
        parameter: &'static Parameter,
    ) -> Result<&'static str, ErrorKind> {
        self.find(text).ok_or_else(|| ErrorKind::UnknownWord {
            parameter: parameter.name,
            found: Excerpt::new(text),
            expected: self,
            suggestion: most_similar(text, self.values.iter().copied()),
        })
    }
}
