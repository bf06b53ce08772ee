//! Socket activation: which descriptors systemd passed, by the variables of `sd_listen_fds(3)`.
//!
//! Rules:
//! - `LISTEN_PID` is the process that the sockets are for. Other processes must ignore them,
//!   because children inherit the variables.
//! - `LISTEN_FDS` is the number of sockets; they are consecutive descriptors from 3.
//! - `LISTEN_FDNAMES` is optional and has their names in order, separated by colons. Names may
//!   repeat, and selecting by index needs no names.
//!
//! The driver's steps:
//! 1. Read [`Variables`] from the environment, once, and pass them with the process id to
//!    [`Passed::read`].
//! 2. Get descriptors by [`index`](Passed::index) or [`name`](Passed::name). The
//!    variables do not show whether they are open, and of what kind they are.
//!
//! Source: <https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html>

/// The first descriptor from systemd: 0 to 2 are the standard streams.
///
/// > "SD_LISTEN_FDS_START (3)" — sd_listen_fds(3)
///
/// See [`Passed::read`] for an example.
pub const FIRST_DESCRIPTOR: u32 = 3;

/// The maximum number of sockets, because the number of a descriptor is a C int.
///
/// See [`Passed::read`] for an example.
pub const MAX_SOCKETS: u32 = i32::MAX.unsigned_abs() - FIRST_DESCRIPTOR + 1;

/// The values of the three environment variables with which systemd passes sockets.
///
/// See [`Passed::read`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variables<'a> {
    /// `LISTEN_PID`: the id of the process that the sockets are for; `None` if it is not set.
    pub pid: Option<&'a [u8]>,
    /// `LISTEN_FDS`: how many sockets were passed; `None` if it is not set.
    pub fds: Option<&'a [u8]>,
    /// `LISTEN_FDNAMES`: their names, separated by colons; `None` if it is not set.
    pub names: Option<&'a [u8]>,
}

/// The sockets that were passed to this process: their number and their names.
///
/// See [`Passed::read`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    count: u32,
    /// The value of `LISTEN_FDNAMES`, which may not have one name for each socket.
    names: Option<Box<[u8]>>,
}

/// Why systemd passed no such socket to this process.
///
/// The error of [`Passed::read`], which has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActivationError {
    /// A variable that systemd sets is not set.
    NotSet {
        /// The name of the variable: `LISTEN_PID` or `LISTEN_FDS`.
        variable: &'static str,
    },
    /// A variable is not a valid number.
    NotANumber {
        /// The name of the variable: `LISTEN_PID` or `LISTEN_FDS`.
        variable: &'static str,
        /// The value of the variable.
        value: Vec<u8>,
    },
    /// The sockets were passed to another process, such as a parent of this one.
    OtherProcess {
        /// The process id in `LISTEN_PID`.
        pid: u32,
        /// The id of this process.
        ours: u32,
    },
    /// The requested index is beyond the last socket.
    NoSuchIndex {
        /// The index in the description, from 0.
        index: u32,
        /// The number of sockets that were passed.
        count: u32,
    },
    /// A socket was requested by name, but `LISTEN_FDNAMES` is not set.
    Unnamed {
        /// The number of sockets that were passed.
        count: u32,
    },
    /// The number of names differs from the number of sockets, so no name can be assigned.
    NameCount {
        /// The number of names in `LISTEN_FDNAMES`.
        names: usize,
        /// The number of sockets that were passed.
        count: u32,
    },
    /// No passed socket has the requested name.
    NoSuchName {
        /// The name in the description.
        name: Vec<u8>,
        /// The value of `LISTEN_FDNAMES`.
        names: Vec<u8>,
    },
}

impl Passed {
    /// Reads the variables, if they are for the process with the id `ours`.
    ///
    /// # Errors
    ///
    /// Returns an error if a variable is missing or not a number (`LISTEN_FDS=two`), or if the
    /// sockets are for another process.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::proto::activation::{Passed, Variables};
    ///
    /// let variables = Variables { pid: Some(b"17"), fds: Some(b"2"), names: Some(b"http:https") };
    /// let passed = Passed::read(variables, 17).unwrap();
    /// assert_eq!(passed.index(0), Ok(3));
    /// assert_eq!(passed.name(b"https").unwrap().collect::<Vec<_>>(), [4]);
    /// ```
    pub fn read(variables: Variables<'_>, ours: u32) -> Result<Self, ActivationError> {
        let pid = number("LISTEN_PID", variables.pid)?;
        if pid != ours {
            return Err(ActivationError::OtherProcess { pid, ours });
        }
        let count = number("LISTEN_FDS", variables.fds)?;
        if count > MAX_SOCKETS {
            let value = variables.fds.unwrap_or_default().to_owned();
            return Err(ActivationError::NotANumber { variable: "LISTEN_FDS", value });
        }
        Ok(Self { count, names: variables.names.map(Into::into) })
    }

    /// The number of sockets that were passed.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The numbers of all passed descriptors. The variables do not show whether they are open.
    pub fn descriptors(&self) -> impl Iterator<Item = u32> + use<> {
        (FIRST_DESCRIPTOR..).zip(0..self.count).map(|(descriptor, _)| descriptor)
    }

    /// The descriptor at this position, from 0.
    ///
    /// # Errors
    ///
    /// Returns an error if the index is beyond the last socket.
    pub fn index(&self, index: u32) -> Result<u32, ActivationError> {
        if index < self.count {
            Ok(FIRST_DESCRIPTOR + index)
        } else {
            Err(ActivationError::NoSuchIndex { index, count: self.count })
        }
    }

    /// All descriptors with this name, in order; there is at least one.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no names, if their number differs from that of the sockets, or
    /// if no socket has this name.
    pub fn name<'a>(
        &'a self,
        name: &'a [u8],
    ) -> Result<impl Iterator<Item = u32> + 'a, ActivationError> {
        let all = self.names.as_deref().ok_or(ActivationError::Unnamed { count: self.count })?;
        let names = split(all).count();
        if u32::try_from(names) != Ok(self.count) {
            return Err(ActivationError::NameCount { names, count: self.count });
        }
        if !split(all).any(|other| other == name) {
            return Err(ActivationError::NoSuchName {
                name: name.to_owned(),
                names: all.to_owned(),
            });
        }
        Ok((FIRST_DESCRIPTOR..)
            .zip(split(all))
            .filter_map(move |(descriptor, other)| (other == name).then_some(descriptor)))
    }

    /// The name of a descriptor; `None` if the sockets have no names.
    pub fn name_of(&self, descriptor: u32) -> Option<&[u8]> {
        let all = self.names.as_deref()?;
        if u32::try_from(split(all).count()) != Ok(self.count) {
            return None;
        }
        split(all).nth(descriptor.checked_sub(FIRST_DESCRIPTOR)?.try_into().ok()?)
    }
}

/// The names in a value of `LISTEN_FDNAMES`; an empty value is one empty name.
fn split(names: &[u8]) -> impl Iterator<Item = &[u8]> {
    names.split(|byte| *byte == b':')
}

/// Parses decimal digits without sign or space, as systemd writes them.
fn number(variable: &'static str, value: Option<&[u8]>) -> Result<u32, ActivationError> {
    let value = value.ok_or(ActivationError::NotSet { variable })?;
    let digits = Some(value).filter(|value| value.iter().all(u8::is_ascii_digit));
    let text = digits.and_then(|digits| core::str::from_utf8(digits).ok());
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| ActivationError::NotANumber { variable, value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables<'a>(pid: &'a str, fds: &'a str, names: Option<&'a str>) -> Variables<'a> {
        Variables {
            pid: Some(pid.as_bytes()),
            fds: Some(fds.as_bytes()),
            names: names.map(str::as_bytes),
        }
    }

    fn passed(fds: &str, names: Option<&str>) -> Passed {
        Passed::read(variables("17", fds, names), 17).unwrap()
    }

    fn by_name(passed: &Passed, name: &str) -> Vec<u32> {
        passed.name(name.as_bytes()).unwrap().collect()
    }

    #[test]
    fn an_index_needs_no_names() {
        for names in [None, Some("a"), Some("a:b:c")] {
            let passed = passed("2", names);
            assert_eq!((passed.index(0), passed.index(1)), (Ok(3), Ok(4)));
            assert_eq!(passed.index(2), Err(ActivationError::NoSuchIndex { index: 2, count: 2 }));
        }
    }

    #[test]
    fn a_name_selects_all_sockets_with_it() {
        let passed = passed("4", Some("web:admin:web:"));
        assert_eq!(by_name(&passed, "web"), [3, 5]);
        assert_eq!(by_name(&passed, "admin"), [4]);
        assert_eq!(by_name(&passed, ""), [6], "a name may be empty");
        assert!(
            matches!(passed.name(b"we").err(), Some(ActivationError::NoSuchName { name, .. }) if name == b"we")
        );
        assert_eq!(passed.name_of(4), Some(&b"admin"[..]));
        assert_eq!((passed.name_of(2), passed.name_of(7)), (None, None));
    }

    #[test]
    fn names_count_only_if_each_socket_has_one() {
        for (fds, names, found) in [("2", "a", 1), ("2", "a:b:c", 3), ("2", "", 1)] {
            let passed = passed(fds, Some(names));
            assert_eq!(
                passed.name(b"a").err(),
                Some(ActivationError::NameCount { names: found, count: 2 }),
                "{names}"
            );
            assert_eq!(passed.name_of(3), None);
        }
        assert_eq!(passed("1", None).name(b"a").err(), Some(ActivationError::Unnamed { count: 1 }));
    }

    #[test]
    fn sockets_for_another_process_are_not_ours() {
        assert_eq!(
            Passed::read(variables("17", "1", None), 18),
            Err(ActivationError::OtherProcess { pid: 17, ours: 18 })
        );
    }

    #[test]
    fn missing_variables_are_named() {
        let missing = |variables| match Passed::read(variables, 17) {
            Err(ActivationError::NotSet { variable }) => variable,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(Variables::default()), "LISTEN_PID");
        assert_eq!(missing(Variables { pid: Some(b"17"), ..Variables::default() }), "LISTEN_FDS");
    }

    #[test]
    fn numbers_are_decimal_and_fit() {
        for wrong in ["", "-1", "+1", " 1", "1 ", "0x1", "4294967296", "two"] {
            assert_eq!(
                Passed::read(variables(wrong, "1", None), 17),
                Err(ActivationError::NotANumber { variable: "LISTEN_PID", value: wrong.into() })
            );
            assert_eq!(
                Passed::read(variables("17", wrong, None), 17),
                Err(ActivationError::NotANumber { variable: "LISTEN_FDS", value: wrong.into() })
            );
        }
        let most = MAX_SOCKETS.to_string();
        let most = passed(&most, None);
        assert_eq!(most.index(MAX_SOCKETS - 1), Ok(i32::MAX.unsigned_abs()));
        let more = (MAX_SOCKETS + 1).to_string();
        assert!(Passed::read(variables("17", &more, None), 17).is_err());
        assert_eq!(passed("2", None).descriptors().collect::<Vec<_>>(), [3, 4]);
        assert_eq!(passed("0", None).count(), 0);
    }
}
