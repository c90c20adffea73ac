//! What a user reads when something is wrong: the program's output to the letter, and its exit code. Each script in
//! `tests/errors` has one mistake.

use std::process::{Command, Output};

fn moonburn(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/errors"));
    command.output().expect("the program starts")
}

/// Checks the script on the CPU and compares everything it says.
fn fails(script: &str, options: &[&str], code: i32, want: &str) {
    let output = moonburn(&[&["check", script, "--device", "cpu"], options].concat());
    assert_eq!(String::from_utf8_lossy(&output.stderr).trim_end(), want);
    assert_eq!(output.status.code(), Some(code));
    assert!(output.stdout.is_empty(), "an error prints nothing to the standard output");
}

#[test]
fn a_syntax_error() {
    fails("syntax.lua", &[], 1, "syntax.lua:2: unexpected symbol near '='");
}

#[test]
fn files_that_are_no_text_of_utf_8_say_what_they_are_and_a_mark_or_an_interpreter_changes_no_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let said = |bytes: &[u8]| {
        std::fs::write(folder.path().join("s.lua"), bytes).expect("a script can be saved");
        let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
        let output = command.args(["check", "s.lua", "--device", "cpu"]).current_dir(folder.path()).output();
        let output = output.expect("the program starts");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(said(b"\x1bLuaT\0\x19\x93\r\n\x1a\n"), "s.lua: is bytecode of Lua; only text is run");
    assert_eq!(said(b"\xff\xfer\0e\0t\0"), "s.lua: is UTF-16 or UTF-32 text; save it as UTF-8");
    assert_eq!(said(b"\xef\xbb\xbf#!/usr/bin/env moonburn\nlocal x = = 1"), "s.lua:2: unexpected symbol near '='");
    assert_eq!(said(b"#!moonburn run\r\nerror('oh')"), "s.lua:2: oh");
    std::fs::write(folder.path().join("part.lua"), b"\xef\xbb\xbf#!lua\nerror('oh')").expect("a module can be saved");
    assert_eq!(said(b"require 'part'"), "part.lua:2: oh");
}

#[test]
fn a_state_whose_tables_share_each_other_is_not_unfolded_for_ever() {
    fails(
        "shared_state.lua",
        &[],
        1,
        "shared_state.lua:3: session: state has more than 1000000 values; a table that is in several places counts \
         in each of them\n    shared_state.lua:3: in function 'setup'",
    );
}

#[test]
fn a_runtime_error_three_calls_deep_in_a_helper_file() {
    fails(
        "helper.lua",
        &[],
        1,
        "lib/deep.lua:2: attempt to index a nil value (field 'y')\n    \
         lib/deep.lua:2: in upvalue 'third'\n    \
         lib/deep.lua:6: in upvalue 'second'\n    \
         lib/deep.lua:13: in field 'first'\n    \
         helper.lua:5: in function <helper.lua:4>",
    );
}

#[test]
fn what_a_script_printed_before_it_failed_is_shown_once_with_and_without_a_device() {
    for arguments in [&["check", "printed.lua"][..], &["check", "printed.lua", "--device", "cpu"]] {
        let output = moonburn(arguments);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "so far\t3.0\n");
        let error = "printed.lua:2: no further\n    printed.lua:2: in main chunk";
        assert_eq!(String::from_utf8_lossy(&output.stderr).trim_end(), error);
    }
}

#[test]
fn an_unknown_option_key() {
    fails(
        "option.lua",
        &[],
        1,
        "option.lua:5: resnet18: unknown option 'widht'; did you mean 'width'?\n    \
         option.lua:5: in function <option.lua:4>",
    );
}

#[test]
fn an_unknown_method() {
    fails(
        "method.lua",
        &[],
        1,
        "method.lua:9: Tensor: unknown name 'reshap'; did you mean 'reshape'?\n    \
         method.lua:9: in function <method.lua:8>",
    );
}

#[test]
fn a_wrong_type_for_a_named_argument() {
    fails(
        "argument.lua",
        &[],
        1,
        "argument.lua:3: matmul: other must be a tensor, got the string 'hello'\n    argument.lua:3: in main chunk",
    );
}

#[test]
fn a_shape_that_a_layer_does_not_take() {
    fails(
        "layer.lua",
        &[],
        1,
        "layer.lua:13: encoder.conv1: conv2d: wants [N, 3, H, W], got shape [2, 4, 8, 8]\n    \
         layer.lua:13: in function <layer.lua:12>",
    );
}

/// What a check and a run of a script say, without what they tell of reading data.
fn both_say(script: &str, options: &[&str]) -> [String; 2] {
    ["check", "run"].map(|command| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let out = folder.path().join("run").display().to_string();
        let place: &[&str] = if command == "run" { &["--out", &out] } else { &[] };
        let output = moonburn(&[&[command, script, "--device", "cpu"], options, place].concat());
        assert_eq!(output.status.code(), Some(1), "{command} {script}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        text.lines().find(|line| line.starts_with(script)).unwrap_or(&text).to_owned()
    })
}

#[test]
fn a_batch_larger_than_the_data_set_at_the_scripts_own_line() {
    let want = "batch.lua:9: steps: a batch of 64 is more than the 24 images of 'images'".to_owned();
    assert_eq!(both_say("batch.lua", &[]), [want.clone(), want]);
    let [check, run] = both_say("batch.lua", &["--set", "by=nobody"]);
    assert_eq!(check, "batch.lua:15: next: a batch of 64 is more than the 24 images of 'images'");
    assert_eq!(run, "batch.lua:15: next: count must be at most the 24 images of the data set, got 64");
    let [check, run] = both_say("batch.lua", &["--set", "by=script"]);
    assert_eq!(
        check,
        "batch.lua:10: plan: count must be a positive integer, got 0: images has 24 images, the option batch is 64"
    );
    assert_eq!(check, run);
}

#[test]
fn a_batch_of_another_set_that_a_script_writes_itself_is_no_mistake() {
    let output = moonburn(&["check", "small_set.lua", "--device", "cpu"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_mistake_in_evaluate_is_found_by_a_check_with_its_line() {
    let evaluated = |mistake: &str| {
        let output = moonburn(&["check", "evaluation.lua", "--device", "cpu", "--set", &format!("mistake={mistake}")]);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let found = err.lines().find(|line| line.starts_with("evaluation.lua")).unwrap_or(&out);
        (output.status.code(), found.trim_end().to_owned())
    };
    let starts = |mistake: &str, want: &str| {
        let (code, text) = evaluated(mistake);
        assert!(code == Some(1) && text.starts_with(want), "{mistake}: {text}");
    };
    starts("typo", "evaluation.lua:24: ");
    starts("shape", "evaluation.lua:28: encoder.1: linear: wants [..., 768], got shape [2, 192]");
    starts("neighbours", "evaluation.lua:32: knn: k must be 1 to the 500 training rows, got 501");
    starts("result", "evaluation.lua:57: evaluate: the returned value must be a table of named numbers, got 7");
    for (mistake, tried) in [("none", "; evaluate, on a few images)"), ("endless", "; the first 5 s of evaluate)")] {
        let (code, text) = evaluated(mistake);
        assert!(
            code == Some(0) && text.starts_with("evaluation.lua: ok (one step on cpu") && text.ends_with(tried),
            "{mistake}: {text}"
        );
    }
}

#[test]
fn matrices_that_do_not_fit() {
    fails(
        "matmul.lua",
        &[],
        1,
        "matmul.lua:6: matmul: [8, 10] and [8, 10] do not fit: the last dim of the first (10) must be the last but \
         one of the second (8); it would fit with the second transposed\n    \
         matmul.lua:6: in function <matmul.lua:4>",
    );
}

#[test]
fn a_loss_from_before_the_last_update() {
    let output = moonburn(&["check", "stale.lua", "--device", "cpu"]);
    let told = String::from_utf8_lossy(&output.stderr);
    let want = "stale.lua:15: update: the loss was computed before the last update, which has moved encoder.weight; \
                compute it anew, or add the losses and update once";
    assert!(told.lines().any(|line| line == want), "{told}");
    assert_eq!(output.status.code(), Some(1));
}

/// What Lua says nothing of is told, in the script and in what it requires, and fails nothing.
#[test]
fn an_update_within_the_backward_pass_of_another() {
    fails(
        "update_in_hook.lua",
        &[],
        1,
        "update_in_hook.lua:12: update: a hook, or an operation's backward, cannot update: the backward pass that calls \
         it is on its way; update after it\n    update_in_hook.lua:12: in function <update_in_hook.lua:12>\n    \
         update_in_hook.lua:13: in function <update_in_hook.lua:9>",
    );
}

#[test]
fn an_operations_backward_that_returns_another_shape_at_the_line_that_called_the_operation() {
    fails(
        "operation.lua",
        &[],
        1,
        "operation.lua:19: the gradient of double: operation: the backward of 'double' gave the gradient by argument 1 \
         as float32 of shape [], and the argument is float32 of shape [4, 2]\n    operation.lua:19: in function 'loss'",
    );
}

#[test]
fn a_name_of_old_works_and_is_told_once() {
    let output = moonburn(&["check", "renamed.lua", "--device", "cpu"]);
    let told = String::from_utf8_lossy(&output.stderr);
    let told: Vec<_> = told.lines().filter(|line| !line.starts_with("step ")).collect();
    let want = [
        "renamed.lua:7: mb.arange is a name of old and still works: write mb.range(first, last, step)",
        "renamed.lua:8: t:select is a name of old and still works: write t:index_select(dim, positions)",
        "renamed.lua:8: t:at is a name of old and still works: write t:index(dim, position)",
    ];
    assert_eq!(told, want);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("1\t1\n2\t2\n3\t3\n2\nrenamed.lua: ok"));
}

#[test]
fn mistakes_that_lua_is_silent_about() {
    let output = moonburn(&["check", "silent.lua", "--device", "cpu"]);
    let told = String::from_utf8_lossy(&output.stderr);
    let told: Vec<_> = told.lines().filter(|line| !line.starts_with("step ")).collect();
    let want = [
        "silent.lua:17: unknown global 'temprature' is nil",
        "silent.lua:16: 'logits:gt(0) and logits:lt(1)': a tensor is always true, so this is 'logits:lt(1)'; write \
         logits:gt(0):logical_and(logits:lt(1))",
        "silent.lua:23: 'session.model(mb.ones(1, 10)) == 0' is false, whatever the values are: Lua makes one truth \
         value of it; write session.model(mb.ones(1, 10)):eq(0)",
        "silent.lua:23: unknown global 'temprature' is nil; did you mean 'temperature'?",
        "lib/silent.lua:5: 'not mask:logical_not()': a tensor is always true, so this is false; write \
         mask:logical_not():logical_not()",
    ];
    assert_eq!(told, want);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("silent.lua: ok (one step on cpu, loss "));
}

#[test]
fn a_missing_episode_function() {
    fails(
        "no_episode.lua",
        &[],
        1,
        "no_episode.lua:6: experiment: the script returns no 'episode' function; the plain loop needs episode and \
         loss, or write train",
    );
}

#[test]
fn a_loss_that_is_no_scalar() {
    fails(
        "loss_shape.lua",
        &[],
        1,
        "loss_shape.lua:13: loss: must be a scalar, got shape [4, 2]\n    \
         loss_shape.lua:13: in function 'loss'",
    );
}

#[test]
fn a_data_set_that_is_not_there() {
    fails(
        "no_data.lua",
        &[],
        1,
        "no_data.lua:5: images: no/such/folder: no such folder; the built-in set is 'shapes'\n    \
         no_data.lua:5: in function <no_data.lua:4>",
    );
}

#[test]
fn a_script_that_is_not_there() {
    fails("missing.lua", &[], 1, "missing.lua: No such file or directory");
}

#[test]
fn an_option_of_the_wrong_type_on_the_command_line() {
    fails("loss_shape.lua", &["--set", "lr=fast"], 2, "loss_shape.lua:2: --set: lr must be a number, got 'fast'");
}

#[test]
fn an_unknown_option_on_the_command_line() {
    fails(
        "loss_shape.lua",
        &["--set", "step=2"],
        2,
        "loss_shape.lua:2: --set: unknown option 'step'; did you mean 'steps'?",
    );
}

#[test]
fn a_precision_that_there_is_not() {
    let want = "loss_shape.lua:2: --set: precision: unknown format 'flaot16'; did you mean 'float16'?";
    fails("loss_shape.lua", &["--set", "precision=flaot16"], 2, want);
    assert_eq!(moonburn(&["check", "loss_shape.lua", "--precision", "half"]).status.code(), Some(2));
}

#[test]
fn a_way_to_convolve_that_there_is_not() {
    let want = "loss_shape.lua:2: --set: convolution: unknown way 'exat'; did you mean 'exact'?";
    fails("loss_shape.lua", &["--set", "convolution=exat"], 2, want);
    assert_eq!(moonburn(&["check", "loss_shape.lua", "--convolution", "winograd"]).status.code(), Some(2));
}

#[test]
fn a_script_that_asks_for_a_device_that_there_is_not() {
    let want = "wrong_device.lua:1: device: unknown name 'gpuu'; did you mean 'gpu'?";
    fails("wrong_device.lua", &[], 1, want);
}

#[test]
fn wrong_usage_exits_with_2_and_help_with_0() {
    assert_eq!(moonburn(&["train"]).status.code(), Some(2));
    assert_eq!(moonburn(&["check", "loss_shape.lua", "--set", "lr"]).status.code(), Some(2));
    assert_eq!(moonburn(&["check", "loss_shape.lua", "--device", "tpu"]).status.code(), Some(2));
    let help = moonburn(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&help.stdout).contains("moonburn new NAME"));
}

#[test]
fn a_gradient_that_is_not_finite_names_step_and_parameter_and_saves_what_was_good() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run");
    let output = moonburn(&["run", "not_finite.lua", "--device", "cpu", "--out", out.to_str().expect("an UTF-8 path")]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("not_finite.lua:14: step: the gradient of head.weight is not finite at step 2"), "{text}");
    assert_eq!(output.status.code(), Some(1));
    assert!(out.join("weights.safetensors").exists());
    let record = std::fs::read_to_string(out.join("run.json")).expect("a run has a record");
    assert!(record.contains("\"failed\"") && record.contains("head.weight"), "{record}");
}
