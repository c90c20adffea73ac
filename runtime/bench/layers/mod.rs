//! Where the time of a step goes: every distinct operation by itself, beside the least time that the device's peak and
//! memory allow; and what the step takes besides its operations. That rest can be negative: on a GPU a step fuses
//! elementwise operations, and it finds in a cache what the operation before left there.

mod measure;
mod network;
mod operation;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{BenchOptions, Peak, step};
use crate::{Device, Result, digits::significant};
use operation::{Kind, Operation};

/// Multiplications and additions of a step's convolutions: forward pass, weight gradient, and input gradient except
/// that of the images.
pub(super) fn flops(options: &BenchOptions) -> f64 {
    let operations = network::operations(options);
    let convolutions =
        operations.iter().enumerate().filter(|(_, found)| matches!(found.kind, Kind::Convolution { .. }));
    let passes = convolutions.flat_map(|(position, found)| {
        let passes = found.passes(position == 0).into_iter().filter(|pass| pass.in_step);
        passes.map(|pass| found.count as f64 * pass.flops)
    });
    passes.sum()
}

/// A line for each distinct operation, one for the optimizer, and one that sets their sum against the whole step.
pub(super) fn time(options: &BenchOptions, device: &Device, peak: &Peak, emit: &mut dyn FnMut(Value)) -> Result<()> {
    let mut sum = Sum::default();
    for (position, operation) in network::operations(options).iter().enumerate() {
        let mut line = described(operation);
        for pass in operation.passes(position == 0) {
            let seconds = measure::pass(operation, &pass, options, device)?;
            let floor = peak.floor(pass.flops, pass.bytes);
            line[pass.name] = shown(seconds, floor);
            if pass.in_step {
                sum.add(operation.name(), operation.count, seconds, floor);
            } else {
                line[pass.name]["in_step"] = false.into();
            }
        }
        emit(line);
    }
    let (seconds, bytes) = measure::update(options, device)?;
    let floor = peak.floor(0.0, bytes);
    sum.add("optimizer", 1, seconds, floor);
    emit(json!({ "part": "layer", "operation": "optimizer", "count": 1, "update": shown(seconds, floor) }));
    emit(sum.line(step::time(options, device)?.median()));
    Ok(())
}

fn described(operation: &Operation) -> Value {
    let mut line = json!({
        "part": "layer", "operation": operation.name(), "count": operation.count, "input": operation.input,
        "output": operation.output(),
    });
    if let Kind::Convolution { kernel, stride, .. } = operation.kind {
        line["kernel"] = kernel.into();
        line["stride"] = stride.into();
    }
    line
}

fn shown(seconds: f64, floor: f64) -> Value {
    json!({ "ms": milliseconds(seconds), "floor_ms": milliseconds(floor), "floor_share": significant(floor / seconds) })
}

fn milliseconds(seconds: f64) -> f64 {
    significant(1e3 * seconds)
}

/// What all operations together take.
#[derive(Default)]
struct Sum {
    /// By kind of operation.
    seconds: BTreeMap<&'static str, f64>,
    floor: f64,
}

impl Sum {
    fn add(&mut self, name: &'static str, count: usize, seconds: f64, floor: f64) {
        *self.seconds.entry(name).or_default() += count as f64 * seconds;
        self.floor += count as f64 * floor;
    }

    fn line(&self, step: f64) -> Value {
        let sum: f64 = self.seconds.values().sum();
        let mut order: Vec<_> = self.seconds.iter().collect();
        order.sort_by(|a, b| b.1.total_cmp(a.1));
        let each: Map<String, Value> =
            order.into_iter().map(|(name, seconds)| ((*name).to_owned(), milliseconds(*seconds).into())).collect();
        json!({
            "part": "layers", "step_ms": milliseconds(step), "sum_ms": milliseconds(sum),
            "unexplained_ms": milliseconds(step - sum), "floor_ms": milliseconds(self.floor), "ms": each,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Encoder;

    #[test]
    fn the_work_of_known_networks_is_what_is_published() {
        // torchvision states 1.81 and 4.09 GMAC for an image of 224 pixels; the linear layer is 0.5 and 2 million of
        // it.
        let at = |encoder, size| {
            let operations = network::operations(&BenchOptions { encoder, size, batch: 1, ..BenchOptions::default() });
            let convolutions = operations.iter().filter(|found| matches!(found.kind, Kind::Convolution { .. }));
            convolutions.map(|found| found.count as f64 * found.multiplications()).sum::<f64>() / 2.0 / 1e9
        };
        assert!((at(Encoder::ResNet18, 224) - 1.81).abs() < 0.01, "{}", at(Encoder::ResNet18, 224));
        assert!((at(Encoder::ResNet50, 224) - 4.09).abs() < 0.01, "{}", at(Encoder::ResNet50, 224));
        // With the CIFAR stem, 0.56 GMAC (Kuang Liu's pytorch-cifar and others).
        assert!((at(Encoder::ResNet18, 32) - 0.56).abs() < 0.01, "{}", at(Encoder::ResNet18, 32));
    }

    #[test]
    fn a_step_does_all_but_the_gradient_of_its_images() {
        let options = BenchOptions { size: 8, batch: 1, width: 4, ..BenchOptions::default() };
        let first = 2.0 * 2.0 * (8 * 8 * 4 * 3 * 9) as f64;
        let forward: f64 = network::operations(&options)
            .iter()
            .filter(|found| matches!(found.kind, Kind::Convolution { .. }))
            .map(|found| 2.0 * found.count as f64 * found.multiplications())
            .sum();
        assert_eq!(flops(&options), 3.0 * forward - first);
    }

    #[test]
    fn every_operation_has_a_line_and_the_last_one_adds_up() {
        let options = BenchOptions { size: 9, batch: 2, width: 4, steps: 1, warmup: 0, ..BenchOptions::default() };
        let peak = Peak { precision: options.precision, size: 1, gflops: 1.0, gigabytes_per_s: 1.0 };
        let mut lines = Vec::new();
        time(&options, &Device::cpu(), &peak, &mut |line| lines.push(line)).unwrap();
        let names: Vec<_> = lines.iter().filter_map(|line| line["operation"].as_str()).collect();
        let norms = ["batch_norm", "batch_norm_relu", "batch_norm_add_relu"];
        let others = ["convolution", "residual_add", "global_pool", "linear", "nt_xent", "optimizer"];
        for name in norms.into_iter().chain(others) {
            assert!(names.contains(&name), "{name} is not in {names:?}");
        }
        assert_eq!(lines[0]["input_gradient"]["in_step"], false);
        let total = lines.last().unwrap();
        let sum: f64 = total["ms"].as_object().unwrap().values().map(|ms| ms.as_f64().unwrap()).sum();
        let [step, explained, rest] = ["step_ms", "sum_ms", "unexplained_ms"].map(|name| total[name].as_f64().unwrap());
        assert!((sum / explained - 1.0).abs() < 1e-2 && (explained + rest - step).abs() < 1e-2 * step, "{total}");
    }
}
