//! Projects and signing keys in a key-value store: what `deckle key` and `deckle project` write and components read.
use crate::kv::Backend;
use anyhow::{Context as _, Result, bail};
use identity::{KeyRecord, OriginRecord, ProjectRecord, ProjectRef};
use secret::{MasterKey, NONCE_LENGTH, Purpose, Sealed, SealingKeys, SecretText};
use signed_url::{PUBLIC_KEY_BYTES, SECRET_KEY_BYTES, key_pair};

/// The label of the store that components read them from.
pub const STORE: &str = "default";

/// The records of one store.
pub struct Records<'s> {
    store: &'s dyn Backend,
}

/// What a new key may do; nothing given, nothing restricted.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Domains that originals may come from.
    pub sources: Vec<String>,
    /// When the key stops working, in Unix seconds.
    pub expires_at: Option<u64>,
    /// Requests admitted.
    pub limits: identity::Limits,
    /// How far ahead a URL's expiry may lie, in seconds.
    pub max_lifetime: Option<u64>,
    /// Operations that its URLs may ask for.
    pub operations: Option<Vec<String>>,
}

/// A key that was just made: the only moment that its secret can be read.
pub struct NewKey {
    /// As it is stored.
    pub record: KeyRecord,
    /// The secret half.
    pub secret: SecretText,
}

/// Random bytes from the system.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
    Ok(bytes)
}

/// Makes a project that is not stored yet.
pub fn new_project(slug: &str) -> Result<ProjectRecord> {
    match ProjectRecord::named(slug) {
        Some(project) => Ok(project),
        None => bail!("`{slug}` cannot be a project: use 1 to 63 lower-case letters, digits and hyphens inside"),
    }
}

/// Makes a key that is not stored yet; its secret is sealed for its own record.
pub fn new_key(master: &MasterKey, project: &ProjectRecord, client_id: &str, terms: Terms, now: u64) -> Result<NewKey> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if client_id.is_empty() || client_id.len() > 64 || !client_id.chars().all(plain) {
        bail!("`{client_id}` cannot be a client id: use 1 to 64 letters, digits, hyphens, underscores and dots");
    }
    let (public, secret) = key_pair(random::<PUBLIC_KEY_BYTES>()?, random::<SECRET_KEY_BYTES>()?);
    let project = ProjectRef {
        id: project.id.clone(),
        slug: project.slug.clone(),
    };
    let mut record = KeyRecord::new(
        public.as_str().to_owned(),
        String::new(),
        project,
        client_id.to_owned(),
        now,
    );
    let sealing = master.derive(Purpose::Sealing);
    record.secret = Sealed::seal(&sealing, &record.name(), &secret, random::<NONCE_LENGTH>()?)?.to_text();
    record.sources = terms.sources;
    record.expires_at = terms.expires_at;
    record.limits = terms.limits;
    record.max_lifetime = terms.max_lifetime;
    record.operations = terms.operations;
    Ok(NewKey { record, secret })
}

impl<'s> Records<'s> {
    /// The records in this store.
    pub fn new(store: &'s dyn Backend) -> Self {
        Self { store }
    }

    /// All projects.
    pub fn projects(&self) -> Result<Vec<ProjectRecord>> {
        self.all(ProjectRecord::PREFIX, |id, bytes| {
            Ok(ProjectRecord::from_bytes(id, bytes)?)
        })
    }

    /// All keys, revoked and expired ones too.
    pub fn keys(&self) -> Result<Vec<KeyRecord>> {
        self.all(KeyRecord::PREFIX, |public, bytes| {
            Ok(KeyRecord::from_bytes(public, bytes)?)
        })
    }

    /// The project with this slug.
    pub fn project(&self, slug: &str) -> Result<Option<ProjectRecord>> {
        Ok(self.projects()?.into_iter().find(|project| project.slug == slug))
    }

    /// One key.
    pub fn key(&self, public_key: &str) -> Result<Option<KeyRecord>> {
        let stored = self.store.get(STORE, &KeyRecord::name_of(public_key))?;
        Ok(stored
            .map(|bytes| KeyRecord::from_bytes(public_key, &bytes))
            .transpose()?)
    }

    /// Stores a project.
    pub fn keep_project(&self, project: &ProjectRecord) -> Result<()> {
        Ok(self
            .store
            .set(STORE, &ProjectRecord::name_of(&project.id), &project.to_bytes())?)
    }

    /// Stores a key.
    pub fn keep_key(&self, key: &KeyRecord) -> Result<()> {
        Ok(self.store.set(STORE, &key.name(), &key.to_bytes())?)
    }

    /// Seals every stored secret, of keys and of projects' origins, under the current one of `keys`. Gives how many were sealed
    /// again, and how many were already.
    pub fn reseal(&self, keys: &SealingKeys) -> Result<(u32, u32)> {
        let (mut sealed, mut unchanged) = (0, 0);
        let mut renew = |secret: &mut String, place: &str| -> Result<bool> {
            let again = keys.reseal(secret, place, random::<NONCE_LENGTH>()?);
            let again = again.with_context(|| format!("the secret of {place} opens with neither master key"))?;
            let renewed = again.is_some();
            match again {
                Some(again) => {
                    *secret = again.to_text();
                    sealed += 1;
                }
                None => unchanged += 1,
            }
            Ok(renewed)
        };
        for mut key in self.keys()? {
            let place = key.name();
            if renew(&mut key.secret, &place)? {
                self.keep_key(&key)?;
            }
        }
        for mut project in self.projects()? {
            let names: Vec<String> = project.origins.keys().cloned().collect();
            let mut changed = false;
            for name in names {
                let place = project.place_of(&name);
                if let Some(OriginRecord::S3 { secret, .. }) = project.origins.get_mut(&name) {
                    changed |= renew(secret, &place)?;
                }
            }
            if changed {
                self.keep_project(&project)?;
            }
        }
        Ok((sealed, unchanged))
    }

    fn all<T>(&self, prefix: &str, read: impl Fn(&str, &[u8]) -> Result<T>) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for name in self.store.keys(STORE)? {
            let Some(rest) = name.strip_prefix(prefix) else {
                continue;
            };
            // Between the list and the read another process may have deleted it.
            let Some(bytes) = self.store.get(STORE, &name)? else {
                continue;
            };
            found.push(read(rest, &bytes).with_context(|| format!("the record {name}"))?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kv::Memory;

    #[test]
    fn a_new_key_is_stored_sealed_and_found_again() {
        let master = MasterKey::from_bytes(std::array::from_fn(|i| i as u8)).unwrap();
        let store = Memory::new(1 << 20);
        let records = Records::new(&store);
        let project = new_project("demo").unwrap();
        records.keep_project(&project).unwrap();
        let NewKey { record, secret } = new_key(&master, &project, "client_one", Terms::default(), 7).unwrap();
        records.keep_key(&record).unwrap();

        let stored = records.key(&record.public_key).unwrap().unwrap();
        assert_eq!(stored, record);
        assert!(!String::from_utf8(stored.to_bytes()).unwrap().contains(secret.expose()));
        let opened = Sealed::parse(&stored.secret)
            .unwrap()
            .open(&master.derive(Purpose::Sealing), &stored.name())
            .unwrap();
        assert_eq!(opened.expose(), secret.expose());
        assert_eq!(records.project("demo").unwrap(), Some(project));
        assert_eq!(records.keys().unwrap(), [record]);
    }

    #[test]
    fn sealing_again_reaches_keys_and_origins() {
        let master = |first: u8| MasterKey::from_bytes(std::array::from_fn(|i| first + i as u8)).unwrap();
        let (old, new) = (master(0), master(1));
        let store = Memory::new(1 << 20);
        let records = Records::new(&store);
        let mut project = new_project("demo").unwrap();
        let NewKey { record, secret } = new_key(&old, &project, "client_one", Terms::default(), 7).unwrap();
        let sealed = Sealed::seal(
            &old.derive(Purpose::Sealing),
            &project.place_of("photos"),
            &SecretText::new("of the bucket".into()),
            [1; NONCE_LENGTH],
        );
        let origin = serde_json::json!({ "s3": {
            "endpoint": "https://s3.example.com", "region": "eu", "bucket": "b", "prefix": "", "style": "path",
            "access_key_id": "AKID", "secret": sealed.unwrap().to_text(),
        }});
        project
            .origins
            .insert("photos".into(), serde_json::from_value(origin).unwrap());
        records.keep_key(&record).unwrap();
        records.keep_project(&project).unwrap();

        assert_eq!(records.reseal(&SealingKeys::new(&new, Some(&old))).unwrap(), (2, 0));
        let after = SealingKeys::new(&new, None);
        let key = records.key(&record.public_key).unwrap().unwrap();
        assert_eq!(after.open(&key.secret, &key.name()).unwrap().expose(), secret.expose());
        let project = records.project("demo").unwrap().unwrap();
        let Some(OriginRecord::S3 { secret, .. }) = project.origins.get("photos") else {
            panic!("no such origin")
        };
        let opened = after.open(secret, &project.place_of("photos")).unwrap();
        assert_eq!(opened.expose(), "of the bucket");
        assert_eq!(records.reseal(&after).unwrap(), (0, 2));
        assert!(records.reseal(&SealingKeys::new(&old, None)).is_err());
    }

    #[test]
    fn names_that_do_not_fit_are_refused() {
        assert!(new_project("Not A Slug").is_err());
        let master = MasterKey::from_bytes(std::array::from_fn(|i| i as u8)).unwrap();
        let project = new_project("demo").unwrap();
        assert!(new_key(&master, &project, "with space", Terms::default(), 0).is_err());
    }
}
