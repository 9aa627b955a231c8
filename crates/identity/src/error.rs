/// Why a stored record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not JSON of the record's shape.
    #[error("the stored record is damaged or newer than this program: {0}")]
    Shape(#[from] serde_json::Error),
    /// A version that this program does not know.
    #[error("the stored record has version {0}, this program knows version {known}", known = crate::VERSION)]
    Version(u8),
    /// The record was found under another record's name.
    #[error("the stored record belongs to another name")]
    Name,
}
