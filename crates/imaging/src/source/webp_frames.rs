//! The frames of an animated WebP (RFC 9649 section 2.7.1.1).

use super::canvas::{Area, Canvas, Disposal};
use super::webp;
use super::webp_header::chunk;
use crate::raster::Raster;
use crate::{Budget, Error};

/// Frames that are still to be shown.
pub(crate) struct Frames<'a> {
    rest: &'a [u8],
    budget: &'a Budget,
}

/// A frame as it is stored.
pub(crate) struct Stored<'a> {
    pub area: Area,
    pub duration: u32,
    disposal: Disposal,
    blend: bool,
    /// Its chunks: alpha, if it has that by itself, and the bitstream.
    chunks: &'a [u8],
}

impl<'a> Frames<'a> {
    pub fn new(file: &'a [u8], budget: &'a Budget) -> Self {
        Self {
            rest: file.get(12..).unwrap_or_default(),
            budget,
        }
    }

    /// Shows the next frame and says for how long, in milliseconds.
    pub fn show(&mut self, canvas: &mut Canvas) -> Result<Option<u32>, Error> {
        let Some(stored) = self.stored() else { return Ok(None) };
        let stored = stored?;
        let frame = stored.decode(self.budget)?;
        let colours = frame.samples.as_chunks::<3>().0;
        let pixels = frame.samples.as_chunks::<4>().0;
        canvas.show(stored.area, stored.disposal, stored.blend, |at| {
            if frame.layout.has_alpha() {
                pixels.get(at).copied().unwrap_or_default()
            } else {
                let [red, green, blue] = colours.get(at).copied().unwrap_or_default();
                [red, green, blue, 255]
            }
        });
        Ok(Some(stored.duration))
    }

    /// The next frame's header.
    pub fn stored(&mut self) -> Option<Result<Stored<'a>, Error>> {
        while let Some((name, body)) = chunk(&mut self.rest) {
            if &name == b"ANMF" {
                return Some(Stored::read(body).ok_or(Error::Malformed));
            }
        }
        None
    }
}

impl<'a> Stored<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        let (fields, chunks) = body.split_first_chunk::<16>()?;
        let number = |at: usize| {
            let [low, middle, high] = *fields.get(at..)?.first_chunk::<3>()?;
            Some(u32::from_le_bytes([low, middle, high, 0]))
        };
        let flags = fields[15];
        Some(Self {
            area: Area {
                left: number(0)? * 2,
                top: number(3)? * 2,
                width: number(6)? + 1,
                height: number(9)? + 1,
            },
            duration: number(12)?,
            disposal: if flags & 1 == 1 {
                Disposal::Clear
            } else {
                Disposal::Keep
            },
            blend: flags & 2 == 0,
            chunks,
        })
    }

    /// The frame as a file of its own.
    pub fn file(&self) -> Option<Vec<u8>> {
        let (mut rest, mut alpha) = (self.chunks, None);
        let (name, body) = loop {
            match chunk(&mut rest)? {
                (name, body) if &name == b"ALPH" => alpha = alpha.or(Some((name, body))),
                (name, body) if matches!(&name, b"VP8 " | b"VP8L") => break (name, body),
                _ => {}
            }
        };
        let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
        if let Some((alpha_name, alpha)) = alpha.filter(|_| &name == b"VP8 ") {
            let [w0, w1, w2, _] = (self.area.width - 1).to_le_bytes();
            let [h0, h1, h2, _] = (self.area.height - 1).to_le_bytes();
            put(&mut file, *b"VP8X", &[0x10, 0, 0, 0, w0, w1, w2, h0, h1, h2])?;
            put(&mut file, alpha_name, alpha)?;
        }
        put(&mut file, name, body)?;
        let length = u32::try_from(file.len() - 8).ok()?.to_le_bytes();
        file.get_mut(4..8)?.copy_from_slice(&length);
        Some(file)
    }

    /// Its pixels. What the bitstream says is held to the frame's area and the budget like any picture.
    fn decode(&self, budget: &Budget) -> Result<Raster, Error> {
        let file = self.file().ok_or(Error::Malformed)?;
        let header = webp::header(&file)?;
        if (header.probe.width, header.probe.height) != (self.area.width, self.area.height) {
            return Err(Error::Malformed);
        }
        header.check(&file, ::jpeg::Scale::Full, budget)?;
        header.decode(&file)
    }
}

/// Appends a chunk.
pub(crate) fn put(file: &mut Vec<u8>, name: [u8; 4], body: &[u8]) -> Option<()> {
    file.extend_from_slice(&name);
    file.extend_from_slice(&u32::try_from(body.len()).ok()?.to_le_bytes());
    file.extend_from_slice(body);
    file.resize(file.len() + body.len() % 2, 0);
    Some(())
}
