//! `spin.toml`, version 2: the deployment contract that this host and `spin up` both read.
mod raw;
mod route;
mod template;
#[cfg(test)]
mod tests;

pub use route::{Captures, Route};
pub use template::{Template, variable_name};

use crate::sqlite;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component as PathPart, Path, PathBuf};
use std::time::Duration;

/// A checked manifest: every name it uses exists, every route and template reads.
#[derive(Debug)]
pub struct Manifest {
    /// The application's name.
    pub name: String,
    /// The application's version, perhaps empty.
    pub version: String,
    /// The variables it declares.
    pub variables: BTreeMap<String, Variable>,
    /// What answers which path, the most specific route first.
    pub routes: Vec<(Route, Target)>,
    /// The components by id.
    pub components: BTreeMap<String, Component>,
}

/// A declared variable.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its value when nobody gives another; `None`: somebody must.
    pub default: Option<String>,
    /// Whether its value must not be shown.
    pub secret: bool,
}

/// What a route leads to.
#[derive(Debug)]
pub enum Target {
    /// The component with this id.
    Component(String),
    /// One fixed answer.
    Static(StaticResponse),
}

/// An answer that is written in the manifest itself.
#[derive(Clone, Debug)]
pub struct StaticResponse {
    /// Its status, 200 unless given.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

/// A component as the manifest describes it; paths are absolute or relative to the working directory.
#[derive(Debug)]
pub struct Component {
    /// The WebAssembly file.
    pub source: PathBuf,
    /// Folders it sees, read-only.
    pub mounts: Vec<Mount>,
    /// Where it may send requests: patterns for [`crate::outbound::Allowed`].
    pub allowed_outbound_hosts: Vec<Template>,
    /// The labels of the key-value stores it may open.
    pub key_value_stores: BTreeSet<String>,
    /// Labels of stores that only this host has, in its memory unless the runtime configuration says where: `memory_stores` in
    /// `[component.NAME.tool.deckle]`. Spin would refuse to start with a label that nothing configures.
    pub memory_stores: BTreeSet<String>,
    /// Whether it may open the SQL database `default`.
    pub sqlite: bool,
    /// How many requests one instance of it works on at a time: `concurrency` in `[component.NAME.tool.deckle]`. One unless
    /// given, because rendering is all computation: sharing an instance would only share its memory and its crashes.
    pub concurrency: usize,
    /// The calls that the host makes to it by itself. None unless given.
    pub schedule: Option<Schedule>,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// The configuration variables it sees.
    pub variables: BTreeMap<String, Template>,
}

/// Calls that the host makes to a component by itself: `every` in the same table, in seconds, and `path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// How often.
    pub every: Duration,
    /// What is asked for, with POST; `/` unless given.
    pub path: String,
}

/// A folder of the host under a path of the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The folder on this machine.
    pub source: PathBuf,
    /// Where the component finds it.
    pub destination: String,
}

/// Everything that is wrong with a manifest, at once.
#[derive(Debug, thiserror::Error)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => f.write_str(one),
            all => {
                write!(f, "{} mistakes:", all.len())?;
                all.iter().try_for_each(|mistake| write!(f, "\n  - {mistake}"))
            }
        }
    }
}

impl Manifest {
    /// Reads and checks a manifest. `folder` is where it lies: the paths in it start there.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Mistakes> {
        let raw: raw::Manifest =
            toml::from_str(text).map_err(|error| Mistakes(vec![error.to_string().trim_end().to_owned()]))?;
        let mut reader = Reader {
            folder,
            mistakes: Vec::new(),
        };
        let manifest = reader.manifest(raw);
        if reader.mistakes.is_empty() {
            Ok(manifest)
        } else {
            Err(Mistakes(reader.mistakes))
        }
    }
}

/// Turns what is written into what is meant, collecting mistakes on the way.
struct Reader<'f> {
    folder: &'f Path,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn manifest(&mut self, raw: raw::Manifest) -> Manifest {
        if raw.spin_manifest_version.as_integer() != Some(2) {
            self.mistakes.push(format!(
                "spin_manifest_version is {}: this host reads version 2",
                raw.spin_manifest_version
            ));
        }
        let variables: BTreeMap<String, Variable> = raw
            .variables
            .into_iter()
            .filter_map(|(name, variable)| self.variable(name, variable))
            .collect();
        let components: BTreeMap<String, Component> = raw
            .component
            .into_iter()
            .map(|(id, component)| (id.clone(), self.component(&id, component, &variables)))
            .collect();
        let mut routes: Vec<(Route, Target)> = Vec::new();
        for (kind, triggers) in raw.trigger {
            if kind != "http" {
                self.mistakes
                    .push(format!("[[trigger.{kind}]]: this host serves http triggers only"));
                continue;
            }
            match triggers.try_into::<Vec<raw::HttpTrigger>>() {
                Ok(triggers) => triggers
                    .into_iter()
                    .for_each(|trigger| self.trigger(trigger, &components, &mut routes)),
                Err(error) => self
                    .mistakes
                    .push(format!("[[trigger.http]]: {}", error.to_string().trim_end())),
            }
        }
        routes.sort_by(|(one, _), (two, _)| one.precedence(two));
        Manifest {
            name: raw.application.name,
            version: raw.application.version,
            variables,
            routes,
            components,
        }
    }

    fn variable(&mut self, name: String, raw: raw::Variable) -> Option<(String, Variable)> {
        if !variable_name(&name) {
            self.mistakes.push(format!(
                "variable `{name}`: names have lower-case letters, digits and single underscores"
            ));
            return None;
        }
        if raw.required == raw.default.is_some() {
            self.mistakes.push(format!(
                "variable `{name}` needs either `required = true` or a `default`, and not both"
            ));
        }
        Some((
            name,
            Variable {
                default: raw.default,
                secret: raw.secret,
            },
        ))
    }

    fn trigger(
        &mut self,
        raw: raw::HttpTrigger,
        components: &BTreeMap<String, Component>,
        routes: &mut Vec<(Route, Target)>,
    ) {
        let route = match raw.route {
            raw::Route::Path(text) => match Route::parse(&text) {
                Ok(route) => Some(route),
                Err(mistake) => return self.mistakes.push(mistake),
            },
            raw::Route::Private { private: true } => None,
            raw::Route::Private { private: false } => {
                return self
                    .mistakes
                    .push("a route is a path or `{ private = true }`".to_owned());
            }
        };
        let shown = route
            .as_ref()
            .map_or_else(|| "the private route".to_owned(), |route| format!("route `{route}`"));
        let target = match (raw.component, raw.static_response) {
            (Some(toml::Value::String(id)), None) if components.contains_key(&id) => Target::Component(id),
            (Some(toml::Value::String(id)), None) => {
                return self.mistakes.push(format!(
                    "{shown} names component `{id}`, and there is no [component.{id}]"
                ));
            }
            (Some(_), None) => {
                return self.mistakes.push(format!(
                    "{shown}: give the component a table of its own, [component.NAME]"
                ));
            }
            (None, Some(response)) => match self.static_response(&shown, response) {
                Some(response) => Target::Static(response),
                None => return,
            },
            _ => {
                return self
                    .mistakes
                    .push(format!("{shown} needs either `component` or `static_response`"));
            }
        };
        // Nothing outside can reach a private route, so there is nothing to look up.
        let Some(route) = route else { return };
        if let Some((other, _)) = routes.iter().find(|(other, _)| other.collides(&route)) {
            return self
                .mistakes
                .push(format!("routes `{other}` and `{route}` match the same paths"));
        }
        routes.push((route, target));
    }

    fn static_response(&mut self, shown: &str, raw: raw::StaticResponse) -> Option<StaticResponse> {
        let status = StatusCode::from_u16(raw.status_code.unwrap_or(200));
        let headers: Option<HeaderMap> = raw
            .headers
            .iter()
            .map(|(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?)))
            .collect();
        match (status, headers) {
            (Ok(status), Some(headers)) => Some(StaticResponse {
                status,
                headers,
                body: raw.body,
            }),
            _ => {
                self.mistakes.push(format!(
                    "{shown}: static_response has a status or a header that HTTP does not allow"
                ));
                None
            }
        }
    }

    fn component(&mut self, id: &str, raw: raw::Component, declared: &BTreeMap<String, Variable>) -> Component {
        let lacking = [
            ("ai_models", !raw.ai_models.is_empty()),
            ("dependencies", !raw.dependencies.is_empty()),
            ("exclude_files", !raw.exclude_files.is_empty()),
        ];
        for (key, _) in lacking.into_iter().filter(|(_, asked)| *asked) {
            self.mistakes.push(format!(
                "component `{id}` asks for `{key}`, which this host does not offer"
            ));
        }
        if let Some(other) = raw.sqlite_databases.iter().find(|label| *label != sqlite::LABEL) {
            self.mistakes.push(format!(
                "component `{id}`: there is no `{other}` for its `sqlite_databases`: this host has one, `{}`",
                sqlite::LABEL
            ));
        }
        let source = match raw.source {
            toml::Value::String(path) => self.folder.join(path),
            _ => {
                self.mistakes
                    .push(format!("component `{id}`: `source` must be the path of a .wasm file"));
                PathBuf::new()
            }
        };
        let tool = raw
            .tool
            .get("deckle")
            .map(|tool| self.tool(id, tool))
            .unwrap_or_default();
        let schedule = tool.every.map(|every| Schedule {
            every: Duration::from_secs(every),
            path: tool.path.unwrap_or_else(|| "/".to_owned()),
        });
        let mounts = raw.files.into_iter().filter_map(|file| self.mount(id, file)).collect();
        let allowed_outbound_hosts = raw
            .allowed_outbound_hosts
            .iter()
            .filter_map(|text| self.template(id, text, declared))
            .collect();
        let variables = raw
            .variables
            .into_iter()
            .filter_map(|(name, text)| {
                if !variable_name(&name) {
                    self.mistakes
                        .push(format!("component `{id}`: `{name}` is no variable name"));
                }
                Some((name, self.template(id, &text, declared)?))
            })
            .collect();
        Component {
            source,
            mounts,
            allowed_outbound_hosts,
            key_value_stores: raw.key_value_stores.into_iter().collect(),
            memory_stores: tool.memory_stores.into_iter().collect(),
            sqlite: !raw.sqlite_databases.is_empty(),
            concurrency: tool.concurrency.unwrap_or(1),
            schedule,
            environment: raw.environment,
            variables,
        }
    }

    fn tool(&mut self, id: &str, tool: &toml::Value) -> raw::Tool {
        match tool.clone().try_into::<raw::Tool>() {
            Ok(raw::Tool {
                concurrency: None | Some(1..=128),
                every: None,
                path: None,
                ..
            }) => {}
            Ok(raw::Tool {
                concurrency: None | Some(1..=128),
                every: Some(1..=86_400),
                path,
                ..
            }) if path.as_ref().is_none_or(|path| path.starts_with('/') && path.parse::<http::Uri>().is_ok()) => {}
            _ => self.mistakes.push(format!(
                "component `{id}`: [component.{id}.tool.deckle] has `concurrency`, from 1 to 128, `every`, from 1 to 86400 seconds, \
                 with it `path`, `memory_stores`, a list of labels, and nothing else"
            )),
        }
        tool.clone().try_into::<raw::Tool>().unwrap_or_default()
    }

    fn mount(&mut self, id: &str, file: toml::Value) -> Option<Mount> {
        let Ok(mount) = file.try_into::<raw::Mount>() else {
            self.mistakes.push(format!(
                "component `{id}`: write `files` as {{ source = \"FOLDER\", destination = \"/PATH\" }}; patterns are not offered"
            ));
            return None;
        };
        if Path::new(&mount.source)
            .components()
            .any(|part| part == PathPart::ParentDir)
        {
            self.mistakes.push(format!(
                "component `{id}`: `files` may not leave the manifest's folder (`{}`)",
                mount.source
            ));
            return None;
        }
        Some(Mount {
            source: self.folder.join(mount.source),
            destination: mount.destination,
        })
    }

    fn template(&mut self, id: &str, text: &str, declared: &BTreeMap<String, Variable>) -> Option<Template> {
        match Template::parse(text) {
            Ok(template) => {
                for name in template.variables().filter(|name| !declared.contains_key(*name)) {
                    self.mistakes.push(format!(
                        "component `{id}` uses {{{{ {name} }}}}, and [variables] has no `{name}`"
                    ));
                }
                Some(template)
            }
            Err(mistake) => {
                self.mistakes.push(format!("component `{id}`: {mistake}"));
                None
            }
        }
    }
}
