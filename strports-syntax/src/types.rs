//! The set of known endpoint types: built-in ones and those of plugins.

#[cfg(feature = "alloc")]
use core::fmt;

use crate::signature::Signature;
#[cfg(feature = "alloc")]
use crate::signature::{self, Binding, Condition, Kind, MOST_PARAMETERS};
use crate::{Role, Text};

/// The endpoint types that descriptions may have: those of Twisted, extensions, and plugins' types.
///
/// A plugin is a [`Signature`] made with [`Signature::plugin`]. Its descriptions are bound,
/// checked, nested and printed like all others. They parse to a `PluginEndpoint`.
///
/// In Twisted, plugins implement `IStreamServerEndpointStringParser` and
/// `IStreamClientEndpointStringParserWithReactor`, which receive the arguments as text.
///
/// ```
/// use strports_syntax::signature::{Kind, Parameter};
/// use strports_syntax::{Code, Parameters, Role, ServerEndpoint, Signature, Types, Value};
///
/// static ONION: Signature = Signature::plugin(
///     Role::Server,
///     "onion",
///     "a Tor onion service",
///     &[
///         Parameter::required("port", Kind::Port, "its public port"),
///         Parameter::optional("hiddenServiceDir", Kind::Path, "where its keys are kept"),
///     ],
/// );
///
/// let plugins = [&ONION];
/// let types = Types::with(&plugins)?;
/// let endpoint = types.server("onion:80:hiddenServiceDir=/var/lib/tor/web")?;
/// assert_eq!(endpoint.value("port"), Value::Integer(80));
/// assert_eq!(endpoint.to_string(), "onion:80:hiddenServiceDir=/var/lib/tor/web");
///
/// let report = types.check("haproxy:onion:port=http", Role::Server);
/// assert_eq!(report.errors().next().unwrap().code, Code::NotAnInteger);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Types<'t> {
    plugins: &'t [&'static Signature],
}

impl<'t> Types<'t> {
    /// The types of Twisted and the extensions, without types of plugins.
    pub const BUILTIN: Types<'static> = Types { plugins: &[] };

    /// Iterates over all known types of the role: built-in ones, then those of plugins.
    pub fn all(self, role: Role) -> impl Iterator<Item = &'static Signature> + Clone + use<'t> {
        let plugins = self.plugins.iter().filter(move |plugin| plugin.role == role);
        Signature::all(role).iter().chain(plugins).copied()
    }

    /// Finds the known type with this name; `None` if there is none.
    ///
    /// Case is ignored where Twisted does: in the names of plugins' types, and as
    /// [`Signature::find`] says.
    pub fn find(self, role: Role, name: &Text<'_>) -> Option<&'static Signature> {
        let plugin = |it: &&Signature| it.role == role && it.is_named(name);
        Signature::find(role, name).or_else(|| self.plugins.iter().copied().find(plugin))
    }
}

#[cfg(feature = "alloc")]
impl<'t> Types<'t> {
    /// Creates a set of the built-in types and these types of plugins.
    ///
    /// # Errors
    ///
    /// Returns an error if a plugin has:
    ///
    /// - the name of another type of its role, ignoring case, such as `TCP`;
    /// - more than [`Signature::MOST_PARAMETERS`] parameters;
    /// - two parameters of one name;
    /// - a required parameter after an optional one.
    pub fn with(plugins: &'t [&'static Signature]) -> Result<Self, SignatureError> {
        for (index, plugin) in plugins.iter().enumerate() {
            let others = plugins[..index].iter().chain(Signature::all(plugin.role));
            look_at(plugin, others.copied())?;
        }
        Ok(Self { plugins })
    }
}

impl Default for Types<'_> {
    fn default() -> Self {
        Types::BUILTIN
    }
}

/// The error when a [`Signature`] is not valid for the type of a plugin.
///
/// ```
/// use strports_syntax::{Role, Signature, Types};
/// static TCP: Signature = Signature::plugin(Role::Server, "TCP", "another one", &[]);
/// let error = Types::with(&[&TCP]).unwrap_err();
/// assert_eq!(error.to_string(), "the type `TCP` exists already");
/// ```
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureError {
    plugin: &'static str,
    what: &'static str,
}

#[cfg(feature = "alloc")]
impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the type `{}` {}", self.plugin, self.what)
    }
}

#[cfg(feature = "alloc")]
impl core::error::Error for SignatureError {}

/// Checks that a plugin's signature satisfies what binding relies on.
///
/// `others` are the types whose names it must not have. A test checks the built-in types.
#[cfg(feature = "alloc")]
fn look_at(
    plugin: &Signature,
    mut others: impl Iterator<Item = &'static Signature>,
) -> Result<(), SignatureError> {
    let error = |what| Err(SignatureError { plugin: plugin.name, what });
    let word = |name: &str| !name.is_empty() && name.bytes().all(|it| it.is_ascii_graphic());
    let parameters = plugin.parameters;
    if !word(plugin.name) {
        return error("is not a word of ASCII characters");
    }
    if others.any(|it| it.role == plugin.role && it.name.eq_ignore_ascii_case(plugin.name)) {
        return error("exists already");
    }
    if parameters.len() > MOST_PARAMETERS {
        return error("has too many parameters (16 is the most)");
    }
    if !parameters.is_sorted_by_key(|it| it.keyword_only) {
        return error("has a positional parameter after a keyword-only one");
    }
    let optional = |parameter: &signature::Parameter| {
        use signature::Default::{Required, RequiredUnless};
        !matches!(parameter.default, Required | RequiredUnless(_))
    };
    if !parameters.is_sorted_by_key(optional) {
        return error("has a required parameter after an optional one");
    }
    if let Binding::Joined(joined) = plugin.binding {
        if parameters.iter().any(|it| !it.keyword_only && !it.is_required()) {
            return error("has an optional positional parameter before the description inside");
        }
        if !joined.escapes.is_ascii() || parameters.iter().any(|it| it.name == "endpoint") {
            return error("cannot have its description inside beside these parameters");
        }
    }
    let named = |condition: &Condition| plugin.parameter(condition.parameter).is_some();
    if !plugin.excludes.iter().copied().flatten().all(named)
        || !parameters.iter().filter_map(|it| it.with.as_ref()).all(named)
    {
        return error("has a condition on a parameter that it does not have");
    }
    for (index, parameter) in parameters.iter().enumerate() {
        if !word(parameter.name) {
            return error("has a parameter whose name is not a word of ASCII characters");
        }
        if parameters[..index].iter().any(|it| it.name == parameter.name) {
            return error("has two parameters of one name");
        }
        if parameter.kind == Kind::Rest {
            return error("gathers positional arguments, which plugins cannot");
        }
        let text = parameter.default_text().map(Text::literal);
        if let (Kind::Word(words), Some(text)) = (parameter.kind, text) {
            if words.find(&text).is_none() {
                return error("has a parameter whose default is not one of its words");
            }
        }
    }
    Ok(())
}
