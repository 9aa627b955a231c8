//! The demo page in a real browser: every picture loads, nothing overflows, nothing comes from elsewhere.

use anyhow::{Context, Result};
use deckle_tests::{Browser, Deckle};
use serde_json::json;

/// The tab that runs the specification's flow, up to a refresh token that is used twice, and then once more with another key.
#[test]
fn the_client_s_flow_runs_on_the_page() -> Result<()> {
    let deckle = Deckle::demo_with_catalogue()?;
    let mut browser = Browser::start()?;
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        &json!({"width": 360, "height": 900, "deviceScaleFactor": 1, "mobile": false}),
    )?;
    browser.call("Page.navigate", &json!({"url": deckle.url("/")}))?;
    browser.wait_for("document.getElementById('tabs')?.checkVisibility() === true")?;
    browser.evaluate("document.getElementById('client-tab').click()")?;
    browser.wait_for(
        "document.getElementById('client').checkVisibility() && !document.getElementById('demo').checkVisibility()",
    )?;
    for run in 1..=2 {
        browser.evaluate("document.getElementById('run').click()")?;
        browser.wait_for("!document.getElementById('run').disabled")?;
        let outcome = browser.evaluate("document.getElementById('outcome').textContent")?;
        let seen =
            browser.evaluate("[...document.querySelectorAll('#steps .status')].map(node => node.textContent)")?;
        assert!(
            outcome.as_str().is_some_and(|text| text.starts_with("Done.")),
            "run {run}: {outcome} {seen}"
        );
        let expected = [
            "200",
            "200",
            "200",
            "410 gone",
            "200",
            "200",
            "401 refresh_token_reused",
            "401 unauthenticated",
            "403 client_disabled",
        ];
        assert_eq!(seen, json!(expected), "run {run}");
        let pictures = browser.evaluate(
            "[...document.querySelectorAll('#steps img')].map(i => [i.naturalWidth > 0, i.alt.length > 0])",
        )?;
        assert_eq!(
            pictures,
            json!([[true, true], [true, true], [true, true], [true, true]]),
            "run {run}"
        );
        let overflow =
            browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
        assert_eq!(overflow, 0, "the page is too wide");
        let text = browser.evaluate("document.getElementById('steps').innerText")?;
        let text = text.as_str().context("no text")?;
        for whole in ["sk_live_[A-Za-z0-9]{36}", "eyJ[^ ]{60}"] {
            assert!(
                browser.evaluate(&format!("!/{whole}/.test(document.getElementById('steps').innerText)"))? == true,
                "a credential stands on the page: {text}"
            );
        }
    }
    Ok(())
}

#[test]
fn every_picture_loads_and_nothing_overflows() -> Result<()> {
    let deckle = Deckle::demo()?;
    let mut browser = Browser::start()?;
    for width in [360, 1440] {
        browser.call(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}),
        )?;
        browser.call("Page.navigate", &json!({"url": deckle.url("/")}))?;
        browser.wait_for("document.querySelectorAll('#traces tr').length >= 3")?;
        browser.wait_for("[...document.images].every(image => image.complete)")?;

        let images =
            browser.evaluate("[...document.images].map(i => [i.currentSrc || i.src, i.naturalWidth, i.alt])")?;
        let images = images.as_array().context("no list")?;
        assert!(images.len() >= 3, "two clients and their difference: {images:?}");
        for image in images {
            assert!(
                image[1].as_u64() > Some(0),
                "a picture did not load at {width}: {image}"
            );
            assert!(
                image[2].as_str().is_some_and(|alt| !alt.is_empty()),
                "a picture has no alternative text: {image}"
            );
        }
        let overflow =
            browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
        assert_eq!(overflow, 0, "the page is wider than {width}");
        let wide = browser
            .evaluate("[...document.images].filter(i => i.getBoundingClientRect().right > innerWidth + 1).length")?;
        assert_eq!(wide, 0, "a picture overflows at {width}");
    }

    let text = browser.evaluate("document.body.innerText")?;
    let text = text.as_str().context("no text")?;
    for expected in [
        "client_demo",
        "client_demo_two",
        "403",
        "Invalid or expired signature",
        "no mark found",
    ] {
        assert!(
            text.to_lowercase().contains(&expected.to_lowercase()),
            "{expected:?} is not on the page: {text}"
        );
    }
    let tabs = browser.evaluate("document.getElementById('tabs').checkVisibility()")?;
    assert_eq!(tabs, false, "there is no catalogue to ask for");
    let foreign = browser.evaluate(
        "performance.getEntriesByType('resource').map(r => r.name).filter(name => new URL(name).origin !== location.origin)",
    )?;
    assert_eq!(foreign, json!([]), "the page loads from elsewhere");
    Ok(())
}
