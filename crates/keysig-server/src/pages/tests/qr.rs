//! The picture of a code, read back module by module.

use std::{fs, path::Path};

use super::*;

/// The dark modules of a picture, quiet zone included, `[row][column]`.
fn modules(svg: &str) -> Vec<Vec<bool>> {
    let size: usize = values(svg, "viewBox")[0].rsplit(' ').next().unwrap().parse().unwrap();
    let mut dark = vec![vec![false; size]; size];
    for bar in values(svg, "d")[0].split_terminator('z') {
        let (at, bar) = bar.strip_prefix('M').unwrap().split_once('h').unwrap();
        let (x, y) = at.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let (run, back) = bar.split_once("v1h-").unwrap();
        assert_eq!(run, back, "a bar is closed where it began");
        for module in &mut dark[y][x..x + run.parse::<usize>().unwrap()] {
            assert!(!*module, "two bars overlap");
            *module = true;
        }
    }
    dark
}

#[test]
fn a_qr_code_has_its_finder_patterns_its_timing_and_its_quiet_zone() {
    // Version 3, 29 modules a side, holds up to 42 bytes at level M (ISO/IEC 18004 §7.4.10).
    let text = "https://id.example.com/pair?code=WDJBMJHT";
    assert_eq!(text.len(), 41);
    let dark = modules(&qr_svg(text).unwrap());
    assert_eq!(dark.len(), 4 + 29 + 4);
    let finder = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"];
    for (left, top) in [(4, 4), (4 + 22, 4), (4, 4 + 22)] {
        for (y, row) in finder.iter().enumerate() {
            for (x, module) in row.chars().enumerate() {
                assert_eq!(dark[top + y][left + x], module == '#', "finder at {left}, {top}: {x}, {y}");
            }
        }
    }
    for n in 8..=20 {
        assert_eq!((dark[4 + 6][4 + n], dark[4 + n][4 + 6]), (n % 2 == 0, n % 2 == 0), "timing {n}");
    }
    for (y, row) in dark.iter().enumerate() {
        for (x, module) in row.iter().enumerate() {
            let quiet = !(4..33).contains(&x) || !(4..33).contains(&y);
            assert!(!(quiet && *module), "{x}, {y} is in the quiet zone");
        }
    }
}

#[test]
fn two_texts_are_two_pictures_and_one_text_is_one() {
    assert_eq!(qr_svg("a"), qr_svg("a"));
    assert_ne!(modules(&qr_svg("WDJB-MJHT").unwrap()), modules(&qr_svg("WDJB-MJHV").unwrap()));
}

/// Also leaves one in `target/pages`, for a telephone to look at.
#[test]
fn a_qr_code_says_what_it_leads_to_and_has_no_style_of_its_own() {
    let text = "https://id.example/pair?code=\"'><script>alert(1)</script>";
    let svg = qr_svg(text).unwrap();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "), "{svg}");
    let title = svg.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
    assert_eq!(unescaped(title), format!("QR code for {text}"));
    assert!(!svg.contains("style") && !svg.contains("<script"), "{svg}");
    assert_eq!(svg.matches("<path ").count(), 1);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pages");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pair-qr.svg"), qr_svg("https://id.example/pair?code=WDJB-MJHT").unwrap()).unwrap();
}

#[test]
fn a_text_that_no_qr_code_holds_makes_none() {
    assert!(qr_svg(&"a".repeat(2331)).is_some());
    assert_eq!(qr_svg(&"a".repeat(2332)), None);
}
