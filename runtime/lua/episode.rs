//! The class Episode.

use std::path::Path;

use mlua::Value;

use super::{
    api::{Api, Class, Docs},
    augment::Augmentation,
    context::Context,
    crops::{EpisodeCrops, Sizes, Within},
    encoder::Encoder,
    object::object,
    position::{self, Position},
};
use crate::{
    Result, Tensor,
    augment::Chain,
    data::{Batch, ImageSet},
    episode::{CropViews, Episode, FewShot, MixOptions, Parts, RotateOptions, ViewOptions},
    options::options,
    rng::Stream,
    views::Augment,
};

object!(Episode, "Episode", "an episode");

options! {
    /// How `mb.episode.views` builds an episode.
    pub struct ViewsOptions {
        /// What makes a view of an image.
        pub augment: Augmentation;
        /// Further query views of each image, mostly smaller ones: multi-crop. None by default.
        pub crops: Option<Within<EpisodeCrops>> = None;
        ..views: ViewOptions;
    }
    /// How `mb.episode.few_shot` builds an episode.
    pub struct FewShotOptions {
        /// What is done to each image; nothing by default.
        pub augment: Option<Augmentation> = None;
        ..tasks: FewShot;
    }
    /// The parts of an episode of your own.
    pub struct EpisodeParts {
        /// The support images, [n, 3, H, W]; for several tasks [T, n, 3, H, W].
        pub support: Tensor;
        /// The query images, [m, 3, H, W]; for several tasks [T, m, 3, H, W].
        pub query: Tensor;
        /// The number of classes of a task.
        pub ways: usize;
        /// The class of each support row, int [n] or [T, n] from 1. By default view-major: 1 … ways, repeated.
        pub support_labels: Option<Tensor> = None;
        /// The class of each query row, int [m] or [T, m] from 1. View-major where left out.
        pub query_labels: Option<Tensor> = None;
        /// Further query images, mostly smaller ones, [V·B, 3, h, w] view-major: multi-crop. Of one task only.
        pub crops: Option<Tensor> = None;
    }
}

/// Notes the episode for the first step's picture, and how many views it cost.
fn made(cx: &Context, episode: Episode, views: usize) -> Episode {
    let mut session = cx.session.borrow_mut();
    session.count_views(views as u64);
    session.note_episode(&episode);
    drop(session);
    episode
}

/// Declares the class and functions.
pub fn declare(api: &mut Api) {
    api.function(
        "episode.views",
        "batch, options",
        "An episode in which every image is a class and its augmented views are the examples (Ni et al. 2022, \
         Algorithm 1). A view depends on the seed, the data set's name, the epoch, the image, its rotation and the \
         view's number; asking the same batch again gives other views. With crops there are further query views, of \
         another size as a rule (multi-crop; Caron et al. 2020): episode:embed(encoder) embeds them all.",
        |cx: Context, batch: Batch, options: ViewsOptions| {
            let ViewsOptions { augment, crops, views } = options;
            let batch = batch.asked_in(cx.draw_stage());
            let noted = crops.as_ref().map(|Within(crops)| (cx.recorder.noting(&crops.augment), crops.views));
            let crops = noted.as_ref().map(|(augment, views)| CropViews { augment, views: *views });
            let episode = Episode::views(&batch, &cx.recorder.noting(&augment), crops, views, &cx.device)?;
            let rows = episode.rows();
            Ok(made(&cx, episode, rows))
        },
    )
    .example(
        r#"session.images = mb.data.images("shapes", { count = 20 })
local crop = mb.augment.random_resized_crop { size = 16 }
local episode = mb.episode.views(session.images:next(5), { augment = crop, shots = 2, queries = 3 })
print(episode) --> 1 task of 5 ways, 2 shots and 3 queries each, images [25, 3, 16, 16]
local small = { augment = mb.augment.random_resized_crop { size = 8, scale = { 0.1, 0.4 } }, views = 6 }
print(mb.episode.views(session.images:next(5), { augment = crop, crops = small }))
--> 1 task of 5 ways, 1 shot, 1 query and 6 crops each, images [10, 3, 16, 16] and [30, 3, 8, 8]"#,
    );
    api.function(
        "episode.few_shot",
        "images, options",
        "N-way K-shot tasks: random classes of a labelled data set, and random images of each. Keyed by the seed, the \
         set's name, the step and the number of such calls in it.",
        |cx: Context, images: ImageSet, options: FewShotOptions| {
            let FewShotOptions { augment, tasks } = options;
            super::data::loaded(&cx, &images)?;
            let plain = Chain::new();
            let noting = augment.as_ref().map(|augment| cx.recorder.noting(augment));
            let augment = noting.as_ref().map_or(&plain as &dyn Augment, |augment| augment);
            let episode = Episode::few_shot(&images, augment, tasks, cx.next_draw("few_shot"), &cx.device)?;
            let rows = episode.rows();
            Ok(made(&cx, episode, rows))
        },
    )
    .example(
        r#"session.images = mb.data.images("shapes", { count = 100 })
local episode = mb.episode.few_shot(session.images, { ways = 3, shots = 2, queries = 4 })
print(#episode, episode.ways) --> 18 3"#,
    );
    api.function(
        "episode.of",
        "parts",
        "An episode of your own scheme, from images and labels. Every class must have support.",
        |cx: Context, parts: EpisodeParts| {
            let EpisodeParts { support, query, ways, support_labels, query_labels, crops } = parts;
            let labels = |labels: Option<Tensor>| labels.map(|labels| position::from_lua("of", &labels)).transpose();
            let (support_labels, query_labels) = (labels(support_labels)?, labels(query_labels)?);
            let episode = Episode::of(Parts { support, query, ways, support_labels, query_labels, crops })?;
            let rows = episode.rows();
            Ok(made(&cx, episode, rows))
        },
    )
    .example(
        r"local episode = mb.episode.of { support = mb.rand(4, 3, 8, 8), query = mb.rand(2, 3, 8, 8), ways = 2 }
print(episode.shots, episode.queries) --> 2 1",
    );
    api.class::<Episode>(
        "Episode",
        "One or several tasks of support and query images. Rows are task by task, support before queries, each part \
         view-major: row k·B + i is example k + 1 of class i, of B. The rows of crops, queries of another size, come last.",
        |class, docs| {
            class.example(
                r"local episode = mb.episode.of {
  support = mb.rand(4, 3, 8, 8), query = mb.rand(6, 3, 8, 8), ways = 2,
}
print(#episode, episode.ways, episode.shots, episode.queries) --> 10 2 2 3
print(episode.support_labels)
--> tensor [1, 4] int32 on cpu
--> [[1, 2, 1, 2]]",
            );
            methods(class, docs);
            class
                .operator(docs, "__len", "The number of rows.", |episode: Episode, _: Value| Ok(episode.rows()))
                .example(
                    r"local support, query = mb.rand(4, 3, 8, 8), mb.rand(2, 3, 8, 8)
print(#mb.episode.of { support = support, query = query, ways = 2 }) --> 6",
                );
            class.operator(docs, "__tostring", "What it is.", |episode: Episode| Ok(episode.describe())).example(
                r"local episode = mb.episode.of {
  support = mb.rand(4, 3, 8, 8), query = mb.rand(2, 3, 8, 8), ways = 2,
}
print(episode) --> 1 task of 2 ways, 2 shots and 1 query each, images [6, 3, 8, 8]",
            );
            fields(class);
        },
    );
}

fn methods(class: &mut Class<Episode>, docs: &mut Docs) {
    class
        .method(
            docs,
            "split",
            "embeddings",
            "The embeddings [T·(n + m), d] of all rows as those of the support [T, n, d] and of the queries [T, m, d], which \
         crops are among. Embeddings that are not finite, or all equal, are an error.",
            |episode: Episode, embeddings: Tensor| episode.split(&embeddings),
        )
        .example(
            r"local episode = mb.episode.of {
  support = mb.rand(2, 3, 4, 4), query = mb.rand(4, 3, 4, 4), ways = 2,
}
local z = episode.images:flatten(2)
local support, query = episode:split(z)
print(support[1]:equal(z:slice(1, 1, 2)), query[1]:equal(z:slice(1, 3, 6))) --> true true",
        );
    class
        .method(
            docs,
            "embed",
            "encoder",
            "What a module, or a function of images, makes of all rows. It is called once for each size of the images (see \
             sizes), and what it returns is joined in the order of the rows.",
            |episode: Episode, encoder: Encoder| episode.embed(|images| encoder.call("embed", images)),
        )
        .example(
            r#"session.images = mb.data.images("shapes", { count = 20 })
local function crop(size) return mb.augment.random_resized_crop { size = size } end
local crops = { augment = crop(8), views = 6 }
local episode = mb.episode.views(session.images:next(4), { augment = crop(16), crops = crops })
session.encoder = mb.model.resnet18 { stem = "cifar", width = 4 }
print(#episode, #episode:embed(session.encoder)) --> 32 32
print(episode:embed(function(images) return images:mean { 2, 3, 4 } end).shape[1]) --> 32"#,
        );
    class
        .method(
            docs,
            "mix_queries",
            "options",
            "The episode with each query mixed with another of its task: MixUp or CutMix, one weight λ ~ Beta(1, 1) \
             for all. Crops stay as they are. The loss is λ · head(z) + (1 − λ) · head(episode:partners(z)).",
            |cx: Context, episode: Episode, options: MixOptions| {
                let mixed =
                    episode.mix_queries(options, &Stream::new(cx.seed, "mix_queries"), cx.next_draw("mix_queries"))?;
                Ok(made(&cx, mixed, 0))
            },
        )
        .example(
            r"local episode = mb.episode.of {
  support = mb.zeros(2, 3, 4, 4), query = mb.rand(4, 3, 4, 4), ways = 2,
}
local mixed = episode:mix_queries { cutmix = 0 }
print(mixed.mix_weight > 0 and mixed.mix_weight < 1) --> true
print(mixed.query_images:mean():allclose(episode.query_images:mean())) --> true",
        );
    class
        .method(
            docs,
            "partners",
            "embeddings",
            "The embeddings, each mixed query's moved to the row of the image that it was mixed with. Unchanged if \
             nothing was mixed.",
            |episode: Episode, embeddings: Tensor| episode.partners(&embeddings),
        )
        .example(
            r"local episode = mb.episode.of {
  support = mb.rand(2, 3, 4, 4), query = mb.rand(4, 3, 4, 4), ways = 2,
}
local mixed = episode:mix_queries()
local z = mixed.images:flatten(2)
local moved = mixed:partners(z)
print(moved[{ { 1, 2 } }]:equal(z[{ { 1, 2 } }])) -- the support --> true
print(moved:sum(1):allclose(z:sum(1), { rtol = 1e-4 })) -- the queries, in other rows --> true",
        );
    class
        .method(
            docs,
            "rotate_views",
            "options",
            "The episode with a share of its views turned by a random multiple of 90 degrees, to be predicted: see \
         rotated_rows and rotations.",
            |cx: Context, episode: Episode, options: RotateOptions| {
                let rotated = episode.rotate_views(
                    options,
                    &Stream::new(cx.seed, "rotate_views"),
                    cx.next_draw("rotate_views"),
                )?;
                Ok(made(&cx, rotated, 0))
            },
        )
        .example(
            r"local episode = mb.episode.of { support = mb.rand(4, 3, 8, 8), query = mb.rand(4, 3, 8, 8), ways = 4 }
local rotated = episode:rotate_views { fraction = 0.5 }
print(#rotated, #rotated.rotated_rows, #rotated.rotations) --> 8 4 4",
        );
    class
        .method(
            docs,
            "save_sheet",
            "file, task",
            "Writes a contact sheet of one task (the first by default) as a PNG: a column per class, support above \
             queries above crops, which are brought to the size of the others.",
            |episode: Episode, file: String, task: Option<Position>| -> Result<()> {
                episode.save_sheet(Path::new(&file), task.map_or(0, |task| task.0), episode.ways)
            },
        )
        .example(
            r#"local episode = mb.episode.of {
  support = mb.rand(4, 3, 8, 8), query = mb.rand(2, 3, 8, 8), ways = 2,
}
episode:save_sheet("out/episode.png")
print(mb.io.load_image("out/episode.png").rank) --> 3"#,
        );
}

fn fields(class: &mut Class<Episode>) {
    class
        .field(
            "images",
            "Floats in 0..1, [T·(n + m), 3, H, W] for n support and m query rows in each of T tasks. Without crops.",
            |episode: &Episode| Ok(episode.images.clone()),
        )
        .field("crop_images", "The crops, of which there are V per class: [V·B, 3, h, w]. None without crops.", |episode| {
            Ok(episode.crops.as_ref().map(|crops| crops.images.clone()))
        })
        .field(
            "sizes",
            "Which rows are of which size: a list of { first, last, views, height, width }, rows counted from 1, views per \
             class. One entry where all are of the same.",
            |episode| Ok(Sizes(episode.sizes())),
        )
        .field("support_images", "Those of the support rows: [T, n, 3, H, W].", |episode| Ok(episode.parts()?.0))
        .field("query_images", "Those of the query rows without crops: [T, m, 3, H, W].", |episode| Ok(episode.parts()?.1))
        .field("support_labels", "The class of each support row within its task, from 1: int [T, n].", |episode| {
            position::to_lua(&episode.support_labels)
        })
        .field(
            "query_labels",
            "The class of each query row within its task, those of crops last, from 1: int [T, m].",
            |episode| position::to_lua(&episode.query_labels),
        )
        .field(
            "classes",
            "The class of each way in the data set, from 1: int [T, B]. None for images of your own.",
            |episode| episode.classes.as_ref().map(position::to_lua).transpose(),
        )
        .field("ways", "The number of classes of a task, B.", |episode| Ok(episode.ways))
        .field("shots", "Support rows per class.", |episode| Ok(episode.shots))
        .field("queries", "Query rows per class, without crops.", |episode| Ok(episode.queries))
        .field("crops", "Crops per class; 0 without any.", |episode| Ok(episode.crops_of_class()))
        .field("tasks", "The number of tasks, T.", |episode| Ok(episode.tasks))
        .field("views", "Rows per class: shots + queries + crops.", |episode| Ok(episode.views_of_class()))
        .field("view_major", "Whether each part goes class by class, example by example.", |episode| {
            Ok(episode.view_major)
        })
        .field("layout", "The order of the rows, in words.", |episode| Ok(episode.layout()))
        .field("mix_weight", "The share of its own image in a mixed query. None where nothing was mixed.", |episode| {
            Ok(episode.mixing.as_ref().map(|mixing| mixing.weight))
        })
        .field("rotated_rows", "The rows that rotate_views turned, from 1: int [r].", |episode| {
            episode.rotated.as_ref().map(|rotated| position::to_lua(&rotated.rows)).transpose()
        })
        .field("rotations", "How far, 1 for 0 degrees to 4 for 270: int [r].", |episode| {
            episode.rotated.as_ref().map(|rotated| position::to_lua(&rotated.turns)).transpose()
        });
}
