//! The way from an original to a delivered picture, step by step.

use jpeg::{Colours, Sampling, Scale};
use operations::{Colour, Operations};
use watermark::Marks;

use crate::colour::Conversion;
use crate::plan::Plan;
use crate::planar::Planar;
use crate::raster::{Layout, Raster};
use crate::{Budget, Error, OutputFormat, SourceFormat, colour, encode, greyscale, pad, planar, resize, source};

/// Most planes of a JPEG: CMYK's.
const MAX_PLANES: u64 = 4;

/// A delivered picture: rendered, marked visibly and invisibly, encoded. Only [`render`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    bytes: Vec<u8>,
    format: OutputFormat,
    width: u32,
    height: u32,
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
    // Headers: what it is, what will be made of it, what that costs.
    budget.check_file(source.len())?;
    let header = source::header(source)?;
    let plan = Plan::new(&header.probe, operations, budget)?;
    let scale = planar::scale(&plan);
    header.check(source, scale, budget)?;
    let conversion = header
        .profile(source)
        .and_then(|profile| Conversion::new(&profile, header.layout));
    let job = Job {
        header,
        plan,
        scale,
        conversion,
        operations,
        format,
        marks,
        budget,
    };
    let bytes = match job.header.probe.format {
        SourceFormat::Jpeg => job.by_planes(source),
        _ => job.by_pixels(source),
    }?;
    let (width, height) = job.plan.output;
    Ok(Rendition {
        bytes,
        format,
        width,
        height,
    })
}

/// A picture to be made, as far as headers say.
struct Job<'a> {
    header: source::Header,
    plan: Plan,
    /// What a JPEG is decoded at.
    scale: Scale,
    conversion: Option<Conversion>,
    operations: &'a Operations,
    format: OutputFormat,
    marks: &'a Marks,
    budget: &'a Budget,
}

impl Job<'_> {
    /// The way of a JPEG: its planes are resized, and stay planes if nothing wants pixels.
    fn by_planes(&self, source: &[u8]) -> Result<Vec<u8>, Error> {
        let sampling = self.sampling();
        self.check_memory(source, sampling)?;
        let decoded = self.header.planes(source, self.scale, self.budget)?;
        let colours = decoded.colours;
        let kept = sampling.filter(|_| matches!(colours, Colours::Grey | Colours::YCbCr));
        // What is laid on a canvas is subsampled with it, so that the grid of chroma is the canvas's.
        let padding = self.plan.padding;
        let wanted = kept.filter(|_| padding.is_none()).unwrap_or(Sampling::Yuv444);
        let planes = planar::resize(decoded, self.scale, &self.plan, wanted)?;
        let sides = self.plan.turn.sides(self.plan.scaled);
        let Some(sampling) = kept else {
            self.check_memory(source, None)?;
            let raster = planar::into_raster(&planes, colours, sides).ok_or(Error::Malformed)?;
            drop(planes);
            return self.finish(raster);
        };
        let mut picture = Planar::new(planes, wanted, sides).ok_or(Error::Malformed)?;
        if let Some(place) = padding {
            picture = picture.padded(self.plan.output, place, self.background());
        }
        if sampling == Sampling::Yuv420 {
            picture = picture.subsampled();
        }
        picture.paint(&self.marks.overlay);
        encode::encode_planes(&picture, self.format, self.operations.quality, &self.marks.fragile)
    }

    /// The way of everything else.
    fn by_pixels(&self, source: &[u8]) -> Result<Vec<u8>, Error> {
        self.check_memory(source, None)?;
        // The large picture is gone after the second step.
        let decoded = self.header.decode(source)?;
        let resized = resize::resize(decoded, &self.plan)?;
        self.finish(self.plan.turn.apply(resized))
    }

    /// The sampling of the output's planes, if the whole way can go through planes: neither the format nor a step needs red,
    /// green and blue.
    fn sampling(&self) -> Option<Sampling> {
        let pixels = self.operations.grayscale || self.conversion.is_some();
        encode::sampling(self.format, self.operations.quality, self.plan.output).filter(|_| !pixels)
    }

    /// What is done with red, green and blue at the picture's final size: colour, then marks, after everything that moves or
    /// changes pixels.
    fn finish(&self, raster: Raster) -> Result<Vec<u8>, Error> {
        let (alpha, background) = (self.format.has_alpha(), self.background());
        let converted = colour::to_srgb(raster, self.conversion.as_ref());
        let flattened = if alpha {
            converted
        } else {
            colour::flatten(converted, background)
        };
        let mut picture = match self.plan.padding {
            Some(place) => pad::pad(flattened, self.plan.output, place, background, alpha),
            None => flattened,
        };
        if self.operations.grayscale {
            greyscale::greyscale(&mut picture);
        }
        paint(&mut picture, self.marks);
        encode::encode(picture, self.format, self.operations.quality, &self.marks.fragile)
    }

    fn background(&self) -> Colour {
        self.operations.background.unwrap_or(Colour::BLACK)
    }

    /// Holds the most demanding moment against the budget: decoding, resizing with the decoded picture still there, or the
    /// copies of the output while it is coloured, padded and encoded.
    fn check_memory(&self, source: &[u8], sampling: Option<Sampling>) -> Result<(), Error> {
        let (header, plan) = (&self.header, &self.plan);
        let resizing = match header.probe.format {
            SourceFormat::Jpeg => planar::scratch(plan, self.scale, MAX_PLANES),
            _ => resize::scratch(plan, header.layout),
        };
        let decoded = header.decoded_bytes(source, self.scale);
        self.budget.check_working(decoded.saturating_add(resizing))?;
        let transparent = header.layout.has_alpha() || (self.format.has_alpha() && plan.padding.is_some());
        let layout = if transparent { Layout::Rgba } else { Layout::Rgb };
        let picture = layout.bytes(plan.output.0, plan.output.1);
        let scratch = encode::scratch(self.format, self.operations.quality, layout, plan.output);
        let copies = match sampling {
            // Planes are not copied, but for those of chroma that are halved.
            Some(_) => picture,
            None => picture.saturating_mul(2),
        };
        self.budget.check_working(copies.max(picture.saturating_add(scratch)))
    }
}

fn paint(picture: &mut Raster, marks: &Marks) {
    let (width, height) = (picture.width, picture.height);
    match picture.layout {
        Layout::Rgba => marks.overlay.paint_rgba(&mut picture.samples, width, height),
        _ => marks.overlay.paint_rgb(&mut picture.samples, width, height),
    }
}
