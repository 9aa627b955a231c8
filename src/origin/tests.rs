use crate::fake::{Fake, KEY, SECRET, settings};
use crate::ports::FetchError;
use crate::request::Request;
use crate::serve::serve;
use answer::Answer;
use circuit::{COOL_DOWN, THRESHOLD};
use futures::executor::block_on;
use identity::{BucketStyle, OriginRecord, ProjectRecord};
use secret::{Sealed, SecretText};
use signed_url::signed_path;

const CANARY: &str = "canary0secret0access0key";

fn request(source: &str) -> Request {
    let url = signed_path("demo", "w_64", source, KEY, &SecretText::new(SECRET.into()), None);
    let (path, query) = url.split_once('?').unwrap();
    Request {
        method: "GET".into(),
        path: path.into(),
        query: query.into(),
        ..Request::default()
    }
}

fn ask(fake: &Fake, source: &str) -> Answer {
    // Nothing is kept: what is counted here are fetches.
    let mut settings = settings("production");
    settings.shelf = None;
    block_on(serve(fake, &fake.leases, Ok(&settings), &request(source)))
}

fn s3(project: &ProjectRecord, sealed_for: &str) -> OriginRecord {
    let settings = settings("production");
    let secret = SecretText::new(CANARY.into());
    let sealed = Sealed::seal(
        settings.sealing().current(),
        &project.place_of(sealed_for),
        &secret,
        [3; 12],
    )
    .unwrap();
    OriginRecord::S3 {
        endpoint: "https://s3.example.com".into(),
        region: "eu-central-1".into(),
        bucket: "originals".into(),
        prefix: "2024/".into(),
        style: BucketStyle::VirtualHost,
        access_key_id: "AKEXAMPLE".into(),
        secret: sealed.to_text(),
    }
}

/// A project with two named origins and a third that holds the secret of another one, and a key that may use all of them.
fn fake() -> Fake {
    let fake = Fake::new();
    fake.put_project(|project| {
        let web = OriginRecord::Https {
            url: "https://images.example.com/o".into(),
        };
        let (good, moved) = (s3(project, "photos"), s3(project, "photos"));
        project.origins = [("web".into(), web), ("photos".into(), good), ("moved".into(), moved)].into();
    });
    fake.put_key(|key| {
        key.sources = ["@web", "@photos", "@moved", "@absent", "images.example.com"]
            .map(str::to_owned)
            .into();
    });
    fake
}

#[test]
fn named_origins_are_where_the_project_says() {
    let fake = fake();
    assert_eq!(ask(&fake, "@web/a/tea x.jpg?v=2").status, 200);
    assert_eq!(fake.asked.borrow().0, "https://images.example.com/o/a/tea%20x.jpg?v=2");
    assert!(fake.asked.borrow().1.is_empty());

    assert_eq!(ask(&fake, "@photos/a/tea x.jpg").status, 200);
    let (url, headers) = fake.asked.borrow().clone();
    assert_eq!(url, "https://originals.s3.example.com/2024/a/tea%20x.jpg");
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["authorization", "x-amz-content-sha256", "x-amz-date"]);
    assert!(
        headers[0]
            .1
            .contains("Credential=AKEXAMPLE/20231114/eu-central-1/s3/aws4_request")
    );
    assert!(!url.contains(CANARY) && !format!("{headers:?}").contains(CANARY));
}

#[test]
fn what_a_key_may_not_use_and_what_does_not_exist_are_refused_alike() {
    let fake = fake();
    assert_eq!(ask(&fake, "@absent/x.jpg").status, 403);
    fake.put_key(|key| key.sources = vec!["images.example.com".into(), "web".into(), "@photo".into()]);
    for source in ["@web/x.jpg", "@photos/x.jpg"] {
        assert_eq!(ask(&fake, source).status, 403, "{source}");
    }
    fake.put_key(|key| key.sources = vec!["@web".into()]);
    assert_eq!(
        ask(&fake, "images.example.com/x.jpg").status,
        403,
        "a name opens its origin, not its host"
    );
    assert_eq!(fake.fetches.get(), 0);
}

// O7 for objects.
#[test]
fn what_is_no_object_is_refused_before_anything_is_asked() {
    let fake = fake();
    for path in [
        "",
        "..",
        "../x",
        "a/../../b",
        "/x",
        "a//b",
        "x/",
        "x?acl",
        "x?versionId=1",
        "a%2Fb",
        "a%2e%2e/x",
        "a\\b",
    ] {
        assert_eq!(ask(&fake, &format!("@photos/{path}")).status, 400, "{path}");
    }
    for path in ["", "..", "../x", "a//b", "%2e%2e/x"] {
        assert_eq!(ask(&fake, &format!("@web/{path}")).status, 400, "{path}");
    }
    assert_eq!(ask(&fake, &format!("@photos/{}", "k".repeat(1020))).status, 400);
    assert_eq!(fake.fetches.get(), 0);
}

#[test]
fn a_secret_opens_only_for_its_own_origin_and_never_shows() {
    let fake = fake();
    assert_eq!(ask(&fake, "@moved/x.jpg").status, 503);
    *fake.original.borrow_mut() = Err(FetchError::Status {
        status: 403,
        code: "SignatureDoesNotMatch".into(),
    });
    let answer = ask(&fake, "@photos/x.jpg");
    assert_eq!(answer.status, 502);
    assert!(!String::from_utf8_lossy(&answer.body).contains("Signature"));
    let log = fake.log.borrow().join("\n");
    assert!(log.contains("403 SignatureDoesNotMatch"), "{log}");
    for part in [CANARY, "AKEXAMPLE", "aws4_request"] {
        assert!(!log.contains(part), "{log}");
    }
}

#[test]
fn nobody_listening_is_tried_once_more_when_ten_requests_have_paid_for_it() {
    let fake = fake();
    let attempts = |unreachable: u32| {
        let before = fake.fetches.get();
        fake.unreachable.set(unreachable);
        let status = ask(&fake, "@web/x.jpg").status;
        (status, fake.fetches.get() - before)
    };
    assert_eq!(attempts(1), (502, 1), "nothing was paid yet");
    for _ in 0..9 {
        assert_eq!(attempts(0), (200, 1));
    }
    assert_eq!(attempts(1), (200, 2), "one retry");
    assert_eq!(attempts(1), (502, 1), "and only one");
    for _ in 0..20 {
        assert_eq!(attempts(0), (200, 1));
    }
    assert_eq!(attempts(u32::MAX), (502, 2), "never a third attempt");
}

#[test]
fn what_may_have_been_answered_is_never_asked_again() {
    for failure in [
        FetchError::Failed,
        FetchError::Cut,
        FetchError::TimedOut,
        FetchError::Status {
            status: 503,
            code: String::new(),
        },
    ] {
        let fake = fake();
        (0..30).for_each(|_| drop(ask(&fake, "@web/x.jpg")));
        *fake.original.borrow_mut() = Err(failure);
        ask(&fake, "@web/x.jpg");
        assert_eq!(fake.fetches.get(), 31);
    }
}

// O12.
#[test]
fn a_failing_origin_is_left_alone_and_found_again() {
    let fake = fake();
    *fake.original.borrow_mut() = Err(FetchError::Failed);
    let statuses: Vec<u16> = (0..100).map(|_| ask(&fake, "@web/x.jpg").status).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 502).count(),
        THRESHOLD as usize
    );
    assert_eq!((statuses.last(), fake.fetches.get()), (Some(&503), THRESHOLD));
    assert_eq!(ask(&fake, "@web/x.jpg").get("retry-after"), Some("8"));
    // Another origin is not concerned.
    *fake.original.borrow_mut() = Ok(crate::fake::picture());
    assert_eq!(ask(&fake, "@photos/x.jpg").status, 200);
    fake.now.set(fake.now.get() + COOL_DOWN * 3 / 2);
    assert_eq!(ask(&fake, "@web/x.jpg").status, 200);
    assert_eq!(ask(&fake, "@web/x.jpg").status, 200);
}

#[test]
fn damaged_and_missing_originals_do_not_open_the_circuit() {
    let fake = fake();
    for failure in [
        FetchError::NotFound,
        FetchError::Cut,
        FetchError::TooLarge,
        FetchError::Denied,
    ] {
        *fake.original.borrow_mut() = Err(failure);
        for _ in 0..2 * THRESHOLD {
            assert_ne!(ask(&fake, "@web/x.jpg").status, 503);
        }
    }
}
