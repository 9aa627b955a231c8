//! Files made to break a decoder: each ends in an error, in bounded memory, without a panic.

use proptest::prelude::*;

use super::fixtures::*;
use crate::{Budget, Error, Excess, OutputFormat, decode_overlay, negotiate, probe, render, trace};

fn render_any(source: &[u8]) -> Result<(), Error> {
    let _ = trace(source, &key(), &Budget::default());
    for animation in ["f_gif,w_40", "a,f_webp,w_40"] {
        let operations = operations::parse(animation).unwrap();
        let format = probe(source).map(|probe| negotiate(&operations, None, &probe).format);
        let moves = format.and_then(|format| render(source, &operations, format, &marks(), &Budget::default()));
        let _ = moves.map(|rendition| trace(rendition.bytes(), &key(), &Budget::default()));
    }
    let operations = operations::parse("s_40x30").unwrap();
    render(source, &operations, OutputFormat::Jpeg, &marks(), &Budget::default()).map(drop)
}

#[track_caller]
fn over(source: &[u8]) -> Excess {
    let traced = trace(source, &key(), &Budget::default());
    match (render_any(source), traced) {
        (Err(Error::OverBudget(excess)), Err(Error::OverBudget(_))) => excess,
        other => panic!("{other:?}"),
    }
}

/// A PNG's header alone, with the checksum that its decoder wants.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut file = png(20, 20);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc(&file[12..29]).to_be_bytes();
    file[29..33].copy_from_slice(&checksum);
    file
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

/// The offset of a JPEG's height, after the frame marker.
fn frame(file: &[u8]) -> usize {
    file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap() + 5
}

#[test]
fn floods_are_refused_from_the_header() {
    assert_eq!(over(&png_header(65535, 65535)), Excess::PixelBytes);
    assert_eq!(over(&png_header(1 << 30, 1)), Excess::WorkingBytes);

    let mut file = jpeg(20, 20);
    let at = frame(&file);
    file[at..at + 4].copy_from_slice(&[0xFF; 4]);
    assert_eq!(over(&file), Excess::PixelBytes);
    // The same as a progressive frame without subsampling: 20 megapixels fit as planes, and with the few coefficients of a
    // small scale, but not with all of them.
    file[at..at + 4].copy_from_slice(&[0x0F, 0xA0, 0x13, 0x88]);
    file[at - 4] = 0xC2;
    file[at + 6] = 0x11;
    let excess = Err(Error::OverBudget(Excess::WorkingBytes));
    let large = operations::parse("w_4000").unwrap();
    let rendered = render(&file, &large, OutputFormat::Jpeg, &marks(), &Budget::default());
    assert_eq!(rendered.map(drop), excess);
    assert_eq!(trace(&file, &key(), &Budget::default()).map(drop), excess);
    assert_eq!(render_any(&file), Err(Error::Malformed));

    let mut file = lossy_webp(20, 20);
    file[26..30].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    assert_eq!(over(&file), Excess::PixelBytes);
    let mut file = lossless_webp(20, 20, true);
    file[21..25].copy_from_slice(&0x1FFF_FFFFu32.to_le_bytes());
    assert_eq!(over(&file), Excess::PixelBytes);
}

#[test]
fn floods_in_other_formats() {
    let mut gif = stored("animated.gif");
    gif[6..10].copy_from_slice(&[0xFF; 4]);
    assert_eq!(over(&gif), Excess::PixelBytes);
    // A frame far larger than its canvas is decoded as a whole.
    let mut gif = stored("animated.gif");
    let frame = gif.windows(5).position(|bytes| bytes == [0x2C, 0, 0, 0, 0]).unwrap();
    gif[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    assert_eq!(over(&gif), Excess::WorkingBytes);

    // Width, height and rows of the one strip.
    let mut tiff = stored("lzw.tif");
    for tag in [0x0100, 0x0101, 0x0116] {
        let at = entry(&tiff, tag);
        tiff[at + 8..at + 10].fill(0xFF);
    }
    assert_eq!(over(&tiff), Excess::PixelBytes);
    // A strip that claims more bytes than the file has: strips would lie on top of each other.
    let mut tiff = stored("lzw.tif");
    let at = entry(&tiff, 0x0117);
    tiff[at + 8..at + 12].copy_from_slice(&0x00FF_FFFFu32.to_le_bytes());
    assert_eq!(over(&tiff), Excess::Work);

    let mut bmp = stored("palette.bmp");
    bmp[18..26].copy_from_slice(&[0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0, 0]);
    assert_eq!(over(&bmp), Excess::PixelBytes);
}

/// The offset of a little-endian TIFF's entry for a tag.
fn entry(tiff: &[u8], tag: u16) -> usize {
    let directory = u32::from_le_bytes(tiff[4..8].try_into().unwrap()) as usize;
    let entries = (directory + 2..).step_by(12);
    entries
        .take(40)
        .find(|at| tiff[*at..*at + 2] == tag.to_le_bytes())
        .unwrap()
}

#[test]
fn huge_chunks_and_their_promises() {
    // A container that promises a small canvas around a huge bitstream, and the other way round.
    let inner = |sides: [u8; 4]| {
        let mut file = lossy_webp(20, 20);
        file[26..30].copy_from_slice(&sides);
        file[12..].to_vec()
    };
    for (canvas, sides) in [
        ([19, 0, 0, 19, 0, 0], [0xFF, 0x3F, 0xFF, 0x3F]),
        ([0xFF; 6], [20, 0, 20, 0]),
    ] {
        let body = [&b"VP8X\x0A\0\0\0\0\0\0\0"[..], &canvas, &inner(sides)].concat();
        let size = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
        let file = [b"RIFF", &size[..], b"WEBP", &body].concat();
        assert_eq!(render_any(&file), Err(Error::Malformed));
    }
}

#[test]
fn scan_bombs_are_refused() {
    let file = stored("progressive.jpg");
    assert_eq!(render_any(&file), Ok(()));
    let few = Budget {
        scans: 2,
        ..Budget::default()
    };
    let operations = operations::parse("_").unwrap();
    let rendered = render(&file, &operations, OutputFormat::Jpeg, &marks(), &few).map(drop);
    assert_eq!(rendered, Err(Error::OverBudget(Excess::Scans)));
}

/// Bits, the least significant first.
#[derive(Default)]
struct Bits(Vec<u8>, usize);

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.1.is_multiple_of(8) {
                self.0.push(0);
            }
            *self.0.last_mut().unwrap() |= u8::from(value >> bit & 1 == 1) << (self.1 % 8);
            self.1 += 1;
        }
    }

    /// A code of one symbol.
    fn single(&mut self, symbol: u32) {
        self.put(0b101, 3);
        self.put(symbol, 8);
    }

    /// A complete code with lengths 1 to 10: 12 bytes that are a table of 4 KiB.
    fn wide(&mut self) {
        self.put(0, 1);
        // Lengths 1 to 6 are written with 3 bits, 7 to 10 with 4; 14 of the order's 19 are stored.
        self.put(10, 4);
        for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
            self.put(length, 3);
        }
        // Eleven symbols have a length.
        self.put(1, 1);
        self.put(1, 3);
        self.put(9, 4);
        for length in [1u32, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10] {
            let (code, bits) = if length <= 6 {
                (length - 1, 3)
            } else {
                (12 + length - 7, 4)
            };
            (0..bits).rev().for_each(|bit| self.put(code >> bit, 1));
        }
    }
}

/// A lossless WebP of 40 x 30 pixels whose last group of codes has this number, and that has so many of them.
fn groups(last: u16, stored: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2F, 8);
    bits.put(39, 14);
    bits.put(29, 14);
    bits.put(0, 4);
    // No transform, no cache; an entropy image of a few pixels, which are literals without bits.
    bits.put(0b0100, 4);
    bits.put(1, 2);
    bits.put(0, 1);
    for symbol in [last & 255, last >> 8, 0, 0, 0] {
        bits.single(u32::from(symbol));
    }
    (0..stored * 5).for_each(|_| bits.wide());
    (0..200).for_each(|_| bits.put(0, 32));
    let mut chunk = [
        b"VP8L",
        &u32::try_from(bits.0.len()).unwrap().to_le_bytes()[..],
        &bits.0,
    ]
    .concat();
    chunk.resize(chunk.len() + chunk.len() % 2, 0);
    [
        b"RIFF",
        &u32::try_from(chunk.len() + 4).unwrap().to_le_bytes()[..],
        b"WEBP",
        &chunk,
    ]
    .concat()
}

#[test]
fn tables_of_prefix_codes_are_charged() {
    // 5 x 4 KiB for each of 10,000 groups; the file has half a megabyte.
    let bomb = groups(9999, 10_000);
    assert!(bomb.len() < 600_000, "{}", bomb.len());
    assert_eq!(over(&bomb), Excess::WorkingBytes);
    // A few are no bomb: the pixels say nothing, but they are decoded.
    assert_eq!(render_any(&groups(9, 10)), Ok(()));
    // Groups that are promised and not there.
    assert_eq!(render_any(&groups(65_535, 100)), Err(Error::Malformed));
    // The same as the alpha channel of a lossy picture.
    let file = stored("lossy-alpha.webp");
    let at = file.windows(4).position(|window| window == b"ALPH").unwrap();
    let length = u32::from_le_bytes(file[at + 4..at + 8].try_into().unwrap()) as usize;
    let stream = [&[1][..], &bomb[25..]].concat();
    let chunk = [
        b"ALPH",
        &u32::try_from(stream.len()).unwrap().to_le_bytes()[..],
        &stream,
    ]
    .concat();
    let rest = &file[at + 8 + length + length % 2..];
    let mut with_bomb = [
        &file[..at],
        &chunk,
        if stream.len() % 2 == 1 { &[0][..] } else { &[] },
        rest,
    ]
    .concat();
    let size = u32::try_from(with_bomb.len() - 8).unwrap().to_le_bytes();
    with_bomb[4..8].copy_from_slice(&size);
    assert!(render_any(&with_bomb).is_err());
}

#[test]
fn file_size_and_outputs_are_bounded() {
    let budget = Budget {
        file_bytes: 1000,
        ..Budget::default()
    };
    let operations = operations::parse("_").unwrap();
    let source = jpeg(200, 200);
    let refused = Error::OverBudget(Excess::FileBytes);
    assert_eq!(
        render(&source, &operations, OutputFormat::Jpeg, &marks(), &budget),
        Err(refused)
    );
    assert_eq!(trace(&source, &key(), &budget), Err(refused));
    for (segment, excess) in [
        ("w_8192,enlarge", Excess::OutputPixels),
        ("s_1x8192,fit_outside,enlarge", Excess::OutputPixels),
        ("s_4000x4000,enlarge,f_webp,q_100", Excess::WorkingBytes),
    ] {
        assert_eq!(
            try_rendered(&source, segment).map(drop),
            Err(Error::OverBudget(excess)),
            "{segment}"
        );
    }
    // A resize between whose two passes there is no more than a row.
    let wide = png_of(60000, 2, png::ColorType::Rgb, &vec![9; 360_000]);
    for segment in ["s_100x8000,fit_fill,enlarge", "s_1000x2"] {
        assert_eq!(try_rendered(&wide, segment).map(drop), Ok(()), "{segment}");
    }
}

#[test]
fn what_is_not_a_picture() {
    for other in [
        &b""[..],
        b"GIF88a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xFF\xD8",
        b"%PDF-1.7",
    ] {
        assert_eq!(probe(other), Err(Error::Unsupported));
        assert_eq!(trace(other, &key(), &Budget::default()), Err(Error::Unsupported));
    }
    // CMYK without Adobe's marker: nobody can say which way round it is.
    let file = stored("cmyk-adobe.jpg");
    let at = file.windows(5).position(|window| window == b"Adobe").unwrap();
    let file = [&file[..at - 4], &file[at + 12..]].concat();
    assert_eq!(render_any(&file), Err(Error::Unsupported));
    // Lossless JPEG.
    let mut file = jpeg(20, 20);
    let at = frame(&file) - 4;
    file[at] = 0xC3;
    assert_eq!(render_any(&file), Err(Error::Unsupported));
}

fn all_sources() -> Vec<Vec<u8>> {
    let mut sources = vec![
        jpeg(40, 30),
        oriented_jpeg(40, 30, 6),
        png(40, 30),
        transparent_png(40, 30),
        lossless_webp(40, 30, false),
        lossless_webp(40, 30, true),
        lossy_webp(40, 30),
    ];
    let stored_names = [
        "progressive.jpg",
        "subsampled-422.jpg",
        "grey.jpg",
        "cmyk-adobe.jpg",
        "lossy-alpha.webp",
        "animated.webp",
        "animated.png",
        "interlaced.png",
        "animated.gif",
        "lzw.tif",
        "deep.tif",
        "cmyk.tif",
        "palette.bmp",
        "moving.gif",
        "moving-clear.webp",
        "undone.gif",
        "palette.png",
        "premultiplied.tif",
        "high-colour.bmp",
    ];
    sources.extend(stored_names.map(stored));
    sources
}

/// Whatever is cut off is missed. The last bytes of a file may be no part of the picture.
#[test]
fn truncations_are_refused() {
    for (index, source) in all_sources().iter().enumerate() {
        assert_eq!(render_any(source), Ok(()), "source {index}");
        // The first frame is the picture.
        if probe(source).unwrap().frames > 2 {
            continue;
        }
        for length in (0..source.len()).step_by(source.len() / 60 + 1) {
            let result = render_any(&source[..length]);
            let tail = source.len() - length;
            assert!(
                result.is_err() || tail < source.len() / 3,
                "source {index}, {length} of {}: {result:?}",
                source.len()
            );
        }
    }
}

/// Nothing of the original but its pixels is in the answer.
#[test]
fn metadata_is_stripped() {
    let secret = b"GPS-52.5200N-13.4050E";
    let png_source = png_with(
        (60, 60),
        png::ColorType::Rgb,
        png::BitDepth::Eight,
        &rgb(60, 60),
        |info| {
            info.exif_metadata = Some([&exif(1, true)[..], secret].concat().into());
            info.icc_profile = Some(moxcms::ColorProfile::new_srgb().encode().unwrap().into());
            info.uncompressed_latin1_text
                .push(png::text_metadata::TEXtChunk::new("Comment", "GPS-52.5200N-13.4050E"));
        },
    );
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(exif(1, true));
    segment.extend(secret);
    let jpeg_source = with_segment(&with_segment(&jpeg(60, 60), 0xFE, secret), 0xE1, &segment);
    let polyglot = [&jpeg(60, 60)[..], b"<script>alert(1)</script>PK\x03\x04", secret].concat();
    for source in [png_source, jpeg_source, polyglot] {
        for format in ["f_jpg", "f_png", "f_webp", "f_webp,q_100", "f_gif"] {
            let file = rendered(&source, format).into_bytes();
            for trace in [
                &b"Exif"[..],
                b"EXIF",
                b"eXIf",
                b"ICC",
                b"iCCP",
                b"tEXt",
                b"GPS",
                b"<script",
                b"PK\x03\x04",
            ] {
                assert!(
                    !file.windows(trace.len()).any(|window| window == trace),
                    "{format}: {}",
                    trace.escape_ascii()
                );
            }
        }
    }
}

#[test]
fn overlays() {
    let overlay = decode_overlay(&transparent_png(40, 20)).unwrap();
    assert!(overlay.place(400, 400).width > 40);
    assert!(decode_overlay(&png(40, 20)).is_ok());
    let clear = png_of(4, 4, png::ColorType::Rgba, &[0; 64]);
    for file in [&clear[..], &jpeg(40, 20), b"", &png_header(5000, 1), &png(40, 20)[..80]] {
        assert_eq!(decode_overlay(file).map(drop), Err(Error::Overlay));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn flipped_bits_never_panic(index in 0..26usize, flips in proptest::collection::vec((any::<proptest::sample::Index>(), 0..8u8), 1..12)) {
        let mut source = all_sources()[index].clone();
        for (at, bit) in flips {
            let at = at.index(source.len());
            source[at] ^= 1 << bit;
        }
        let _ = render_any(&source);
    }

    #[test]
    fn cut_and_spliced_files_never_panic(index in 0..26usize, at in any::<proptest::sample::Index>(), noise in proptest::collection::vec(any::<u8>(), 0..64)) {
        let source = all_sources()[index].clone();
        let at = at.index(source.len());
        let _ = render_any(&[&source[..at], &noise, &source[at..]].concat());
        let _ = render_any(&[&source[..at], &noise].concat());
    }

    #[test]
    fn magic_and_noise_never_panic(head in proptest::sample::select(vec![&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1A\n", b"RIFF\xFF\0\0\0WEBPVP8X\x0A\0\0\0", b"RIFF\xFF\0\0\0WEBPVP8L", b"GIF89a", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"BM"]), noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = render_any(&[head, &noise].concat());
    }
}
