//! A device without memory: an error that says what was asked for, after which it goes on.

use libtest_mimic::{Failed, Trial};
use moonburn::{Device, Engine, Error, Settings, Tensor, tensor::Kind};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("a tensor that the device has no room for is an error, and the device goes on", too_large),
        Trial::test("a step without memory suggests a smaller batch", advice),
    ]
}

fn device() -> Result<Device, Failed> {
    Ok(Device::select(&super::name())?)
}

fn too_large() -> Result<(), Failed> {
    let device = device()?;
    // 8 GB each: software Vulkan has no room for one, a large card for some.
    let mut held = Vec::new();
    let refused = (0..100).find_map(|_| {
        let made = Tensor::full(1.0, &[45_000, 45_000], Kind::Float, &device);
        match made.and_then(|tensor| Ok((tensor.slice(0, 0, 1)?.slice(1, 0, 1)?.item()?, tensor))) {
            Ok((_, tensor)) => {
                held.push(tensor);
                None
            }
            Err(error) => Some(error),
        }
    });
    match refused {
        Some(Error::OutOfMemory { asked: Some(bytes), .. }) if bytes >= 1 << 30 => {}
        other => return Err(format!("{other:?} after {} tensors", held.len()).into()),
    }
    drop(held);
    device.release_memory();
    assert_eq!(Tensor::ones(&[10], &device)?.sum(None, false)?.item()?, 10.0);
    Ok(())
}

fn advice() -> Result<(), Failed> {
    let settings = Settings { device: device()?, ..Settings::new("tests/gpu/memory.lua") };
    let error = Engine::new().run(&settings).map(|_| ()).unwrap_err().to_string();
    let first = error.lines().next().unwrap_or_default();
    let says =
        ["tests/gpu/memory.lua:", "memory: the device has no room", "try a smaller batch than 45000, such as 22500"];
    match says.into_iter().find(|part| !first.contains(part)) {
        Some(part) => Err(format!("'{first}' does not say '{part}'").into()),
        None => Ok(()),
    }
}
