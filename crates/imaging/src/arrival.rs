//! An original that is decoded while it arrives.

use jpeg::Decoder;
use operations::Operations;
use watermark::{MarkKey, Overlay};

use crate::pipeline::Job;
use crate::source::jpeg::{End, undecoded};
use crate::{Budget, Error, SourceFormat, Unmarked, negotiate, probe};

/// Bytes that are worth a call of the decoder.
const PIECE: usize = 8 << 10;
/// Bytes that tell a JPEG.
const MAGIC: usize = 3;
/// Bytes among which its header has to end. They are held twice for a moment.
const HEADER: usize = 256 << 10;

/// What will be [`prepare`](crate::prepare)d, while its original is on the way. A JPEG's planes grow with what has arrived, if they take
/// no more memory than the file may; everything else is left to be prepared when it is there as a whole.
pub struct Arrival<'a> {
    operations: &'a Operations,
    accept: Option<&'a str>,
    overlay: &'a Overlay,
    key: &'a MarkKey,
    budget: &'a Budget,
    state: State<'a>,
}

enum State<'a> {
    /// Nothing is known before the header is there.
    Header(End),
    /// Being decoded.
    Planes(Box<Growing<'a>>),
    /// Not to be decoded in pieces.
    Whole,
}

/// A JPEG between its header and its end.
struct Growing<'a> {
    /// The file up to its first scan.
    header: Vec<u8>,
    job: Job<'a>,
    /// Until it fails.
    decoder: Result<Decoder, Error>,
}

impl<'a> Arrival<'a> {
    /// Before the first byte. The arguments are those of [`prepare`](crate::prepare), and for the format those of [`negotiate`].
    pub fn new(
        operations: &'a Operations,
        accept: Option<&'a str>,
        overlay: &'a Overlay,
        key: &'a MarkKey,
        budget: &'a Budget,
    ) -> Self {
        Self {
            operations,
            accept,
            overlay,
            key,
            budget,
            state: State::Header(End::new()),
        }
    }

    /// Looks at all that has arrived and was not taken before. Takes it if it can be decoded: `true`, and it is not needed again.
    #[must_use]
    pub fn take(&mut self, arrived: &[u8]) -> bool {
        if let State::Header(end) = &mut self.state {
            if arrived.len() < MAGIC {
                return false;
            }
            if SourceFormat::sniff(arrived) != Some(SourceFormat::Jpeg) {
                self.state = State::Whole;
            } else if let Some(header) = end.find(arrived).and_then(|end| arrived.get(..end)) {
                // Whatever is wrong with it will be so when it is whole.
                let growing = self.start(header.to_vec()).ok().flatten();
                self.state = growing.map_or(State::Whole, |growing| State::Planes(Box::new(growing)));
            } else if arrived.len() >= HEADER {
                self.state = State::Whole;
            }
        }
        match &mut self.state {
            State::Planes(growing) if arrived.len() >= PIECE => {
                growing.push(arrived);
                true
            }
            _ => false,
        }
    }

    /// The rendition, if the original was decoded while it arrived; `left` is what was not taken of it. `None`: nothing was taken.
    ///
    /// # Errors
    /// As [`prepare`](crate::prepare).
    pub fn finish(self, left: &[u8]) -> Option<Result<Unmarked, Error>> {
        match self.state {
            State::Planes(growing) => Some(growing.finish(left)),
            _ => None,
        }
    }

    /// Decides by the header. `None` where planes would take more memory than the file may.
    fn start(&self, header: Vec<u8>) -> Result<Option<Growing<'a>>, Error> {
        let format = negotiate(self.operations, self.accept, &probe(&header)?).format;
        let job = Job::new(&header, self.operations, format, (self.overlay, self.key), self.budget)?;
        let decoder = job.decoder(&header)?;
        let taken = job.decoding_bytes(&header).saturating_add(2 * HEADER as u64);
        let fits = taken <= self.budget.file_bytes && header.len() <= HEADER;
        Ok(fits.then_some(Growing {
            header,
            job,
            decoder: Ok(decoder),
        }))
    }
}

impl Growing<'_> {
    fn push(&mut self, piece: &[u8]) {
        if let Ok(decoder) = &mut self.decoder
            && let Err(error) = decoder.push(piece)
        {
            self.decoder = Err(undecoded(error));
        }
    }

    fn finish(mut self, left: &[u8]) -> Result<Unmarked, Error> {
        self.push(left);
        let decoded = self.decoder?.finish().map_err(undecoded)?;
        let painted = self.job.by_planes(&self.header, decoded)?;
        Ok(self.job.unmarked_of(painted))
    }
}
