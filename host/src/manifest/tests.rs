use super::*;

const GOOD: &str = r#"
spin_manifest_version = 2
[application]
name = "app"
version = "1.0.0"
[variables]
origin = { default = "https://images.example.com" }
master_key = { required = true, secret = true }
[[trigger.http]]
route = "/..."
static_response = { status_code = 204, headers = { x-a = "b" } }
[[trigger.http]]
route = "/api/v1/..."
component = "edge"
[[trigger.http]]
route = { private = true }
component = "edge"
[component.edge]
source = "edge.wasm"
key_value_stores = ["default"]
sqlite_databases = ["default"]
allowed_outbound_hosts = ["{{ origin }}"]
files = [{ source = "static/brand", destination = "/brand" }]
environment = { A = "1" }
[component.edge.build]
command = "cargo build"
[component.edge.tool.deckle]
concurrency = 16
every = 600
path = "/internal/chores"
memory_stores = ["renditions"]
[component.edge.tool.another]
anything = true
[component.edge.variables]
origin = "{{ origin }}"
"#;

#[test]
fn a_good_manifest_reads() {
    let manifest = Manifest::parse(GOOD, Path::new("/app")).unwrap();
    let order: Vec<String> = manifest.routes.iter().map(|(route, _)| route.to_string()).collect();
    assert_eq!(
        order,
        ["/api/v1/...", "/..."],
        "specific first; the private route is not there"
    );
    assert!(
        matches!(&manifest.routes[1].1, Target::Static(fixed) if fixed.status == 204 && fixed.headers["x-a"] == "b")
    );
    let edge = &manifest.components["edge"];
    assert_eq!(edge.source, Path::new("/app/edge.wasm"));
    assert!(edge.sqlite);
    assert_eq!(edge.concurrency, 16);
    assert_eq!(edge.memory_stores, ["renditions".to_owned()].into());
    let schedule = edge.schedule.as_ref().unwrap();
    assert_eq!(
        (schedule.every.as_secs(), schedule.path.as_str()),
        (600, "/internal/chores")
    );
    assert_eq!(
        edge.mounts,
        [Mount {
            source: "/app/static/brand".into(),
            destination: "/brand".into()
        }]
    );
    assert_eq!(
        manifest.variables["master_key"],
        Variable {
            default: None,
            secret: true
        }
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = r#"
spin_manifest_version = 1
[application]
name = "app"
[variables]
both = { default = "x", required = true }
Bad = { default = "x" }
[[trigger.redis]]
channel = "x"
[[trigger.http]]
route = "no-slash"
component = "edge"
[[trigger.http]]
route = "/a"
component = "nobody"
[[trigger.http]]
route = "/b/:x"
component = "edge"
[[trigger.http]]
route = "/b/:y"
component = "edge"
[component.edge]
source = { url = "https://example.com/x.wasm" }
sqlite_databases = ["default", "another"]
files = ["*.html", { source = "../up", destination = "/" }]
allowed_outbound_hosts = ["{{ missing }}", "{{ open"]
tool.deckle.concurrency = 0
"#;
    let mistakes = Manifest::parse(text, Path::new("/app")).unwrap_err();
    let all = mistakes.to_string();
    for part in [
        "spin_manifest_version is 1",
        "`both` needs either",
        "variable `Bad`",
        "trigger.redis",
        "`no-slash` must start with a slash",
        "`nobody`",
        "`/b/:x` and `/b/:y`",
        "`source` must be the path",
        "no `another`",
        "patterns are not offered",
        "may not leave",
        "no `missing`",
        "never closes",
        "from 1 to 128",
    ] {
        assert!(all.contains(part), "{part} is not told in:\n{all}");
    }
    assert_eq!(mistakes.0.len(), 14, "{all}");
}

#[test]
fn a_syntax_mistake_shows_its_place() {
    let mistakes = Manifest::parse("spin_manifest_version = 2\n[application\n", Path::new(".")).unwrap_err();
    assert!(mistakes.to_string().contains("line 2"), "{mistakes}");
}

#[test]
fn a_path_is_called_at_its_times_only() {
    let told = |tool: &str| {
        let table = "concurrency = 16\nevery = 600\npath = \"/internal/chores\"\n";
        assert!(GOOD.contains(table));
        Manifest::parse(&GOOD.replace(table, tool), Path::new("/app"))
    };
    let edge = |tool| told(tool).unwrap().components["edge"].schedule.clone();
    assert_eq!(edge(""), None);
    assert_eq!(edge("every = 1\n").unwrap().path, "/");
    for tool in [
        "path = \"/x\"\n",
        "every = 1\npath = \"x\"\n",
        "every = 1\npath = \"/a b\"\n",
        "every = 0\n",
    ] {
        assert!(told(tool).is_err(), "{tool}");
    }
}
