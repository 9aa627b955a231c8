//! The host under attack, with an origin of ours behind it.

use crate::l01_canary;
use crate::pictures::contains;
use anyhow::{Context, Result, bail, ensure};
use deckle_tests::{Deckle, FaultProxy, FaultyOrigin, Key, Redis, Reply, get, raw_get, repository};
use signed_url::PublicKey;
use signed_url::v2::{Options, signed_path};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What all failures of the last step are called in public.
pub const FAILED: &str = "Image processing failed";
/// The path of the picture that every origin has.
pub const GOOD: &str = "good/x.jpg";
/// What every failed proof is called in public.
pub const FORGED: &str = "Invalid or expired signature";

/// A deployment under attack, with one key without limits. Either everything is our own, a host in development and an origin
/// that does as it is told; or it is somebody's deployment, of which we have an address, a key and one original.
pub struct Target {
    pub deckle: Own<Deckle>,
    pub key: Key,
    pub origin: Own<FaultyOrigin>,
    /// The Redis that keeps its keys and counters, if it is not SQLite, and the way there.
    pub store: Option<(Redis, FaultProxy)>,
    server: String,
    original: Option<String>,
    /// What no log, event or error body may hold.
    pub secrets: Mutex<Vec<String>>,
}

/// What is there only where everything is our own. The rows that use it are not run against a deployment: see `remote.rs`.
pub struct Own<T>(Option<T>);

impl<T> Deref for Own<T> {
    type Target = T;

    #[allow(
        clippy::expect_used,
        reason = "a row that is run where it cannot be is a mistake in the suite"
    )]
    fn deref(&self) -> &T {
        self.0.as_ref().expect("this row needs a host and an origin of its own")
    }
}

/// An attack. It names what it expects, and fails where something else happens.
pub type Attack = fn(&Target) -> Result<()>;

/// Runs attacks against one host, and says of each whether it came through.
pub fn group(attacks: &[(&str, Attack)]) -> Result<()> {
    run(&Target::start(None, &[])?, attacks)
}

/// The same against a host behind a proxy of ours, which says what address a request comes from. Abuse is reported there, and
/// disables nobody: the attacks are abuse.
pub fn group_behind_proxy(attacks: &[(&str, Attack)]) -> Result<()> {
    let arguments = [
        "--variable",
        "trusted_proxies=127.0.0.0/8",
        "--variable",
        "anomalies=report",
    ];
    run(&Target::start(None, &arguments)?, attacks)
}

/// The same against a host whose store is a Redis behind a proxy that can fail.
pub fn group_on_redis(attacks: &[(&str, Attack)]) -> Result<()> {
    let redis = Redis::start()?;
    let proxy = FaultProxy::start(redis.url().trim_start_matches("redis://").to_owned())?;
    run(&Target::start(Some((redis, proxy)), &[])?, attacks)
}

fn run(target: &Target, attacks: &[(&str, Attack)]) -> Result<()> {
    let mut succeeded = Vec::new();
    for (row, attack) in attacks {
        let outcome = catch_unwind(AssertUnwindSafe(|| attack(target)));
        let outcome = outcome.unwrap_or_else(|_| bail!("an assertion failed, see above"));
        if let Err(error) = outcome.and_then(|()| target.is_well()) {
            succeeded.push(format!("{row}: {error:#}"));
        }
    }
    if let Err(error) = l01_canary::search(target) {
        succeeded.push(format!("L1: {error:#}"));
    }
    ensure!(succeeded.is_empty(), "\n{}", succeeded.join("\n"));
    Ok(())
}

impl Target {
    fn start(store: Option<(Redis, FaultProxy)>, arguments: &[&str]) -> Result<Self> {
        let photo = image::open(repository().join("static/photos/tea-gardens.jpg"))?;
        let photo = photo.resize_exact(320, 240, image::imageops::FilterType::Triangle);
        let mut jpeg = std::io::Cursor::new(Vec::new());
        photo.to_rgb8().write_to(&mut jpeg, image::ImageFormat::Jpeg)?;
        let origin = FaultyOrigin::start(jpeg.into_inner())?;
        let deckle = match &store {
            None => Deckle::with_origin_and_arguments(&origin.url, arguments)?,
            Some((redis, proxy)) => {
                let configuration = redis.configuration_behind(proxy.address)?;
                Deckle::with_origin_and_stores(&origin.url, &configuration)?
            }
        };
        let key = create(&deckle, store.as_ref(), "shop", "client_shop", &[])?;
        let target = Self {
            server: deckle.url(""),
            deckle: Own(Some(deckle)),
            key,
            origin: Own(Some(origin)),
            store,
            original: None,
            secrets: Mutex::new(Vec::new()),
        };
        target.keep_secret(target.key.secret.expose());
        if target.store.is_none() {
            target.deckle.publish_client(&target.key.client)?;
        }
        Ok(target)
    }

    #[allow(dead_code, reason = "for the program of `remote.rs`")]
    /// Somebody's deployment at `server` (`http://HOST:PORT`), where `key` may fetch `original`.
    pub fn deployment(server: &str, key: Key, original: &str) -> Self {
        Self {
            deckle: Own(None),
            key,
            origin: Own(None),
            store: None,
            server: server.trim_end_matches('/').to_owned(),
            original: Some(original.to_owned()),
            secrets: Mutex::new(Vec::new()),
        }
    }

    /// A URL of the deployment.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server)
    }

    /// A URL of the good picture with a part of it replaced; in both `shop` stands for the project and `x.jpg` for the
    /// picture's name. Fails where there is no such part: then it would be no attack.
    pub fn edit(&self, url: &str, from: &str, to: &str) -> Result<String> {
        let source = self.source(GOOD);
        let name = source.rsplit('/').next().unwrap_or_default();
        let named = |text: &str| text.replace("shop", &self.key.project).replace("x.jpg", name);
        let from = named(from);
        ensure!(url.contains(&from), "{from} does not stand in {}", short(url));
        Ok(url.replacen(&from, &named(to), 1))
    }

    /// How often the origin was asked. Of an origin that is not ours nothing is known: 0.
    pub fn asked_of_origin(&self) -> usize {
        self.origin.0.as_ref().map_or(0, FaultyOrigin::requests)
    }

    /// Another key.
    pub fn create_key(&self, project: &str, more: &[&str]) -> Result<Key> {
        let key = create(&self.deckle, self.store.as_ref(), project, "client_other", more)?;
        self.keep_secret(key.secret.expose());
        Ok(key)
    }

    /// How a signed URL names something of our origin.
    pub fn source(&self, path: &str) -> String {
        match &self.original {
            Some(original) if path == GOOD => original.clone(),
            _ => format!("{}/{path}", self.authority()),
        }
    }

    /// Host and port of our origin.
    pub fn authority(&self) -> &str {
        match &self.original {
            Some(original) => original.split('/').next().unwrap_or_default(),
            None => self.origin.url.trim_start_matches("http://"),
        }
    }

    /// Target of a version 1 URL for `source`, expiring in an hour.
    pub fn v1(&self, operations: &str, source: &str) -> String {
        self.remember(self.key.sign(operations, source, Some(now() + 3600)))
    }

    /// The same without an expiry.
    pub fn v1_forever(&self, operations: &str, source: &str) -> String {
        self.remember(self.key.sign(operations, source, None))
    }

    /// Target of a version 2 URL for the good picture.
    pub fn v2(&self, options: &Options<'_>) -> Result<String> {
        self.v2_of(&self.key, "w_96,f_png", &self.source(GOOD), options)
    }

    /// Target of a version 2 URL.
    pub fn v2_of(&self, key: &Key, operations: &str, source: &str, options: &Options<'_>) -> Result<String> {
        let public = PublicKey::parse(&key.public).context("a public key")?;
        Ok(self.remember(signed_path(
            &key.project,
            operations,
            source,
            &public,
            &key.secret,
            options,
        )?))
    }

    /// A version 2 URL of the good picture without anything special.
    pub fn plain_v2(&self) -> Result<String> {
        self.v2(&Options::until(now() + 3600))
    }

    /// GET of a target as it stands.
    pub fn get(&self, target: &str) -> Result<Reply> {
        let reply = raw_get(&self.server, target)?;
        let sig = parameter(target, "sig");
        ensure!(
            reply.status == 200 || sig.len() < 16 || !contains(&reply.body, sig.as_bytes()),
            "{} is answered with its signature",
            short(target)
        );
        Ok(reply)
    }

    /// A URL for one use, of the good picture.
    pub fn once(&self, name: &str) -> Result<String> {
        self.v2(&Options::until(now() + 600).once(&format!("attack-{name:0>16}")))
    }

    /// Asks for a target until it is a picture, for some seconds at most.
    pub fn recovers(&self, target: &str) -> Result<()> {
        let start = Instant::now();
        while !self.get(target).is_ok_and(|reply| reply.status == 200) {
            ensure!(
                start.elapsed() < Duration::from_secs(10),
                "{} is not served again",
                short(target)
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// The way to the Redis of this target.
    pub fn proxy(&self) -> Result<&FaultProxy> {
        Ok(&self.store.as_ref().context("no Redis")?.1)
    }

    /// Asks for a target, and fails unless it is refused in exactly this way.
    pub fn refuses(&self, target: &str, status: u16, error: &str) -> Result<Reply> {
        let reply = self.get(target)?;
        refused(&reply, status, error).with_context(|| short(target))?;
        Ok(reply)
    }

    /// Asks for a target, and fails unless it is a picture.
    pub fn serves(&self, target: &str) -> Result<Reply> {
        let reply = self.get(target)?;
        ensure!(
            reply.status == 200,
            "{}: {} {}",
            short(target),
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
        image::load_from_memory(&reply.body).with_context(|| short(target))?;
        Ok(reply)
    }

    /// Serves `bytes` as the original of a version 1 URL.
    pub fn render(&self, operations: &str, name: &str, bytes: &[u8]) -> Result<Reply> {
        self.origin.put(name, bytes.to_vec());
        self.get(&self.v1(operations, &self.source(&format!("file/{name}"))))
    }

    /// Serves `bytes` as an original, and fails unless it is refused with this status.
    pub fn rejects(&self, name: &str, bytes: &[u8], status: u16) -> Result<()> {
        let reply = self.render("w_96,f_png", name, bytes)?;
        refused(&reply, status, FAILED).context(name.to_owned())
    }

    /// Remembers what must not be found anywhere later.
    pub fn keep_secret(&self, text: &str) {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.push(text.to_owned());
    }

    fn remember(&self, target: String) -> String {
        if let Some((_, sig)) = target.split_once("sig=") {
            self.keep_secret(sig.split('&').next().unwrap_or_default());
        }
        target
    }

    fn is_well(&self) -> Result<()> {
        ensure!(get(&self.url("/.well-known/spin/health"))?.status == 200, "unhealthy");
        let log = self.deckle.log()?;
        for sign in ["failed:", "panicked", "broke off", "trap"] {
            ensure!(!log.contains(sign), "the host reports {sign}: {log}");
        }
        Ok(())
    }
}

fn create(
    deckle: &Deckle,
    store: Option<&(Redis, FaultProxy)>,
    project: &str,
    client: &str,
    more: &[&str],
) -> Result<Key> {
    let file = store.map(|(redis, _)| redis.configuration().to_string_lossy().into_owned());
    let mut arguments = vec!["key", "create", "--project", project, "--client", client];
    arguments.extend(more);
    arguments.extend(file.iter().flat_map(|file| ["--runtime-config-file", file]));
    Key::of(&deckle.run(&arguments)?)
}

/// Fails unless an answer is this problem.
pub fn refused(reply: &Reply, status: u16, error: &str) -> Result<()> {
    let found = (reply.status, reply.error()?);
    ensure!(
        found == (status, error.to_owned()),
        "{found:?} instead of {status} {error}"
    );
    Ok(())
}

/// An identifier of a use that nobody has had: a deployment may be attacked again.
pub fn new_use(row: &str) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("attack-{row}-{:020}", since.map_or(0, |since| since.as_nanos()))
}

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// The start of a target, for messages.
pub fn short(target: &str) -> String {
    target.chars().take(240).collect()
}

/// A target with one of its parameters replaced.
pub fn with(target: &str, name: &str, value: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: Vec<String> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((found, _)) if found == name => format!("{name}={value}"),
            _ => parameter.to_owned(),
        })
        .collect();
    format!("{path}?{}", query.join("&"))
}

/// The value of a target's parameter.
pub fn parameter<'a>(target: &'a str, name: &str) -> &'a str {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let mut values = query.split('&').filter_map(|parameter| parameter.split_once('='));
    values.find(|(found, _)| *found == name).map_or("", |(_, value)| value)
}

/// A target without one of its parameters.
pub fn without(target: &str, name: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let rest: Vec<&str> = query
        .split('&')
        .filter(|parameter| !parameter.starts_with(&format!("{name}=")))
        .collect();
    format!("{path}?{}", rest.join("&"))
}
