//! Keys and projects of a server, over its admin API.
use super::api::{Api, name};
use crate::records::{NewKey, Terms, new_project};
use anyhow::{Context as _, Result, bail};
use identity::{KeyRecord, Limits, ProjectRecord, ProjectRef};
use secret::SecretText;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The keys and projects of a server, read into the records that a store would hold, as far as the API tells of them: no sealed
/// secrets, and no origins.
pub struct Registry(pub Api);

impl Registry {
    /// All projects.
    pub fn projects(&self) -> Result<Vec<ProjectRecord>> {
        self.all("/admin/projects", "projects", project)
    }

    /// All keys, revoked and expired ones too, of all projects.
    pub fn keys(&self) -> Result<Vec<KeyRecord>> {
        let mut keys = Vec::new();
        for project in self.projects()? {
            let path = format!("/admin/projects/{}/keys", project.slug);
            keys.extend(self.all(&path, "keys", key)?);
        }
        Ok(keys)
    }

    /// The project with this slug.
    pub fn project(&self, slug: &str) -> Result<Option<ProjectRecord>> {
        let found = self.0.find(&format!("/admin/projects/{}", name(slug)?))?;
        found.map(|found| project(&found["project"])).transpose()
    }

    /// Stores a project, new or not, as far as the API can change it: one with origins is refused.
    pub fn keep_project(&self, project: &ProjectRecord) -> Result<()> {
        if !project.origins.is_empty() {
            bail!("origins are set where the store is: leave out --url");
        }
        let mut body = json!({
            "referers": project.referers, "allow_empty_referer": project.allow_empty_referer, "presets": project.presets,
            "untraceable": project.untraceable,
        });
        let (method, path) = match self.project(&project.slug)? {
            Some(_) => ("PATCH", format!("/admin/projects/{}", project.slug)),
            None => {
                body["slug"] = project.slug.clone().into();
                ("POST", "/admin/projects".to_owned())
            }
        };
        self.0.ask(method, &path, Some(&body)).map(drop)
    }

    /// Makes a key, and its project if it does not exist yet.
    pub fn create_key(&self, slug: &str, client_id: &str, terms: &Terms) -> Result<NewKey> {
        if self.project(slug)?.is_none() {
            self.keep_project(&new_project(slug)?)?;
        }
        let new = json!({
            "client_id": client_id, "sources": terms.sources, "expires_at": terms.expires_at,
            "per_minute": terms.limits.per_minute, "per_day": terms.limits.per_day,
            "max_lifetime": terms.max_lifetime, "operations": terms.operations,
        });
        let path = format!("/admin/projects/{}/keys", name(slug)?);
        new_key(&self.0.ask("POST", &path, Some(&new))?)
    }

    /// Makes a key on the terms of another one, which works for so many seconds more.
    pub fn rotate_key(&self, public_key: &str, overlap: u64) -> Result<NewKey> {
        let path = format!("/admin/keys/{}/rotate", name(public_key)?);
        new_key(&self.0.ask("POST", &path, Some(&json!({ "overlap": overlap })))?)
    }

    /// Revokes a key.
    pub fn revoke_key(&self, public_key: &str) -> Result<KeyRecord> {
        let path = format!("/admin/keys/{}/revoke", name(public_key)?);
        key(&self.0.ask("POST", &path, None)?["key"])
    }

    /// Every entry of a list, page by page.
    fn all<T>(&self, path: &str, member: &str, read: impl Fn(&Value) -> Result<T>) -> Result<Vec<T>> {
        let (mut entries, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.0.ask("GET", &format!("{path}?limit=200{after}"), None)?;
            for entry in page[member].as_array().context("the server's answer has no list")? {
                entries.push(read(entry)?);
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={}", name(next)?),
                None => return Ok(entries),
            }
        }
    }
}

fn new_key(made: &Value) -> Result<NewKey> {
    Ok(NewKey {
        record: key(&made["key"])?,
        secret: SecretText::new(member(made, "secret_key")?),
    })
}

fn project(shown: &Value) -> Result<ProjectRecord> {
    let mut project = ProjectRecord::new(member(shown, "id")?, member(shown, "project")?);
    project.referers = member(shown, "referers")?;
    project.allow_empty_referer = member(shown, "allow_empty_referer")?;
    project.presets = member(shown, "presets")?;
    project.untraceable = member(shown, "untraceable")?;
    Ok(project)
}

fn key(shown: &Value) -> Result<KeyRecord> {
    let project = ProjectRef {
        id: String::new(),
        slug: member(shown, "project")?,
    };
    let (public_key, client_id) = (member(shown, "public_key")?, member(shown, "client_id")?);
    let mut key = KeyRecord::new(
        public_key,
        String::new(),
        project,
        client_id,
        member(shown, "created_at")?,
    );
    key.expires_at = member(shown, "expires_at")?;
    key.revoked_at = member(shown, "revoked_at")?;
    key.sources = member(shown, "sources")?;
    key.limits = Limits {
        per_minute: member(shown, "per_minute")?,
        per_day: member(shown, "per_day")?,
    };
    key.max_lifetime = member(shown, "max_lifetime")?;
    key.operations = member(shown, "operations")?;
    Ok(key)
}

fn member<T: DeserializeOwned>(shown: &Value, name: &str) -> Result<T> {
    serde_json::from_value(shown[name].clone()).with_context(|| format!("the server's answer has no {name}"))
}
