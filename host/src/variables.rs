//! Where the values of configuration variables come from, in the order of who wins: `--variable`, the environment
//! (`SPIN_VARIABLE_NAME`, as under Spin), what this host supplies in development, the manifest's default.
use crate::manifest::{Component, Manifest, Mistakes, Variable};
use std::collections::BTreeMap;

/// The values of all declared variables.
pub struct Variables(BTreeMap<String, String>);

/// A `--variable` argument: `name=value`, or `name=@file` for the contents of a file without the newline at its end.
pub fn argument(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE or NAME=@FILE")?;
    let value = match value.strip_prefix('@') {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        None => value.to_owned(),
    };
    Ok((name.to_owned(), value))
}

impl Variables {
    /// Finds a value for every declared variable. `environment` looks up an environment variable.
    pub fn resolve(
        manifest: &Manifest,
        given: &[(String, String)],
        environment: impl Fn(&str) -> Option<String>,
        supplied: &BTreeMap<String, String>,
    ) -> Result<Self, Mistakes> {
        let mut mistakes: Vec<String> = given
            .iter()
            .filter(|(name, _)| !manifest.variables.contains_key(name))
            .map(|(name, _)| format!("--variable {name}=…: the manifest declares no variable `{name}`"))
            .collect();
        let mut values = BTreeMap::new();
        for (name, Variable { default, .. }) in &manifest.variables {
            let shouted = format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase());
            let value = given
                .iter()
                .rev()
                .find(|(given, _)| given == name)
                .map(|(_, value)| value.clone());
            let value = value.or_else(|| environment(&shouted));
            let value = value
                .or_else(|| supplied.get(name).cloned())
                .or_else(|| default.clone());
            match value {
                Some(value) => drop(values.insert(name.clone(), value)),
                None => mistakes.push(format!(
                    "variable `{name}` has no value: set {shouted} or give --variable {name}=…"
                )),
            }
        }
        if mistakes.is_empty() {
            Ok(Self(values))
        } else {
            Err(Mistakes(mistakes))
        }
    }

    /// The value of an application variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// What one component sees: its own variables, filled in.
    pub fn of(&self, component: &Component) -> BTreeMap<String, String> {
        let filled = |template: &crate::manifest::Template| template.fill(|name| self.get(name));
        component
            .variables
            .iter()
            .filter_map(|(name, template)| Some((name.clone(), filled(template)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn manifest() -> Manifest {
        let text = r#"
            spin_manifest_version = 2
            application = { name = "app" }
            [variables]
            a = { default = "manifest" }
            b = { default = "manifest" }
            c = { default = "manifest" }
            d = { default = "manifest" }
            need = { required = true, secret = true }
            [component.x]
            source = "x.wasm"
            variables = { joined = "{{ a }}-{{ d }}" }
        "#;
        Manifest::parse(text, Path::new(".")).unwrap()
    }

    #[test]
    fn the_nearest_source_wins() {
        let manifest = manifest();
        let given = [
            ("a".to_owned(), "first".to_owned()),
            ("a".to_owned(), "given".to_owned()),
        ];
        let environment = |name: &str| {
            ["SPIN_VARIABLE_A", "SPIN_VARIABLE_B"]
                .contains(&name)
                .then(|| "environment".to_owned())
        };
        let supplied = ["a", "b", "c", "need"]
            .map(|name| (name.to_owned(), "supplied".to_owned()))
            .into();
        let variables = Variables::resolve(&manifest, &given, environment, &supplied).unwrap();
        assert_eq!(
            ["a", "b", "c", "d"].map(|name| variables.get(name).unwrap()),
            ["given", "environment", "supplied", "manifest"]
        );
        assert_eq!(variables.of(&manifest.components["x"])["joined"], "given-manifest");
    }

    #[test]
    fn what_is_missing_and_what_is_unknown_is_told_together() {
        let given = [("typo".to_owned(), String::new())];
        let Err(mistakes) = Variables::resolve(&manifest(), &given, |_| None, &BTreeMap::new()) else {
            panic!("no mistake")
        };
        assert_eq!(mistakes.0.len(), 2);
        assert!(mistakes.to_string().contains("SPIN_VARIABLE_NEED") && mistakes.to_string().contains("`typo`"));
    }
}
