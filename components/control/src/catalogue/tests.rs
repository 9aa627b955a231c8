use super::*;
use crate::context::{Context, Counted};
use crate::event::Event;
use crate::fake::{Fake, NOW};
use crate::refusal::Refusal;
use crate::request::Body;
use crate::sql::{self, Database, Dialect, Row, SqlError};
use ::catalogue::{Barcode, Format, Scope, Variants};
use answer::Answer;
use futures::executor::block_on;
use futures::future::join_all;
use ledger::{Debit, Idempotency, Outcome};
use problem::Code;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};

const SOUP: &str = "017000161563";
const TEA: &str = "12345678";
const KEY: &str = "an-idempotency-key-1";

/// A client that may see everything, with `credits`, and a catalogue of two products.
fn shop(credits: i64) -> (Fake, Buyer) {
    let fake = Fake::new();
    let file = format!(
        "barcode,name,brand,category,front,back,front_clean,back_clean\n\
         {SOUP},Soup,Acme,Soups,/soup-f.jpg,/soup-b.jpg,cdn.example.com/soup-fc.jpg,/soup-bc.jpg\n\
         {TEA},Tea,Globex,Tea,/tea.jpg,,,\n"
    );
    let report = import(&fake, Format::Csv, &[file.as_bytes()]).unwrap();
    assert_eq!((report.imported, report.failed), (2, 0), "{report:?}");
    let buyer = buyer("client_one", json!("full"));
    block_on(async {
        delivery::assign_key(&fake, &buyer.client_id, "pk_one").await.unwrap();
        ledger::grant(&fake, &buyer.client_id, credits, "req_grant", NOW / 1000)
            .await
            .unwrap();
    });
    (fake, buyer)
}

fn buyer(id: &str, scope: Value) -> Buyer {
    Buyer {
        client_id: id.into(),
        epoch: 1,
        scope: Scope::parse(&scope).unwrap(),
        ip_binding: true,
    }
}

fn import(fake: &Fake, format: Format, pieces: &[&[u8]]) -> Result<import::Report, Refusal> {
    use futures::StreamExt;
    let pieces: Vec<_> = pieces.iter().map(|piece| Ok(piece.to_vec())).collect();
    let body = Body(futures::stream::iter(pieces).boxed_local());
    block_on(import::import(
        fake,
        &fake.world.settings.terms,
        format,
        body,
        NOW / 1000,
    ))
}

/// Runs a handler as the path of a request would.
macro_rules! with {
    ($fake:expr, |$context:ident| $call:expr) => {{
        let host = $fake.another();
        let (event, counted) = (RefCell::new(Event::default()), RefCell::new(Counted::default()));
        let request_id = format!("req_{:?}", crate::ports::Host::random::<8>(&host));
        let $context = Context {
            host: &host,
            instance: &host.world.instance,
            settings: &host.world.settings,
            request_id: &request_id,
            now: host.world.now.get(),
            address: Some("203.0.113.7".parse().unwrap()),
            event: &event,
            counted: &counted,
        };
        $call
    }};
}

async fn ask(fake: &Fake, buyer: &Buyer, method: &str, target: &str, key: Option<&str>) -> Result<Answer, Refusal> {
    let headers: Vec<_> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
    let (barcode, query) = target.split_once('?').unwrap_or((target, ""));
    let request = Fake::request(method, &format!("/api/v1/products/{barcode}?{query}"), &headers, b"");
    with!(fake, |context| product::read(&context, buyer, &request, barcode).await)
}

fn get(fake: &Fake, buyer: &Buyer, target: &str) -> Result<Answer, Refusal> {
    block_on(ask(fake, buyer, "GET", target, None))
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

fn balance(fake: &Fake, buyer: &Buyer) -> u64 {
    block_on(ledger::balance(fake, &buyer.client_id)).unwrap()
}

fn code(result: Result<Answer, Refusal>) -> Code {
    result.unwrap_err().code
}

/// The ledger adds up: every row counts on from the one before, and nothing was ever negative.
fn audit(fake: &Fake) -> i64 {
    let rows = fake.sql(
        "SELECT seq, delta, balance FROM credit_ledger WHERE client_id = $1 ORDER BY seq",
        &["client_one".into()],
    );
    let mut sum = 0;
    for (place, row) in rows.iter().enumerate() {
        sum += row.get::<i64>(1).unwrap();
        assert_eq!(row.get::<i64>(0).unwrap(), i64::try_from(place).unwrap() + 1);
        assert_eq!(row.get::<i64>(2).unwrap(), sum);
        assert!(sum >= 0);
    }
    sum
}

/// What a URL's token says, verified as the edge verifies it.
fn grant(fake: &Fake, url: &Value) -> (token::Grant, [u8; 16], u64) {
    let token = url
        .as_str()
        .unwrap()
        .strip_prefix("https://deckle.example.com/i/")
        .unwrap();
    let one_shot = token::verify(fake.world.settings.tokens(), "deckle", token, NOW / 1000).unwrap();
    (one_shot.grant().clone(), one_shot.jti().bytes(), one_shot.exp())
}

#[test]
fn a_product_costs_a_credit_for_each_picture() {
    let (fake, buyer) = shop(10);
    let answer = get(&fake, &buyer, SOUP).unwrap();
    assert_eq!((answer.status, answer.get("cache-control")), (200, Some("no-store")));
    assert_eq!(
        (answer.get("x-credits-debited"), answer.get("x-credits-remaining")),
        (Some("4"), Some("6"))
    );
    let body = body(&answer);
    assert_eq!(body["barcode"], SOUP);
    assert_eq!(
        body["meta"],
        json!({"credits_debited": 4, "images_expire_at": NOW / 1000 + 900})
    );
    assert_eq!(body["product_meta"]["brand"], "Acme");

    let (front, one, exp) = grant(&fake, &body["images"]["front"]);
    assert_eq!(
        (front.client_id.as_str(), front.public_key.as_str()),
        ("client_one", "pk_one")
    );
    assert_eq!(front.source, "images.example.com/soup-f.jpg");
    assert_eq!((front.operations.as_str(), exp), ("w_1200", NOW / 1000 + 900));
    assert_eq!(front.address, Some("203.0.113.7".parse().unwrap()));
    let (clean, other, _) = grant(&fake, &body["images"]["front_clean"]);
    assert_eq!(
        (clean.source.as_str(), clean.operations.as_str()),
        ("cdn.example.com/soup-fc.jpg", "_")
    );
    assert_ne!(one, other);
}

#[test]
fn what_is_not_asked_for_is_null_and_free() {
    let (fake, buyer) = shop(10);
    for (query, debited, images) in [
        ("?include=images&variants=front", 1, json!(["front"])),
        (
            "?variants=back_clean,front_clean",
            2,
            json!(["back_clean", "front_clean"]),
        ),
        ("?include=product_meta", 0, json!(null)),
        (
            "?include=images",
            4,
            json!(["back", "back_clean", "front", "front_clean"]),
        ),
    ] {
        let before = balance(&fake, &buyer);
        let body = body(&get(&fake, &buyer, &format!("{SOUP}{query}")).unwrap());
        assert_eq!(body["meta"]["credits_debited"], debited, "{query}");
        assert_eq!(before - balance(&fake, &buyer), debited, "{query}");
        let present = body["images"].as_object().map(|images| {
            assert_eq!(images.len(), 4);
            images
                .iter()
                .filter(|(_, url)| !url.is_null())
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>()
        });
        assert_eq!(json!(present), images, "{query}");
        assert_eq!(
            body["product_meta"].is_null(),
            query.contains("include=images"),
            "{query}"
        );
    }
    // A picture that the product does not have costs nothing either.
    let answer = get(&fake, &buyer, TEA).unwrap();
    assert_eq!(answer.get("x-credits-debited"), Some("1"));
    assert_eq!(
        code(get(&fake, &buyer, &format!("{TEA}?variants=back"))),
        Code::VariantNotAvailable
    );
    assert_eq!(balance(&fake, &buyer), 2);
}

#[test]
fn the_audit_is_told_of_the_product_and_of_what_was_paid() {
    let (fake, buyer) = shop(10);
    for (again, paid) in [(false, 4), (true, 0)] {
        let request = Fake::request("GET", "/api/v1/products/x", &[("idempotency-key", KEY)], b"");
        let told = block_on(async {
            with!(&fake, |context| {
                product::read(&context, &buyer, &request, SOUP).await.unwrap();
                let told = context.event.borrow();
                (told.barcode.is_some(), told.credits)
            })
        });
        assert_eq!(told, (true, paid), "again: {again}");
    }
}

#[test]
fn head_says_what_get_would_and_costs_nothing() {
    let (fake, buyer) = shop(1);
    for target in [SOUP, TEA] {
        let answer = block_on(ask(&fake, &buyer, "HEAD", target, None)).unwrap();
        assert_eq!((answer.status, answer.get("x-credits-debited")), (200, Some("0")));
        assert!(answer.body.is_empty());
    }
    assert_eq!(
        code(block_on(ask(&fake, &buyer, "HEAD", "99999999", None))),
        Code::OutOfScope
    );
    assert_eq!(balance(&fake, &buyer), 1);
}

#[test]
fn nothing_is_delivered_that_cannot_be_paid() {
    let (fake, buyer) = shop(3);
    assert_eq!(code(get(&fake, &buyer, SOUP)), Code::InsufficientCredits);
    assert_eq!(balance(&fake, &buyer), 3);
    assert!(get(&fake, &buyer, &format!("{SOUP}?variants=front,back,front_clean")).is_ok());
    assert_eq!(code(get(&fake, &buyer, TEA)), Code::InsufficientCredits);
    // What costs nothing is there all the same.
    assert!(get(&fake, &buyer, &format!("{SOUP}?include=product_meta")).is_ok());
    assert_eq!(audit(&fake), 0);
}

#[test]
fn nothing_is_paid_that_cannot_be_delivered() {
    let (fake, mut buyer) = shop(10);
    fake.sql("DELETE FROM delivery_keys", &[]);
    assert_eq!(code(get(&fake, &buyer, SOUP)), Code::Unavailable);
    block_on(delivery::assign_key(&fake, &buyer.client_id, &"k".repeat(5000))).unwrap();
    assert_eq!(code(get(&fake, &buyer, SOUP)), Code::InternalError);
    block_on(delivery::assign_key(&fake, &buyer.client_id, "pk_one")).unwrap();
    let request = Fake::request("GET", "/api/v1/products/x", &[], b"");
    let refused = block_on(async {
        with!(fake, |context| {
            let nowhere = Context {
                address: None,
                ..context
            };
            product::read(&nowhere, &buyer, &request, SOUP).await
        })
    });
    assert_eq!(code(refused), Code::ClientIpNotAllowed);
    assert_eq!(balance(&fake, &buyer), 10);
    // Whose browsers will load them, gets them unbound.
    buyer.ip_binding = false;
    let body = body(&get(&fake, &buyer, SOUP).unwrap());
    assert_eq!(grant(&fake, &body["images"]["back"]).0.address, None);
}

#[test]
fn h6_missing_and_out_of_scope_are_one_answer() {
    let (fake, _) = shop(20);
    let seen =
        |scope: Value, barcode: &str| get(&fake, &buyer("client_one", scope), barcode).map(|answer| answer.status);
    for (scope, sees_soup) in [
        (json!("full"), true),
        (json!({"brands": ["ACME", "Initech"]}), true),
        (json!({"brands": ["Initech"]}), false),
        (json!({"categories": [" soups "]}), true),
        (json!({"categories": ["Tea"]}), false),
        (json!({"list": [SOUP, "99999999"]}), true),
        (json!({"list": [TEA]}), false),
    ] {
        let missing = seen(scope.clone(), "99999999").unwrap_err();
        assert_eq!(missing, Code::OutOfScope.into(), "{scope}");
        match (sees_soup, seen(scope.clone(), SOUP)) {
            (true, Ok(200)) => {}
            (false, Err(refusal)) => assert_eq!(refusal, missing, "{scope}"),
            other => panic!("{scope}: {other:?}"),
        }
    }
    // A list is judged without the catalogue.
    fake.world.database_down.set(true);
    assert_eq!(seen(json!({"list": [TEA]}), SOUP), Err(Code::OutOfScope.into()));
    assert_eq!(seen(json!({"list": [TEA]}), TEA).unwrap_err().code, Code::Unavailable);
    assert_eq!(audit(&fake), 20 - 4 * 4);
}

#[test]
fn r9_fifty_debits_of_one_credit_at_once() {
    for credits in [1, 7] {
        let (fake, buyer) = shop(credits);
        fake.world.yields.set(true);
        let target = format!("{SOUP}?variants=front");
        let answers = block_on(join_all((0..50).map(|_| ask(&fake, &buyer, "GET", &target, None))));
        let paid = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(i64::try_from(paid), Ok(credits));
        let refused = answers.into_iter().filter_map(Result::err);
        assert!(
            refused
                .into_iter()
                .all(|refusal| refusal.code == Code::InsufficientCredits)
        );
        assert_eq!(audit(&fake), 0);
    }
}

#[test]
fn r12_one_key_pays_once_and_gives_the_same_urls() {
    let (fake, buyer) = shop(10);
    fake.world.yields.set(true);
    let answers = block_on(join_all((0..8).map(|_| ask(&fake, &buyer, "GET", SOUP, Some(KEY)))));
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let replayed = answers
        .iter()
        .filter(|answer| answer.get("idempotency-replayed") == Some("1"));
    assert_eq!(replayed.count(), 7);
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(audit(&fake), 6);

    // Later it is still the same request: its URLs do not live longer for it.
    fake.world.now.set(NOW + 20 * 60 * 1000);
    let later = block_on(ask(&fake, &buyer, "GET", SOUP, Some(KEY))).unwrap();
    assert_eq!(later.body, answers[0].body);
    for other in [TEA.to_owned(), format!("{SOUP}?variants=front")] {
        let other = block_on(ask(&fake, &buyer, "GET", &other, Some(KEY)));
        assert_eq!(code(other), Code::IdempotencyKeyMismatch);
    }
    // After a day it is a new one.
    fake.world.now.set(NOW + 24 * 60 * 60 * 1000);
    let tomorrow = block_on(ask(&fake, &buyer, "GET", SOUP, Some(KEY))).unwrap();
    assert_eq!(tomorrow.get("idempotency-replayed"), None);
    assert_eq!(audit(&fake), 2);
    for key in ["short", &"k".repeat(256)] {
        assert_eq!(
            code(block_on(ask(&fake, &buyer, "GET", SOUP, Some(key)))),
            Code::BadRequest
        );
    }
}

#[test]
fn keys_of_two_clients_are_two_keys() {
    let (fake, one) = shop(10);
    let two = buyer("client_two", json!("full"));
    block_on(delivery::assign_key(&fake, &two.client_id, "pk_two")).unwrap();
    block_on(ledger::grant(&fake, &two.client_id, 4, "req_grant", 0)).unwrap();
    for buyer in [&one, &two] {
        let answer = block_on(ask(&fake, buyer, "GET", SOUP, Some(KEY))).unwrap();
        assert_eq!(answer.get("idempotency-replayed"), None);
    }
}

/// A database whose answer to one statement is lost after it was executed.
struct Lossy<'a> {
    fake: &'a Fake,
    until: Cell<usize>,
}

impl Database for Lossy<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn query(&self, statement: &str, parameters: &[sql::Value]) -> Result<Vec<Row>, SqlError> {
        let rows = self.fake.query(statement, parameters).await?;
        let left = self.until.get();
        self.until.set(left.wrapping_sub(1));
        if left == 0 {
            Err(SqlError::Failed("lost".into()))
        } else {
            Ok(rows)
        }
    }

    async fn execute(&self, statement: &str, parameters: &[sql::Value]) -> Result<u64, SqlError> {
        self.query(statement, parameters).await.map(|_| 0)
    }
}

#[test]
fn a_debit_whose_answer_is_lost_is_given_back_or_found_again() {
    let barcode = Barcode::parse(SOUP).unwrap();
    let debit = |idempotency| Debit {
        client_id: "client_one",
        at: NOW / 1000,
        request_id: "req_1",
        barcode: &barcode,
        variants: Variants::ALL,
        idempotency,
    };
    let (fake, buyer) = shop(10);
    let lossy = Lossy {
        fake: &fake,
        until: Cell::new(0),
    };
    assert!(block_on(ledger::debit(&lossy, &debit(None))).is_err());
    assert_eq!((balance(&fake, &buyer), audit(&fake)), (10, 10));

    let (fake, buyer) = shop(10);
    let lossy = Lossy {
        fake: &fake,
        until: Cell::new(0),
    };
    let key = || Idempotency {
        key: "k".into(),
        fingerprint: "f".into(),
        seed: "s".into(),
    };
    assert!(block_on(ledger::debit(&lossy, &debit(Some(key())))).is_err());
    assert_eq!(balance(&fake, &buyer), 6);
    let again = block_on(ledger::debit(&lossy, &debit(Some(key())))).unwrap();
    assert!(matches!(again, Outcome::Earlier(earlier) if earlier.balance == 6 && earlier.seed == "s"));
    assert_eq!(audit(&fake), 6);
}

#[test]
fn a_refund_is_given_once() {
    let (fake, buyer) = shop(10);
    fake.world.yields.set(true);
    get(&fake, &buyer, SOUP).unwrap();
    let request: String = fake.sql("SELECT request_id FROM credit_ledger WHERE kind = 'debit'", &[])[0]
        .get(0)
        .unwrap();
    let refunds = (0..16).map(|_| ledger::refund(&fake, &buyer.client_id, &request, 1));
    let given = block_on(join_all(refunds))
        .into_iter()
        .filter(|given| *given == Ok(true))
        .count();
    assert_eq!((given, audit(&fake)), (1, 10));
    assert_eq!(
        block_on(ledger::refund(&fake, &buyer.client_id, "req_other", 1)),
        Ok(false)
    );
    assert_eq!(block_on(ledger::refund(&fake, "client_two", &request, 1)), Ok(false));
}

#[test]
fn grants_add_up_and_take_away_what_there_is() {
    let (fake, buyer) = shop(5);
    let grant = |credits, request| block_on(ledger::grant(&fake, &buyer.client_id, credits, request, 1));
    assert_eq!(grant(10, "req_a"), Ok(15));
    assert_eq!(grant(10, "req_a"), Ok(15), "granted before");
    assert_eq!(grant(-15, "req_b"), Ok(0));
    assert_eq!(grant(-1, "req_c").unwrap_err().code, Code::Unprocessable);
    const MOST: i64 = 1_000_000_000_000_000;
    assert_eq!(grant(MOST, "req_d"), Ok(MOST as u64));
    for credits in [1, MOST, MOST + 1, i64::MAX, i64::MIN] {
        assert_eq!(grant(credits, "req_e").unwrap_err().code, Code::Unprocessable);
    }
    assert_eq!(audit(&fake), MOST);
}

#[test]
fn parameters_that_are_not_understood_are_refused() {
    let (fake, buyer) = shop(10);
    for (target, expected) in [
        ("0170001615", None),
        ("1234567", Some(Code::InvalidBarcode)),
        ("01700016156a", Some(Code::InvalidBarcode)),
        ("%30170001615", Some(Code::InvalidBarcode)),
        ("017000161563/", Some(Code::InvalidBarcode)),
        ("017000161563?variants=side", Some(Code::BadRequest)),
        ("017000161563?credits=0", Some(Code::BadRequest)),
    ] {
        assert_eq!(
            code(get(&fake, &buyer, target)),
            expected.unwrap_or(Code::OutOfScope),
            "{target}"
        );
    }
    assert_eq!(balance(&fake, &buyer), 10);
}

fn list(fake: &Fake, scope: Value, query: &str) -> Value {
    let buyer = buyer("client_one", scope);
    body(&block_on(async { with!(fake, |context| listing::read(&context, &buyer, query).await) }).unwrap())
}

#[test]
fn listings_are_paged_filtered_and_in_scope() {
    let (fake, _) = shop(0);
    let barcodes = |page: &Value| -> Vec<String> {
        let products = page["products"].as_array().unwrap();
        products
            .iter()
            .map(|product| product["barcode"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = list(&fake, json!("full"), "limit=1");
    assert_eq!(barcodes(&first), [SOUP]);
    assert_eq!(
        first["products"][0]["variants"],
        json!(["front", "back", "front_clean", "back_clean"])
    );
    assert!(
        !first.to_string().contains("soup-f.jpg"),
        "where pictures are is not told"
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = list(&fake, json!("full"), &format!("limit=1&cursor={cursor}"));
    assert_eq!(
        (barcodes(&second), &second["next_cursor"]),
        (vec![TEA.to_owned()], &Value::Null)
    );
    for (scope, query, expected) in [
        (json!("full"), "brand=ACME", vec![SOUP]),
        (json!("full"), "category=tea&brand=acme", vec![]),
        (json!({"brands": ["Globex"]}), "", vec![TEA]),
        (json!({"brands": ["Globex"]}), "brand=acme", vec![]),
        (json!({"categories": ["Tea"]}), "", vec![TEA]),
        (json!({"list": ["99999999", TEA]}), "", vec![TEA]),
        (json!("full"), "updated_since=1700000001", vec![]),
    ] {
        assert_eq!(
            barcodes(&list(&fake, scope.clone(), query)),
            expected,
            "{scope} {query}"
        );
    }
}

#[test]
fn bulk_check_knows_what_is_in_scope() {
    let (fake, _) = shop(0);
    let check = |scope: Value| {
        let buyer = buyer("client_one", scope);
        let wanted = json!({"barcodes": [TEA, "99999999", SOUP]}).to_string();
        let answer = block_on(async {
            with!(&fake, |context| bulk_check::read(&context, &buyer, wanted.as_bytes())
                .await)
        });
        body(&answer.unwrap())["results"].clone()
    };
    let missing = |barcode: &str| json!({"barcode": barcode, "available": false, "variants": []});
    let tea = json!({"barcode": TEA, "available": true, "variants": ["front"]});
    let all = check(json!("full"));
    assert_eq!(
        (&all[0], &all[1], &all[2]["available"]),
        (&tea, &missing("99999999"), &json!(true))
    );
    for scope in [
        json!({"brands": ["globex"]}),
        json!({"categories": ["tea"]}),
        json!({"list": [TEA]}),
    ] {
        assert_eq!(check(scope), json!([tea, missing("99999999"), missing(SOUP)]));
    }
    assert_eq!(
        check(json!({"list": ["88888888"]})),
        json!([missing(TEA), missing("99999999"), missing(SOUP)])
    );
}

#[test]
fn an_import_replaces_reports_and_can_be_repeated() {
    let (fake, buyer) = shop(10);
    let row = |barcode: &str, name: &str, front: &str| {
        format!(
            "{}\n",
            json!({"barcode": barcode, "name": name, "brand": "B", "category": "C", "images": {"front": front}})
        )
    };
    let mut file: String = (0..120).map(|n| row(&format!("{:08}", n), "old", "/x.jpg")).collect();
    file += &row("00000007", "new", "/y.jpg");
    file += &row(TEA, "evil", "127.0.0.1:9/x.jpg");
    file += "{}\n";
    let pieces: Vec<_> = file.as_bytes().chunks(1000).collect();
    for _ in 0..2 {
        let report = import(&fake, Format::JsonLines, &pieces).unwrap();
        assert_eq!((report.imported, report.failed), (121, 2));
        assert_eq!(report.errors.iter().map(|bad| bad.row).collect::<Vec<_>>(), [122, 123]);
        let named = get(&fake, &buyer, "00000007?include=product_meta").unwrap();
        assert_eq!(body(&named)["product_meta"]["name"], "new");
    }
    assert_eq!(fake.sql("SELECT COUNT(*) FROM products", &[])[0].get::<i64>(0), Ok(122));
    let tea = get(&fake, &buyer, &format!("{TEA}?include=product_meta")).unwrap();
    assert_eq!(body(&tea)["product_meta"]["name"], "Tea");
}

#[test]
fn a_file_that_breaks_off_leaves_no_half_row() {
    use futures::StreamExt;
    let (fake, _) = shop(0);
    let whole = json!({"barcode": "11111111", "name": "n", "brand": "b", "category": "c"}).to_string();
    let half = format!("{whole}\n{}", whole.replace('1', "2"));
    let pieces = [Ok(half.into_bytes()), Err(crate::request::BodyLost)];
    let body = Body(futures::stream::iter(pieces).boxed_local());
    let result = block_on(import::import(
        &fake,
        &fake.world.settings.terms,
        Format::JsonLines,
        body,
        1,
    ));
    assert_eq!(result.unwrap_err().code, Code::BadRequest);
    assert_eq!(
        fake.sql("SELECT COUNT(*) FROM products WHERE barcode = '22222222'", &[])[0].get::<i64>(0),
        Ok(0)
    );
}

#[test]
fn the_demo_s_catalogue_is_imported_whole() {
    let (fake, buyer) = shop(0);
    let file = include_str!("../../../../static/catalogue/products.jsonl");
    let report = import(&fake, Format::JsonLines, &[file.as_bytes()]).unwrap();
    assert_eq!((report.imported, report.failed), (36, 0), "{:?}", report.errors);
    assert_eq!(
        fake.sql("SELECT COUNT(*) FROM products", &[])[0].get::<i64>(0),
        Ok(37),
        "barcodes stand once, and one of them stood before"
    );
    assert_eq!(code(get(&fake, &buyer, SOUP)), Code::InsufficientCredits);
}
