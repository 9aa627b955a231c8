//! The `Accept` header (RFC 9110 section 12.5.1).

/// What a client accepts. Qualities are in thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accept {
    ranges: Vec<(String, u16)>,
}

impl Accept {
    /// Reads a header; `None` if any part of it breaks the grammar, or if it names nothing.
    pub fn parse(header: &str) -> Option<Self> {
        let mut ranges = Vec::new();
        for element in split(header, ',') {
            let element = element.trim_matches([' ', '\t']);
            // Empty list elements are allowed (section 5.6.1).
            if !element.is_empty() {
                ranges.extend(range(element)?);
            }
        }
        (!ranges.is_empty()).then_some(Self { ranges })
    }

    /// Quality of an image subtype by the most specific range that names it, `*/*` left out of account: what "accepts
    /// images of this kind" means is said by `image/...` alone, `*/*` is what everybody sends.
    pub fn names(&self, subtype: &str) -> u16 {
        self.find(&format!("image/{subtype}"))
            .or_else(|| self.find("image/*"))
            .unwrap_or(0)
    }

    /// Quality of an image subtype by the most specific range that covers it.
    pub fn covers(&self, subtype: &str) -> u16 {
        self.find(&format!("image/{subtype}"))
            .or_else(|| self.find("image/*"))
            .or_else(|| self.find("*/*"))
            .unwrap_or(0)
    }

    fn find(&self, range: &str) -> Option<u16> {
        self.ranges
            .iter()
            .filter(|(known, _)| known == range)
            .map(|(_, quality)| *quality)
            .max()
    }
}

/// One media range with its quality. `Some(None)` for a range with parameters: it names a variant that we do not have.
fn range(element: &str) -> Option<Option<(String, u16)>> {
    let mut parts = split(element, ';').map(|part| part.trim_matches([' ', '\t']));
    let range = parts.next()?.to_ascii_lowercase();
    let (kind, subtype) = range.split_once('/')?;
    if !is_token(kind) || !is_token(subtype) || (kind == "*" && subtype != "*") {
        return None;
    }
    let (mut quality, mut plain) = (None, true);
    for part in parts {
        let (name, value) = part.split_once('=')?;
        let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
        if !is_token(name) || !(is_token(value) || quoted) {
            return None;
        }
        // What follows the quality is an extension, not a parameter of the range.
        if quality.is_none() {
            if name.eq_ignore_ascii_case("q") {
                quality = Some(weight(value)?);
            } else {
                plain = false;
            }
        }
    }
    Some(plain.then_some((range, quality.unwrap_or(1000))))
}

/// `0`, `1`, and up to three decimals: `0.5` is 500.
fn weight(value: &str) -> Option<u16> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if !matches!(whole, "0" | "1") || decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (thousandths <= 1000).then_some(thousandths)
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Splits outside quoted strings (section 5.6.4).
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        let ends = !quoted && c == separator;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        ends
    })
}
