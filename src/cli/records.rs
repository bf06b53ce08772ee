//! Reads descriptions from arguments or from standard input, one in memory at a time.

use std::io::{self, BufRead, BufReader, Read, Write};

use super::args::{Records, bytes};
use super::exit::Failure;
use super::stream::Stream;

const CAPACITY: usize = 64 * 1024;

/// Calls `answer` with each description in order, and with the stream to which it writes.
///
/// Flushes the output before waiting for input. A program that writes one description at a time can
/// therefore read each answer before it writes the next.
pub(super) fn for_each(
    records: &Records,
    input: &mut dyn Read,
    output: &mut Stream,
    mut answer: impl FnMut(&[u8], &mut Stream) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let end = terminator(records);
    let mut input = BufReader::with_capacity(CAPACITY, input);
    let mut record = Vec::new();
    for description in &records.descriptions {
        if description != "-" {
            answer(bytes(description), output)?;
            continue;
        }
        loop {
            if !input.buffer().contains(&end) {
                output.flush()?;
            }
            record.clear();
            if read(&mut input, end, &mut record).map_err(Failure::Input)? {
                answer(&record, output)?;
            } else {
                break;
            }
        }
    }
    Ok(())
}

/// The byte that ends each description on standard input: a line feed, or NUL with `--null`.
pub(super) const fn terminator(records: &Records) -> u8 {
    if records.null { 0 } else { b'\n' }
}

/// Reads one record without its terminator into `record`; returns false at the end of input. The
/// last record may lack its terminator.
fn read(input: &mut impl BufRead, end: u8, record: &mut Vec<u8>) -> io::Result<bool> {
    let any = input.read_until(end, record)? > 0;
    if record.last() == Some(&end) {
        record.pop();
    }
    Ok(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(mut input: &[u8], end: u8) -> Vec<String> {
        let mut record = Vec::new();
        let mut all = Vec::new();
        while read(&mut input, end, &mut record).unwrap() {
            all.push(String::from_utf8(std::mem::take(&mut record)).unwrap());
        }
        all
    }

    #[test]
    fn empty_records_count_and_the_last_needs_no_terminator() {
        assert_eq!(records(b"", b'\n'), [""; 0]);
        assert_eq!(records(b"\n", b'\n'), [""]);
        assert_eq!(records(b"a\n\nb", b'\n'), ["a", "", "b"]);
        assert_eq!(records(b"a\n\0b\0", 0), ["a\n", "b"]);
    }
}
