//! The runtime that libc would provide: entry point, exit, memory functions and an allocator.

use core::arch::{asm, naked_asm};
use core::fmt::{self, Display, Write};
use core::panic::PanicInfo;

/// The entry point, which the kernel calls with the initial stack.
///
/// # Safety
///
/// Only the kernel may call it.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn _start() -> ! {
    // The psABI requires a stack that is aligned to 16 bytes before a call.
    naked_asm!("xor ebp, ebp", "and rsp, -16", "call {start}", "ud2", start = sym start)
}

extern "C" fn start() -> ! {
    exit(crate::run())
}

fn exit(status: u8) -> ! {
    // SAFETY: system call 60 is `exit` on x86_64 Linux; it takes one integer and does not return.
    unsafe { asm!("syscall", in("rax") 60, in("rdi") u64::from(status), options(noreturn)) }
}

/// Exits with a status that no proof uses.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(101)
}

/// Whether `it` prints as `expected`; compares without allocating.
pub(crate) fn is_printed(it: &dyn Display, expected: &str) -> bool {
    struct Expected<'t>(&'t str);
    impl Write for Expected<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Expected(expected);
    write!(rest, "{it}").is_ok() && rest.0.is_empty()
}

/// The functions that compiled code calls by these names, byte by byte.
///
/// They use volatile accesses: the compiler would replace a plain loop by a call to the function
/// itself.
mod memory {
    /// # Safety
    ///
    /// As in C.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        for at in 0..count {
            // SAFETY: the caller ensures that `count` bytes are valid at both places.
            unsafe { to.add(at).write_volatile(from.add(at).read_volatile()) }
        }
        to
    }

    /// # Safety
    ///
    /// As in C.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        if to.addr() <= from.addr() {
            // SAFETY: the same promise; going up, an overlap is read before it is written.
            return unsafe { memcpy(to, from, count) };
        }
        for at in (0..count).rev() {
            // SAFETY: the same promise; going down, an overlap is read before it is written.
            unsafe { to.add(at).write_volatile(from.add(at).read_volatile()) }
        }
        to
    }

    /// # Safety
    ///
    /// As in C.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
        for at in 0..count {
            // SAFETY: the caller ensures that `count` bytes are writable; C uses the low byte.
            unsafe { to.add(at).write_volatile(byte.to_le_bytes()[0]) }
        }
        to
    }

    /// # Safety
    ///
    /// As in C.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        for at in 0..count {
            // SAFETY: the caller ensures that `count` bytes are valid at both places.
            let (a, b) = unsafe { (a.add(at).read_volatile(), b.add(at).read_volatile()) };
            if a != b {
                return i32::from(a) - i32::from(b);
            }
        }
        0
    }

    /// # Safety
    ///
    /// As in C.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        // SAFETY: the same promise.
        unsafe { memcmp(a, b, count) }
    }
}

/// A bump allocator that never frees.
#[cfg(feature = "allocator")]
mod allocator {
    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;
    use core::ptr::null_mut;
    use core::sync::atomic::{AtomicUsize, Ordering};

    const SIZE: usize = 1 << 16;

    #[repr(align(16))]
    struct Bump {
        block: UnsafeCell<[u8; SIZE]>,
        used: AtomicUsize,
    }

    // SAFETY: there is one thread, and the block is accessed only through pointers from `alloc`.
    unsafe impl Sync for Bump {}

    // SAFETY: every range is aligned as requested, lies within the block, and is returned once.
    unsafe impl GlobalAlloc for Bump {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let at = self.used.load(Ordering::Relaxed).next_multiple_of(layout.align());
            if layout.align() > 16 || SIZE.saturating_sub(at) < layout.size() {
                return null_mut();
            }
            self.used.store(at + layout.size(), Ordering::Relaxed);
            self.block.get().cast::<u8>().wrapping_add(at)
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    }

    #[global_allocator]
    static BUMP: Bump = Bump { block: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) };
}
