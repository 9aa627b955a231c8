//! Why a container cannot be made, read or used.

/// Every reason this crate has to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The picture has no pixels, more than the format can hold, or not as many samples as its sides say.
    #[error("not a picture that the format can hold")]
    Picture,
    /// What containers of every format are refused for.
    #[error(transparent)]
    Container(#[from] chips::Error),
}
