/// Why something cannot be part of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A text that does not fit the field it is meant for. The text itself is not repeated.
    #[error("the text does not fit the field {0}")]
    Field(&'static str),
    /// A parcel whose tag does not fit its bytes.
    #[error("the parcel was not packed with this deployment's key")]
    Tag,
    /// A parcel that is not a list of events, or holds too many.
    #[error("the parcel does not hold events, or holds too many")]
    Shape,
}
