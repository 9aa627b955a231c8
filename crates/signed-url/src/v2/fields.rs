use crate::{Error, QueryError};

/// The fields of a request as they stand in it: what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    pub(super) slug: &'a str,
    pub(super) operations: &'a str,
    pub(super) source: &'a str,
    /// In the order of [`PARAMETERS`].
    parameters: [Option<&'a str>; 6],
}

/// The signed parameters, in the order of their lines.
const PARAMETERS: [&str; 6] = ["kid", "exp", "nbf", "sub", "once", "ip"];

impl<'a> Fields<'a> {
    /// Takes path and query apart. The second result is the value of `sig`, where there is one.
    pub(super) fn read(path: &'a str, query: &'a str) -> Result<(Self, Option<&'a str>), Error> {
        let (slug, rest) = path.split_once('/').ok_or(Error::Path)?;
        let (operations, source) = rest.split_once('/').ok_or(Error::Path)?;
        let graphic = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
        if [slug, operations, source].contains(&"") || !graphic(path) {
            return Err(Error::Path);
        }
        let mut parameters = [None; 6];
        let mut sig = None;
        for parameter in query.split('&').filter(|_| !query.is_empty()) {
            let (name, value) = parameter.split_once('=').ok_or(QueryError::Parameters)?;
            let slot = match PARAMETERS
                .iter()
                .zip(&mut parameters)
                .find(|(known, _)| **known == name)
            {
                Some((_, slot)) => slot,
                None if name == "sig" => &mut sig,
                None => return Err(QueryError::Parameters.into()),
            };
            if value.is_empty() || !graphic(value) || slot.replace(value).is_some() {
                return Err(QueryError::Parameters.into());
            }
        }
        let fields = Self {
            slug,
            operations,
            source,
            parameters,
        };
        Ok((fields, sig))
    }

    /// The raw value of a signed parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let values = PARAMETERS.iter().zip(self.parameters);
        values.filter(|(known, _)| **known == name).find_map(|(_, value)| value)
    }

    pub(super) fn string_to_sign(&self) -> String {
        let mut text = format!(
            "deckle-v2\nslug:{}\noperations:{}\nsource:{}",
            self.slug, self.operations, self.source
        );
        for (name, value) in PARAMETERS.iter().zip(self.parameters) {
            if let Some(value) = value {
                text.extend(["\n", name, ":", value]);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{option, prelude::*};

    /// The fields back from their string: that this exists is why no two requests share one.
    fn from_string_to_sign(text: &str) -> Option<Fields<'_>> {
        let mut lines = text.split('\n').peekable();
        if lines.next()? != "deckle-v2" {
            return None;
        }
        let mut path = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(':');
        let (slug, operations, source) = (path("slug")?, path("operations")?, path("source")?);
        let parameters = PARAMETERS.map(|name| {
            let line = |line: &&str| line.split_once(':').is_some_and(|(label, _)| label == name);
            lines.next_if(line).and_then(|line| Some(line.split_once(':')?.1))
        });
        lines.next().is_none().then_some(Fields {
            slug,
            operations,
            source,
            parameters,
        })
    }

    /// Texts that try to look like something else: labels, separators, line feeds, escapes of them.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\n"),
            Just("%0A"),
            Just(":"),
            Just("/"),
            Just("="),
            Just("&"),
            Just("?"),
            Just("a"),
            Just("5"),
            Just("exp:5"),
            Just("source:"),
            Just("\nexp:5"),
            Just("nbf"),
            Just("%2F"),
            Just("é"),
            Just("\r"),
        ];
        proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
    }

    fn request() -> impl Strategy<Value = (String, String)> {
        let value = || option::of(prop_oneof![hostile(), Just("5".to_owned()), Just("pk_a".to_owned())]);
        let path = proptest::collection::vec(hostile(), 1..5).prop_map(|segments| segments.join("/"));
        (path, [value(), value(), value(), value(), value(), value()]).prop_map(|(path, values)| {
            let parameters = PARAMETERS.iter().zip(values);
            let query: Vec<_> = parameters
                .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
                .collect();
            (path, query.join("&"))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        // U10
        #[test]
        fn fields_can_be_read_back_from_their_string(request in request()) {
            if let Ok((fields, _)) = Fields::read(&request.0, &request.1) {
                let text = fields.string_to_sign();
                prop_assert_eq!(from_string_to_sign(&text), Some(fields));
            }
        }

        // U10: the same said directly, over requests that differ little.
        #[test]
        fn two_different_requests_never_have_one_string(a in request(), b in request(), at in 0usize..60, mv in 0usize..60) {
            // b's path is also tried as a with one byte moved to another place.
            let mut moved = a.0.clone().into_bytes();
            if !moved.is_empty() {
                let byte = moved.remove(at % moved.len());
                moved.insert(mv % (moved.len() + 1), byte);
            }
            let moved = String::from_utf8_lossy(&moved).into_owned();
            for (path, query) in [(&b.0, &b.1), (&moved, &a.1), (&a.0, &b.1)] {
                if let (Ok((one, _)), Ok((other, _))) = (Fields::read(&a.0, &a.1), Fields::read(path, query)) {
                    prop_assert_eq!(one == other, one.string_to_sign() == other.string_to_sign());
                    // The path is not reassembled from its parts: equal parts are an equal path.
                    prop_assert_eq!(a.0 == *path, (one.slug, one.operations, one.source) == (other.slug, other.operations, other.source));
                }
            }
        }
    }
}
