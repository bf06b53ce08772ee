//! Any text is a valid `strports.toml`, or an error with a position in it.

use std::path::Path;

use strports::check::{Checker, Configuration, Options};

/// Checks the law: `input` is the content of a `strports.toml`.
pub fn holds(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Configuration::parse(Path::new("strports.toml"), text) {
        Ok(configuration) => {
            let checker = Checker::with_configuration(Options::default(), configuration);
            let file = b"web: daphne -e tcp:8080:interface=::1 a:b\n";
            assert!(checker.check_text(Path::new("Procfile"), file).is_ok());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
