//! The arguments of `convert`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::{Format, RoleArg};
use crate::convert::Form;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  strports convert TCP-LISTEN:80,bind=127.0.0.1\n  \
                        strports convert -- socat -T 60 TCP-LISTEN:80,fork TCP:10.0.0.1:80\n  \
                        strports convert --file /etc/stunnel/stunnel.conf\n  \
                        strports convert --to nginx --role client tls:example.com:443")]
pub(in crate::cli) struct Convert {
    /// The text to convert; `-` is standard input, which is one text. A command may consist of
    /// several words, after `--` if it has options
    #[arg(
        value_name = "TEXT",
        required_unless_present_any = ["file", "rules"]
    )]
    pub(in crate::cli) texts: Vec<OsString>,
    /// The form of the texts; recognized automatically if absent
    #[arg(long, value_name = "FORMAT", value_parser = form())]
    pub(in crate::cli) from: Option<Form>,
    /// The form to write, by default a description
    #[arg(long, value_name = "FORMAT", value_parser = form(), default_value = "strports")]
    pub(in crate::cli) to: Form,
    #[command(flatten)]
    pub(in crate::cli) reading: RoleArg,
    /// Text, or one JSON object for each text
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: Format,
    /// A file to convert; may be given several times
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) file: Vec<PathBuf>,
    /// Print the options that each form supports, in Markdown or as JSON
    #[arg(long, conflicts_with_all = ["texts", "file", "from"])]
    pub(in crate::cli) rules: bool,
}

fn form() -> impl TypedValueParser<Value = Form> {
    let values = Form::all().map(|form| PossibleValue::new(form.name()).help(form.summary()));
    // The parser has already accepted only known names.
    PossibleValuesParser::new(values)
        .map(|name| Form::from_name(&name).unwrap_or(Form::DESCRIPTION))
}
