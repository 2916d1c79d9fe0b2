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
