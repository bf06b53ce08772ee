//! Serializes endpoints as strings, and deserializes them, for configuration files.
//!
//! An error includes the span in the string, because the format's own message does not.

use alloc::string::String;
use core::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{self, Serialize, Serializer};

use crate::{ClientEndpoint, ParseError, ServerEndpoint, Text, canonical_bytes};

macro_rules! endpoint {
    ($Endpoint:ident, $what:literal) => {
        /// Parses a description; the error message includes the bytes at which it is wrong.
        ///
        /// ```
        #[doc = concat!("let text = r#\"{\"endpoint\": \"tcp:h:http\"}\"#;")]
        /// #[derive(Debug, serde::Deserialize)]
        /// struct Configuration {
        #[doc = concat!("    endpoint: strports_syntax::", stringify!($Endpoint), "<'static>,")]
        /// }
        /// let error = serde_json::from_str::<Configuration>(text).unwrap_err().to_string();
        /// assert!(error.starts_with("expected an integer for `port`, but found "), "{error}");
        /// assert!(error.contains(" of `tcp:h:http`"), "{error}");
        /// ```
        impl<'de> Deserialize<'de> for $Endpoint<'static> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Reader;

                impl Visitor<'_> for Reader {
                    type Value = $Endpoint<'static>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        self.visit_bytes(text.as_bytes())
                    }

                    fn visit_bytes<E: de::Error>(self, text: &[u8]) -> Result<Self::Value, E> {
                        let endpoint =
                            $Endpoint::parse(text).map_err(|error| placed(&error, text))?;
                        Ok(endpoint.into_owned())
                    }
                }

                deserializer.deserialize_str(Reader)
            }
        }

        /// Serializes the canonical description; returns an error if that is not UTF-8.
        impl Serialize for $Endpoint<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match String::from_utf8(canonical_bytes(self)) {
                    Ok(text) => serializer.serialize_str(&text),
                    Err(_) => Err(ser::Error::custom("the description is not UTF-8")),
                }
            }
        }
    };
}

endpoint!(ServerEndpoint, "a server description such as `tcp:8080`");
endpoint!(ClientEndpoint, "a client description such as `tcp:example.com:80`");

/// The serde error for a description: the message, the span and the beginning of the text.
fn placed<E: de::Error>(error: &ParseError, text: &[u8]) -> E {
    let excerpt = crate::Excerpt::new(Text::plain(text));
    E::custom(format_args!("{error} (bytes {} of {excerpt})", error.span()))
}
