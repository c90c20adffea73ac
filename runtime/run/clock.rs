//! The time of day in UTC, as run folders are named and dated. No time zones, no arithmetic.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

/// A second of civil time in UTC. It displays as RFC 3339: `2026-03-01T09:05:07Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcTime {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl UtcTime {
    /// The present, to the second. A clock before 1970 reads as 1970.
    pub fn now() -> Self {
        Self::from_unix_seconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }

    /// The time so many seconds after the start of 1970, by the `civil_from_days` algorithm of Howard Hinnant
    /// ("chrono-Compatible Low-Level Date Algorithms", 2013): years start in March, so that a leap day is a year's last
    /// day. An era is 400 years, after which the calendar repeats.
    pub fn from_unix_seconds(seconds: u64) -> Self {
        let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        Self {
            year: era * 400 + year_of_era + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * march_month + 2) / 5 + 1,
            hour: second_of_day / 3_600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
        }
    }

    /// The form for file names, sortable and without colons: `20260301-090507`.
    pub fn stamp(&self) -> String {
        let Self { year, month, day, hour, minute, second } = self;
        format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}")
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_seconds_give_their_dates() {
        for (seconds, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_772_355_907, "2026-03-01T09:05:07Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(UtcTime::from_unix_seconds(seconds).to_string(), date);
        }
    }

    #[test]
    fn stamps_sort_as_time_does() {
        let mut stamps: Vec<_> = (0..500).map(|week| UtcTime::from_unix_seconds(week * 604_801).stamp()).collect();
        let in_time = stamps.clone();
        stamps.sort();
        assert_eq!(stamps, in_time);
    }
}
