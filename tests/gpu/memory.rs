//! A device without memory: an error that says what was asked for, after which it goes on.

use libtest_mimic::{Failed, Trial};
use moonburn::{Device, Engine, Error, Settings, Tensor, device::Adapter, tensor::Kind};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("a tensor that the device has no room for is an error, and the device goes on", too_large),
        Trial::test("a step without memory suggests a smaller batch", advice),
        Trial::test("a loop that catches a step without memory goes on with a smaller one", || caught(false)),
        Trial::test("a loop that catches a backward pass without memory goes on with a smaller one", || caught(true)),
        Trial::test("setup and an evaluation without memory suggest no batch, and the device goes on", elsewhere),
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

fn caught(backward: bool) -> Result<(), Failed> {
    let device = device()?;
    let set = vec![("backward".to_owned(), backward.to_string())];
    let settings = Settings { device: device.clone(), set, ..Settings::new("tests/gpu/memory_caught.lua") };
    let outcome = Engine::new().run(&settings).map_err(|error| error.to_string())?;
    let values = |name| outcome.metrics.series(name).iter().map(|(_, value)| *value).collect::<Vec<_>>();
    let (failures, sizes) = (values("failures"), values("size"));
    // A large card has room for the one gradient of 8 GB.
    let has_room = backward && !device.adapter().is_some_and(Adapter::is_software) && failures == [0.0; 3];
    if outcome.updates == 3 && (has_room || (failures == [1.0, 0.0, 0.0] && sizes == [450.0; 3])) {
        return Ok(());
    }
    Err(format!("{} updates, failures {failures:?}, sizes {sizes:?}", outcome.updates).into())
}

fn elsewhere() -> Result<(), Failed> {
    let device = device()?;
    for place in ["setup", "evaluate"] {
        let set = vec![("place".to_owned(), place.to_owned())];
        let settings = Settings { device: device.clone(), set, ..Settings::new("tests/gpu/memory_elsewhere.lua") };
        let error = Engine::new().run(&settings).map(|_| ()).unwrap_err().to_string();
        let first = error.lines().next().unwrap_or_default();
        if !first.contains("memory: the device has no room") || first.contains("batch") {
            return Err(format!("{place}: '{first}'").into());
        }
        let reserved = device.memory_reserved().unwrap_or(0);
        if reserved > 1 << 30 {
            return Err(format!("{place}: {reserved} bytes are still reserved").into());
        }
        assert_eq!(Tensor::ones(&[10], &device)?.sum(None, false)?.item()?, 10.0);
    }
    Ok(())
}
