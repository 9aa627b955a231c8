use super::URL_LIFETIME;
use super::difference::{AMPLIFIED, Difference, difference};
use super::pictures::Pictures;
use crate::clock::now;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

/// The photograph as the page shows it; the difference is made of exactly these bytes.
const OPERATIONS: &str = "w_800,f_png";
const WIDTH: &str = "w_800";
/// More of what operations do.
const GALLERY: [(&str, &str); 4] = [
    ("A square, cropped to fill", "s_400x400,fit_cover,f_jpeg"),
    ("A quarter turn", "h_400,rotate_90,f_jpeg"),
    ("Grey and mirrored, as WebP", "w_400,grayscale,flop,f_webp"),
    ("The smallest file, as WebP", "w_400,q_50,f_webp"),
];

/// What the page shows, made by really rendering and really tracing.
pub struct State {
    /// `/demo/state.json`.
    pub json: String,
    /// `/demo/difference.png`.
    pub difference: Option<Bytes>,
}

impl State {
    pub async fn make(pictures: &Pictures) -> Result<Self> {
        let names = pictures.names();
        let (photo, others) = names
            .split_first()
            .context("the originals folder holds no JPEG, PNG or WebP")?;
        let (now, exp) = (now(), now() + URL_LIFETIME);
        let url = |client, operations: &str| pictures.signed(client, operations, photo, exp);

        let (mut clients, mut copies, mut traces) = (Vec::new(), Vec::new(), Vec::new());
        for client in &pictures.file.clients {
            let formats = [("PNG", "f_png"), ("JPEG", "f_jpeg"), ("WebP", "f_webp")];
            let urls = formats.map(|(_, format)| url(client, &format!("{WIDTH},{format}")));
            for ((format, _), url) in formats.iter().zip(&urls) {
                let (status, copy) = pictures.fetch(url).await?;
                if status != StatusCode::OK {
                    traces.push(json!({ "of": format!("{format} for {}", client.client_id), "file": null, "marked": false, "status": status.as_u16() }));
                    continue;
                }
                let file = format!("{}.{}", client.client_id, format.to_lowercase());
                traces.push(
                    trace(
                        pictures,
                        format!("{format} for {}", client.client_id),
                        file,
                        copy.clone(),
                    )
                    .await?,
                );
                if *format == "PNG" {
                    copies.push(copy);
                }
            }
            let [png, jpeg, webp] = urls;
            clients.push(json!({
                "client_id": client.client_id, "public_key": client.public_key,
                "image_url": png, "jpeg_url": jpeg, "webp_url": webp,
            }));
        }
        traces.push(
            trace(
                pictures,
                "the original".to_owned(),
                photo.clone(),
                pictures.original(photo).await?,
            )
            .await?,
        );

        let found = match copies.as_slice() {
            [one, two] => Some(difference(one, two)?),
            _ => None,
        };
        let client = pictures.file.clients.first().context("the demo has no client")?;
        let expired = pictures.signed(client, OPERATIONS, photo, now.saturating_sub(3600));
        let tampered = url(client, OPERATIONS).replacen("w_800", "w_900", 1);
        let state = json!({
            "project": pictures.file.project,
            "catalogue": !pictures.file.api_clients.is_empty(),
            "photo": { "name": photo, "source": pictures.source(photo), "others": others },
            "operations": OPERATIONS,
            "clients": clients,
            "gallery": GALLERY.map(|(title, operations)| json!({
                "title": title, "operations": operations, "image_url": url(client, operations),
            })),
            "difference_url": "/demo/difference.png",
            "difference": found.as_ref().map(|found| json!({
                "amplified": AMPLIFIED, "changed_pixels": found.changed, "width": found.width, "height": found.height,
            })),
            "expired": refusal(pictures, &expired).await?,
            "expired_url": expired,
            "tampered": refusal(pictures, &tampered).await?,
            "tampered_url": tampered,
            "traces": traces,
        });
        Ok(Self {
            json: state.to_string(),
            difference: found.map(|Difference { png, .. }| png.into()),
        })
    }
}

async fn trace(pictures: &Pictures, of: String, file: String, copy: Bytes) -> Result<Value> {
    let mut line = crate::trace::line(&file, pictures.trace(copy).await?.as_ref());
    if let Some(members) = line.as_object_mut() {
        members.insert("of".to_owned(), of.into());
    }
    Ok(line)
}

/// How a URL that must not work is answered.
async fn refusal(pictures: &Pictures, url: &str) -> Result<Value> {
    let (status, body) = pictures.fetch(url).await?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    Ok(json!({ "status": status.as_u16(), "error": body["error"] }))
}
