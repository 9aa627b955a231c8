//! What a deployment configures, read once per instance.

use crate::caching::TagKey;
use crate::renditions::{RecipeKey, Shelf};
use admission::Throttle;
use anyhow::{Context, bail};
use netaddr::{Cidr, Source};
use secret::{MasterKey, Purpose, SealingKeys};
use std::sync::{Mutex, OnceLock};
use token::KeyRing;
use watermark::{MarkKey, Overlay};

/// Settings of one deployment.
pub struct Settings {
    sealing: SealingKeys,
    tokens: KeyRing,
    /// The visible mark's PNG file, and what it comes to once it was needed: a rendition that is kept has it already.
    overlay: (Vec<u8>, OnceLock<Overlay>),
    /// The key of entity tags.
    pub tags: TagKey,
    /// The key of what renditions are made of.
    pub recipes: RecipeKey,
    /// Where renditions are kept; none: nowhere.
    pub shelf: Option<Shelf>,
    /// The key of the invisible marks.
    pub marking: MarkKey,
    /// Whether this is a developer's machine, where a key without a source list may fetch from anywhere the host allows.
    pub development: bool,
    /// Origins that may be plain HTTP on a loopback address: on a developer's machine those that are configured.
    pub loopback: Vec<Source>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Failed authentications a minute after which an address is not heard any more; 0: never.
    pub address_limit: u32,
    /// What this instance counted of them.
    pub throttle: Mutex<Throttle>,
    /// The key of parcels for the audit log, where the deployment has one beside this component.
    pub audit: Option<audit::Key>,
}

/// The texts that [`Settings::read`] parses.
pub struct Variables {
    /// Base64url of 32 random bytes.
    pub master_key: String,
    /// The one before, while it is being replaced; empty: none.
    pub master_key_previous: String,
    /// The origins that may be fetched from, separated by commas or spaces.
    pub origins: String,
    /// `production` or `development`.
    pub environment: String,
    /// Networks of trusted proxies, separated by commas or spaces; empty: none.
    pub trusted_proxies: String,
    /// A number; 0: no limit.
    pub address_limit: String,
    /// The label of the key-value store that renditions are kept in, or `off`.
    pub renditions: String,
    /// `chained`: events go to the control component's audit log; `stdout`: there is only the line on standard output.
    pub audit: String,
}

impl Settings {
    /// Parses the variables, and takes the overlay's PNG file.
    pub fn read(variables: &Variables, overlay: Vec<u8>) -> anyhow::Result<Self> {
        let master = MasterKey::parse(&variables.master_key).context("variable master_key")?;
        let previous =
            MasterKey::parse_previous(&variables.master_key_previous).context("variable master_key_previous")?;
        let development = match variables.environment.as_str() {
            "production" => false,
            "development" => true,
            _ => bail!("variable environment is production or development"),
        };
        let origins = variables.origins.split([',', ' ']).filter(|origin| !origin.is_empty());
        let origins: Vec<Source> = origins
            .map(Source::parse_origin)
            .collect::<Result<_, _>>()
            .context("variable origin, or one of origin2 to origin4")?;
        let trusted_proxies = Cidr::parse_list(&variables.trusted_proxies).context("variable trusted_proxies")?;
        let audit = match variables.audit.as_str() {
            "chained" => Some(audit::Key::new(&master, previous.as_ref())),
            "stdout" => None,
            _ => bail!("variable audit is chained or stdout"),
        };
        let shelf = match variables.renditions.as_str() {
            "off" => None,
            label if netaddr::is_label(label) => Some(Shelf::new(label.to_owned())),
            _ => bail!("variable renditions is off or the label of a key-value store"),
        };
        Ok(Self {
            audit,
            recipes: RecipeKey::new(&master.derive(Purpose::Rendition), &overlay),
            shelf,
            tokens: KeyRing::new(&master, previous.as_ref()),
            tags: TagKey::new(master.derive(Purpose::EntityTag)),
            trusted_proxies,
            address_limit: variables.address_limit.parse().context("variable address_limit")?,
            throttle: Mutex::default(),
            sealing: SealingKeys::new(&master, previous.as_ref()),
            marking: MarkKey::new(*master.derive(Purpose::Marking)),
            overlay: (overlay, OnceLock::new()),
            development,
            loopback: if development { origins } else { Vec::new() },
        })
    }

    /// The keys that one-shot tokens are made with.
    pub fn tokens(&self) -> &KeyRing {
        &self.tokens
    }

    /// The visible mark.
    ///
    /// # Errors
    /// If its file, brand/overlay.png, is not a usable PNG.
    pub fn overlay(&self) -> Result<&Overlay, imaging::Error> {
        let (file, decoded) = &self.overlay;
        match decoded.get() {
            Some(overlay) => Ok(overlay),
            None => imaging::decode_overlay(file).map(|overlay| decoded.get_or_init(|| overlay)),
        }
    }

    /// The keys that stored secrets are sealed with.
    pub fn sealing(&self) -> &SealingKeys {
        &self.sealing
    }
}
