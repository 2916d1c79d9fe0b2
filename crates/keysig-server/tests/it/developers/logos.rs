//! Files that are sent as a logo and are something else, something more, or far too much.

use keysig_server::logo::MAX_LOGO_BYTES;

use super::profile::{fetch, send_logo};
use super::review::{graces, kept};
use crate::actors::{Browser, TestApp};
use crate::pictures::{self, Chunks};

const PATH: &str = "/dashboard/apps/graces/profile";

async fn send(grace: &mut Browser, file: &[u8], filename: &str) -> (u16, String) {
    let answer = send_logo(grace, PATH, file, filename, "image/png").await;
    (answer.status.as_u16(), answer.body)
}

/// The logo as it is served, which is a PNG with nothing in it but a picture.
async fn drawn(server: &TestApp) -> Vec<u8> {
    let logo = kept(server).await.about.logo.unwrap();
    let picture = fetch(server, &format!("/logo/{logo}.png")).await.into_body();
    assert_eq!(pictures::chunk_names(&picture), ["IHDR", "IDAT", "IEND"], "nothing else, and nothing after it");
    picture
}

fn holds(file: &[u8], text: &str) -> bool {
    file.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn what_is_no_picture_is_refused_by_name_whatever_it_is_called() {
    let (server, mut grace) = graces().await;
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>alert(1)</script></svg>";
    let with_head = format!("<?xml version=\"1.0\"?><!DOCTYPE svg>{svg}");
    for (file, words) in [
        (svg.as_bytes(), "SVG files can hold programs"),
        (with_head.as_bytes(), "SVG files can hold programs"),
        (b"<!doctype html><script>alert(1)</script>".as_slice(), "This is a web page"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "no GIF is taken"),
        (b"GIF89a/*\x00\x00*/=1;alert(1)//", "no GIF is taken"),
        (b"PK\x03\x04\x14\x00", "This is no PNG, JPEG or WebP picture."),
        (b"%PDF-1.7\n", "This is no PNG, JPEG or WebP picture."),
        (b"alert(1)", "This is no PNG, JPEG or WebP picture."),
        (b"\x1f\x8b\x08\x00", "This is no PNG, JPEG or WebP picture."),
        (b"", "Choose a file first."),
    ] {
        for name in ["logo.png", "logo.svg", "x\"; filename=\"y.html", "../../logo.png", "\u{202e}gnp.lmth"] {
            let (status, page) = send(&mut grace, file, name).await;
            assert!((status, page.contains(words)) == (422, true), "{words} {name}: {status} {page}");
        }
    }
    assert_eq!(kept(&server).await.about.logo, None);
}

#[tokio::test]
async fn of_a_picture_that_is_something_else_too_the_picture_is_left() {
    let (server, mut grace) = graces().await;
    let script = b"<script>alert('marker')</script>".as_slice();
    let archive = b"PK\x03\x04marker.class PK\x05\x06".as_slice();
    let text = |kind, body: &[u8]| Chunks::of(&pictures::png(40, 40)).after_head(kind, body).file();
    let mut compressed = b"Comment\0\0".to_vec();
    compressed.extend(pictures::inflates_to(b'm', 100));
    let mut profile = b"sRGB\0\0".to_vec();
    profile.extend(pictures::inflates_to(b'm', 100));
    for (what, file) in [
        ("PNG and HTML", [&pictures::png(40, 40), script].concat()),
        ("PNG and archive", [&pictures::png(40, 40), archive].concat()),
        ("JPEG and HTML", [&pictures::jpeg(40, 40), script].concat()),
        ("JPEG and archive", [&pictures::jpeg(40, 40), archive].concat()),
        ("WebP and HTML", [&pictures::webp(40, 40), script].concat()),
        ("text in a PNG", text(b"tEXt", b"Comment\0<script>alert('marker')</script>")),
        ("compressed text", text(b"zTXt", &compressed)),
        ("international text", text(b"iTXt", b"Comment\0\0\0en\0\0<script>alert('marker')</script>")),
        ("EXIF in a PNG", text(b"eXIf", b"MM\0*\0\0\0\x08\0\0marker")),
        ("a chunk of its own", text(b"maRk", b"marker <script>")),
        ("a comment in a JPEG", pictures::with_segment(&pictures::jpeg(40, 40), 0xfe, script)),
        ("EXIF in a JPEG", pictures::with_segment(&pictures::jpeg(40, 40), 0xe1, b"Exif\0\0MM\0*\0\0\0\x08\0\0marker")),
        (
            "XMP in a JPEG",
            pictures::with_segment(&pictures::jpeg(40, 40), 0xe1, b"http://ns.adobe.com/xap/1.0/\0marker"),
        ),
        ("a colour profile", text(b"iCCP", &profile)),
    ] {
        let (status, page) = send(&mut grace, &file, "logo.png").await;
        assert_eq!(status, 303, "{what}: {page}");
        let picture = drawn(&server).await;
        for marker in ["marker", "script", "PK\u{3}", "Exif", "tEXt", "zTXt", "iTXt", "eXIf", "iCCP", "maRk"] {
            assert!(!holds(&picture, marker), "{what}: {marker}");
        }
    }
}

#[tokio::test]
async fn a_picture_that_claims_too_much_is_refused_before_anything_is_made_room_for() {
    let (server, mut grace) = graces().await;
    for (wide, high) in [(60_000, 60_000), (u32::MAX >> 1, 1), (4_097, 1), (4_096, 4_096), (1, 1 << 20)] {
        let bomb = pictures::claiming(wide, high, pictures::inflates_to(0, 1 << 20));
        let (status, page) = send(&mut grace, &bomb, "logo.png").await;
        assert!(status == 422 && page.contains("too many pixels"), "{wide}×{high}: {status} {page}");
    }
    for (wide, high) in [(0, 0), (0, 10), (u32::MAX, u32::MAX)] {
        let (status, _) = send(&mut grace, &pictures::claiming(wide, high, Vec::new()), "logo.png").await;
        assert_eq!(status, 422, "{wide}×{high}");
    }
    assert_eq!(kept(&server).await.about.logo, None);
}

#[tokio::test]
async fn chunks_that_swell_or_never_end_cost_no_more_than_the_file() {
    let (_, mut grace) = graces().await;
    let png = pictures::png(20, 20);
    let swells = |prefix: &[u8]| [prefix, &pictures::inflates_to(b'A', 64 << 20)].concat();
    let many = (0..30_000).fold(Chunks::of(&png), |chunks, _| chunks.after_head(b"tEXt", b"a\0b"));
    for (what, file) in [
        ("a text of 64 MB", Chunks::of(&png).after_head(b"zTXt", &swells(b"a\0\0")).file()),
        ("an international text of 64 MB", Chunks::of(&png).after_head(b"iTXt", &swells(b"a\0\x01\0\0\0")).file()),
        ("a profile of 64 MB", Chunks::of(&png).after_head(b"iCCP", &swells(b"a\0\0")).file()),
        ("pixels of 64 MB", pictures::claiming(20, 20, pictures::inflates_to(0, 64 << 20))),
        ("many chunks", many.file()),
        ("a chunk without an end", Chunks::of(&png).longer_than_it_is().file()),
    ] {
        assert!(file.len() <= MAX_LOGO_BYTES, "{what}: {}", file.len());
        let (status, page) = send(&mut grace, &file, "logo.png").await;
        assert!([303, 422].contains(&status), "{what}: {status} {page}");
    }
}

#[tokio::test]
async fn a_file_that_is_cut_off_or_bent_is_refused_or_drawn_and_nothing_else() {
    let (server, mut grace) = graces().await;
    let csrf = grace.get(PATH).await.field("csrf");
    let mut state = 7_u32;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for file in [pictures::png(24, 24), pictures::jpeg(24, 24), pictures::webp(24, 24)] {
        for n in 0..60 {
            let mut bent = file.clone();
            if n % 3 == 0 {
                bent.truncate(random(file.len()));
            } else {
                for _ in 0..=n % 5 {
                    let at = random(bent.len());
                    bent[at] ^= 1 << random(8);
                }
            }
            let answer = super::profile::upload(&mut grace, PATH, &csrf, &bent, "logo.png", "image/png").await;
            assert!([303, 422].contains(&answer.status.as_u16()), "{n}: {}", answer.body);
            if answer.status.as_u16() == 303 {
                drawn(&server).await;
            }
        }
    }
}

#[tokio::test]
async fn a_logo_is_a_picture_wherever_it_is_opened() {
    let (server, mut grace) = graces().await;
    assert_eq!(send(&mut grace, &pictures::png(20, 20), "logo.png").await.0, 303);
    let logo = kept(&server).await.about.logo.unwrap();
    let picture = fetch(&server, &format!("/logo/{logo}.png")).await;
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(picture.headers()["x-content-type-options"], "nosniff");
    assert_eq!(picture.headers()["content-security-policy"], "default-src 'none'; sandbox");
    assert!(picture.headers().get("set-cookie").is_none());
    for elsewhere in [
        format!("/logo/{logo}"),
        format!("/logo/{logo}.svg"),
        format!("/logo/{logo}.html"),
        format!("/logo/%2e%2e%2f{logo}.png"),
    ] {
        assert_eq!(fetch(&server, &elsewhere).await.status().as_u16(), 404, "{elsewhere}");
    }
}
