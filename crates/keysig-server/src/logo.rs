//! Logos: a stranger's picture is read in memory that is counted, and drawn anew, so that nothing of the file but what is
//! seen reaches anybody (`docs/threats.md`).

use std::io::Cursor;
use std::time::Duration;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageResult, Limits, RgbaImage};
use keysig_core::id::LogoId;
use keysig_core::seal::sha256;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// No file is larger.
pub const MAX_LOGO_BYTES: usize = 512 * 1024;
/// Wide and high, in pixels, as it is kept.
const SIDE: u32 = 256;
/// A file of a few bytes can claim any size (a decompression bomb).
const MAX_SIDE: u32 = 4096;
const MAX_PIXELS: u64 = 8 << 20;
/// Of one picture while it is read, beside the pixels themselves.
const MAX_ALLOCATED_BYTES: u64 = 64 << 20;
/// So many are drawn at once; the others wait, and not for long.
static DRAWN_AT_ONCE: Semaphore = Semaphore::const_new(2);
const MAX_WAIT: Duration = Duration::from_secs(3);

/// A logo as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// Of the picture.
    pub id: LogoId,
    /// 256 pixels wide and high.
    pub png: Vec<u8>,
}

/// Why a file becomes no logo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogoRefused {
    /// No file was chosen.
    Missing,
    /// Larger than [`MAX_LOGO_BYTES`].
    TooLarge,
    /// An SVG is a program.
    Svg,
    /// It moves.
    Gif,
    /// A web page.
    Page,
    /// Something else.
    NotAPicture,
    /// It claims more pixels than any logo has.
    TooManyPixels,
    /// It cannot be read to its end.
    Broken,
    /// Too many are drawn right now.
    Busy,
}

impl LogoRefused {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Missing,
        Self::TooLarge,
        Self::Svg,
        Self::Gif,
        Self::Page,
        Self::NotAPicture,
        Self::TooManyPixels,
        Self::Broken,
        Self::Busy,
    ];
}

/// Draws a file anew, beside the threads that answer requests.
pub async fn draw(file: Vec<u8>) -> Result<Logo, LogoRefused> {
    let permit = match timeout(MAX_WAIT, DRAWN_AT_ONCE.acquire()).await {
        Ok(Ok(permit)) => permit,
        Ok(Err(_)) | Err(_) => return Err(LogoRefused::Busy),
    };
    let drawn = tokio::task::spawn_blocking(move || {
        let drawn = draw_now(&file);
        // Held until it is drawn, even where nobody waits for it any more.
        drop(permit);
        drawn
    });
    drawn.await.unwrap_or(Err(LogoRefused::Broken))
}

/// The first bytes decide what a file is, whatever it is called and said to be.
fn format(file: &[u8]) -> Result<ImageFormat, LogoRefused> {
    let begins = file.get(..file.len().min(1024)).unwrap_or_default();
    let text = String::from_utf8_lossy(begins).to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    match image::guess_format(file) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) => Ok(format),
        Ok(ImageFormat::Gif) => Err(LogoRefused::Gif),
        _ if text.starts_with('<') && text.contains("<svg") => Err(LogoRefused::Svg),
        _ if text.starts_with('<') => Err(LogoRefused::Page),
        _ => Err(LogoRefused::NotAPicture),
    }
}

fn draw_now(file: &[u8]) -> Result<Logo, LogoRefused> {
    if file.is_empty() {
        return Err(LogoRefused::Missing);
    }
    if file.len() > MAX_LOGO_BYTES {
        return Err(LogoRefused::TooLarge);
    }
    let picture = match format(file)? {
        ImageFormat::Png => read(PngDecoder::with_limits(Cursor::new(file), limits())),
        ImageFormat::Jpeg => read(JpegDecoder::new(Cursor::new(file))),
        _ => read(WebPDecoder::new(Cursor::new(file))),
    }?;
    let png = encoded(&squared(picture)).map_err(|_| LogoRefused::Broken)?;
    let mut id = [0; 16];
    id.iter_mut().zip(sha256(&png)).for_each(|(to, from)| *to = from);
    Ok(Logo { id: LogoId::from_bytes(id), png })
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOCATED_BYTES);
    limits
}

fn refused(error: image::ImageError) -> LogoRefused {
    match error {
        image::ImageError::Limits(_) => LogoRefused::TooManyPixels,
        _ => LogoRefused::Broken,
    }
}

fn read(decoder: ImageResult<impl ImageDecoder>) -> Result<DynamicImage, LogoRefused> {
    let mut decoder = decoder.map_err(refused)?;
    let (wide, high) = decoder.dimensions();
    if wide > MAX_SIDE || high > MAX_SIDE || u64::from(wide) * u64::from(high) > MAX_PIXELS {
        return Err(LogoRefused::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(refused)?;
    // What follows forgets how the camera was held.
    let turned = decoder.orientation().map_err(refused)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(turned);
    Ok(picture)
}

/// The whole picture in the middle of a square that is clear around it.
fn squared(picture: DynamicImage) -> RgbaImage {
    let fitting = picture.resize(SIDE, SIDE, FilterType::Triangle).into_rgba8();
    let mut square = RgbaImage::new(SIDE, SIDE);
    let (left, top) = (SIDE.saturating_sub(fitting.width()) / 2, SIDE.saturating_sub(fitting.height()) / 2);
    imageops::replace(&mut square, &fitting, i64::from(left), i64::from(top));
    square
}

fn encoded(square: &RgbaImage) -> ImageResult<Vec<u8>> {
    let mut png = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Default, PngFilter::Adaptive);
    encoder.write_image(square.as_raw(), SIDE, SIDE, ExtendedColorType::Rgba8)?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(wide: u32, high: u32) -> DynamicImage {
        let colour = |x: u32, y: u32| image::Rgba([x as u8, y as u8, 90, 255]);
        DynamicImage::ImageRgba8(RgbaImage::from_fn(wide, high, colour))
    }

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let picture = if format == ImageFormat::Jpeg { &DynamicImage::from(picture.to_rgb8()) } else { picture };
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    #[test]
    fn what_is_kept_is_a_square_png_whatever_came() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            for (wide, high) in [(1, 1), (400, 100), (30, 500), (256, 256), (4096, 1)] {
                let logo = draw_now(&file(&picture(wide, high), format)).unwrap();
                let kept = image::load_from_memory_with_format(&logo.png, ImageFormat::Png).unwrap();
                assert_eq!((kept.width(), kept.height()), (SIDE, SIDE), "{format:?} {wide}×{high}");
                assert_eq!(draw_now(&file(&picture(wide, high), format)).unwrap(), logo, "the same gives the same");
            }
        }
    }

    #[test]
    fn a_wide_picture_is_whole_and_clear_above_and_below() {
        let logo = draw_now(&file(&picture(400, 100), ImageFormat::Png)).unwrap();
        let kept = image::load_from_memory(&logo.png).unwrap().into_rgba8();
        assert_eq!((kept.get_pixel(0, 0)[3], kept.get_pixel(0, 255)[3]), (0, 0));
        assert_eq!((kept.get_pixel(0, 128)[3], kept.get_pixel(255, 128)[3]), (255, 255));
    }

    #[test]
    fn what_is_no_picture_of_the_three_kinds_is_named() {
        for (bytes, why) in [
            (b"".as_slice(), LogoRefused::Missing),
            (b"GIF89a\x01\x00\x01\x00", LogoRefused::Gif),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", LogoRefused::Svg),
            (b"\xef\xbb\xbf <?xml version='1.0'?><!-- x --><SVG/>", LogoRefused::Svg),
            (b"<!doctype html><script>alert(1)</script>", LogoRefused::Page),
            (b"BM\x00\x00", LogoRefused::NotAPicture),
            (b"%PDF-1.7", LogoRefused::NotAPicture),
            (b"\x89PNG\r\n\x1a\n", LogoRefused::Broken),
            (b"\xff\xd8\xff\xe0", LogoRefused::Broken),
            (b"RIFF\x10\x00\x00\x00WEBPVP8 ", LogoRefused::Broken),
        ] {
            assert_eq!(draw_now(bytes).map(|_| ()), Err(why), "{}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(draw_now(&vec![0; MAX_LOGO_BYTES + 1]).map(|_| ()), Err(LogoRefused::TooLarge));
    }
}
