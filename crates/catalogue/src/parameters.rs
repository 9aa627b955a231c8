use crate::Error;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The parameters of a query, each of a known name and standing once: what is not understood is refused, never ignored.
#[derive(Debug)]
pub struct Parameters(BTreeMap<&'static str, String>);

impl Parameters {
    /// Reads `name=value&…` with percent-encoded UTF-8 values; `+` is a space (the form of the URL standard, section 5.1).
    /// `known` are the names that may stand.
    pub fn parse(query: &str, known: &[&'static str]) -> Result<Self, Error> {
        let mut found = BTreeMap::new();
        for pair in query.split('&').filter(|_| !query.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(Error::Parameters)?;
            let name = known.iter().find(|known| **known == name).ok_or(Error::Parameters)?;
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value)
                .decode_utf8()
                .map_err(|_| Error::Parameters)?;
            if found.insert(*name, value.into_owned()).is_some() {
                return Err(Error::Parameters);
            }
        }
        Ok(Self(found))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a parameter, read by `read`. A value that it cannot read is an error.
    pub fn read<T>(&self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Error> {
        self.get(name)
            .map(|value| read(value).ok_or(Error::Parameters))
            .transpose()
    }

    /// A whole number within a range, in its shortest form.
    pub fn number(&self, name: &str, range: std::ops::RangeInclusive<u64>) -> Result<Option<u64>, Error> {
        self.read(name, |text| {
            let number: u64 = text.parse().ok()?;
            (range.contains(&number) && number.to_string() == text).then_some(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_decoded_once() {
        let parameters = Parameters::parse("brand=Cr%C3%A8me+%2B%2525&limit=7", &["brand", "limit"]).unwrap();
        assert_eq!(parameters.get("brand"), Some("Crème +%25"));
        assert_eq!(parameters.number("limit", 1..=100), Ok(Some(7)));
        assert!(Parameters::parse("", &[]).unwrap().get("limit").is_none());
    }

    #[test]
    fn nothing_is_ignored() {
        for query in [
            "a", "a=1&a=2", "b=1", "a=1&", "&", "=", "A=1", "%61=1", "a=%ff", "a=1;b=2",
        ] {
            let parsed = Parameters::parse(query, &["a"]);
            let value = parsed.as_ref().ok().and_then(|parameters| parameters.get("a"));
            assert!(parsed.is_err() || value == Some("1;b=2"), "{query}");
        }
    }

    #[test]
    fn numbers_have_one_form() {
        for text in ["0", "101", "07", "+7", "-1", "1e1", "", " 7", "18446744073709551616"] {
            let query = format!("limit={}", text.replace('+', "%2B"));
            let parameters = Parameters::parse(&query, &["limit"]).unwrap();
            assert_eq!(parameters.number("limit", 1..=100), Err(Error::Parameters), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in ".{0,200}") {
            let _ = Parameters::parse(&query, &["a", "limit"]);
        }
    }
}
