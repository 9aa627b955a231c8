//! What a deployment configures of the pictures that it sells.

use anyhow::{Context, bail};
use catalogue::Variant;
use netaddr::{NamedSource, Source};

/// How pictures are delivered.
#[derive(Debug)]
pub struct Terms {
    /// What stands before the path of every URL; empty: URLs are relative to the request's (RFC 3986 section 4.2).
    base: String,
    /// The origin's authority, for sources that begin with a slash.
    origin: String,
    /// The one origin that may be plain HTTP on a loopback address.
    loopback: Option<Source>,
    /// What is done with each picture, by [`Variant::index`], in the grammar of operations.
    operations: [String; 4],
}

impl Terms {
    /// Parses the variables.
    ///
    /// - `public_url`: empty, or `https://host[:port]`; `http://` on a loopback address only.
    /// - `origin`: the deployment's origin, as the edge has it; `development`: whether it may be on a loopback address.
    /// - `operations`: `front=w_1200;back_clean=w_800,f_webp`, a variant at most once; those that are not named are delivered as
    ///   they are. Marks are not an operation: no picture is delivered without them.
    pub fn read(public_url: &str, origin: &str, development: bool, operations: &str) -> anyhow::Result<Self> {
        let origin = Source::parse_origin(origin).context("variable origin")?;
        if !public_url.is_empty() {
            Source::parse_origin(public_url).context("variable public_url")?;
        }
        Ok(Self {
            base: public_url.trim_end_matches('/').to_owned(),
            origin: origin.authority(),
            loopback: development.then_some(origin),
            operations: read_operations(operations).context("variable product_operations")?,
        })
    }

    /// What is done with a picture.
    pub fn operations(&self, variant: Variant) -> &str {
        &self.operations[variant.index()]
    }

    /// A stored source as a token names it. `/soup.jpg` is at the deployment's origin, wherever that is.
    pub fn source(&self, stored: &str) -> String {
        match stored.starts_with('/') {
            true => format!("{}{stored}", self.origin),
            false => stored.to_owned(),
        }
    }

    /// Whether a source can be stored: whether the edge would understand it.
    pub fn takes(&self, stored: &str) -> bool {
        match NamedSource::parse(stored) {
            Some(named) => named.is_ok(),
            None => Source::parse(&self.source(stored), self.loopback.as_slice()).is_ok(),
        }
    }

    /// The URL of a path.
    ///
    /// The address that a caller claims to have reached us by (`Host`) has no part in it: whoever could choose it could send
    /// one-shot URLs, which are bearer tokens, to a server of its own.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn read_operations(text: &str) -> anyhow::Result<[String; 4]> {
    let mut found: [Option<String>; 4] = [const { None }; 4];
    for term in text.split(';').map(str::trim).filter(|term| !term.is_empty()) {
        let (name, operations) = term.split_once('=').context("a term is VARIANT=OPERATIONS")?;
        let variant = Variant::parse(name.trim()).with_context(|| format!("there is no variant {name}"))?;
        let operations = operations.trim();
        operations::parse(operations).with_context(|| format!("the operations of {name}"))?;
        if found[variant.index()].replace(operations.to_owned()).is_some() {
            bail!("{name} stands twice");
        }
    }
    Ok(found.map(|operations| operations.unwrap_or_else(|| "_".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://images.example.com";

    #[test]
    fn operations_of_each_variant() {
        let terms = Terms::read("", ORIGIN, false, "front=w_1200; back_clean = w_800,f_webp ;").unwrap();
        assert_eq!(terms.operations(Variant::Front), "w_1200");
        assert_eq!(terms.operations(Variant::Back), "_");
        assert_eq!(terms.operations(Variant::BackClean), "w_800,f_webp");
        for operations in ["front", "side=_", "front=_;front=_", "front=unmarked", "front=w_1;back"] {
            assert!(Terms::read("", ORIGIN, false, operations).is_err(), "{operations}");
        }
    }

    #[test]
    fn urls_stand_on_what_is_configured_or_on_nothing() {
        let relative = Terms::read("", ORIGIN, false, "").unwrap();
        assert_eq!(relative.url("/i/x"), "/i/x");
        for public_url in ["https://pictures.example.com", "https://pictures.example.com/"] {
            let public = Terms::read(public_url, ORIGIN, false, "").unwrap();
            assert_eq!(public.url("/i/x"), "https://pictures.example.com/i/x");
        }
        for public_url in [
            "pictures.example.com",
            "http://pictures.example.com",
            "https://a.example/b",
            "ftp://a.example",
        ] {
            assert!(Terms::read(public_url, ORIGIN, false, "").is_err(), "{public_url}");
        }
    }

    #[test]
    fn sources_are_those_that_the_edge_understands() {
        let terms = Terms::read("", ORIGIN, false, "").unwrap();
        assert_eq!(terms.source("/a/soup.jpg"), "images.example.com/a/soup.jpg");
        assert!(terms.takes("/a/soup.jpg") && terms.takes("other.example.com/x.png"));
        assert!(terms.takes("@photos/x.png") && !terms.takes("@Photos/x.png") && !terms.takes("@photos"));
        for source in [
            "/../x",
            "//evil.example/x",
            "127.0.0.1/x",
            "file:///etc/passwd",
            "x",
            "user@a.example/x",
        ] {
            assert!(!terms.takes(source), "{source}");
        }
        let demo = Terms::read("", "http://127.0.0.1:8081", true, "").unwrap();
        assert!(demo.takes("/x.jpg") && demo.takes("127.0.0.1:8081/x.jpg") && !demo.takes("127.0.0.1:8082/x.jpg"));
    }
}
