//! Calling a kernel: the arguments are checked, it is launched, and what it gives is put on the tape where it has a
//! gradient.

use super::{Arguments, Program, gradient::record, launched::Launched};
use crate::{Device, Result, Tensor, gpu::Watch};

impl Program {
    /// Runs the kernel: the outputs in the order of their bindings, on the tape of the inputs where it has a gradient.
    /// Outputs are zeros where it writes nothing. `device` is where a kernel without inputs runs.
    ///
    /// # Errors
    /// Arguments that do not fit the bindings; sizes over the device's limits; a machine without an adapter; a kernel
    /// that does not end within the limit; a device that is lost.
    pub fn call(&self, arguments: &Arguments, device: &Device) -> Result<Vec<Tensor>> {
        self.check_inputs(&arguments.inputs, &arguments.scalars)?;
        self.check_tape(&arguments.inputs)?;
        let inputs: Vec<_> = arguments.inputs.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        let device = inputs.first().map_or(device, |(_, tensor)| tensor.device());
        let launched = Launched {
            kernel: &self.forward,
            inputs: &inputs,
            scalars: &arguments.scalars,
            outputs: &arguments.outputs,
            channels_last: &arguments.channels_last,
            size: arguments.size,
            watch: Watch { limit: arguments.limit, always: !device.is_gpu() },
        };
        let mut found = launched.run(device)?;
        match (&self.backward, found.pop()) {
            (Some(backward), Some(output)) => Ok(vec![record(self, backward, arguments, output)]),
            (_, output) => {
                found.extend(output);
                Ok(found)
            }
        }
    }
}
