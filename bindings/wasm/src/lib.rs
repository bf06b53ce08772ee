//! Checks, explains and converts endpoint descriptions, as a WebAssembly module without imports.
//!
//! The host writes a [request](request::Request) as JSON to the memory at [`input`], calls
//! [`answer`], and reads the reply as JSON from the memory at [`output`]: `{"ok": …}` or
//! `{"error": "…"}`. Texts are UTF-8, and spans count bytes; `js/api.js` converts spans to UTF-16.
//!
//! The host writes to and reads from memory that a `Vec` owns. The only unsafe code is the
//! attributes that give the exported functions their names.

mod functions;
mod request;

use std::sync::{Mutex, MutexGuard, PoisonError};

use request::Request;

static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Allocates `length` bytes for a request, and returns their address.
#[expect(unsafe_code, reason = "SAFETY: no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    let mut input = lock(&INPUT);
    *input = vec![0; length];
    input.as_mut_ptr()
}

/// Handles the request that the host has written, and returns the length of the reply in bytes.
#[expect(unsafe_code, reason = "SAFETY: no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    let request = std::mem::take(&mut *lock(&INPUT));
    let reply = reply(&request);
    let length = reply.len();
    *lock(&OUTPUT) = reply;
    length
}

/// Returns the address of the reply, which the next call of [`answer`] frees.
#[expect(unsafe_code, reason = "SAFETY: no other symbol of the module has this name")]
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    lock(&OUTPUT).as_ptr()
}

/// Locks a buffer. A panic ends the whole module, so no lock is ever found poisoned.
fn lock(bytes: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}

fn reply(request: &[u8]) -> Vec<u8> {
    let request = serde_json::from_slice::<Request<'_>>(request);
    let answer = request.map_err(|error| error.to_string()).and_then(|it| it.answer());
    match answer {
        Ok(json) => [b"{\"ok\":", json.as_bytes(), b"}"].concat(),
        Err(message) => serde_json::json!({ "error": message }).to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn asked(request: &Value) -> Value {
        serde_json::from_slice(&reply(request.to_string().as_bytes())).unwrap()
    }

    #[test]
    fn a_request_goes_through_the_memory_of_the_module() {
        let request = br#"{"function": "quote", "text": "a:b"}"#;
        assert!(!input(request.len()).is_null());
        lock(&INPUT).copy_from_slice(request);
        let length = answer();
        assert!(!output().is_null());
        assert_eq!(lock(&OUTPUT)[..length], *br#"{"ok":"a\\:b"}"#);
        assert!(lock(&INPUT).is_empty());
    }

    #[test]
    fn each_function_answers() {
        let ok = |request: Value| asked(&request)["ok"].clone();
        assert_eq!(ok(json!({"function": "fmt", "text": "tcp:080"})), "tcp:80");
        assert_eq!(ok(json!({"function": "fmt", "text": "tcp:http"})), Value::Null);
        let explained = ok(json!({"function": "explain", "text": "tcp:h:80"}));
        assert_eq!((&explained["role"], &explained["ok"]), (&json!("client"), &json!(true)));
        let found = ok(json!({"function": "check", "text": "tpc:80", "role": "server"}));
        assert_eq!(found[0]["code"], "unknown-type");
        let refused = json!({"function": "check", "text": "tls:/c", "twisted": "24.10"});
        assert_eq!(ok(refused)[0]["code"], "not-in-twisted");
        let anatomy = ok(json!({"function": "anatomy", "text": "unix:/run/a"}));
        assert_eq!((&anatomy["both"], &anatomy["role"]), (&json!(true), &json!("server")));
        assert_eq!(anatomy["lines"][0]["parts"][1]["name"], "address");
        let converted = ok(json!({"function": "convert", "text": "TCP-LISTEN:80", "to": "nginx"}));
        assert_eq!((&converted["from"], &converted["to"]), (&json!("socat"), &json!("nginx")));
        let fixed = json!({"function": "fix", "text": "tcp:80:interface=::1"});
        assert_eq!(ok(fixed), r"tcp:80:interface=\:\:1");
        let guess = json!({"function": "fix", "text": "tpc:80", "role": "server"});
        assert_eq!(ok(guess.clone()), "tpc:80");
        let mut guess = guess;
        guess["suggestions"] = json!(true);
        assert_eq!(ok(guess), "tcp:80");
        let candidates =
            ok(json!({"function": "complete", "text": "unix:/🔑:mo", "role": "server"}));
        assert_eq!(
            (&candidates[0]["text"], &candidates[0]["span"]),
            (&json!("mode="), &json!([11, 13]))
        );
        assert!(ok(json!({"function": "types"})).as_array().unwrap().len() > 20);
        assert!(ok(json!({"function": "forms"})).as_array().unwrap().len() > 10);
        assert_eq!(ok(json!({"function": "releases"}))[0], "16.0");
    }

    #[test]
    fn an_unknown_option_is_named() {
        let error = |request: Value| asked(&request)["error"].as_str().unwrap().to_owned();
        assert_eq!(
            error(json!({"function": "explain", "text": "", "role": "both"})),
            "expected `server` or `client` as the role, but found `both`"
        );
        assert_eq!(
            error(json!({"function": "convert", "text": "", "to": "scoat"})),
            "unknown form `scoat` (did you mean `socat`?)"
        );
        let release = error(json!({"function": "explain", "text": "", "twisted": "99"}));
        assert!(release.contains("expected a release"), "{release}");
        assert!(error(json!({"function": "explain"})).contains("text"));
        assert!(error(json!({"function": "explain", "text": "", "rol": "server"})).contains("rol"));
    }
}
