//! A line of operations and, after it, an original, rendered within a small budget. What comes out is always marked.

use crate::budget;
use imaging::{Budget, negotiate, probe, render, trace};
use std::sync::{Arc, LazyLock};
use watermark::{KeyTag, Kind, MarkKey, Marks, Overlay, Payload, Subject};

static OVERLAY: LazyLock<Arc<Overlay>> = LazyLock::new(|| {
    let png = include_bytes!("../../static/brand/overlay.png");
    Arc::new(imaging::decode_overlay(png).expect("the overlay"))
});

const PAYLOAD: Payload = Payload {
    kind: Kind::SignedUrl,
    subject: Subject([1; 8]),
    key: KeyTag([2; 8]),
    reference: [3; 8],
    time: 4,
};

/// Renders what stands after the first line as that line asks.
pub fn run(input: &[u8]) {
    let Some(end) = input.iter().take(100).position(|byte| *byte == b'\n') else {
        return;
    };
    let (segment, file) = (String::from_utf8_lossy(&input[..end]), &input[end + 1..]);
    // Files without operations are found by mutation more easily than operations without files.
    let operations = operations::parse(&segment)
        .or_else(|_| operations::parse("_"))
        .expect("operations");
    let Ok(header) = probe(file) else { return };
    let format = negotiate(&operations, Some("image/webp,*/*"), &header).format;
    let key = MarkKey::new([7; 32]);
    let marks = Marks {
        overlay: OVERLAY.clone(),
        key: key.clone(),
        payload: PAYLOAD,
    };
    if let Ok(rendition) = render(file, &operations, format, &marks, &budget()) {
        let found = trace(rendition.bytes(), &key, &Budget::default()).expect("our own file is read");
        assert_eq!(found.map(|payload| payload.subject), Some(PAYLOAD.subject));
    }
}
