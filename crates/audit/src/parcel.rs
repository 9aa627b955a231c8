use crate::key::{Label, bytes, hex};
use crate::{Error, Event, Key};

/// Most events in one parcel.
pub const MAX_EVENTS: usize = 64;

/// Events on their way from a component that has no database, with the proof that they come from this deployment.
///
/// The route that takes parcels is private, but a deployment can route wrongly, and a forged event could have a client disabled.
#[derive(Debug)]
pub struct Parcel {
    /// JSON: an array of events.
    pub body: Vec<u8>,
    /// HMAC-SHA-256 of the body, 64 hexadecimal digits.
    pub tag: String,
}

impl Parcel {
    /// The name of the header that carries the tag.
    pub const HEADER: &'static str = "deckle-parcel";

    /// Packs events.
    pub fn pack(events: &[Event], key: &Key) -> Self {
        // Numbers and checked texts always serialise.
        let body = serde_json::to_vec(events).unwrap_or_default();
        let tag = hex(&key.tag(Label::Parcel, &[&body]));
        Self { body, tag }
    }

    /// Checks the tag, then reads the events.
    pub fn open(body: &[u8], tag: &str, key: &Key) -> Result<Vec<Event>, Error> {
        if !key.fits(Label::Parcel, &[body], &bytes(tag).ok_or(Error::Tag)?) {
            return Err(Error::Tag);
        }
        let events: Vec<Event> = serde_json::from_slice(body).map_err(|_| Error::Shape)?;
        if events.len() > MAX_EVENTS {
            return Err(Error::Shape);
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::event;
    use crate::key::tests::key;

    #[test]
    fn a4_only_this_deployment_packs_parcels() {
        let parcel = Parcel::pack(&[event(), event()], &key(0));
        assert_eq!(
            Parcel::open(&parcel.body, &parcel.tag, &key(0)).unwrap(),
            [event(), event()]
        );
        assert_eq!(Parcel::open(&parcel.body, &parcel.tag, &key(1)), Err(Error::Tag));
        let mut changed = parcel.body.clone();
        changed[1] ^= 1;
        assert_eq!(Parcel::open(&changed, &parcel.tag, &key(0)), Err(Error::Tag));
        for tag in ["", "0", &"0".repeat(64), &parcel.tag.to_uppercase(), &parcel.tag[1..]] {
            assert_eq!(Parcel::open(&parcel.body, tag, &key(0)), Err(Error::Tag), "{tag}");
        }
    }

    #[test]
    fn a_parcel_is_bounded() {
        let parcel = Parcel::pack(&vec![event(); MAX_EVENTS + 1], &key(0));
        assert_eq!(Parcel::open(&parcel.body, &parcel.tag, &key(0)), Err(Error::Shape));
    }
}
