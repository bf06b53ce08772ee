//! `types`: prints the types of descriptions, such as `tcp` and `ssl`, and their parameters.

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::cli::args::{Args, Format, Types};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::known_types::configuration;
use crate::cli::report::types as report;
use crate::types::Listed;
use strports_syntax::{Excerpt, Text};

pub(in crate::cli) fn run(args: &Types, console: &mut Console) -> Result<Exit, Failure> {
    let configuration = configuration()?;
    let role = args.role();
    let mut all: Vec<Listed<'_>> = configuration.catalogue.list().collect();
    all.retain(|it| role.is_none_or(|role| it.signature.role == role));
    if let Some(name) = &args.name {
        let named: Vec<_> = all.iter().copied().filter(|it| it.is_named(name)).collect();
        if named.is_empty() {
            return Err(unknown(name, &all));
        }
        all = named;
    }
    match (args.format, &args.name) {
        (Format::Json, _) => report::json(&all, &mut console.output)?,
        (Format::Human, Some(_)) => report::pages(&all, &mut console.output)?,
        (Format::Human, None) => report::list(&all, &mut console.output)?,
    }
    Ok(Exit::Ok)
}

fn unknown(name: &str, all: &[Listed<'_>]) -> Failure {
    let names = all.iter().map(|it| it.signature.name);
    let text = Text::plain(name);
    let nearest = text.most_similar(names).map(|it| format!("did you mean `{it}`? "));
    let found = Excerpt::new(&text);
    let message = format!(
        "unknown type {found} ({}`strports types` lists them)",
        nearest.unwrap_or_default()
    );
    Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message))
}
