use super::DOCUMENT;
use crate::route::Route;
use problem::{Code, Entry, Reason};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const METHODS: [&str; 8] = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];
/// Where the edge answers: the beginnings of its paths, as spin.toml routes them.
const EDGE: [&str; 3] = ["/api/v1/{project}/", "/v2/{project}/", "/i/"];

fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap()
}

fn members(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// Path, method, operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item) {
            assert!(METHODS.contains(&method.as_str()), "{path} {method}");
            operations.push((path.as_str(), method.as_str(), operation));
        }
    }
    operations
}

#[test]
fn the_document_has_the_routes_and_no_others() {
    let document = document();
    let mut described: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut edge: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (path, method, _) in operations(&document) {
        let component = match EDGE.iter().any(|start| path.starts_with(start)) {
            true => &mut edge,
            false => &mut described,
        };
        component.entry(path).or_default().insert(method.to_uppercase());
    }
    let methods = |allow: &str| allow.split(", ").map(str::to_owned).collect::<BTreeSet<_>>();
    let routes: BTreeMap<&str, BTreeSet<String>> =
        Route::public().map(|(path, allow)| (path, methods(allow))).collect();
    assert_eq!(described, routes);
    assert_eq!(edge.len(), EDGE.len());
    assert!(
        edge.values().all(|described| *described == methods("GET, HEAD")),
        "{edge:?}"
    );
}

#[test]
fn the_document_has_the_errors_and_no_others() {
    let document = document();
    let mut described = BTreeSet::new();
    for (name, response) in members(&document["components"]["responses"]) {
        let problem = &response["content"]["application/problem+json"]["schema"]["properties"];
        let status = problem["status"]["const"]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} has no status"));
        for error in problem["error"]["enum"].as_array().unwrap() {
            described.insert((u16::try_from(status).unwrap(), error.as_str().unwrap()));
        }
    }
    let entries = Code::ALL
        .into_iter()
        .map(Entry::from)
        .chain(Reason::ALL.into_iter().map(Entry::from));
    let known: BTreeSet<_> = entries.map(|entry| (entry.status, entry.error)).collect();
    assert_eq!(described, known);
}

#[test]
fn answers_stand_under_their_status_and_references_lead_somewhere() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap()),
            "{path} {method}: its id is taken"
        );
        assert!(
            operation["security"].is_array(),
            "{path} {method}: says nothing of credentials"
        );
        for (status, response) in members(&operation["responses"]) {
            let Some(reference) = response["$ref"].as_str() else {
                continue;
            };
            let response = document
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("{reference}"));
            let problem = &response["content"]["application/problem+json"]["schema"]["properties"];
            assert_eq!(problem["status"]["const"].to_string(), *status, "{path} {method}");
        }
    }
    let mut left = vec![&document];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    assert!(
                        document.pointer(reference.trim_start_matches('#')).is_some(),
                        "{reference}"
                    );
                }
                left.extend(members.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
}
