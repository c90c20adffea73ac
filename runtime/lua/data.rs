//! The classes ImageSet and Batch.

use mlua::Value;

use super::{
    api::Api,
    augment::Augmentation,
    context::Context,
    literal,
    object::{named, object},
    position::{self, Position},
};
use crate::{
    Error, Result, Tensor,
    data::{Batch, ImageOptions, ImageSet, Layout, OnCorrupt, Split, Transparent},
    options::options,
    position::number,
    views,
};

object!(ImageSet, "ImageSet", "a data set of images");
object!(Batch, "Batch", "a batch of images");

named! {
    Split;
    OnCorrupt;
    Layout;
    Transparent, or "string";
}

options! {
    /// Options of a batch's `views`.
    pub struct BatchViewOptions {
        /// Views per image.
        pub views: usize = 1;
        /// The number of the first view, from 1. Without it, each call on the same batch gives other views.
        pub first: Option<Position> = None;
    }
}

/// Declares the classes and functions.
pub fn declare(api: &mut Api) {
    api.function(
        "data.images",
        "source, options",
        "A labelled image data set, kept in memory as bytes: \"shapes\" (built in), an image folder (a class per \
         folder), or a folder with CIFAR-10's binary batches. It is read when it gets its name in the session.",
        |source: String, options: ImageOptions| Ok(ImageSet::new(&source, options)),
    )
    .example(
        r#"session.images = mb.data.images("shapes", { count = 50, split = "test" })
print(#session.images, #session.images:classes()) --> 50 10"#,
    );
    api.class::<ImageSet>("ImageSet", "A data set of images with labels.", |class, docs| {
        class.example(
            r#"session.images = mb.data.images("shapes", { count = 100 })
local batch = session.images:next(8)
print(#session.images, #batch, batch:labels().shape[1]) --> 100 8 8"#,
        );
        class
            .method(
                docs,
                "next",
                "count",
                "The next images of an order that is shuffled anew each epoch. Images at the end of an epoch that are \
                 too few for a batch are passed over.",
                |cx: Context, set: ImageSet, count: usize| {
                    fits_for_real(&cx, &set, count)?;
                    Ok(set.next(count)?.made_in(cx.draw_stage()))
                },
            )
            .example(
                r#"session.images = mb.data.images("shapes", { count = 20 })
for _ = 1, 3 do
  local batch = session.images:next(8)
  print(session.images:epoch(), #batch)
end
--> 1 8
--> 1 8
--> 2 8"#,
            );
        class
            .method(
                docs,
                "pick",
                "positions",
                "The images at these positions, a list or int tensor [B] from 1, as a batch. Keyed by the step and the \
             number of such calls in it.",
                |cx: Context, set: ImageSet, positions: Value| {
                    let positions = literal::positions("pick", positions, &cx.device)?;
                    let given = positions.ints("pick")?.into_iter().map(|position| {
                        let (got, range) = (number(position), "positions count from 1".into());
                        usize::try_from(position).map_err(|_| Error::OutOfRange {
                            op: "pick",
                            what: "image",
                            got,
                            range,
                        })
                    });
                    Ok(set.pick(given.collect::<Result<_>>()?, cx.next_draw("pick"))?.made_in(cx.draw_stage()))
                },
            )
            .example(
                r#"session.images = mb.data.images("shapes", { count = 20 })
local batch = session.images:pick { 3, 1 }
print(batch:positions())
--> tensor [2] int32 on cpu
--> [3, 1]"#,
            );
        class
            .operator(docs, "__len", "The number of images.", |cx: Context, set: ImageSet, _: Value| count(&cx, &set))
            .example(r#"print(#mb.data.images("shapes", { count = 20 })) --> 20"#);
        class
            .method(docs, "count", "", "The number of images, as #set.", |cx: Context, set: ImageSet| count(&cx, &set))
            .example(r#"print(mb.data.images("shapes", { count = 20 }):count()) --> 20"#);
        class
            .method(
                docs,
                "steps",
                "batch",
                "How many batches an epoch has; a last batch of fewer images does not count. A batch of more images \
                 than the set has is an error.",
                |cx: Context, set: ImageSet, batch: usize| {
                    let asked = cx.session.borrow().real_batch(batch);
                    loaded(&cx, &set)?;
                    set.steps(asked)
                },
            )
            .example(r#"print(mb.data.images("shapes", { count = 20 }):steps(8)) --> 2"#);
        class
            .method(
                docs,
                "labels",
                "",
                "The class of every image, from 1: int [N]. The labels carry the names of the classes; slices, \
                 selections and joins of labels keep the names.",
                |cx: Context, set: ImageSet| {
                    let images = loaded(&cx, &set)?;
                    let labels: Vec<i32> = images.labels().iter().map(|label| *label as i32).collect();
                    let shape = [labels.len()];
                    let labels = Tensor::from_ints(labels, &shape, &cx.device)?;
                    position::to_lua(&labels.with_class_names(Some(images.class_names().clone())))
                },
            )
            .example(
                r#"local images = mb.data.images("shapes", { count = 20 })
local labels = images:labels()
print(#labels, labels.classes[labels[1]:item()] == images:classes()[labels[1]:item()]) --> 20 true"#,
            );
        class
            .method(
                docs,
                "classes",
                "",
                "The names of the classes, in the order of their labels.",
                |cx: Context, set: ImageSet| Ok(loaded(&cx, &set)?.classes().to_vec()),
            )
            .example(
                r#"local images = mb.data.images("shapes", { classes = { "star", "ring" }, count = 20 })
print(table.concat(images:classes(), ", ")) --> star, ring"#,
            );
        class
            .method(docs, "epoch", "", "The epoch that the order has come to, from 1.", |set: ImageSet| {
                Ok(Position(set.epoch() as usize))
            })
            .example(
                r#"session.images = mb.data.images("shapes", { count = 20 })
while session.images:epoch() < 3 do session.images:next(10) end
print(session.images:epoch()) --> 3"#,
            );
    });
    api.class::<Batch>("Batch", "Some images of a data set.", |class, docs| {
        class.example(
            r#"session.images = mb.data.images("shapes", { count = 20 })
local batch = session.images:pick { 7, 3 }
print(#batch, #batch:images(), batch:positions()[1]:item()) --> 2 2 7"#,
        );
        class
            .method(
                docs,
                "images",
                "",
                "The images as they are: floats in 0..1, [B, 3, H, W].",
                |cx: Context, batch: Batch| views::images_of(&batch, &cx.device),
            )
            .example(
                r#"session.images = mb.data.images("shapes", { count = 20 })
local batch = session.images:next(2)
print(table.concat(batch:images().shape, " x ")) --> 2 x 3 x 32 x 32"#,
            );
        class
            .method(
                docs,
                "labels",
                "",
                "Their classes, from 1: int [B]. They carry the names of the classes.",
                |cx: Context, batch: Batch| position::to_lua(&views::labels_of(&batch, &cx.device)?),
            )
            .example(
                r#"session.images = mb.data.images("shapes", { count = 100, classes = { "star" } })
print(session.images:next(3):labels())
--> tensor [3] int32 on cpu
--> [1, 1, 1]"#,
            );
        class
            .method(
                docs,
                "positions",
                "",
                "Their positions in the data set, from 1: int [B].",
                |cx: Context, batch: Batch| {
                    let positions = batch.picks.iter().map(|pick| *pick as i32).collect();
                    position::to_lua(&Tensor::from_ints(positions, &[batch.len()], &cx.device)?)
                },
            )
            .example(
                r#"session.images = mb.data.images("shapes", { count = 20 })
print(session.images:pick({ 7, 3 }):positions())
--> tensor [2] int32 on cpu
--> [7, 3]"#,
            );
        class
            .method(
                docs,
                "views",
                "augment, options",
                "Augmented views of the images, view-major: floats in 0..1, [V·B, 3, H, W]. The number of the first \
                 view keys the draws: views of different numbers differ. Calls without a number give other views each \
                 time.",
                |cx: Context, batch: Batch, augment: Augmentation, options: BatchViewOptions| {
                    let augment = cx.recorder.noting(&augment);
                    match options.first {
                        Some(first) => views::of_batch(&batch, &augment, first.0, options.views, &cx.device),
                        None => {
                            let batch = batch.asked_in(cx.draw_stage());
                            views::of_batch(&batch, &augment, 0, options.views, &cx.device)
                        }
                    }
                },
            )
            .example(
                r#"session.images = mb.data.images("shapes", { count = 20 })
local batch = session.images:next(4)
local views = batch:views(mb.augment.horizontal_flip(), { views = 2 })
local first, second = table.unpack(views:chunk(2, 1)) -- row i of both is image i
print(#views, #first, #second) --> 8 4 4"#,
            );
        class.operator(docs, "__len", "The number of images.", |batch: Batch, _: Value| Ok(batch.len())).example(
            r#"session.images = mb.data.images("shapes", { count = 20 })
print(#session.images:next(8)) --> 8"#,
        );
    });
}

/// Refuses a batch that the set has room for only because a check asks for fewer images than a training does.
fn fits_for_real(cx: &Context, set: &ImageSet, count: usize) -> Result<()> {
    let asked = cx.session.borrow().real_batch(count);
    if asked == count { Ok(()) } else { set.check_batch("next", asked) }
}

fn count(cx: &Context, set: &ImageSet) -> Result<usize> {
    Ok(loaded(cx, set)?.len())
}

/// The images of a set, decoded with progress on the first call.
pub(super) fn loaded(cx: &Context, set: &ImageSet) -> Result<crate::data::Images> {
    let session = cx.session.borrow();
    let label = format!("reading {}", set.source());
    let progress = session.output().progress();
    let images = set.images(&|done, total| progress.counting(&label, done as u64, total as u64)).cloned()?;
    set.news().iter().for_each(|line| progress.message(line));
    Ok(images)
}
