/// How many ways of weighting what was read are tried.
pub const WEIGHTINGS: usize = 6;

/// What was read of a leak, for each chip of the variant in their order.
///
/// A value is half the natural logarithm of the likelihood ratio: positive where symbol 1 is more likely, 0 where nothing could
/// be read. It may depend on the leak, the rendition and the chips' places and values, but never on anybody's codeword.
#[derive(Clone, Debug, PartialEq)]
pub struct Soft {
    /// One list for each weighting, all of the same length.
    pub weightings: [Vec<f32>; WEIGHTINGS],
}

impl Soft {
    /// The same values for every weighting.
    #[must_use]
    pub fn uniform(values: &[f32]) -> Self {
        Self {
            weightings: std::array::from_fn(|_| values.to_vec()),
        }
    }
}
