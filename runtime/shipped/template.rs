//! What a new experiment begins with.

use std::path::PathBuf;

use super::Example;
use crate::options::choices;

choices! {
    /// A script that trains at once, to be changed.
    pub enum Template of "new" "template" {
        /// Every image is a class; one view must find the other.
        #[default]
        Simclr = "simclr",
        /// An episode scheme of one's own, put together from views.
        Episodes = "episodes",
        /// Tasks of labelled classes, tested on classes that were never seen.
        FewShot = "few-shot",
        /// Adaptation by gradient steps, with gradients through them.
        Maml = "maml",
        /// A WGSL kernel of one's own with its gradient.
        Kernel = "kernel",
    }
}

impl Template {
    /// The name of its script.
    pub const SCRIPT: &str = "train.lua";

    /// Its files, the script first, each relative to the experiment's folder.
    pub fn files(self) -> Vec<(PathBuf, &'static str)> {
        let example = |name| Example::named(name).map(|example| example.files()).unwrap_or_default();
        let mut files = match self {
            Self::Simclr => vec![(PathBuf::new(), include_str!("templates/simclr.lua"))],
            Self::Episodes => vec![(PathBuf::new(), include_str!("templates/episodes.lua"))],
            Self::FewShot => example("few_shot_protonet"),
            Self::Maml => example("maml"),
            Self::Kernel => example("kernel_activation"),
        };
        if let Some((script, _)) = files.first_mut() {
            *script = Self::SCRIPT.into();
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Choice;

    #[test]
    fn every_template_has_a_script() {
        for template in Template::ALL {
            let files = template.files();
            assert_eq!(files[0].0, PathBuf::from(Template::SCRIPT), "{template}");
            assert!(files[0].1.contains("require \"moonburn"), "{template}");
        }
    }
}
