//! The leaks of one photograph, and what becomes of each.

use anyhow::{Context, Result};
use distortion::{Distortion, FIRST, HARDER, Picture, named};
use watermark::{Overlay, Subject};

use super::collusion::{Dice, STRATEGIES, Strategy};
use super::marked::{Found, Leaked, Marked, coefficients, decoded};
use super::photograph::{Photograph, branded};
use super::row::Outcome;

/// Clients who are scored for each leak; the rule counts [`CLIENTS`](super::marked::CLIENTS).
pub const SCORED: usize = 1000;
/// The quality of most renditions.
const QUALITY: u8 = 80;
/// Others, after which only [`SOME`] attacks are tried.
const OTHER_QUALITIES: [u8; 2] = [60, 90];
const SOME: [&str; 6] = ["none", "jpeg75", "jpeg50", "resize50", "crop50", "social"];
/// Sizes of coalitions.
const COALITIONS: [usize; 4] = [2, 3, 5, 8];
/// What is done to a coalition's mixture.
const AFTER: [&str; 3] = ["none", "jpeg75", "jpeg50"];

/// Who may have leaked.
pub fn everybody() -> Vec<Subject> {
    (0..SCORED)
        .map(|client| Subject::of(&format!("client {client}")))
        .collect()
}

/// One thing that is done to copies of a rendition.
#[derive(Clone, Copy, Debug)]
pub enum Leak {
    /// A client distorts his copy of a rendition of this quality.
    Single(u8, Distortion),
    /// So many mix theirs, and distort the mixture.
    Collusion(usize, Strategy, Distortion),
    /// What nobody leaked: the same picture without chips.
    Unmarked(Distortion),
    /// What nobody leaked: another picture's copy.
    Another,
}

/// All of them, whose names contain `only`.
pub fn all(only: Option<&str>) -> Vec<Leak> {
    let single = FIRST
        .iter()
        .chain(HARDER)
        .map(|distortion| Leak::Single(QUALITY, *distortion));
    let others = OTHER_QUALITIES.iter().flat_map(|&quality| {
        SOME.iter()
            .filter_map(move |name| Some(Leak::Single(quality, named(name)?)))
    });
    let collusions = COALITIONS.iter().flat_map(|&copies| {
        let strategies = STRATEGIES.into_iter().filter(move |strategy| strategy.suits(copies));
        strategies.flat_map(move |strategy| {
            AFTER
                .iter()
                .filter_map(move |name| Some(Leak::Collusion(copies, strategy, named(name)?)))
        })
    });
    let unmarked = ["none", "jpeg50"]
        .iter()
        .filter_map(|name| Some(Leak::Unmarked(named(name)?)));
    let innocent = unmarked.chain([Leak::Another]);
    let wanted = |leak: &Leak| only.is_none_or(|only| leak.name().contains(only));
    single
        .chain(others)
        .chain(collusions)
        .chain(innocent)
        .filter(wanted)
        .collect()
}

impl Leak {
    /// Its name in tables.
    pub fn name(&self) -> String {
        match self {
            Self::Single(QUALITY, distortion) => distortion.name.to_owned(),
            Self::Single(quality, distortion) => format!("{}@q{quality}", distortion.name),
            Self::Collusion(copies, strategy, after) => format!("{copies}x{}/{}", strategy.name(), after.name),
            Self::Unmarked(distortion) => format!("UNMARKED/{}", distortion.name),
            Self::Another => "ANOTHER".to_owned(),
        }
    }

    fn copies(&self) -> usize {
        match self {
            Self::Single(..) => 1,
            Self::Collusion(copies, ..) => *copies,
            Self::Unmarked(_) | Self::Another => 0,
        }
    }

    fn quality(&self) -> u8 {
        match self {
            Self::Single(quality, _) => *quality,
            _ => QUALITY,
        }
    }
}

/// A photograph's renditions, one for each quality that is asked for.
pub struct Renditions {
    photograph: Photograph,
    marked: Vec<(u8, Marked)>,
}

impl Renditions {
    /// Makes those that some leaks need.
    pub fn new(photograph: &Photograph, leaks: &[Leak], overlay: &Overlay) -> Result<Self> {
        let picture = branded(&photograph.pixels()?, overlay)?;
        let qualities = [QUALITY].into_iter().chain(OTHER_QUALITIES);
        let marked = qualities
            .filter(|&quality| quality == QUALITY || leaks.iter().any(|leak| leak.quality() == quality))
            .map(|quality| Ok((quality, Marked::new(&picture, quality)?)));
        Ok(Self {
            photograph: *photograph,
            marked: marked.collect::<Result<_>>().context(photograph.name)?,
        })
    }

    /// The one of the usual quality.
    pub fn usual(&self) -> &Marked {
        &self.marked[0].1
    }

    /// The photograph.
    pub fn photograph(&self) -> &Photograph {
        &self.photograph
    }

    /// Who leaks: as many different clients as take part.
    fn leakers(&self, leak: &Leak, seed: u64) -> Vec<usize> {
        let mut dice = Dice::new(seed, &format!("{} {}", self.photograph.name, leak.name()));
        let mut leakers = Vec::new();
        while leakers.len() < leak.copies() {
            let client = dice.below(SCORED);
            if !leakers.contains(&client) {
                leakers.push(client);
            }
        }
        leakers
    }

    /// Leaks the rendition and looks for who did it.
    pub fn outcome(&self, leak: &Leak, everybody: &[Subject], another: &Self, seed: u64) -> Result<Outcome> {
        let leakers = self.leakers(leak, seed);
        let quality = leak.quality();
        let (_, marked) = self
            .marked
            .iter()
            .find(|(other, _)| *other == quality)
            .context("no such quality")?;
        let files = leakers
            .iter()
            .map(|&client| marked.copy(everybody[client]))
            .collect::<Result<Vec<_>>>()?;
        let mut dice = Dice::new(seed, &leak.name());
        let leaked = match leak {
            Leak::Single(_, distortion) => Leaked::after(distortion, &decoded(&files[0])?)?,
            Leak::Collusion(_, strategy, after) => Leaked::after(after, &mixed(*strategy, &files, &mut dice)?)?,
            Leak::Unmarked(distortion) => Leaked::after(distortion, &decoded(&marked.unmarked)?)?,
            Leak::Another => decoded(&another.usual().copy(everybody[0])?)?.into(),
        };
        let found = marked.search(&leaked, everybody);
        Ok(self.judged(&leakers, marked, &leaked, everybody, found))
    }

    fn judged(
        &self,
        leakers: &[usize],
        marked: &Marked,
        leaked: &Leaked,
        everybody: &[Subject],
        found: Option<Found>,
    ) -> Outcome {
        let accused = found.iter().flat_map(|found| &found.verdict.accused);
        let mut bounds: Vec<f64> = accused
            .clone()
            .filter(|accused| leakers.contains(&accused.subject))
            .map(|accused| accused.log10)
            .collect();
        let caught = bounds.len();
        // Of a single leaker who is not accused it is worth knowing how near it was.
        if let ([client], 0, Some(_)) = (leakers, caught, &found) {
            let alone = marked.search(leaked, &everybody[*client..=*client]);
            bounds.extend(
                alone
                    .and_then(|found| found.verdict.closest)
                    .map(|closest| closest.log10),
            );
        }
        let bound = |of: fn(f64, f64) -> f64, none: f64| bounds.iter().copied().reduce(of).unwrap_or(none);
        Outcome {
            held_back: self.photograph.held_back,
            leakers: leakers.len(),
            accused: caught,
            innocents: accused.filter(|accused| !leakers.contains(&accused.subject)).count(),
            log10: [
                bound(f64::min, 0.0),
                if caught < leakers.len().max(2) - 1 {
                    0.0
                } else {
                    bound(f64::max, 0.0)
                },
            ],
            request: found.is_some_and(|found| found.request),
        }
    }
}

fn mixed(strategy: Strategy, files: &[Vec<u8>], dice: &mut Dice) -> Result<Picture> {
    if strategy.mixes_coefficients() {
        let copies = files
            .iter()
            .map(|file| coefficients(file))
            .collect::<Result<Vec<_>>>()?;
        return decoded(&jpeg::encode(&strategy.mix_coefficients(&copies, dice))?);
    }
    let copies = files.iter().map(|file| decoded(file)).collect::<Result<Vec<_>>>()?;
    Ok(strategy.mix_pixels(&copies, dice))
}
