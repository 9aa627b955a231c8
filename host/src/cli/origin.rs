use crate::data::master_key;
use crate::records::random;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use identity::{BucketStyle, OriginRecord, ProjectRecord};
use netaddr::Source;
use objectstore::{Bucket, Credentials, Style};
use secret::{NONCE_LENGTH, Purpose, Sealed, SecretText};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where a project's originals are.
#[derive(Args)]
pub struct Origins {
    /// Where originals are: sources name it as @NAME/path; the host must be one that the deployment allows
    #[arg(long, value_name = "NAME=https://HOST", value_parser = web)]
    origin: Vec<(String, String)>,
    /// An S3-compatible bucket as an origin; the access key comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
    #[arg(long, value_name = "NAME", value_parser = name, requires = "endpoint", requires = "region", requires = "bucket")]
    s3: Option<String>,
    /// The object store
    #[arg(long, value_name = "https://HOST", value_parser = base, requires = "s3")]
    endpoint: Option<String>,
    /// The region that requests are signed for
    #[arg(long, value_name = "REGION", requires = "s3")]
    region: Option<String>,
    /// The bucket
    #[arg(long, value_name = "BUCKET", requires = "s3")]
    bucket: Option<String>,
    /// The start of all keys, ending in a slash
    #[arg(long, value_name = "PREFIX/", requires = "s3", default_value = "")]
    prefix: String,
    /// The bucket's name stands in the host and not in the path
    #[arg(long, requires = "s3")]
    virtual_host: bool,
    /// A file with the secret access key, instead of AWS_SECRET_ACCESS_KEY
    #[arg(long, value_name = "FILE", requires = "s3")]
    secret_file: Option<PathBuf>,
    /// Forget an origin
    #[arg(long, value_name = "NAME", value_parser = name)]
    remove_origin: Vec<String>,
}

impl Origins {
    /// Changes the project's origins. `data` is the folder that may hold the master key.
    pub fn apply(self, project: &mut ProjectRecord, data: &Path) -> Result<()> {
        for name in &self.remove_origin {
            if project.origins.remove(name).is_none() {
                bail!("the project has no origin `{name}`");
            }
        }
        for (name, url) in self.origin {
            project.origins.insert(name, OriginRecord::Https { url });
        }
        let (Some(name), Some(endpoint), Some(region), Some(bucket)) =
            (self.s3, self.endpoint, self.region, self.bucket)
        else {
            return Ok(());
        };
        let access_key_id = std::env::var("AWS_ACCESS_KEY_ID").context("set AWS_ACCESS_KEY_ID")?;
        let secret = secret_key(self.secret_file.as_deref())?;
        Credentials::new(&access_key_id, secret.clone())?;
        let (style, stored) = match self.virtual_host {
            true => (Style::VirtualHost, BucketStyle::VirtualHost),
            false => (Style::Path, BucketStyle::Path),
        };
        let at = Source::parse_origin(&endpoint).context("an endpoint is scheme and host, without a path")?;
        Bucket::new(&at, &region, &bucket, style, &self.prefix)?;
        let sealing = master_key(data)?.derive(Purpose::Sealing);
        let sealed = Sealed::seal(&sealing, &project.place_of(&name), &secret, random::<NONCE_LENGTH>()?)?;
        let record = OriginRecord::S3 {
            endpoint,
            region,
            bucket,
            prefix: self.prefix,
            style: stored,
            access_key_id,
            secret: sealed.to_text(),
        };
        project.origins.insert(name, record);
        Ok(())
    }
}

/// Secrets come from the environment or a file: every user of a machine can read arguments.
fn secret_key(file: Option<&Path>) -> Result<SecretText> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?,
        None => std::env::var("AWS_SECRET_ACCESS_KEY").context("set AWS_SECRET_ACCESS_KEY, or give --secret-file")?,
    };
    Ok(SecretText::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// An origin for people and programs, without its secret.
pub fn shown(origin: &OriginRecord) -> serde_json::Value {
    match origin {
        OriginRecord::Https { url } => json!({ "url": url }),
        OriginRecord::S3 {
            endpoint,
            region,
            bucket,
            prefix,
            style,
            access_key_id,
            secret: _,
        } => json!({
            "endpoint": endpoint, "region": region, "bucket": bucket, "prefix": prefix, "style": style,
            "access_key_id": access_key_id, "secret": "[sealed]",
        }),
    }
}

/// The same in a word.
pub fn summary(name: &str, origin: &OriginRecord) -> String {
    match origin {
        OriginRecord::Https { url } => format!("@{name}={url}"),
        OriginRecord::S3 {
            endpoint,
            bucket,
            prefix,
            ..
        } => format!("@{name}={endpoint}/{bucket}/{prefix}"),
    }
}

/// An origin's name.
fn name(text: &str) -> Result<String> {
    if netaddr::is_label(text) {
        Ok(text.to_owned())
    } else {
        bail!("an origin's name is 1 to 63 lower-case letters, digits and inner hyphens")
    }
}

fn web(text: &str) -> Result<(String, String)> {
    let (origin, url) = text.split_once('=').context("write NAME=https://HOST")?;
    Ok((name(origin)?, base(url)?))
}

/// Scheme, host and perhaps a path, as the components will read it. Plain HTTP and the loopback are for development, which
/// the deployment decides.
fn base(text: &str) -> Result<String> {
    let text = text.trim_end_matches('/');
    let (scheme, rest) = text.split_once("://").context("write https://HOST")?;
    let authority = rest.split('/').next().unwrap_or_default();
    let at = Source::parse_origin(&format!("{scheme}://{authority}"))?;
    Source::parse(&format!("{text}/-"), &[at])?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_are_read_as_the_components_read_them() {
        for text in [
            "https://images.example.com",
            "https://images.example.com:8443/originals/2024",
            "http://127.0.0.1:8014",
        ] {
            assert_eq!(base(text).unwrap(), text);
        }
        assert_eq!(base("https://a.example/").unwrap(), "https://a.example");
        for text in [
            "images.example.com",
            "http://images.example.com",
            "https://*.example.com",
            "https://10.0.0.1",
            "https://u:p@a.example",
            "https://a.example/../x",
            "https://a.example//x",
            "ftp://a.example",
        ] {
            assert!(base(text).is_err(), "{text}");
        }
        assert!(web("photos=https://a.example").is_ok());
        assert!(web("Photos=https://a.example").is_err() && web("https://a.example").is_err());
    }

    #[test]
    fn nothing_that_is_shown_holds_the_secret() {
        let origin = OriginRecord::S3 {
            endpoint: "https://s3.example.com".into(),
            region: "auto".into(),
            bucket: "originals".into(),
            prefix: String::new(),
            style: BucketStyle::Path,
            access_key_id: "AK".into(),
            secret: "v1.canary.canary".into(),
        };
        assert!(!format!("{}{}", shown(&origin), summary("photos", &origin)).contains("canary"));
    }
}
