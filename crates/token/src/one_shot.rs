use crate::claims::Claims;
use crate::{Error, Jti, KeyRing, json, jws};
use secret::SecretText;
use std::net::IpAddr;

/// What a token grants, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who is accountable: the name that the invisible mark leads to.
    pub client_id: String,
    /// The client's public key. Its record has the project, the limits and the allowed sources, and revoking it ends the token.
    pub public_key: String,
    /// The client's epoch: raising it ends the token.
    pub epoch: u64,
    /// The address that the token is bound to, canonical (no IPv4-mapped IPv6); none: anybody may use it. How much of it has to
    /// agree with the client's is a rule of the deployment.
    pub address: Option<IpAddr>,
    /// The picture, as in a signed URL after decoding.
    pub source: String,
    /// What is to be done with it, in the grammar of operations.
    pub operations: String,
}

/// A token that was verified. Only [`verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneShot {
    pub(crate) grant: Grant,
    pub(crate) jti: Jti,
    pub(crate) exp: u64,
}

/// Makes the token of one picture, to be used within [`crate::LIFETIME`] of `now` (Unix seconds). What it returns is good for
/// the picture to whoever holds it.
pub fn mint(ring: &KeyRing, issuer: &str, grant: &Grant, jti: Jti, now: u64) -> Result<SecretText, Error> {
    let claims = serde_json::to_vec(&Claims::new(issuer, grant, jti, now)).map_err(|_| Error::Claims)?;
    jws::sign(ring, &claims)
}

/// Verifies a token as it stands in the path. `now` is Unix seconds.
pub fn verify(ring: &KeyRing, issuer: &str, token: &str, now: u64) -> Result<OneShot, Error> {
    let claims = jws::open(ring, token)?;
    json::object::<Claims>(&claims).ok_or(Error::Claims)?.judge(issuer, now)
}

impl OneShot {
    /// What it grants.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Its id, which can be claimed once.
    pub fn jti(&self) -> Jti {
        self.jti
    }

    /// When it expires, in Unix seconds. It is accepted until [`crate::LEEWAY`] later.
    pub fn exp(&self) -> u64 {
        self.exp
    }
}

#[cfg(test)]
mod tests;
