use crate::key::{Label, bytes, hex};
use crate::{Event, Key, Picture};

/// An event as it is stored: texts and numbers, whatever somebody may have made of them since, and a place in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name of the chain: the event's [`Class`](crate::Class).
    pub chain: String,
    /// Place in the chain, from 1, without gaps.
    pub seq: i64,
    /// Unix milliseconds.
    pub at: i64,
    /// The component that wrote it.
    pub writer: String,
    /// The sort of request.
    pub kind: String,
    /// `req_…`
    pub request_id: String,
    /// The route's name.
    pub endpoint: String,
    /// The method.
    pub method: String,
    /// The client.
    pub client_id: Option<String>,
    /// What the caller proved.
    pub proof: String,
    /// The product.
    pub barcode: Option<String>,
    /// The address.
    pub ip: Option<String>,
    /// HTTP status.
    pub status: i64,
    /// The refusal.
    pub error: Option<String>,
    /// Credits debited.
    pub credits: i64,
    /// The rendition that was delivered: [`Picture::to_text`](crate::Picture::to_text).
    pub picture: Option<String>,
    /// Events lost before this one.
    pub dropped: i64,
    /// The hash of the entry before, 64 hexadecimal digits.
    pub prev_hash: String,
    /// This entry's own: [`Entry::link`].
    pub hash: String,
}

impl Entry {
    /// What comes before the first entry of a chain.
    pub const GENESIS: &'static str = "0000000000000000000000000000000000000000000000000000000000000000";

    /// Puts an event behind the entry whose place and hash are given.
    pub fn append(event: &Event, key: &Key, seq: i64, prev_hash: &str) -> Self {
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let mut entry = Self {
            chain: event.kind.class().as_str().to_owned(),
            seq: seq.saturating_add(1),
            at: number(event.at),
            writer: event.writer.as_str().to_owned(),
            kind: event.kind.as_str().to_owned(),
            request_id: event.request_id.to_string(),
            endpoint: event.endpoint.as_str().to_owned(),
            method: event.method.as_str().to_owned(),
            client_id: event.client_id.as_ref().map(|id| id.as_str().to_owned()),
            proof: event.proof.as_str().to_owned(),
            barcode: event.barcode.as_ref().map(|barcode| barcode.as_str().to_owned()),
            ip: event.ip.map(|ip| ip.to_canonical().to_string()),
            status: event.status.into(),
            error: event.error.as_ref().map(|error| error.as_str().to_owned()),
            credits: event.credits,
            picture: event.picture.as_ref().map(Picture::to_text),
            dropped: event.dropped.into(),
            prev_hash: prev_hash.to_owned(),
            hash: String::new(),
        };
        entry.hash = entry.link(key);
        entry
    }

    /// The hash that this entry must have: HMAC-SHA-256 over the hash before and all of its fields, 64 hexadecimal digits.
    ///
    /// An absent text is one zero byte and a present one starts with a 1, so that none can be taken for the other. A picture is
    /// the last field, and where there is none it is no field: entries had none once.
    pub fn link(&self, key: &Key) -> String {
        let parts = self.parts();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        hex(&key.tag(Label::Entry, &parts))
    }

    /// Whether its hash is the one that it must have.
    pub(crate) fn is_whole(&self, key: &Key) -> bool {
        let parts = self.parts();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        bytes(&self.hash).is_some_and(|hash| key.fits(Label::Entry, &parts, &hash))
    }

    fn parts(&self) -> Vec<Vec<u8>> {
        let text = |text: &str| text.as_bytes().to_vec();
        let number = |value: i64| value.to_be_bytes().to_vec();
        let optional = |text: &Option<String>| match text {
            Some(text) => [b"\x01", text.as_bytes()].concat(),
            None => vec![0],
        };
        let mut parts = vec![
            text(&self.prev_hash),
            text(&self.chain),
            number(self.seq),
            number(self.at),
            text(&self.writer),
            text(&self.kind),
            text(&self.request_id),
            text(&self.endpoint),
            text(&self.method),
            optional(&self.client_id),
            text(&self.proof),
            optional(&self.barcode),
            optional(&self.ip),
            number(self.status),
            optional(&self.error),
            number(self.credits),
            number(self.dropped),
        ];
        parts.extend(self.picture.as_ref().map(|picture| text(picture)));
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::event;
    use crate::key::tests::key;

    #[test]
    fn the_hash_does_not_drift() {
        let entry = Entry::append(&event(), &key(0), 0, Entry::GENESIS);
        assert_eq!((entry.seq, entry.chain.as_str()), (1, "requests"));
        // Golden: computed with Python's hmac module from the layout that `link` documents.
        assert_eq!(
            entry.hash,
            "6c2d63dd607b2b65404e1f4a77fe4139f2d987d180c97ac2dc18517198b11e2a"
        );
    }

    #[test]
    fn a_picture_is_part_of_what_is_hashed() {
        let picture = Picture::try_from(crate::picture::tests::unchecked()).unwrap();
        let mut event = event();
        event.picture = Some(picture.clone());
        let mut entry = Entry::append(&event, &key(0), 0, Entry::GENESIS);
        assert_eq!(entry.picture, Some(picture.to_text()));
        assert!(entry.is_whole(&key(0)));
        entry.picture = None;
        assert!(!entry.is_whole(&key(0)));
    }

    #[test]
    fn mapped_addresses_are_stored_as_what_they_are() {
        let mut event = event();
        event.ip = Some("::ffff:203.0.113.7".parse().unwrap());
        assert_eq!(Entry::append(&event, &key(0), 0, "").ip.as_deref(), Some("203.0.113.7"));
    }
}
