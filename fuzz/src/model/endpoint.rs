//! The endpoint that Twisted constructs, and the endpoints that this project refuses on purpose.

use std::collections::BTreeMap;

/// A value of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `None`.
    None,
    /// A `str`.
    Text(String),
    /// An `int`.
    Integer(i128),
    /// A `bool`.
    Flag(bool),
    /// The wrapped endpoint.
    Endpoint(Box<Endpoint>),
}

/// An endpoint: its type, and its values by the names of the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The type, in lower case.
    pub type_name: &'static str,
    /// The values, defaults included.
    pub values: BTreeMap<&'static str, Value>,
}

impl Endpoint {
    /// An endpoint of a type with these values.
    pub fn new<const N: usize>(
        type_name: &'static str,
        values: [(&'static str, Value); N],
    ) -> Self {
        Self { type_name, values: BTreeMap::from(values) }
    }

    /// Why this project refuses the endpoint although Twisted constructs it: the slug of a row in
    /// `spec/DIFFERENCES.md`. Such an endpoint can never listen or connect.
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

    /// Whether either outcome is right here: a row of `spec/DIFFERENCES.md` says "either".
    pub fn either_here(&self) -> bool {
        self.values.iter().any(|(name, value)| match (*name, value) {
            ("timeout", Value::Integer(timeout)) => i64::try_from(*timeout).is_err(),
            // The number of the descriptor, which begins at 3, has to fit a C `int`.
            ("index", Value::Integer(index)) => *index > 2_147_483_644,
            (_, Value::Endpoint(inner)) => inner.either_here(),
            _ => false,
        })
    }

    /// How many endpoints this one wraps.
    fn depth(&self) -> usize {
        let inner = self.values.values().find_map(|value| match value {
            Value::Endpoint(inner) => Some(inner.depth() + 1),
            _ => None,
        });
        inner.unwrap_or(0)
    }
}

/// The text, or `None`.
pub(crate) fn optional(text: Option<String>) -> Value {
    text.map_or(Value::None, Value::Text)
}
