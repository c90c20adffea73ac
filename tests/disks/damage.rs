//! Checkpoints that are cut short, altered, or of something else.

use std::{fs, path::Path};

use moonburn::run::checksum;

use super::{LiveRun, Outcome, broken_off, contents, copy, expect, resume, same_weights};

/// Writes the checksums of a checkpoint anew, so that only its contents tell that it was altered.
fn sum_up(checkpoint: &Path) -> Outcome {
    let names = ["session.json", "tensors.safetensors"];
    let sums = names.map(|name| fs::read(checkpoint.join(name)).map(|bytes| format!("{}  {name}\n", checksum(&bytes))));
    let sums: Vec<String> = sums.into_iter().collect::<Result<_, _>>()?;
    fs::write(checkpoint.join("SHA256SUMS"), sums.concat())?;
    Ok(())
}

pub fn damaged() -> Outcome {
    type Damage = fn(&Path) -> Outcome;
    let ways: [(Damage, &str); 6] = [
        (|path| cut_file(&path.join("tensors.safetensors")), "tensors.safetensors: is torn or altered"),
        (
            |path| cut_file(&path.join("tensors.safetensors")).and_then(|()| sum_up(path)),
            "step-00000030/tensors.safetensors",
        ),
        (
            |path| {
                let file = path.join("tensors.safetensors");
                let mut bytes = fs::read(&file)?;
                let middle = bytes.len() / 2;
                bytes[middle] ^= 4;
                Ok(fs::write(file, bytes)?)
            },
            "tensors.safetensors: is torn or altered",
        ),
        (
            |path| {
                let file = path.join("session.json");
                fs::write(&file, fs::read_to_string(&file)?.replace("\"format\": 2", "\"format\": 3"))?;
                sum_up(path)
            },
            "session.json: its format is 3, this version of moonburn reads 1 and 2",
        ),
        (|path| Ok(fs::remove_file(path.join("session.json"))?), "step-00000030/session.json: "),
        (|path| Ok(fs::write(path.join("SHA256SUMS"), "")?), "SHA256SUMS: is empty"),
    ];
    let folder = broken_off()?;
    copy(&folder.path().join("run"), &folder.path().join("before"))?;
    for (damage, want) in ways {
        fs::remove_dir_all(folder.path().join("run"))?;
        copy(&folder.path().join("before"), &folder.path().join("run"))?;
        damage(&folder.path().join("run/checkpoints/step-00000030"))?;
        let (code, output) = resume(folder.path());
        let is_told = output.contains(want) && output.contains("an older one is looked for");
        expect(code == Some(0) && is_told && output.contains("going on with step 21"), &format!("{want}\n{output}"))?;
        same_weights(folder.path())?;
    }
    Ok(())
}

fn cut_file(path: &Path) -> Outcome {
    let bytes = fs::read(path)?;
    Ok(fs::write(path, &bytes[..bytes.len() / 2])?)
}

pub fn all_damaged() -> Outcome {
    let folder = broken_off()?;
    for step in [20, 30] {
        cut_file(&folder.path().join(format!("run/checkpoints/step-{step:08}/tensors.safetensors")))?;
    }
    let before = contents(&folder.path().join("run"))?;
    let (code, output) = resume(folder.path());
    expect(code == Some(1) && output.contains("none of its checkpoints can be read"), &output)?;
    expect(contents(&folder.path().join("run"))? == before, "its folder is as it was")
}

pub fn of_another_model() -> Outcome {
    let folder = broken_off()?;
    let run = folder.path().join("run");
    let other = folder.path().join("other");
    fs::create_dir(&other)?;
    for name in ["plain.lua", "parts.lua"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kills").join(name))?;
        fs::write(other.join(name), text.replace("16, 24, 8", "16, 32, 8"))?;
    }
    let arguments = ["run", "plain.lua", "--device", "cpu", "--out", "run", "--checkpoint", "10", "--set", "steps=30"];
    let (code, output) = LiveRun::start(&other, 2, &arguments).end();
    expect(code == Some(0), &output)?;
    fs::remove_dir_all(run.join("checkpoints/step-00000030"))?;
    copy(&other.join("run/checkpoints/step-00000030"), &run.join("checkpoints/step-00000030"))?;
    let before = contents(&run)?;
    let (code, output) = resume(folder.path());
    let want = "resume: the checkpoint is of another model or other data: ";
    expect(code == Some(1) && output.contains(want) && output.contains("0.weight [32, 16] became [24, 16]"), &output)?;
    expect(contents(&run)? == before, "something in the run's folder has changed")
}
