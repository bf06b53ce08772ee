//! Base64 (RFC 4648, section 4), for the credentials of an HTTP proxy.

/// The digits for the values 0 to 63.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends `bytes` in Base64, with padding.
pub(super) fn append(bytes: &[u8], out: &mut Vec<u8>) {
    for group in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or_default()));
        let bits = (a << 16) | (b << 8) | c;
        for at in 0..4 {
            let digit = (bits >> (18 - 6 * at)) & 0x3F;
            out.push(if at <= group.len() { ALPHABET[digit as usize] } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    #[test]
    fn the_vectors_of_the_rfc() {
        for (bytes, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let mut out = Vec::new();
            append(bytes.as_bytes(), &mut out);
            assert_eq!(out, expected.as_bytes());
        }
        let mut out = Vec::new();
        append(b"\xff\xef\xbe", &mut out);
        assert_eq!(out, b"/+++");
    }
}
