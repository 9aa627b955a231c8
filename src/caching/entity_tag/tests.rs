use super::*;

const NOW: u64 = 1_700_000_000;

const ORIGINAL: &Fingerprint = b"original";
const ANOTHER: &Fingerprint = b"another ";

fn key() -> TagKey {
    TagKey::new([7; 32].into())
}

#[test]
fn a_tag_is_a_function_of_recipe_original_and_half_day() {
    let key = key();
    let tags = EntityTags::new(&key, &[b"w_64", b"a"]);
    let tag = tags.tag(ORIGINAL, NOW);
    assert_eq!(tag.len(), 34);
    assert_eq!(tag, EntityTags::new(&key, &[b"w_64", b"a"]).tag(ORIGINAL, NOW + 1));
    assert_ne!(tag, tags.tag(ANOTHER, NOW));
    assert_ne!(tag, tags.tag(ORIGINAL, NOW + PERIOD));
    // Fields do not run into each other.
    for recipe in [&[&b"w_64a"[..]][..], &[b"w_6", b"4a"], &[b"w_64", b"a", b""]] {
        assert_ne!(tag, EntityTags::new(&key, recipe).tag(ORIGINAL, NOW));
    }
    let other = TagKey::new([8; 32].into());
    let others = EntityTags::new(&other, &[b"w_64", b"a"]);
    assert_eq!(others.fresh(&tag, NOW), None);
    assert_eq!(others.of(&tag, ORIGINAL, TTL), None);
}

#[test]
fn a_tag_is_fresh_for_a_day_at_most() {
    let key = key();
    let tags = EntityTags::new(&key, &[b"w_64"]);
    for read in [NOW, NOW / PERIOD * PERIOD, NOW / PERIOD * PERIOD + PERIOD - 1] {
        let tag = tags.tag(ORIGINAL, read);
        for later in 0..=2 * TTL / 600 {
            let now = read + later * 600;
            if let Some(current) = tags.fresh(&tag, now) {
                assert_eq!(current.tag, tag);
                assert!(
                    current.seconds > 0 && now + current.seconds <= read + TTL,
                    "{read} {now}"
                );
            } else {
                assert!(now - read > TTL / 2, "{read} {now}");
            }
        }
        assert_eq!(tags.fresh(&tag, read + TTL), None);
        assert_eq!(tags.fresh(&tag, read - PERIOD), None, "a time to come");
        assert_eq!(
            tags.of(&tag, ORIGINAL, TTL),
            Some(Current {
                tag: tag.clone(),
                seconds: TTL
            })
        );
        assert_eq!(tags.of(&tag, ANOTHER, TTL), None);
    }
}

#[test]
fn conditions_are_lists_that_are_compared_weakly() {
    let key = key();
    let tags = EntityTags::new(&key, &[b"w_64"]);
    let tag = tags.tag(ORIGINAL, NOW);
    for header in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        format!("{tag},\"x,y\""),
        format!(" \t{tag} ,"),
        format!("{tag}, {tag}"),
    ] {
        assert_eq!(
            tags.fresh(&header, NOW).map(|current| current.tag),
            Some(tag.clone()),
            "{header}"
        );
        assert!(tags.of(&header, ORIGINAL, TTL).is_some(), "{header}");
    }
    let bare = tag.trim_matches('"');
    for header in [
        "",
        "*",
        "\"x\"",
        bare,
        &format!("\"{bare}"),
        &format!("w/{tag}"),
        &format!("\"{bare}A\""),
        &format!("\"{}\"", &bare[..31]),
        &format!("\"{bare}=\""),
        &"\"x\",".repeat(5000),
    ] {
        assert_eq!(tags.fresh(header, NOW), None, "{header}");
        assert_eq!(tags.of(header, ORIGINAL, TTL), None, "{header}");
    }
}

#[test]
fn no_byte_of_a_tag_can_be_changed() {
    let key = key();
    let tags = EntityTags::new(&key, &[b"w_64"]);
    let tag = tags.tag(ORIGINAL, NOW - TTL);
    for at in 1..33 {
        let mut forged = tag.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(tags.fresh(&forged, NOW), None, "{forged}");
        assert_eq!(tags.of(&forged, ORIGINAL, TTL), None, "{forged}");
    }
}

#[test]
fn of_two_originals_the_caller_learns_which_it_is_now() {
    let key = key();
    let tags = EntityTags::new(&key, &[b"w_64"]);
    let (old, new) = (tags.tag(ANOTHER, NOW), tags.tag(ORIGINAL, NOW));
    let both = format!("{old}, {new}");
    assert_eq!(tags.fresh(&both, NOW), None);
    assert_eq!(tags.of(&both, ORIGINAL, TTL).map(|current| current.tag), Some(new));
}
