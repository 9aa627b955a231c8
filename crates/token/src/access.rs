use crate::{AccessRing, Error, Jti, LEEWAY, json, jws};
use secret::SecretText;
use serde::{Deserialize, Serialize};

/// Seconds that an access token lives: an hour.
pub const ACCESS_LIFETIME: u64 = 3600;

/// What an access token says of its bearer. Whether that still holds is for the client's row to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The client.
    pub client_id: String,
    /// The client's tier when the token was made.
    pub tier: String,
    /// The hash of the client's scope when the token was made.
    pub scope_hash: String,
    /// The client's epoch when the session began.
    pub epoch: u64,
    /// The family of refresh tokens that it belongs to.
    pub session: String,
}

/// An access token that was verified. Only [`verify_access`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    bearer: Bearer,
    jti: Jti,
    exp: u64,
}

/// The claims as they stand in a token: exactly these. `sid` is that of OpenID Connect: the session.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    sub: String,
    jti: String,
    iat: u64,
    exp: u64,
    tier: String,
    scope_hash: String,
    epoch: u64,
    sid: String,
}

/// Makes an access token at `now` (Unix seconds).
pub fn mint_access(ring: &AccessRing, issuer: &str, bearer: &Bearer, jti: Jti, now: u64) -> Result<SecretText, Error> {
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: bearer.client_id.clone(),
        jti: jti.to_text(),
        iat: now,
        exp: now.saturating_add(ACCESS_LIFETIME),
        tier: bearer.tier.clone(),
        scope_hash: bearer.scope_hash.clone(),
        epoch: bearer.epoch,
        sid: bearer.session.clone(),
    };
    jws::sign(&ring.0, &serde_json::to_vec(&claims).map_err(|_| Error::Claims)?)
}

/// Verifies an access token as it stands in the header. `now` is Unix seconds.
pub fn verify_access(ring: &AccessRing, issuer: &str, token: &str, now: u64) -> Result<Access, Error> {
    let claims = jws::open(&ring.0, token)?;
    json::object::<Claims>(&claims).ok_or(Error::Claims)?.judge(issuer, now)
}

impl Claims {
    fn judge(self, issuer: &str, now: u64) -> Result<Access, Error> {
        if self.iss != issuer {
            return Err(Error::Issuer);
        }
        match self.exp.checked_sub(self.iat) {
            Some(1..=ACCESS_LIFETIME) => {}
            _ => return Err(Error::Lifetime),
        }
        if self.iat > now.saturating_add(LEEWAY) {
            return Err(Error::NotYet);
        }
        if now >= self.exp.saturating_add(LEEWAY) {
            return Err(Error::Expired);
        }
        if self.sub.is_empty() || self.sid.is_empty() {
            return Err(Error::Claims);
        }
        Ok(Access {
            jti: Jti::parse(&self.jti).ok_or(Error::Claims)?,
            exp: self.exp,
            bearer: Bearer {
                client_id: self.sub,
                tier: self.tier,
                scope_hash: self.scope_hash,
                epoch: self.epoch,
                session: self.sid,
            },
        })
    }
}

impl Access {
    /// Who bears it.
    pub fn bearer(&self) -> &Bearer {
        &self.bearer
    }

    /// Its id, by which it can be revoked.
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
