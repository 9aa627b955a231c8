use crate::Error;
use hmac::{Hmac, KeyInit, Mac};
use secret::SecretText;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// An access key: a public id and its secret.
#[derive(Debug, Clone)]
pub struct Credentials {
    id: String,
    secret: SecretText,
}

impl Credentials {
    /// Checks the forms. The id stands in a header, so it has no separators.
    pub fn new(id: &str, secret: SecretText) -> Result<Self, Error> {
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        let visible = secret.expose().bytes().all(|b| b.is_ascii_graphic());
        if !plain || !visible || !(1..=128).contains(&id.len()) || !(1..=256).contains(&secret.expose().len()) {
            return Err(Error::Credentials);
        }
        Ok(Self {
            id: id.to_owned(),
            secret,
        })
    }
}

/// SHA-256 of the empty body of a GET.
pub const EMPTY_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The `Authorization` header of a GET without query and body (Amazon S3 API Reference, "Signature calculations for the
/// authorization header").
///
/// `path` is encoded as it stands in the request line; `headers` are sorted, in lower case and without outer spaces; `date`
/// is that of [`crate::date::amz_date`].
pub fn authorization(
    credentials: &Credentials,
    region: &str,
    date: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> String {
    let day = date.get(..8).unwrap_or(date);
    let scope = format!("{day}/{region}/s3/aws4_request");
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let values: String = headers
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let canonical = format!("GET\n{path}\n\n{values}\n{names}\n{EMPTY_BODY}");
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));

    let first = Zeroizing::new(format!("AWS4{}", credentials.secret.expose()));
    let key = [day, region, "s3", "aws4_request"]
        .iter()
        .fold(Zeroizing::new(first.as_bytes().to_vec()), |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &to_sign));
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={signature}",
        credentials.id
    )
}

fn mac(key: &[u8], text: &str) -> Zeroizing<Vec<u8>> {
    // HMAC takes keys of any length, so this cannot fail.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(text).finalize().into_bytes());
    Zeroizing::new(mac.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "GET Object" of the S3 API Reference's examples for the authorization header, byte for byte.
    #[test]
    fn the_documented_example() {
        let secret = SecretText::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into());
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", secret).unwrap();
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("range", "bytes=0-9"),
            ("x-amz-content-sha256", EMPTY_BODY),
            ("x-amz-date", "20130524T000000Z"),
        ];
        assert_eq!(
            authorization(&credentials, "us-east-1", "20130524T000000Z", "/test.txt", &headers),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
             Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        assert!(!format!("{credentials:?}").contains("wJalr"));
    }

    #[test]
    fn credentials_that_would_break_a_header_are_none() {
        let new = |id: &str, secret: &str| Credentials::new(id, SecretText::new(secret.into())).map(drop);
        assert_eq!(new("AK", "secret"), Ok(()));
        for (id, secret) in [
            ("", "s"),
            ("a/b", "s"),
            ("a,b", "s"),
            ("a\r\nb", "s"),
            ("AK", ""),
            ("AK", "a b"),
            ("AK", "a\n"),
        ] {
            assert_eq!(new(id, secret), Err(Error::Credentials), "{id:?}");
        }
    }
}
