//! The benchmark cases: pairs of a function that reads (a reader) and the inputs that it reads.

use std::fmt;
use std::hint::black_box;
#[cfg(feature = "landmarks")]
use std::str::FromStr;

use strports_syntax::{
    ClientEndpoint, Description, Parameters, Role, ServerEndpoint, Text, canonical_bytes,
};

use crate::corpus::{self, Input, Shape};
use crate::floor;

/// One benchmark case: a reader and its inputs.
pub struct Case {
    /// The name in the form `READER/INPUTS`.
    pub name: String,
    load: Box<dyn Fn() -> Loaded + Send + Sync>,
}

impl Case {
    /// Generates the inputs. This takes longer than reading them, so it is not measured.
    pub fn load(&self) -> Loaded {
        (self.load)()
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A case whose inputs are generated and in memory.
pub struct Loaded {
    pub inputs: usize,
    pub bytes: usize,
    run: Box<dyn Fn()>,
}

impl Loaded {
    /// Reads every input once. This is what is measured.
    pub fn run(&self) {
        (self.run)();
    }
}

/// Reads every input; callgrind counts the instructions of this function and its callees.
///
/// It is not inlined, because `benches/instructions` passes its name to callgrind.
#[inline(never)]
fn loop_that_is_counted<T>(inputs: &[T], read: impl Fn(&T)) {
    for input in inputs {
        read(black_box(input));
    }
}

fn case<T: AsRef<[u8]> + 'static>(
    name: impl Into<String>,
    inputs: impl Fn() -> Vec<T> + Send + Sync + 'static,
    read: impl Fn(&T) + Copy + Send + Sync + 'static,
) -> Case {
    let load = move || {
        let inputs = inputs();
        Loaded {
            inputs: inputs.len(),
            bytes: inputs.iter().map(|input| input.as_ref().len()).sum(),
            run: Box::new(move || loop_that_is_counted(&inputs, read)),
        }
    };
    Case { name: name.into(), load: Box::new(load) }
}

impl AsRef<[u8]> for Input {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// A value that was parsed before the measurement, and the text that it was parsed from.
struct Ready<T> {
    value: T,
    text: Vec<u8>,
}

impl<T> AsRef<[u8]> for Ready<T> {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

// --- readers ---------------------------------------------------------------------

fn read_floor(text: &impl AsRef<[u8]>) {
    let found = floor::arguments(text.as_ref(), |argument| {
        black_box(&argument);
    });
    black_box(&found);
}

/// Reads the type and the arguments, which the floor returns too, so that both can be compared.
fn read_arguments(text: &impl AsRef<[u8]>) {
    let found = Description::parse(text.as_ref());
    if let Ok(description) = &found {
        black_box((description.type_name(), description.type_span()));
        for argument in description.arguments() {
            black_box(&argument);
        }
    }
    black_box(&found);
}

fn read_server(text: &impl AsRef<[u8]>) {
    black_box(&ServerEndpoint::parse(text.as_ref()));
}

fn read_client(text: &impl AsRef<[u8]>) {
    black_box(&ClientEndpoint::parse(text.as_ref()));
}

fn read_endpoint(input: &Input) {
    match input.role {
        Role::Server => read_server(input),
        Role::Client => read_client(input),
    }
}

fn unescape(value: &Ready<Text<'static>>) {
    black_box(&value.value.to_bytes());
}

fn print(endpoint: &Ready<Box<dyn Parameters + Send + Sync>>) {
    black_box(&canonical_bytes(&*endpoint.value));
}

// --- inputs ----------------------------------------------------------------------

const HOSTILE_BYTES: usize = 64 * 1024;

/// How many random descriptions callgrind reads. It is few, because its simulation is slow.
const RANDOM_COUNTED: usize = 20_000;

/// The start of a description whose single argument may be any text.
const SERVER: &str = "unix:";
const CLIENT: &str = "process:/bin/cat:";

/// Returns the cases of this project, whose instruction counts the baseline contains.
pub fn ours() -> Vec<Case> {
    let random = || corpus::random(RANDOM_COUNTED);
    let mut cases = vec![
        case("floor/realistic", corpus::realistic, read_floor),
        case("arguments/realistic", corpus::realistic, read_arguments),
        case("endpoint/realistic", corpus::realistic, read_endpoint),
        case("endpoint/nested", corpus::nested, read_endpoint),
        case("endpoint/refused", corpus::refused, read_endpoint),
        case("floor/random", random, read_floor),
        case("arguments/random", random, read_arguments),
    ];
    for shape in Shape::HOSTILE {
        let name = |reader| format!("{reader}/{}", shape.name());
        let text = move |prefix| move || vec![shape.text(prefix, HOSTILE_BYTES)];
        cases.push(case(name("floor"), text(""), read_floor));
        cases.push(case(name("arguments"), text(""), read_arguments));
        cases.push(case(name("server"), text(SERVER), read_server));
        cases.push(case(name("client"), text(CLIENT), read_client));
    }
    cases.push(case("unescape/realistic", || values(corpus::escaped_values()), unescape));
    cases.push(case("unescape/escaped", || values(escaped(HOSTILE_BYTES)), unescape));
    cases.push(case("print/realistic", || endpoints(corpus::realistic()), print));
    cases.push(case("print/escaped", || long_path(HOSTILE_BYTES), print));
    cases
}

/// Returns cases with ten times as many random descriptions, to measure their time.
pub fn many() -> Vec<Case> {
    vec![
        case("floor/random-200000", || corpus::random(200_000), read_floor),
        case("arguments/random-200000", || corpus::random(200_000), read_arguments),
    ]
}

/// Returns cases of parsers of other address formats, for comparison. Without the feature
/// `landmarks` there are none.
pub fn landmarks() -> Vec<Case> {
    vec![
        #[cfg(feature = "landmarks")]
        case(
            "http-uri/uris",
            || corpus::URIS.to_vec(),
            |text| {
                black_box(&http::Uri::from_str(text));
            },
        ),
        #[cfg(feature = "landmarks")]
        case(
            "url/uris",
            || corpus::URIS.to_vec(),
            |text| {
                black_box(&url::Url::parse(text));
            },
        ),
        #[cfg(feature = "landmarks")]
        case(
            "zbus/buses",
            || corpus::BUSES.to_vec(),
            |text| {
                black_box(&zbus::Address::from_str(text));
            },
        ),
    ]
}

/// The input sizes between which the cost per byte must not grow: names, and sizes in bytes.
pub const SIZES: [(&str, usize); 3] = [("1KiB", 1024), ("32KiB", 32 * 1024), ("1MiB", 1024 * 1024)];

/// Returns a case for each reader, input shape and size.
pub fn scaled() -> Vec<Case> {
    let mut cases = Vec::new();
    for (label, size) in SIZES {
        for shape in Shape::ALL {
            let name = |reader| format!("{reader}/{}/{label}", shape.name());
            let text = move |prefix| move || vec![shape.text(prefix, size)];
            cases.push(case(name("arguments"), text(""), read_arguments));
            cases.push(case(name("server"), text(SERVER), read_server));
            cases.push(case(name("client"), text(CLIENT), read_client));
        }
        let name = |reader| format!("{reader}/escaped/{label}");
        cases.push(case(name("unescape"), move || values(escaped(size)), unescape));
        cases.push(case(name("print"), move || long_path(size), print));
    }
    cases
}

fn values(values: Vec<Text<'static>>) -> Vec<Ready<Text<'static>>> {
    values.into_iter().map(|value| Ready { text: value.raw().to_vec(), value }).collect()
}

fn escaped(size: usize) -> Vec<Text<'static>> {
    let text: &'static str = Shape::Escaped.text("", size).leak();
    Description::parse(text).into_iter().map(|it| it.type_name().clone()).collect()
}

fn endpoints(inputs: Vec<Input>) -> Vec<Ready<Box<dyn Parameters + Send + Sync>>> {
    inputs
        .into_iter()
        .filter_map(|input| {
            let text: &'static str = input.text.leak();
            let value: Box<dyn Parameters + Send + Sync> = match input.role {
                Role::Server => Box::new(ServerEndpoint::parse(text).ok()?),
                Role::Client => Box::new(ClientEndpoint::parse(text).ok()?),
            };
            Some(Ready { value, text: text.into() })
        })
        .collect()
}

/// Returns an endpoint with a long path, most of which must be escaped when it is printed.
fn long_path(size: usize) -> Vec<Ready<Box<dyn Parameters + Send + Sync>>> {
    endpoints(vec![Input { role: Role::Server, text: Shape::Escaped.text(SERVER, size) }])
}
