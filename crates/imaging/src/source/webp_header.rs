//! A WebP file's chunks (RFC 9649 sections 2.3 to 2.7).

use crate::Error;

/// What the chunks say.
#[derive(Debug, Clone, Default)]
pub(crate) struct WebPHeader<'a> {
    pub width: u32,
    pub height: u32,
    pub alpha: bool,
    pub lossless: bool,
    pub animated: bool,
    /// Frames of an animation.
    pub frames: u32,
    /// How often an animation is shown; 0 is without end.
    pub plays: u16,
    pub exif: Option<&'a [u8]>,
    pub profile: Option<&'a [u8]>,
    /// What a lossless decoder will read: the picture, or its alpha channel.
    pub prefix_coded: Option<PrefixCoded<'a>>,
    /// Whether `VP8X` has set the canvas.
    extended: bool,
    /// Whether a bitstream has been seen.
    coded: bool,
}

/// A lossless bitstream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PrefixCoded<'a> {
    pub stream: &'a [u8],
    /// Whether it starts with the picture's header.
    pub headed: bool,
    pub width: u32,
    pub height: u32,
}

impl<'a> WebPHeader<'a> {
    /// Walks the chunks of a file that starts with `RIFF....WEBP`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if a bitstream's own size is not what the container promises: a decoder allocates by the
    /// former, a budget is checked by the latter.
    pub fn read(file: &'a [u8]) -> Result<Self, Error> {
        let mut header = Self::default();
        let mut rest = file.get(12..).ok_or(Error::Malformed)?;
        let mut alpha = None;
        while let Some((name, body)) = chunk(&mut rest) {
            header.frames = header
                .frames
                .saturating_add(u32::from(header.animated && &name == b"ANMF"));
            match &name {
                b"VP8X" if !header.coded && !header.extended => header.extend(body)?,
                b"VP8 " | b"VP8L" if !header.animated && !header.coded => {
                    let (width, height) = header.bitstream(&name, body).ok_or(Error::Malformed)?;
                    if header.extended && (width, height) != (header.width, header.height) {
                        return Err(Error::Malformed);
                    }
                    (header.width, header.height) = (width, height);
                    if !header.extended {
                        break;
                    }
                }
                // A decoder may take a frame's alpha channel for the picture's.
                b"ANMF" if !header.animated => return Err(Error::Malformed),
                b"ALPH" if alpha.is_none() => alpha = Some(body),
                b"ANMF" if header.animated && !header.coded => header.frame(body).ok_or(Error::Malformed)?,
                b"ANIM" => {
                    let plays = body.get(4..).and_then(|rest| rest.first_chunk());
                    header.plays = plays.map_or(0, |plays| u16::from_le_bytes(*plays));
                }
                b"EXIF" if header.exif.is_none() => header.exif = Some(body),
                b"ICCP" if header.profile.is_none() => header.profile = Some(body),
                _ => {}
            }
        }
        if header.alpha && !header.animated && header.prefix_coded.is_none() {
            header.prefix_coded = alpha.and_then(|body| alpha_channel(body, header.width, header.height));
        }
        if header.coded {
            Ok(header)
        } else {
            Err(Error::Malformed)
        }
    }

    /// `VP8X`: flags, three reserved bytes, canvas sides minus one in 24 bits each.
    fn extend(&mut self, body: &[u8]) -> Result<(), Error> {
        let [flags, _, _, _, w0, w1, w2, h0, h1, h2, ..] = body else {
            return Err(Error::Malformed);
        };
        self.extended = true;
        self.alpha = flags & 0x10 != 0;
        self.animated = flags & 0x02 != 0;
        self.width = u32::from_le_bytes([*w0, *w1, *w2, 0]) + 1;
        self.height = u32::from_le_bytes([*h0, *h1, *h2, 0]) + 1;
        Ok(())
    }

    /// `ANMF`: offsets and sides of the first frame, then its chunks. The frame lies inside the canvas and its bitstream
    /// has the frame's size.
    fn frame(&mut self, body: &'a [u8]) -> Option<()> {
        let number = |at: usize| {
            Some(u32::from_le_bytes([
                *body.get(at)?,
                *body.get(at + 1)?,
                *body.get(at + 2)?,
                0,
            ]))
        };
        let (left, top) = (number(0)? * 2, number(3)? * 2);
        let (width, height) = (number(6)? + 1, number(9)? + 1);
        let mut rest = body.get(16..)?;
        let mut alpha = None;
        while let Some((name, body)) = chunk(&mut rest) {
            if &name == b"ALPH" && alpha.is_none() {
                alpha = Some(body);
            }
            if matches!(&name, b"VP8 " | b"VP8L") {
                let sides = self.bitstream(&name, body)?;
                if self.prefix_coded.is_none() {
                    self.prefix_coded = alpha.and_then(|body| alpha_channel(body, width, height));
                }
                let inside = left + width <= self.width && top + height <= self.height;
                return (sides == (width, height) && inside).then_some(());
            }
        }
        None
    }

    /// The sides that a bitstream's own header gives.
    fn bitstream(&mut self, name: &[u8; 4], body: &'a [u8]) -> Option<(u32, u32)> {
        self.coded = true;
        if name == b"VP8L" {
            // RFC 9649 section 3.4: signature, 14 bits each of width and height minus one, alpha, version.
            let [0x2F, b0, b1, b2, b3, ..] = *body else { return None };
            let bits = u32::from_le_bytes([b0, b1, b2, b3]);
            self.lossless = true;
            if !self.extended {
                self.alpha = bits >> 28 & 1 == 1;
            }
            let (width, height) = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
            self.prefix_coded = Some(PrefixCoded {
                stream: body,
                headed: true,
                width,
                height,
            });
            return Some((width, height));
        }
        // RFC 6386 section 9.1: frame tag, start code, 14 bits each of width and height with two bits of scaling.
        let [_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..] = *body else {
            return None;
        };
        let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
        Some((side(w0, w1), side(h0, h1)))
    }
}

/// An alpha channel (RFC 9649 section 2.7.1.2) that is compressed.
fn alpha_channel(body: &[u8], width: u32, height: u32) -> Option<PrefixCoded<'_>> {
    let (flags, stream) = body.split_first()?;
    (flags & 3 == 1).then_some(PrefixCoded {
        stream,
        headed: false,
        width,
        height,
    })
}

/// The next chunk's name and body; a body that the file cuts short ends the walk.
pub(crate) fn chunk<'a>(rest: &mut &'a [u8]) -> Option<([u8; 4], &'a [u8])> {
    let name = *rest.first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*rest.get(4..)?.first_chunk::<4>()?)).ok()?;
    let body = rest.get(8..)?.get(..length)?;
    // Chunks are padded to even lengths; the last one's padding may be missing.
    *rest = rest.get(8 + length + length % 2..).unwrap_or_default();
    Some((name, body))
}
