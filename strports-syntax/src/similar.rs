//! Finds the known word that is most similar to a misspelled one, for "did you mean".

use crate::Text;

/// The maximum length in bytes of a word that is compared; no name in the table is longer.
const LONGEST: usize = 24;
/// The maximum number of characters in which a similar word may differ.
const MOST_LETTERS: usize = 2;

/// The most similar of `words`; `None` if none is similar enough to suggest it.
///
/// Case is ignored. One character may differ, and two in words of six or more; a character may be
/// changed, dropped, added or swapped with its neighbor. Text with a quote gets no suggestion: the
/// mistake is the quote.
pub(crate) fn most_similar(
    text: &Text<'_>,
    words: impl Iterator<Item = &'static str> + Clone,
) -> Option<&'static str> {
    let mut buffer = [0; LONGEST];
    let mut len = 0;
    for byte in text.bytes().skip_while(u8::is_ascii_whitespace) {
        if matches!(byte, b'"' | b'\'') {
            return None;
        }
        *buffer.get_mut(len)? = byte.to_ascii_lowercase();
        len += 1;
    }
    let found = buffer[..len].trim_ascii_end();
    let known = letters(found);
    words
        // A difference in length is a lower bound of the distance.
        .filter(|word| word.len().abs_diff(found.len()) <= MOST_LETTERS)
        // A changed letter removes one letter from the set and adds one. Comparing the sets first
        // is faster than computing the distance of every word.
        .filter(|word| (letters(word.as_bytes()) ^ known).count_ones() as usize <= 2 * MOST_LETTERS)
        .map(|word| (distance(found, word.as_bytes()), word))
        .filter(|&(distance, word)| {
            distance <= (word.len().min(found.len()) / 3).clamp(1, MOST_LETTERS)
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

impl Text<'_> {
    /// The one of `words` that this text is probably a misspelling of.
    ///
    /// Returns `None` if no word is similar enough to suggest it.
    ///
    /// ```
    /// use strports_syntax::Text;
    /// let words = || ["onion", "tor"].into_iter();
    /// assert_eq!(Text::plain("onoin").most_similar(words()), Some("onion"));
    /// assert_eq!(Text::plain("tcp").most_similar(words()), None);
    /// ```
    pub fn most_similar(
        &self,
        words: impl Iterator<Item = &'static str> + Clone,
    ) -> Option<&'static str> {
        most_similar(self, words)
    }
}

/// The set of letters in a word as bits, ignoring case; some other bytes share a bit.
fn letters(word: &[u8]) -> u32 {
    word.iter().fold(0, |letters, byte| letters | 1 << (byte.to_ascii_lowercase() & 31))
}

/// The number of characters to change, drop, add or swap to turn `a` into `b`.
///
/// This is the Damerau-Levenshtein distance (optimal string alignment). `b` is compared in lower
/// case, and `a` must be in lower case. Returns `usize::MAX` if a word is longer than [`LONGEST`].
fn distance(a: &[u8], b: &[u8]) -> usize {
    const WIDTH: usize = LONGEST + 1;
    if a.len() > LONGEST || b.len() > LONGEST {
        return usize::MAX;
    }
    let mut rows = [[0_usize; WIDTH]; 3];
    for (column, cell) in rows[0].iter_mut().enumerate() {
        *cell = column;
    }
    let at = |index: usize| b.get(index).map(u8::to_ascii_lowercase);
    for row in 1..=a.len() {
        // rows[0] is the previous row of the table, rows[1] the one before it, and rows[2] is
        // computed.
        rows[2][0] = row;
        for column in 1..=b.len() {
            let same = Some(a[row - 1]) == at(column - 1);
            let mut best = (rows[0][column - 1] + usize::from(!same))
                .min(rows[0][column] + 1)
                .min(rows[2][column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && Some(a[row - 1]) == at(column - 2)
                && Some(a[row - 2]) == at(column - 1);
            if swapped {
                best = best.min(rows[1][column - 2] + 1);
            }
            rows[2][column] = best;
        }
        rows.rotate_right(1);
    }
    rows[0][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 5] = ["host", "port", "bindAddress", "trustRoots", "timeout"];

    fn similar(text: &str) -> Option<&'static str> {
        most_similar(&Text::plain(text), WORDS.into_iter())
    }

    #[test]
    fn typos_are_similar() {
        assert_eq!(similar("trustroots"), Some("trustRoots"));
        assert_eq!(similar("bindAdress"), Some("bindAddress"));
        assert_eq!(similar("prot"), Some("port"));
        assert_eq!(similar(" port "), Some("port"));
    }

    #[test]
    fn distant_words_are_not_similar() {
        for text in ["", "x", "cert", "\"port", "interface", "certificate", &"port".repeat(9)] {
            assert_eq!(similar(text), None, "{text}");
        }
    }

    #[test]
    fn sets_of_letters_drop_no_similar_word() {
        let words = || WORDS.into_iter().chain(["prot", "hots", "bndAdress", "trustrotos", "time"]);
        for (one, other) in words().flat_map(|one| words().map(move |other| (one, other))) {
            let differing = letters(one.as_bytes()) ^ letters(other.as_bytes());
            let distance = distance(one.to_ascii_lowercase().as_bytes(), other.as_bytes());
            assert!(differing.count_ones() as usize <= 2 * distance, "{one} {other}");
        }
    }

    #[test]
    fn distances_are_correct() {
        assert_eq!(distance(b"", b""), 0);
        assert_eq!(distance(b"abc", b""), 3);
        assert_eq!(distance(b"abcd", b"acbd"), 1);
        assert_eq!(distance(b"kitten", b"sitting"), 3);
    }
}
