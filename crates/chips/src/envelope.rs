//! What every container begins with: a magic number, a version, and a checksum of all that follows.

use xxhash_rust::xxh3::xxh3_64;

use crate::Error;

/// Magic and version.
const MAGIC: usize = 4;
/// The same and the checksum: bytes before what is checked.
pub const ENVELOPE: usize = MAGIC + 8;

/// The beginning of a container, its checksum still missing.
#[must_use]
pub fn begin(magic: [u8; MAGIC]) -> Vec<u8> {
    [magic.as_slice(), &[0; ENVELOPE - MAGIC]].concat()
}

/// Puts the checksum (XXH3-64, big-endian) into a container that is complete.
pub fn seal(bytes: &mut [u8]) {
    if let Some((head, rest)) = bytes.split_at_mut_checked(ENVELOPE) {
        head[MAGIC..].copy_from_slice(&xxh3_64(rest).to_be_bytes());
    }
}

/// Looks at the magic number and the version of a container.
///
/// # Errors
/// [`Error::Foreign`], [`Error::Version`].
pub fn look(bytes: &[u8], magic: [u8; MAGIC]) -> Result<(), Error> {
    match bytes.first_chunk::<ENVELOPE>() {
        Some(head) if head[..3] != magic[..3] => Err(Error::Foreign),
        Some(head) if head[3] != magic[3] => Err(Error::Version),
        Some(_) => Ok(()),
        None => Err(Error::Foreign),
    }
}

/// The same, and checks that nothing of it is damaged.
///
/// # Errors
/// [`Error::Foreign`], [`Error::Version`], [`Error::Damaged`].
pub fn check(bytes: &[u8], magic: [u8; MAGIC]) -> Result<(), Error> {
    look(bytes, magic)?;
    match bytes.split_at_checked(ENVELOPE) {
        Some((head, rest)) if head[MAGIC..] == xxh3_64(rest).to_be_bytes() => Ok(()),
        _ => Err(Error::Damaged),
    }
}
