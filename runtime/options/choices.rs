//! Choices among names, each declared once: variant, name, documentation.

/// One of several names.
pub trait Choice: Sized + 'static {
    /// All of them, in the order in which they are told.
    const ALL: &'static [Self];
    /// What scripts write for each.
    const NAMES: &'static [&'static str];
}

/// Declares enumerations whose variants have names that scripts write. One is the default. `of "resnet" "stem"` is how an
/// unknown name is told: `resnet: unknown stem '…'`.
macro_rules! choices {
    ($(
        $(#[doc = $doc:literal])*
        $vis:vis enum $enum:ident of $op:literal $what:literal {
            $($(#[$attribute:meta])* $variant:ident = $name:literal,)*
        }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            $vis enum $enum {
                $($(#[$attribute])* $variant,)*
            }

            impl $crate::options::Choice for $enum {
                const ALL: &'static [Self] = &[$(Self::$variant),*];
                const NAMES: &'static [&'static str] = &[$($name),*];
            }

            impl $enum {
                /// The name that scripts write.
                pub fn name(self) -> &'static str {
                    match self {
                        $(Self::$variant => $name,)*
                    }
                }
            }

            impl std::fmt::Display for $enum {
                fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    formatter.write_str(self.name())
                }
            }

            impl $crate::options::Shown for $enum {
                fn shown(&self) -> Option<String> {
                    Some(format!("\"{self}\""))
                }
            }

            impl std::str::FromStr for $enum {
                type Err = $crate::Error;

                fn from_str(name: &str) -> $crate::Result<Self> {
                    use $crate::options::Choice;
                    let found = Self::ALL.iter().find(|choice| choice.name() == name);
                    let known = Self::NAMES.iter().copied();
                    found.copied().ok_or_else(|| $crate::Error::unknown($op, $what, name, known))
                }
            }
        )*
    };
}
pub(crate) use choices;

#[cfg(test)]
mod tests {
    use crate::options::Choice;

    choices! {
        /// A way to go.
        pub enum Way of "walk" "way" {
            /// As the crow flies.
            #[default]
            Straight = "straight",
            /// Along the coast.
            Coast = "coast",
        }
    }

    #[test]
    fn a_choice_is_read_from_the_name_that_it_shows() {
        for way in Way::ALL {
            assert_eq!(way.to_string().parse::<Way>().unwrap(), *way);
        }
        assert_eq!((Way::NAMES, Way::default()), (&["straight", "coast"][..], Way::Straight));
        let error = "cost".parse::<Way>().unwrap_err().to_string();
        assert_eq!(error, "walk: unknown way 'cost'; did you mean 'coast'?");
    }
}
