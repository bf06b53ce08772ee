//! Writes seed corpora. `descriptions/` has the inputs of the specification's vectors, each as it
//! is and nested in another description. Each law about other bytes has its samples.
//!
//! ```text
//! cargo run --no-default-features --example seeds -- DIRECTORY
//! ```

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use strports_syntax::quote_string_argument;

/// The input of a vector; tables of releases and signatures have none.
#[derive(serde::Deserialize)]
struct Vector {
    input: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os().nth(1).ok_or("expected a directory")?;
    let directory = PathBuf::from(directory);
    let inputs = inputs();
    let nested = nested(&inputs);
    let descriptions = inputs.iter().chain(&nested).map(String::as_bytes);
    write(&directory.join("descriptions"), descriptions)?;
    for (name, samples) in strports_fuzz::SAMPLES {
        write(&directory.join(name), samples().iter().map(Vec::as_slice))?;
    }
    Ok(())
}

fn write<'i>(directory: &Path, inputs: impl Iterator<Item = &'i [u8]>) -> std::io::Result<()> {
    fs::create_dir_all(directory)?;
    for (number, input) in inputs.enumerate() {
        fs::write(directory.join(format!("seed-{number:05}")), input)?;
    }
    Ok(())
}

/// The inputs of all vectors, each once, in order.
///
/// # Panics
///
/// Panics if `spec/vectors` cannot be read or does not have the format of its README.
pub(crate) fn inputs() -> Vec<String> {
    let mut inputs = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors"), &mut inputs);
    inputs.sort();
    inputs.dedup();
    inputs
}

/// Each input inside another description: as the value of `endpoint=` or after a wrapper.
pub(crate) fn nested(inputs: &[String]) -> Vec<String> {
    let around = |(number, input): (usize, &String)| match number % 3 {
        0 => format!("tls:h:443:endpoint={}", quote_string_argument(input)),
        1 => format!("ssl:443:endpoint={}", quote_string_argument(input)),
        _ => format!("haproxy:{input}"),
    };
    inputs.iter().enumerate().map(around).collect()
}

fn read(directory: &Path, inputs: &mut Vec<String>) {
    for entry in fs::read_dir(directory).expect("spec/vectors is there") {
        let path = entry.expect("its entries can be listed").path();
        if path.is_dir() {
            read(&path, inputs);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read_to_string(&path).expect("a vector file is UTF-8");
            let vectors: Vec<Vector> = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            inputs.extend(vectors.into_iter().filter_map(|vector| vector.input));
        }
    }
}
