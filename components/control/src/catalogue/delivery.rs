//! The one-shot URLs of a product's pictures.

use super::products::Stored;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::sql::{Database, SqlError};
use catalogue::{Variant, Variants};
use problem::Code;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use token::{Grant, Jti};

/// Who makes the tokens: this deployment itself.
const ISSUER: &str = "deckle";
/// Bytes of what the names of a request's tokens are made of.
pub const SEED_LENGTH: usize = 16;

/// `images`: for each variant its URL, or null.
#[derive(Debug, Default, Serialize)]
pub struct Images {
    front: Option<String>,
    back: Option<String>,
    front_clean: Option<String>,
    back_clean: Option<String>,
}

/// To whom pictures are delivered, and as of when.
pub struct Delivery<'a> {
    /// Who is accountable: the name that the invisible mark leads to.
    pub client_id: &'a str,
    /// The client's epoch: raising it ends the URLs.
    pub epoch: u64,
    /// The signing key that answers for the URLs.
    pub public_key: &'a str,
    /// The address that they are bound to; none: anybody who has one may use it.
    pub address: Option<IpAddr>,
    /// When they were paid for, in Unix seconds. They live for 15 minutes from then.
    pub at: u64,
    /// What their names are made of: the same URLs again from the same seed.
    pub seed: [u8; SEED_LENGTH],
}

impl Delivery<'_> {
    /// The URLs of those of the `variants` that the product has.
    pub fn images<H: Host>(
        &self,
        context: &Context<'_, H>,
        product: &Stored,
        variants: Variants,
    ) -> Result<Images, Refusal> {
        let url = |variant: Variant| -> Result<Option<String>, Refusal> {
            let source = product.sources[variant.index()].as_deref();
            let Some(source) = source.filter(|_| variants.contains(variant)) else {
                return Ok(None);
            };
            let terms = &context.settings.terms;
            let grant = Grant {
                client_id: self.client_id.to_owned(),
                public_key: self.public_key.to_owned(),
                epoch: self.epoch,
                address: self.address,
                source: terms.source(source),
                operations: terms.operations(variant).to_owned(),
            };
            let token = token::mint(context.settings.tokens(), ISSUER, &grant, self.jti(variant), self.at)
                .map_err(|error| Refusal::because(Code::InternalError, error))?;
            Ok(Some(terms.url(&format!("/i/{}", token.expose()))))
        };
        Ok(Images {
            front: url(Variant::Front)?,
            back: url(Variant::Back)?,
            front_clean: url(Variant::FrontClean)?,
            back_clean: url(Variant::BackClean)?,
        })
    }

    /// 128 bits of SHA-256 over a random seed: as unpredictable as the seed, and used up with it.
    fn jti(&self, variant: Variant) -> Jti {
        let digest = Sha256::new()
            .chain_update("deckle-product-v1\n")
            .chain_update(self.seed)
            .chain_update(variant.as_str())
            .finalize();
        Jti::new(std::array::from_fn(|i| digest[i]))
    }
}

/// Says which signing key answers for a client's one-shot URLs. It has to be a key of that client, with the catalogue's
/// sources allowed: the edge checks both.
pub async fn assign_key(database: &impl Database, client_id: &str, public_key: &str) -> Result<(), SqlError> {
    const ASSIGN: &str = "INSERT INTO delivery_keys (client_id, public_key) VALUES ($1, $2) \
        ON CONFLICT (client_id) DO UPDATE SET public_key = excluded.public_key";
    database.execute(ASSIGN, &[client_id.into(), public_key.into()]).await?;
    Ok(())
}

/// The signing key that answers for a client's one-shot URLs.
pub async fn key_of(database: &impl Database, client_id: &str) -> Result<Option<String>, SqlError> {
    const FIND: &str = "SELECT public_key FROM delivery_keys WHERE client_id = $1";
    let rows = database.query(FIND, &[client_id.into()]).await?;
    rows.first().map(|row| row.get(0)).transpose()
}
