//! What is decoded while it arrives comes out as what is decoded when it is there.

use super::fixtures::*;
use crate::{Arrival, Budget, Error, Rendition, Unmarked, negotiate, prepare, probe};

const ACCEPT: Option<&str> = Some("image/webp,*/*");

/// The rendition of a file that comes in pieces, if it was decoded meanwhile, and the most bytes that were left waiting.
fn arriving(file: &[u8], piece: usize, segment: &str) -> (Option<Result<Unmarked, Error>>, usize) {
    let (operations, marks, budget) = (operations::parse(segment).unwrap(), marks(), Budget::default());
    let mut arrival = Arrival::new(&operations, ACCEPT, &marks.overlay, &marks.key, &budget);
    let (mut waiting, mut most) = (Vec::new(), 0);
    for piece in file.chunks(piece) {
        waiting.extend_from_slice(piece);
        if arrival.take(&waiting) {
            waiting.clear();
        }
        most = most.max(waiting.len());
    }
    (arrival.finish(&waiting), most)
}

fn whole(file: &[u8], segment: &str) -> Result<Unmarked, Error> {
    let (operations, marks, budget) = (operations::parse(segment).unwrap(), marks(), Budget::default());
    let format = negotiate(&operations, ACCEPT, &probe(file)?).format;
    prepare(file, &operations, format, &marks.overlay, &marks.key, &budget)
}

fn marked(unmarked: Result<Unmarked, Error>) -> Result<Rendition, Error> {
    unmarked?.mark(&key(), &payload())
}

#[test]
fn pieces_give_the_same_file() {
    let mut sources: Vec<(&str, Vec<u8>)> = [
        "progressive.jpg",
        "subsampled-422.jpg",
        "grey.jpg",
        "cmyk-adobe.jpg",
        "cmyk-profile.jpg",
        "p3.jpg",
        "ycck.jpg",
        "orientation-6.jpg",
    ]
    .map(|name| (name, stored(name)))
    .into();
    sources.push(("large", jpeg(700, 500)));
    // A header that is longer than most pieces.
    sources.push(("segments", with_segment(&jpeg(300, 200), 0xE5, &[0xFF; 40_000])));
    for (name, source) in &sources {
        for segment in ["w_60", "w_60,f_auto", "s_50x50,pos_attention,f_png", "trim,w_40"] {
            let expected = marked(whole(source, segment));
            assert!(expected.is_ok(), "{name} {segment}");
            for piece in [97, 5000, source.len()] {
                let (early, _) = arriving(source, piece, segment);
                assert_eq!(early.map(marked), Some(expected.clone()), "{name} {segment} {piece}");
            }
        }
    }
}

#[test]
fn a_jpeg_is_taken_as_it_comes() {
    let source = jpeg(1600, 1200);
    let (early, most) = arriving(&source, 1000, "w_300");
    assert!(early.is_some());
    assert!(most < 10_000 && source.len() > 100_000, "{most} of {}", source.len());
}

#[test]
fn what_cannot_be_decoded_in_pieces_is_left() {
    // Other formats, what is no picture, and a JPEG whose pixels would take more memory than the file may.
    let pixels = [&jpeg(64, 64)[..], &[0; 20_000]].concat();
    let mut huge = pixels;
    let at = huge.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    huge[at + 5..at + 9].copy_from_slice(&[0x0F, 0xA0, 0x13, 0x88]);
    let headless = vec![0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 0, 0];
    let long = with_segment(&jpeg(64, 64), 0xE5, &[0; 65_000]);
    let long = (0..4).fold(long, |file, _| with_segment(&file, 0xE5, &[0; 65_000]));
    for file in [stored("palette.png"), b"<html></html>".to_vec(), huge, headless, long] {
        let (early, most) = arriving(&file, 1000, "_");
        assert!(early.is_none());
        assert_eq!(most, file.len());
    }
}

#[test]
fn what_is_wrong_with_a_file_is_wrong_with_its_pieces() {
    let file = jpeg(600, 400);
    let mut damaged = file.clone();
    // A marker of another scan in the middle of the only one.
    let half = file.len() / 2;
    damaged[half..half + 2].copy_from_slice(&[0xFF, 0xC4]);
    for file in [&file[..half], &file[..file.len() - 2], &damaged] {
        let expected = marked(whole(file, "w_100"));
        assert!(expected.is_err());
        for piece in [1000, file.len()] {
            assert_eq!(arriving(file, piece, "w_100").0.map(marked), Some(expected.clone()));
        }
    }
}

/// Bytes that are no segments are passed once, however small the pieces are.
#[test]
fn a_header_that_never_ends_is_not_read_again_and_again() {
    let (mut end, mut file) = (crate::source::jpeg::End::new(), vec![0xFF, 0xD8]);
    for _ in 0..100 {
        file.extend([0xFF; 30_000]);
        assert_eq!(end.find(&file), None);
        assert_eq!(end.passed(), file.len() - 1);
    }
    file.extend([0xDA, 0, 3, 1]);
    assert_eq!(end.find(&file), Some(file.len()));
}
