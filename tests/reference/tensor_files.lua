-- Writes what tests/reference/tensor_files.py reads back, into the working directory.
local mb = require "moonburn"

return {
  train = function()
    local tensors = {
      weight = mb.range(1, 6):reshape(2, 3) / 7,
      count = mb.tensor { { 1, -2 }, { 2147483647, -2147483648 } },
      mask = mb.tensor { true, false, true },
      step = mb.tensor(7),
      odd = mb.tensor { 0.0, -0.0, 1 / 0, -1 / 0, 0 / 0 },
      ["a/é"] = mb.ones(1, 2, 1, 2, 1, 1),
    }
    for _, name in ipairs { "weight", "count", "mask", "step", "odd" } do
      mb.io.save_npy(tensors[name], name .. ".npy")
    end
    mb.io.save_npz(tensors, "all.npz")
    mb.io.save_safetensors(tensors, "all.safetensors", { made = "by moonburn" })
    local across = mb.range(0, 63):reshape(1, 64):expand(48, 64) / 63
    local down = mb.range(0, 47):reshape(48, 1):expand(48, 64) / 47
    local image = mb.stack { across, down, 1 - across }
    mb.io.save_image(image, "image.png")
    mb.io.save_image(image, "image.jpg")
    mb.io.save_image(across, "gray.png")
    local images = mb.stack { image, image:flip(2), image:flip(3), 0.3 * image, across:expand(3, 48, 64) }
    mb.io.save_image(mb.io.grid(images, { columns = 3, pad_value = 1 }), "grid.png")
  end,
}
