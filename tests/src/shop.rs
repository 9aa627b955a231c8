use crate::{Deckle, Fleet, Operator, Reply, get, now, request, send};
use anyhow::{Result, ensure};
use catalogue::Scope;
use serde_json::Value;
use std::sync::atomic::{AtomicU8, Ordering};
use token::{AccessRing, Bearer, Jti, mint_access};

/// A fleet with products and clients. Their rows are written as they are, so that nothing else has to work.
pub struct Shop {
    /// The hosts.
    pub fleet: Fleet,
}

/// A client with an access token.
#[derive(Debug, Clone)]
pub struct Buyer {
    /// Its id.
    pub id: String,
    /// `Bearer …`
    pub authorization: String,
}

impl Shop {
    /// Writes `products` (barcode, brand, category, and how many of the four pictures there are) into a fleet's database.
    pub fn open(fleet: Fleet, products: &[(&str, &str, &str, usize)]) -> Result<Self> {
        let shop = Self { fleet };
        // The first request makes the database.
        for host in &shop.fleet.hosts {
            ensure!(get(&host.url("/api/v1/account"))?.status == 401, "{}", host.log()?);
        }
        for (barcode, brand, category, pictures) in products {
            let source = |place: usize| match place < *pictures {
                true => format!("'/good/{place}.jpg'"),
                false => "NULL".to_owned(),
            };
            let sources: Vec<_> = (0..4).map(source).collect();
            shop.sql(&format!(
                "INSERT INTO products (barcode, name, brand, brand_key, category, category_key, front, back, front_clean, \
                 back_clean, updated_at) VALUES ('{barcode}', 'A product', '{brand}', '{}', '{category}', '{}', {}, 1)",
                brand.to_lowercase(),
                category.to_lowercase(),
                sources.join(", ")
            ))?;
        }
        Ok(shop)
    }

    /// Makes a client without limits, with a signing key and credits.
    pub fn buyer(&self, id: &str, scope: &Value, credits: u32) -> Result<Buyer> {
        static TOKENS: AtomicU8 = AtomicU8::new(0);
        let scope = Scope::parse(scope)?;
        let now = now()?;
        // What no key matches: nobody logs in here.
        let hash = format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "A".repeat(43));
        self.sql(&format!(
            "INSERT INTO api_keys (id, client_id, hash, created_at) VALUES ('key_{id}', '{id}', '{hash}', {now})"
        ))?;
        self.sql(&format!(
            "INSERT INTO clients (id, name, contact, tier, epoch, key_id, scope, scope_hash, allowlist, ip_binding, \
             ip_prefix_v4, ip_prefix_v6, only_presets, created_at) VALUES ('{id}', 'A shop', '', 'enterprise', 1, \
             'key_{id}', '{}', '{}', '[]', 1, 32, 64, 0, {now})",
            scope.canonical(),
            scope.hash()
        ))?;
        // Any change publishes what the edge has to know.
        let operator = Operator::of(self.host()?)?;
        let path = format!("/clients/{id}");
        let reply = operator.send("PATCH", &path, "application/json", br#"{"name":"A shop"}"#)?;
        ensure!(reply.status == 200, "{}", String::from_utf8_lossy(&reply.body));
        let key = self.fleet.create(&["--client", id])?;
        self.sql(&format!(
            "INSERT INTO delivery_keys (client_id, public_key) VALUES ('{id}', '{}')",
            key.public
        ))?;
        self.sql(&format!(
            "INSERT INTO credit_ledger (client_id, seq, at, kind, delta, balance, request_id) \
             VALUES ('{id}', 1, {now}, 'grant', {credits}, {credits}, 'req_grant')"
        ))?;
        let bearer = Bearer {
            client_id: id.to_owned(),
            tier: "enterprise".to_owned(),
            scope_hash: scope.hash(),
            epoch: 1,
            session: "fam_test".to_owned(),
        };
        let ring = AccessRing::new(&self.host()?.master_key()?, None);
        let jti = Jti::new([TOKENS.fetch_add(1, Ordering::Relaxed); 16]);
        let token = mint_access(&ring, "deckle", &bearer, jti, now)?;
        Ok(Buyer {
            id: id.to_owned(),
            authorization: format!("Bearer {}", token.expose()),
        })
    }

    /// The first host.
    pub fn host(&self) -> Result<&Deckle> {
        self.fleet.first()
    }

    /// Asks a host, by its number, under `/api/v1`.
    pub fn ask(&self, host: usize, buyer: &Buyer, method: &str, path: &str) -> Result<Reply> {
        let host = &self.fleet.hosts[host % self.fleet.hosts.len()];
        let headers = [("authorization", buyer.authorization.as_str())];
        request(method, &host.url(&format!("/api/v1{path}")), &headers)
    }

    /// Sends JSON to the first host.
    pub fn post(&self, buyer: &Buyer, path: &str, body: &Value) -> Result<Reply> {
        let headers = [
            ("authorization", buyer.authorization.as_str()),
            ("content-type", "application/json"),
        ];
        let url = self.host()?.url(&format!("/api/v1{path}"));
        send("POST", &url, &headers, body.to_string().as_bytes())
    }

    /// Runs a statement; the first column of its first row, if it has one, as text.
    pub fn sql(&self, statement: &str) -> Result<String> {
        self.fleet.sql(statement)
    }

    /// What is left of a client's credits, after the ledger was checked: its numbers have no gap, every row counts on from the
    /// one before, and nothing was ever negative.
    pub fn audited_balance(&self, buyer: &Buyer) -> Result<i64> {
        let id = &buyer.id;
        let wrong = self.sql(&format!(
            "SELECT COUNT(*) FROM credit_ledger AS a LEFT JOIN credit_ledger AS b ON b.client_id = a.client_id \
             AND b.seq = a.seq - 1 WHERE a.client_id = '{id}' AND (a.balance < 0 \
             OR a.balance <> COALESCE(b.balance, 0) + a.delta OR (a.seq > 1 AND b.seq IS NULL))"
        ))?;
        ensure!(wrong == "0", "{wrong} rows of the ledger do not add up");
        let newest = format!("SELECT balance FROM credit_ledger WHERE client_id = '{id}' ORDER BY seq DESC LIMIT 1");
        Ok(self.sql(&newest)?.parse()?)
    }
}
