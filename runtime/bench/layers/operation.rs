//! One operation of a training step on one shape: how to compute it, and what it cannot do without.

use crate::{
    Device, Result, Tensor, loss,
    nn::{BatchNormOptions, Module, batch_norm},
    tensor::{Behind, Convolution, Window},
};

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Convolution {
        outputs: usize,
        kernel: usize,
        stride: usize,
    },
    /// With what is behind it: an addition, ReLU.
    BatchNorm {
        added: bool,
        relu: bool,
    },
    /// The meeting of two gradients where a residual block begins. The forward pass is in the block's last norm.
    ResidualAdd,
    /// A ResNet's, 3×3 with stride 2.
    MaxPool,
    GlobalPool,
    Linear {
        outputs: usize,
    },
    NtXent,
}

/// An operation, and how often a step has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub kind: Kind,
    /// Of its input, views included.
    pub input: Vec<usize>,
    pub count: usize,
}

/// One direction of it.
pub(super) struct Pass {
    pub name: &'static str,
    /// Which operands get a gradient; all of them in a forward pass, which then keeps for the tape what a step keeps.
    pub tracked: &'static [usize],
    /// Multiplications and additions.
    pub flops: f64,
    /// Bytes that it must read and write in float32, each once.
    pub bytes: f64,
    /// Whether a step does it: nobody asks for the gradient of the images, nor adds a residual by itself.
    pub in_step: bool,
}

/// A computation of one tensor from its operands.
pub type Body = Box<dyn Fn(&[Tensor]) -> Result<Tensor>>;

impl Operation {
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Convolution { .. } => "convolution",
            Kind::BatchNorm { added: true, .. } => "batch_norm_add_relu",
            Kind::BatchNorm { relu: true, .. } => "batch_norm_relu",
            Kind::BatchNorm { .. } => "batch_norm",
            Kind::ResidualAdd => "residual_add",
            Kind::MaxPool => "max_pool",
            Kind::GlobalPool => "global_pool",
            Kind::Linear { .. } => "linear",
            Kind::NtXent => "nt_xent",
        }
    }

    /// The shapes of what it computes with.
    pub fn operands(&self) -> Vec<Vec<usize>> {
        let input = self.input.clone();
        match self.kind {
            Kind::Convolution { outputs, kernel, .. } => {
                let weight = vec![outputs, input[1], kernel, kernel];
                vec![input, weight]
            }
            Kind::Linear { outputs } => {
                let weight = vec![outputs, input[1]];
                vec![input, weight]
            }
            Kind::ResidualAdd | Kind::BatchNorm { added: true, .. } => vec![input.clone(), input],
            _ => vec![input],
        }
    }

    pub fn output(&self) -> Vec<usize> {
        let (input, views) = (&self.input, self.input[0]);
        match self.kind {
            Kind::Convolution { outputs, kernel, stride } => {
                let side = side_after(input[2], kernel, stride);
                vec![views, outputs, side, side]
            }
            Kind::MaxPool => {
                let side = side_after(input[2], 3, 2);
                vec![views, input[1], side, side]
            }
            Kind::BatchNorm { .. } | Kind::ResidualAdd => input.clone(),
            Kind::GlobalPool => vec![views, input[1]],
            Kind::Linear { outputs } => vec![views, outputs],
            Kind::NtXent => vec![],
        }
    }

    /// Whether its two operands come from one tensor, where the gradients of both meet.
    pub fn forks(&self) -> bool {
        self.kind == Kind::ResidualAdd
    }

    /// What computes it from its operands, with parameters of its own where it has some.
    pub fn body(&self, device: &Device) -> Result<Body> {
        Ok(match self.kind {
            Kind::Convolution { kernel, stride, .. } => {
                let how = Convolution { stride: [stride; 2], padding: [kernel / 2; 2], ..Convolution::default() };
                Box::new(move |operands| operands[0].conv2d(&operands[1], None, how))
            }
            Kind::BatchNorm { added, relu } => {
                let norm: Module = batch_norm(self.input[1], BatchNormOptions::default());
                norm.realise("bench", 0, device)?;
                Box::new(move |operands| {
                    let behind = Behind { residual: added.then(|| &operands[1]), relu };
                    norm.forward_with(&operands[0], behind)
                })
            }
            Kind::ResidualAdd => Box::new(|operands| operands[0].add(&operands[1])),
            Kind::MaxPool => {
                let window = Window { kernel: [3; 2], stride: [2; 2], padding: [1; 2] };
                Box::new(move |operands| operands[0].max_pool2d(window))
            }
            Kind::GlobalPool => Box::new(|operands| operands[0].global_avg_pool()),
            Kind::Linear { .. } => Box::new(|operands| operands[0].matmul(&operands[1].transpose(0, 1)?)),
            Kind::NtXent => Box::new(|operands| loss::nt_xent(&operands[0], loss::NtXentOptions::default())),
        })
    }

    /// Multiplications of a forward pass.
    pub fn multiplications(&self) -> f64 {
        let (views, inputs) = (self.input[0], self.input[1]);
        (match self.kind {
            Kind::Convolution { outputs, kernel, .. } => {
                let side = self.output()[2];
                views * side * side * outputs * inputs * kernel * kernel
            }
            Kind::Linear { outputs } => views * inputs * outputs,
            Kind::NtXent => views * views * inputs,
            _ => 0,
        }) as f64
    }

    /// Bytes that one of it holds, about, while it waits for its backward pass.
    pub fn held(&self) -> f64 {
        let numbers = |shape: &[usize]| shape.iter().product::<usize>();
        // Logits of every pair, their probabilities, masks and what lies between.
        let pairs = if self.kind == Kind::NtXent { 8 * self.input[0] * self.input[0] } else { 0 };
        4.0 * (numbers(&self.input) + numbers(&self.output()) + pairs) as f64
    }

    /// Its forward pass, then those of its gradients. The first has `is_first`.
    pub fn passes(&self, is_first: bool) -> Vec<Pass> {
        let bytes = |shape: &[usize]| 4.0 * shape.iter().product::<usize>() as f64;
        let operands: Vec<f64> = self.operands().iter().map(|shape| bytes(shape)).collect();
        let (input, output) = (operands[0], bytes(&self.output()));
        let (flops, all) = (2.0 * self.multiplications(), operands.iter().sum::<f64>());
        let pass =
            |name, tracked, products, bytes| Pass { name, tracked, flops: products * flops, bytes, in_step: true };
        let backward = |products, bytes| pass("backward", &[0, 1][..operands.len()], products, bytes);
        let in_step = self.kind != Kind::ResidualAdd;
        let forward = Pass { in_step, ..pass("forward", &[0, 1][..operands.len()], 1.0, all + output) };
        let gradients = match self.kind {
            Kind::Convolution { .. } => vec![
                Pass { in_step: !is_first, ..pass("input_gradient", &[0], 1.0, all + output) },
                pass("weight_gradient", &[1], 1.0, all + output),
            ],
            Kind::ResidualAdd => vec![backward(0.0, 3.0 * output)],
            Kind::BatchNorm { added, relu } => {
                let tensors = 3 + usize::from(added) + usize::from(relu);
                vec![backward(0.0, tensors as f64 * output)]
            }
            Kind::MaxPool | Kind::GlobalPool => vec![backward(0.0, output + input)],
            _ => vec![backward(2.0, output + 2.0 * all)],
        };
        std::iter::once(forward).chain(gradients).collect()
    }
}

/// The side that a window leaves which is padded by its half: that of [`Tensor::conv2d`].
fn side_after(side: usize, kernel: usize, stride: usize) -> usize {
    (side + 2 * (kernel / 2) - kernel) / stride + 1
}
