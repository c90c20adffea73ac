//! Convolution as sums over taps and channels without patches: every tile of targets reads its sources where they lie.
//! Outputs from pixels and the gradients of pixels from those of outputs are the same, with other taps. It has every
//! stride, padding, dilation, kernel and number of groups.

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::{
    blocks::{Block, Weight, blocks, padded},
    dot::{Run, dot},
    geometry::{Class, Geometry},
    images::{Images, View},
    shared::Shared,
    vector::{Kernel, Vector, for_rows, lanes, run},
};
use crate::tensor::cpu::buffer::Buffer;

/// Targets of a task, about: sources of many tasks at a time are in the caches, and the weights are read often enough.
const TARGETS: usize = 2048;

/// One direction of a convolution.
pub(super) struct Direction {
    images: usize,
    groups: usize,
    source: [usize; 2],
    /// Of a group.
    sources: usize,
    target: [usize; 2],
    /// Of a group.
    targets: usize,
    rows: Vec<Class>,
    columns: Vec<Class>,
    kernel: [usize; 2],
}

impl Direction {
    /// Outputs from pixels.
    pub fn forward(geometry: &Geometry) -> Self {
        let Geometry { images, groups, kernel, .. } = *geometry;
        let [rows, columns] = [0, 1].map(|dim| geometry.outputs_by_taps(dim));
        let (source, sources) = (geometry.size, geometry.channels);
        let (target, targets) = (geometry.out, geometry.outputs);
        Self { images, groups, source, sources, target, targets, rows, columns, kernel }
    }

    /// Pixels from outputs.
    pub fn back(geometry: &Geometry) -> Self {
        let Geometry { images, groups, kernel, .. } = *geometry;
        let [rows, columns] = [0, 1].map(|dim| geometry.pixels_by_taps(dim));
        let (source, sources) = (geometry.out, geometry.outputs);
        let (target, targets) = (geometry.size, geometry.channels);
        Self { images, groups, source, sources, target, targets, rows, columns, kernel }
    }

    /// Writes every target: sources are `[N, h, w, groups · sources]`, targets likewise, `bias` one value for each target.
    pub fn compute(
        &self,
        arch: Arch,
        images: Images<'_>,
        weight: Weight<'_>,
        bias: Option<&[f32]>,
        result: &mut [f32],
    ) {
        let lanes = lanes(arch);
        let across = self.order();
        let mut places = vec![0; across.len()];
        across.iter().enumerate().for_each(|(place, tap)| places[*tap] = place);
        let of_row = |row: usize| across.iter().map(move |column| row * self.kernel[1] + column);
        let order: Vec<usize> = (0..self.kernel[0]).flat_map(of_row).collect();
        let blocks = blocks(self.targets, lanes);
        let pairs = self.rows.iter().flat_map(|rows| self.columns.iter().map(move |columns| (rows, columns)));
        let classes: Vec<_> =
            pairs.map(|(rows, columns)| ClassOf { rows, columns, runs: self.runs(&places, rows, columns) }).collect();
        let per_image = self.target[0] * self.target[1];
        let at_once = (TARGETS / per_image).clamp(1, self.images);
        let band = if per_image > TARGETS { (TARGETS / self.target[1]).max(1) } else { self.target[0] };
        let bands = self.target[0].div_ceil(band);
        let result = Shared::new(result);
        for group in 0..self.groups {
            let of_group = self.targets * self.sources * weight.taps;
            let weight = Weight { values: &weight.values[group * of_group..(group + 1) * of_group], ..weight };
            let bias = bias.map(|bias| padded(&bias[group * self.targets..(group + 1) * self.targets], lanes));
            let packed = weight.packed(&order, lanes);
            let tasks = self.images.div_ceil(at_once) * bands;
            (0..tasks).into_par_iter().for_each_init(
                || Buffer::stale(0),
                |room, task| {
                    let (first, top) = (task / bands * at_once, task % bands * band);
                    let of_task = first..(first + at_once).min(self.images);
                    let rows = top..(top + band).min(self.target[0]);
                    let size = [self.source, [self.images, self.sources * self.groups]];
                    let view = images.part(size, of_task.clone(), self.rows_for(&rows), room);
                    let (packed, bias) = (&packed[..], bias.as_deref());
                    let task = Task {
                        direction: self,
                        classes: &classes,
                        blocks: &blocks,
                        group,
                        view,
                        packed,
                        bias,
                        result,
                        images: of_task,
                        rows,
                    };
                    run(arch, task);
                },
            );
        }
    }

    /// The taps of a row as they are packed: those that meet in one target, one after another.
    fn order(&self) -> Vec<usize> {
        let mut classes: Vec<_> = self.columns.iter().collect();
        classes.sort_by_key(|class| std::cmp::Reverse(class.taps.len()));
        let mut order = Vec::new();
        let met = classes.iter().flat_map(|class| class.taps.iter().map(|tap| tap.0));
        for tap in met.chain(0..self.kernel[1]) {
            if !order.contains(&tap) {
                order.push(tap);
            }
        }
        order
    }

    /// What the targets of a class are summed over. Taps whose channels lie side by side are one run.
    fn runs(&self, places: &[usize], rows: &Class, columns: &Class) -> Vec<Run> {
        let (sources, pitch) = (self.sources, self.sources * self.groups);
        let mut runs: Vec<Run> = Vec::new();
        for (row, down) in &rows.taps {
            let mut next = None;
            for (column, across) in &columns.taps {
                let weight = (row * self.kernel[1] + places[*column]) * sources;
                let source = (down * self.source[1] as isize + across) * pitch as isize;
                match runs.last_mut() {
                    Some(run) if next == Some((source, weight)) => run.len += sources,
                    _ => runs.push(Run { source, weight, len: sources }),
                }
                next = (self.groups == 1).then_some((source + sources as isize, weight + sources));
            }
        }
        runs
    }

    /// The rows of sources that rows of targets see.
    fn rows_for(&self, rows: &Range<usize>) -> Range<usize> {
        let seen = self.rows.iter().flat_map(|class| {
            let bases = class.targets.iter().filter(|target| rows.contains(&target.0)).map(|target| target.1);
            bases.flat_map(|base| class.taps.iter().map(move |tap| base.wrapping_add_signed(tap.1)))
        });
        let (mut first, mut last) = (usize::MAX, 0);
        for row in seen {
            (first, last) = (first.min(row), last.max(row));
        }
        if first == usize::MAX { 0..0 } else { first..last + 1 }
    }
}

/// Targets that have the same taps.
struct ClassOf<'a> {
    rows: &'a Class,
    columns: &'a Class,
    runs: Vec<Run>,
}

/// Rows of targets of some images, of one group.
struct Task<'a> {
    direction: &'a Direction,
    classes: &'a [ClassOf<'a>],
    blocks: &'a [Block],
    group: usize,
    view: View<'a>,
    packed: &'a [f32],
    bias: Option<&'a [f32]>,
    result: Shared,
    images: Range<usize>,
    rows: Range<usize>,
}

impl Kernel for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, vector: V) {
        for_rows!(vector: V, self.compute);
    }
}

impl Task<'_> {
    #[inline(always)]
    fn compute<V: Vector, const M: usize>(&self, vector: V) {
        let Direction { kernel, sources, .. } = self.direction;
        let of_block = kernel[0] * kernel[1] * sources * 2 * V::LANES;
        for (number, block) in self.blocks.iter().enumerate() {
            let weights = self.packed[number * of_block..].as_ptr();
            for class in self.classes {
                match block.vectors {
                    1 => self.class::<V, M, 1>(vector, *block, weights, class),
                    _ => self.class::<V, M, 2>(vector, *block, weights, class),
                }
            }
        }
    }

    #[inline(always)]
    fn class<V: Vector, const M: usize, const R: usize>(
        &self,
        vector: V,
        block: Block,
        weights: *const f32,
        ClassOf { rows, columns, runs }: &ClassOf<'_>,
    ) {
        let Direction { groups, sources, target, targets, .. } = *self.direction;
        let bias = self.bias.map(|bias| bias[block.start..].as_ptr());
        let values = self.view.values().as_ptr().wrapping_add(self.group * sources);
        let result = self.result.at(self.group * targets + block.start);
        let (mut from, mut to) = ([values; M], [result; M]);
        let mut filled = 0;
        let of_task = |end: usize| rows.targets.partition_point(|target| target.0 < end);
        for image in self.images.clone() {
            for (row, down) in &rows.targets[of_task(self.rows.start)..of_task(self.rows.end)] {
                for (column, across) in &columns.targets {
                    let position = (image * target[0] + row) * target[1] + column;
                    from[filled] = values.wrapping_add(self.view.place(image, *down, *across));
                    to[filled] = result.wrapping_add(position * targets * groups);
                    filled += 1;
                    if filled == M {
                        // SAFETY: the taps of a class lie inside for each of its targets, which are this task's own.
                        unsafe { dot::<V, M, R>(vector, from, runs, weights, bias, to, block.count) };
                        filled = 0;
                    }
                }
            }
        }
        if filled > 0 {
            for rest in filled..M {
                (from[rest], to[rest]) = (from[0], to[0]);
            }
            // SAFETY: as above; what is computed twice is the same.
            unsafe { dot::<V, M, R>(vector, from, runs, weights, bias, to, block.count) };
        }
    }
}
