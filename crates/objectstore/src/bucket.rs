use crate::signature::{EMPTY_BODY, authorization};
use crate::{Credentials, Error, ObjectKey, date::amz_date};
use netaddr::Source;

/// Where a bucket's name stands in the address of its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// First in the path: `https://s3.example.com/bucket/key`.
    Path,
    /// Before the host: `https://bucket.s3.example.com/key`.
    VirtualHost,
}

/// A bucket and the prefix in it, below which all its originals are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Scheme and authority: `https://bucket.s3.example.com`.
    origin: String,
    authority: String,
    /// `/bucket/` or `/`.
    root: String,
    region: String,
    prefix: String,
}

/// A GET that says who asks. Its address alone is worth nothing: the signature stands in the headers.
pub struct SignedGet {
    /// The address.
    pub url: String,
    /// Headers to send besides `Host`, which is the address's authority.
    pub headers: [(&'static str, String); 3],
}

impl Bucket {
    /// A bucket at an endpoint. `prefix` is empty or ends in a slash.
    pub fn new(endpoint: &Source, region: &str, name: &str, style: Style, prefix: &str) -> Result<Self, Error> {
        let plain = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !(1..=32).contains(&region.len()) || !plain(region) {
            return Err(Error::Region);
        }
        let label = |label: &str| !label.is_empty() && plain(label) && !label.starts_with('-') && !label.ends_with('-');
        // A name like an address is reserved, and would be one in a host.
        let address = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !(3..=63).contains(&name.len()) || address || !name.split('.').all(label) {
            return Err(Error::Bucket);
        }
        ObjectKey::parse(prefix, "x").map_err(|_| Error::Prefix)?;
        let (authority, root) = match style {
            Style::Path => (endpoint.authority(), format!("/{name}/")),
            // No certificate covers a second label before the endpoint's name.
            Style::VirtualHost if name.contains('.') || netaddr::Host::parse(endpoint.host()).is_err() => {
                return Err(Error::VirtualHost);
            }
            Style::VirtualHost => (format!("{name}.{}", endpoint.authority()), "/".to_owned()),
        };
        Ok(Self {
            origin: format!("{}://{authority}", endpoint.scheme().as_str()),
            authority,
            root,
            region: region.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// The key of what a URL names `path`.
    pub fn key(&self, path: &str) -> Result<ObjectKey, Error> {
        ObjectKey::parse(&self.prefix, path)
    }

    /// Scheme and authority of everything in it: what a host must allow.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address of an object, which opens nothing without a signature.
    pub fn url(&self, key: &ObjectKey) -> String {
        format!("{}{}{}", self.origin, self.root, key.encoded())
    }

    /// The request for one object, good for some minutes around `now` (Unix seconds).
    pub fn get(&self, key: &ObjectKey, credentials: &Credentials, now: u64) -> SignedGet {
        let (path, date) = (format!("{}{}", self.root, key.encoded()), amz_date(now));
        let signed = [
            ("host", self.authority.as_str()),
            ("x-amz-content-sha256", EMPTY_BODY),
            ("x-amz-date", &date),
        ];
        let authorization = authorization(credentials, &self.region, &date, &path, &signed);
        SignedGet {
            url: self.url(key),
            headers: [
                ("authorization", authorization),
                ("x-amz-content-sha256", EMPTY_BODY.to_owned()),
                ("x-amz-date", date),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secret::SecretText;

    fn endpoint(text: &str) -> Source {
        Source::parse_origin(text).unwrap()
    }

    fn bucket(style: Style, prefix: &str) -> Bucket {
        Bucket::new(
            &endpoint("https://s3.example.com:9000"),
            "eu-central-1",
            "photos",
            style,
            prefix,
        )
        .unwrap()
    }

    fn credentials() -> Credentials {
        Credentials::new("AKEXAMPLE", SecretText::new("secret".into())).unwrap()
    }

    #[test]
    fn the_bucket_stands_in_the_path_or_before_the_host() {
        for (style, url, origin) in [
            (
                Style::Path,
                "https://s3.example.com:9000/photos/o/tea%20x.jpg",
                "https://s3.example.com:9000",
            ),
            (
                Style::VirtualHost,
                "https://photos.s3.example.com:9000/o/tea%20x.jpg",
                "https://photos.s3.example.com:9000",
            ),
        ] {
            let bucket = bucket(style, "o/");
            let get = bucket.get(&bucket.key("tea x.jpg").unwrap(), &credentials(), 1_369_353_600);
            assert_eq!((get.url.as_str(), bucket.origin()), (url, origin));
            let [(_, authorization), ..] = &get.headers;
            assert!(authorization.starts_with(
                "AWS4-HMAC-SHA256 Credential=AKEXAMPLE/20130524/eu-central-1/s3/aws4_request,\
                 SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature="
            ));
        }
    }

    #[test]
    fn names_that_are_none() {
        let at = |text: &str, region: &str, name: &str, style| {
            Bucket::new(&endpoint(text), region, name, style, "").map(drop)
        };
        let s3 = "https://s3.example.com";
        for name in [
            "",
            "ab",
            "Photos",
            "a/b",
            "../x",
            "a..b",
            "-ab",
            "ab-",
            ".ab",
            "a_b",
            "a?b",
            "192.168.0.1",
            &"a".repeat(64),
        ] {
            assert_eq!(at(s3, "r", name, Style::Path), Err(Error::Bucket), "{name}");
        }
        for region in ["", "EU", "a/b", "a b", &"r".repeat(33)] {
            assert_eq!(at(s3, region, "photos", Style::Path), Err(Error::Region), "{region}");
        }
        assert_eq!(at(s3, "auto", "my.photos", Style::Path), Ok(()));
        assert_eq!(at(s3, "auto", "my.photos", Style::VirtualHost), Err(Error::VirtualHost));
        assert_eq!(
            at("http://127.0.0.1:8014", "auto", "photos", Style::VirtualHost),
            Err(Error::VirtualHost)
        );
        assert_eq!(
            Bucket::new(&endpoint(s3), "auto", "photos", Style::Path, "../other/").unwrap_err(),
            Error::Prefix
        );
    }

    proptest! {
        /// Another implementation writes the same address, in both styles.
        #[test]
        fn addresses_are_those_of_another_implementation(path in "[ -~é]{1,24}", virtual_host: bool) {
            let (style, other) = match virtual_host {
                true => (Style::VirtualHost, rusty_s3::UrlStyle::VirtualHost),
                false => (Style::Path, rusty_s3::UrlStyle::Path),
            };
            let ours = bucket(style, "o/");
            let Ok(key) = ours.key(&path) else { return Ok(()) };
            let endpoint = "https://s3.example.com:9000".parse().unwrap();
            let theirs = rusty_s3::Bucket::new(endpoint, other, "photos", "eu-central-1").unwrap();
            prop_assert_eq!(ours.get(&key, &credentials(), 0).url, theirs.object_url(key.as_str()).to_string());
        }
    }
}
