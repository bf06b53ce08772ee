//! Converts a `process` endpoint to a plan.

use strports_syntax::value::Number;
use strports_syntax::{ProcessClient, Text};

use super::text::{os_string, path};
use crate::error::DescriptionProblem;
use crate::plan::process::{EnvRule, ProcessSpawn};

pub(super) fn lower_process(
    process: &ProcessClient<'_>,
) -> Result<ProcessSpawn, DescriptionProblem> {
    let mut spawn = ProcessSpawn::new(path(&process.executable)?);
    spawn.args = process.args.iter().map(|text| os_string(&text)).collect::<Result<_, _>>()?;
    spawn.cwd = process.cwd.as_ref().map(path).transpose()?;
    spawn.env = process.env.iter().map(|text| env_rule(&text)).collect::<Result<_, _>>()?;
    spawn.clear_env = process.clear_env.is_on();
    spawn.uid = process.uid.as_ref().map(Number::value);
    spawn.gid = process.gid.as_ref().map(Number::value);
    spawn.use_pty = process.use_pty.is_on();
    spawn.stderr = process.stderr;
    if spawn.executable.as_os_str().is_empty() {
        return Err(DescriptionProblem::EmptyExecutable);
    }
    Ok(spawn)
}

/// Parses one `env` argument: `NAME=VALUE` sets a variable, and `NAME` copies it.
///
/// The first `=` ends the name, so a value may contain more.
fn env_rule(text: &Text<'_>) -> Result<EnvRule, DescriptionProblem> {
    let bytes = text.to_bytes();
    let (name, value) = match bytes.iter().position(|byte| *byte == b'=') {
        Some(end) => (&bytes[..end], Some(&bytes[end + 1..])),
        None => (&*bytes, None),
    };
    if name.is_empty() {
        return Err(DescriptionProblem::NoVariable);
    }
    let name = os_string(&Text::plain(name))?;
    Ok(match value {
        Some(value) => EnvRule::Set(name, os_string(&Text::plain(value))?),
        None => EnvRule::Copy(name),
    })
}
