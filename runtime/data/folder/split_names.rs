//! Folder names that mean a split: `train`, `Testing`, `val_images`, `train2017` and the like.

/// What a folder is for, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What is learnt from.
    Train,
    /// What is measured on.
    Test,
    /// What is measured on where there is no test part.
    Validation,
}

const TRAIN: [&str; 3] = ["train", "training", "trn"];
const TEST: [&str; 4] = ["test", "testing", "tst", "holdout"];
const VALIDATION: [&str; 8] = ["val", "valid", "validation", "validate", "dev", "devel", "eval", "evaluation"];
/// What names of splits say besides.
const BESIDES: [&str; 15] = [
    "set", "sets", "data", "dataset", "image", "images", "img", "imgs", "split", "folder", "photos", "pictures",
    "pics", "jpg", "png",
];

/// The parts that the names of folders which lie beside each other mean, each by its own, or by what it shares with others:
/// `birds_train` beside `birds_test`. `train_station` alone means none.
pub fn parts(names: &[String]) -> Vec<Option<Part>> {
    let words: Vec<Vec<String>> = names.iter().map(|name| words(name)).collect();
    let compound: Vec<Option<(Part, String)>> = words.iter().map(|words| compound(words)).collect();
    let has_other_part = |part: Part, rest: &str| compound.iter().flatten().any(|(p, r)| *p != part && r == rest);
    let of = |(words, compound): (&Vec<String>, &Option<(Part, String)>)| {
        let shared = || compound.as_ref().filter(|(part, rest)| has_other_part(*part, rest)).map(|(part, _)| *part);
        plain(words).or_else(shared)
    };
    words.iter().zip(&compound).map(of).collect()
}

/// Runs of letters, in lower case. Numbers, as in `val2014`, say nothing here.
fn words(name: &str) -> Vec<String> {
    name.to_lowercase().split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn part(word: &str) -> Option<Part> {
    let is = |known: &[&str]| known.contains(&word);
    [(Part::Train, &TRAIN[..]), (Part::Test, &TEST), (Part::Validation, &VALIDATION)]
        .into_iter()
        .find(|(_, known)| is(known))
        .map(|(part, _)| part)
}

/// The part that a name means by itself: one word for it, and nothing but what such names say besides.
fn plain(words: &[String]) -> Option<Part> {
    let mut found = None;
    for word in words.iter().filter(|word| !BESIDES.contains(&word.as_str())) {
        let glued = || BESIDES.iter().find_map(|end| part(word.strip_suffix(end)?));
        match (part(word).or_else(glued), found) {
            (Some(part), None) => found = Some(part),
            _ => return None,
        }
    }
    found
}

/// The only word for a part in a name, and all the others.
fn compound(words: &[String]) -> Option<(Part, String)> {
    let mut parts = words.iter().enumerate().filter_map(|(at, word)| Some((at, part(word)?)));
    let (at, part) = parts.next()?;
    if parts.next().is_some() {
        return None;
    }
    let rest: Vec<&str> =
        words.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, word)| word.as_str()).collect();
    (!rest.is_empty()).then(|| (part, rest.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Part::{Test, Train, Validation};

    fn of(names: &[&str]) -> Vec<Option<Part>> {
        parts(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_usual_names_mean_parts_in_any_case() {
        for (want, names) in [
            (Train, ["train", "TRAIN", "Training", "trn", "training_set", "train2017", "TrainImages", "train-data"]),
            (Test, ["test", "Test", "testing", "tst", "test_set", "testset", "Test Images", "test-jpg"]),
            (Validation, ["val", "Valid", "validation", "dev", "val2014", "ValidationData", "val_split", "eval"]),
        ] {
            for name in names {
                assert_eq!(of(&[name]), [Some(want)], "{name}");
            }
        }
    }

    #[test]
    fn other_names_mean_none() {
        for name in
            ["cat", "train_station", "test tube", "trainer", "contest", "protest", "device", "images", "data", "", "7"]
        {
            assert_eq!(of(&[name]), [None], "{name}");
        }
        assert_eq!(of(&["train_station", "bus_station"]), [None, None]);
        assert_eq!(of(&["train_test"]), [None]);
    }

    #[test]
    fn names_that_differ_by_their_part_mean_it() {
        assert_eq!(of(&["seg_train", "seg_test", "seg_pred"]), [Some(Train), Some(Test), None]);
        assert_eq!(of(&["birds-val", "train-birds", "train_station"]), [Some(Validation), Some(Train), None]);
    }
}
