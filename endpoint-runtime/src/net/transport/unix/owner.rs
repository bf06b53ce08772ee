//! The user and the group of a socket file, as given by the description.

use rustix::fs::{Gid, Uid};

use crate::error::{EnvironmentProblem, OwnerKind, Problem};
use crate::plan::UnixListen;
use crate::sys::user_database::{group_id, user_id};

/// The user and the group that a file gets; `None` leaves that one unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) user: Option<Uid>,
    pub(super) group: Option<Gid>,
}

impl Owner {
    /// Looks up the user and the group of the plan. May block.
    pub(super) fn from_plan(plan: &UnixListen) -> Result<Self, Problem> {
        let user = plan.user.as_deref().map(|user| id(OwnerKind::User, user)).transpose()?;
        let group = plan.group.as_deref().map(|group| id(OwnerKind::Group, group)).transpose()?;
        Ok(Self { user: user.map(Uid::from_raw), group: group.map(Gid::from_raw) })
    }

    /// Whether neither the user nor the group changes.
    pub(super) fn is_unchanged(self) -> bool {
        self == Self::default()
    }
}

/// The number of a user or a group, given by number or by name.
fn id(kind: OwnerKind, text: &str) -> Result<u32, EnvironmentProblem> {
    // For `chown`, the id 2³²−1 leaves the owner unchanged.
    if let Some(number) = text.parse().ok().filter(|number| *number != u32::MAX) {
        return Ok(number);
    }
    let found = match kind {
        OwnerKind::User => user_id(text),
        OwnerKind::Group => group_id(text),
    };
    let name = || text.to_owned();
    match found {
        Ok(Some(number)) => Ok(number),
        Ok(None) => Err(EnvironmentProblem::UnknownOwner { kind, name: name() }),
        Err(error) => Err(EnvironmentProblem::OwnerLookUp { kind, name: name(), error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::UnixName;

    fn owner(user: Option<&str>, group: Option<&str>) -> Result<Owner, String> {
        let mut plan = UnixListen::new(UnixName::path("/s").unwrap());
        (plan.user, plan.group) = (user.map(Into::into), group.map(Into::into));
        Owner::from_plan(&plan).map_err(|problem| problem.to_string())
    }

    #[test]
    fn names_and_numbers_are_looked_up() {
        assert!(owner(None, None).unwrap().is_unchanged());
        let numbers = owner(Some("12345"), Some("54321")).unwrap();
        let expected =
            Owner { user: Some(Uid::from_raw(12345)), group: Some(Gid::from_raw(54321)) };
        assert_eq!(numbers, expected);
        assert_eq!(owner(Some("root"), None).unwrap().user, Some(Uid::ROOT));
    }

    #[test]
    fn an_unknown_user_is_an_error() {
        for (user, shown) in [("no-such-user-here", "no-such-user-here"), ("-1", "-1"), ("", "")] {
            assert_eq!(owner(Some(user), None).unwrap_err(), format!("there is no user `{shown}`"));
        }
        // For `chown`, this number leaves the owner unchanged.
        let error = owner(None, Some("4294967295")).unwrap_err();
        assert_eq!(error, "there is no group `4294967295`");
    }
}
