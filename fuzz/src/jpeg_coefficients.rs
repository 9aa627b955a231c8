//! A JPEG file. What is read can be written, and is then read back the same; it can also be decoded, whole and in pieces.

use jpeg::{Coefficients, Decoder, Process, Scale, Visit};

/// Reads and decodes `file`.
pub fn run(file: &[u8]) {
    let limits = jpeg::Limits {
        max_pixels: 1 << 20,
        max_scans: 32,
        max_visits: 1 << 28,
    };
    if let Ok(read) = jpeg::read(file, &limits)
        && let Ok(written) = jpeg::encode(&read)
    {
        assert_eq!(jpeg::read(&written, &limits).expect("our own file is read"), read);
        // Nothing but the averages of blocks outside of the picture is in a progressive file, so that only the second is like the first.
        let progressive = Process::Progressive.encode(&read).expect("what baseline can hold");
        let again = jpeg::read(&progressive, &limits).expect("our own file is read");
        assert_eq!(Process::Progressive.encode(&again), Ok(progressive));
        let inside = |visit: &Visit| visit.band != 1;
        for Visit { component, block, band } in Process::Progressive.visits(&read).filter(inside) {
            let levels = |c: &Coefficients| c.components[component].blocks[block];
            let [before, after] = [levels(&read), levels(&again)];
            assert!((0..64).all(|place| band >> place & 1 == 0 || before[place] == after[place]));
        }
    }
    let scales = [Scale::Full, Scale::Half, Scale::Quarter, Scale::Eighth];
    let scale = scales[file.len() % 4];
    let whole = jpeg::decode(file, scale, &limits);
    let mut decoder = Decoder::new(scale, &limits);
    let pushed = file.chunks(97).try_for_each(|piece| decoder.push(piece));
    let mut halving = Decoder::new(scale, &limits).with_half_chroma();
    let halved = halving.push(file).and_then(|()| halving.finish());
    assert_eq!(halved.is_ok(), whole.is_ok());
    match (whole, pushed.and_then(|()| decoder.finish())) {
        (Ok(whole), Ok(pieces)) => assert_eq!(whole, pieces),
        (whole, pieces) => assert!(whole.is_err() && pieces.is_err()),
    }
}
