//! The manifest as it is written: what serde reads, before anything is checked. Keys that only matter to other tools
//! (`build`, `description`, …) are passed over; keys that ask for something this host lacks are read, to be refused by name.
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub struct Manifest {
    pub spin_manifest_version: toml::Value,
    pub application: Application,
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    #[serde(default)]
    pub trigger: BTreeMap<String, toml::Value>,
    #[serde(default)]
    pub component: BTreeMap<String, Component>,
}

#[derive(Deserialize)]
pub struct Application {
    pub name: String,
    #[serde(default)]
    pub version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    pub default: Option<String>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub secret: bool,
    #[serde(default, rename = "description")]
    pub _description: Option<String>,
}

#[derive(Deserialize)]
pub struct HttpTrigger {
    pub route: Route,
    pub component: Option<toml::Value>,
    pub static_response: Option<StaticResponse>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Route {
    Path(String),
    Private { private: bool },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticResponse {
    pub status_code: Option<u16>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: String,
}

#[derive(Deserialize)]
pub struct Component {
    pub source: toml::Value,
    #[serde(default)]
    pub files: Vec<toml::Value>,
    #[serde(default)]
    pub exclude_files: Vec<String>,
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub key_value_stores: Vec<String>,
    #[serde(default)]
    pub sqlite_databases: Vec<String>,
    #[serde(default)]
    pub ai_models: Vec<String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    #[serde(default)]
    pub dependencies: BTreeMap<String, toml::Value>,
    #[serde(default)]
    pub tool: BTreeMap<String, toml::Value>,
}

/// `[component.NAME.tool.deckle]`: what this host is told and Spin passes over.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub concurrency: Option<usize>,
    pub every: Option<u64>,
    pub path: Option<String>,
    #[serde(default)]
    pub memory_stores: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    pub source: String,
    pub destination: String,
}
