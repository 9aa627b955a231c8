/// Why the database did not do what it was asked. Texts go to the operator's log: a statement has no values in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// It cannot be reached, or refused the statement.
    #[error("database: {0}")]
    Failed(String),
    /// A row is not what its statement promises.
    #[error("database: column {0} is not of its type")]
    Column(usize),
    /// A migration that was applied is not the one that this program has under its number.
    #[error("database: migration {0} was applied in another form")]
    Migration(u32),
}
