use thiserror::Error;

/// Why an operations segment is refused. No variant carries text of the request, so an answer can show it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Error {
    /// The segment is empty; `_` is the way to ask for nothing.
    #[error("operations are missing: write `_` for none")]
    Missing,
    /// The segment is longer than any valid one.
    #[error("operations are too long")]
    TooLong,
    /// Two separators in a row, or one at an end.
    #[error("an operation is empty")]
    EmptyModifier,
    /// The name is not one of the grammar's.
    #[error("unknown operation")]
    Unknown,
    /// A modifier or an argument of the grammar that is not built yet.
    #[error("`{0}` is not supported yet")]
    NotSupported(&'static str),
    /// The same modifier twice, also through an alias or as the side of a box.
    #[error("`{0}` is given more than once")]
    Duplicate(&'static str),
    /// A modifier that needs an argument has none.
    #[error("`{0}` needs an argument")]
    MissingArgument(&'static str),
    /// An argument is not of the form or in the range that the modifier takes.
    #[error("`{modifier}` takes {expected}")]
    Invalid {
        /// The modifier's full name.
        modifier: &'static str,
        /// What it takes, in words.
        expected: &'static str,
    },
    /// The project has no preset of this name.
    #[error("there is no such preset")]
    UnknownPreset,
    /// The stored preset does not follow the grammar, or holds a preset.
    #[error("the preset is not one or more operations")]
    DamagedPreset,
    /// The key does not allow it.
    #[error("the key does not allow these operations")]
    NotAllowed,
}
