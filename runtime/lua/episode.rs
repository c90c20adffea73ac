//! The class Episode.

use mlua::Value;

use super::{
    api::{Api, options},
    augment::Augmentation,
    context::Context,
    object::object,
    position,
};
use crate::{data::Batch, episode::Episode};

object!(Episode, "Episode", "an episode");

options! {
    /// How `mb.episode.views` builds an episode.
    ViewsOptions("ViewsOptions") {
        /// What makes a view of an image.
        augment: Augmentation;
        /// Views per image.
        views: usize = 2;
    }
}

/// Declares the class and functions.
pub fn declare(api: &mut Api) {
    api.function("episode.views", "batch, options", "An episode in which every image is a class and its augmented views are the shots (Ni et al. 2022, Algorithm 1). A view depends on the seed, the data set's name, the epoch, the image and the view's number alone.", |cx: Context, batch: Batch, options: ViewsOptions| {
        let episode = Episode::views(&batch, options.augment.0.as_ref(), options.views, &cx.device)?;
        let mut session = cx.session.borrow_mut();
        session.count_views((episode.ways * episode.views) as u64);
        // A picture that cannot be written is no reason to stop a training.
        if let Err(error) = session.draw_episode(&episode) {
            session.progress().message(&error.to_string());
        }
        Ok(episode)
    });
    api.class::<Episode>(
        "Episode",
        "One task. Rows are view-major: row k·B + i is view k + 1 of image i.",
        |class, docs| {
            class.operator(docs, "__len", "The number of rows.", |episode: Episode, _: Value| {
                Ok(episode.ways * episode.views)
            });
            class.fields(
                vec![
                    ("images", "moonburn.Tensor", "Floats in 0..1, [V·B, 3, H, W]."),
                    ("labels", "moonburn.Tensor", "The class of each image in its data set, from 1: int [B]."),
                    ("ways", "integer", "The number of classes of the task: its images, B."),
                    ("views", "integer", "Views per image, V."),
                ],
                std::rc::Rc::new(|lua, object, name| {
                    let episode = object.borrow::<Episode>()?;
                    let tensor = |tensor| lua.create_any_userdata(tensor).map(|data| Some(Value::UserData(data)));
                    match name {
                        "images" => tensor(episode.images.clone()),
                        "labels" => {
                            tensor(position::to_lua(&episode.labels).map_err(|error| super::error::raise(lua, error))?)
                        }
                        "ways" => Ok(Some(Value::Integer(episode.ways as i64))),
                        "views" => Ok(Some(Value::Integer(episode.views as i64))),
                        _ => Ok(None),
                    }
                }),
            );
        },
    );
}
