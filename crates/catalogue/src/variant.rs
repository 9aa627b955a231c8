use serde::{Deserialize, Serialize};

/// A picture of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The front of the package.
    Front,
    /// The back of the package.
    Back,
    /// The front, as it was photographed without decoration. Like every picture it leaves with both marks.
    FrontClean,
    /// The back, likewise.
    BackClean,
}

impl Variant {
    /// Every variant, in the order of answers and invoices.
    pub const ALL: [Self; 4] = [Self::Front, Self::Back, Self::FrontClean, Self::BackClean];

    /// Its name in URLs, bodies and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Back => "back",
            Self::FrontClean => "front_clean",
            Self::BackClean => "back_clean",
        }
    }

    /// The variant of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.as_str() == name)
    }

    /// Its place in [`Variant::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

/// A set of variants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Variants([bool; 4]);

impl Variants {
    /// All four.
    pub const ALL: Self = Self([true; 4]);

    /// Whether it has this one.
    pub fn contains(self, variant: Variant) -> bool {
        self.0[variant.index()]
    }

    /// How many there are: the price in credits.
    pub fn count(self) -> u32 {
        self.iter().map(|_| 1).sum()
    }

    /// The variants, in the order of [`Variant::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Variant> {
        Variant::ALL.into_iter().filter(move |variant| self.contains(*variant))
    }

    /// Reads names separated by commas: at least one, each once.
    pub fn parse(text: &str) -> Option<Self> {
        let mut set = Self::default();
        for name in text.split(',') {
            let variant = Variant::parse(name)?;
            if std::mem::replace(&mut set.0[variant.index()], true) {
                return None;
            }
        }
        Some(set)
    }

    /// The names, separated by commas; empty for none.
    pub fn names(self) -> String {
        self.iter().map(Variant::as_str).collect::<Vec<_>>().join(",")
    }
}

impl FromIterator<Variant> for Variants {
    fn from_iter<I: IntoIterator<Item = Variant>>(variants: I) -> Self {
        let mut set = Self::default();
        for variant in variants {
            set.0[variant.index()] = true;
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_and_stand_once() {
        assert_eq!(
            Variants::parse("front,back,front_clean,back_clean"),
            Some(Variants::ALL)
        );
        let two = Variants::parse("back_clean,front").unwrap();
        assert_eq!((two.count(), two.names()), (2, "front,back_clean".to_owned()));
        for text in [
            "",
            "front,",
            ",front",
            "front,front",
            "Front",
            "front back",
            "side",
            "front%2Cback",
        ] {
            assert_eq!(Variants::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_place_of_a_variant_is_its_index() {
        for (index, variant) in Variant::ALL.into_iter().enumerate() {
            assert_eq!(variant.index(), index);
            let one: Variants = [variant].into_iter().collect();
            assert_eq!(one.iter().collect::<Vec<_>>(), [variant]);
        }
    }
}
