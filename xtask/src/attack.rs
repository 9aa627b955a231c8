//! `cargo xtask attack`: the attack suite against a deployment that is running somewhere.

use std::env;

use anyhow::{Result, bail};

use crate::{process, workspace};

/// The environment variable with the key's secret: an argument could be read by everybody on the machine.
const SECRET: &str = "DECKLE_ATTACK_SECRET";

/// Attack a deployment, and say of each row of docs/THREATS.md whether it came through.
///
/// THIS ATTACKS: thousands of forged, malformed and hostile requests within a minute or so. Do it to your own deployment only,
/// best to one that nobody depends on yet. It needs a key without limits (make one for this, revoke it afterwards) and an
/// original that this key may fetch; both are used as any client would. Rows that need the host's files, an origin of their
/// own or several keys cannot be made from outside: they are listed with the reason, and `cargo test -p deckle-tests --test
/// attacks` makes them against a host of its own.
///
/// Requests are written byte by byte over plain HTTP: where TLS ends in a proxy, attack what stands behind it.
///
///   DECKLE_ATTACK_SECRET=sk_… cargo xtask attack --url http://127.0.0.1:3000 --project shop --key pk_… \
///     --source images.example.com/photo.jpg
///
/// Exit codes: 0 every attack failed, 1 one succeeded or nothing could be attacked.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// The deployment, http://HOST:PORT
    #[arg(long, value_name = "URL", value_parser = server)]
    url: String,
    /// The project's slug
    #[arg(long, value_name = "SLUG")]
    project: String,
    /// The public key, pk_…; its secret is read from DECKLE_ATTACK_SECRET
    #[arg(long, value_name = "PUBLIC_KEY")]
    key: String,
    /// A JPEG, PNG or WebP that the key may fetch, as a signed URL names it
    #[arg(long, value_name = "HOST/PATH")]
    source: String,
    /// Print the table as lines of JSON
    #[arg(long)]
    json: bool,
}

/// The command.
pub fn run(arguments: &Arguments) -> Result<()> {
    if env::var_os(SECRET).is_none() {
        bail!("the key's secret is read from the environment: {SECRET}=sk_… cargo xtask attack …");
    }
    eprintln!(
        "ATTACKING {} with the key {} of {}. Only do this to a deployment of your own.",
        arguments.url, arguments.key, arguments.project
    );
    let mut attack = workspace::cargo(&["run", "--quiet", "--package", "deckle-tests", "--bin", "attack"]);
    attack
        .env("DECKLE_ATTACK_URL", &arguments.url)
        .env("DECKLE_ATTACK_PROJECT", &arguments.project)
        .env("DECKLE_ATTACK_KEY", &arguments.key)
        .env("DECKLE_ATTACK_SOURCE", &arguments.source)
        .env_remove("DECKLE_ATTACK_JSON");
    if arguments.json {
        attack.env("DECKLE_ATTACK_JSON", "1");
    }
    process::run(&mut attack)
}

/// `http://HOST:PORT`, the port of HTTP where none is given.
fn server(text: &str) -> Result<String, String> {
    let Some(authority) = text.trim_end_matches('/').strip_prefix("http://") else {
        return Err("write http://HOST:PORT; where TLS ends in a proxy, attack what stands behind it".to_owned());
    };
    if authority.is_empty() || authority.contains(['/', '?', '#', '@']) {
        return Err("write http://HOST:PORT, without a path".to_owned());
    }
    let has_port = authority
        .rsplit(':')
        .next()
        .is_some_and(|port| port.parse::<u16>().is_ok());
    let port = if has_port { "" } else { ":80" };
    Ok(format!("http://{authority}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_address_without_a_path() {
        assert_eq!(server("http://127.0.0.1:3000/").unwrap(), "http://127.0.0.1:3000");
        assert_eq!(server("http://pictures.example").unwrap(), "http://pictures.example:80");
        for text in [
            "https://a.example",
            "a.example:80",
            "http://",
            "http://a.example/x",
            "http://u@a.example",
        ] {
            assert!(server(text).is_err(), "{text}");
        }
    }
}
