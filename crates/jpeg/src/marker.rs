//! Marker codes (T.81 table B.1), the byte after 0xFF.

pub const SOF0: u8 = 0xC0;
pub const SOF2: u8 = 0xC2;
pub const SOF15: u8 = 0xCF;
pub const DHT: u8 = 0xC4;
pub const DAC: u8 = 0xCC;
pub const RST0: u8 = 0xD0;
pub const RST7: u8 = 0xD7;
pub const SOI: u8 = 0xD8;
pub const EOI: u8 = 0xD9;
pub const SOS: u8 = 0xDA;
pub const DQT: u8 = 0xDB;
pub const DNL: u8 = 0xDC;
pub const DRI: u8 = 0xDD;
pub const DHP: u8 = 0xDE;
pub const APP0: u8 = 0xE0;
pub const APP14: u8 = 0xEE;
pub const TEM: u8 = 0x01;
