//! A host in memory, for tests.

use crate::circuits::Circuits;
use crate::ports::{Fetch, FetchError, Host, Taker, Unavailable};
use crate::settings::{Settings, Variables};
use admission::Leases;
use identity::{ClientRecord, KeyRecord, Limits, ProjectRecord, ProjectRef};
use secret::{MasterKey, Purpose, Sealed, SecretText};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

pub const NOW: u64 = 1_700_000_000_000;
pub const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
/// The master key before, `AQID…`: 1 to 32.
pub const PREVIOUS: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";
pub const ORIGIN: &str = "http://127.0.0.1:8081";
pub const KEY: &str = "pk_test";
pub const SECRET: &str = "sk_test_secret";
/// The label of the store of renditions.
pub const RENDITIONS: &str = "renditions";

/// Something that happens once.
pub type Happening = Box<dyn FnOnce(&Fake)>;

pub struct Fake {
    pub records: RefCell<HashMap<String, Vec<u8>>>,
    pub counters: RefCell<HashMap<String, i64>>,
    pub original: RefCell<Result<Vec<u8>, FetchError>>,
    pub store_down: Cell<bool>,
    /// The store of renditions, and whether it does not answer.
    pub renditions: RefCell<HashMap<String, Vec<u8>>>,
    pub renditions_down: Cell<bool>,
    /// What happens elsewhere while a request waits.
    pub meanwhile: RefCell<Vec<Happening>>,
    pub reads: Cell<u32>,
    pub writes: Cell<u32>,
    pub fetches: Cell<u32>,
    /// So many fetches from now on find nobody listening.
    pub unreachable: Cell<u32>,
    /// Bytes of the last original that were not taken while they came.
    pub untaken: Cell<usize>,
    /// Answers break off after so many pieces.
    pub cut: Cell<Option<usize>>,
    /// What the last fetch asked for: address and headers.
    pub asked: RefCell<(String, Vec<(&'static str, String)>)>,
    pub circuits: Circuits,
    pub now: Cell<u64>,
    pub log: RefCell<Vec<String>>,
    pub audited: RefCell<Vec<audit::Event>>,
    pub leases: Leases,
    drawn: Cell<u8>,
}

impl Fake {
    /// A host that knows one project with one key and its client, and whose origin has one picture.
    pub fn new() -> Self {
        let fake = Self {
            records: RefCell::default(),
            counters: RefCell::default(),
            original: RefCell::new(Ok(picture())),
            store_down: Cell::new(false),
            renditions: RefCell::default(),
            renditions_down: Cell::new(false),
            meanwhile: RefCell::default(),
            reads: Cell::new(0),
            writes: Cell::new(0),
            fetches: Cell::new(0),
            unreachable: Cell::new(0),
            untaken: Cell::new(0),
            cut: Cell::new(None),
            asked: RefCell::default(),
            circuits: Circuits::default(),
            now: Cell::new(NOW),
            log: RefCell::default(),
            audited: RefCell::default(),
            leases: Leases::default(),
            drawn: Cell::new(0),
        };
        fake.put_project(|_| {});
        fake.put_key(|_| {});
        fake.put_client(|_| {});
        fake
    }

    pub fn put_project(&self, change: impl FnOnce(&mut ProjectRecord)) {
        let mut project = ProjectRecord::new("prj_1".into(), "demo".into());
        change(&mut project);
        self.records
            .borrow_mut()
            .insert(ProjectRecord::name_of("prj_1"), project.to_bytes());
    }

    pub fn put_client(&self, change: impl FnOnce(&mut ClientRecord)) {
        let (tier, limits) = ("standard".into(), Limits::default());
        let mut client = ClientRecord::new("client_one".into(), 1, "hash".into(), tier, limits);
        change(&mut client);
        self.records
            .borrow_mut()
            .insert(ClientRecord::name_of("client_one"), client.to_bytes());
    }

    pub fn put_key(&self, change: impl FnOnce(&mut KeyRecord)) {
        let sealing = MasterKey::parse(MASTER).unwrap().derive(Purpose::Sealing);
        let place = KeyRecord::name_of(KEY);
        let sealed = Sealed::seal(&sealing, &place, &SecretText::new(SECRET.into()), [9; 12])
            .unwrap()
            .to_text();
        let project = ProjectRef {
            id: "prj_1".into(),
            slug: "demo".into(),
        };
        let mut key = KeyRecord::new(KEY.into(), sealed, project, "client_one".into(), 1);
        key.sources = vec!["images.example.com".into(), "127.0.0.1:8081".into()];
        change(&mut key);
        self.records.borrow_mut().insert(place, key.to_bytes());
    }
}

impl Fake {
    fn renditions_answer(&self) -> Result<(), Unavailable> {
        match self.renditions_down.get() {
            true => Err(Unavailable("the store of renditions is down".into())),
            false => Ok(()),
        }
    }
}

/// Settings of a developer's machine, or of production.
pub fn settings(environment: &str) -> Settings {
    let variables = Variables {
        master_key: MASTER.into(),
        master_key_previous: PREVIOUS.into(),
        origins: ORIGIN.into(),
        environment: environment.into(),
        trusted_proxies: "10.0.0.0/8".into(),
        address_limit: "5".into(),
        renditions: RENDITIONS.into(),
        audit: "chained".into(),
    };
    Settings::read(&variables, include_bytes!("../static/brand/overlay.png").to_vec()).unwrap()
}

/// A PNG with some texture.
pub fn picture() -> Vec<u8> {
    let image = image::RgbImage::from_fn(96, 64, |x, y| image::Rgb([(x * 2) as u8, (y * 3) as u8, (x * y) as u8]));
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

impl Host for Fake {
    type Original = Vec<u8>;

    async fn get(&self, store: &str, name: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        if store == RENDITIONS {
            self.renditions_answer()?;
            return Ok(self.renditions.borrow().get(name).cloned());
        }
        self.reads.set(self.reads.get() + 1);
        if self.store_down.get() {
            Err(Unavailable("down".into()))
        } else {
            Ok(self.records.borrow().get(name).cloned())
        }
    }

    async fn set(&self, store: &str, name: &str, value: &[u8]) -> Result<(), Unavailable> {
        if store == RENDITIONS {
            self.renditions_answer()?;
            self.renditions.borrow_mut().insert(name.to_owned(), value.to_vec());
            return Ok(());
        }
        self.writes.set(self.writes.get() + 1);
        self.records.borrow_mut().insert(name.to_owned(), value.to_vec());
        Ok(())
    }

    fn increment(&self, store: &str, name: &str, delta: i64) -> Result<i64, Unavailable> {
        if store == RENDITIONS {
            self.renditions_answer()?;
        } else {
            self.writes.set(self.writes.get() + 1);
        }
        let mut counters = self.counters.borrow_mut();
        let counter = counters.entry(name.to_owned()).or_default();
        *counter += delta;
        Ok(*counter)
    }

    async fn fetch(&self, fetch: &Fetch, taker: Taker<'_>) -> Result<Vec<u8>, FetchError> {
        self.fetches.set(self.fetches.get() + 1);
        *self.asked.borrow_mut() = (fetch.url.clone(), fetch.headers.clone());
        if let Some(left) = self.unreachable.get().checked_sub(1) {
            self.unreachable.set(left);
            return Err(FetchError::Unreachable);
        }
        let original = self.original.borrow().clone()?;
        if original.len() as u64 > fetch.most {
            return Err(FetchError::TooLarge);
        }
        let (mut left, cut) = (Vec::new(), self.cut.get());
        for piece in original.chunks(1000).take(cut.unwrap_or(usize::MAX)) {
            left.extend_from_slice(piece);
            taker(&mut left);
        }
        self.untaken.set(left.len());
        match cut {
            Some(_) => Err(FetchError::Cut),
            None => Ok(left),
        }
    }

    async fn sleep(&self, time: u64) {
        self.now.set(self.now.get() + time);
        let next = self.meanwhile.borrow_mut().pop();
        if let Some(next) = next {
            next(self);
        }
    }

    fn circuits(&self) -> &Circuits {
        &self.circuits
    }

    fn now(&self) -> u64 {
        self.now.get()
    }

    fn random(&self) -> [u8; 16] {
        self.drawn.set(self.drawn.get() + 1);
        [self.drawn.get(); 16]
    }

    fn log(&self, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }

    fn audit(&self, event: audit::Event) {
        self.audited.borrow_mut().push(event);
    }
}
