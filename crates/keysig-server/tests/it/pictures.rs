//! Files that are pictures, and files that say they are.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

fn picture(wide: u32, high: u32) -> DynamicImage {
    let colour = |x: u32, y: u32| Rgba([(x % 256) as u8, (y % 256) as u8, 90, 255]);
    DynamicImage::ImageRgba8(RgbaImage::from_fn(wide, high, colour))
}

/// A PNG.
pub fn png(wide: u32, high: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture(wide, high).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// A JPEG.
pub fn jpeg(wide: u32, high: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(picture(wide, high).to_rgb8()).write_to(&mut file, ImageFormat::Jpeg).unwrap();
    file.into_inner()
}

/// A WebP.
pub fn webp(wide: u32, high: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture(wide, high).write_to(&mut file, ImageFormat::WebP).unwrap();
    file.into_inner()
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [kind.as_slice(), body].concat();
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), named.as_slice(), &crc(&named).to_be_bytes()].concat()
}

/// The beginning of a PNG, and its chunks after the first.
pub struct Chunks {
    head: Vec<u8>,
    more: Vec<u8>,
    rest: Vec<u8>,
}

impl Chunks {
    /// Of a PNG.
    pub fn of(png: &[u8]) -> Self {
        // The signature and IHDR.
        let (head, rest) = png.split_at(8 + 25);
        Self { head: head.to_vec(), more: Vec::new(), rest: rest.to_vec() }
    }

    /// One more chunk.
    pub fn after_head(mut self, kind: &[u8; 4], body: &[u8]) -> Self {
        self.more.extend(chunk(kind, body));
        self
    }

    /// A chunk that says it goes on beyond the file.
    pub fn longer_than_it_is(mut self) -> Self {
        let mut endless = chunk(b"tEXt", b"a\0b");
        endless[0] = 0x7f;
        self.more.extend(endless);
        self
    }

    /// The whole.
    pub fn file(self) -> Vec<u8> {
        [self.head, self.more, self.rest].concat()
    }
}

/// The names of a PNG's chunks, each once where it comes several times in a row; what follows the last is one of its own.
pub fn chunk_names(png: &[u8]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = &png[8..];
    while rest.len() >= 12 {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let name = String::from_utf8_lossy(&rest[4..8]).into_owned();
        if names.last() != Some(&name) {
            names.push(name);
        }
        rest = &rest[12 + length..];
    }
    if !rest.is_empty() {
        names.push("more".to_owned());
    }
    names
}

/// A PNG that says it is this large, 8 bits of grey a pixel.
pub fn claiming(wide: u32, high: u32, pixels: Vec<u8>) -> Vec<u8> {
    let size = [wide.to_be_bytes(), high.to_be_bytes()].concat();
    let head = chunk(b"IHDR", &[size.as_slice(), &[8, 0, 0, 0, 0]].concat());
    [b"\x89PNG\r\n\x1a\n".to_vec(), head, chunk(b"IDAT", &pixels), chunk(b"IEND", b"")].concat()
}

/// A zlib stream of a few bytes (RFC 1950, RFC 1951 §3.2.6) that becomes so many times this byte.
pub fn inflates_to(byte: u8, times: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, by fixed codes.
    bits.low_first(0b011, 3);
    bits.literal(byte);
    for _ in 0..times.saturating_sub(1) / 258 {
        // Copy 258 bytes from one byte back: code 285, then distance code 0.
        bits.high_first(0b1100_0101, 8);
        bits.high_first(0, 5);
    }
    (0..times.saturating_sub(1) % 258).for_each(|_| bits.literal(byte));
    bits.high_first(0, 7);
    let (mut a, mut b) = (1_u32, 0_u32);
    for _ in 0..times {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    [vec![0x78, 0x01], bits.bytes, ((b << 16) | a).to_be_bytes().to_vec()].concat()
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    free: u32,
}

impl Bits {
    fn bit(&mut self, bit: u32) {
        if self.free == 0 {
            self.bytes.push(0);
            self.free = 8;
        }
        *self.bytes.last_mut().unwrap() |= u8::from(bit == 1) << (8 - self.free);
        self.free -= 1;
    }

    fn low_first(&mut self, value: u32, count: u32) {
        (0..count).for_each(|n| self.bit((value >> n) & 1));
    }

    fn high_first(&mut self, value: u32, count: u32) {
        (0..count).rev().for_each(|n| self.bit((value >> n) & 1));
    }

    fn literal(&mut self, byte: u8) {
        match byte {
            0..=143 => self.high_first(0b0011_0000 + u32::from(byte), 8),
            _ => self.high_first(0b1_1001_0000 + u32::from(byte) - 144, 9),
        }
    }
}

/// A JPEG with one more segment after its beginning.
pub fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, body, &jpeg[2..]].concat()
}
