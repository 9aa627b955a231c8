//! A one-shot token. Nothing that was not minted may verify.
#![no_main]
use libfuzzer_sys::fuzz_target;
use secret::MasterKey;

fuzz_target!(|input: (&str, u64)| {
    let (text, now) = input;
    let master = MasterKey::from_bytes(std::array::from_fn(|i| i as u8)).expect("a key");
    assert!(token::verify(&token::KeyRing::new(&master, None), "deckle", text, now).is_err());
});
