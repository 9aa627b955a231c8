//! A file's marker segments and scans in their order, as they arrive.

mod band;
mod bit_reader;
pub mod block;
pub mod frame;
mod intake;
mod lookup;
mod mcus;
mod position;
pub mod scan;
mod segment;
pub mod sink;
pub mod store;
mod tables;

use crate::{Error, Limits, marker};
use frame::Frame;
use mcus::Mcus;
use scan::Scan;
use segment::{array, next_marker};
use sink::Sink;
use tables::Tables;

/// What has been read of a file.
pub struct Parser<const K: usize, S: Sink<K>> {
    limits: Limits,
    tables: Tables,
    pub sink: S,
    pub frame: Option<Frame>,
    pub application: Application,
    scans: u32,
    visits: u64,
    state: State,
}

/// What application segments say about colours.
#[derive(Default, Clone, Copy)]
pub struct Application {
    /// Whether there is a JFIF segment (T.871).
    pub jfif: bool,
    /// The transform flag of Adobe's APP14.
    pub adobe: Option<u8>,
}

enum State {
    /// Before SOI.
    Start,
    /// Before a marker.
    Segments,
    /// In a scan's data.
    Scan(Box<Mcus>),
    /// Behind EOI.
    End,
}

impl<const K: usize, S: Sink<K>> Parser<K, S> {
    /// At the start of a file.
    pub fn new(sink: S, limits: Limits) -> Self {
        Self {
            limits,
            tables: Tables::default(),
            sink,
            frame: None,
            application: Application::default(),
            scans: 0,
            visits: 0,
            state: State::Start,
        }
    }

    /// Reads on in `data`, which is `complete` if no more can follow. Returns what must come again with more behind it.
    pub fn advance<'d>(&mut self, mut data: &'d [u8], complete: bool) -> Result<&'d [u8], Error> {
        loop {
            let before = data.len();
            let ready = match &mut self.state {
                State::Start => {
                    let Some((soi, rest)) = data.split_first_chunk::<2>() else {
                        break;
                    };
                    if *soi != [0xFF, marker::SOI] {
                        return Err(Error::Malformed("no start of image"));
                    }
                    (data, self.state) = (rest, State::Segments);
                    true
                }
                State::Segments => {
                    data = self.segment(data)?;
                    data.len() < before
                }
                State::Scan(mcus) => {
                    let (rest, done) = mcus.decode::<K, S>(&self.tables, &mut self.sink, data, complete)?;
                    data = rest;
                    if done {
                        self.state = State::Segments;
                    }
                    done
                }
                State::End => return Ok(&[]),
            };
            if !ready {
                break;
            }
        }
        if complete { Err(Error::Truncated) } else { Ok(data) }
    }

    /// Reads the next segment, if it is there as a whole, and returns what follows it.
    fn segment<'d>(&mut self, data: &'d [u8]) -> Result<&'d [u8], Error> {
        let Some((code, rest)) = next_marker(data) else {
            // Nothing in it is going to be anything, except the half of a marker.
            return Ok(data.get(data.len().saturating_sub(1)..).unwrap_or_default());
        };
        match code {
            marker::EOI => {
                self.state = State::End;
                return Ok(rest);
            }
            marker::RST0..=marker::RST7 | marker::TEM => return Ok(rest),
            marker::SOI => return Err(Error::Malformed("second start of image")),
            _ => {}
        }
        let Some((parameters, rest)) = segment::parameters(rest)? else {
            return Ok(data);
        };
        match code {
            marker::DQT => self.tables.read_quantisation(parameters)?,
            marker::DHT => self.tables.read_huffman(parameters)?,
            marker::DRI => self.tables.restart_interval = u16::from_be_bytes(array(parameters)?),
            marker::SOF0..=marker::SOF2 => self.start_frame(parameters, code == marker::SOF2)?,
            marker::SOF0..=marker::SOF15 | marker::DHP => {
                return Err(Error::Unsupported(match code {
                    marker::DAC | 0xC9..=0xCB | 0xCD..=0xCF => "arithmetic coding",
                    0xC3 => "lossless coding",
                    0xC8 => "extension",
                    _ => "hierarchical coding",
                }));
            }
            marker::DNL => return Err(Error::Unsupported("number of lines after the frame header")),
            marker::SOS => self.start_scan(parameters)?,
            marker::APP0 => self.application.jfif |= parameters.starts_with(b"JFIF\0"),
            marker::APP14 if parameters.starts_with(b"Adobe") => {
                self.application.adobe = parameters.get(11).copied().or(self.application.adobe);
            }
            _ => {}
        }
        Ok(rest)
    }

    fn start_frame(&mut self, parameters: &[u8], progressive: bool) -> Result<(), Error> {
        if self.frame.is_some() {
            return Err(Error::Malformed("second frame"));
        }
        let frame = Frame::new(parameters, progressive, &self.limits)?;
        self.sink.frame(&frame)?;
        self.frame = Some(frame);
        Ok(())
    }

    fn start_scan(&mut self, parameters: &[u8]) -> Result<(), Error> {
        self.scans += 1;
        if self.scans > self.limits.max_scans {
            return Err(Error::TooManyScans);
        }
        let frame = self.frame.as_mut().ok_or(Error::Malformed("scan before frame"))?;
        let scan = Scan::new(parameters, frame, &self.tables)?;
        self.visits = self.visits.saturating_add(scan.visits(frame));
        if self.visits > self.limits.max_visits {
            return Err(Error::TooMuchWork);
        }
        if S::wants(&scan) {
            self.sink.scan(frame, &scan);
            self.state = State::Scan(Box::new(Mcus::new::<K, S>(scan, &self.tables)?));
        } else if let Some(selected) = scan.components.first() {
            self.sink.dropped(selected.number, &scan);
        }
        Ok(())
    }
}
