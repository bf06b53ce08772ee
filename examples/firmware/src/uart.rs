//! The first serial port of the board, byte by byte.

use core::fmt;

/// The registers of the port (CMSDK APB UART), each 32 bits wide.
const DATA: *mut u32 = 0x4000_4000 as *mut u32;
const STATE: *mut u32 = 0x4000_4004 as *mut u32;
const CONTROL: *mut u32 = 0x4000_4008 as *mut u32;
const BAUD_DIVIDER: *mut u32 = 0x4000_4010 as *mut u32;

/// Bits of `STATE`.
const TRANSMIT_FULL: u32 = 1;
const RECEIVE_FULL: u32 = 2;

/// The serial port, with transmitter and receiver enabled.
pub(crate) struct Uart(());

impl Uart {
    /// Enables the port; called once, on the only thread.
    pub(crate) fn new() -> Self {
        // 25 MHz / 217 is 115,200 baud; at least 16.
        write(BAUD_DIVIDER, 217);
        write(CONTROL, 0b11);
        Self(())
    }

    /// Waits for a byte.
    pub(crate) fn read(&mut self) -> u8 {
        while read(STATE) & RECEIVE_FULL == 0 {}
        // The upper bits are zero.
        read(DATA).to_le_bytes()[0]
    }
}

impl fmt::Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            while read(STATE) & TRANSMIT_FULL != 0 {}
            write(DATA, byte.into());
        }
        Ok(())
    }
}

fn read(register: *mut u32) -> u32 {
    // SAFETY: the callers pass the registers above, which are aligned and exist on this board.
    unsafe { register.read_volatile() }
}

fn write(register: *mut u32, value: u32) {
    // SAFETY: the callers pass the registers above; writing to them changes no memory of Rust.
    unsafe { register.write_volatile(value) }
}
