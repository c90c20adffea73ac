//! The macro that declares a table of options.

/// Declares tables of options, each a struct whose fields are `name: Type`, then, each where there is one, ` =
/// default`, `, in range`, `, unit "pixels"`. The doc comments of struct and fields are the documentation everywhere. A
/// table may be put together from others: a last line `..rule: Sgd;` takes the options of `Sgd` as its own. Scripts'
/// type definitions know the table by the struct's name, or by the one after `as`. With `, shown "name"` the struct is
/// displayed as a script would write it: `name { option = value }`.
macro_rules! options {
    ($(
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:path),*)])?
        $(#[serde($($serde:tt)*)])?
        $vis:vis struct $struct:ident $(as $name:literal)? $(, shown $shown:literal)? {
            $(
                $(#[doc = $option_doc:literal])*
                $option_vis:vis $option:ident: $type:ty
                    $(= $default:expr)? $(, in $range:expr)? $(, unit $unit:literal)?;
            )*
            $(..$part:ident: $part_type:ty;)*
        }
    )*) => {
        $(
            $(#[doc = $doc])*
            $(#[derive($($derive),*)])?
            $(#[serde($($serde)*)])?
            $vis struct $struct {
                $($(#[doc = $option_doc])* $option_vis $option: $type,)*
                $(
                    #[doc = concat!("Those of [`", stringify!($part_type), "`].")]
                    pub $part: $part_type,
                )*
            }

            const _: () = {
                use $crate::options::{Declared, Options, ReadFrom, Reader};

                const ENTRIES: &[Declared] = &[$(Declared {
                    name: stringify!($option),
                    default: options!(@text $($default)?),
                    unit: options!(@literal $($unit)?),
                    limits: options!(@limits $type $(, $range)?),
                    doc: &[$($option_doc),*],
                },)*];

                options! { @shown $struct [$($shown)?] [$($option)*] }

                options! { @struct $struct [options!(@name $struct $($name)?)] [$($doc),*]
                    [$($part: $part_type,)*] [] []
                    $($option: $type $(= $default)? $(, in $range)? $(, unit $unit)?;)*
                }

                impl<R: Reader> ReadFrom<R> for $struct
                where
                    $(R: $crate::options::Reads<$type>,)*
                    $($part_type: ReadFrom<R>,)*
                {
                    const OPTIONAL: bool = true $(&& options!(@optional $type $(, $default)?))*;

                    fn kinds(docs: &mut R::Docs) -> Vec<String> {
                        let own: Vec<String> = vec![$(<R as $crate::options::Reads<$type>>::kind(docs),)*];
                        let parts: Vec<Vec<String>> = vec![$(<$part_type as ReadFrom<R>>::kinds(docs),)*];
                        own.into_iter().chain(parts.into_iter().flatten()).collect()
                    }

                    fn read_from(reader: &mut R) -> Option<Self> {
                        Some(Self {
                            $($option: reader.option($crate::options::declared(ENTRIES, stringify!($option)), options!(@value $($default)?))?,)*
                            $($part: <$part_type as ReadFrom<R>>::read_from(reader)?,)*
                        })
                    }
                }
            };
        )*
    };

    // Required and defaulted options apart.
    (@struct $struct:ident [$name:expr] [$($doc:literal),*] $parts:tt [$($required:ident: $required_type:ty,)*] [$($set:tt)*]
        $option:ident: $type:ty $(, in $range:expr)? $(, unit $unit:literal)?; $($rest:tt)*
    ) => {
        options! { @struct $struct [$name] [$($doc),*] $parts
            [$($required: $required_type,)* $option: $type,] [$($set)* ($option [] [$($range)?] [$($unit)?])] $($rest)* }
    };
    (@struct $struct:ident [$name:expr] [$($doc:literal),*] $parts:tt $required:tt [$($set:tt)*]
        $option:ident: $type:ty = $default:expr $(, in $range:expr)? $(, unit $unit:literal)?; $($rest:tt)*
    ) => {
        options! { @struct $struct [$name] [$($doc),*] $parts
            $required [$($set)* ($option [$default] [$($range)?] [$($unit)?])] $($rest)* }
    };
    (@struct $struct:ident [$name:expr] [$($doc:literal),*] [$($part:ident: $part_type:ty,)*]
        [$($required:ident: $required_type:ty,)*]
        [$(($option:ident [$($default:expr)?] [$($range:expr)?] [$($unit:literal)?]))*]
    ) => {
        impl Options for $struct {
            const NAME: &'static str = $name;
            const DOC: &'static [&'static str] = &[$($doc),*];
            type Required = ($($required_type,)*);

            fn given(($($required,)*): Self::Required) -> Self {
                Self { $($option: options!(@or $option $($default)?),)* $($part: Default::default(),)* }
            }

            fn entries() -> Vec<&'static Declared> {
                let parts: Vec<Vec<&'static Declared>> = vec![$(<$part_type as Options>::entries(),)*];
                ENTRIES.iter().chain(parts.into_iter().flatten()).collect()
            }

            fn check(&self, op: &str) -> $crate::Result<()> {
                // A table without ranges names nothing.
                let _ = op;
                $(options! { @check op, stringify!($option), &self.$option, [$($range)?] [$($unit)?] })*
                $(Options::check(&self.$part, op)?;)*
                Ok(())
            }
        }

        options! { @default $struct [$($required)*] }
    };

    (@shown $struct:ident [] $options:tt) => {};
    (@shown $struct:ident [$name:literal] [$($option:ident)*]) => {
        impl std::fmt::Display for $struct {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let options = [$((stringify!($option), $crate::options::Shown::shown(&self.$option))),*];
                formatter.write_str(&$crate::options::shown::call($name, &options))
            }
        }
    };

    (@default $struct:ident []) => {
        impl Default for $struct {
            fn default() -> Self {
                Self::given(())
            }
        }
    };
    (@default $struct:ident [$($required:ident)+]) => {};
    (@check $op:expr, $name:expr, $value:expr, [] $unit:tt) => {};
    (@check $op:expr, $name:expr, $value:expr, [$range:expr] [$($unit:literal)?]) => {
        $crate::options::check($op, $name, $value, &$range, options!(@literal $($unit)?))?;
    };
    (@or $option:ident) => { $option };
    (@or $option:ident $default:expr) => { $default };
    (@name $struct:ident) => { stringify!($struct) };
    (@name $struct:ident $name:literal) => { $name };
    (@literal) => { None };
    (@literal $literal:literal) => { Some($literal) };
    (@limits $type:ty) => { None };
    (@limits $type:ty, $range:expr) => { Some(|| $crate::options::want::<_, $type>(&$range)) };
    (@optional $type:ty) => { <R as $crate::options::Reads<$type>>::OPTIONAL };
    (@optional $type:ty, $default:expr) => { true };
    (@text) => { None };
    (@text $default:expr) => { Some(stringify!($default)) };
    (@value) => { None };
    (@value $default:expr) => { Some($default) };
}
pub(crate) use options;

#[cfg(test)]
mod tests {
    use crate::options::{Options, Pair, over};

    options! {
        /// How a shape is painted.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Brush {
            /// How wide it is.
            pub width: f64 = 1.5, in over(0.0), unit "pixels";
            /// A colour's name.
            pub colour: Option<String> = None;
        }
        /// A painted shape.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Painted as "Picture" {
            /// How large it is.
            pub size: Pair, in 1..=64;
            /// How many times it is painted.
            pub times: usize = 2;
            ..brush: Brush;
        }
    }

    #[test]
    fn a_declaration_gives_defaults_checks_and_words() {
        let painted = Painted::given((Pair::square(3),));
        assert_eq!((painted.times, &painted.brush), (2, &Brush { width: 1.5, colour: None }));
        assert!(painted.check("paint").is_ok());
        let names: Vec<&str> = Painted::entries().iter().map(|entry| entry.name).collect();
        assert_eq!((Painted::NAME, names), ("Picture", vec!["size", "times", "width", "colour"]));
        assert_eq!(Brush::entries()[0].sentence(), "How wide it is. Over 0 pixels.");
        let thin = Painted { brush: Brush { width: 0.0, colour: None }, ..painted.clone() };
        let error = thin.check("paint").unwrap_err().to_string();
        assert_eq!(error, "paint: width must be a number over 0 pixels, got 0");
        let error = Painted { size: Pair([65, 1]), ..painted }.check("paint").unwrap_err().to_string();
        assert_eq!(error, "paint: size must be from 1 to 64, got {65, 1}");
    }
}
