//! U7: the order of parameters is free and changes nothing.

use crate::target::{Target, now};
use anyhow::{Result, ensure};
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let one = target.v1("w_96,f_png", &target.source("good/x.jpg"));
    let two = target.v2(&Options::until(now() + 3600).subject("viewer-7"))?;
    for good in [one, two] {
        let expected = target.serves(&good)?;
        let (path, query) = good.split_once('?').unwrap_or_default();
        for order in permutations(&query.split('&').collect::<Vec<_>>()) {
            let reply = target.serves(&format!("{path}?{}", order.join("&")))?;
            ensure!(
                reply.body == expected.body && reply.header("etag") == expected.header("etag"),
                "{order:?}"
            );
        }
    }
    Ok(())
}

fn permutations<'a>(items: &[&'a str]) -> Vec<Vec<&'a str>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut out = Vec::new();
    for (at, first) in items.iter().enumerate() {
        let rest = [&items[..at], &items[at + 1..]].concat();
        for mut order in permutations(&rest) {
            order.insert(0, *first);
            out.push(order);
        }
    }
    out
}
