//! Colours, and whether they can be told apart: contrast as WCAG 2.2 defines it, and shades that have enough of it.

use std::fmt;

/// What text needs against its background (WCAG 2.2 §1.4.3).
pub const TEXT_CONTRAST: f64 = 4.5;

/// A colour of sRGB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl Colour {
    /// White.
    pub const WHITE: Self = Self::new(255, 255, 255);
    /// Black.
    pub const BLACK: Self = Self::new(0, 0, 0);

    /// From its three parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Reads `#3d3bd6`, in either letter case; nothing shorter, and no name.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self { red, green, blue })
    }

    /// Relative luminance, 0 for black to 1 for white (WCAG 2.2, "relative luminance").
    pub fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// How well the two can be told apart: 1 for the same, 21 for black and white (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The least contrast with any of `backgrounds`.
    pub fn least_contrast(self, backgrounds: &[Self]) -> f64 {
        backgrounds.iter().map(|background| self.contrast(*background)).fold(f64::INFINITY, f64::min)
    }

    /// This colour on its way to `other`, of 255 steps.
    pub fn towards(self, other: Self, step: u8) -> Self {
        let mix = |from: u8, to: u8| {
            let (from, to, step) = (u32::from(from), u32::from(to), u32::from(step));
            u8::try_from((from * (255 - step) + to * step + 127) / 255).unwrap_or(u8::MAX)
        };
        Self::new(mix(self.red, other.red), mix(self.green, other.green), mix(self.blue, other.blue))
    }

    /// The shade nearest to this one, on its way to black or to white, that has `contrast` with each of `backgrounds`; this
    /// one if it has. None where neither way leads to one.
    pub fn nearest_with(self, contrast: f64, backgrounds: &[Self]) -> Option<Self> {
        let passes = |colour: &Self| colour.least_contrast(backgrounds) >= contrast;
        (0..=u8::MAX)
            .find_map(|step| [Self::BLACK, Self::WHITE].map(|end| self.towards(end, step)).into_iter().find(passes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn contrast_is_that_of_the_standard() {
        let contrast = |one: &str, two: &str| Colour::parse(one).unwrap().contrast(Colour::parse(two).unwrap());
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.478).abs() < 1e-3, "just too little");
        assert!((contrast("#767676", "#FFFFFF") - 4.542).abs() < 1e-3, "just enough");
        assert!((contrast("#ff0000", "#ffffff") - 3.998).abs() < 1e-3);
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        for text in ["", "#", "#fff", "3d3bd6", "#3d3bd", "#3d3bd6a", "#3d3bdg", "#+d3bd6", "red", "#3d3bd6;"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn too_pale_a_colour_has_a_darker_neighbour() {
        let yellow = Colour::parse("#ffcc00").unwrap();
        let found = yellow.nearest_with(TEXT_CONTRAST, &[Colour::WHITE]).unwrap();
        assert!(found.contrast(Colour::WHITE) >= TEXT_CONTRAST);
        assert!(found.red > found.green && found.green > found.blue, "it is still yellow: {found}");
    }

    proptest! {
        #[test]
        fn a_suggested_shade_passes_and_is_the_nearest(red: u8, green: u8, blue: u8, light: bool) {
            let colour = Colour::new(red, green, blue);
            prop_assert_eq!(Colour::parse(&colour.to_string()), Some(colour));
            let background = if light { Colour::new(0xec, 0xef, 0xf4) } else { Colour::new(0x20, 0x24, 0x2d) };
            let found = colour.nearest_with(TEXT_CONTRAST, &[background]).unwrap();
            prop_assert!(found.contrast(background) >= TEXT_CONTRAST);
            prop_assert!(colour.contrast(background) < TEXT_CONTRAST || found == colour);
            prop_assert!((1.0..=21.0).contains(&colour.contrast(background)));
            prop_assert_eq!(colour.contrast(background), background.contrast(colour));
        }
    }
}
