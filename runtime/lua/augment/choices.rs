//! Augmentations that are made of others, and those that choose among many.

use mlua::{Table, Value};

use super::{augmentation::Augmentation, chained::Chained, kernel::KernelStep};
use crate::{
    Result,
    augment::{ApplyOptions, ChoiceOptions, RandAugment, TrivialAugment},
    lua::{
        api::{Api, Interpreter, Rest},
        kernel::ScriptKernel,
    },
    options::{Options, options},
};

options! {
    /// What a kernel is given as an augmentation.
    pub struct KernelAugmentOptions {
        /// Its scalars and further tensors by their names.
        pub inputs: Option<Table> = None;
        /// How many uniform numbers in 0 … 1 the binding `draws` gets for each image: float [B, draws].
        pub draws: usize = 0;
    }
}

/// Declares the functions.
pub(super) fn declare(api: &mut Api) {
    composed(api);
    automatic(api);
}

fn composed(api: &mut Api) {
    api.function(
        "augment.chain",
        "augmentations",
        "One augmentation after another. Takes several or one list. A function(images, draw) may stand anywhere among \
         them: it gets the whole batch, float [B, C, H, W], and a Draw, and returns images of any size; so may a kernel \
         that reads images.",
        |lua: Interpreter, augmentations: Rest<Value>| {
            Augmentation::chain(Chained::of(augmentations.0, &lua.0, "chain")?.0)
        },
    )
    .example(
        r#"local views = mb.augment.chain {
  mb.augment.random_resized_crop { size = 16, scale = { 0.3, 1.0 } },
  function(images, draw) return images * draw:uniform(0.5, 1, 1, 1, 1) end,
  mb.augment.horizontal_flip(),
}
print(table.concat(views:apply(mb.rand(2, 3, 32, 32)).shape, " x ")) --> 2 x 3 x 16 x 16"#,
    );
    api.function(
        "augment.random_apply",
        "augmentations, options",
        "An augmentation or a list of them with a probability, all or none (torchvision's RandomApply). A function gets \
         the images that it is applied to.",
        |augmentations: Chained, options: ApplyOptions| augmentations.joined()?.applied(options),
    )
    .example(
        r"local dimmed = mb.augment.random_apply(function(images) return images / 2 end, { p = 0.5 })
local mean = dimmed:apply(mb.ones(200, 1, 2, 2), 1):mean():item()
print(mean > 0.65 and mean < 0.85) --> true",
    );
    api.function(
        "augment.random_choice",
        "augmentations, options",
        "One of several augmentations (torchvision's RandomChoice). A chain among them counts as one.",
        |augmentations: Chained, options: ChoiceOptions| Augmentation::choice(augmentations.0, options),
    )
    .example(
        r"local either = mb.augment.random_choice({
  mb.augment.invert { p = 1 },
  mb.augment.solarize { p = 1 },
}, { weights = { 1, 3 } })
print(table.concat(either:apply(mb.rand(4, 3, 8, 8)).shape, ' x ')) --> 4 x 3 x 8 x 8",
    );
    api.function(
        "augment.kernel",
        "kernel, options",
        "A kernel of your own as an augmentation. Its binding `images` gets the batch, float [B, C, H, W], `draws` uniform \
         numbers keyed as all draws; fields called count, channels, height and width get the images' sizes, and \
         everything else stands in `inputs`. Its one output are the views.",
        |lua: Interpreter, kernel: ScriptKernel, options: KernelAugmentOptions| {
            KernelStep::new(kernel, options.inputs, options.draws, &lua.0).map(Augmentation::of_kernel)
        },
    )
    .example(
        r#"local bent = mb.augment.kernel(mb.kernel("ripple.wgsl"), { draws = 5, inputs = { strength = 0.06, hole = 0.3 } })
local views = mb.augment.chain { mb.augment.horizontal_flip(), bent }
print(table.concat(views:apply(mb.rand(4, 3, 16, 16)).shape, " x ")) --> 4 x 3 x 16 x 16"#,
    );
}

fn automatic(api: &mut Api) {
    api.function(
        "augment.rand_augment",
        "options",
        "Some of 14 operations, one after another, all at one magnitude (torchvision's RandAugment; Cubuk et al., NeurIPS \
         2020).",
        |augment: RandAugment| -> Result<_> { Ok(Augmentation::of(augment.sound()?)) },
    )
    .example(
        r#"local augment = mb.augment.rand_augment { ops = 2, magnitude = 9 }
print(table.concat(augment:apply(mb.rand(4, 3, 32, 32)).shape, " x ")) --> 4 x 3 x 32 x 32"#,
    );
    api.function(
        "augment.trivial_augment",
        "options",
        "One of 14 operations at any magnitude (torchvision's TrivialAugmentWide; Müller and Hutter, ICCV 2021).",
        |augment: TrivialAugment| -> Result<_> { Ok(Augmentation::of(augment.checked("trivial_augment")?)) },
    )
    .example(
        r#"local augment = mb.augment.trivial_augment()
print(augment) --> trivial_augment { bins = 31, interpolation = "nearest" }
print(table.concat(augment:apply(mb.rand(4, 1, 28, 28)).shape, " x ")) --> 4 x 1 x 28 x 28"#,
    );
}
