//! The transforms that a chain can be made of, by name, as a checkpoint has them. A new one is its own file and a word
//! here.

use serde::{Deserialize, Serialize};

#[cfg(test)]
use super::probe::Probe;
use super::{
    AddDecayedWeights, ClipByGlobalNorm, ClipByValue, Custom, GradientTransform, Lookahead, ScaleByAdam,
    ScaleByLearningRate, ScaleByLion, ScaleByRms, ScaleByRss, ScaleByTrustRatio, Trace,
};

macro_rules! links {
    ($($(#[$attribute:meta])* $transform:ident,)*) => {
        /// A transform of a chain.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Link {
            $(
                #[doc = concat!("[`", stringify!($transform), "`].")]
                $(#[$attribute])*
                $transform($transform),
            )*
        }

        impl Link {
            /// What it does.
            pub fn transform(&self) -> &dyn GradientTransform {
                match self {
                    $($(#[$attribute])* Self::$transform(transform) => transform,)*
                }
            }

            /// What it is called, and what it keeps.
            pub fn name(&self) -> &'static str {
                match self {
                    $($(#[$attribute])* Self::$transform(_) => $transform::NAME,)*
                }
            }

            /// Whether a transform is called so, whichever of its like it is in a chain (`trace_2`).
            pub fn is_name(name: &str) -> bool {
                let digits = name.trim_end_matches(|c: char| c.is_ascii_digit());
                let kind = if digits.len() < name.len() { digits.strip_suffix('_').unwrap_or(name) } else { name };
                let mut is_known = false;
                $($(#[$attribute])* { is_known |= kind == $transform::NAME; })*
                is_known
            }
        }

        $(
            $(#[$attribute])*
            impl From<$transform> for Link {
                fn from(transform: $transform) -> Self {
                    Self::$transform(transform)
                }
            }
        )*
    };
}

links! {
    ClipByGlobalNorm,
    ClipByValue,
    AddDecayedWeights,
    ScaleByAdam,
    ScaleByRms,
    ScaleByRss,
    ScaleByLion,
    ScaleByTrustRatio,
    Trace,
    Custom,
    ScaleByLearningRate,
    Lookahead,
    #[cfg(test)]
    Probe,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_a_damaged_one() {
        for known in ["trace", "trace_2", "trace_12", "add_decayed_weights", "scale_by_learning_rate"] {
            assert!(Link::is_name(known), "{known}");
        }
        for unknown in ["trcae", "trace_", "trace2", "_2", "", "trace/trace", "trace_2_3"] {
            assert!(!Link::is_name(unknown), "{unknown}");
        }
    }

    #[test]
    fn a_link_is_written_by_the_name_that_it_has_in_a_chain() {
        let link = Link::from(Trace { decay: 0.5, nesterov: true });
        let text = serde_json::to_string(&link).unwrap();
        assert_eq!(text, format!(r#"{{"{}":{{"decay":0.5,"nesterov":true}}}}"#, link.name()));
        assert_eq!(serde_json::from_str::<Link>(&text).unwrap(), link);
        let error = serde_json::from_str::<Link>(r#"{"trcae":{"decay":0.5}}"#).unwrap_err().to_string();
        assert!(error.contains("unknown variant `trcae`"), "{error}");
    }
}
