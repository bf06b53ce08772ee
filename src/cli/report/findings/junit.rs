//! Findings as `JUnit` XML: each is a failed test. Without findings there is one passed test, so
//! that the report is not empty.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::check::Finding;
use crate::cli::stream::Stream;

pub(super) fn write(findings: &[Finding], out: &mut Stream) -> io::Result<()> {
    let (tests, failures) = (findings.len().max(1), findings.len());
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="strports" tests="{tests}" failures="{failures}">"#)?;
    writeln!(
        out,
        r#"  <testsuite name="strports" tests="{tests}" failures="{failures}" errors="0">"#
    )?;
    if findings.is_empty() {
        writeln!(out, r#"    <testcase classname="strports" name="strports"/>"#)?;
    }
    for finding in findings {
        let Finding { path, start, rule, message, .. } = finding;
        let (path, line, column) = (escaped(&path.to_string_lossy()), start.line, start.column);
        let (message, severity) = (escaped(message), rule.severity());
        writeln!(
            out,
            r#"    <testcase classname="{path}" name="{rule} {path}:{line}:{column}" file="{path}" line="{line}">"#
        )?;
        writeln!(
            out,
            r#"      <failure type="{rule}" message="{message}">{severity}: {path}:{line}:{column}: {message}</failure>"#
        )?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Escapes a text for an XML attribute. Characters that XML 1.0 cannot contain become U+FFFD.
fn escaped(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => output.push_str("&amp;"),
            '<' => output.push_str("&lt;"),
            '>' => output.push_str("&gt;"),
            '"' => output.push_str("&quot;"),
            // Writing to a string cannot fail.
            '\t' | '\n' | '\r' => drop(write!(output, "&#{};", u32::from(char))),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => output.push('\u{fffd}'),
            _ => output.push(char),
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("<a b=\"c\">&\n\x1b"), "&lt;a b=&quot;c&quot;&gt;&amp;&#10;\u{fffd}");
    }
}
