use crate::{Error, Grant, Jti, LEEWAY, LIFETIME, OneShot, json};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The claims as they stand in a token: exactly these (RFC 7519 section 4.1 for the first five). Dates are Unix seconds, and
/// integers only, although RFC 7519 section 2 allows fractions: one spelling for one time.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    iss: String,
    sub: String,
    jti: String,
    iat: u64,
    exp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::present")]
    ip: Option<String>,
    key: String,
    epoch: u64,
    src: String,
    ops: String,
}

impl Claims {
    pub(crate) fn new(issuer: &str, grant: &Grant, jti: Jti, now: u64) -> Self {
        Self {
            iss: issuer.to_owned(),
            sub: grant.client_id.clone(),
            jti: jti.to_text(),
            iat: now,
            exp: now.saturating_add(LIFETIME),
            ip: grant.address.map(|address| address.to_canonical().to_string()),
            key: grant.public_key.clone(),
            epoch: grant.epoch,
            src: grant.source.clone(),
            ops: grant.operations.clone(),
        }
    }

    /// What the claims say, if they hold at `now`.
    pub(crate) fn judge(self, issuer: &str, now: u64) -> Result<OneShot, Error> {
        if self.iss != issuer {
            return Err(Error::Issuer);
        }
        self.judge_time(now)?;
        if self.sub.is_empty() || self.key.is_empty() {
            return Err(Error::Claims);
        }
        Ok(OneShot {
            jti: Jti::parse(&self.jti).ok_or(Error::Claims)?,
            exp: self.exp,
            grant: Grant {
                client_id: self.sub,
                public_key: self.key,
                epoch: self.epoch,
                address: self.ip.as_deref().map(canonical_address).transpose()?,
                source: self.src,
                operations: self.ops,
            },
        })
    }

    fn judge_time(&self, now: u64) -> Result<(), Error> {
        match self.exp.checked_sub(self.iat) {
            Some(1..=LIFETIME) => {}
            _ => return Err(Error::Lifetime),
        }
        if self.iat > now.saturating_add(LEEWAY) {
            return Err(Error::NotYet);
        }
        if now >= self.exp.saturating_add(LEEWAY) {
            return Err(Error::Expired);
        }
        Ok(())
    }
}

fn canonical_address(text: &str) -> Result<IpAddr, Error> {
    match text.parse::<IpAddr>() {
        Ok(address) if address.to_canonical().to_string() == text => Ok(address),
        _ => Err(Error::Claims),
    }
}
