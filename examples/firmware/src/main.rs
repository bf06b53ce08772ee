//! Runs the console on the serial port of a Cortex-M4, without `std` and an allocator.
//!
//! `ci/check firmware` builds it, and tests it in QEMU.
#![no_std]
#![no_main]

mod uart;

use console::Console;
use core::panic::PanicInfo;
use cortex_m_rt::entry;

use crate::uart::Uart;

#[entry]
fn main() -> ! {
    let mut uart = Uart::new();
    let mut console = Console::<128>::new();
    loop {
        let byte = uart.read();
        // Writing to the port cannot fail.
        let _ = console.take(byte, &mut uart);
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
