//! Recurrent layers with PyTorch's parameters and names: GRU (Cho et al. 2014) and LSTM (Hochreiter and Schmidhuber 1997).

use super::{Init, Layer, Module, Parameter, Role, drawing::next_draw};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
    tensor::{Dropping, size},
};

options! {
    /// What a recurrent layer is besides its sizes.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct RecurrentOptions {
        /// How many layers stand on one another.
        pub layers: usize = 1, in 1..=100;
        /// Whether biases are added.
        pub bias: bool = true;
        /// Whether there is a second one of each layer, which goes backwards.
        pub bidirectional: bool = false;
        /// With which probability a value between two layers is dropped in training mode.
        pub dropout: f64 = 0.0, in 0.0..=1.0;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Cell {
    Gru,
    Lstm,
}

impl Cell {
    fn op(self) -> &'static str {
        if self == Self::Gru { "gru" } else { "lstm" }
    }

    /// How many gates there are.
    fn gates(self) -> usize {
        if self == Self::Gru { 3 } else { 4 }
    }

    /// How many tensors a state is.
    fn states(self) -> usize {
        if self == Self::Gru { 1 } else { 2 }
    }
}

/// One direction of one layer.
struct Direction {
    /// What its parameters' names end in.
    end: String,
    weights: [Parameter; 2],
    biases: Option<[Parameter; 2]>,
}

struct Recurrent {
    cell: Cell,
    inputs: usize,
    hidden: usize,
    options: RecurrentOptions,
    directions: Vec<Direction>,
}

/// `[N, L, inputs]`, or `[L, inputs]`, and a state `[layers, N, hidden]`, zeros where it is not given, to every output
/// `[N, L, hidden]` and the last state. Of two directions the outputs are `2 · hidden` wide, and there are two states a layer.
///
/// # Errors
/// Sizes of 0; options out of range.
pub fn gru(inputs: usize, hidden: usize, options: RecurrentOptions) -> Result<Module> {
    Recurrent::module(Cell::Gru, inputs, hidden, options)
}

/// As [`gru`], with a state of two tensors, which both are inputs and outputs: hidden state and cell.
///
/// # Errors
/// As [`gru`].
pub fn lstm(inputs: usize, hidden: usize, options: RecurrentOptions) -> Result<Module> {
    Recurrent::module(Cell::Lstm, inputs, hidden, options)
}

impl Recurrent {
    fn module(cell: Cell, inputs: usize, hidden: usize, options: RecurrentOptions) -> Result<Module> {
        options.check(cell.op())?;
        for (name, number) in [("inputs", inputs), ("hidden", hidden)] {
            if number == 0 {
                return Err(Error::argument(cell.op(), name, "at least 1", 0));
            }
        }
        let widest = inputs.max(size::product(cell.op(), "hidden", &[2, hidden])?);
        size::product(cell.op(), "a weight", &[cell.gates(), hidden, widest])?;
        Ok(Module::new(Self::new(cell, inputs, hidden, options)))
    }

    fn new(cell: Cell, inputs: usize, hidden: usize, options: RecurrentOptions) -> Self {
        let (rows, init) = (cell.gates() * hidden, Init::kaiming_uniform(hidden));
        let both = if options.bidirectional { 2 } else { 1 };
        let directions = (0..options.layers * both).map(|number| {
            let (layer, reverse) = (number / both, number % both == 1);
            let width = if layer == 0 { inputs } else { both * hidden };
            let weight = |columns| Parameter::new(&[rows, columns], init, Role::Weight);
            let bias = || Parameter::new(&[rows], init, Role::Bias);
            Direction {
                end: format!("l{layer}{}", if reverse { "_reverse" } else { "" }),
                weights: [weight(width), weight(hidden)],
                biases: options.bias.then(|| [bias(), bias()]),
            }
        });
        Self { cell, inputs, hidden, options, directions: directions.collect() }
    }

    /// The sequence `[N, L, inputs]` and the states, each `[directions, N, hidden]`.
    fn operands(&self, inputs: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
        let (op, states) = (self.cell.op(), self.cell.states());
        if inputs.len() != 1 && inputs.len() != 1 + states {
            let want = format!("a sequence, or one and {states} state{}", if states == 1 { "" } else { "s" });
            return Err(Error::argument(op, "input", want, format!("{} tensors", inputs.len())));
        }
        let sequence = &inputs[0];
        for tensor in inputs {
            tensor.want_float(op)?;
        }
        let wrong = |want, got: &Tensor| Err(Error::Shape { op: op.into(), want, got: got.shape().to_vec() });
        if !matches!(sequence.rank(), 2 | 3) || sequence.shape()[sequence.rank() - 1] != self.inputs {
            return wrong(format!("wants [N, L, {0}] or [L, {0}]", self.inputs), sequence);
        }
        if sequence.shape()[sequence.rank() - 2] == 0 {
            return wrong("wants one step or more".into(), sequence);
        }
        let is_single = sequence.rank() == 2;
        let sequence = if is_single { sequence.unsqueeze(0)? } else { sequence.clone() };
        let rows = sequence.shape()[0];
        let shape = [self.directions.len(), rows, self.hidden];
        let mut all = Vec::with_capacity(states);
        for state in &inputs[1..] {
            let state = if is_single && state.rank() == 2 { state.unsqueeze(1)? } else { state.clone() };
            if state.shape() != shape {
                return wrong(format!("wants a state [{}, {rows}, {}]", shape[0], shape[2]), &state);
            }
            all.push(state);
        }
        while all.len() < states {
            let dtype = sequence.dtype().computed();
            all.push(Tensor::full(0.0, &shape, dtype, sequence.device())?);
        }
        Ok((sequence, all))
    }

    /// The outputs of one direction `[N, L, hidden]`, and its last states.
    fn run(&self, number: usize, sequence: &Tensor, states: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
        let direction = &self.directions[number];
        let &[rows, steps, width] = sequence.shape() else { return Ok((sequence.clone(), Vec::new())) };
        let gates = self.cell.gates() * self.hidden;
        let [by_input, by_hidden] = [direction.weights[0].leaf()?, direction.weights[1].leaf()?];
        let biases = direction.biases.as_ref().map(|biases| Ok([biases[0].leaf()?, biases[1].leaf()?])).transpose()?;
        let flat = sequence.reshape(&[rows * steps, width])?.matmul(&by_input.transpose(0, 1)?)?;
        let flat = biases.as_ref().map_or_else(|| Ok(flat.clone()), |biases: &[Tensor; 2]| flat.add(&biases[0]))?;
        let mut inputs = flat.reshape(&[rows, steps, gates])?.taken_apart(1)?;
        let is_reverse = self.options.bidirectional && number % 2 == 1;
        if is_reverse {
            inputs.reverse();
        }
        let turned = by_hidden.transpose(0, 1)?;
        let mut states = states.iter().map(|state| state.at(0, number)).collect::<Result<Vec<_>>>()?;
        let mut outputs = Vec::with_capacity(steps);
        for input in inputs {
            let own = states[0].matmul(&turned)?;
            let own = biases.as_ref().map_or_else(|| Ok(own.clone()), |biases| own.add(&biases[1]))?;
            states = self.step(&input, &own, &states)?;
            outputs.push(states[0].clone());
        }
        if is_reverse {
            outputs.reverse();
        }
        Ok((Tensor::stack(&outputs, 1)?, states))
    }

    /// The states after a step, from what the input and the state before give to each gate.
    fn step(&self, input: &Tensor, own: &Tensor, states: &[Tensor]) -> Result<Vec<Tensor>> {
        // In one operation, whose gradient puts those of all gates together once.
        let gates = |tensor: &Tensor| {
            let rows = tensor.shape()[0];
            tensor.reshape(&[rows, self.cell.gates(), self.hidden])?.taken_apart(1)
        };
        if self.cell == Cell::Gru {
            let (input, own) = (gates(input)?, gates(own)?);
            let [reset, update] = [input[0].add(&own[0])?.sigmoid()?, input[1].add(&own[1])?.sigmoid()?];
            let new = input[2].add(&reset.mul(&own[2])?)?.tanh()?;
            return Ok(vec![new.add(&update.mul(&states[0].sub(&new)?)?)?]);
        }
        let all = gates(&input.add(own)?)?;
        let entry = all[0].sigmoid()?.mul(&all[2].tanh()?)?;
        let cell = all[1].sigmoid()?.mul(&states[1])?.add(&entry)?;
        Ok(vec![all[3].sigmoid()?.mul(&cell.tanh()?)?, cell])
    }
}

impl Layer for Recurrent {
    fn kind(&self) -> &str {
        self.cell.op()
    }

    fn describe(&self) -> String {
        let RecurrentOptions { layers, bias, bidirectional, dropout } = self.options;
        let mut text = format!("{}({}, {}", self.cell.op(), self.inputs, self.hidden);
        if layers != 1 {
            text += &format!(", layers = {layers}");
        }
        if !bias {
            text += ", bias = false";
        }
        if bidirectional {
            text += ", bidirectional = true";
        }
        if dropout != 0.0 {
            text += &format!(", dropout = {dropout}");
        }
        text + ")"
    }

    fn forward(&self, _: &Module, _: &[Tensor]) -> Result<Tensor> {
        let op = self.cell.op();
        // The outputs, and each tensor of a state.
        let count = 1 + self.cell.states();
        let reason = format!(
            "it returns {count} values, and only one can go on from here; call it in a module of your own, and return one"
        );
        Err(Error::State { op, reason })
    }

    fn forward_all(&self, module: &Module, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let (mut sequence, states) = self.operands(inputs)?;
        let both = if self.options.bidirectional { 2 } else { 1 };
        let mut last: Vec<Vec<Tensor>> = vec![Vec::new(); self.cell.states()];
        for layer in 0..self.options.layers {
            if layer > 0 && module.is_training() && self.options.dropout > 0.0 {
                let (stream, key) = next_draw(self.cell.op(), module)?;
                let dropping = Dropping { p: self.options.dropout, stream, key };
                sequence = sequence.mul(&dropping.factors(sequence.shape(), &sequence)?)?;
            }
            let mut outputs = Vec::with_capacity(both);
            for number in layer * both..(layer + 1) * both {
                let (output, states) = self.run(number, &sequence, &states)?;
                outputs.push(output);
                last.iter_mut().zip(states).for_each(|(last, state)| last.push(state));
            }
            sequence = if both == 1 { outputs.remove(0) } else { Tensor::cat(&outputs, 2)? };
        }
        let last = last.iter().map(|states| Tensor::stack(states, 0)).collect::<Result<Vec<_>>>()?;
        if inputs[0].rank() == 2 {
            let last = last.iter().map(|states| states.squeeze(Some(1)));
            return std::iter::once(sequence.squeeze(Some(0))).chain(last).collect();
        }
        Ok(std::iter::once(sequence).chain(last).collect())
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::new(self.cell, self.inputs, self.hidden, self.options))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        let named = |direction: &Direction| {
            let of = |what: &str, [input, hidden]: &[Parameter; 2]| {
                let name = |side: &str| format!("{what}_{side}_{}", direction.end);
                [(name("ih"), input.clone()), (name("hh"), hidden.clone())]
            };
            let biases = direction.biases.as_ref().map(|biases| of("bias", biases));
            of("weight", &direction.weights).into_iter().chain(biases.into_iter().flatten()).collect::<Vec<_>>()
        };
        self.directions.iter().flat_map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::{
        Device,
        nn::{StepKeys, drawing_by, reference::check, sequential},
    };

    const TWICE: RecurrentOptions = RecurrentOptions { layers: 2, bias: true, bidirectional: true, dropout: 0.0 };

    #[test]
    fn outputs_states_and_gradients_are_pytorchs() {
        let plain = RecurrentOptions::default();
        let bare = RecurrentOptions { bias: false, ..plain };
        for (name, make) in [("gru", gru as fn(usize, usize, RecurrentOptions) -> Result<Module>), ("lstm", lstm)] {
            check(name, &make(3, 4, plain).unwrap());
            check(&format!("{name} from a state"), &make(3, 4, plain).unwrap());
            check(&format!("{name} of two layers, both ways"), &make(3, 2, TWICE).unwrap());
            check(&format!("{name} of one row"), &make(2, 3, bare).unwrap());
            check(&format!("{name} of one step"), &make(1, 1, plain).unwrap());
        }
    }

    #[test]
    fn between_layers_values_are_dropped_in_training() {
        let module = lstm(3, 4, RecurrentOptions { dropout: 0.5, ..TWICE }).unwrap();
        module.realise("memory", 0, &Device::cpu()).unwrap();
        let x = Tensor::ones(&[2, 5, 3], &Device::cpu()).unwrap();
        let run = |step| {
            drawing_by(Rc::new(StepKeys::new(0, step)), || module.call_all(std::slice::from_ref(&x))).unwrap()[0]
                .floats()
                .unwrap()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        module.set_training(false);
        assert_eq!(run(1), run(2));
    }

    #[test]
    fn mistakes_are_told() {
        let module = gru(3, 4, RecurrentOptions::default()).unwrap();
        module.realise("memory", 0, &Device::cpu()).unwrap();
        let zeros = |shape: &[usize]| Tensor::zeros(shape, &Device::cpu()).unwrap();
        let message = |inputs: &[Tensor]| module.call_all(inputs).unwrap_err().to_string();
        assert_eq!(message(&[zeros(&[2, 5])]), "memory: gru: wants [N, L, 3] or [L, 3], got shape [2, 5]");
        assert_eq!(message(&[zeros(&[2, 0, 3])]), "memory: gru: wants one step or more, got shape [2, 0, 3]");
        assert_eq!(
            message(&[zeros(&[2, 5, 3]), zeros(&[1, 3, 4])]),
            "memory: gru: wants a state [1, 2, 4], got shape [1, 3, 4]"
        );
        assert_eq!(
            message(&[zeros(&[2, 5, 3]), zeros(&[1, 2, 4]), zeros(&[1, 2, 4])]),
            "memory: gru: input must be a sequence, or one and 1 state, got 3 tensors"
        );
        let inner = gru(3, 4, RecurrentOptions::default()).unwrap();
        let chain = sequential(vec![inner]);
        chain.realise("chain", 0, &Device::cpu()).unwrap();
        assert_eq!(
            chain.forward(&zeros(&[2, 5, 3])).unwrap_err().to_string(),
            "chain.0: gru: it returns 2 values, and only one can go on from here; call it in a module of your own, and \
             return one"
        );
        let wide = RecurrentOptions { layers: 0, ..Default::default() };
        assert_eq!(lstm(3, 4, wide).unwrap_err().to_string(), "lstm: layers must be from 1 to 100, got 0");
    }
}
