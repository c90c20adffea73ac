//! When differences in contents amount to a change: after editors and version control have done all their writing.
//! It is told the time and the contents, and looks at neither a clock nor a file.

use std::time::{Duration, Instant};

use super::file::Contents;

/// So long nothing may change before a change is reported.
const SETTLED: Duration = Duration::from_millis(30);

/// A file may be missing for so long before it counts as gone: editors delete a file and make it anew.
const GONE: Duration = Duration::from_millis(250);

/// What keeps changing is reported after this time, as it is.
const LONGEST: Duration = Duration::from_secs(1);

/// What has changed since the last report.
#[derive(Debug)]
pub struct Burst {
    files: Vec<Seen>,
    /// When the first difference was seen, if there is one that is not reported yet.
    first: Option<Instant>,
    /// When contents last differed from those before.
    last: Option<Instant>,
}

#[derive(Debug)]
struct Seen {
    reported: Contents,
    latest: Contents,
    missing_since: Option<Instant>,
}

impl Seen {
    /// Whether it is too early to say if the file has gone.
    fn is_undecided(&self, now: Instant) -> bool {
        self.reported.is_some() && self.missing_since.is_some_and(|since| now - since < GONE)
    }
}

impl Burst {
    /// Differences are those from `baseline`, one for each file.
    pub fn new(baseline: impl IntoIterator<Item = Contents>) -> Self {
        let seen = |contents| Seen { reported: contents, latest: contents, missing_since: None };
        Self { files: baseline.into_iter().map(seen).collect(), first: None, last: None }
    }

    /// Whether there are differences that may become a change without any further difference.
    pub fn is_active(&self) -> bool {
        self.first.is_some()
    }

    /// Takes in what the files contain now, in their order. Once they have settled, returns when the first difference
    /// was seen, and which files differ from their last report.
    pub fn observe(&mut self, now: Instant, contents: &[Contents]) -> Option<(Instant, Vec<usize>)> {
        debug_assert_eq!(contents.len(), self.files.len(), "one for each file");
        for (file, &contents) in self.files.iter_mut().zip(contents) {
            if file.latest != contents {
                file.latest = contents;
                self.last = Some(now);
            }
            file.missing_since = contents.is_none().then(|| file.missing_since.unwrap_or(now));
            if file.latest != file.reported {
                self.first.get_or_insert(now);
            }
        }
        let first = self.first?;
        let is_settled =
            self.last.is_none_or(|last| now - last >= SETTLED) && !self.files.iter().any(|file| file.is_undecided(now));
        if !is_settled && now - first < LONGEST {
            return None;
        }
        // Whoever is still undecided begins another burst at the next look.
        self.first = None;
        let mut differing = Vec::new();
        for (index, file) in self.files.iter_mut().enumerate() {
            if file.latest != file.reported && !file.is_undecided(now) {
                file.reported = file.latest;
                differing.push(index);
            }
        }
        (!differing.is_empty()).then_some((first, differing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reload::file::digest;

    /// Plays `steps` of (milliseconds, contents of each file, "" for missing), then holds the last one for two
    /// seconds, with a look every 10 ms. Returns what was reported: when, when it began, and which files.
    fn play(baseline: &[&str], steps: &[(u64, &[&str])]) -> Vec<(u64, u64, Vec<usize>)> {
        let contents =
            |texts: &[&str]| texts.iter().map(|text| digest(text.as_bytes()).filter(|_| !text.is_empty())).collect();
        let baseline: Vec<Contents> = contents(baseline);
        let mut burst = Burst::new(baseline);
        let start = Instant::now();
        let end = steps.last().unwrap().0 + 2_000;
        let mut reports = Vec::new();
        for at in (0..end).step_by(10) {
            let Some((_, texts)) = steps.iter().rev().find(|(from, _)| *from <= at) else { continue };
            let now: Vec<Contents> = contents(texts);
            if let Some((first, files)) = burst.observe(start + Duration::from_millis(at), &now) {
                reports.push((at, (first - start).as_millis() as u64, files));
            }
        }
        assert!(!burst.is_active());
        reports
    }

    #[test]
    fn files_that_stay_as_they_are_are_no_change() {
        assert_eq!(play(&["a", ""], &[(0, &["a", ""])]), []);
    }

    #[test]
    fn a_half_written_save_and_several_files_are_one_change() {
        let steps: &[(u64, &[&str])] = &[(0, &["ha", "b"]), (20, &["half", "b"]), (40, &["half", "c"])];
        assert_eq!(play(&["a", "b"], steps), [(70, 0, vec![0, 1])]);
    }

    #[test]
    fn a_change_that_is_taken_back_before_it_settles_is_none() {
        assert_eq!(play(&["a"], &[(0, &["b"]), (20, &["a"])]), []);
    }

    #[test]
    fn old_contents_that_come_back_are_a_change_again() {
        let steps: &[(u64, &[&str])] = &[(0, &["b"]), (500, &["a"])];
        assert_eq!(play(&["a"], steps), [(30, 0, vec![0]), (530, 500, vec![0])]);
    }

    #[test]
    fn what_never_settles_is_reported_once_a_second_and_as_it_ends() {
        let texts: Vec<String> = (1..=120).map(|count| count.to_string()).collect();
        let texts: Vec<[&str; 1]> = texts.iter().map(|text| [text.as_str()]).collect();
        let steps: Vec<(u64, &[&str])> = (0..).step_by(20).zip(texts.iter().map(|text| text.as_slice())).collect();
        let reports = play(&["0"], &steps);
        let times: Vec<_> = reports.iter().map(|(at, ..)| *at).collect();
        assert_eq!(times, [1000, 2020, 2410]);
    }

    #[test]
    fn a_file_made_anew_is_a_change_only_if_its_contents_are_others() {
        assert_eq!(play(&["a"], &[(0, &[""]), (200, &["a"])]), []);
        assert_eq!(play(&["a"], &[(0, &[""]), (200, &["b"])]), [(230, 0, vec![0])]);
    }

    #[test]
    fn a_file_that_has_gone_is_reported_once_and_so_is_its_return() {
        let steps: &[(u64, &[&str])] = &[(0, &[""]), (1000, &["a"])];
        assert_eq!(play(&["a"], steps), [(250, 0, vec![0]), (1030, 1000, vec![0])]);
    }

    #[test]
    fn files_that_are_all_replaced_are_one_change_even_if_one_returns_late() {
        let steps: &[(u64, &[&str])] = &[(0, &["", "b"]), (10, &["", "d"]), (200, &["c", "d"])];
        assert_eq!(play(&["a", "b"], steps), [(230, 0, vec![0, 1])]);
    }

    #[test]
    fn a_file_that_comes_and_goes_does_not_hold_up_the_others_for_ever() {
        let steps: Vec<(u64, &[&str])> = (0..20)
            .map(|count| (count * 100, if count % 2 == 0 { &["", "c"] as &[&str] } else { &["a", "c"] }))
            .chain([(2000, &["a", "c"] as &[&str])])
            .collect();
        let reports = play(&["a", "b"], &steps);
        assert!(reports.iter().any(|(_, _, files)| files.contains(&1)), "{reports:?}");
        assert!(reports.iter().all(|(_, _, files)| !files.contains(&0)), "{reports:?}");
    }
}
