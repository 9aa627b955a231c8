use crate::Error;

/// What a key asks of its URLs beyond the signature.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    /// Seconds that an expiry may lie ahead; none: any.
    pub max_lifetime: Option<u64>,
    /// Whether every URL must expire. In version 2 every URL does.
    pub require_exp: bool,
    /// Seconds that a URL still works after its expiry.
    pub grace: u64,
}

impl Rules {
    /// Whether an expiry, in Unix seconds, is neither past nor too far ahead at `now`, in Unix milliseconds.
    pub(crate) fn check_expiry(&self, exp: u64, now: u64) -> Result<(), Error> {
        if now > exp.saturating_add(self.grace).saturating_mul(1000) {
            return Err(Error::Expired);
        }
        match self.max_lifetime {
            Some(most) if exp > (now / 1000).saturating_add(most) => Err(Error::Lifetime),
            _ => Ok(()),
        }
    }
}
