//! `explain`: prints the meaning of each part of a description, and its errors.

use std::io::{self, Write};

use crate::cli::args::{Explain, Format};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::known_types::KnownTypes;
use crate::cli::records;
use crate::cli::report::human;
use crate::describe::{Explained, read_by};

pub(in crate::cli) fn run(args: &Explain, console: &mut Console) -> Result<Exit, Failure> {
    let mut fails = false;
    let least = args.fail_on.into();
    let mut first = true;
    let types = KnownTypes::default();
    #[cfg(feature = "check")]
    let preflight = args.here.preflight()?;
    records::for_each(&args.records, &mut console.input, &mut console.output, |text, out| {
        let (mut report, both) = types.check(text, args.reading.role())?;
        read_by(&mut report, args.twisted.twisted);
        #[cfg(feature = "check")]
        if let Some(preflight) = &preflight {
            preflight.check(&mut report);
        }
        fails |= report.diagnostics().iter().any(|it| it.severity() >= least);
        match args.format {
            Format::Json => {
                serde_json::to_writer(&mut *out, &Explained::new(&report))
                    .map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
            Format::Human => {
                if !std::mem::take(&mut first) {
                    writeln!(out)?;
                }
                human::write(&report, both, out)?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::from_findings(fails))
}
