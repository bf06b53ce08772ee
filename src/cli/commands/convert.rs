//! `convert`: converts addresses of other programs to descriptions, and back.

use std::io::{Read, Write};
use std::path::PathBuf;

use crate::cli::args::{Convert, Format, bytes};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::report::conversion as report;
use crate::convert::{Conversion, command_line, convert};

/// Programs whose command lines are accepted as several arguments, without quotes around them.
const PROGRAMS: [&str; 6] = ["socat", "nc", "ncat", "netcat", "ghostunnel", "strports"];

pub(in crate::cli) fn run(args: &Convert, console: &mut Console) -> Result<Exit, Failure> {
    if args.rules {
        match args.format {
            Format::Human => report::book(&mut console.output)?,
            Format::Json => report::rows(&mut console.output)?,
        }
        return Ok(Exit::Ok);
    }
    let mut is_whole = true;
    for (name, text) in texts(args, console)? {
        let text = String::from_utf8(text).map_err(|_| not_text(name.as_ref()))?;
        let conversion = convert(&text, args.from, args.to, args.reading.role());
        is_whole &= conversion.is_whole();
        match args.format {
            Format::Json => report::json(&text, args.to, &conversion, &mut console.output)?,
            Format::Human => {
                for result in &conversion.results {
                    console.output.line(result.text.as_bytes(), b'\n')?;
                }
                report_losses(name.as_ref(), &conversion, console)?;
            }
        }
    }
    Ok(Exit::from_findings(!is_whole))
}

/// The bytes of one address, with the path of the file that contains it. `None` stands for an
/// argument or standard input.
type Input = (Option<PathBuf>, Vec<u8>);

/// Returns all addresses to convert: from files, from arguments, and from standard input.
fn texts(args: &Convert, console: &mut Console) -> Result<Vec<Input>, Failure> {
    let mut texts = Vec::new();
    for path in &args.file {
        let mut text = std::fs::read(path)
            .map_err(|error| Failure::Check(format!("{}: {error}", path.display())))?;
        remove_line_end(&mut text);
        texts.push((Some(path.clone()), text));
    }
    let first = args.texts.first().map(|word| bytes(word));
    let name = first.and_then(|word| word.rsplit(|byte| *byte == b'/').next());
    let is_command = PROGRAMS.iter().any(|program| name == Some(program.as_bytes()));
    if is_command && args.texts.len() > 1 {
        let words: Vec<_> = args.texts.iter().map(|word| word.to_string_lossy()).collect();
        texts.push((None, command_line(&words).into_bytes()));
        return Ok(texts);
    }
    for word in &args.texts {
        let mut text = bytes(word).to_vec();
        if text == b"-" {
            text.clear();
            console.input.read_to_end(&mut text).map_err(Failure::Input)?;
            remove_line_end(&mut text);
        }
        texts.push((None, text));
    }
    Ok(texts)
}

/// Removes the final line end, which is no part of an address or a path.
fn remove_line_end(text: &mut Vec<u8>) {
    for end in [b'\n', b'\r'] {
        text.pop_if(|last| *last == end);
    }
}

fn not_text(path: Option<&PathBuf>) -> Failure {
    let name = path.map_or_else(|| "the text".to_owned(), |path| path.display().to_string());
    Failure::Check(format!("{name}: expected UTF-8"))
}

/// Reports on standard error what a conversion lost, and why parts could not be converted.
fn report_losses(
    path: Option<&PathBuf>,
    conversion: &Conversion,
    console: &mut Console,
) -> Result<(), Failure> {
    console.output.flush()?;
    let place = path.map(|path| format!("{}: ", path.display())).unwrap_or_default();
    for loss in &conversion.losses {
        console.report(&format_args!("strports: {place}{loss}"));
    }
    for failure in &conversion.failures {
        console.report(&format_args!("strports: {place}{failure}"));
    }
    Ok(())
}
