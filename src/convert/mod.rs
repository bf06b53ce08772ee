//! Converts addresses of other programs to descriptions, and back.
//!
//! Tables of rules say how the forms of other programs are read and written. Among them are
//! addresses of socat, commands of nc and ncat, services of stunnel, lines of HAProxy and nginx,
//! `.socket` units and URLs. [`convert`] recognizes the form of a text. It uses only the text, and
//! opens no files or sockets.
//!
//! ```
//! use strports::convert::{Form, convert};
//!
//! let conversion = convert("TCP-LISTEN:80,bind=127.0.0.1,crlf", None, Form::DESCRIPTION, None);
//! assert_eq!(conversion.results[0].text, "tcp:80:interface=127.0.0.1");
//! assert_eq!(
//!     conversion.losses[0].to_string(),
//!     "`crlf` is lost: bytes are passed on as they are"
//! );
//!
//! let socat = Form::from_name("socat").unwrap();
//! let client = Some(strports::Role::Client);
//! let conversion = convert("tls:example.com:443", None, socat, client);
//! assert_eq!(conversion.results[0].text, "OPENSSL:example.com:443");
//! ```

mod address;
mod draft;
mod format;
mod formats;
mod keep_alive;
#[cfg(test)]
mod laws;
mod loss;
mod plain;
mod reading;
mod rule;
mod split;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

use format::Format;
use formats::{ALL, DESCRIPTION};
pub use loss::{Failure, Loss};
use reading::{Item, Reading};
use strports_syntax::Role;

/// A form of text that says where to listen or connect, such as that of socat.
///
/// See the [module](mod@crate::convert) for an example.
#[derive(Clone, Copy)]
pub struct Form(&'static Format);

/// What a conversion has produced: results, and the parts of the text that they lack.
///
/// See the [module](mod@crate::convert) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Conversion {
    /// The form that the text was read in; `None` if no form fits.
    pub from: Option<Form>,
    /// The texts in the other form, in the order of the converted text.
    pub results: Vec<Converted>,
    /// The parts of the converted text that the results do not express.
    pub losses: Vec<Loss>,
    /// The parts of the converted text that have no result.
    pub failures: Vec<Failure>,
}

/// An address or a complete service, converted to another form.
///
/// See the [module](mod@crate::convert) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Converted {
    /// Whether the text is a server or a client; `None` for a complete service.
    pub text: String,
    /// The role of an address; `None` for a complete service.
    pub role: Option<Role>,
}

/// A row of a form's tables: a text in the form, and what it converts to.
///
/// See the [module](mod@crate::convert) for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Row {
    /// The words of the form, such as option names, that the row defines.
    pub names: &'static [&'static str],
    /// A text in the form with one of these words.
    pub example: &'static str,
    /// What the example converts to, one result a line; empty if it is refused.
    pub gives: &'static str,
}

impl Form {
    /// The form of descriptions, and of `strports relay` for a server with its targets.
    pub const DESCRIPTION: Self = Self(DESCRIPTION);

    /// Returns every form, in the order in which texts are tried against them.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|format| Self(format))
    }

    /// Finds a form by its name, such as `socat`; `None` if there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|form| form.name() == name)
    }

    /// Recognizes the form of a text; `None` if no form fits.
    ///
    /// ```
    /// use strports::convert::Form;
    /// let name = |text| Form::from_text(text).map(Form::name);
    /// assert_eq!(name("bind :80"), Some("haproxy"));
    /// assert_eq!(name("listen 80;"), Some("nginx"));
    /// assert_eq!(name("unix:/run/a.sock"), Some("strports"));
    /// assert_eq!(name("hello"), None);
    /// ```
    pub fn from_text(text: &str) -> Option<Self> {
        Self::all().find(|form| (form.0.looks)(text))
    }

    /// The name of the form, for `--from` and `--to`.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// What the texts of the form are, in one clause.
    pub const fn summary(self) -> &'static str {
        self.0.summary
    }

    /// Returns the rows of the form's tables, which document and test it.
    pub fn rows(self) -> Vec<Row> {
        let rows = (self.0.examples)().into_iter();
        rows.map(|it| Row { names: it.names, example: it.text, gives: it.gives }).collect()
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Form {}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Form").field(&self.name()).finish()
    }
}

impl Conversion {
    /// Whether the results express the whole text: nothing is lost, and nothing has failed.
    pub fn is_whole(&self) -> bool {
        self.losses.is_empty() && self.failures.is_empty() && !self.results.is_empty()
    }
}

/// Converts `text` from the form `from` to the form `to`. With `None`, the form is recognized.
///
/// The role is used for a text that means a server as well as a client, such as `example.com:80`.
///
/// See the [module](mod@crate::convert) for an example.
pub fn convert(text: &str, from: Option<Form>, to: Form, role: Option<Role>) -> Conversion {
    let Some(from) = from.or_else(|| Form::from_text(text)) else {
        let why = "no form is known that looks like this (`--from` names one)";
        let failures = vec![Failure::new(excerpt(text), why)];
        return Conversion { from: None, results: Vec::new(), losses: Vec::new(), failures };
    };
    let Reading { items, mut losses, mut failures } = (from.0.read)(text, role);
    let mut results = Vec::new();
    for item in items {
        match write(&item, to, &mut losses) {
            Ok(converted) => results.push(converted),
            Err(failure) => failures.push(failure),
        }
    }
    if results.is_empty() && failures.is_empty() {
        failures.push(Failure::new(excerpt(text), "no address is in it"));
    }
    Conversion { from: Some(from), results, losses, failures }
}

/// Joins words to a command line, each quoted for a shell if it needs quotes.
///
/// ```
/// use strports::convert::command_line;
/// assert_eq!(command_line(&["nc", "-U", "/run/a b"]), "nc -U '/run/a b'");
/// ```
pub fn command_line<T: AsRef<str>>(words: &[T]) -> String {
    words.iter().map(|word| words::quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// Returns the first line of a text, cut after 80 characters, for a message.
fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    let line = text.trim().lines().next().unwrap_or_default();
    line.chars().take(MOST).collect()
}

fn write(item: &Item, to: Form, losses: &mut Vec<Loss>) -> Result<Converted, Failure> {
    match item {
        Item::One(draft) => {
            // Values that no socket can have, such as port 99999, are errors in every form.
            draft.description()?;
            let write = to.0.write.ok_or_else(|| {
                let why = format!("a whole service is needed for {}, this is one side", to.name());
                Failure::new(draft.transport.kind, why)
            })?;
            for option in &draft.options {
                let value = format!("{} {}", option.name, option.value);
                let why = format!(
                    "it is no part of an address; `strports relay {}` has it",
                    value.trim()
                );
                losses.push(Loss::new(&option.from, why));
            }
            Ok(Converted { text: write(draft, losses)?, role: Some(draft.role) })
        }
        Item::Relay(relay) => {
            for end in std::iter::once(&relay.server).chain(&relay.clients) {
                end.description()?;
            }
            for option in relay.all_options() {
                // The names of `--allow-name` are written in quotes, so they may contain spaces.
                if to != Form::DESCRIPTION && option.name != "--allow-name" {
                    plain::option(&option.value)?;
                }
            }
            let text = match (to.0.write_relay, to.0.write) {
                (Some(write), _) => write(relay, losses)?,
                (None, Some(write)) => {
                    let why = "it is no part of an address";
                    let options = relay.all_options();
                    losses.extend(options.iter().map(|option| Loss::new(&option.from, why)));
                    let ends = std::iter::once(&relay.server).chain(&relay.clients);
                    let lines =
                        ends.map(|end| write(end, losses)).collect::<Result<Vec<_>, _>>()?;
                    lines.join("\n")
                }
                (None, None) => return Err(Failure::new("relay", "there is no such form")),
            };
            Ok(Converted { text, role: None })
        }
    }
}
