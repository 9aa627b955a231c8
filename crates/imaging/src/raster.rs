//! Pixels in memory.

/// Channels of a pixel, 8 bits each, sRGB once colour has been converted; alpha is straight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
}

/// Samples for which a decoded picture has room behind its last row.
const SPARE: usize = 32;

/// A picture: rows from the top, pixels from the left, channels interleaved, no padding. `samples` holds exactly
/// `width * height * layout.channels()` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raster {
    pub width: u32,
    pub height: u32,
    pub layout: Layout,
    pub samples: Vec<u8>,
}

impl Layout {
    pub fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    pub fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }

    /// Channels but alpha.
    pub fn colours(self) -> usize {
        self.channels() - usize::from(self.has_alpha())
    }

    /// Bytes of a picture of this layout.
    pub fn bytes(self, width: u32, height: u32) -> u64 {
        // At most 2^32 * 2^32 * 4 would not fit; sides come from headers of at most 31 bits.
        u64::from(width)
            .saturating_mul(u64::from(height))
            .saturating_mul(self.channels() as u64)
    }
}

impl Raster {
    /// A picture of zeros. The caller has held its size against the budget.
    pub fn zeros(width: u32, height: u32, layout: Layout) -> Self {
        let length = width as usize * height as usize * layout.channels();
        // Whoever reads a few samples at a time wants some more behind the last row; a copy would take twice the memory.
        let mut samples = vec![0; length + SPARE];
        samples.truncate(length);
        Self {
            width,
            height,
            layout,
            samples,
        }
    }

    /// One channel's samples.
    pub fn channel(&self, channel: usize) -> Vec<u8> {
        let samples = self.samples.iter().skip(channel);
        samples.step_by(self.layout.channels()).copied().collect()
    }

    /// Replaces one channel's samples.
    pub fn set_channel(&mut self, channel: usize, samples: &[u8]) {
        let channels = self.layout.channels();
        let own = self.samples.iter_mut().skip(channel).step_by(channels);
        own.zip(samples).for_each(|(own, sample)| *own = *sample);
    }

    /// Grey becomes RGB, grey with alpha becomes RGBA.
    pub fn into_colour(self) -> Self {
        let (layout, samples) = match self.layout {
            Layout::Rgb | Layout::Rgba => return self,
            Layout::Grey => (Layout::Rgb, self.samples.iter().flat_map(|grey| [*grey; 3]).collect()),
            Layout::GreyAlpha => {
                let (pixels, _) = self.samples.as_chunks();
                (
                    Layout::Rgba,
                    pixels
                        .iter()
                        .flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha])
                        .collect(),
                )
            }
        };
        Self {
            layout,
            samples,
            ..self
        }
    }

    /// RGB becomes opaque RGBA.
    pub fn into_rgba(self) -> Self {
        let colour = self.into_colour();
        if colour.layout == Layout::Rgba {
            return colour;
        }
        let (pixels, _) = colour.samples.as_chunks();
        let samples = pixels
            .iter()
            .flat_map(|[red, green, blue]| [*red, *green, *blue, 255])
            .collect();
        Self {
            layout: Layout::Rgba,
            samples,
            ..colour
        }
    }
}
