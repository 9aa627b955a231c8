//! Renditions that are kept between requests.

use super::*;
use crate::fake::{Happening, RENDITIONS};
use crate::ports::Host as _;
use signed_url::v2::Options;

const OPERATIONS: &str = "w_160,f_jpeg";
/// Half a day, after which an original is asked for again.
pub const PERIOD: u64 = 43_200_000;

pub fn fake() -> Fake {
    let fake = Fake::new();
    *fake.original.borrow_mut() = Ok(photograph(0));
    fake
}

pub fn photograph(shade: u8) -> Vec<u8> {
    let at = |x: u32, y: u32| ((x * 7) ^ (y * 5) ^ ((x * y) >> 4)) as u8 ^ shade;
    let image = image::RgbImage::from_fn(240, 160, |x, y| image::Rgb([at(x, y), at(y, x), (x + y) as u8]));
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    jpeg.into_inner()
}

fn url() -> String {
    signed(OPERATIONS, SOURCE, None)
}

fn viewer(name: &str) -> String {
    let (key, secret) = (
        signed_url::PublicKey::parse(KEY).unwrap(),
        SecretText::new(SECRET.into()),
    );
    let options = Options::until(NOW / 1000 + 600_000).subject(name);
    signed_url::v2::signed_path("demo", OPERATIONS, SOURCE, &key, &secret, &options).unwrap()
}

pub fn picture_for(fake: &Fake, url: &str) -> Answer {
    let answer = ask(fake, &get(url));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer
}

fn names(answer: &Answer, subject: &str) -> bool {
    let marking = settings("production").marking;
    let payload = imaging::trace(&answer.body, &marking, &imaging::Budget::default()).unwrap();
    payload.is_some_and(|payload| payload.subject == Subject::of(subject))
}

pub fn last_line(fake: &Fake) -> serde_json::Value {
    serde_json::from_str(fake.log.borrow().last().unwrap()).unwrap()
}

pub fn kept(fake: &Fake) -> Vec<(String, Vec<u8>)> {
    let mut kept: Vec<_> = fake.renditions.borrow().clone().into_iter().collect();
    kept.sort();
    kept
}

#[test]
fn another_client_s_request_is_warm_and_has_a_mark_of_its_own() {
    let fake = fake();
    let first = picture_for(&fake, &viewer("viewer-1"));
    assert_eq!(last_line(&fake)["kept"], false);
    *fake.original.borrow_mut() = Err(FetchError::NotFound);
    let second = picture_for(&fake, &viewer("viewer-2"));
    let third = picture_for(&fake, &url());
    assert_eq!((fake.fetches.get(), kept(&fake).len()), (1, 1));
    let line = last_line(&fake);
    assert_eq!((&line["kept"], &line["format"]), (&true.into(), &"jpeg".into()));
    assert_eq!(line["source"], "https://images.example.com/photo.jpg");
    assert_eq!(line["operations"], OPERATIONS);
    assert_eq!(line["variant"].as_str().unwrap().len(), 64);
    assert!(second.get("server-timing").unwrap().starts_with("kept;"));
    for (answer, subject) in [(&first, "viewer-1"), (&second, "viewer-2"), (&third, "client_one")] {
        assert!(names(answer, subject), "{subject}");
        assert_eq!(answer.body.len(), first.body.len());
    }
    assert_ne!(first.body, second.body);
    // Warm or not makes no difference to the bytes.
    assert_eq!(picture_for(&self::fake(), &url()).body, third.body);
    assert_eq!(picture_for(&fake, &viewer("viewer-1")).body, first.body);
}

#[test]
fn what_is_kept_knows_nothing_of_who_asked_first() {
    let filled_by = |url: &str| {
        let fake = fake();
        picture_for(&fake, url);
        kept(&fake)
    };
    let kept = filled_by(&viewer("viewer-1"));
    assert_eq!(kept, filled_by(&viewer("viewer-2")));
    assert_eq!(kept, filled_by(&url()));
    let [(name, value)] = &kept[..] else { panic!("{kept:?}") };
    assert!(name.starts_with("rendition/") && !name.contains("photo"), "{name}");
    assert!(image::guess_format(value).is_err());
}

#[test]
fn other_pictures_are_other_renditions() {
    let fake = fake();
    picture_for(&fake, &url());
    for (count, other) in [
        signed("w_161,f_jpeg", SOURCE, None),
        signed("w_160,f_jpeg,q_70", SOURCE, None),
        signed(OPERATIONS, "images.example.com/other.jpg", None),
    ]
    .iter()
    .enumerate()
    {
        picture_for(&fake, other);
        assert_eq!(
            (fake.fetches.get() as usize, kept(&fake).len()),
            (count + 2, count + 2),
            "{other}"
        );
    }
    // What another project may read is not this one's to read.
    fake.put_project(|project| project.id = "prj_2".into());
    let record = fake.records.borrow()["project/prj_1"].clone();
    fake.records.borrow_mut().insert("project/prj_2".into(), record);
    fake.put_key(|key| key.project.id = "prj_2".into());
    picture_for(&fake, &url());
    assert_eq!(fake.fetches.get(), 5);
}

#[test]
fn one_use_is_warm_too_and_nobody_may_keep_it() {
    let fake = fake();
    picture_for(&fake, &url());
    let answer = picture_for(&fake, &one_shot(None, OPERATIONS));
    assert_eq!(
        (answer.get("cache-control"), answer.get("etag")),
        (Some("private, no-store"), None)
    );
    assert!(names(&answer, "client_one"));
    assert_eq!(fake.fetches.get(), 1);
}

#[test]
fn an_original_is_asked_for_again_after_half_a_day_and_rendered_if_it_changed() {
    let fake = fake();
    let first = picture_for(&fake, &url());
    fake.now.set(NOW + PERIOD);
    let same = picture_for(&fake, &url());
    assert_eq!((fake.fetches.get(), &same.body), (2, &first.body));
    assert_eq!(same.get("cache-control"), Some("public, max-age=86400"));
    assert_ne!(same.get("etag"), first.get("etag"), "it was read in another half day");
    // The very bytes, but for the time and the code over it, under the name of the new period.
    let [(old, before), (new, after)] = &kept(&fake)[..] else {
        panic!()
    };
    assert!(old != new && before.len() == after.len());
    assert_eq!(before[..before.len() - 24], after[..after.len() - 24]);
    picture_for(&fake, &viewer("viewer-1"));
    assert_eq!(fake.fetches.get(), 2);

    *fake.original.borrow_mut() = Ok(photograph(9));
    assert_eq!(picture_for(&fake, &url()).body, first.body, "it is not asked for yet");
    fake.now.set(NOW + 2 * PERIOD);
    let changed = picture_for(&fake, &viewer("viewer-1"));
    assert_eq!(fake.fetches.get(), 3);
    assert_eq!(changed.body, {
        let cold = self::fake();
        *cold.original.borrow_mut() = Ok(photograph(9));
        picture_for(&cold, &viewer("viewer-1")).body
    });
    // What lay unused for longer is not even compared.
    fake.now.set(NOW + 5 * PERIOD);
    *fake.original.borrow_mut() = Err(FetchError::NotFound);
    assert_eq!(refused(&fake, &url()).0, 404);
}

/// No cache that asks in time is more than a day behind an original, however the picture came about.
#[test]
fn nothing_made_of_what_is_kept_can_be_kept_for_longer_than_a_day_after_it_was_read() {
    let fake = fake();
    let first = picture_for(&fake, &url());
    for later in (0..PERIOD / 1000).step_by(4000) {
        fake.now.set(NOW + later * 1000);
        let answer = picture_for(&fake, &url());
        if fake.fetches.get() == 1 {
            let seconds: u64 = answer.get("cache-control").unwrap()["public, max-age=".len()..]
                .parse()
                .unwrap();
            assert!(
                seconds > 0 && later + seconds <= crate::caching::TTL,
                "{later} {seconds}"
            );
            assert_eq!(answer.get("etag"), first.get("etag"));
        }
        assert_eq!(conditional(&fake, &url(), first.get("etag").unwrap()).status, 304);
    }
    // A tag that is too old to be compared by itself is compared with what is kept.
    let fetched = fake.fetches.get();
    fake.now.set(NOW + 3 * PERIOD);
    picture_for(&fake, &viewer("viewer-1"));
    let again = conditional(&fake, &url(), first.get("etag").unwrap());
    assert_eq!((again.status, fake.fetches.get()), (304, fetched + 1));
}

#[test]
fn what_is_not_ours_in_the_store_is_not_served() {
    let fake = fake();
    let expected = picture_for(&fake, &url()).body;
    let (one, first) = &kept(&fake)[0];
    let other = self::fake();
    picture_for(&other, &signed("w_150,f_jpeg", SOURCE, None));
    let (_, second) = kept(&other).remove(0);
    let mut bad: Vec<Vec<u8>> = vec![Vec::new(), vec![0; 40], second, first[..first.len() - 1].to_vec()];
    for at in [
        0,
        5,
        first.len() / 2,
        first.len() - 40,
        first.len() - 33,
        first.len() - 20,
        first.len() - 1,
    ] {
        let mut changed = first.clone();
        changed[at] ^= 0x10;
        bad.push(changed);
    }
    for value in bad {
        let fetched = fake.fetches.get();
        let answer = picture_of(&fake, one, &value, &url());
        assert_eq!(answer.body, expected);
        assert_eq!(fake.fetches.get(), fetched + 1);
        assert!(last_line(&fake)["detail"].as_str().unwrap().contains("damaged"));
        // It was replaced.
        assert_eq!(fake.renditions.borrow()[one], *first);
    }
}

/// A picture while only this is kept.
fn picture_of(fake: &Fake, name: &str, value: &[u8], url: &str) -> Answer {
    fake.renditions.borrow_mut().retain(|_, _| false);
    fake.renditions.borrow_mut().insert(name.to_owned(), value.to_vec());
    fake.counters.borrow_mut().clear();
    picture_for(fake, url)
}

#[test]
fn without_the_store_pictures_are_made_as_ever_and_it_is_left_alone_for_a_while() {
    let fake = fake();
    let expected = picture_for(&self::fake(), &url()).body;
    let settings = settings("production");
    let ask = |fake: &Fake| block_on(serve(fake, &fake.leases, Ok(&settings), &get(&url())));
    fake.renditions_down.set(true);
    assert_eq!(ask(&fake).body, expected);
    assert!(last_line(&fake)["detail"].as_str().unwrap().contains("down"));
    // It is not asked now, or it would be found.
    fake.renditions_down.set(false);
    assert_eq!(ask(&fake).body, expected);
    assert_eq!((kept(&fake).len(), last_line(&fake)["detail"].is_null()), (0, true));
    fake.now.set(NOW + 10_001);
    assert_eq!(ask(&fake).body, expected);
    assert_eq!((kept(&fake).len(), fake.fetches.get()), (1, 3));
    assert_eq!(ask(&fake).body, expected);
    assert_eq!(fake.fetches.get(), 3);
}

#[test]
fn it_can_be_off() {
    let fake = fake();
    let mut settings = settings("production");
    settings.shelf = None;
    for fetches in 1..3 {
        let answer = block_on(serve(&fake, &fake.leases, Ok(&settings), &get(&url())));
        assert_eq!((answer.status, fake.fetches.get()), (200, fetches));
    }
    assert_eq!((kept(&fake).len(), fake.counters.borrow().len()), (0, 0));
}

/// The counter and the name of what a request for `url` waits for, and what another instance will put there.
fn elsewhere() -> (String, String, Vec<u8>) {
    let other = fake();
    picture_for(&other, &url());
    let counter = other.counters.borrow().keys().next().unwrap().clone();
    assert!(other.counters.borrow()[&counter] < 1, "nobody waits for what is done");
    let (name, value) = kept(&other).remove(0);
    (counter, name, value)
}

#[test]
fn while_another_instance_makes_it_a_request_waits() {
    let (counter, name, value) = elsewhere();
    let fake = fake();
    fake.counters.borrow_mut().insert(counter, 1);
    fake.meanwhile.borrow_mut().extend([
        Box::new(move |fake: &Fake| drop(fake.renditions.borrow_mut().insert(name, value))) as Happening,
        Box::new(|_: &Fake| {}),
    ]);
    picture_for(&fake, &url());
    assert_eq!((fake.fetches.get(), fake.now.get() - NOW), (0, 30));
}

#[test]
fn who_waits_in_vain_makes_it_himself() {
    // The other one gave up.
    let (counter, ..) = elsewhere();
    let fake = self::fake();
    fake.counters.borrow_mut().insert(counter.clone(), 1);
    let name = counter.clone();
    fake.meanwhile.borrow_mut().push(Box::new(move |fake: &Fake| {
        drop(fake.increment(RENDITIONS, &name, -(1 << 32)));
    }));
    picture_for(&fake, &url());
    assert_eq!((fake.fetches.get(), fake.now.get() - NOW), (1, 10));

    // The other one died.
    let fake = self::fake();
    fake.counters.borrow_mut().insert(counter.clone(), 1);
    picture_for(&fake, &url());
    let waited = fake.now.get() - NOW;
    assert!((2000..2500).contains(&waited), "{waited}");
    assert_eq!(fake.fetches.get(), 1);

    // The store dies while we wait.
    let fake = self::fake();
    fake.counters.borrow_mut().insert(counter, 1);
    fake.meanwhile
        .borrow_mut()
        .push(Box::new(|fake: &Fake| fake.renditions_down.set(true)));
    picture_for(&fake, &url());
    assert_eq!(fake.fetches.get(), 1);
}

#[test]
fn who_fails_to_make_it_lets_the_others_go_on() {
    let fake = fake();
    *fake.original.borrow_mut() = Err(FetchError::NotFound);
    assert_eq!(refused(&fake, &url()).0, 404);
    let counts: Vec<i64> = fake.counters.borrow().values().copied().collect();
    assert!(matches!(counts[..], [..1]), "{counts:?}");
    *fake.original.borrow_mut() = Ok(photograph(0));
    picture_for(&fake, &url());
    assert_eq!(fake.now.get(), NOW, "nobody waited");
}

#[test]
fn refusals_look_at_nothing_that_is_kept() {
    let fake = fake();
    picture_for(&fake, &url());
    fake.renditions
        .borrow_mut()
        .values_mut()
        .for_each(|value| value.clear());
    let elsewhere = signed(OPERATIONS, "elsewhere.example/photo.jpg", None);
    assert_eq!(refused(&fake, &url().replace("w_160", "w_161")).0, 403);
    assert_eq!(refused(&fake, &elsewhere).0, 403);
    fake.put_key(|key| key.revoked_at = Some(1));
    assert_eq!(refused(&fake, &url()).0, 401);
    assert!(kept(&fake).iter().all(|(_, value)| value.is_empty()));
    assert_eq!(fake.fetches.get(), 1);
}

#[test]
fn what_cannot_be_traced_is_served_and_said_or_refused_as_the_project_wants() {
    let fake = fake();
    let flat = image::RgbImage::from_pixel(240, 160, image::Rgb([90, 90, 90]));
    let mut jpeg = std::io::Cursor::new(Vec::new());
    flat.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    *fake.original.borrow_mut() = Ok(jpeg.into_inner());
    let served = picture_for(&fake, &url());
    assert_eq!(served.get("x-deckle-mark"), Some("fragile"));
    assert_eq!(last_line(&fake)["traceable"], false);
    fake.put_project(|project| project.untraceable = identity::Untraceable::Refuse);
    // Whether it was kept or not, and whatever the format is.
    for operations in [OPERATIONS, "w_150,f_jpeg", "w_150,f_png"] {
        let answer = ask(&fake, &get(&signed(operations, SOURCE, None)));
        assert_eq!(error_of(&answer), (422, "Image processing failed".to_owned()));
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(body["message"].as_str().unwrap().contains("mark"), "{body}");
        assert_eq!(last_line(&fake)["traceable"], false);
    }
    // What is refused is not used up.
    let once = one_shot(None, OPERATIONS);
    assert_eq!(refused(&fake, &once).0, 422);
    fake.put_project(|_| {});
    assert_eq!(picture_for(&fake, &once).body.len(), served.body.len());
}

#[test]
fn where_only_the_traceable_is_served_auto_falls_back_to_a_format_that_is() {
    let fake = fake();
    let grain = image::GrayImage::from_fn(360, 360, |x, y| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).wrapping_add(x * y * 97)) >> 7;
        image::Luma([(100 + noise % 16 + x % 64) as u8])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    grain.write_to(&mut png, image::ImageFormat::Png).unwrap();
    *fake.original.borrow_mut() = Ok(png.into_inner());
    let ask = |operations: &str| {
        let mut request = get(&signed(operations, SOURCE, None));
        request.accept = Some("image/webp,*/*;q=0.8".to_owned());
        let answer = ask(&fake, &request);
        assert_eq!((answer.status, answer.get("vary")), (200, Some("Accept")));
        ["content-type", "x-deckle-mark"].map(|name| answer.get(name).unwrap_or_default().to_owned())
    };
    // At this size a lossy WebP has too few chips at any quality, a JPEG at a low one, a PNG never.
    let (high, low) = ("f_auto,q_90", "f_auto,q_60");
    assert_eq!([ask(high), ask(low)], [["image/webp", "fragile"]; 2]);
    fake.put_project(|project| project.untraceable = identity::Untraceable::Refuse);
    for _made_and_kept in 0..2 {
        assert_eq!(ask(high), ["image/jpeg", "traceable"]);
        assert_eq!(ask(low), ["image/png", "traceable"]);
    }
    assert_eq!(fake.fetches.get(), 4);
}
