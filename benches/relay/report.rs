//! Prints tables with the median of each relay, and the ratio of our median to it.

use crate::peers::Peer;

/// The limit for the ratio of our figure to that of another relay.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Limit {
    fn is_kept(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(limit) => ratio <= limit,
            Self::AtLeast(limit) => ratio >= limit,
        }
    }
}

/// The samples of one figure, such as CPU time, of every relay and run.
pub(crate) struct Table<'a> {
    pub(crate) title: &'a str,
    pub(crate) unit: &'a str,
    /// The samples of each relay, one per run; the first are those of our relay.
    pub(crate) samples: Vec<Vec<f64>>,
}

impl Table<'_> {
    /// Prints the table, and returns whether every limit is kept.
    pub(crate) fn print(&self, peers: &[Peer], limit: impl Fn(Peer) -> Option<Limit>) -> bool {
        println!("\n{:<36}{:>10}{:>10}{:>8}", self.title, self.unit, "ours ÷ it", "limit");
        let mut all_kept = true;
        for (peer, samples) in peers.iter().zip(&self.samples) {
            let figure = median(samples);
            let ratio = self.samples.first().map_or(f64::NAN, |ours| median(ours) / figure);
            let (limit, verdict) = match limit(*peer) {
                None => (String::new(), ""),
                Some(limit) => {
                    let kept = limit.is_kept(ratio);
                    all_kept &= kept;
                    let text = match limit {
                        Limit::AtMost(most) => format!("≤ {most}"),
                        Limit::AtLeast(least) => format!("≥ {least}"),
                    };
                    (text, if kept { "  ok" } else { "  MISSED" })
                }
            };
            println!("  {:<34}{figure:>10.3}{ratio:>10.2}{limit:>8}{verdict}", peer.name());
        }
        all_kept
    }
}

/// Returns the median of some samples.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match (values.get(values.len() / 2), values.get(values.len().saturating_sub(1) / 2)) {
        (Some(upper), Some(lower)) => f64::midpoint(*upper, *lower),
        _ => f64::NAN,
    }
}
