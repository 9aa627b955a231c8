//! The way from an original to a delivered picture, step by step.

use operations::{Colour, Operations};
use watermark::Marks;

use crate::plan::Plan;
use crate::raster::{Layout, Raster};
use crate::{Budget, Error, OutputFormat, colour, encode, greyscale, pad, resize, source};

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
    let background = operations.background.unwrap_or(Colour::BLACK);
    let alpha = format.has_alpha();

    // Headers: what it is, what will be made of it, what that costs.
    budget.check_file(source.len())?;
    let header = source::header(source)?;
    header.check(source, budget)?;
    let plan = Plan::new(&header.probe, operations, budget)?;
    check_memory(&header, &plan, operations, format, budget)?;
    let profile = header.profile(source);

    // Geometry: the large picture is gone after the second step.
    let decoded = header.decode(source)?;
    let resized = resize::resize(decoded, &plan)?;
    let turned = plan.turn.apply(resized);

    // Colour.
    let converted = colour::to_srgb(turned, profile.as_deref());
    let flattened = if alpha {
        converted
    } else {
        colour::flatten(converted, background)
    };
    let mut picture = match plan.padding {
        Some(place) => pad::pad(flattened, plan.output, place, background, alpha),
        None => flattened,
    };
    if operations.grayscale {
        greyscale::greyscale(&mut picture);
    }

    // Marks: after everything that moves or changes pixels.
    let (width, height) = (picture.width, picture.height);
    paint(&mut picture, marks);
    let bytes = encode::encode(picture, format, operations.quality, &marks.fragile)?;
    Ok(Rendition {
        bytes,
        format,
        width,
        height,
    })
}

/// Holds the most demanding moment against the budget: decoding, resizing with the decoded picture still there, or the
/// copies of the output while it is coloured, padded and encoded.
fn check_memory(
    header: &source::Header,
    plan: &Plan,
    operations: &Operations,
    format: OutputFormat,
    budget: &Budget,
) -> Result<(), Error> {
    let decoded = header.pixel_bytes();
    budget.check_working(decoded.saturating_add(resize::scratch(plan, header.layout)))?;
    let transparent = header.layout.has_alpha() || (format.has_alpha() && plan.padding.is_some());
    let layout = if transparent { Layout::Rgba } else { Layout::Rgb };
    let picture = layout.bytes(plan.output.0, plan.output.1);
    let encoding = picture.saturating_add(encode::scratch(format, operations.quality, layout, plan.output));
    budget.check_working(picture.saturating_mul(2).max(encoding))
}

fn paint(picture: &mut Raster, marks: &Marks) {
    let (width, height) = (picture.width, picture.height);
    match picture.layout {
        Layout::Rgba => marks.overlay.paint_rgba(&mut picture.samples, width, height),
        _ => marks.overlay.paint_rgb(&mut picture.samples, width, height),
    }
}
