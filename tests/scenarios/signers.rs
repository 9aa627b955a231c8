//! The signer libraries: their own suites, that they write what the Rust signer writes, and their printed examples.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, get, repository};
use secret::SecretText;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// The language of an example in signers/README.md, and the arguments to run a program from standard input.
const NODE: (&str, &[&str]) = ("node", &["--input-type=module", "-"]);
const PYTHON: (&str, &[&str]) = ("python3", &["-"]);

#[test]
fn the_typescript_suite_passes() -> Result<()> {
    let output = Command::new("node")
        .args(["--test", "--test-reporter=tap"])
        .current_dir(repository().join("signers/typescript"))
        .output()
        .context("run node")?;
    let report = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{report}");
    let count = |what: &str| {
        let line = report.lines().find_map(|line| line.strip_prefix(&format!("# {what} ")));
        line.and_then(|number| number.trim().parse::<usize>().ok())
            .with_context(|| format!("no count of {what}: {report}"))
    };
    assert_eq!(count("fail")? + count("skipped")? + count("cancelled")?, 0, "{report}");
    assert!(count("pass")? > vectors()?, "{report}");
    Ok(())
}

#[test]
fn the_python_suite_passes() -> Result<()> {
    let output = Command::new("python3")
        .args(["-B", "-m", "unittest"])
        .current_dir(repository().join("signers/python"))
        .output()
        .context("run python3")?;
    let report = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{report}");
    assert_eq!(report.lines().last(), Some("OK"), "{report}");
    let ran = report
        .lines()
        .find_map(|line| line.strip_prefix("Ran ")?.split(' ').next());
    let ran: usize = ran.with_context(|| report.to_string())?.parse()?;
    assert!(ran > vectors()?, "{report}");
    Ok(())
}

/// How many vectors there are: each is a test in each suite.
fn vectors() -> Result<usize> {
    let counts = ["signed-url-v1", "signed-url-v2", "expiry"].map(|name| Ok(read(name)?.len()));
    let total = counts.into_iter().sum::<Result<usize>>()?;
    ensure!(total > 40, "only {total} vectors");
    Ok(total)
}

fn read(name: &str) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(repository().join(format!("tests/vectors/{name}.json")))?;
    Ok(serde_json::from_str(&text)?)
}

/// Version 1 leaves the percent-encoding open, so its vectors do not fix it; the libraries agree nevertheless.
#[test]
fn version_1_has_one_spelling_in_every_language() -> Result<()> {
    let (mut pictures, mut expected) = (Vec::new(), Vec::new());
    for vector in read("signed-url-v1")?.into_iter().chain(read("signed-url-v2")?) {
        let text = |name: &str| vector[name].as_str().with_context(|| format!("no {name} in {vector}"));
        let (operations, source, exp) = (text("operations")?, text("source")?, vector["exp"].as_u64());
        let secret = SecretText::new(text("secret")?.to_owned());
        expected.push(signed_url::signed_path(
            "demo", operations, source, "pk_a", &secret, exp,
        ));
        let mut picture = json!({"operations": operations, "source": source, "secret": secret.expose(), "key": "pk_a"});
        if exp.is_some() {
            picture["exp"] = exp.into();
        }
        pictures.push(picture);
    }
    let pictures = Value::from(pictures).to_string();
    let node = "import { signV1 } from '@deckle/signer';
        const base = { baseUrl: 'https://img.example.com', project: 'demo' };
        console.log(JSON.stringify(JSON.parse(process.argv[2]).map((picture) => signV1({ ...base, ...picture }))));";
    let python = "import json, sys
from deckle_signer import sign_v1
base = {'base_url': 'https://img.example.com', 'project': 'demo'}
print(json.dumps([sign_v1(**base, **picture) for picture in json.loads(sys.argv[1])]))";
    for (language, program) in [(NODE, node), (PYTHON, python)] {
        let urls: Vec<String> = serde_json::from_str(&run(language, program, &pictures, &[])?)?;
        let paths: Vec<_> = urls
            .iter()
            .filter_map(|url| url.strip_prefix("https://img.example.com"))
            .collect();
        assert_eq!(paths, expected, "{}", language.0);
    }
    Ok(())
}

#[test]
fn the_printed_examples_make_urls_that_work() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let source = deckle.source("tea-gardens.jpg");
    let base = deckle.url("");
    let environment = [
        ("DECKLE_URL", base.as_str()),
        ("DECKLE_PROJECT", key.project.as_str()),
        ("DECKLE_PUBLIC_KEY", key.public.as_str()),
        ("DECKLE_SECRET_KEY", key.secret.expose()),
    ];
    let readme = std::fs::read_to_string(repository().join("signers/README.md"))?;
    let example = |language: &str| {
        let (_, rest) = readme.split_once(&format!("```{language}\n")).context("no example")?;
        Ok::<_, anyhow::Error>(rest.split_once("```").context("an example without end")?.0)
    };
    for url in [
        run(NODE, example("js")?, &source, &environment)?,
        run(PYTHON, example("python")?, &source, &environment)?,
        format!("{base}{}", rust(&key, &source)?),
    ] {
        let reply = get(url.trim())?;
        assert_eq!(reply.status, 200, "{url}: {}", String::from_utf8_lossy(&reply.body));
        assert_eq!(image::load_from_memory(&reply.body)?.width(), 320);
        let other = url.trim().replace("w_320", "w_321");
        assert_eq!(get(&other)?.error()?, "Invalid or expired signature");
    }
    // The Rust example is compiled here, not there: its two calls are the ones of `rust`, up to where line breaks stand.
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let printed = words(example("rust")?);
    for call in [
        "signed_url::expiry::end_of_month(std::time::UNIX_EPOCH.elapsed()?.as_secs())",
        "signed_url::signed_path(&project?, \"w_320,f_webp\", &source, &key?, &secret, Some(exp))",
    ] {
        assert!(printed.contains(&words(call)), "{call}");
    }
    Ok(())
}

fn rust(key: &Key, source: &str) -> Result<String> {
    let exp = signed_url::expiry::end_of_month(std::time::UNIX_EPOCH.elapsed()?.as_secs());
    Ok(key.sign("w_320,f_webp", source, Some(exp)))
}

/// Runs a program from standard input where it finds the library of its language, and gives what it prints.
fn run(
    (command, flags): (&str, &[&str]),
    program: &str,
    argument: &str,
    environment: &[(&str, &str)],
) -> Result<String> {
    let signers = repository().join("signers");
    let mut child = Command::new(command)
        .args(flags)
        .arg(argument)
        // Node looks a package up from the folder it runs in, Python from its path.
        .current_dir(signers.join("typescript"))
        .env("PYTHONPATH", signers.join("python/src").canonicalize()?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("run {command}"))?;
    child
        .stdin
        .take()
        .context("no standard input")?
        .write_all(program.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{command}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}
