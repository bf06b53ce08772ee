//! The endpoint that Twisted constructs, and which of them this project refuses on purpose.

use std::collections::BTreeMap;

/// A Python value of an endpoint's parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The Python value `None`.
    None,
    /// A Python `str`.
    Text(String),
    /// A Python `int`.
    Integer(i128),
    /// A Python `bool`.
    Flag(bool),
    /// The endpoint that a wrapper contains.
    Endpoint(Box<Endpoint>),
}

/// An endpoint as Twisted constructs it: its type, and its values by parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The name of the type, in lower case, such as `tcp`.
    pub type_name: &'static str,
    /// The values of all parameters, including defaults.
    pub values: BTreeMap<&'static str, Value>,
}

impl Endpoint {
    /// Creates an endpoint of a type with these values.
    pub fn new<const N: usize>(
        type_name: &'static str,
        values: [(&'static str, Value); N],
    ) -> Self {
        Self { type_name, values: BTreeMap::from(values) }
    }

    /// Returns why this project refuses the endpoint, although Twisted constructs it: the slug of a
    /// row in `spec/DIFFERENCES.md`. Such an endpoint can never listen or connect. `None` if it is
    /// accepted.
    pub fn refused_here(&self) -> Option<&'static str> {
        if self.depth() > 16 {
            return Some("nested-too-deep");
        }
        self.values.iter().find_map(|(name, value)| match (*name, value) {
            ("port", Value::Integer(port)) => (!(0..=65535).contains(port)).then_some("port-range"),
            ("backlog", Value::Integer(backlog)) => {
                i32::try_from(*backlog).is_err().then_some("backlog-range")
            }
            ("timeout", Value::Integer(timeout)) => {
                (*timeout < 1).then_some("timeout-not-positive")
            }
            ("mode", Value::Integer(mode)) => {
                (!(0..=0o7777).contains(mode)).then_some("mode-range")
            }
            ("index", Value::Integer(index)) => {
                (!(0..=2_147_483_647).contains(index)).then_some("index-range")
            }
            (_, Value::Endpoint(inner)) => inner.refused_here(),
            _ => None,
        })
    }

    /// Whether this project may accept or refuse the endpoint: a row of `spec/DIFFERENCES.md` says
    /// "either".
    pub fn either_here(&self) -> bool {
        self.values.iter().any(|(name, value)| match (*name, value) {
            ("timeout", Value::Integer(timeout)) => i64::try_from(*timeout).is_err(),
            // Descriptors begin at 3, and the index plus 3 must fit a C `int`.
            ("index", Value::Integer(index)) => *index > 2_147_483_644,
            (_, Value::Endpoint(inner)) => inner.either_here(),
            _ => false,
        })
    }

    /// The number of endpoints that are nested in this one.
    fn depth(&self) -> usize {
        let inner = self.values.values().find_map(|value| match value {
            Value::Endpoint(inner) => Some(inner.depth() + 1),
            _ => None,
        });
        inner.unwrap_or(0)
    }
}

/// Returns the text as a Python value; without a text, Python's `None`.
pub(crate) fn optional(text: Option<String>) -> Value {
    text.map_or(Value::None, Value::Text)
}
