//! Descriptions one at a time, from arguments or from standard input, in memory for one of them.

use std::io::{self, BufRead, BufReader, Read, Write};

use super::args::{Records, bytes};
use super::exit::Failure;
use super::stream::Stream;

const CAPACITY: usize = 64 * 1024;

/// Hands each description to `answer` in order, with the stream for what it has to say.
///
/// Before it waits for more input it flushes, so that whoever writes one description at a time
/// reads each answer before writing the next.
pub(super) fn each(
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

/// What ends each description of standard input.
pub(super) const fn terminator(records: &Records) -> u8 {
    if records.null { 0 } else { b'\n' }
}

/// Reads one record without its end; `false` where there is none. The last may lack its end.
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
    fn ok_empty_records_count_and_the_last_may_lack_its_end() {
        assert_eq!(records(b"", b'\n'), [""; 0]);
        assert_eq!(records(b"\n", b'\n'), [""]);
        assert_eq!(records(b"a\n\nb", b'\n'), ["a", "", "b"]);
        assert_eq!(records(b"a\n\0b\0", 0), ["a\n", "b"]);
    }
}
