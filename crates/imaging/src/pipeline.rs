//! The way from an original to a delivered picture, step by step.

use jpeg::{Colours, Decoder, Planes, Process, Sampling, Scale};
use operations::{Colour, Operations};
use watermark::{MarkKey, Marks, Overlay};

use crate::colour::Conversion;
use crate::encode::gif::Sequencer;
use crate::encode::webp_animation;
use crate::plan::Plan;
use crate::planar::Planar;
use crate::raster::{Layout, Raster};
use crate::shape::{self, Shape};
use crate::source::animation::{Frame, Frames};
use crate::unmarked::{Picture, Unmarked};
use crate::{
    Budget, Error, OutputFormat, SourceFormat, adjust, colour, encode, greyscale, moving, pad, planar, resize, source,
};

/// Alpha that is worth being seen.
const VISIBLE: u8 = 16;
/// Most planes of a JPEG: CMYK's.
const MAX_PLANES: u64 = 4;

/// A delivered picture: rendered, marked visibly and invisibly, encoded. Only [`render`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    pub(crate) bytes: Vec<u8>,
    pub(crate) traceable: bool,
    pub(crate) format: OutputFormat,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Rendition {
    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file, taken over.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Whether it can be expected to name its client even after it was encoded again, resized or cropped. If not, only the
    /// untouched file can.
    pub fn is_traceable(&self) -> bool {
        self.traceable
    }

    /// Its format.
    pub fn format(&self) -> OutputFormat {
        self.format
    }

    /// Columns.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }
}

/// Renders an original as asked for, with both marks. No metadata of the original survives.
///
/// # Errors
/// See [`Error`]; whatever exceeds `budget` is refused from the header, before its pixels are allocated.
pub fn render(
    source: &[u8],
    operations: &Operations,
    format: OutputFormat,
    marks: &Marks,
    budget: &Budget,
) -> Result<Rendition, Error> {
    prepare(source, operations, format, &marks.overlay, &marks.key, budget)?.mark(&marks.key, &marks.payload)
}

/// Does what [`render`] does for everybody, and leaves to [`Unmarked::mark`] what it does for one client. The key decides
/// where a client's symbols will be.
///
/// # Errors
/// As [`render`].
pub fn prepare(
    source: &[u8],
    operations: &Operations,
    format: OutputFormat,
    overlay: &Overlay,
    key: &MarkKey,
    budget: &Budget,
) -> Result<Unmarked, Error> {
    let job = Job::new(source, operations, format, (overlay, key), budget)?;
    let painted = match job.header.probe.format {
        _ if job.moves => job.by_frames(source),
        SourceFormat::Jpeg => job.by_planes(source, source::jpeg::decoded(job.decoder(source)?, source)?),
        _ => job.by_pixels(source),
    }?;
    Ok(job.unmarked_of(painted))
}

/// A picture to be made, as far as headers say.
pub(crate) struct Job<'a> {
    header: source::Header,
    shape: Shape,
    /// What a JPEG is decoded at.
    scale: Scale,
    /// Whether it is about all frames of an animation.
    moves: bool,
    conversion: Option<Conversion>,
    operations: &'a Operations,
    format: OutputFormat,
    overlay: &'a Overlay,
    key: &'a MarkKey,
    /// What one frame may cost.
    budget: Budget,
}

/// A picture and its sides.
pub(crate) type Painted = (Picture, (u32, u32));

impl<'a> Job<'a> {
    /// Headers: what it is, what will be made of it, what that costs.
    pub fn new(
        source: &[u8],
        operations: &'a Operations,
        format: OutputFormat,
        (overlay, key): (&'a Overlay, &'a MarkKey),
        budget: &'a Budget,
    ) -> Result<Self, Error> {
        budget.check_file(source.len())?;
        let mut header = source::header(source)?;
        let motion = header
            .motion
            .filter(|_| moving::wanted(operations, format, &header.probe));
        if let Some(motion) = &motion {
            moving::check(operations, motion, budget)?;
            header.scratch = motion.scratch;
        }
        let shape = Shape::new(&header.probe, operations, budget)?;
        let budget = match &motion {
            Some(motion) => {
                let (width, height) = shape.sides.extended;
                let kept = u64::from(width) * u64::from(height) * encode::kept(format);
                let share = moving::share(motion, &header.probe, (width, height), kept, budget)?;
                adjust::check(shape.plan.output, operations, &share)?;
                share
            }
            None => *budget,
        };
        let scale = if shape::wants_original(operations) {
            Scale::Full
        } else {
            planar::scale(shape.first())
        };
        header.check(source, scale, &budget)?;
        let conversion = header
            .profile(source)
            .and_then(|profile| Conversion::new(&profile, header.layout));
        Ok(Self {
            header,
            shape,
            scale,
            moves: motion.is_some(),
            conversion,
            operations,
            format,
            overlay,
            key,
            budget,
        })
    }

    /// What decodes a JPEG for [`Job::by_planes`].
    pub fn decoder(&self, source: &[u8]) -> Result<Decoder, Error> {
        self.check_memory(source, self.sampling())?;
        let plan = &self.shape.plan;
        let half_chroma = self.sampling_now() == Some(Sampling::Yuv420) && planar::half_chroma(plan, self.scale);
        Ok(source::jpeg::decoder(self.scale, half_chroma, &self.budget))
    }

    /// The way of a JPEG: its planes are resized, and stay planes if nothing wants pixels. Of the source, the header is enough.
    pub fn by_planes(&self, source: &[u8], decoded: Planes) -> Result<Painted, Error> {
        let (sampling, sampling_now) = (self.sampling(), self.sampling_now());
        let plan = &self.shape.plan;
        let colours = decoded.colours;
        let kept = sampling.filter(|_| matches!(colours, Colours::Grey | Colours::YCbCr));
        let Some(sampling) = kept else {
            self.check_memory(source, None)?;
            return self.finish(self.interleaved(source, decoded)?);
        };
        let wanted = sampling_now.unwrap_or(Sampling::Yuv444);
        let planes = planar::resize(decoded, plan, wanted)?;
        let sides = plan.turn.sides(plan.scaled);
        let mut picture = Planar::new(planes, wanted, sides).ok_or(Error::Malformed)?;
        if let Some(place) = plan.padding {
            picture = picture.padded(plan.output, place, self.background());
        }
        if sampling == Sampling::Yuv420 {
            picture = picture.subsampled();
        }
        picture.paint(self.overlay);
        let sides = (picture.width, picture.height);
        let quality = encode::quality(self.operations.quality);
        let picture = match self.format {
            OutputFormat::Jpeg => Picture::Jpeg(encode::splice_planes(&picture, self.process(), quality, self.key)?),
            OutputFormat::WebPLossy => Picture::WebP(encode::splice_webp_planes(&picture, quality, self.key)?),
            OutputFormat::Png | OutputFormat::WebPLossless | OutputFormat::Gif => return Err(Error::Encode),
        };
        Ok((picture, sides))
    }

    /// The way of everything else.
    fn by_pixels(&self, source: &[u8]) -> Result<Painted, Error> {
        self.check_memory(source, None)?;
        let pixels = self.pixels(source)?;
        self.finish(pixels)
    }

    /// The way of an animation: that of everything else, for each frame.
    fn by_frames(&self, source: &[u8]) -> Result<Painted, Error> {
        self.check_memory(source, None)?;
        let motion = self.header.motion.ok_or(Error::Malformed)?;
        let sides = self.shape.sides.extended;
        let mut sequencer = Sequencer::new(sides, motion.plays)?;
        let mut frames = Vec::new();
        for frame in Frames::new(source, &self.header, &self.budget)? {
            let frame = frame?;
            let mut picture = self.unmarked(self.shaped(frame.picture)?)?;
            self.paint(&mut picture);
            if (picture.width, picture.height) != sides {
                return Err(Error::Encode);
            }
            match self.format {
                OutputFormat::Gif => sequencer.push(picture, frame.duration),
                _ => webp_animation::push(&mut frames, Frame { picture, ..frame }),
            }
        }
        let picture = match self.format {
            OutputFormat::Gif => Picture::Gif(sequencer.finish()),
            _ => Picture::Frames(frames, motion.plays),
        };
        Ok((picture, sides))
    }

    /// The pixels of a JPEG's planes, resized unless a step wants the original's.
    fn interleaved(&self, source: &[u8], decoded: Planes) -> Result<Raster, Error> {
        let colours = decoded.colours;
        let whole = shape::wants_original(self.operations).then(|| Plan::whole(&self.header.probe));
        let plan = whole.as_ref().unwrap_or(self.shape.first());
        let planes = planar::resize(decoded, plan, Sampling::Yuv444)?;
        let sides = plan.turn.sides(plan.scaled);
        planar::into_raster(&planes, colours, sides, || self.header.profile(source)).ok_or(Error::Malformed)
    }

    /// The picture that [`Job::unmarked`] starts with. What was decoded is gone once it is resized.
    pub fn pixels(&self, source: &[u8]) -> Result<Raster, Error> {
        if self.header.probe.format == SourceFormat::Jpeg {
            return self.interleaved(source, self.header.planes(source, self.scale, false, &self.budget)?);
        }
        self.shaped(self.header.decode(source)?)
    }

    /// A decoded picture in its size, unless a step wants the original's.
    fn shaped(&self, decoded: Raster) -> Result<Raster, Error> {
        if shape::wants_original(self.operations) {
            Ok(decoded)
        } else {
            self.shape.resized(decoded)
        }
    }

    /// The sampling of the output's planes, if the whole way can go through planes: neither the format nor a step needs red,
    /// green and blue.
    fn sampling(&self) -> Option<Sampling> {
        let pixels = self.operations.grayscale || self.operations.needs_pixels() || self.conversion.is_some();
        encode::sampling(self.format, self.operations.quality, self.shape.plan.output).filter(|_| !pixels)
    }

    /// The sampling that planes get as they are resized. What is laid on a canvas is subsampled with it, so that the grid of chroma
    /// is the canvas's.
    fn sampling_now(&self) -> Option<Sampling> {
        self.sampling().filter(|_| self.shape.plan.padding.is_none())
    }

    /// How a JPEG is written.
    fn process(&self) -> Process {
        if self.operations.progressive {
            Process::Progressive
        } else {
            Process::Baseline
        }
    }

    /// Marks, after everything that moves or changes pixels.
    fn finish(&self, raster: Raster) -> Result<Painted, Error> {
        let mut picture = self.unmarked(raster)?;
        let sides = (picture.width, picture.height);
        self.paint(&mut picture);
        let quality = encode::quality(self.operations.quality);
        let picture = match self.format {
            OutputFormat::Jpeg => Picture::Jpeg(encode::splice(picture, self.process(), quality, self.key)?),
            OutputFormat::WebPLossy => Picture::WebP(encode::splice_webp(&picture, quality, self.key)?),
            OutputFormat::Png => Picture::Lossless(encode::splice_png(picture)?),
            OutputFormat::WebPLossless => encode::splice_lossless_webp(picture)?,
            OutputFormat::Gif => {
                let mut sequencer = Sequencer::new(sides, 1)?;
                sequencer.push(picture, 0);
                Picture::Gif(sequencer.finish())
            }
        };
        Ok((picture, sides))
    }

    /// What is done with red, green and blue, at the picture's final size if nothing wants the original's: RGB, or RGBA if the
    /// format has alpha.
    pub fn unmarked(&self, mut raster: Raster) -> Result<Raster, Error> {
        let (operations, alpha, background) = (self.operations, self.format.has_alpha(), self.background());
        let mut shape = self.shape.clone();
        if shape::wants_original(operations) {
            (raster, shape) = shape.prepared(raster, &self.header.probe, operations, &self.budget)?;
            self.check_output(&shape, None)?;
            raster = shape.resized(raster)?;
        }
        let shaped = shape.finished(colour::to_srgb(raster, self.conversion.as_ref()), operations)?;
        let flattened = if alpha && !operations.adjustments.flatten {
            shaped
        } else {
            colour::flatten(shaped, background)
        };
        let mut picture = match shape.plan.padding {
            Some(place) => pad::pad(flattened, shape.plan.output, place, background, alpha),
            None => flattened,
        };
        if operations.grayscale {
            greyscale::greyscale(&mut picture);
        }
        let adjusted = adjust::adjust(picture, operations, shape.sides, alpha)?;
        Ok(if alpha {
            adjusted
        } else {
            colour::flatten(adjusted, background)
        })
    }

    /// Paints the visible mark. Where GIF would drop it, because it is not opaque and nothing is behind it, it becomes opaque.
    fn paint(&self, picture: &mut Raster) {
        let (width, height) = (picture.width, picture.height);
        match (picture.layout, self.format) {
            (Layout::Rgba, OutputFormat::Gif) => {
                let before = picture.channel(3);
                self.overlay.paint_rgba(&mut picture.samples, width, height);
                let pixels = picture.samples.as_chunks_mut::<4>().0.iter_mut();
                for ([.., alpha], before) in pixels.zip(before) {
                    if alpha.saturating_sub(before) >= VISIBLE {
                        *alpha = u8::MAX;
                    }
                }
            }
            (Layout::Rgba, _) => self.overlay.paint_rgba(&mut picture.samples, width, height),
            _ => self.overlay.paint_rgb(&mut picture.samples, width, height),
        }
    }

    /// What is left to do for a client.
    pub fn unmarked_of(&self, (picture, (width, height)): Painted) -> Unmarked {
        Unmarked {
            picture,
            format: self.format,
            quality: encode::quality(self.operations.quality),
            width,
            height,
        }
    }

    /// Bytes that decoding a JPEG takes, up to the last of its planes.
    pub fn decoding_bytes(&self, source: &[u8]) -> u64 {
        let decoded = self.header.decoded_bytes(source, self.scale);
        decoded.saturating_add(self.header.scratch)
    }

    fn background(&self) -> Colour {
        self.operations.background.unwrap_or(Colour::BLACK)
    }

    /// Holds the most demanding moment against the budget: decoding, resizing with the decoded picture still there, or the
    /// copies of the output while it is coloured, padded and encoded.
    fn check_memory(&self, source: &[u8], sampling: Option<Sampling>) -> Result<(), Error> {
        let (header, probe) = (&self.header, &self.header.probe);
        let first = self.shape.first();
        let beside = match probe.format {
            // Planes become pixels, and pixels have a smoothed copy while they are trimmed.
            _ if shape::wants_original(self.operations) => {
                header.layout.bytes(probe.width, probe.height).saturating_mul(2)
            }
            SourceFormat::Jpeg => planar::scratch(first, self.scale, MAX_PLANES),
            _ => resize::scratch(first, header.layout),
        };
        let decoded = header.decoded_bytes(source, self.scale);
        self.budget.check_working(decoded.saturating_add(beside))?;
        self.check_output(&self.shape, sampling)
    }

    /// The part of it that is about the output.
    fn check_output(&self, shape: &Shape, sampling: Option<Sampling>) -> Result<(), Error> {
        let output = shape.sides.extended;
        let drawn = shape.plan.padding.is_some() || self.operations.needs_pixels();
        let transparent = self.header.layout.has_alpha() || (self.format.has_alpha() && drawn);
        let layout = if transparent { Layout::Rgba } else { Layout::Rgb };
        let picture = layout.bytes(output.0, output.1);
        let scratch = encode::scratch(self.format, self.operations.quality, layout, output);
        let copies = match sampling {
            // Planes are not copied, but for those of chroma that are halved.
            Some(_) => picture,
            None => picture.saturating_mul(2),
        };
        self.budget.check_working(copies.max(picture.saturating_add(scratch)))
    }
}
