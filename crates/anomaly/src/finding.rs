use serde::{Deserialize, Serialize};

/// What was unusual, and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What follows from it.
    pub verdict: Verdict,
    /// The sum of the signals' points.
    pub score: u32,
    /// The signals, most points first.
    pub signals: Vec<Signal>,
}

/// What follows from a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// An operator should look at it.
    Noted,
    /// The client is disabled, and its owner told.
    Abuse,
}

/// One unusual thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Which.
    pub name: Name,
    /// 1 to 100. Alone, only refused barcodes in sequence reach [`Verdict::ABUSE`].
    pub points: u32,
    /// What was seen, in words.
    pub words: String,
}

/// The kinds of signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// Barcodes that follow one another.
    SequentialBarcodes,
    /// A network that the client was not seen in before.
    UnusualNetwork,
    /// Many requests after a long pause.
    BurstAfterIdleness,
    /// Many answers with 403 or 410.
    ManyRefusals,
}

impl Verdict {
    /// Points from which a finding is made.
    pub const NOTED: u32 = 30;
    /// Points from which abuse is confirmed.
    pub const ABUSE: u32 = 100;

    /// The stored text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Abuse => "abuse",
        }
    }
}

impl Name {
    /// The stored text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SequentialBarcodes => "sequential_barcodes",
            Self::UnusualNetwork => "unusual_network",
            Self::BurstAfterIdleness => "burst_after_idleness",
            Self::ManyRefusals => "many_refusals",
        }
    }
}

impl Finding {
    /// All signals in one sentence each.
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.signals.iter().map(|signal| signal.words.as_str()).collect();
        words.join("; ")
    }
}
