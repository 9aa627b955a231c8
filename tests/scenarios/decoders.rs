//! A marked picture is an ordinary file: the decoders that the world uses show the same pixels, whoever it was marked for.
//!
//! Pillow brings libjpeg-turbo, libwebp and libpng; Chromium decodes with its own copies of the first two and with a PNG decoder of its own;
//! the `image` crate brings zune-jpeg, image-webp and png.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use deckle_tests::{Browser, Deckle, Key, get, repository};
use std::path::Path;
use std::process::Command;

const ORIGINAL: &str = "roman-colosseum.jpg";

/// Width, height, and samples in RGB.
#[derive(PartialEq)]
struct Pixels(u32, u32, Vec<u8>);

impl Pixels {
    /// The largest and the mean absolute difference of two samples.
    fn difference(&self, other: &Self) -> Result<(u8, f64)> {
        ensure!(
            (self.0, self.1) == (other.0, other.1),
            "{}x{} and {}x{}",
            self.0,
            self.1,
            other.0,
            other.1
        );
        let differences = || self.2.iter().zip(&other.2).map(|(one, other)| one.abs_diff(*other));
        let sum: u64 = differences().map(u64::from).sum();
        Ok((differences().max().unwrap_or(0), sum as f64 / self.2.len() as f64))
    }
}

fn in_rust(file: &[u8]) -> Result<Pixels> {
    let picture = image::load_from_memory(file)?.into_rgb8();
    Ok(Pixels(picture.width(), picture.height(), picture.into_raw()))
}

/// A warning is an error here: libjpeg, for one, only warns of a damaged stream.
const PILLOW: &str = "
import sys, warnings
from PIL import Image
warnings.simplefilter('error')
with Image.open(sys.argv[1]) as picture:
    pixels = picture.convert('RGB')
sys.stdout.buffer.write(b'%d %d\\n' % pixels.size + pixels.tobytes())
";

fn in_pillow(path: &Path) -> Result<Pixels> {
    let python = repository().join("target/tools/python/bin/python");
    let output = Command::new(python).args(["-c", PILLOW]).arg(path).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    ensure!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let end = output
        .stdout
        .iter()
        .position(|byte| *byte == b'\n')
        .context("no size")?;
    let (size, pixels) = output.stdout.split_at(end);
    let (width, height) = std::str::from_utf8(size)?.split_once(' ').context("no height")?;
    Ok(Pixels(width.parse()?, height.parse()?, pixels[1..].to_vec()))
}

fn in_chromium(browser: &mut Browser, media_type: &str, file: &[u8]) -> Result<Pixels> {
    let url = format!("data:{media_type};base64,{}", BASE64.encode(file));
    let found = browser.evaluate(&format!(
        "(async () => {{
            const blob = await (await fetch('{url}')).blob();
            const picture = await createImageBitmap(blob, {{colorSpaceConversion: 'none', premultiplyAlpha: 'none'}});
            const canvas = new OffscreenCanvas(picture.width, picture.height);
            const context = canvas.getContext('2d', {{willReadFrequently: true}});
            context.drawImage(picture, 0, 0);
            const data = context.getImageData(0, 0, picture.width, picture.height).data;
            let text = '';
            for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
            return [picture.width, picture.height, btoa(text)];
        }})()"
    ))?;
    let side = |place: usize| -> Result<u32> { Ok(u32::try_from(found[place].as_u64().context("no side")?)?) };
    let rgba = BASE64.decode(found[2].as_str().context("no pixels")?)?;
    let rgb = rgba.chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
    Ok(Pixels(side(0)?, side(1)?, rgb))
}

#[test]
fn marked_files_decode_alike_everywhere() -> Result<()> {
    let deckle = Deckle::demo()?;
    let folder = tempfile::tempdir()?;
    let mut browser = Browser::start()?;
    let mut keys = vec![deckle.key()?];
    for client in ["client_north", "client_south"] {
        keys.push(Key::of(&deckle.run(&[
            "key",
            "create",
            "--project",
            "demo",
            "--client",
            client,
        ])?)?);
    }
    // How far decoders are apart: in JPEG, the inverse transform and the interpolation of colours are not prescribed to the last bit.
    for (operations, media_type, largest, mean) in [
        ("w_800,f_jpeg", "image/jpeg", 4, 0.2),
        ("w_800,f_jpeg,q_95", "image/jpeg", 4, 0.2),
        ("w_800,f_jpeg,progressive", "image/jpeg", 4, 0.2),
        ("w_799,f_jpeg,q_95,progressive", "image/jpeg", 4, 0.2),
        ("w_800,f_webp", "image/webp", 0, 0.0),
        ("w_800,f_webp,q_100", "image/webp", 0, 0.0),
        ("w_800,f_png", "image/png", 0, 0.0),
    ] {
        let mut files = Vec::new();
        for key in &keys {
            let reply = get(&deckle.url(&key.sign(operations, &deckle.source(ORIGINAL), None)))?;
            ensure!(
                reply.status == 200,
                "{operations}: {}",
                String::from_utf8_lossy(&reply.body)
            );
            assert_eq!(reply.header("content-type"), Some(media_type), "{operations}");
            let path = folder.path().join("marked");
            std::fs::write(&path, &reply.body)?;
            let pillow = in_pillow(&path).with_context(|| operations.to_owned())?;
            let chromium = in_chromium(&mut browser, media_type, &reply.body).with_context(|| operations.to_owned())?;
            let rust = in_rust(&reply.body).with_context(|| operations.to_owned())?;
            assert_eq!(
                pillow.difference(&chromium)?,
                (0, 0.0),
                "{operations}: Pillow and Chromium"
            );
            let (worst, average) = pillow.difference(&rust)?;
            ensure!(
                worst <= largest && average <= mean,
                "{operations}: libjpeg-turbo, libwebp or libpng and Rust are {worst} apart, {average} on average"
            );
            files.push(reply.body);
        }
        assert!(
            files[0] != files[1] && files[1] != files[2] && files[0] != files[2],
            "{operations}: one file for two clients"
        );
    }
    Ok(())
}
