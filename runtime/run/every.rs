//! How often checkpoints are written.

use std::{str::FromStr, time::Duration};

use crate::{Error, Result};

/// The distance from one checkpoint to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// So many steps.
    Steps(u64),
    /// So much time.
    Time(Duration),
    /// None but at the end.
    Never,
}

impl Default for Every {
    fn default() -> Self {
        Self::Time(Duration::from_secs(60))
    }
}

impl FromStr for Every {
    type Err = Error;

    /// `100` (steps), `30s`, `5m`, `1h` or `never`.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::argument(
                "checkpoint",
                "every",
                "steps such as 100, a time such as 5m, or never",
                format!("'{text}'"),
            )
        };
        let positive = |number: &str| number.parse::<u64>().ok().filter(|number| *number > 0).ok_or_else(wrong);
        let unit = |unit: char| match unit {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3600),
            _ => None,
        };
        match text.chars().last().and_then(|last| Some((last, unit(last)?))) {
            _ if text == "never" => Ok(Self::Never),
            Some((last, seconds)) => {
                let count = positive(text.trim_end_matches(last))?;
                Ok(Self::Time(Duration::from_secs(count.checked_mul(seconds).ok_or_else(wrong)?)))
            }
            None => Ok(Self::Steps(positive(text)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_times_and_never_are_understood_and_nothing_else_is() {
        let read = |text: &str| text.parse::<Every>().unwrap();
        assert_eq!(read("100"), Every::Steps(100));
        assert_eq!(read("5m"), Every::Time(Duration::from_secs(300)));
        assert_eq!(read("90s"), Every::Time(Duration::from_secs(90)));
        assert_eq!(read("2h"), Every::Time(Duration::from_secs(7200)));
        assert_eq!(read("never"), Every::Never);
        for bad in ["", "0", "-1", "m", "0m", "5x", "1.5m", "18446744073709551615h", "é"] {
            assert!(bad.parse::<Every>().is_err(), "{bad}");
        }
    }
}
