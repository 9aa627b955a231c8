use crate::{Error, Excess};

const MIB: u64 = 1 << 20;

/// What one picture may cost. The default fits an instance with 128 MiB of linear memory: file and working memory leave
/// 14 MiB for code, stack and the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of the source file; default 10 MiB.
    pub file_bytes: u64,
    /// Bytes of the decoded pixels: 8 bits for each of 1 to 4 channels. Default 72 MiB: 25 megapixels of RGB, 18 of RGBA.
    pub pixel_bytes: u64,
    /// Bytes of pixels, decoder state, scratch and output together at the most demanding step. Default 104 MiB.
    pub working_bytes: u64,
    /// Pixels of the output's longer side; default 8192.
    pub output_side: u32,
    /// Pixels of the output; default 16 million.
    pub output_pixels: u64,
    /// Scans of a progressive JPEG; default 64. Encoders write about ten.
    pub scans: u32,
    /// Coefficients that the scans of a JPEG may visit together; default 256 million. Encoders visit each three or four
    /// times, and the largest picture whose coefficients fit the memory has under 40 million.
    pub visits: u64,
    /// Frames of an animation of which all are asked for; default 1,000.
    pub frames: u32,
    /// What the operations on pixels, and the frames of an animation, may take together, in steps of about a nanosecond; default 2 billion.
    pub steps: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            file_bytes: 10 * MIB,
            pixel_bytes: 72 * MIB,
            working_bytes: 104 * MIB,
            output_side: 8192,
            output_pixels: 16_000_000,
            scans: 64,
            visits: 256_000_000,
            frames: 1000,
            steps: 2_000_000_000,
        }
    }
}

impl Budget {
    pub(crate) fn check_file(&self, bytes: usize) -> Result<(), Error> {
        within(
            u64::try_from(bytes).unwrap_or(u64::MAX),
            self.file_bytes,
            Excess::FileBytes,
        )
    }

    pub(crate) fn check_pixels(&self, bytes: u64) -> Result<(), Error> {
        within(bytes, self.pixel_bytes, Excess::PixelBytes)
    }

    pub(crate) fn check_working(&self, bytes: u64) -> Result<(), Error> {
        within(bytes, self.working_bytes, Excess::WorkingBytes)
    }

    pub(crate) fn check_frames(&self, frames: u32) -> Result<(), Error> {
        within(u64::from(frames), u64::from(self.frames), Excess::Frames)
    }

    pub(crate) fn check_steps(&self, steps: u64) -> Result<(), Error> {
        within(steps, self.steps, Excess::Work)
    }

    /// Holds an output's sides, which arithmetic on the request may have made arbitrarily long, against the budget.
    pub(crate) fn check_output(&self, width: u64, height: u64) -> Result<(u32, u32), Error> {
        within(width.max(height), u64::from(self.output_side), Excess::OutputSide)?;
        within(width.saturating_mul(height), self.output_pixels, Excess::OutputPixels)?;
        let side = |side| u32::try_from(side).map_err(|_| Error::OverBudget(Excess::OutputSide));
        Ok((side(width)?, side(height)?))
    }
}

fn within(value: u64, limit: u64, excess: Excess) -> Result<(), Error> {
    if value <= limit {
        Ok(())
    } else {
        Err(Error::OverBudget(excess))
    }
}
