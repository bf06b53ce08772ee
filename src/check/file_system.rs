//! Detects file systems without real files: interfaces of the kernel.
//!
//! Reading such a file may block forever or have side effects, and `/proc` contains itself many
//! times.

use std::path::Path;

/// The name of the directory's file system, such as `procfs`, if it has no real files; `None`
/// otherwise.
#[cfg(target_os = "linux")]
pub(super) fn without_files(directory: &Path) -> Option<&'static str> {
    let magic = rustix::fs::statfs(directory).ok()?.f_type;
    // The type `FsWord` has 32 or 64 bits and may be signed, depending on the platform; the numbers
    // have 32 bits.
    let magic = u32::try_from(magic & 0xffff_ffff).ok()?;
    KERNEL.iter().find(|(number, _)| *number == magic).map(|(_, name)| *name)
}

/// Compares the path with the usual mount points, because the numbers of file systems above are
/// those of Linux.
#[cfg(not(target_os = "linux"))]
pub(super) fn without_files(directory: &Path) -> Option<&'static str> {
    let known = [("/proc", "procfs"), ("/sys", "sysfs"), ("/dev", "devfs")];
    known.into_iter().find(|(path, _)| directory == Path::new(path)).map(|(_, name)| name)
}

/// Magic numbers from `linux/magic.h`, or from the sources of the kernel if they are missing there.
#[cfg(target_os = "linux")]
const KERNEL: &[(u32, &str)] = &[
    (0x9fa0, "procfs"),
    (0x6265_6572, "sysfs"),
    (0x0027_e0eb, "cgroup"),
    (0x6367_7270, "cgroup2"),
    (0x6462_6720, "debugfs"),
    (0x7472_6163, "tracefs"),
    (0x7363_6673, "securityfs"),
    (0xf97c_ff8c, "selinuxfs"),
    (0x6265_6570, "configfs"),
    (0xcafe_4a11, "bpf"),
    (0x6165_676c, "pstore"),
    (0xde5e_81e4, "efivarfs"),
    (0x4249_4e4d, "binfmt_misc"),
    (0x0000_1cd1, "devpts"),
    (0x1980_0202, "mqueue"),
    (0x9584_58f6, "hugetlbfs"),
    (0x6573_5543, "fusectl"),
    (0x6e73_6673, "nsfs"),
];

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn virtual_file_systems_are_detected() {
        assert_eq!(without_files(Path::new("/proc")), Some("procfs"));
        assert_eq!(without_files(Path::new("/proc/self")), Some("procfs"));
        assert_eq!(without_files(Path::new(env!("CARGO_MANIFEST_DIR"))), None);
    }
}
