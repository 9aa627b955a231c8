//! J1 to J8, J10, J11: tokens of one-shot URLs that are not what the deployment mints. Every one of them is signed with the
//! right key unless it says otherwise, so that it is the reading that refuses it. (Tokens of accounts have rows of their own.)

use crate::target::{FORGED, Target, now};
use crate::tokens::{claims, forge, header, key, signed};
use anyhow::{Context, Result, ensure};
use deckle_tests::request;
use secret::{MasterKey, Purpose};
use serde_json::{Value, json};

pub fn attack(target: &Target) -> Result<()> {
    headers(target)?;
    forms(target)?;
    claims_of_another_kind(target)?;
    sizes(target)?;
    other_ways_in(target)?;
    weak_keys(target)?;
    // After all of that a token that is minted as it should be is good, once.
    let good = forge(target, &header(), &claims(target, 1))?;
    target.serves(&good)?;
    target.refuses(&good, 410, "gone").map(drop)
}

fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

/// J1, J2, J5, J6, J7: what a header may not say.
fn headers(target: &Target) -> Result<()> {
    for alg in [
        "none", "None", "nOnE", "", "hs256", "HS384", "HS512", "RS256", "ES256", "EdDSA",
    ] {
        let header = with(header(), "alg", json!(alg));
        target
            .refuses(&forge(target, &header, &claims(target, 2))?, 403, FORGED)
            .context(alg.to_owned())?;
        let unsigned = signed(target, &header.to_string(), &claims(target, 2).to_string(), b"");
        let (unsigned, _) = unsigned.rsplit_once('.').context("a tag")?;
        target.refuses(&format!("{unsigned}."), 403, FORGED)?;
    }
    for (member, value) in [
        ("alg", json!(["HS256"])),
        ("alg", Value::Null),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("jku", json!("https://attacker.example/keys")),
        ("x5u", json!("http://169.254.169.254/")),
        ("x5c", json!(["MIIB"])),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("kid", json!("../../dev/null")),
        ("kid", json!("' OR '1'='1")),
        ("kid", json!("k".repeat(2000))),
        ("kid", json!(["a"])),
        ("kid", json!("unknown")),
        ("typ", json!("JWT")),
        ("typ", json!("at+jwt")),
    ] {
        let header = with(header(), member, value);
        target
            .refuses(&forge(target, &header, &claims(target, 2))?, 403, FORGED)
            .context(member)?;
    }
    Ok(())
}

/// J3, J4: other spellings of a token, and members that stand twice.
fn forms(target: &Target) -> Result<()> {
    let good = forge(target, &header(), &claims(target, 3))?;
    let (rest, tag) = good.rsplit_once('.').context("a tag")?;
    for token in [
        format!("{good}."),
        format!("{good}.{tag}"),
        format!("{good}="),
        format!("{good}%3D"),
        format!("{good}%0A"),
        format!("{good}/"),
        format!("/i/.{}", &good[3..]),
        format!("{rest}."),
        format!("{rest}.{}", &tag[..42]),
        rest.to_owned(),
        good.replace('.', "%2E"),
        "/i/".to_owned(),
        "/i/..".to_owned(),
    ] {
        let reply = target.get(&token)?;
        ensure!([400, 403, 404].contains(&reply.status), "{token:.80}: {}", reply.status);
    }
    let (text, secret) = (claims(target, 3).to_string(), key()?);
    for member in [
        r#""exp":9000000000"#,
        r#""e\u0078p":9000000000"#,
        r#""sub":"client_other""#,
    ] {
        let twice = text.replacen('{', &format!("{{{member},"), 1);
        target
            .refuses(&signed(target, &header().to_string(), &twice, &secret), 403, FORGED)
            .context(member)?;
    }
    let twice = header().to_string().replacen('{', r#"{"alg":"none","#, 1);
    target
        .refuses(&signed(target, &twice, &text, &secret), 403, FORGED)
        .map(drop)
}

/// J5, J7: times that are none, and claims of other tokens.
fn claims_of_another_kind(target: &Target) -> Result<()> {
    for (member, value) in [
        ("exp", json!(now() as f64 + 0.5)),
        ("exp", json!(now().to_string())),
        ("exp", json!(-1)),
        ("exp", Value::Null),
        ("exp", json!(u64::MAX)),
        ("exp", json!(now() + 86_400)),
        ("exp", json!(now() - 1000)),
        ("iat", json!(now() + 600)),
        ("iss", json!("https://other.example")),
        ("aud", json!("deckle")),
        ("scope", json!("all")),
        ("ip", Value::Null),
        ("ip", json!("::ffff:127.0.0.1")),
        ("sub", json!("client_other")),
        ("key", json!("pk_unknown")),
        ("epoch", json!(0)),
        ("epoch", json!("1")),
    ] {
        let claims = with(claims(target, 4), member, value.clone());
        target
            .refuses(&forge(target, &header(), &claims)?, 403, FORGED)
            .with_context(|| format!("{member} {value}"))?;
    }
    for member in ["exp", "iat", "jti", "iss", "sub", "key", "epoch", "src", "ops"] {
        let mut claims = claims(target, 4);
        claims.as_object_mut().context("an object")?.remove(member);
        target
            .refuses(&forge(target, &header(), &claims)?, 403, FORGED)
            .context(member)?;
    }
    Ok(())
}

/// J8: what is large or deep.
fn sizes(target: &Target) -> Result<()> {
    target.refuses(&format!("/i/{}", "A".repeat(4097)), 403, FORGED)?;
    let deep = format!("{{\"iss\":{}", "[".repeat(2500));
    target.refuses(&signed(target, &header().to_string(), &deep, &key()?), 403, FORGED)?;
    let long = target.get(&format!("/i/{}", "A".repeat(1 << 20)))?;
    ensure!([414, 431].contains(&long.status), "{}", long.status);
    let headers: Vec<(&str, &str)> = (0..90).map(|_| ("x-filler", "y")).collect();
    let reply = request("GET", &target.url("/i/a.b.c"), &headers)?;
    ensure!([400, 403, 431].contains(&reply.status), "{}", reply.status);
    Ok(())
}

/// J10: a token stands in the path and nowhere else.
fn other_ways_in(target: &Target) -> Result<()> {
    let good = forge(target, &header(), &claims(target, 5))?;
    let token = good.trim_start_matches("/i/");
    let bearer = format!("Bearer {token}");
    let cookie = format!("access_token={token}");
    for (name, value) in [
        ("authorization", bearer.as_str()),
        ("authorization", "Basic YTpi"),
        ("cookie", &cookie),
    ] {
        for path in ["/i/a.b.c", "/i/"] {
            let reply = request("GET", &target.url(path), &[(name, value)])?;
            ensure!([403, 404].contains(&reply.status), "{name} {path}: {}", reply.status);
        }
    }
    for name in ["access_token", "token", "sig"] {
        target.refuses(&format!("{good}?{name}={token}"), 400, "Invalid query parameters")?;
    }
    Ok(())
}

/// J2, J11: keys that can be guessed, are public, or belong to another purpose.
fn weak_keys(target: &Target) -> Result<()> {
    let (header, claims) = (header().to_string(), claims(target, 6).to_string());
    let master = MasterKey::parse(deckle_tests::MASTER_KEY)?;
    let (sealing, marking) = (master.derive(Purpose::Sealing), master.derive(Purpose::Marking));
    let guesses: [&[u8]; 12] = [
        b"",
        b"\0",
        b"secret",
        b"your-256-bit-secret",
        b"password",
        b"changeme",
        b"deckle",
        &[0; 32],
        target.key.public.as_bytes(),
        target.key.secret.expose().as_bytes(),
        sealing.as_ref(),
        marking.as_ref(),
    ];
    for guess in guesses {
        target.refuses(&signed(target, &header, &claims, guess), 403, FORGED)?;
    }
    Ok(())
}
