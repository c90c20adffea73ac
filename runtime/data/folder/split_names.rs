//! Folder names that mean a split: `train`, `Testing`, `val_images`, `train2017` and the like.

use std::collections::HashMap;

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

/// For folders that lie beside each other, the part that each name means: by itself, or by the words that it shares
/// with another part's folder, as `birds_train` beside `birds_test`. `train_station` alone means none.
pub fn parts(names: &[String]) -> Vec<Option<Part>> {
    let words: Vec<Vec<String>> = names.iter().map(|name| words(name)).collect();
    let compound: Vec<Option<(Part, String)>> = words.iter().map(|words| compound(words)).collect();
    // By what names say besides: the first part there is, and whether there is another.
    let mut shared: HashMap<&str, (Part, bool)> = HashMap::new();
    for (part, rest) in compound.iter().flatten() {
        let (first, several) = shared.entry(rest).or_insert((*part, false));
        *several |= first != part;
    }
    let of = |(words, compound): (&Vec<String>, &Option<(Part, String)>)| {
        let is_shared = |rest: &String| shared.get(rest.as_str()).is_some_and(|(_, several)| *several);
        plain(words).or_else(|| compound.as_ref().filter(|(_, rest)| is_shared(rest)).map(|(part, _)| *part))
    };
    words.iter().zip(&compound).map(of).collect()
}

/// Runs of letters, in lower case; a capital after a small letter, or before one, begins another: `birdsTrain`,
/// `MRITest`. Numbers, as in `val2014`, say nothing here.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let is_small_next = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| before.is_lowercase() || (before.is_uppercase() && is_small_next));
        if begins || !letter.is_alphabetic() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphabetic(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a word says nothing in the name of a split. A single letter only numbers splits of one kind: `trainA` and
/// `trainB` are both for training.
fn is_beside(word: &str) -> bool {
    BESIDES.contains(&word) || (word.len() == 1 && word.is_ascii())
}

fn part(word: &str) -> Option<Part> {
    let is = |known: &[&str]| known.contains(&word);
    [(Part::Train, &TRAIN[..]), (Part::Test, &TEST), (Part::Validation, &VALIDATION)]
        .into_iter()
        .find(|(_, known)| is(known))
        .map(|(part, _)| part)
}

/// The part that a name means by itself: one word names the part, and all others are words that say nothing.
fn plain(words: &[String]) -> Option<Part> {
    let mut found = None;
    for word in words.iter().filter(|word| !is_beside(word)) {
        let glued = || {
            BESIDES.iter().find_map(|beside| {
                word.strip_suffix(beside).and_then(part).or_else(|| word.strip_prefix(beside).and_then(part))
            })
        };
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
    fn what_stands_before_a_part_and_single_letters_change_nothing() {
        for name in ["ImagesTrain", "imagesTrain", "imagestrain", "dataTrain", "trainA", "train_B", "b-train"] {
            assert_eq!(of(&[name]), [Some(Train)], "{name}");
        }
        assert_eq!(of(&["trainA", "trainB", "testA"]), [Some(Train), Some(Train), Some(Test)]);
        assert_eq!(of(&["train_\u{732b}", "DevOps", "TestTube", "A"]), [None; 4]);
    }

    #[test]
    fn names_that_differ_by_their_part_mean_it() {
        assert_eq!(of(&["seg_train", "seg_test", "seg_pred"]), [Some(Train), Some(Test), None]);
        assert_eq!(of(&["BirdsTrain", "BirdsTest"]), [Some(Train), Some(Test)]);
        assert_eq!(of(&["MRITrain", "MRITest"]), [Some(Train), Some(Test)]);
        assert_eq!(of(&["BirdsTrain", "BirdsTrainer"]), [None, None]);
        assert_eq!(of(&["birds-val", "train-birds", "train_station"]), [Some(Validation), Some(Train), None]);
    }
}
