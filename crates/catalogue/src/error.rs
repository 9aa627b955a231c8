/// Why something that was asked for is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not 8 to 14 digits.
    #[error("a barcode is 8 to 14 digits")]
    Barcode,
    /// A parameter is unknown, stands twice, is not of its form or out of its range.
    #[error("a query parameter is unknown, stands twice, or is not of its form")]
    Parameters,
    /// A scope that is not understood, names nothing, or too much.
    #[error("a scope is \"full\", or 1 to 200 brands or categories, or a list of 1 to 2,000 barcodes")]
    Scope,
    /// The body is not of its form.
    #[error("the body is one JSON object: {{\"barcodes\": [...]}}, with 1 to 500 barcodes")]
    Body,
}

/// Why a row cannot be imported. These texts go into the report as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The barcode.
    #[error("barcode: 8 to 14 digits are required")]
    Barcode,
    /// The name.
    #[error("name: 1 to 200 characters without control characters are required")]
    Name,
    /// The brand.
    #[error("brand: 1 to 100 characters without control characters are required")]
    Brand,
    /// The category.
    #[error("category: 1 to 100 characters without control characters are required")]
    Category,
    /// The description.
    #[error("description: at most 2,000 characters without control characters")]
    Description,
    /// The size.
    #[error("size: at most 50 characters without control characters")]
    Size,
    /// A picture's source.
    #[error("images: a source has 1 to 2,048 bytes without white space or control characters")]
    Source,
    /// A picture's source names no origin that pictures may come from.
    #[error("images: the source is not one that this deployment fetches pictures from")]
    Origin,
    /// Longer than a row may be.
    #[error("the row is longer than 16 KiB")]
    Length,
    /// Not UTF-8.
    #[error("the row is not UTF-8")]
    Encoding,
    /// Not a JSON object with the members of a product.
    #[error("the row is not a JSON object with the members of a product, each once")]
    Json,
    /// More or fewer fields than the header.
    #[error("the row has another number of fields than the header")]
    Fields,
    /// The first line of a CSV file.
    #[error(
        "the header must name barcode, name, brand and category, and may name description, size, front, back, front_clean and back_clean, each once: nothing was imported"
    )]
    Header,
}
