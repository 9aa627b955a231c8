use crate::Error;

/// Most bytes of a key (Amazon S3 User Guide, "Naming Amazon S3 objects").
const MAX_LENGTH: usize = 1024;

/// The key of one object below a prefix.
///
/// Stricter than S3: what a server, a proxy or a file system below could take for another object, another bucket or a
/// parameter (`?versionId=`, `?acl`) is no key here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Checks `path`, which names the object as plain text, and puts it behind `prefix`.
    pub fn parse(prefix: &str, path: &str) -> Result<Self, Error> {
        if prefix.len().saturating_add(path.len()) > MAX_LENGTH {
            return Err(Error::KeyLength);
        }
        match prefix.strip_suffix('/') {
            Some(folder) if is_plain(folder) => {}
            None if prefix.is_empty() => {}
            _ => return Err(Error::Prefix),
        }
        if is_plain(path) {
            Ok(Self(format!("{prefix}{path}")))
        } else {
            Err(Error::Key)
        }
    }

    /// The key as S3 stores it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as it stands in a URL: every byte but RFC 3986's unreserved ones and the slash encoded, in upper case ("Create a
    /// canonical request" of Signature Version 4, `UriEncode`).
    pub fn encoded(&self) -> String {
        let mut out = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    out.extend(char::from_digit(u32::from(nibble), 16).map(|c| c.to_ascii_uppercase()));
                }
            }
        }
        out
    }
}

fn is_plain(path: &str) -> bool {
    let refused = |c: char| c.is_control() || matches!(c, '\\' | '?' | '#') || is_directional(c);
    let segment = |segment: &str| {
        // Some servers cut parameters off a segment before they look for dots.
        let name = segment.split(';').next().unwrap_or_default();
        !matches!(name, "" | "." | "..")
    };
    !path.contains(refused) && !holds_encoded_byte(path) && path.split('/').all(segment)
}

/// A key is plain text: an encoded byte in it was encoded twice, and a server that decodes twice would see something else.
fn holds_encoded_byte(path: &str) -> bool {
    path.as_bytes()
        .windows(3)
        .any(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit())
}

/// Marks that change the direction of text, which make a name look like another one (Unicode TR 36).
fn is_directional(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(path: &str) -> Result<String, Error> {
        ObjectKey::parse("", path).map(|key| key.encoded())
    }

    #[test]
    fn keys_are_encoded_once() {
        for (path, encoded) in [
            ("photo.jpg", "photo.jpg"),
            ("2024/tea gardens.jpg", "2024/tea%20gardens.jpg"),
            ("a+b&c=d~e_f-g.jpg", "a%2Bb%26c%3Dd~e_f-g.jpg"),
            ("100%.jpg", "100%25.jpg"),
            ("caf\u{e9}/x", "caf%C3%A9/x"),
            ("a:@$!'()*,;b", "a%3A%40%24%21%27%28%29%2A%2C%3Bb"),
            ("...", "..."),
        ] {
            assert_eq!(key(path).unwrap(), encoded);
        }
    }

    // O7.
    #[test]
    fn what_could_lead_elsewhere_is_no_key() {
        for path in [
            "",
            "/",
            "/x",
            "x/",
            "a//b",
            ".",
            "..",
            "../x",
            "a/../b",
            "a/./b",
            "a/..",
            "..;/x",
            "a/.;x/b",
            "a\\b",
            "..\\b",
            "x?versionId=1",
            "x?acl",
            "?acl",
            "x#y",
            "a\0b",
            "a\nb",
            "a\r\nb",
            "a\u{7f}b",
            "a\u{9f}b",
            "a%2e%2e/x",
            "%2E%2e/x",
            "a%2Fb",
            "a%5cb",
            "a%00b",
            "a%3Facl",
            "a%25b",
            "\u{202e}gpj.exe",
        ] {
            assert_eq!(key(path).unwrap_err(), Error::Key, "{path:?}");
            assert!(ObjectKey::parse("originals/", path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn the_prefix_is_part_of_the_length_and_ends_in_a_slash() {
        assert_eq!(ObjectKey::parse("a/b/", "c").unwrap().as_str(), "a/b/c");
        assert!(ObjectKey::parse("", &"k".repeat(1024)).is_ok());
        assert_eq!(ObjectKey::parse("", &"k".repeat(1025)).unwrap_err(), Error::KeyLength);
        assert_eq!(
            ObjectKey::parse("ab/", &"k".repeat(1022)).unwrap_err(),
            Error::KeyLength
        );
        assert_eq!(
            ObjectKey::parse("", &"é".repeat(513)).unwrap_err(),
            Error::KeyLength,
            "bytes"
        );
        for prefix in ["a", "/", "/a/", "a//", "../", "a/../", "a?/"] {
            assert_eq!(ObjectKey::parse(prefix, "x").unwrap_err(), Error::Prefix, "{prefix}");
        }
    }

    proptest! {
        /// Whatever passes stays below its prefix, and means the same after one decoding as before.
        #[test]
        fn a_key_stays_below_its_prefix(path in "[a-z./%?;\\\\é ]{0,12}|\\PC{0,20}") {
            let Ok(key) = ObjectKey::parse("p/", &path) else { return Ok(()) };
            let encoded = key.encoded();
            prop_assert!(encoded.starts_with("p/") && encoded.is_ascii());
            prop_assert!(!encoded.contains(['?', '#', '\\', ' ']));
            prop_assert!(encoded.split('/').all(|segment| !matches!(segment, "" | "." | "..")));
            let mut bytes = Vec::new();
            let mut rest = encoded.as_bytes();
            while let [first, after @ ..] = rest {
                if *first == b'%' {
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
                    rest = &after[2..];
                } else {
                    bytes.push(*first);
                    rest = after;
                }
            }
            prop_assert_eq!(bytes, format!("p/{path}").into_bytes());
        }
    }
}
