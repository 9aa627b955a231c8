use crate::{Error, OriginRecord, Untraceable, VERSION};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A project as stored under [`ProjectRecord::name_of`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectRecord {
    v: u8,
    /// The stable identifier.
    pub id: String,
    /// The name in URLs.
    pub slug: String,
    /// Domains of the pages that may embed pictures; none: any.
    pub referers: Vec<String>,
    /// Whether a request without a `Referer` passes where there is a list.
    pub allow_empty_referer: bool,
    /// Operations that have a name: what `preset_NAME` in a URL stands for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub presets: BTreeMap<String, String>,
    /// Where originals are, by the names that sources use for it: `@photos/tea.jpg`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub origins: BTreeMap<String, OriginRecord>,
    /// What becomes of pictures that cannot be traced.
    #[serde(default, skip_serializing_if = "Untraceable::is_default")]
    pub untraceable: Untraceable,
}

/// What follows `/api/v1/` where the control API answers.
const RESERVED: [&str; 5] = ["account", "auth", "balance", "products", "usage"];

impl ProjectRecord {
    /// A new project that any page may embed from.
    pub fn new(id: String, slug: String) -> Self {
        Self {
            v: VERSION,
            id,
            slug,
            referers: Vec::new(),
            allow_empty_referer: true,
            presets: BTreeMap::new(),
            origins: BTreeMap::new(),
            untraceable: Untraceable::default(),
        }
    }

    /// A new project with this name in URLs; none if it cannot be one.
    ///
    /// Its id follows from the name, so that two who make the same project at the same time make one.
    pub fn named(slug: &str) -> Option<Self> {
        let digest = Sha256::digest(slug.as_bytes());
        let id = digest
            .iter()
            .take(8)
            .fold("prj_".to_owned(), |id, byte| id + &format!("{byte:02x}"));
        Self::is_slug(slug).then(|| Self::new(id, slug.to_owned()))
    }

    /// Start of the names of all projects.
    pub const PREFIX: &'static str = "project/";

    /// The name that a project is stored under.
    pub fn name_of(id: &str) -> String {
        format!("{}{id}", Self::PREFIX)
    }

    /// What the secret of an origin is sealed for: this record, and the origin's name in it.
    pub fn place_of(&self, origin: &str) -> String {
        format!("{}/origin/{origin}", Self::name_of(&self.id))
    }

    /// The stored bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings and lists of them always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what was stored for `id`.
    pub fn from_bytes(id: &str, bytes: &[u8]) -> Result<Self, Error> {
        let record: Self = serde_json::from_slice(bytes)?;
        match record.v {
            VERSION if record.id == id => Ok(record),
            VERSION => Err(Error::Name),
            other => Err(Error::Version(other)),
        }
    }

    /// Whether `slug` can be a project's name in URLs: a label, and none of the words that begin the paths of the control
    /// API.
    pub fn is_slug(slug: &str) -> bool {
        netaddr::is_label(slug) && !RESERVED.contains(&slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_bytes_do_not_drift() {
        let project = ProjectRecord::new("prj_1".into(), "demo".into());
        let stored = r#"{"v":1,"id":"prj_1","slug":"demo","referers":[],"allow_empty_referer":true}"#;
        assert_eq!(String::from_utf8(project.to_bytes()).unwrap(), stored);
        assert_eq!(ProjectRecord::from_bytes("prj_1", stored.as_bytes()).unwrap(), project);
        assert!(matches!(
            ProjectRecord::from_bytes("prj_2", stored.as_bytes()),
            Err(Error::Name)
        ));
    }

    #[test]
    fn presets_are_stored_and_their_absence_is_not() {
        let mut project = ProjectRecord::new("prj_1".into(), "demo".into());
        project.presets.insert("thumb".into(), "w_200".into());
        let stored = r#"{"v":1,"id":"prj_1","slug":"demo","referers":[],"allow_empty_referer":true,"presets":{"thumb":"w_200"}}"#;
        assert_eq!(String::from_utf8(project.to_bytes()).unwrap(), stored);
        assert_eq!(ProjectRecord::from_bytes("prj_1", stored.as_bytes()).unwrap(), project);
    }

    #[test]
    fn that_untraceable_pictures_are_refused_is_stored_and_the_default_is_not() {
        let mut project = ProjectRecord::new("prj_1".into(), "demo".into());
        project.untraceable = Untraceable::Refuse;
        let stored =
            r#"{"v":1,"id":"prj_1","slug":"demo","referers":[],"allow_empty_referer":true,"untraceable":"refuse"}"#;
        assert_eq!(String::from_utf8(project.to_bytes()).unwrap(), stored);
        assert_eq!(ProjectRecord::from_bytes("prj_1", stored.as_bytes()).unwrap(), project);
        assert_eq!(Untraceable::parse("refuse"), Some(Untraceable::Refuse));
        assert_eq!(Untraceable::parse("Refuse"), None);
    }

    #[test]
    fn slugs() {
        assert!(ProjectRecord::is_slug("my-blog"));
        for slug in ["", "-a", "a-", "My", "a/b", "a_b", "é", "auth", "products"] {
            assert!(!ProjectRecord::is_slug(slug), "{slug}");
        }
    }
}
