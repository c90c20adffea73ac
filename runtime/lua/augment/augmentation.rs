//! An augmentation as a Lua object: transforms of the core, with functions and kernels of the script between them.

use std::{fmt, rc::Rc, sync::Arc, time::Instant};

use super::{
    draw::Draw,
    function::ScriptFunction,
    kernel::KernelStep,
    recorder::{Watch, Watched},
};
use crate::{
    Device, Error, Result, Tensor,
    augment::{self, ApplyOptions, Chain, ChoiceOptions, Extent, Transform, View},
    lua::object::object,
    rng::Stream,
    tensor::Kind,
    views::{self, Augment, RowDraws, Source},
};

const OP: &str = "chain";

/// An augmentation of a script.
#[derive(Clone)]
pub struct Augmentation(Rc<Steps>);

object!(Augmentation, "Augmentation", "an augmentation");

/// What is done one after another: no two transforms follow each other, as they are made together.
pub(super) struct Steps(Vec<Step>);

#[derive(Clone)]
enum Step {
    /// Transforms of the core, in one pass over the views.
    Transforms(Arc<dyn Transform>),
    /// A function of the script over the whole batch.
    Function(ScriptFunction),
    /// A kernel of the script, likewise.
    Kernel(Rc<KernelStep>),
    /// Each view takes one of several ways.
    Ways(Rc<Ways>),
}

/// Several ways, of which each view takes one.
struct Ways {
    name: &'static str,
    ways: Vec<Augmentation>,
    /// The shares of the ways up to each.
    ends: Vec<f32>,
    /// As a script writes them behind the ways.
    options: String,
}

impl Augmentation {
    /// A transform of the core.
    pub fn of(transform: impl Transform + 'static) -> Self {
        Self(Rc::new(Steps(vec![Step::Transforms(Arc::new(transform))])))
    }

    /// A function of the script.
    pub(super) fn of_function(function: ScriptFunction) -> Self {
        Self(Rc::new(Steps(vec![Step::Function(function)])))
    }

    /// A kernel of the script.
    pub(super) fn of_kernel(kernel: KernelStep) -> Self {
        Self(Rc::new(Steps(vec![Step::Kernel(Rc::new(kernel))])))
    }

    /// Augmentations one after another.
    pub(super) fn chain(all: Vec<Self>) -> Result<Self> {
        let steps: Vec<Step> = all.iter().flat_map(|one| one.0.0.iter().cloned()).collect();
        Self::joined(&steps, true).map(|(made, _)| made)
    }

    /// The same behind something that may have left `0..1`, and whether values lie there afterwards.
    fn behind(&self, is_unit: bool) -> Result<(Self, bool)> {
        Self::joined(&self.0.0, is_unit)
    }

    fn joined(all: &[Step], mut is_unit: bool) -> Result<(Self, bool)> {
        let mut steps: Vec<Step> = Vec::new();
        let mut transforms: Vec<Arc<dyn Transform>> = Vec::new();
        let finish = |transforms: &mut Vec<Arc<dyn Transform>>, is_unit: &mut bool| {
            let chain = Chain::behind(*is_unit, transforms.drain(..))?;
            *is_unit = chain.ends_in_unit();
            Ok::<_, Error>(Step::Transforms(Arc::new(chain)))
        };
        for step in all {
            if let Step::Transforms(transform) = step {
                transforms.push(Arc::clone(transform));
                continue;
            }
            if !transforms.is_empty() {
                steps.push(finish(&mut transforms, &mut is_unit)?);
            }
            steps.push(match step {
                Step::Ways(ways) => {
                    let (ways, after) = ways.behind(is_unit)?;
                    is_unit = after;
                    Step::Ways(Rc::new(ways))
                }
                other => other.clone(),
            });
        }
        if !transforms.is_empty() {
            steps.push(finish(&mut transforms, &mut is_unit)?);
        }
        if steps.len() > usize::from(u8::MAX) {
            let want = format!("at most {}", u8::MAX);
            return Err(Error::argument(OP, "the number of functions and what is between them", want, steps.len()));
        }
        let made = Self(Rc::new(Steps(steps)));
        made.extent().checked(OP)?;
        Ok((made, is_unit))
    }

    fn extent(&self) -> Extent {
        Extent::around(self.0.0.iter().map(|step| match step {
            Step::Transforms(transform) => transform.extent(),
            Step::Ways(ways) => Extent::around(ways.ways.iter().map(Self::extent)),
            Step::Function(_) | Step::Kernel(_) => Extent { count: 1, depth: 1 },
        }))
    }

    /// The transform that it is, where it is nothing else.
    pub(super) fn transform(&self) -> Option<Arc<dyn Transform>> {
        match self.0.0.as_slice() {
            [] => Some(Arc::new(Chain::new())),
            [Step::Transforms(transform)] => Some(Arc::clone(transform)),
            _ => None,
        }
    }

    /// It, with a probability.
    pub(super) fn applied(self, options: ApplyOptions) -> Result<Self> {
        match self.transform() {
            Some(transform) => Ok(Self::of(augment::RandomApply::new(transform, options)?)),
            None => {
                let p = options.probability()?;
                let ways = vec![Self::chain(Vec::new())?, self];
                Self::ways("random_apply", ways, vec![1.0 - p, 1.0], format!(", {{ p = {p} }}"))
            }
        }
    }

    /// One of several.
    pub(super) fn choice(all: Vec<Self>, options: ChoiceOptions) -> Result<Self> {
        match all.iter().map(Self::transform).collect::<Option<Vec<_>>>() {
            Some(transforms) => Ok(Self::of(augment::RandomChoice::new(transforms, options)?)),
            None => {
                let ends = options.ends(all.len())?;
                Self::ways("random_choice", all, ends, options.to_string())
            }
        }
    }

    fn ways(name: &'static str, ways: Vec<Self>, ends: Vec<f32>, options: String) -> Result<Self> {
        let made = Self(Rc::new(Steps(vec![Step::Ways(Rc::new(Ways { name, ways, ends, options }))])));
        made.extent().checked(name)?;
        Ok(made)
    }
}

impl Augment for Augmentation {
    fn views(&self, source: Source<'_>, rows: &[View], stream: &Stream, step: u64, device: &Device) -> Result<Tensor> {
        self.watched(source, rows, (stream, step), device, &mut None)
    }
}

impl Watched for Augmentation {
    fn watched(
        &self,
        source: Source<'_>,
        rows: &[View],
        (stream, step): (&Stream, u64),
        device: &Device,
        watch: &mut Option<&mut dyn Watch>,
    ) -> Result<Tensor> {
        let mut made: Option<Tensor> = None;
        for (number, one) in self.0.0.iter().enumerate() {
            // The first keeps the numbers that a chain without functions has.
            let own = if number == 0 { *stream } else { stream.part(number as u64) };
            let source = made.as_ref().map_or(source, Source::Made);
            made = Some(one.make(source, rows, (&own, step), device, watch)?);
        }
        match made {
            Some(made) => Ok(made),
            None => views::make(&Chain::new(), source, rows, stream, step, device),
        }
    }

    fn shared(&self) -> Rc<dyn Watched> {
        Rc::new(self.clone())
    }
}

impl Step {
    fn make(
        &self,
        source: Source<'_>,
        rows: &[View],
        (stream, step): (&Stream, u64),
        device: &Device,
        watch: &mut Option<&mut dyn Watch>,
    ) -> Result<Tensor> {
        let images = |source| match source {
            Source::Made(made) => Ok(made.clone()),
            other => views::make(&Chain::new(), other, rows, stream, step, device),
        };
        let began = Instant::now();
        let made = match self {
            Self::Transforms(transform) => {
                if let Source::Made(images) = source {
                    without_gradient(OP, images)?;
                }
                let made = views::make(transform.as_ref(), source, rows, stream, step, device)?;
                if let Some(watch) = watch {
                    finished(&made)?;
                    let seconds = began.elapsed().as_secs_f64();
                    let recipes = augment::recipes(transform.as_ref(), source.form()?, rows, stream, step);
                    watch.step(&self.to_string(), rows, Some(recipes), seconds)?;
                }
                return Ok(made);
            }
            Self::Function(function) => {
                function.call(images(source)?, Draw::new(RowDraws::new(rows, *stream, step, device)))?
            }
            Self::Kernel(kernel) => {
                kernel.call(images(source)?, &RowDraws::new(rows, *stream, step, device), device)?
            }
            Self::Ways(ways) => return ways.make(source, rows, (stream, step), device, watch),
        };
        if let Some(watch) = watch {
            finished(&made)?;
            watch.step(&self.to_string(), rows, None, began.elapsed().as_secs_f64())?;
        }
        checked(made, rows.len(), self)
    }
}

/// Refuses images that something is to be learnt by: transforms of the core would silently end that.
pub(super) fn without_gradient(op: &'static str, images: &Tensor) -> Result<()> {
    match images.is_tracked() {
        false => Ok(()),
        true => {
            let reason = "there is no gradient by an augmentation: detach the images".into();
            Err(Error::State { op, reason })
        }
    }
}

/// Waits until a device has made it.
fn finished(made: &Tensor) -> Result<()> {
    made.device().sync()
}

/// What a function or a kernel gives must be images, one for each view.
fn checked(made: Tensor, rows: usize, step: &Step) -> Result<Tensor> {
    match *made.shape() {
        [count, channels, height, width]
            if count == rows && channels * height * width > 0 && made.kind() == Kind::Float =>
        {
            Ok(made)
        }
        _ => {
            let want = format!("{step} must return float images [{rows}, C, H, W]");
            let got = match made.kind() {
                Kind::Float => return Err(Error::Shape { op: OP.into(), want, got: made.shape().to_vec() }),
                kind => format!("{kind:?} {:?}", made.shape()).to_lowercase(),
            };
            Err(Error::State { op: OP, reason: format!("{want}, got {got}") })
        }
    }
}

impl Ways {
    /// The same ways behind something that may have left `0..1`, and whether values lie there after any of them.
    fn behind(&self, is_unit: bool) -> Result<(Self, bool)> {
        let ways = self.ways.iter().map(|way| way.behind(is_unit)).collect::<Result<Vec<_>>>()?;
        let after = ways.iter().all(|(_, after)| *after);
        let ways = ways.into_iter().map(|(way, _)| way).collect();
        Ok((Self { name: self.name, ways, ends: self.ends.clone(), options: self.options.clone() }, after))
    }

    /// The rows of each way are made together, and put back into their order.
    fn make(
        &self,
        source: Source<'_>,
        rows: &[View],
        (stream, step): (&Stream, u64),
        device: &Device,
        watch: &mut Option<&mut dyn Watch>,
    ) -> Result<Tensor> {
        // Rounding may leave a gap behind the last end: the last way of a weight takes it.
        let (mut last, mut before) = (None, 0.0);
        for (way, end) in self.ends.iter().enumerate() {
            if *end > before {
                (last, before) = (Some(way), *end);
            }
        }
        let way = |row: &View| {
            let drawn = row.draws(stream, step, 0).uniform();
            self.ends.iter().position(|end| drawn < *end).or(last)
        };
        let (began, mut within) = (Instant::now(), 0.0);
        let taken: Vec<Option<usize>> = rows.iter().map(way).collect();
        let mut parts = Vec::new();
        let mut order = Vec::with_capacity(rows.len());
        for (number, augmentation) in self.ways.iter().enumerate() {
            let members: Vec<usize> = (0..rows.len()).filter(|row| taken[*row] == Some(number)).collect();
            if members.is_empty() {
                continue;
            }
            let of_way: Vec<View> = members.iter().map(|row| rows[*row]).collect();
            let own = stream.part(1000 + number as u64);
            let selected = match source {
                Source::Made(made) => Some(made.select(0, &positions(&members, device)?)?),
                _ => None,
            };
            let source = selected.as_ref().map_or(source, Source::Made);
            let before = Instant::now();
            parts.push(augmentation.watched(source, &of_way, (&own, step), device, watch)?);
            within += before.elapsed().as_secs_f64();
            order.extend(members);
        }
        if let Some(other) = parts.iter().find(|part| part.shape()[1..] != parts[0].shape()[1..]) {
            let (op, left, right) = (self.name, parts[0].shape().to_vec(), other.shape().to_vec());
            return Err(Error::Shapes { op, left, right });
        }
        let mut back = vec![0; rows.len()];
        order.iter().enumerate().for_each(|(place, row)| back[*row] = place);
        let made = match parts.len() {
            0 => views::make(&Chain::new(), source, rows, stream, step, device)?,
            1 => parts.remove(0),
            _ => Tensor::cat(&parts, 0)?.select(0, &positions(&back, device)?)?,
        };
        if let Some(watch) = watch {
            finished(&made)?;
            watch.apart(self.name, rows.len(), began.elapsed().as_secs_f64() - within)?;
        }
        Ok(made)
    }
}

fn positions(rows: &[usize], device: &Device) -> Result<Tensor> {
    Tensor::from_ints(rows.iter().map(|row| *row as i32).collect(), &[rows.len()], device)
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transforms(transform) => transform.fmt(formatter),
            Self::Function(function) => function.fmt(formatter),
            Self::Kernel(kernel) => kernel.fmt(formatter),
            Self::Ways(ways) => ways.fmt(formatter),
        }
    }
}

impl fmt::Display for Ways {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ("random_apply", [_, applied]) = (self.name, self.ways.as_slice()) {
            return write!(formatter, "random_apply({applied}{})", self.options);
        }
        writeln!(formatter, "{}({{", self.name)?;
        for way in &self.ways {
            writeln!(formatter, "  {},", way.to_string().replace('\n', "\n  "))?;
        }
        write!(formatter, "}}{})", self.options)
    }
}

impl fmt::Display for Augmentation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [step] = self.0.0.as_slice() {
            return step.fmt(formatter);
        }
        writeln!(formatter, "chain {{")?;
        for step in &self.0.0 {
            let lines: Vec<String> = match step {
                // Its parts are written as parts of this chain.
                Step::Transforms(transform) if transform.parts().is_some() => {
                    transform.parts().unwrap_or_default().iter().map(ToString::to_string).collect()
                }
                step => vec![step.to_string()],
            };
            for line in lines {
                writeln!(formatter, "  {},", line.replace('\n', "\n  "))?;
            }
        }
        formatter.write_str("}")
    }
}
