//! What the benchmark of the mark comes to: a row an attack, and some figures of other kinds.

use serde_json::{Value, json};

/// What became of one leak.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Whether the photograph was held back.
    pub held_back: bool,
    /// Clients whose copies are in the leak.
    pub leakers: usize,
    /// Those of them who are accused.
    pub accused: usize,
    /// Others who are.
    pub innocents: usize,
    /// The logarithm of the bound that accuses the surest and the least sure leaker; of the whole search, 0 at most.
    pub log10: [f64; 2],
    /// Whether the message layer names the request.
    pub request: bool,
}

impl Outcome {
    fn is_identified(&self) -> bool {
        self.leakers > 0 && self.accused == self.leakers
    }
}

/// The leaks of one kind, one for each photograph.
#[derive(Clone, Debug)]
pub struct Attack {
    /// The attack's name, of which only the first part is the strategy where it is a collusion's.
    pub name: String,
    /// A photograph each.
    pub outcomes: Vec<Outcome>,
}

impl Attack {
    /// Whether each leak is of one client's copy, of the usual quality.
    pub fn is_single(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.leakers == 1) && !self.name.contains('@')
    }

    /// Photographs on which all leakers are accused.
    pub fn identified(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.is_identified()).count()
    }

    fn innocents(&self) -> usize {
        self.outcomes.iter().map(|outcome| outcome.innocents).sum()
    }

    /// The fewest leakers that are accused on any photograph.
    fn fewest(&self) -> usize {
        self.outcomes.iter().map(|outcome| outcome.accused).min().unwrap_or(0)
    }

    /// Of the bound, over the least sure leakers.
    fn worst(&self) -> f64 {
        self.outcomes
            .iter()
            .map(|outcome| outcome.log10[1])
            .fold(f64::NEG_INFINITY, f64::max)
            .min(0.0)
    }

    fn median(&self) -> f64 {
        crate::row::median(self.outcomes.iter().map(|outcome| outcome.log10[1]).collect()).unwrap_or(0.0)
    }

    /// Photographs of those that were held back, and on how many of them all leakers are accused.
    fn held_back(&self) -> (usize, usize) {
        let of = |outcome: &&Outcome| outcome.held_back;
        let held_back = self.outcomes.iter().filter(of);
        let identified = held_back.clone().filter(|outcome| outcome.is_identified());
        (held_back.count(), identified.count())
    }

    /// As a line of `--json`.
    pub fn json(&self) -> Value {
        let (held_back, identified) = self.held_back();
        json!({
            "attack": self.name, "photos": self.outcomes.len(), "identified": self.identified(),
            "held_back": held_back, "held_back_identified": identified,
            "leakers": self.outcomes.first().map_or(0, |outcome| outcome.leakers), "fewest_accused": self.fewest(),
            "worst_log10_fp": tenths(self.worst()), "median_log10_fp": tenths(self.median()),
            "innocents_accused": self.innocents(),
            "requests_read": self.outcomes.iter().filter(|outcome| outcome.request).count(),
        })
    }
}

/// What is left of another watermark's bits after an attack.
#[derive(Clone, Debug)]
pub struct Peer {
    peer: &'static str,
    attack: &'static str,
    photos: usize,
    exact: usize,
    /// The sum of the shares of right bits.
    right: f64,
}

impl Peer {
    /// Nothing yet.
    pub fn new(peer: &'static str, attack: &'static str) -> Self {
        Self {
            peer,
            attack,
            photos: 0,
            exact: 0,
            right: 0.0,
        }
    }

    /// The attack.
    pub fn attack(&self) -> &str {
        self.attack
    }

    /// On how many of how many photographs every bit is right.
    pub fn exact(&self) -> (usize, usize) {
        (self.exact, self.photos)
    }

    /// One more photograph, of whose bits so many are right.
    pub fn add(&mut self, right: usize, bits: usize) {
        self.photos += 1;
        self.exact += usize::from(right == bits);
        self.right += right as f64 / bits as f64;
    }

    /// As a line of `--json`.
    pub fn json(&self) -> Value {
        json!({
            "peer": self.peer, "attack": self.attack, "photos": self.photos, "exact": self.exact,
            "bits_right": rounded(self.right / self.photos.max(1) as f64),
        })
    }
}

/// A figure that is no attack: fidelity, bytes, cost.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What it is, and of what.
    pub name: String,
    /// The worst and the median over the photographs.
    pub worst: f64,
    /// See `worst`.
    pub median: f64,
    /// How it is shown: `dB`, `ratio`, …
    pub unit: &'static str,
}

impl Figure {
    /// Of a value for each photograph; `worst` picks the worse of two.
    pub fn of(name: &str, unit: &'static str, values: &[f64], worst: fn(f64, f64) -> f64) -> Self {
        Self {
            name: name.to_owned(),
            worst: values.iter().copied().reduce(worst).unwrap_or(f64::NAN),
            median: crate::row::median(values.to_vec()).unwrap_or(f64::NAN),
            unit,
        }
    }

    /// As a line of `--json`.
    pub fn json(&self) -> Value {
        json!({ "figure": self.name, "worst": rounded(self.worst), "median": rounded(self.median), "unit": self.unit })
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn rounded(value: f64) -> f64 {
    (value * 100_000.0).round() / 100_000.0
}

/// The attacks as a person reads them.
pub fn table(attacks: &[Attack]) -> String {
    let mut text = format!(
        "{:<30} {:>9} {:>9} {:>8} {:>12} {:>12} {:>9} {:>8}\n",
        "attack", "identified", "held back", "fewest", "worst log10", "median log10", "innocents", "request"
    );
    for attack in attacks {
        let (held_back, held_back_identified) = attack.held_back();
        let outcomes = attack.outcomes.len();
        let leakers = attack.outcomes.first().map_or(0, |outcome| outcome.leakers);
        text += &format!(
            "{:<30} {:>10} {:>9} {:>8} {:>12.1} {:>12.1} {:>9} {:>8}\n",
            attack.name,
            format!("{}/{outcomes}", attack.identified()),
            format!("{held_back_identified}/{held_back}"),
            format!("{}/{leakers}", attack.fewest()),
            attack.worst(),
            attack.median(),
            attack.innocents(),
            format!(
                "{}/{outcomes}",
                attack.outcomes.iter().filter(|outcome| outcome.request).count()
            ),
        );
    }
    text
}

/// The peers as a person reads them: right bits in percent, and on how many photographs all are.
pub fn peers(peers: &[Peer]) -> String {
    let mut names: Vec<&str> = peers.iter().map(|peer| peer.peer).collect();
    names.dedup();
    let mut text = format!("{:<30}", "attack, bits right");
    names.iter().for_each(|name| text += &format!(" {name:>18}"));
    text += "\n";
    for first in peers.iter().filter(|peer| names.first() == Some(&peer.peer)) {
        text += &format!("{:<30}", first.attack);
        for peer in peers.iter().filter(|peer| peer.attack == first.attack) {
            let right = 100.0 * peer.right / peer.photos.max(1) as f64;
            text += &format!(" {:>18}", format!("{right:.0} %, {}/{}", peer.exact, peer.photos));
        }
        text += "\n";
    }
    text
}

/// The other figures as a person reads them.
pub fn figures(figures: &[Figure]) -> String {
    let mut text = format!("{:<50} {:>12} {:>12}\n", "", "worst", "median");
    for Figure {
        name,
        worst,
        median,
        unit,
    } in figures
    {
        text += &format!("{name:<50} {worst:>12.4} {median:>12.4} {unit}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_what_others_read() {
        let outcome = |accused, log10| Outcome {
            held_back: accused == 1,
            leakers: 2,
            accused,
            innocents: 0,
            log10: [log10 - 50.0, log10],
            request: true,
        };
        let attack = Attack {
            name: "avg2/jpeg75".to_owned(),
            outcomes: vec![outcome(2, -40.04), outcome(1, -3.0)],
        };
        let json = attack.json();
        assert_eq!(json["attack"], "avg2/jpeg75");
        assert_eq!(
            (json["photos"].as_u64(), json["identified"].as_u64()),
            (Some(2), Some(1))
        );
        assert_eq!(
            (json["held_back"].as_u64(), json["held_back_identified"].as_u64()),
            (Some(1), Some(0))
        );
        assert_eq!(
            (json["worst_log10_fp"].as_f64(), json["innocents_accused"].as_u64()),
            (Some(-3.0), Some(0))
        );
        assert_eq!(json["fewest_accused"], 1);
        assert!(table(&[attack]).contains(" 1/2 "));
    }
}
