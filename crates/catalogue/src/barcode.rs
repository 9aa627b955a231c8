use crate::Error;
use serde::{Deserialize, Serialize};

/// What a product is found by: 8 to 14 digits, as they stand on the package.
///
/// The digits are taken as they are. Check digits (GS1 General Specifications, section 7.9) are not verified, because shops'
/// own numbers have none; and `017000161563` is not `17000161563`, because a barcode has one spelling in a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Barcode(String);

impl Barcode {
    /// Reads `^[0-9]{8,14}$`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        if digits && (8..=14).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::Barcode)
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Barcode {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<Barcode> for String {
    fn from(barcode: Barcode) -> Self {
        barcode.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_to_fourteen_ascii_digits() {
        for text in ["00000000", "017000161563", "99999999999999"] {
            assert_eq!(Barcode::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "1234567",
            "123456789012345",
            "0170001615a3",
            " 017000161563",
            "017000161563\n",
            "0170001-61563",
            "١٢٣٤٥٦٧٨",
            "%30170001615",
            "12345678\0",
        ] {
            assert_eq!(Barcode::parse(text), Err(Error::Barcode), "{text:?}");
        }
    }
}
