//! A script's augmentations, seen and timed: what its first step makes views by.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    Device, Error, Result,
    augment::{Chain, Change, Recipes, View},
    digits::significant,
    lua::{Context, Recorded, Script, ScriptError, Watch},
    options::PerChannel,
    position,
    run::{Captioned, Section, captioned_sheet},
    views,
};

/// A script's augmentations, as its first step used them.
pub struct Preview {
    recorded: Vec<Recorded>,
    failure: Option<ScriptError>,
    device: Device,
    /// What has the functions of the script.
    _script: Script,
}

impl Preview {
    /// What a script used, whose first step has been made in a context that has noted it.
    ///
    /// # Errors
    /// It made no views, because the step failed before or otherwise; it was interrupted.
    pub(super) fn of(script: Script, context: &Context, step: Result<(), ScriptError>) -> Result<Self, ScriptError> {
        let recorded = context.recorder.recorded();
        let failure = step.err();
        if recorded.is_empty() || failure.as_ref().is_some_and(ScriptError::is_interrupt) {
            if let Some(failure) = failure {
                return Err(failure);
            }
            let reason =
                "the script's first step makes no views: it calls neither mb.episode.views, nor few_shot with \
                          an augmentation, nor batch:views or augment:apply"
                    .into();
            return Err(Error::State { op: "preview", reason }.into());
        }
        Ok(Self { recorded, failure, device: context.device.clone(), _script: script })
    }

    /// What the step did wrong after it had made views.
    pub fn failure(&self) -> Option<&ScriptError> {
        self.failure.as_ref()
    }

    /// How many images there are to look at.
    pub fn images(&self) -> usize {
        self.recorded.iter().map(|one| one.rows.len()).max().unwrap_or(0)
    }

    /// What the augmentations are, as a script would write them.
    pub fn augmentations(&self) -> impl Iterator<Item = String> {
        self.recorded.iter().map(|one| one.augmentation.to_string())
    }

    /// Writes a picture: for each augmentation some views of the first images, with what was drawn for each.
    ///
    /// # Errors
    /// Views that cannot be made; a file that cannot be written.
    pub fn write(&self, path: &Path, images: usize, views: usize) -> Result<()> {
        let sections = self.recorded.iter().map(|recorded| self.section(recorded, images, views));
        captioned_sheet(path, &sections.collect::<Result<Vec<_>>>()?)
    }

    fn section(&self, recorded: &Recorded, images: usize, views: usize) -> Result<Section> {
        let mut pictures = Vec::new();
        for first in recorded.rows.iter().take(images) {
            let rows: Vec<View> = (0..views)
                .map(|number| View { number: first.number.saturating_add(number as u16), ..*first })
                .collect();
            let plain = View { turn: 0, ..*first };
            let whole = views::make(
                &Chain::new(),
                recorded.images.source(),
                &[plain],
                &recorded.stream,
                recorded.step,
                &self.device,
            )?;
            let &[_, channels, height, width] = whole.shape() else { unreachable!("views have four dims") };
            let caption = vec![format!("image {}, {height}x{width}", position::number(first.image))];
            pictures.push(Captioned { values: whole.floats()?, channels, height, width, caption });
            let mut told = Told::new(&rows);
            let made = recorded.augmentation.watched(
                recorded.images.source(),
                &rows,
                (&recorded.stream, recorded.step),
                &self.device,
                &mut Some(&mut told),
            )?;
            let &[_, channels, height, width] = made.shape() else { unreachable!("views have four dims") };
            let values = made.floats()?;
            for ((values, mut caption), normalised) in
                values.chunks(channels * height * width).zip(told.lines).zip(told.normalised)
            {
                if first.turn > 0 {
                    caption.insert(0, format!("turned by {} degrees with its class", u32::from(first.turn) * 90));
                }
                caption.extend(range(values));
                let mut values = values.to_vec();
                let undone = normalised.iter().rev().filter(|(mean, std)| mean.fits(channels) && std.fits(channels));
                for (mean, deviation) in undone {
                    for (channel, plane) in values.chunks_exact_mut(height * width).enumerate() {
                        plane.iter_mut().for_each(|x| *x = *x * deviation.of(channel) + mean.of(channel));
                    }
                }
                if caption.is_empty() {
                    caption.push("as it is".into());
                }
                pictures.push(Captioned { values, channels, height, width, caption });
            }
        }
        let title = recorded.augmentation.to_string().lines().map(str::to_owned).collect();
        Ok(Section { title, pictures })
    }

    /// Times each augmentation on batches of images, step by step: a line of JSON for each. `emit` gets them.
    ///
    /// # Errors
    /// Views that cannot be made.
    pub fn time(&self, batch: usize, repeats: usize, warmup: usize, emit: &mut dyn FnMut(Value)) -> Result<()> {
        for (number, recorded) in self.recorded.iter().enumerate() {
            let (_, count) = recorded.images.source().size()?;
            let rows: Vec<View> =
                (0..batch).map(|row| View { image: row % count, turn: 0, number: (row / count) as u16 }).collect();
            let mut times = Times::default();
            for repeat in 0..warmup + repeats {
                if repeat == warmup {
                    times = Times::default();
                }
                let step = recorded.step + repeat as u64;
                let (source, key) = (recorded.images.source(), (&recorded.stream, step));
                let mut watch: Option<&mut dyn Watch> = Some(&mut times);
                recorded.augmentation.watched(source, &rows, key, &self.device, &mut watch)?;
            }
            let all: f64 = times.steps.iter().map(|(_, seconds, _)| seconds).sum();
            for (step, seconds, views) in &times.steps {
                emit(json!({
                    "part": "augmentation", "augmentation": position::number(number), "step": step, "device": self.device.name(),
                    "batch": batch, "milliseconds": significant(seconds / repeats as f64 * 1e3),
                    "share": significant(seconds / all.max(f64::MIN_POSITIVE)),
                    "views_per_s": (*views as f64 / seconds.max(f64::MIN_POSITIVE)).round(),
                }));
            }
        }
        Ok(())
    }
}

/// What is said of values that do not lie in 0 to 1.
fn range(values: &[f32]) -> Option<String> {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (least, greatest) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let is_unit = least >= -1e-4 && greatest <= 1.0 + 1e-4;
    (!is_unit && least <= greatest).then(|| format!("values from {least:.2} to {greatest:.2}"))
}

/// What is said of each view.
struct Told {
    rows: Vec<View>,
    lines: Vec<Vec<String>>,
    /// By what it was normalised, so that it can be shown as it was before.
    normalised: Vec<Vec<(PerChannel, PerChannel)>>,
}

impl Told {
    fn new(rows: &[View]) -> Self {
        let count = rows.len();
        Self { rows: rows.to_vec(), lines: vec![Vec::new(); count], normalised: vec![Vec::new(); count] }
    }
}

impl Watch for Told {
    fn step(&mut self, name: &str, rows: &[View], recipes: Option<Recipes>, _: f64) -> Result<()> {
        for (number, row) in rows.iter().enumerate() {
            let Some(at) = self.rows.iter().position(|one| one == row) else { continue };
            match recipes.as_ref().and_then(|recipes| recipes.views().nth(number)) {
                Some(changes) => {
                    self.lines[at].extend(changes.iter().map(ToString::to_string));
                    self.normalised[at].extend(changes.iter().filter_map(|change| match change {
                        Change::Normalize { mean, deviation } => Some((mean.clone(), deviation.clone())),
                        _ => None,
                    }));
                }
                // What a function makes of normalised values is not known.
                None => {
                    self.lines[at].push(name.to_owned());
                    self.normalised[at].clear();
                }
            }
        }
        Ok(())
    }

    fn apart(&mut self, _: &str, _: usize, _: f64) -> Result<()> {
        Ok(())
    }
}

/// The time of each step of an augmentation, and the views that it made.
#[derive(Default)]
struct Times {
    steps: Vec<(String, f64, usize)>,
}

impl Times {
    fn add(&mut self, name: &str, views: usize, seconds: f64) {
        match self.steps.iter_mut().find(|(known, ..)| known == name) {
            Some((_, all, made)) => (*all, *made) = (*all + seconds, *made + views),
            None => self.steps.push((name.to_owned(), seconds, views)),
        }
    }
}

impl Watch for Times {
    fn step(&mut self, name: &str, rows: &[View], _: Option<Recipes>, seconds: f64) -> Result<()> {
        self.add(name, rows.len(), seconds);
        Ok(())
    }

    fn apart(&mut self, name: &str, views: usize, seconds: f64) -> Result<()> {
        self.add(&format!("{name}: views taken apart and put together"), views, seconds);
        Ok(())
    }
}
