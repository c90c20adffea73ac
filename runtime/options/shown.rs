//! Options as a script would write them.

use super::{Pair, Span};

/// A value that can be shown as a script writes it.
pub trait Shown {
    /// As a script writes it; none for one that is left out.
    fn shown(&self) -> Option<String>;
}

macro_rules! plain {
    ($($type:ty),*) => {
        $(impl Shown for $type {
            fn shown(&self) -> Option<String> {
                Some(self.to_string())
            }
        })*
    };
}

plain!(f32, f64, usize, u32, bool);

impl Shown for Pair {
    fn shown(&self) -> Option<String> {
        Some(match self.0 {
            [height, width] if height == width => height.to_string(),
            [height, width] => format!("{{ {height}, {width} }}"),
        })
    }
}

impl Shown for Span {
    fn shown(&self) -> Option<String> {
        let Self([low, high]) = self;
        Some(format!("{{ {low}, {high} }}"))
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Option<String> {
        self.as_ref().and_then(T::shown)
    }
}

/// A call with options by name: `flip { p = 0.5 }`.
pub(crate) fn call(name: &str, options: &[(&str, Option<String>)]) -> String {
    let given = options.iter().filter_map(|(name, value)| Some(format!("{name} = {}", value.as_ref()?)));
    match given.collect::<Vec<_>>().join(", ") {
        options if options.is_empty() => format!("{name}()"),
        options => format!("{name} {{ {options} }}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_shown_as_a_script_writes_them() {
        let options = [
            ("size", Pair([3, 4]).shown()),
            ("side", Pair::square(3).shown()),
            ("scale", Span([0.5, 1.0]).shown()),
            ("kernel", None::<usize>.shown()),
            ("p", 0.25f32.shown()),
        ];
        assert_eq!(call("crop", &options), "crop { size = { 3, 4 }, side = 3, scale = { 0.5, 1 }, p = 0.25 }");
        assert_eq!(call("crop", &[("kernel", None)]), "crop()");
    }
}
