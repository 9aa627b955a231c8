//! The operator's side over real HTTP and the command line: clients, keys, the catalogue from a file, the audit log, webhooks.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, Operator, Reply, command, get, repository, request};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// Runs a command of the operator against a server.
fn operate(deckle: &Deckle, arguments: &[&str]) -> Result<Value> {
    let mut arguments = arguments.to_vec();
    let url = deckle.url("");
    arguments.extend(["--url", &url]);
    deckle.run(&arguments)
}

/// Asks the admin API itself.
fn admin(deckle: &Deckle, method: &str, path: &str, body: Option<Value>) -> Result<Reply> {
    let token = std::fs::read_to_string(deckle.data.path().join("operator.token"))?;
    deckle_tests::send(
        method,
        &deckle.url(path),
        &[
            ("authorization", &format!("Bearer {token}")),
            ("content-type", "application/json"),
        ],
        &body.map(|body| body.to_string()).unwrap_or_default().into_bytes(),
    )
}

fn read(reply: &Reply) -> Result<Value> {
    Ok(serde_json::from_slice(&reply.body)?)
}

/// The events of a chain, newest first, once there are as many as expected: they are written after the answers went out.
fn events(deckle: &Deckle, chain: &str, filter: &str, expected: usize) -> Result<Vec<Value>> {
    let began = Instant::now();
    loop {
        let page = read(&admin(
            deckle,
            "GET",
            &format!("/admin/audit?chain={chain}&limit=200{filter}"),
            None,
        )?)?;
        let events = page["events"].as_array().context("no events")?.clone();
        if events.len() >= expected || began.elapsed() > Duration::from_secs(20) {
            return Ok(events);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn database(deckle: &Deckle) -> Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(deckle.data.path().join("sqlite.db"))?;
    connection.busy_timeout(Duration::from_secs(10))?;
    Ok(connection)
}

#[test]
fn each_request_of_both_components_is_one_event_and_a_change_is_noticed() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let url = deckle.url(&key.sign("w_32,f_jpeg", &deckle.source("tea-gardens-small.webp"), None));
    let mut names = Vec::new();
    for asked in [
        url.clone(),
        url.replace("w_32", "w_33"),
        deckle.url("/api/v1/account"),
        url,
    ] {
        let reply = get(&asked)?;
        names.push(reply.header("x-request-id").context("no request id")?.to_owned());
    }
    let events = events(&deckle, "requests", "", 4)?;
    let find = |name: &String| {
        let found: Vec<_> = events
            .iter()
            .filter(|event| event["request_id"] == name.as_str())
            .collect();
        ensure!(found.len() == 1, "{} events of {name}: {events:?}", found.len());
        Ok(found[0].clone())
    };
    let found: Vec<Value> = names.iter().map(find).collect::<Result<_>>()?;
    let said = |event: &Value| json!([event["writer"], event["status"], event["proof"], event["client_id"]]);
    let client = key.client.as_str();
    assert_eq!(
        found.iter().map(said).collect::<Vec<_>>(),
        [
            json!(["edge", 200, "url", client]),
            json!(["edge", 403, "none", client]),
            json!(["control", 401, "none", null]),
            json!(["edge", 200, "url", client]),
        ]
    );
    assert_eq!(found[0]["ip"], "127.0.0.1");
    // Private routes are private.
    for path in ["/internal/events", "/internal/chores"] {
        // The demo page answers what is nobody's route.
        let status = admin(&deckle, "POST", path, None)?.status;
        assert!(matches!(status, 404 | 405), "{path}: {status}");
    }

    let whole = operate(&deckle, &["audit", "verify"])?;
    assert_eq!(whole["valid"], true, "{whole}");
    let changed = database(&deckle)?.execute(
        "UPDATE audit SET status = 200 WHERE chain = 'requests' AND status = 403",
        [],
    )?;
    assert_eq!(changed, 1);
    let broken = command()
        .args([
            "audit",
            "verify",
            "--chain",
            "requests",
            "--url",
            &deckle.url(""),
            "--data",
        ])
        .arg(deckle.data.path())
        .output()?;
    let said = String::from_utf8_lossy(&broken.stdout);
    assert!(
        !broken.status.success() && said.contains("BROKEN") && said.contains("changed after it was written"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_client_is_made_once_shown_once_and_ended_for_good() -> Result<()> {
    let deckle = Deckle::demo()?;
    let made = operate(
        &deckle,
        &["client", "create", "Corner shop", "--brand", "Acme", "--credits", "7"],
    )?;
    let id = made["client"]["id"].as_str().context("no id")?;
    let api_key = made["api_key"].as_str().context("no key")?;
    assert_eq!(made["credit_balance"], 7);
    let listed = operate(&deckle, &["client", "list"])?;
    assert!(listed.to_string().contains(id) && !listed.to_string().contains(api_key));
    let rotated = operate(&deckle, &["client", "rotate", id])?;
    assert_ne!(rotated["api_key"], made["api_key"]);
    assert_eq!(
        operate(&deckle, &["client", "set", id, "--per-minute", "5"])?["client"]["per_minute"],
        5
    );
    assert_eq!(
        operate(&deckle, &["client", "revoke", id])?["client"]["status"],
        "revoked"
    );
    let enable = command()
        .args(["client", "enable", id, "--url", &deckle.url(""), "--data"])
        .arg(deckle.data.path())
        .output()?;
    assert!(!enable.status.success());
    // Without the credential there is no way in, and every attempt is in the log.
    let stranger = request(
        "GET",
        &deckle.url("/admin/clients"),
        &[("authorization", "Bearer guess")],
    )?;
    assert_eq!((stranger.status, stranger.error()?.as_str()), (401, "unauthenticated"));
    let log = events(&deckle, "authentication", "", 1)?;
    let of = |endpoint: &str| log.iter().filter(|event| event["endpoint"] == endpoint).count();
    assert_eq!(
        (
            of("admin/client/rotate"),
            of("admin/client/revoke"),
            of("admin/client/enable")
        ),
        (1, 1, 1)
    );
    assert!(
        log.iter()
            .any(|event| event["status"] == 401 && event["proof"] == "none")
    );
    for secret in [api_key, made["webhook_secret"].as_str().unwrap_or_default()] {
        for file in ["sqlite.db", "sqlite.db-wal", "key_value.db", "logs/control.jsonl"] {
            let bytes = std::fs::read(deckle.data.path().join(file)).unwrap_or_default();
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "a secret in {file}"
            );
        }
    }
    Ok(())
}

#[test]
fn keys_made_over_the_api_work_at_the_edge_until_they_are_revoked() -> Result<()> {
    let deckle = Deckle::demo()?;
    assert_eq!(
        admin(&deckle, "POST", "/admin/projects", Some(json!({ "slug": "shop" })))?.status,
        201
    );
    let key = |made: &Value| {
        Key::of(&json!({
            "project": "shop", "public_key": made["key"]["public_key"], "secret_key": made["secret_key"],
            "client_id": made["key"]["client_id"],
        }))
    };
    let made = read(&admin(
        &deckle,
        "POST",
        "/admin/projects/shop/keys",
        Some(json!({ "client_id": "acme" })),
    )?)?;
    let first = key(&made)?;
    let source = deckle.source("tea-gardens-small.webp");
    let status = |key: &Key| anyhow::Ok(get(&deckle.url(&key.sign("w_32,f_jpeg", &source, None)))?.status);
    assert_eq!(status(&first)?, 200);
    let path = format!("/admin/keys/{}", first.public);
    let rotated = read(&admin(
        &deckle,
        "POST",
        &format!("{path}/rotate"),
        Some(json!({ "overlap": 3600 })),
    )?)?;
    let second = key(&rotated)?;
    assert_eq!((status(&first)?, status(&second)?), (200, 200));
    assert_eq!(admin(&deckle, "POST", &format!("{path}/revoke"), None)?.status, 200);
    assert_eq!((status(&first)?, status(&second)?), (401, 200));
    // One that the command line made is found too, and can be ended from either side.
    let direct = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "other"])?)?;
    let revoke = format!("/admin/keys/{}/revoke", direct.public);
    assert_eq!(
        (
            status(&direct)?,
            admin(&deckle, "POST", &revoke, None)?.status,
            status(&direct)?
        ),
        (200, 200, 401)
    );
    Ok(())
}

/// A file of products, of which every hundredth row is none.
fn products(file: &Path, rows: u64) -> Result<u64> {
    let mut text = String::from("barcode,name,brand,category,front\n");
    let mut bad = 0;
    for row in 1..=rows {
        if row % 100 == 0 {
            bad += 1;
            text += &format!("{row},Bad,Acme,Food,\n");
        } else {
            text += &format!("{:012},Product {row},Acme,Food,\n", 30_000_000_000 + row);
        }
    }
    std::fs::write(file, text)?;
    Ok(bad)
}

#[test]
fn ten_thousand_rows_are_imported_and_bad_ones_reported() -> Result<()> {
    let deckle = Deckle::demo()?;
    let file = deckle.data.path().join("products.csv");
    let bad = products(&file, 10_000)?;
    let output = command()
        .args([
            "product",
            "import",
            &file.to_string_lossy(),
            "--json",
            "--url",
            &deckle.url(""),
            "--data",
        ])
        .arg(deckle.data.path())
        .output()?;
    let report: Value =
        serde_json::from_slice(&output.stdout).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    assert!(!output.status.success(), "bad rows are a failure");
    assert_eq!(
        (&report["imported"], &report["failed"]),
        (&json!(10_000 - bad), &json!(bad))
    );
    assert_eq!(
        (&report["errors"][0]["row"], report["errors"].as_array().map(Vec::len)),
        (&json!(100), Some(100))
    );
    let stored: i64 = database(&deckle)?.query_row(
        "SELECT COUNT(*) FROM products WHERE brand = 'Acme' AND name LIKE 'Product %'",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(u64::try_from(stored)?, 10_000 - bad);
    Ok(())
}

#[test]
fn kill_9_during_an_import_leaves_whole_groups_and_can_be_sent_again() -> Result<()> {
    let mut deckle = Deckle::demo()?;
    let file = deckle.data.path().join("products.csv");
    let bad = products(&file, 10_000)?;
    let count = |deckle: &Deckle| -> Result<u64> {
        let all = "SELECT COUNT(*) FROM products WHERE name LIKE 'Product %'";
        let counted: i64 = database(deckle)?.query_row(all, [], |row| row.get(0)).unwrap_or(0);
        Ok(counted.unsigned_abs())
    };
    let mut importing = command()
        .args([
            "product",
            "import",
            &file.to_string_lossy(),
            "--url",
            &deckle.url(""),
            "--data",
        ])
        .arg(deckle.data.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()?;
    let began = Instant::now();
    while count(&deckle)? == 0 && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(2));
    }
    deckle.kill()?;
    assert!(
        !importing.wait()?.success(),
        "the import ended before the kill: nothing was tried"
    );
    deckle = deckle.kill_and_restart()?;
    let left = count(&deckle)?;
    assert!((1..10_000 - bad).contains(&left), "{left} rows");
    let half = "SELECT COUNT(*) FROM products WHERE brand_key IS NULL OR category_key IS NULL OR name = ''";
    let half: i64 = database(&deckle)?.query_row(half, [], |row| row.get(0))?;
    let check: String = database(&deckle)?.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!((half, check.as_str()), (0, "ok"));
    let file = deckle.data.path().join("products.csv");
    products(&file, 10_000)?;
    let again = command()
        .args([
            "product",
            "import",
            &file.to_string_lossy(),
            "--json",
            "--url",
            &deckle.url(""),
            "--data",
        ])
        .arg(deckle.data.path())
        .output()?;
    let report: Value = serde_json::from_slice(&again.stdout)?;
    assert_eq!(report["imported"], 10_000 - bad);
    assert_eq!(count(&deckle)?, 10_000 - bad);
    assert_eq!(operate(&deckle, &["audit", "verify"])?["valid"], true);
    Ok(())
}

/// Takes one POST and answers it; its headers and body.
fn receive(listener: &TcpListener, answer: &str) -> Result<(String, String)> {
    let (mut stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut bytes = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece)?;
        bytes.extend_from_slice(&piece[..read]);
        if let Some((head, body)) = text(&bytes).split_once("\r\n\r\n") {
            let length = head
                .to_lowercase()
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.lines().next()?.trim().parse().ok());
            if read == 0 || length.is_some_and(|length: usize| body.len() >= length) {
                respond(&mut stream, answer)?;
                return Ok((head.to_lowercase(), body.to_owned()));
            }
        }
        ensure!(read > 0, "the webhook broke off");
    }
}

fn respond(stream: &mut TcpStream, answer: &str) -> Result<()> {
    Ok(stream.write_all(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes())?)
}

#[test]
fn a_webhook_is_signed_and_sent_again_until_it_is_taken() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let host = format!("http://{}", listener.local_addr()?);
    let photos = repository().join("static/photos");
    let deckle = Deckle::start(&[
        "--originals",
        &photos.to_string_lossy(),
        "--variable",
        &format!("webhook_host={host}"),
    ])?;
    let made = operate(
        &deckle,
        &["client", "create", "Shop", "--webhook", &format!("{host}/hook")],
    )?;
    let id = made["client"]["id"].as_str().context("no id")?;
    let secret = made["webhook_secret"].as_str().context("no secret")?;
    database(&deckle)?.execute(
        "INSERT INTO outbox (id, client_id, kind, body, created_at, attempts, next_at) VALUES ('n_1', ?1, 'anomaly', '{\"a\":1}', 1, 0, 0)",
        [id],
    )?;
    // Any request brings the work on the side along.
    let url = deckle.url("/api/v1/account");
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let asking = std::thread::spawn({
        let stop = stop.clone();
        move || {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let _ = get(&url);
                std::thread::sleep(Duration::from_millis(300));
            }
        }
    });
    let first = receive(&listener, "500 Internal Server Error")?;
    let (head, body) = receive(&listener, "204 No Content")?;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let _ = asking.join();
    assert_eq!(first.1, body);
    assert!(head.starts_with("post /hook http/1.1"), "{head}");
    let sent: Value = serde_json::from_str(&body)?;
    assert_eq!(
        (&sent["id"], &sent["kind"], &sent["data"]["a"]),
        (&json!("n_1"), &json!("anomaly"), &json!(1))
    );
    let signature = head
        .lines()
        .find_map(|line| line.strip_prefix("deckle-signature: "))
        .context("no signature")?;
    let (at, mac) = signature
        .strip_prefix("t=")
        .and_then(|rest| rest.split_once(",v1="))
        .context("its form")?;
    let script = "import hmac,sys;print(hmac.new(sys.argv[1].encode(),sys.argv[2].encode(),'sha256').hexdigest())";
    let expected = std::process::Command::new("python3")
        .args(["-c", script, secret, &format!("{at}.{body}")])
        .output()?;
    assert_eq!(String::from_utf8_lossy(&expected.stdout).trim(), mac);
    let listed = operate(&deckle, &["audit", "webhooks"])?;
    assert_eq!(listed["webhooks"][0]["attempts"], 2, "{listed}");
    Ok(())
}

#[test]
fn commands_say_what_is_missing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let run = |arguments: &[&str]| {
        let output = command().args(arguments).arg("--data").arg(folder.path()).output()?;
        anyhow::Ok((
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    };
    let (done, said) = run(&["client", "list"])?;
    assert!(!done && said.contains("DECKLE_OPERATOR_TOKEN"), "{said}");
    let help = command().args(["client", "create", "--help"]).output()?;
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for word in ["DECKLE_OPERATOR_TOKEN", "DECKLE_URL", "shown", "Examples"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    Ok(())
}

fn token(deckle: &Deckle, id: &str, api_key: &str) -> Result<Reply> {
    let body = json!({ "client_id": id, "api_key": api_key }).to_string();
    let headers = [("content-type", "application/json")];
    deckle_tests::send("POST", &deckle.url("/api/v1/auth/token"), &headers, body.as_bytes())
}

fn account(deckle: &Deckle, access: &str) -> Result<Reply> {
    request(
        "GET",
        &deckle.url("/api/v1/account"),
        &[("authorization", &format!("Bearer {access}"))],
    )
}

#[test]
fn a_client_s_credentials_die_with_its_rotation_and_its_revocation() -> Result<()> {
    let deckle = Deckle::demo()?;
    let made = operate(&deckle, &["client", "create", "Shop"])?;
    let id = made["client"]["id"].as_str().context("no id")?;
    let old = made["api_key"].as_str().context("no key")?;
    let access = |reply: &Reply| -> Result<String> {
        ensure!(reply.status == 200, "{reply:?}");
        Ok(read(reply)?["access_token"].as_str().context("no token")?.to_owned())
    };
    let first = access(&token(&deckle, id, old)?)?;
    assert_eq!(account(&deckle, &first)?.status, 200);
    let rotated = operate(&deckle, &["client", "rotate", id])?;
    // At once, and not only within the five seconds that are promised.
    assert_eq!(token(&deckle, id, old)?.error()?, "invalid_credentials");
    assert_eq!(account(&deckle, &first)?.error()?, "unauthenticated");
    let new = rotated["api_key"].as_str().context("no key")?;
    let second = access(&token(&deckle, id, new)?)?;
    assert_eq!(account(&deckle, &second)?.status, 200);
    operate(&deckle, &["client", "disable", id])?;
    assert_eq!(account(&deckle, &second)?.error()?, "client_disabled");
    operate(&deckle, &["client", "enable", id])?;
    let third = access(&token(&deckle, id, new)?)?;
    operate(&deckle, &["client", "revoke", id])?;
    for _ in 0..2 {
        assert_eq!(account(&deckle, &third)?.error()?, "client_disabled");
        assert_eq!(token(&deckle, id, new)?.error()?, "client_disabled");
        assert_eq!(
            admin(&deckle, "POST", &format!("/admin/clients/{id}/enable"), None)?.status,
            403
        );
    }
    // Each of them is an event, and says what was proved.
    let log = events(&deckle, "authentication", &format!("&client_id={id}"), 10)?;
    let issued: Vec<_> = log.iter().filter(|event| event["endpoint"] == "auth/token").collect();
    assert_eq!(
        issued.iter().filter(|event| event["status"] == 200).count(),
        3,
        "{log:?}"
    );
    assert!(
        issued
            .iter()
            .filter(|event| event["status"] == 200)
            .all(|event| event["proof"] == "credential")
    );
    let asked = events(&deckle, "requests", &format!("&client_id={id}"), 5)?;
    assert!(asked.iter().all(|event| event["endpoint"] == "account"), "{asked:?}");
    Ok(())
}

/// The one-shot URLs of a product's four pictures, which an access token was just spent on.
fn pictures(deckle: &Deckle, id: &str, api_key: &str) -> Result<Vec<String>> {
    let pair = read(&token(deckle, id, api_key)?)?;
    let authorization = format!("Bearer {}", pair["access_token"].as_str().context("no token")?);
    let product = request(
        "GET",
        &deckle.url("/api/v1/products/017000161563"),
        &[("authorization", &authorization)],
    )?;
    let product = read(&product)?;
    let images = product["images"].as_object().with_context(|| product.to_string())?;
    let urls: Vec<_> = images
        .values()
        .filter_map(|url| Some(url.as_str()?.to_owned()))
        .collect();
    ensure!(urls.len() == 4, "{images:?}");
    Ok(urls)
}

#[test]
fn a_client_s_urls_die_with_its_rotation_and_its_revocation() -> Result<()> {
    let deckle = Deckle::demo()?;
    let operator = Operator::of(&deckle)?;
    operator.import_catalogue()?;
    let client = operator.client(&json!({ "name": "Shop" }), 100)?;
    let id = client.id.as_str();
    let made = operator.post("/projects/demo/keys", &json!({ "client_id": id }))?;
    let key = Key::of(&json!({
        "project": "demo", "public_key": made["key"]["public_key"], "secret_key": made["secret_key"], "client_id": id,
    }))?;
    let signed = deckle.url(&key.sign("w_32,f_jpeg", &deckle.source("tea-gardens-small.webp"), None));
    let refused = |url: &str| -> Result<(u16, String)> {
        let reply = get(url)?;
        Ok((reply.status, reply.error()?))
    };
    let disabled = || (403, "client_disabled".to_owned());

    let urls = pictures(&deckle, id, &client.api_key)?;
    assert_eq!((get(&urls[0])?.status, get(&signed)?.status), (200, 200));
    // A new API key ends what the old one was spent on, and leaves what another key signed.
    let rotated = operate(&deckle, &["client", "rotate", id])?;
    let api_key = rotated["api_key"].as_str().context("no key")?;
    assert_eq!(refused(&urls[1])?, (403, "Invalid or expired signature".to_owned()));
    assert_eq!(get(&signed)?.status, 200);

    let urls = pictures(&deckle, id, api_key)?;
    operate(&deckle, &["client", "disable", id])?;
    assert_eq!((refused(&urls[0])?, refused(&signed)?), (disabled(), disabled()));
    operate(&deckle, &["client", "enable", id])?;
    assert_eq!(get(&signed)?.status, 200);
    assert_eq!(refused(&urls[0])?.0, 403, "what a disabled client held stays ended");

    let urls = pictures(&deckle, id, api_key)?;
    assert_eq!(get(&urls[0])?.status, 200);
    operate(&deckle, &["client", "revoke", id])?;
    for url in urls[1..].iter().chain([&signed]) {
        assert_eq!(refused(url)?, disabled());
    }
    Ok(())
}
