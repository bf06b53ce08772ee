//! The name of an endpoint in errors and logs: its description without secrets.

use std::sync::Arc;

use strports_syntax::Description;

/// The text that stands for a secret in the name of an endpoint.
const HIDDEN: &str = "…";

/// The name of an endpoint in messages: its description as written, with `…` for secrets.
///
/// Bytes that are not UTF-8 become replacement characters.
pub(crate) fn from_description(description: &[u8]) -> Arc<str> {
    let mut name = String::with_capacity(description.len());
    let mut shown = 0;
    for secret in Description::secrets(description) {
        name.push_str(&String::from_utf8_lossy(&description[shown..secret.start]));
        name.push_str(HIDDEN);
        shown = secret.end;
    }
    name.push_str(&String::from_utf8_lossy(&description[shown..]));
    name.into()
}

/// The description with each byte of a secret replaced by `*`.
///
/// Secrets are the values in `env=NAME=VALUE`, as [`Description::secrets`] finds them. All other
/// bytes keep their offsets, so spans of the description are valid in the result.
///
/// # Examples
///
/// ```
/// let shown = endpoint_runtime::without_secrets(b"process:/bin/x:env=KEY=s3cret:uid=x");
/// assert_eq!(shown, b"process:/bin/x:env=KEY=******:uid=x");
/// ```
#[must_use]
pub fn without_secrets(description: &[u8]) -> Vec<u8> {
    let mut shown = description.to_vec();
    for secret in Description::secrets(description) {
        shown[secret.start..secret.end].fill(b'*');
    }
    shown
}

#[cfg(test)]
mod tests {
    #[test]
    fn secrets_are_hidden_and_the_rest_is_shown() {
        let description = b"process:/bin/a:env=KEY=s3\xffcret:uid=5:env=A=";
        let name = super::from_description(description);
        assert_eq!(&*name, "process:/bin/a:env=KEY=…:uid=5:env=A=");
        let shown = super::without_secrets(description);
        assert_eq!(shown, b"process:/bin/a:env=KEY=*******:uid=5:env=A=");
        assert_eq!(&*super::from_description(b"unix:/a\xff"), "unix:/a\u{fffd}");
    }
}
