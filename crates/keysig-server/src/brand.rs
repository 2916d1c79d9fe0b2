//! The operator's accent as the pages wear it: shades for both colour schemes, in each of which it can be read.

use keysig_core::colour::{Colour, TEXT_CONTRAST};

/// What links and buttons stand on in the light scheme: page, surface, sunken (`static/keysig.css`).
const LIGHT: [Colour; 3] = [Colour::new(0xf6, 0xf7, 0xf9), Colour::WHITE, Colour::new(0xec, 0xef, 0xf4)];
/// And in the dark one.
const DARK: [Colour; 3] = [Colour::new(0x0f, 0x11, 0x16), Colour::new(0x18, 0x1b, 0x22), Colour::new(0x20, 0x24, 0x2d)];

/// The shades of one scheme.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shades {
    accent: Colour,
    on_accent: Colour,
    hover: Colour,
    soft: Colour,
}

impl Shades {
    /// From a colour that can be read on all of `backgrounds`, whose text is nearer to `end`.
    fn of(accent: Colour, backgrounds: &[Colour; 3], end: Colour) -> Option<Self> {
        let [_, surface, _] = *backgrounds;
        // As much of it as leaves the accent readable: at last none.
        let soft = (200..=u8::MAX).map(|step| accent.towards(surface, step));
        let mut soft = soft.filter(|soft| accent.contrast(*soft) >= TEXT_CONTRAST);
        let other_end = if end == Colour::BLACK { Colour::WHITE } else { Colour::BLACK };
        let on_accent = [other_end, end].into_iter().find(|label| label.contrast(accent) >= TEXT_CONTRAST)?;
        Some(Self { accent, on_accent, hover: accent.towards(end, 64), soft: soft.next()? })
    }
}

/// An accent in both schemes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Palette {
    light: Shades,
    dark: Shades,
}

impl Palette {
    /// From the accent of the light scheme; in the dark one the nearest shade that can be read there. If it cannot be read
    /// in the light scheme (below 4.5 to 1), the nearest one that can.
    pub fn of(accent: Colour) -> Result<Self, Colour> {
        let nearest = accent.nearest_with(TEXT_CONTRAST, &LIGHT).unwrap_or(Colour::BLACK);
        if nearest != accent {
            return Err(nearest);
        }
        let dark = accent.nearest_with(TEXT_CONTRAST, &DARK).unwrap_or(Colour::WHITE);
        match (Shades::of(accent, &LIGHT, Colour::BLACK), Shades::of(dark, &DARK, Colour::WHITE)) {
            (Some(light), Some(dark)) => Ok(Self { light, dark }),
            _ => Err(nearest),
        }
    }

    /// What is added to the style sheet: custom properties alone, over those it begins with.
    pub fn css(&self) -> String {
        let Self { light, dark } = self;
        let pairs = [
            ("accent", light.accent, dark.accent),
            ("on-accent", light.on_accent, dark.on_accent),
            ("accent-hover", light.hover, dark.hover),
            ("accent-soft", light.soft, dark.soft),
        ];
        let plain: String = pairs.iter().map(|(name, light, _)| format!("--{name}:{light};")).collect();
        let both: String =
            pairs.iter().map(|(name, light, dark)| format!("--{name}:light-dark({light},{dark});")).collect();
        format!("\n:root{{{plain}}}\n@supports (color: light-dark(#000, #fff)){{:root{{{both}}}}}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_the_accent_is_text_can_be_read_in_both_schemes(red: u8, green: u8, blue: u8) {
            let asked = Colour::new(red, green, blue);
            let palette = Palette::of(asked).or_else(Palette::of);
            let palette = palette.expect("what is suggested is accepted");
            for (shades, backgrounds) in [(palette.light, LIGHT), (palette.dark, DARK)] {
                for background in backgrounds.into_iter().chain([shades.soft]) {
                    prop_assert!(shades.accent.contrast(background) >= TEXT_CONTRAST);
                }
                for background in backgrounds {
                    prop_assert!(shades.hover.contrast(background) >= TEXT_CONTRAST);
                }
                prop_assert!(shades.on_accent.contrast(shades.accent) >= TEXT_CONTRAST);
                prop_assert!(shades.on_accent.contrast(shades.hover) >= TEXT_CONTRAST);
            }
        }
    }

    #[test]
    fn too_pale_an_accent_is_refused_with_a_shade_that_will_do() {
        let yellow = Colour::parse("#ffcc00").unwrap();
        let suggested = Palette::of(yellow).unwrap_err();
        assert!(suggested.least_contrast(&LIGHT) >= TEXT_CONTRAST && Palette::of(suggested).is_ok());
    }

    #[test]
    fn the_backgrounds_are_those_of_the_style_sheet() {
        let css = include_str!("../static/keysig.css");
        let [page, surface, sunken] = LIGHT;
        assert_eq!((page.to_string(), surface.to_string()), ("#f6f7f9".to_owned(), "#ffffff".to_owned()));
        assert!(css.contains(&format!("--page: {page}; --surface: #fff; --sunken: {sunken};")));
        let [page, surface, sunken] = DARK;
        for (name, dark) in [("page", page), ("surface", surface), ("sunken", sunken)] {
            let property = css.split(&format!("--{name}: light-dark(")).nth(1).and_then(|rest| rest.split(')').next());
            assert!(property.is_some_and(|pair| pair.ends_with(&dark.to_string())), "{name}");
        }
    }
}
