//! The labels of two sets as the same classes: by name where they have names, by number where not. A class that only
//! the test set has can never be predicted, and an accuracy over it means nothing, so it is an error.

use std::collections::{BTreeSet, HashMap};

use crate::{
    Error, Result,
    data::{ClassNames, Images, listed, twin},
    position,
};

/// Labels from 0, with the names of the classes that they count, where they have names.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// The class of each row.
    pub numbers: &'a [u32],
    /// What the numbers count.
    pub names: Option<&'a ClassNames>,
}

/// Labels of two sets as classes 0, 1, … without gaps: what is allocated per class then does not depend on what the
/// labels are called.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// The class of each training row.
    pub train: Vec<u32>,
    /// The class of each test row.
    pub test: Vec<u32>,
    /// The number of classes that training rows have.
    pub classes: usize,
    /// What the user should know of: a sentence each.
    pub notes: Vec<String>,
}

impl<'a> Labels<'a> {
    /// Those of a data set.
    pub fn of(images: &'a Images) -> Self {
        Self { numbers: images.labels(), names: Some(images.class_names()) }
    }

    /// How a class is called in a message.
    fn call(&self, number: u32) -> String {
        match self.names.and_then(|names| names.names().get(number as usize)) {
            Some(name) => format!("'{name}'"),
            None => position::number(number).to_string(),
        }
    }

    fn classes(&self) -> BTreeSet<u32> {
        self.numbers.iter().copied().collect()
    }
}

/// The labels of a test set as classes of the training rows, in the order of the training labels. Labels without names
/// beside ones that have names count the same list.
///
/// # Errors
/// A test row of a class that no training row has; a label beyond the list that it counts.
pub fn matched(op: &'static str, train: Labels<'_>, test: Labels<'_>) -> Result<Matched> {
    let (train, test, mut notes) = sharing(train, test);
    for labels in [&train, &test] {
        if let (Some(names), Some(most)) = (labels.names, labels.numbers.iter().max())
            && *most as usize >= names.names().len()
        {
            let range = format!("there are {} classes: {names}", names.names().len());
            return Err(Error::OutOfRange { op, what: "label", got: position::number(*most), range });
        }
    }
    let known = train.classes();
    let places: HashMap<u32, u32> = known.iter().copied().zip(0..).collect();
    let in_train = translation(&train, &test);
    let class = |label: &u32| in_train(*label).and_then(|label| places.get(&label)).copied();
    let foreign: Vec<u32> = test.classes().into_iter().filter(|label| class(label).is_none()).collect();
    if !foreign.is_empty() {
        return Err(unknown(op, &train, &known, &test, &foreign));
    }
    let asked: Vec<u32> = test.numbers.iter().filter_map(class).collect();
    let told: BTreeSet<u32> = asked.iter().copied().collect();
    let missing: Vec<String> =
        known.iter().filter(|label| !told.contains(&places[label])).map(|label| train.call(*label)).collect();
    if !missing.is_empty() {
        let (count, all) = (missing.len(), known.len());
        notes.push(format!("evaluate: test has no row of {count} of the {all} classes of train: {}", listed(&missing)));
    }
    let train = train.numbers.iter().map(|label| places[label]).collect();
    Ok(Matched { train, test: asked, classes: known.len(), notes })
}

/// Labels without names count the list of those that have names.
fn sharing<'a>(mut train: Labels<'a>, mut test: Labels<'a>) -> (Labels<'a>, Labels<'a>, Vec<String>) {
    let (plain, names) = match (train.names, test.names) {
        (Some(names), None) => ("test", names),
        (None, Some(names)) => ("train", names),
        _ => return (train, test, Vec::new()),
    };
    (train.names, test.names) = (Some(names), Some(names));
    let note = format!("evaluate: the labels of {plain} carry no class names; they are read as positions in {names}");
    (train, test, vec![note])
}

/// From a test label to the training label of the same class.
fn translation<'a>(train: &Labels<'a>, test: &Labels<'a>) -> impl Fn(u32) -> Option<u32> + use<'a> {
    let renamed = match (train.names, test.names) {
        (Some(train), Some(test)) if train != test => {
            let places: HashMap<&str, u32> = train.names().iter().map(String::as_str).zip(0..).collect();
            Some(test.names().iter().map(|name| places.get(name.as_str()).copied()).collect::<Vec<_>>())
        }
        _ => None,
    };
    move |label| renamed.as_ref().map_or(Some(label), |renamed| renamed[label as usize])
}

fn unknown(op: &'static str, train: &Labels<'_>, known: &BTreeSet<u32>, test: &Labels<'_>, foreign: &[u32]) -> Error {
    let own: Vec<&str> = match train.names {
        Some(names) => known.iter().map(|label| names.names()[*label as usize].as_str()).collect(),
        None => Vec::new(),
    };
    let got = |label: &u32| {
        let name = test.names.map(|names| names.names()[*label as usize].as_str());
        match name.and_then(|name| twin(name, own.iter().copied())) {
            Some((twin, difference)) => {
                format!("{} (did you mean '{twin}'? they differ by {difference} only)", test.call(*label))
            }
            None => test.call(*label),
        }
    };
    let got: Vec<String> = foreign.iter().map(got).collect();
    let list: Vec<String> = match own.is_empty() {
        true => known.iter().map(|label| train.call(*label)).collect(),
        false => own.iter().map(|name| (*name).to_owned()).collect(),
    };
    let other = if foreign.len() == 1 { "another class" } else { "other classes" };
    let want = format!("of the classes of train's rows ({})", listed(&list));
    Error::argument(op, "test", want, format!("{other} {}", listed(&got)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> ClassNames {
        ClassNames::new(text.split(',').map(str::to_owned).collect())
    }

    /// The labels of a list of names, in which they stand in another order than they are first met.
    fn labels<'a>(numbers: &'a [u32], names: &'a ClassNames) -> Labels<'a> {
        Labels { numbers, names: Some(names) }
    }

    fn plain(numbers: &[u32]) -> Labels<'_> {
        Labels { numbers, names: None }
    }

    fn refused(train: Labels<'_>, test: Labels<'_>) -> String {
        matched("knn", train, test).unwrap_err().to_string()
    }

    #[test]
    fn classes_are_matched_by_name_whatever_their_numbers() {
        let (train, test) = (names("a,b,c"), names("c,x,a,b"));
        let found = matched("knn", labels(&[0, 1, 2, 2], &train), labels(&[0, 2, 3], &test)).unwrap();
        assert_eq!((found.train, found.test, found.classes), (vec![0, 1, 2, 2], vec![2, 0, 1], 3));
        assert!(found.notes.is_empty());
    }

    #[test]
    fn a_class_that_only_training_has_is_told_and_one_that_only_the_list_has_is_nothing() {
        let list = names("a,b,c,d");
        let found = matched("knn", labels(&[0, 1, 3], &list), labels(&[3, 3], &list)).unwrap();
        assert_eq!((found.train, found.test, found.classes), (vec![0, 1, 2], vec![2, 2], 3));
        assert_eq!(found.notes, ["evaluate: test has no row of 2 of the 3 classes of train: 'a', 'b'"]);
    }

    #[test]
    fn a_class_that_training_has_no_row_of_is_an_error_though_the_list_has_it() {
        let list = names("a,b,c,d");
        let want = "knn: test must be of the classes of train's rows (a, b, c), got another class 'd'";
        assert_eq!(refused(labels(&[0, 1, 2], &list), labels(&[1, 2, 3], &list)), want);
        let (train, test) = (names("a,b,c"), names("d,e"));
        let want = "knn: test must be of the classes of train's rows (a, b, c), got other classes 'd', 'e'";
        assert_eq!(refused(labels(&[0, 1, 2], &train), labels(&[0, 1, 1], &test)), want);
    }

    #[test]
    fn names_that_look_alike_are_suggested() {
        let (train, test) = (names("cat,dog,caf\u{e9}"), names("Cat,dog ,cafe\u{301}"));
        let text = refused(labels(&[0, 1, 2], &train), labels(&[0, 1, 2], &test));
        let want = "got other classes 'Cat' (did you mean 'cat'? they differ by case only), 'dog ' (did you mean \
                    'dog'? they differ by spaces only), 'cafe\u{301}' (did you mean 'caf\u{e9}'? they differ by Unicode form only)";
        assert!(text.ends_with(want), "{text}");
    }

    #[test]
    fn numbers_are_matched_as_they_are() {
        let found = matched("linear", plain(&[6, 2, 9]), plain(&[9, 2, 6])).unwrap();
        assert_eq!((found.train, found.test, found.classes), (vec![1, 0, 2], vec![2, 0, 1], 3));
        let want = "knn: test must be of the classes of train's rows (1, 2), got another class 3";
        assert_eq!(refused(plain(&[0, 1]), plain(&[1, 2])), want);
    }

    #[test]
    fn numbers_beside_names_are_positions_among_them() {
        let list = names("a,b,c");
        for (train, test) in [(labels(&[0, 2], &list), plain(&[2, 0])), (plain(&[0, 2]), labels(&[2, 0], &list))] {
            let found = matched("knn", train, test).unwrap();
            assert_eq!((found.test, found.notes.len()), (vec![1, 0], 1));
        }
        let want = "knn: test must be of the classes of train's rows (a, c), got another class 'b'";
        assert_eq!(refused(labels(&[0, 2], &list), plain(&[1])), want);
        let want = "knn: label 4 is out of range: there are 3 classes: a, b, c";
        assert_eq!(refused(labels(&[0, 2], &list), plain(&[3])), want);
    }
}
