use super::*;
use crate::Variant;
use proptest::prelude::*;

/// Reads a file in chunks of `size` bytes.
fn read(format: Format, file: &[u8], size: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut reader = Rows::new(format);
    for chunk in file.chunks(size.max(1)) {
        reader.push(chunk, &mut |row| rows.push(row));
    }
    reader.finish(&mut |row| rows.push(row));
    rows
}

fn errors(rows: Vec<Row>) -> Vec<(u64, RowError)> {
    rows.into_iter()
        .filter_map(|(number, row)| Some((number, row.err()?)))
        .collect()
}

const CSV: &str = "barcode,name,brand,category,front,size\r\n\
    017000161563,\"Soup, \"\"thick\"\"\",Acme,Soups,images.example.com/soup.jpg,400 g\r\n\
    12345678,Tea,Globex,Tea,,";

#[test]
fn csv_in_chunks_of_any_size() {
    for size in [1, 2, 3, 7, 64, 4096] {
        let rows = read(Format::Csv, CSV.as_bytes(), size);
        assert_eq!(rows.len(), 2, "chunks of {size}: {rows:?}");
        let soup = rows[0].1.as_ref().unwrap();
        assert_eq!((soup.name.as_str(), soup.brand.key()), ("Soup, \"thick\"", "acme"));
        assert_eq!(soup.variants().iter().collect::<Vec<_>>(), [Variant::Front]);
        let tea = rows[1].1.as_ref().unwrap();
        assert_eq!((tea.variants().count(), &tea.size), (0, &None));
    }
}

#[test]
fn json_lines_in_chunks_of_any_size() {
    let file = r#"
{"barcode":"017000161563","name":"Soup","brand":"Acme","category":"Soups","images":{"front":"a.example/x.jpg","back_clean":null}}

{"barcode":"12345678","name":"Tea","brand":"Globex","category":"Tea","description":" green "}"#;
    for size in [1, 5, 4096] {
        let rows = read(Format::JsonLines, file.as_bytes(), size);
        let products: Vec<_> = rows.into_iter().map(|(_, row)| row.unwrap()).collect();
        assert_eq!(products.len(), 2);
        assert_eq!(products[0].variants().names(), "front");
        assert_eq!(products[1].description.as_deref(), Some("green"));
    }
}

#[test]
fn every_bad_row_has_its_number_and_reason_and_spoils_no_other() {
    let long = "x".repeat(MAX_ROW);
    let file = format!(
        "barcode,name,brand,category,front\n1,n,b,c,\n12345678,,b,c,\n12345678,n,b,c\n12345678,n,b,c,d,e,f,g,h,i,j,k,l\n\
         12345678,{long},b,c,\n12345678,n,b,c,a b\n12345678,n,b,c,ok.example/x\n"
    );
    let rows = read(Format::Csv, file.as_bytes(), 1000);
    assert!(rows.last().unwrap().1.is_ok());
    use RowError::*;
    assert_eq!(
        errors(rows),
        [
            (1, Barcode),
            (2, Name),
            (3, Fields),
            (4, Fields),
            (5, Length),
            (6, Source)
        ]
    );

    let file = format!(
        "[]\n{{}}\n{{\"barcode\":1}}\n{long}{long}\n\u{0}\n{{\"barcode\":\"12345678\",\"name\":\"n\",\"brand\":\"b\",\"category\":\"c\",\"credits\":9}}\n"
    );
    assert_eq!(
        errors(read(Format::JsonLines, file.as_bytes(), 999)),
        [(1, Json), (2, Json), (3, Json), (4, Length), (5, Json), (6, Json)]
    );
    assert_eq!(errors(read(Format::JsonLines, b"\xff\xfe\n", 8)), [(1, Encoding)]);
}

#[test]
fn a_file_without_a_header_is_not_guessed_at() {
    for file in [
        "",
        "12345678,n,b,c\n",
        "barcode,name,brand\n12345678,n,b\n",
        "barcode,name,brand,category,category\n12345678,n,b,c,c\n",
        "barcode,name,brand,category,price\n12345678,n,b,c,9\n",
    ] {
        assert_eq!(
            errors(read(Format::Csv, file.as_bytes(), 10)),
            [(0, RowError::Header)],
            "{file:?}"
        );
    }
    let marked = "\u{feff}barcode,name,brand,category\n12345678,n,b,c\n";
    assert!(read(Format::Csv, marked.as_bytes(), 1)[0].1.is_ok());
}

#[test]
fn media_types() {
    assert_eq!(Format::of_media_type("text/csv; charset=utf-8"), Some(Format::Csv));
    assert_eq!(Format::of_media_type("Application/x-ndjson"), Some(Format::JsonLines));
    assert_eq!(Format::of_media_type("application/json"), None);
}

proptest! {
    #[test]
    fn chunks_do_not_matter(file in "([0-9a-z,\"\r\n\u{e9}]|12345678,n,b,c\n|barcode,name,brand,category\n){0,60}", size in 1_usize..50) {
        for format in [Format::Csv, Format::JsonLines] {
            let whole = read(format, file.as_bytes(), usize::MAX);
            prop_assert_eq!(read(format, file.as_bytes(), size), whole);
        }
    }

    #[test]
    fn any_bytes_are_read(file in proptest::collection::vec(any::<u8>(), 0..400), size in 1_usize..50) {
        for format in [Format::Csv, Format::JsonLines] {
            read(format, &file, size);
        }
    }
}
