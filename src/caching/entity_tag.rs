//! Entity tags that can be compared before the original is fetched.
//!
//! A tag is three things: the half day that its original was read in, not the second, so that it changes rarely while the bytes do
//! not; a fingerprint of the original's bytes; and a code of both under a key of the deployment. Everything else that makes a picture
//! (its recipe and its marks) is under the code too, so that a tag is worth something for exactly the pictures that it was given with.
//! No store is needed to compare one.
//!
//! Within a day after the original was read a tag is compared by itself, and neither the original is fetched nor anything
//! rendered: that is no more than what a cache is told to do without asking ([`super::TTL`]). After that the original is
//! fetched and held against the fingerprint; nothing is rendered if it is the same.

use super::{PERIOD, TTL};
use crate::code::{code, mac};
use crate::renditions::Fingerprint;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const PERIOD_LENGTH: usize = 4;
const ORIGINAL_LENGTH: usize = 8;
const CODE_LENGTH: usize = 12;
/// Bytes of a tag; 32 characters in base64url.
const LENGTH: usize = PERIOD_LENGTH + ORIGINAL_LENGTH + CODE_LENGTH;

/// More tags than that in one condition are not looked at.
const MAX_CANDIDATES: usize = 16;

/// The key of a deployment's entity tags.
pub struct TagKey(Zeroizing<[u8; 32]>);

impl TagKey {
    /// Takes the key.
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }
}

/// The entity tags of the pictures that one recipe gives, one for each original.
pub struct EntityTags<'a> {
    key: &'a TagKey,
    recipe: [u8; 32],
}

/// A tag of the caller's that names what the caller would get.
#[derive(Debug, PartialEq, Eq)]
pub struct Current {
    /// The tag, quoted.
    pub tag: String,
    /// For how many seconds the caller may keep what it has without asking.
    pub seconds: u64,
}

impl<'a> EntityTags<'a> {
    /// Tags for what is made as these fields say. Each field is read whole, so that none can run into the next.
    pub fn new(key: &'a TagKey, recipe: &[&[u8]]) -> Self {
        let recipe = code(&key.0, recipe);
        Self { key, recipe }
    }

    /// The strong tag of the picture made of `original`, which was read at `read` (Unix seconds).
    pub fn tag(&self, original: &Fingerprint, read: u64) -> String {
        let period = u32::try_from(read / PERIOD).unwrap_or(u32::MAX).to_be_bytes();
        let code = self.code(&period, original);
        let tag: Vec<u8> = [&period[..], original, &code].concat();
        format!("\"{}\"", URL_SAFE_NO_PAD.encode(tag))
    }

    /// The newest tag of a condition whose original was read so recently that it need not be read again.
    pub fn fresh(&self, if_none_match: &str, now: u64) -> Option<Current> {
        let candidates: Vec<_> = self.candidates(if_none_match).collect();
        let (period, original, tag) = candidates.iter().max_by_key(|(period, _, _)| *period)?.clone();
        // A caller that has seen two originals wants to know which of them it is now; a time to come is a clock gone wrong.
        if candidates.iter().any(|(_, other, _)| *other != original) || period > now / PERIOD {
            return None;
        }
        let end = period.saturating_mul(PERIOD).saturating_add(TTL);
        let seconds = end.checked_sub(now).filter(|seconds| *seconds > 0)?;
        Some(Current { tag, seconds })
    }

    /// The tag of a condition that names the picture made of `original`, which is known to be current for so many seconds.
    pub fn of(&self, if_none_match: &str, original: &Fingerprint, seconds: u64) -> Option<Current> {
        let (_, _, tag) = self
            .candidates(if_none_match)
            .find(|(_, candidate, _)| candidate == original)?;
        Some(Current { tag, seconds })
    }

    /// The tags of an `If-None-Match` that were given by us for this recipe: their period, fingerprint and text. The comparison
    /// is weak (RFC 9110 section 13.1.2), so `W/` changes nothing.
    fn candidates(&self, if_none_match: &str) -> impl Iterator<Item = (u64, Fingerprint, String)> {
        // Our tags hold no comma; one of somebody else's that does falls apart into texts that are not ours.
        if_none_match.split(',').take(MAX_CANDIDATES).filter_map(|candidate| {
            let tag = candidate.trim_matches([' ', '\t']);
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            let text = tag.strip_prefix('"')?.strip_suffix('"')?;
            let mut bytes = [0; LENGTH];
            let read = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
            let (period, rest) = bytes.split_first_chunk::<PERIOD_LENGTH>()?;
            let (original, code) = rest.split_first_chunk::<ORIGINAL_LENGTH>()?;
            if read != LENGTH || self.mac(period, original).verify_truncated_left(code).is_err() {
                return None;
            }
            Some((u32::from_be_bytes(*period).into(), *original, tag.to_owned()))
        })
    }

    fn code(&self, period: &[u8], original: &[u8]) -> [u8; CODE_LENGTH] {
        let code = self.mac(period, original).finalize().into_bytes();
        std::array::from_fn(|i| code[i])
    }

    fn mac(&self, period: &[u8], original: &[u8]) -> Hmac<Sha256> {
        mac(&self.key.0, &[&self.recipe, period, original])
    }
}

#[cfg(test)]
mod tests;
