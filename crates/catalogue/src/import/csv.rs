use super::{MAX_ROW, Row};
use crate::product::Written;
use crate::{Product, RowError, Variant};
use csv_core::{ReadRecordResult, Reader};

/// As many fields as a header can name, and one to see that there are too many.
const MAX_FIELDS: usize = Column::COUNT + 1;

/// Rows of comma-separated values, after a header that says which is which.
pub(super) struct CsvRows {
    reader: Reader,
    output: Box<[u8]>,
    written: usize,
    ends: [usize; MAX_FIELDS],
    fields: usize,
    too_long: bool,
    too_many: bool,
    header: Header,
    rows: u64,
}

/// What the first row said.
enum Header {
    Awaited,
    Columns(Vec<Column>),
    /// Nothing can be told of the rows.
    Refused,
}

/// What a field of a row is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Barcode,
    Name,
    Brand,
    Category,
    Description,
    Size,
    Source(Variant),
}

impl Default for CsvRows {
    fn default() -> Self {
        Self {
            reader: Reader::new(),
            output: vec![0; MAX_ROW].into_boxed_slice(),
            written: 0,
            ends: [0; MAX_FIELDS],
            fields: 0,
            too_long: false,
            too_many: false,
            header: Header::Awaited,
            rows: 0,
        }
    }
}

impl CsvRows {
    pub(super) fn push(&mut self, bytes: &[u8], row: &mut impl FnMut(Row)) {
        let mut rest = bytes;
        // Without input the reader would take the end of the file.
        while !rest.is_empty() {
            let read = self.read(rest, row);
            rest = rest.get(read..).unwrap_or_default();
        }
    }

    pub(super) fn finish(&mut self, row: &mut impl FnMut(Row)) {
        self.read(&[], row);
        if matches!(self.header, Header::Awaited) {
            row((0, Err(RowError::Header)));
        }
    }

    /// Feeds the reader once and returns how much it took. What does not fit is dropped: the row is reported as too long.
    fn read(&mut self, input: &[u8], row: &mut impl FnMut(Row)) -> usize {
        let output = self.output.get_mut(self.written..).unwrap_or_default();
        let ends = self.ends.get_mut(self.fields..).unwrap_or_default();
        let (result, read, written, ended) = self.reader.read_record(input, output, ends);
        self.written += written;
        self.fields += ended;
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull => {
                self.too_long = true;
                self.written = 0;
            }
            ReadRecordResult::OutputEndsFull => {
                self.too_many = true;
                self.fields = 0;
            }
            ReadRecordResult::Record => self.complete(row),
        }
        read
    }

    fn complete(&mut self, row: &mut impl FnMut(Row)) {
        let record = self.record();
        (self.written, self.fields, self.too_long, self.too_many) = (0, 0, false, false);
        match &self.header {
            Header::Awaited => {
                let columns = record.ok().and_then(|names| columns(&names));
                self.header = match columns {
                    Some(columns) => Header::Columns(columns),
                    None => {
                        row((0, Err(RowError::Header)));
                        Header::Refused
                    }
                };
            }
            Header::Columns(columns) => {
                self.rows += 1;
                row((self.rows, record.and_then(|fields| product(columns, fields))));
            }
            Header::Refused => {}
        }
    }

    fn record(&self) -> Result<Vec<String>, RowError> {
        if self.too_long {
            return Err(RowError::Length);
        }
        if self.too_many {
            return Err(RowError::Fields);
        }
        let mut start = 0;
        let ends = self.ends.get(..self.fields).unwrap_or_default();
        ends.iter()
            .map(|end| {
                let field = self.output.get(start..*end).ok_or(RowError::Fields)?;
                start = *end;
                let text = std::str::from_utf8(field).map_err(|_| RowError::Encoding)?;
                Ok(text.to_owned())
            })
            .collect()
    }
}

impl Column {
    const COUNT: usize = 10;

    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "barcode" => Self::Barcode,
            "name" => Self::Name,
            "brand" => Self::Brand,
            "category" => Self::Category,
            "description" => Self::Description,
            "size" => Self::Size,
            other => Self::Source(Variant::parse(other)?),
        })
    }
}

/// The columns of a header that names what every product has, and nothing twice.
fn columns(names: &[String]) -> Option<Vec<Column>> {
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        // Spreadsheets write a byte order mark before the first name.
        let column = Column::parse(name.trim_start_matches('\u{feff}').trim())?;
        if columns.contains(&column) {
            return None;
        }
        columns.push(column);
    }
    let required = [Column::Barcode, Column::Name, Column::Brand, Column::Category];
    required
        .iter()
        .all(|column| columns.contains(column))
        .then_some(columns)
}

fn product(columns: &[Column], fields: Vec<String>) -> Result<Product, RowError> {
    if fields.len() != columns.len() {
        return Err(RowError::Fields);
    }
    let mut written = Written::default();
    for (column, field) in columns.iter().zip(fields) {
        match column {
            Column::Barcode => written.barcode = field,
            Column::Name => written.name = field,
            Column::Brand => written.brand = field,
            Column::Category => written.category = field,
            Column::Description => written.description = Some(field),
            Column::Size => written.size = Some(field),
            Column::Source(variant) => written.sources[variant.index()] = Some(field),
        }
    }
    Product::try_from(written)
}
