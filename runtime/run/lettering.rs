//! Letters in pictures: the one font, which is compiled in, and names made to fit. It paints nothing.

use std::sync::Once;

use plotters::style::{FontDesc, FontStyle, IntoFont, RGBColor, TextStyle};

/// The colour of letters and lines.
pub(super) const INK: RGBColor = RGBColor(64, 68, 75);

const NAME: &str = "Ubuntu Light";

/// The font at a size in pixels. The fonts of the machine are left alone: it may have none, and the picture is the same
/// everywhere.
pub(super) fn font(size: u32) -> FontDesc<'static> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        let registered = plotters::style::register_font(NAME, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT);
        debug_assert!(registered.is_ok(), "the font that is compiled in is valid");
    });
    (NAME, size).into_font()
}

/// The font in the colour of letters.
pub(super) fn ink(size: u32) -> TextStyle<'static> {
    font(size).color(&INK)
}

/// How wide a text is in pixels.
pub(super) fn width(text: &str, size: u32) -> u32 {
    font(size).box_size(text).map_or(0, |(width, _)| width)
}

/// A name on lines no wider than `room` pixels, at most so many of them; what has no room is an ellipsis. A line ends
/// after a space, an underscore, a hyphen or a dot, if its second half has one. Characters that are not printed do not
/// count.
pub(super) fn lines(name: &str, size: u32, room: u32, most: usize) -> Vec<String> {
    let name = name.replace(char::is_control, "\u{fffd}");
    let (mut rest, mut found) = (name.trim(), Vec::new());
    while !rest.is_empty() && found.len() < most {
        if width(rest, size) <= room {
            found.push(rest.to_owned());
            break;
        }
        let is_last = found.len() + 1 == most;
        let fits = |end: &usize| width(&format!("{}{}", &rest[..*end], if is_last { "…" } else { "" }), size) <= room;
        let ends = rest.char_indices().map(|(start, letter)| start + letter.len_utf8());
        // A letter at least, so that there is an end.
        let end = ends.clone().take_while(fits).last().or_else(|| ends.clone().next()).unwrap_or(rest.len());
        let good = rest[..end].rfind([' ', '_', '-', '.']).map(|place| place + 1).filter(|good| *good * 2 >= end);
        let end = if is_last { end } else { good.unwrap_or(end) };
        found.push(if is_last { format!("{}…", &rest[..end]) } else { rest[..end].trim_end().to_owned() });
        rest = rest[end..].trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_is_as_it_is_and_one_that_does_not_breaks_where_its_words_do() {
        assert_eq!(lines("airplane", 12, 64, 2), ["airplane"]);
        assert_eq!(lines("n01532829_house_finch", 12, 70, 2), ["n01532829_", "house_finch"]);
        assert!(lines("", 12, 64, 2).is_empty());
    }

    #[test]
    fn no_line_is_wider_than_its_room_and_the_last_says_that_there_is_more() {
        for name in ["w".repeat(300), "größe und noch viel mehr als das".into(), "名前".repeat(40)] {
            for room in [40, 64, 224] {
                let found = lines(&name, 12, room, 2);
                assert!(found.len() <= 2 && found.iter().all(|line| width(line, 12) <= room), "{found:?} {room}");
                assert!(found.last().unwrap().ends_with('…') || found.concat().len() + 3 > name.len(), "{found:?}");
            }
        }
    }
}
