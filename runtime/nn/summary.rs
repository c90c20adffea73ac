//! What a network is made of, as a table: each part, what it gives and how many parameters it has.

use std::{cell::RefCell, collections::BTreeMap, fmt, rc::Rc};

use super::{Hook, Module};
use crate::{
    Device, Result, Tensor,
    tensor::{format_shape, no_grad},
};

/// The widest that a table is.
const COLUMNS: usize = 80;
/// Between two columns.
const GAP: usize = 2;
/// The widest that a part's kind and its output's shape are.
const KIND: usize = 18;
const SHAPE: usize = 20;

/// A row for each part, and what there is in all.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    rows: Vec<Row>,
    parameters: usize,
    trainable: usize,
    buffers: usize,
    parameter_bytes: usize,
    buffer_bytes: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    path: String,
    kind: String,
    /// The shapes of what it gave; none where the pass did not call it.
    outputs: Option<Vec<Vec<usize>>>,
    calls: usize,
    parameters: usize,
}

/// What a forward pass changes, as it was before: it comes back when this goes.
struct Unchanged {
    buffers: Vec<(super::Buffer, Tensor)>,
    /// The script's own, which the pass does not call.
    hooks: Vec<(Module, Vec<(u64, Hook)>)>,
}

impl Drop for Unchanged {
    fn drop(&mut self) {
        // Of a part in two places the first had them.
        self.hooks.drain(..).rev().for_each(|(part, hooks)| part.put_hooks(hooks));
        // They were there before, so they fit.
        self.buffers.drain(..).for_each(|(buffer, value)| drop(buffer.set(value)));
    }
}

impl Module {
    /// A row for each part down to a depth, 0 being the module itself, by a forward pass in evaluation mode, without
    /// gradients, after which buffers and modes are as they were. A module without values is looked at as a copy that
    /// gets some.
    ///
    /// # Errors
    /// Those of the forward pass.
    pub fn summary(&self, inputs: &[Tensor], depth: Option<usize>, device: &Device) -> Result<Summary> {
        if self.values_are_set() {
            return self.looked_at(inputs, depth);
        }
        let other = self.fresh();
        other.set_modes(&self.modes());
        let name = self.name().unwrap_or_else(|| self.kind().to_owned());
        other.realise(&name, 0, device)?;
        other.looked_at(inputs, depth)
    }

    fn looked_at(&self, inputs: &[Tensor], depth: Option<usize>) -> Result<Summary> {
        type Seen = BTreeMap<String, (Vec<Vec<usize>>, usize)>;
        let seen: Rc<RefCell<Seen>> = Rc::default();
        let parts = self.named_modules();
        let buffers = self.buffers().into_iter().filter_map(|(_, own)| Some((own.clone(), own.value().ok()?)));
        let hooks = parts.iter().map(|(_, part)| (part.clone(), part.take_hooks()));
        let unchanged = Unchanged { buffers: buffers.collect(), hooks: hooks.collect() };
        for (path, part) in &parts {
            let (seen, path) = (seen.clone(), path.clone());
            part.hook(Rc::new(move |_, _, outputs| {
                let mut seen = seen.borrow_mut();
                let entry = seen
                    .entry(path.clone())
                    .or_insert_with(|| (outputs.iter().map(|output| output.shape().to_vec()).collect(), 0));
                entry.1 += 1;
                Ok(None)
            }));
        }
        self.evaluating(|| no_grad(|| self.call_all(inputs)))?;
        drop(unchanged);
        let seen = seen.borrow();
        let level = |path: &str| if path.is_empty() { 0 } else { path.split('.').count() };
        let shown = parts.iter().filter(|(path, _)| depth.is_none_or(|depth| level(path) <= depth));
        let rows = shown.map(|(path, part)| {
            // What lies below the last level counts there.
            let is_last = depth.is_some_and(|depth| level(path) == depth);
            let own = if is_last { part.parameters() } else { part.own_parameters().to_vec() };
            let found = seen.get(path);
            Row {
                path: path.clone(),
                kind: part.kind().to_owned(),
                outputs: found.map(|(shapes, _)| shapes.clone()),
                calls: found.map_or(0, |(_, calls)| *calls),
                parameters: own.iter().map(|(_, own)| size(own.shape())).sum(),
            }
        });
        let (parameters, buffers) = (self.parameters(), self.buffers());
        let trained = parameters.iter().filter(|(_, own)| !own.is_frozen());
        Ok(Summary {
            rows: rows.collect(),
            parameters: self.count(),
            trainable: trained.map(|(_, own)| size(own.shape())).sum(),
            buffers: buffers.iter().map(|(_, own)| size(own.shape())).sum(),
            parameter_bytes: 4 * self.count(),
            buffer_bytes: buffers.iter().map(|(_, own)| size(own.shape()) * own.dtype().bytes()).sum(),
        })
    }
}

fn size(shape: &[usize]) -> usize {
    shape.iter().product()
}

impl Row {
    fn output(&self) -> String {
        let Some(shapes) = &self.outputs else { return "-".into() };
        let text = shapes.iter().map(|shape| format_shape(shape)).collect::<Vec<_>>().join(" ");
        if self.calls > 1 { format!("{text} ×{}", self.calls) } else { text }
    }

    fn count(&self) -> String {
        if self.parameters == 0 { "-".into() } else { grouped(self.parameters) }
    }
}

/// A number with commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let parts = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    parts.collect::<Vec<_>>().join(",")
}

/// Bytes as a number that can be read.
fn sized(bytes: usize) -> String {
    match bytes as f64 {
        small if small < 1e3 => format!("{bytes} B"),
        bytes if bytes < 1e6 => format!("{:.1} kB", bytes / 1e3),
        bytes if bytes < 1e9 => format!("{:.1} MB", bytes / 1e6),
        bytes => format!("{:.2} GB", bytes / 1e9),
    }
}

/// A text of at most so many letters: its end where the beginning of a path is left out, else its beginning.
fn cut(text: &str, most: usize, keeps_end: bool) -> String {
    let count = text.chars().count();
    // One is the mark.
    let kept = most.saturating_sub(1);
    match (count > most, keeps_end) {
        (false, _) => text.to_owned(),
        (true, true) => format!("…{}", text.chars().skip(count - kept).collect::<String>()),
        (true, false) => format!("{}…", text.chars().take(kept).collect::<String>()),
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = self.rows.iter().map(|row| {
            let path = if row.path.is_empty() { "(all)" } else { &row.path };
            [path.to_owned(), row.kind.clone(), row.output(), row.count()]
        });
        let header = ["part", "kind", "output", "parameters"].map(str::to_owned);
        let cells: Vec<[String; 4]> = std::iter::once(header).chain(cells).collect();
        let widest = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (kind, shape, count) = (widest(1).min(KIND), widest(2).min(SHAPE), widest(3));
        let path = widest(0).min(COLUMNS.saturating_sub(kind + shape + count + 3 * GAP).max(12));
        let line = "─".repeat(path + kind + shape + count + 3 * GAP);
        for (number, row) in cells.iter().enumerate() {
            let [own_path, own_kind, own_shape, own_count] = row;
            let (own_path, own_kind) = (cut(own_path, path, true), cut(own_kind, kind, false));
            let own_shape = cut(own_shape, shape, false);
            writeln!(f, "{own_path:path$}  {own_kind:kind$}  {own_shape:shape$}  {own_count:>count$}")?;
            if number == 0 {
                writeln!(f, "{line}")?;
            }
        }
        writeln!(f, "{line}")?;
        let frozen = self.parameters - self.trainable;
        writeln!(f, "parameters  {} ({})", grouped(self.parameters), sized(self.parameter_bytes))?;
        writeln!(f, "trainable   {}, frozen {}", grouped(self.trainable), grouped(frozen))?;
        write!(f, "buffers     {} ({})", grouped(self.buffers), sized(self.buffer_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Conv2dOptions, batch_norm, conv2d, flatten, linear, relu, sequential};

    fn model() -> Module {
        let layer = conv2d(3, 8, Conv2dOptions::square(3, 1, 1)).unwrap();
        let body = sequential(vec![layer, batch_norm(8, Default::default()), relu()]);
        sequential(vec![body, flatten(), linear(8 * 16, 10, true)])
    }

    fn input() -> Tensor {
        Tensor::ones(&[2, 3, 4, 4], &Device::cpu()).unwrap()
    }

    const WANT: &str = "\
part   kind        output        parameters
───────────────────────────────────────────
(all)  sequential  [2, 10]                -
0      sequential  [2, 8, 4, 4]           -
0.0    conv2d      [2, 8, 4, 4]         224
0.1    batch_norm  [2, 8, 4, 4]          16
0.2    relu        [2, 8, 4, 4]           -
1      flatten     [2, 128]               -
2      linear      [2, 10]            1,290
───────────────────────────────────────────
parameters  1,530 (6.1 kB)
trainable   1,306, frozen 224
buffers     16 (64 B)";

    #[test]
    fn the_table_tells_every_part_and_the_module_is_as_it_was() {
        let model = model();
        model.child("0.0").unwrap().freeze();
        let by_fresh = model.summary(&[input()], None, &Device::cpu()).unwrap();
        assert!(!model.is_realised());
        model.realise("model", 0, &Device::cpu()).unwrap();
        let before = model.state();
        let summary = model.summary(&[input()], None, &Device::cpu()).unwrap();
        assert_eq!(summary.to_string(), WANT);
        assert_eq!(by_fresh, summary);
        let values = |state: &[(String, Tensor)]| -> Vec<Vec<f32>> {
            state.iter().map(|(_, tensor)| tensor.floats().unwrap()).collect()
        };
        assert_eq!(values(&model.state()), values(&before));
        assert!(model.named_modules().iter().all(|(_, part)| part.is_training()));
        let short = model.summary(&[input()], Some(1), &Device::cpu()).unwrap().to_string();
        assert!(short.contains("0      sequential  [2, 8, 4, 4]         240\n") && !short.contains("0.0"), "{short}");
    }

    #[test]
    fn what_is_long_is_cut_so_that_a_line_fits() {
        let mut deep = linear(1_000_000, 2, false);
        for _ in 0..40 {
            deep = sequential(vec![deep]);
        }
        let text =
            deep.summary(&[Tensor::ones(&[1, 1, 1, 1, 1_000_000], &Device::cpu()).unwrap()], None, &Device::cpu());
        let text = text.unwrap().to_string();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.lines().any(|line| line.starts_with("…") && line.ends_with("2,000,000")), "{text}");
        assert_eq!(cut("abcdef", 4, true), "…def");
        assert_eq!(cut("abcdef", 4, false), "abc…");
        assert_eq!((grouped(1), grouped(1_234_567)), ("1".into(), "1,234,567".into()));
    }
}
