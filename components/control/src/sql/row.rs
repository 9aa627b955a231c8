use super::{SqlError, Value};

/// A row of an answer. Columns are read by their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub Vec<Value>);

/// What a column can be read as.
pub trait Column: Sized {
    /// `None`: the value is not of this type.
    fn read(value: &Value) -> Option<Self>;
}

impl Row {
    /// The value of a column, counted from 0.
    pub fn get<T: Column>(&self, column: usize) -> Result<T, SqlError> {
        self.0.get(column).and_then(T::read).ok_or(SqlError::Column(column))
    }
}

impl Column for i64 {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl Column for u64 {
    fn read(value: &Value) -> Option<Self> {
        i64::read(value)?.try_into().ok()
    }
}

impl Column for bool {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Column for String {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::read(value).map(Some),
        }
    }
}
