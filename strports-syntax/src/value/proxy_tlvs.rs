//! The TLVs (typed extra fields) to send in a PROXY protocol header.

use core::fmt;

use super::from_text::FromText;
use super::items::Items;
use super::word::ProxyTlv;
use crate::signature::Parameter;
use crate::similar::most_similar;
use crate::{ErrorKind, Excerpt, Text};

/// The TLVs (typed extra fields) to send in a PROXY protocol header: words separated by commas, at
/// least one.
///
/// ```
/// use strports_syntax::value::{ProxyTlv, ProxyTlvs};
/// let tlvs = ProxyTlvs::new("ssl,unique-id").unwrap();
/// assert!(tlvs.iter().eq([ProxyTlv::Ssl, ProxyTlv::UniqueId]));
/// assert!(tlvs.contains(ProxyTlv::Ssl) && !tlvs.contains(ProxyTlv::Alpn));
/// assert!(ProxyTlvs::new("ssl,").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProxyTlvs<'a>(Text<'a>);

impl<'a> ProxyTlvs<'a> {
    /// Parses `text`; `None` if an item of the list is not a known word.
    pub fn new(text: impl Into<Text<'a>>) -> Option<Self> {
        let text = text.into();
        let valid = words(&text).all(|word| word.is_some());
        valid.then_some(Self(text))
    }

    /// The list of TLVs as it was written.
    pub const fn text(&self) -> &Text<'a> {
        &self.0
    }

    /// Iterates over the TLVs, in the order they were written.
    pub fn iter(&self) -> impl Iterator<Item = ProxyTlv> + '_ {
        words(&self.0).flatten()
    }

    /// Whether the header shall contain `tlv`.
    pub fn contains(&self, tlv: ProxyTlv) -> bool {
        self.iter().any(|it| it == tlv)
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> ProxyTlvs<'static> {
        ProxyTlvs(self.0.into_owned())
    }
}

fn words<'t>(text: &'t Text<'_>) -> impl Iterator<Item = Option<ProxyTlv>> + 't {
    Items::new(text).map(|item| {
        let word = item.as_str()?;
        ProxyTlv::ALL.iter().copied().find(|it| it.as_str() == word)
    })
}

impl fmt::Display for ProxyTlvs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'a> FromText<'a> for ProxyTlvs<'a> {
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        if let Some(tlvs) = Self::new(text.clone()) {
            return Ok(tlvs);
        }
        // A suggestion would replace the whole list by one word, so lists get none.
        let is_list = text.bytes().any(|byte| byte == b',');
        let names = ProxyTlv::ALL.iter().map(|it| it.as_str());
        let suggestion = if is_list { None } else { most_similar(text, names) };
        Err(ErrorKind::UnknownWord {
            parameter: parameter.name,
            found: Excerpt::new(text),
            expected: ProxyTlv::WORDS,
            suggestion,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_repeat_in_any_order() {
        let all = ProxyTlvs::new("forward,unique-id,ssl,alpn,authority,ssl").unwrap();
        assert!(ProxyTlv::ALL.iter().all(|it| all.contains(*it)));
        assert_eq!(all.iter().count(), 6);
    }

    #[test]
    fn unknown_words_are_refused() {
        for text in
            ["", ",", "ssl,", "SSL", "ssl, alpn", "sslalpn", "authority-of-some-fifty-bytes-x"]
        {
            assert_eq!(ProxyTlvs::new(text), None, "{text}");
        }
    }
}
