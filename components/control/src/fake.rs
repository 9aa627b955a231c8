//! A host for tests: the real SQL in SQLite, everything else in memory.

use crate::context::Instance;
use crate::ports::{Host, Post, Unavailable};
use crate::request::{Body, Request};
use crate::serve::serve;
use crate::settings::{Settings, Variables};
use crate::sql::{self, Database, Dialect, Row, SqlError, Value};
use answer::Answer;
use futures::executor::block_on;
use rusqlite::types::ValueRef;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tempfile::TempDir;

pub const NOW: u64 = 1_700_000_000_000;
pub const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
pub const OPERATOR: &str = "CAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
pub const PEER: &str = "203.0.113.7";

/// One request's host: a connection of its own to the world that it shares with others.
pub struct Fake {
    pub world: Rc<World>,
    connection: rusqlite::Connection,
}

/// URL, headers and body of what was sent outside.
pub type Posted = (String, Vec<(String, String)>, String);

/// What hosts share.
pub struct World {
    pub records: RefCell<HashMap<String, Vec<u8>>>,
    pub counters: RefCell<HashMap<String, i64>>,
    pub log: RefCell<Vec<String>>,
    /// What was sent outside, and the status that it was answered with, 0 for none.
    pub posted: RefCell<Vec<Posted>>,
    pub receiver: Cell<u16>,
    /// Unix milliseconds.
    pub now: Cell<u64>,
    pub database_down: Cell<bool>,
    pub store_down: Cell<bool>,
    /// Whether every statement lets others go first, so that a test can interleave requests.
    pub yields: Cell<bool>,
    /// Statements so far.
    pub statements: Cell<u64>,
    /// The statement at which the database goes away.
    pub fail_at: Cell<Option<u64>>,
    pub settings: Settings,
    pub instance: Instance,
    drawn: Cell<u64>,
    folder: TempDir,
}

impl Fake {
    /// A host whose database has every migration.
    pub fn new() -> Self {
        let fake = Self::empty();
        block_on(sql::migrate(&fake, sql::MIGRATIONS, 1)).unwrap();
        fake
    }

    /// A host whose database is empty.
    pub fn empty() -> Self {
        let variables = Variables {
            master_key: MASTER.into(),
            master_key_previous: String::new(),
            database_url: String::new(),
            operator_token: OPERATOR.into(),
            trusted_proxies: "10.0.0.0/8".into(),
            environment: "production".into(),
            origin: "https://images.example.com".into(),
            public_url: "https://deckle.example.com".into(),
            product_operations: "front=w_1200".into(),
            anomalies: "disable".into(),
        };
        let world = World {
            records: RefCell::default(),
            counters: RefCell::default(),
            log: RefCell::default(),
            posted: RefCell::default(),
            receiver: Cell::new(204),
            now: Cell::new(NOW),
            database_down: Cell::new(false),
            store_down: Cell::new(false),
            yields: Cell::new(false),
            statements: Cell::new(0),
            fail_at: Cell::new(None),
            settings: Settings::read(&variables).unwrap(),
            instance: Instance::default(),
            drawn: Cell::new(0),
            folder: tempfile::tempdir().unwrap(),
        };
        Self::in_world(Rc::new(world))
    }

    /// Another host over the same world.
    pub fn another(&self) -> Self {
        Self::in_world(self.world.clone())
    }

    fn in_world(world: Rc<World>) -> Self {
        let connection = rusqlite::Connection::open(world.folder.path().join("database")).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection.pragma_update(None, "synchronous", "off").unwrap();
        // All hosts of a test share one thread: whoever waited in SQLite would wait for one that cannot go on.
        connection.busy_timeout(Duration::ZERO).unwrap();
        Self { world, connection }
    }

    /// A request from [`PEER`].
    pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: headers
                .iter()
                .map(|(n, v)| ((*n).into(), v.as_bytes().to_vec()))
                .collect(),
            peer: Some(PEER.parse().unwrap()),
            body: Body::of(body.to_vec()),
        }
    }

    /// A POST of JSON from [`PEER`].
    pub fn post(path: &str, body: &serde_json::Value) -> Request {
        let body = body.to_string();
        Self::request("POST", path, &[("content-type", "application/json")], body.as_bytes())
    }

    /// The answer to a request.
    pub fn ask(&self, request: Request) -> Answer {
        block_on(self.serve(request))
    }

    /// The answer to a request, over a connection of its own.
    pub async fn serve(&self, request: Request) -> Answer {
        let host = self.another();
        serve(&host, &self.world.instance, Ok(&self.world.settings), request).await
    }

    /// What is done after an answer has gone out.
    pub fn tend(&self) {
        block_on(crate::chores::tend(
            &self.another(),
            &self.world.instance,
            &self.world.settings,
        ));
    }

    /// A request of the operator.
    pub fn operate(&self, method: &str, target: &str, body: Option<serde_json::Value>) -> Answer {
        let bearer = format!("Bearer {OPERATOR}");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.ask(Self::request(method, target, &headers, body.as_bytes()))
    }

    /// Runs a statement, for a test to look or to meddle.
    pub fn sql(&self, statement: &str, parameters: &[Value]) -> Vec<Row> {
        self.attempt(statement, parameters).unwrap().0
    }

    /// Status and `error` of a problem, checked for the form that every problem has.
    pub fn error(answer: &Answer) -> (u16, String) {
        assert_eq!(
            answer.get("content-type"),
            Some("application/problem+json"),
            "{answer:?}"
        );
        assert_eq!(answer.get("cache-control"), Some("no-store"));
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["status"], answer.status);
        assert_eq!(body["request_id"].as_str(), answer.get("x-request-id"));
        (answer.status, body["error"].as_str().unwrap().to_owned())
    }

    /// Runs a statement as soon as no other host's transaction is in the way.
    async fn run(&self, statement: &str, parameters: &[Value]) -> Result<(Vec<Row>, u64), SqlError> {
        for _ in 0..10_000 {
            match self.attempt(statement, parameters) {
                Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => yield_now().await,
                other => return other.map_err(|error| SqlError::Failed(error.to_string())),
            }
        }
        Err(SqlError::Failed("busy".into()))
    }

    fn attempt(&self, statement: &str, parameters: &[Value]) -> rusqlite::Result<(Vec<Row>, u64)> {
        let mut prepared = self.connection.prepare(&Dialect::Sqlite.statement(statement))?;
        let columns = prepared.column_count();
        let bound = rusqlite::params_from_iter(parameters.iter().map(|value| match value {
            Value::Null => rusqlite::types::Value::Null,
            Value::Integer(number) => rusqlite::types::Value::Integer(*number),
            Value::Text(text) => rusqlite::types::Value::Text(text.clone()),
        }));
        let mut rows = prepared.query(bound)?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let value = |column| match row.get_ref(column).unwrap() {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).unwrap()),
                other => panic!("column {column} is neither number nor text: {other:?}"),
            };
            read.push(Row((0..columns).map(value).collect()));
        }
        Ok((read, self.connection.changes()))
    }

    async fn turn(&self) -> Result<(), SqlError> {
        if self.world.yields.get() {
            yield_now().await;
        }
        let world = &self.world;
        world.statements.set(world.statements.get() + 1);
        let gone = world.fail_at.get().is_some_and(|at| world.statements.get() >= at);
        match world.database_down.get() || gone {
            true => Err(SqlError::Failed("down".into())),
            false => Ok(()),
        }
    }
}

/// Lets the other requests of a test go on.
pub async fn yield_now() {
    let mut waited = false;
    futures::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

impl Database for Fake {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.turn().await?;
        Ok(self.run(statement, parameters).await?.0)
    }

    async fn execute(&self, statement: &str, parameters: &[Value]) -> Result<u64, SqlError> {
        self.turn().await?;
        Ok(self.run(statement, parameters).await?.1)
    }
}

impl Host for Fake {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        match self.world.store_down.get() {
            true => Err(Unavailable("down".into())),
            false => Ok(self.world.records.borrow().get(name).cloned()),
        }
    }

    async fn set(&self, name: &str, value: &[u8]) -> Result<(), Unavailable> {
        if self.world.store_down.get() {
            return Err(Unavailable("down".into()));
        }
        self.world.records.borrow_mut().insert(name.to_owned(), value.to_vec());
        Ok(())
    }

    fn increment(&self, counter: &str, delta: i64) -> Result<i64, Unavailable> {
        if self.world.store_down.get() {
            return Err(Unavailable("down".into()));
        }
        let mut counters = self.world.counters.borrow_mut();
        let value = counters.entry(counter.to_owned()).or_default();
        *value += delta;
        Ok(*value)
    }

    async fn post(&self, post: &Post<'_>) -> Result<u16, Unavailable> {
        let headers = post
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let body = String::from_utf8(post.body.to_vec()).unwrap();
        self.world
            .posted
            .borrow_mut()
            .push((post.url.to_owned(), headers.collect(), body));
        match self.world.receiver.get() {
            0 => Err(Unavailable("nobody takes it".into())),
            status => Ok(status),
        }
    }

    async fn sleep(&self, milliseconds: u64) {
        self.world.now.set(self.world.now.get() + milliseconds);
        let _ = self.turn().await;
    }

    fn now(&self) -> u64 {
        self.world.now.get()
    }

    /// Never the same bytes twice, and always the same in the same test.
    fn random<const N: usize>(&self) -> [u8; N] {
        use sha2::{Digest, Sha256};
        self.world.drawn.set(self.world.drawn.get() + 1);
        let block = |part: usize| Sha256::digest(format!("{} {part}", self.world.drawn.get()));
        std::array::from_fn(|i| block(i / 32)[i % 32])
    }

    fn log(&self, line: &str) {
        self.world.log.borrow_mut().push(line.to_owned());
    }
}
