//! From a roster, or from images that the caller made, to an episode.

use super::{Crops, Episode, Roster};
use crate::{
    Device, Error, Result, Tensor,
    data::Images,
    position::number,
    rng::Stream,
    tensor::class_labels,
    views::{Augment, Source},
};

/// Images of a user's own episode scheme. With several tasks, images are [T, n, 3, H, W] and labels [T, n].
pub struct Parts {
    /// The support images, [n, 3, H, W].
    pub support: Tensor,
    /// The query images, [m, 3, H, W].
    pub query: Tensor,
    /// The number of classes of a task.
    pub ways: usize,
    /// The class of each support row, int [n] from 0; view-major where left out.
    pub support_labels: Option<Tensor>,
    /// The class of each query row, int [m] from 0; view-major where left out.
    pub query_labels: Option<Tensor>,
    /// Query images of another size, [V·B, 3, h, w] view-major; of one task only.
    pub crops: Option<Tensor>,
}

impl Episode {
    pub(super) fn of_roster(
        op: &'static str,
        roster: &Roster,
        augment: &dyn Augment,
        images: &Images,
        stream: &Stream,
        step: u64,
        device: &Device,
    ) -> Result<Self> {
        let tasks = roster.tasks.len();
        let ways = roster.tasks[0].len();
        check_ways(op, ways)?;
        let (shots, queries) = (roster.shots, roster.queries);
        let rows = roster.rows(0..shots + queries);
        let made = augment.views(Source::Set(images), &rows, stream, step, device)?;
        let classes = roster.tasks.iter().flatten().map(|class| class.label as i32).collect();
        Ok(Self {
            images: made,
            crops: None,
            support_labels: cycling_labels(tasks, ways, shots, device)?,
            query_labels: cycling_labels(tasks, ways, queries, device)?,
            classes: Some(
                Tensor::from_ints(classes, &[tasks, ways], device)?
                    .with_class_names(Some(images.class_names().clone())),
            ),
            ways,
            shots,
            queries,
            tasks,
            view_major: true,
            mixing: None,
            rotated: None,
        })
    }

    /// An episode of images that the caller made.
    ///
    /// # Errors
    /// Shapes that do not fit; fewer than 2 ways; rows that the ways do not divide, without labels; a label that is no
    /// class; labels that count different classes; a class without support, or a query of such a class.
    pub fn of(parts: Parts) -> Result<Self> {
        const OP: &str = "of";
        let Parts { support, query, ways, support_labels, query_labels, crops } = parts;
        check_ways(OP, ways)?;
        support.want_float(OP)?;
        query.want_float(OP)?;
        let image = |tensor: &Tensor| tensor.shape()[tensor.rank().saturating_sub(3)..].to_vec();
        if !matches!(support.rank(), 4 | 5) {
            let want = "wants support images [n, 3, H, W], or [tasks, n, 3, H, W]".into();
            return Err(Error::Shape { op: OP.into(), want, got: support.shape().to_vec() });
        }
        let tasks_of = |tensor: &Tensor| if tensor.rank() == 5 { tensor.shape()[0] } else { 1 };
        let fits = query.rank() == support.rank() && tasks_of(&query) == tasks_of(&support);
        if !fits || image(&query) != image(&support) {
            return Err(Error::Shapes { op: OP, left: support.shape().to_vec(), right: query.shape().to_vec() });
        }
        let tasks = tasks_of(&support);
        let by_task = |tensor: &Tensor| {
            let rows = tensor.shape()[tensor.rank() - 4];
            tensor.reshape(&[&[tasks, rows], image(tensor).as_slice()].concat())
        };
        let (support, query) = (by_task(&support)?, by_task(&query)?);
        let counts = [support.shape()[1], query.shape()[1]];
        if ways > counts[0] {
            let want = format!("at most the {} support images of a task", counts[0]);
            return Err(Error::argument(OP, "ways", want, ways));
        }
        if let (Some(support), Some(query)) = (&support_labels, &query_labels) {
            support.want_classes(OP, query)?;
        }
        let labels = |name: &str, given: Option<Tensor>, rows: usize| match given {
            Some(labels) if labels.len() == tasks * rows => labels.reshape(&[tasks, rows]),
            Some(labels) => {
                let want = format!("wants {} {name} labels, one for each image", tasks * rows);
                Err(Error::Shape { op: OP.into(), want, got: labels.shape().to_vec() })
            }
            None if rows.is_multiple_of(ways) => cycling_labels(tasks, ways, rows / ways, support.device()),
            None => Err(Error::argument(
                OP,
                format!("the number of {name} images"),
                format!("a multiple of the {ways} ways"),
                rows,
            )),
        };
        let support_labels = labels("support", support_labels, counts[0])?;
        let query_labels = labels("query", query_labels, counts[1])?;
        let view_major = check_classes(OP, &support_labels, &query_labels, ways)?;
        let images = Tensor::cat(&[support, query], 1)?;
        let shape = [&[tasks * (counts[0] + counts[1])], &images.shape()[2..]].concat();
        let episode = Self {
            images: images.reshape(&shape)?,
            crops: None,
            support_labels,
            query_labels,
            classes: None,
            ways,
            shots: counts[0] / ways,
            queries: counts[1] / ways,
            tasks,
            view_major,
            mixing: None,
            rotated: None,
        };
        match crops {
            None => Ok(episode),
            Some(images) => episode.with_crops(check_crops(OP, images, ways, tasks)?),
        }
    }

    /// The same episode of one task with further query rows behind all others.
    pub(super) fn with_crops(self, crops: Crops) -> Result<Self> {
        let labels = cycling_labels(1, self.ways, crops.views, self.images.device())?;
        let query_labels = Tensor::cat(&[self.query_labels.clone(), labels], 1)?;
        Ok(Self { query_labels, crops: Some(crops), ..self })
    }
}

/// Crops that each class has as many of.
fn check_crops(op: &'static str, images: Tensor, ways: usize, tasks: usize) -> Result<Crops> {
    images.want_float(op)?;
    if tasks > 1 {
        return Err(Error::argument(op, "crops", "left out in an episode of several tasks", format!("{tasks} tasks")));
    }
    match images.shape() {
        &[rows, 3, height, width] if rows > 0 && height * width > 0 && rows.is_multiple_of(ways) => {
            Ok(Crops { images, views: rows / ways })
        }
        shape => {
            let want = format!("wants crops [V · {ways}, 3, h, w], as many of each of the {ways} ways");
            Err(Error::Shape { op: op.into(), want, got: shape.to_vec() })
        }
    }
}

fn check_ways(op: &'static str, ways: usize) -> Result<()> {
    if ways >= 2 { Ok(()) } else { Err(Error::argument(op, "ways", "at least 2", ways)) }
}

/// 0, 1, … ways − 1, again for every example: int [tasks, ways · examples].
fn cycling_labels(tasks: usize, ways: usize, examples: usize, device: &Device) -> Result<Tensor> {
    let labels = (0..tasks * ways * examples).map(|row| (row % ways) as i32).collect();
    Tensor::from_ints(labels, &[tasks, ways * examples], device)
}

/// Every class of a task has support, so that every query has a class to be found. Says whether the rows are
/// view-major.
fn check_classes(op: &'static str, support: &Tensor, query: &Tensor, ways: usize) -> Result<bool> {
    let rows = [support, query].map(|labels| labels.shape()[1]);
    let (support, query) = (class_labels(op, support, ways)?, class_labels(op, query, ways)?);
    for (task, support) in support.chunks(rows[0]).enumerate() {
        let mut seen = vec![false; ways];
        support.iter().for_each(|class| seen[*class] = true);
        if let Some(class) = seen.iter().position(|seen| !seen) {
            let asked = query[task * rows[1]..(task + 1) * rows[1]].contains(&class);
            let asked = if asked { ", but query ones" } else { "" };
            let reason = format!("class {} of task {} has no support images{asked}", number(class), number(task));
            return Err(Error::State { op, reason });
        }
    }
    let cycles = |labels: &[usize], rows: usize| {
        rows.is_multiple_of(ways) && labels.iter().enumerate().all(|(row, class)| *class == row % rows % ways)
    };
    Ok(cycles(&support, rows[0]) && cycles(&query, rows[1]))
}
