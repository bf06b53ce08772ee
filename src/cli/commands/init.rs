//! `init` and `schema`: write a first `strports.toml`, and print the JSON schema of the file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::check::config;
use crate::cli::args::{Init, Schema};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};

/// The `strports.toml` that `init` writes. All its lines are comments, so the new file changes no
/// setting.
const TEMPLATE: &str = include_str!("strports.toml");
const NAME: &str = "strports.toml";

pub(in crate::cli) fn run(args: &Init, console: &mut Console) -> Result<Exit, Failure> {
    let directory = args.directory.as_deref().unwrap_or(Path::new("."));
    config::refuse_hidden(directory).map_err(|error| Failure::Check(error.to_string()))?;
    let path = directory.join(NAME);
    let shown = path.strip_prefix(".").unwrap_or(&path).display();
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(TEMPLATE.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::Check(format!("{shown}: the file already exists")),
        _ => Failure::Check(format!("{shown}: {error}")),
    })?;
    console.report(&format_args!("{shown}: written; `strports check --list` shows what is found"));
    Ok(Exit::Ok)
}

/// Prints the JSON schema of `strports.toml`.
pub(in crate::cli) fn schema(_: &Schema, console: &mut Console) -> Result<Exit, Failure> {
    serde_json::to_writer_pretty(&mut console.output, &config::schema())
        .map_err(std::io::Error::from)?;
    writeln!(console.output)?;
    Ok(Exit::Ok)
}
