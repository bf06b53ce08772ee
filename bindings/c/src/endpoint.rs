//! A typed endpoint as a handle: its type, its values, and what it does.

use core::ffi::{CStr, c_char};
use core::ptr;

use endpoint_runtime::plan::{ClientPlan, ServerPlan};
use strports_syntax::signature::Binding;
use strports_syntax::{ClientEndpoint, Parameters, ServerEndpoint, canonical_bytes};

use crate::report::Report;
use crate::role::{Role, role};
use crate::text::{OwnedText, Status, Text, borrow, free, read, status, write};

/// An endpoint; freed by `strports_endpoint_free`, unless another endpoint lends it.
#[derive(Debug)]
pub struct Endpoint {
    type_name: OwnedText,
    canonical: OwnedText,
    explanation: Option<OwnedText>,
    /// In the order of the type's parameters.
    parameters: Vec<(OwnedText, OwnedValue)>,
}

/// The kind of a parameter's value.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "the names that C sees")]
pub enum Kind {
    /// No value.
    STRPORTS_ABSENT = 0,
    /// An integer, in `integer`.
    STRPORTS_INTEGER = 1,
    /// Permissions, in `integer`; written in octal.
    STRPORTS_OCTAL = 2,
    /// A decimal number, in `integer`, in thousandths.
    STRPORTS_THOUSANDTHS = 3,
    /// Yes or no, in `flag`.
    STRPORTS_FLAG = 4,
    /// Bytes, in `text`.
    STRPORTS_TEXT = 5,
    /// Several texts, at `texts`, `count` of them.
    STRPORTS_TEXTS = 6,
    /// An endpoint inside this one, at `endpoint`; not to be freed.
    STRPORTS_ENDPOINT = 7,
}

/// The value of a parameter, lent by its endpoint, in the field that `kind` names.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// The name of the field with the value.
    pub kind: Kind,
    /// The value of a flag.
    pub flag: bool,
    /// The value of an integer, permissions or thousandths; at most `INT64_MAX`.
    pub integer: i64,
    /// The value of a text.
    pub text: Text,
    /// The values of several texts.
    pub texts: *const Text,
    /// The number of texts.
    pub count: usize,
    /// The nested endpoint.
    pub endpoint: *const Endpoint,
}

#[derive(Debug)]
enum OwnedValue {
    Absent,
    Integer(i64),
    Octal(u16),
    Thousandths(u16),
    Flag(bool),
    Text(OwnedText),
    Texts(OwnedTexts),
    Endpoint(Box<Endpoint>),
}

/// Several owned texts, and the array that is lent to the caller.
#[derive(Debug)]
struct OwnedTexts {
    lent: Vec<Text>,
    #[expect(dead_code, reason = "`lent` points into them")]
    owned: Vec<OwnedText>,
}

impl Endpoint {
    fn parse(text: &[u8], role: strports_syntax::Role) -> Option<Self> {
        match role {
            strports_syntax::Role::Server => {
                ServerEndpoint::parse(text).ok().map(|it| Self::server(&it))
            }
            strports_syntax::Role::Client => {
                ClientEndpoint::parse(text).ok().map(|it| Self::client(&it))
            }
        }
    }

    fn server(endpoint: &ServerEndpoint<'_>) -> Self {
        Self::new(endpoint, ServerPlan::try_from(endpoint).ok().map(|plan| plan.to_string()))
    }

    fn client(endpoint: &ClientEndpoint<'_>) -> Self {
        Self::new(endpoint, ClientPlan::try_from(endpoint).ok().map(|plan| plan.to_string()))
    }

    fn new(endpoint: &dyn Parameters, explanation: Option<String>) -> Self {
        let signature = endpoint.signature();
        let own = signature.parameters.iter().map(|it| it.name);
        // A wrapper takes the rest of the description, which is no parameter of its own.
        let wrapped = (signature.binding == Binding::Wrapper).then_some("endpoint");
        let names = own.chain(wrapped);
        Self {
            type_name: OwnedText::new(signature.name),
            canonical: OwnedText::new(canonical_bytes(endpoint)),
            explanation: explanation.map(OwnedText::new),
            parameters: names
                .map(|name| (OwnedText::new(name), OwnedValue::new(&endpoint.value(name))))
                .collect(),
        }
    }
}

impl OwnedValue {
    fn new(value: &strports_syntax::Value<'_>) -> Self {
        use strports_syntax::Value as From;
        match value {
            From::Integer(integer) => {
                Self::Integer(i64::try_from(*integer).unwrap_or(if *integer < 0 {
                    i64::MIN
                } else {
                    i64::MAX
                }))
            }
            From::Octal(mode) => Self::Octal(*mode),
            From::Thousandths(number) => Self::Thousandths(*number),
            From::Flag(is_on) => Self::Flag(*is_on),
            From::Text(text) => Self::Text(OwnedText::new(text.to_bytes())),
            From::Word(word) => Self::Text(OwnedText::new(*word)),
            From::Texts(texts) => Self::Texts(OwnedTexts::new(
                texts.iter().map(|text| OwnedText::new(text.to_bytes())).collect(),
            )),
            From::Server(inner) => Self::Endpoint(Box::new(Endpoint::server(inner))),
            From::Client(inner) => Self::Endpoint(Box::new(Endpoint::client(inner))),
            // `Absent`. A new kind of value needs an arm here.
            _ => Self::Absent,
        }
    }

    fn lend(&self) -> Value {
        let mut value = Value {
            kind: Kind::STRPORTS_ABSENT,
            flag: false,
            integer: 0,
            text: Text::NONE,
            texts: ptr::null(),
            count: 0,
            endpoint: ptr::null(),
        };
        value.kind = match self {
            Self::Absent => Kind::STRPORTS_ABSENT,
            Self::Integer(integer) => {
                value.integer = *integer;
                Kind::STRPORTS_INTEGER
            }
            Self::Octal(mode) => {
                value.integer = (*mode).into();
                Kind::STRPORTS_OCTAL
            }
            Self::Thousandths(number) => {
                value.integer = (*number).into();
                Kind::STRPORTS_THOUSANDTHS
            }
            Self::Flag(is_on) => {
                value.flag = *is_on;
                Kind::STRPORTS_FLAG
            }
            Self::Text(text) => {
                value.text = text.lend();
                Kind::STRPORTS_TEXT
            }
            Self::Texts(texts) => {
                (value.texts, value.count) = (texts.lent.as_ptr(), texts.lent.len());
                Kind::STRPORTS_TEXTS
            }
            Self::Endpoint(inner) => {
                value.endpoint = &raw const **inner;
                Kind::STRPORTS_ENDPOINT
            }
        };
        value
    }
}

impl OwnedTexts {
    fn new(owned: Vec<OwnedText>) -> Self {
        // The bytes are boxed, so moving the list does not move them.
        Self { lent: owned.iter().map(OwnedText::lend).collect(), owned }
    }
}

/// Parses the description of `role` in the `len` bytes at `text`.
///
/// On `STRPORTS_OK`, `*endpoint` is a new endpoint; otherwise it is NULL. On `STRPORTS_INVALID`,
/// `*report` is a new report that says what is wrong, unless `report` is NULL; otherwise it is
/// NULL.
///
/// # Safety
///
/// `text` points to `len` readable bytes, or is NULL; `endpoint` and `report` are writable, or
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_parse(
    role: Role,
    text: *const c_char,
    len: usize,
    endpoint: *mut *mut Endpoint,
    report: *mut *mut Report,
) -> Status {
    // SAFETY: the caller's promises are those of `try_parse`.
    status(unsafe { try_parse(role, text, len, endpoint, report) })
}

/// # Safety
///
/// As for [`strports_parse`].
unsafe fn try_parse(
    number: Role,
    text: *const c_char,
    len: usize,
    endpoint: *mut *mut Endpoint,
    report: *mut *mut Report,
) -> Result<Status, Status> {
    // SAFETY: the caller ensures that `report` is writable or NULL, and NULL is fine.
    let wants_report = unsafe { write(report, ptr::null_mut()) }.is_ok();
    // SAFETY: the caller ensures that `endpoint` is writable or NULL.
    unsafe { write(endpoint, ptr::null_mut()) }?;
    let role = role(number)?;
    // SAFETY: the caller ensures that the text is readable, until this call returns.
    let text = unsafe { read(text, len) }?;
    if let Some(parsed) = Endpoint::parse(text, role) {
        // SAFETY: it was writable above.
        unsafe { write(endpoint, Box::into_raw(Box::new(parsed))) }?;
        return Ok(Status::STRPORTS_OK);
    }
    if wants_report {
        // SAFETY: it was writable above.
        unsafe { write(report, Box::into_raw(Box::new(Report::new(text, role)))) }?;
    }
    Ok(Status::STRPORTS_INVALID)
}

/// The name of the type, such as "tcp".
///
/// # Safety
///
/// `endpoint` is an endpoint that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_endpoint_type(endpoint: *const Endpoint) -> Text {
    // SAFETY: the caller ensures that it is an endpoint or NULL.
    OwnedText::lend_some(unsafe { borrow(endpoint) }.map(|it| &it.type_name))
}

/// The canonical description, which parses as an equal endpoint.
///
/// # Safety
///
/// `endpoint` is an endpoint that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_endpoint_canonical(endpoint: *const Endpoint) -> Text {
    // SAFETY: the caller ensures that it is an endpoint or NULL.
    OwnedText::lend_some(unsafe { borrow(endpoint) }.map(|it| &it.canonical))
}

/// What the endpoint does, in one sentence of UTF-8 such as "listen on every IPv4 address, TCP port
/// 80, with a backlog of 50"; no text if the endpoint cannot run, for example because a UNIX path
/// has more than 107 bytes.
///
/// # Safety
///
/// `endpoint` is an endpoint that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_endpoint_explanation(endpoint: *const Endpoint) -> Text {
    // SAFETY: the caller ensures that it is an endpoint or NULL.
    OwnedText::lend_some(unsafe { borrow(endpoint) }.and_then(|it| it.explanation.as_ref()))
}

/// The number of the type's parameters.
///
/// # Safety
///
/// `endpoint` is an endpoint that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_endpoint_parameters(endpoint: *const Endpoint) -> usize {
    // SAFETY: the caller ensures that it is an endpoint or NULL.
    unsafe { borrow(endpoint) }.map_or(0, |it| it.parameters.len())
}

/// Writes the name and the value of one parameter; returns false, and writes nothing, if there
/// is none. Values that the description leaves out have their defaults.
///
/// # Safety
///
/// `endpoint` is an endpoint that is not freed, or NULL; `name` and `value` are writable, or NULL
/// if they are not needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_endpoint_parameter(
    endpoint: *const Endpoint,
    index: usize,
    name: *mut Text,
    value: *mut Value,
) -> bool {
    // SAFETY: the caller ensures that it is an endpoint or NULL.
    let Some(endpoint) = (unsafe { borrow(endpoint) }) else { return false };
    let Some(parameter) = endpoint.parameters.get(index) else { return false };
    // SAFETY: the caller ensures that `name` is writable or NULL, and NULL is fine.
    let _ = unsafe { write(name, parameter.0.lend()) };
    // SAFETY: the caller ensures that `value` is writable or NULL, and NULL is fine.
    let _ = unsafe { write(value, parameter.1.lend()) };
    true
}

/// Writes the value of the parameter called `name`, which a zero byte ends; `STRPORTS_ABSENT` if
/// the type has no such parameter.
///
/// # Safety
///
/// `endpoint` is an endpoint that is not freed, or NULL; `name` is a string, or NULL; `value` is
/// writable, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_endpoint_value(
    endpoint: *const Endpoint,
    name: *const c_char,
    value: *mut Value,
) -> Status {
    // SAFETY: the caller ensures that it is an endpoint or NULL.
    let Some(endpoint) = (unsafe { borrow(endpoint) }) else {
        return Status::STRPORTS_BAD_POINTER;
    };
    if name.is_null() {
        return Status::STRPORTS_BAD_POINTER;
    }
    // SAFETY: it is not NULL; the caller ensures that a zero byte ends it.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    let found = endpoint.parameters.iter().find(|it| it.0.as_bytes() == name);
    let found = found.map_or(OwnedValue::Absent.lend(), |it| it.1.lend());
    // SAFETY: the caller ensures that `value` is writable or NULL.
    status(unsafe { write(value, found) }.map(|()| Status::STRPORTS_OK))
}

/// Frees an endpoint, and everything that it has lent; NULL is ignored.
///
/// # Safety
///
/// `endpoint` is from `strports_parse` and not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_endpoint_free(endpoint: *mut Endpoint) {
    // SAFETY: what strports_parse returns is made by `Box::into_raw`; the caller ensures the rest.
    unsafe { free(endpoint) }
}
