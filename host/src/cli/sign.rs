use super::{Place, print};
use crate::clock::{duration, now, rfc3339};
use crate::data::{DataFolder, DemoFile};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use secret::SecretText;
use serde_json::json;
use signed_url::{PublicKey, signed_path};
use std::path::PathBuf;
use std::process::ExitCode;

/// Sign a URL: prints a link to a picture that works until it expires
///
/// Without --key the first client of the demo signs (DIR/demo.json, written by `deckle up --originals …`). With --key the
/// secret comes from --secret-file or from DECKLE_SECRET_KEY: a command line is no place for a secret.
#[derive(Args)]
#[command(after_help = "Examples:
  deckle sign --operations w_800,f_webp --source images.example.com/photo.jpg
  deckle sign --project shop --operations s_400x400 --source images.example.com/a.png --expires-in 30d \\
      --base-url https://img.example.com --key pk_… --secret-file secret.txt")]
pub struct Sign {
    /// The project in the URL
    #[arg(long, value_name = "SLUG")]
    project: Option<String>,
    /// What to do with the picture, for example w_800,f_webp; `_` for nothing
    #[arg(long, default_value = "_")]
    operations: String,
    /// Host and path of the original, for example images.example.com/photo.jpg
    #[arg(long, value_name = "HOST/PATH")]
    source: String,
    /// The URL stops working after this time [default: 1h]
    #[arg(long, value_name = "1h", value_parser = duration)]
    expires_in: Option<u64>,
    /// Or at this time, in Unix seconds
    #[arg(long, value_name = "UNIX", conflicts_with = "expires_in", value_parser = clap::value_parser!(u64).range(..=9_999_999_999))]
    expires_at: Option<u64>,
    /// Or never
    #[arg(long, conflicts_with_all = ["expires_in", "expires_at"])]
    no_expiry: bool,
    /// Where the server is, as its clients reach it
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The public key that signs
    #[arg(long, value_name = "pk_…")]
    key: Option<String>,
    /// A file with the key's secret
    #[arg(long, value_name = "FILE", requires = "key")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl Sign {
    pub fn run(self) -> Result<ExitCode> {
        let demo = if self.place.data.exists() {
            DataFolder::open(&self.place.data)?.demo()
        } else {
            None
        };
        let (public, secret) = self.signer(demo.as_ref())?;
        let project = self
            .project
            .clone()
            .or_else(|| demo.as_ref().map(|demo| demo.project.clone()));
        let project = project.context("--project is missing: which project's key signs?")?;
        let base = self
            .base_url
            .clone()
            .or_else(|| demo.as_ref().map(|demo| demo.url.clone()));
        let base = base.context("--base-url is missing: where is the server, for example https://img.example.com?")?;
        if self.source.starts_with('/') || self.source.is_empty() {
            bail!("--source is host and path, for example images.example.com/photo.jpg");
        }
        let exp = match (self.expires_at, self.no_expiry) {
            (Some(at), _) => Some(at),
            (None, true) => None,
            (None, false) => Some(now().saturating_add(self.expires_in.unwrap_or(3600))),
        };
        let path = signed_path(&project, &self.operations, &self.source, &public, &secret, exp);
        let url = format!("{}{path}", base.trim_end_matches('/'));
        if self.json {
            print(&json!({ "url": url, "expires_at": exp.map(rfc3339), "public_key": public }).to_string())?;
        } else {
            print(&url)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The key that signs, and its secret.
    fn signer(&self, demo: Option<&DemoFile>) -> Result<(String, SecretText)> {
        let Some(key) = &self.key else {
            let demo = demo.with_context(|| {
                format!(
                    "{} has no demo: give --key and --secret-file, or --data",
                    self.place.data.display()
                )
            })?;
            return Ok((demo.public_key.clone(), SecretText::new(demo.secret_key.clone())));
        };
        let public = PublicKey::parse(key).with_context(|| format!("`{key}` is no public key: they start with pk_"))?;
        let secret = match (&self.secret_file, std::env::var("DECKLE_SECRET_KEY")) {
            (Some(file), _) => {
                std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?
            }
            (None, Ok(secret)) => secret,
            (None, Err(_)) => {
                match demo.and_then(|demo| demo.clients.iter().find(|client| client.public_key == *key)) {
                    Some(client) => client.secret_key.clone(),
                    None => bail!("the secret of {key} is missing: give --secret-file FILE or set DECKLE_SECRET_KEY"),
                }
            }
        };
        // Files end with a newline; secrets do not.
        Ok((public.as_str().to_owned(), SecretText::new(secret.trim().to_owned())))
    }
}
