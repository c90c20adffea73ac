-- Tensors from and to files. The files of tests/tensor_files are numpy's, safetensors' and torchvision's.
local mb = require "moonburn"
local spec = require "spec"
local fixtures = require "fixtures.tensor_files"

local folder = "tests/tensor_files/"
-- What becomes of the dtypes of files.
local becomes = {
  float64 = "float64", float32 = "float32", float16 = "float16", bfloat16 = "bfloat16",
  int64 = "int64", int32 = "int32", int16 = "int32", int8 = "int32",
  uint64 = "int64", uint32 = "int64", uint16 = "int32", uint8 = "uint8",
  bool = "bool",
}

local function agrees(tensor, want)
  spec.equal(tensor.dtype, becomes[want.dtype])
  spec.equal(tensor.shape, want.shape)
  spec.near(tensor.rank == 0 and tensor:item() or tensor, want.values, 1e-7)
end

-- Tables of tensors, by name.
local function same(got, want)
  local count = 0
  for name, tensor in pairs(want) do
    count = count + 1
    spec.equal({ got[name].dtype, got[name].shape }, { tensor.dtype, tensor.shape })
    spec.equal(got[name], tensor)
  end
  for _ in pairs(got) do count = count - 1 end
  spec.equal(count, 0)
end

local some = function()
  return {
    weight = mb.randn(3, 4),
    count = mb.tensor { { 1, -2 }, { 2147483647, -2147483648 } },
    mask = mb.tensor { true, false, true },
    step = mb.tensor(7),
    rate = mb.tensor(0.1),
    ["a/b.c"] = mb.tensor { { { { { { 1.5 } } } } } },
    odd = mb.tensor { 0.0, -0.0, 1 / 0, -1 / 0, 0 / 0 },
    wide = mb.tensor({ 0.1, 1e-200 }, "float64"),
    long = mb.tensor({ math.maxinteger }, "int64"),
    bytes = mb.tensor({ 0, 255 }, "uint8"),
    half = mb.tensor({ 0.1, 65504 }, "float16"),
    none = mb.zeros(0, 3),
  }
end

spec.test("arrays of numpy are read in every dtype, order, byte order and rank", function()
  for _, want in ipairs(fixtures) do agrees(mb.io.load_npy(folder .. want.file), want) end
end)

spec.test("archives of numpy are read, compressed or not", function()
  local plain = mb.io.load_npz(folder .. "plain.npz")
  for name, want in pairs(fixtures.arrays) do agrees(plain[name], want) end
  local compressed = mb.io.load_npz(folder .. "compressed.npz")
  for name, want in pairs(fixtures.arrays) do agrees(compressed[name], want) end
  spec.equal(compressed["é"], mb.range(0, 39999) % 7)
end)

spec.test("a safetensors file is read with its metadata", function()
  local tensors, metadata = mb.io.load_safetensors(folder .. "torch.safetensors")
  for name, want in pairs(fixtures.tensors) do agrees(tensors[name], want) end
  spec.equal({ metadata.format, metadata.step }, { "pt", "7" })
end)

spec.test("what is written is read again, and the same tensors are the same file", function()
  local at, tensors = spec.folder(), some()
  for name, tensor in pairs(tensors) do
    if not name:find("/") then
      mb.io.save_npy(tensor, at .. name .. ".npy")
      same({ mb.io.load_npy(at .. name .. ".npy") }, { tensor })
    end
  end
  mb.io.save_npz(tensors, at .. "all.npz")
  same(mb.io.load_npz(at .. "all.npz"), tensors)
  mb.io.save_safetensors(tensors, at .. "all.safetensors", { made = "here", by = "a spec" })
  local read, metadata = mb.io.load_safetensors(at .. "all.safetensors")
  same(read, tensors)
  spec.equal({ metadata.made, metadata.by }, { "here", "a spec" })
  mb.io.save_npz({}, at .. "none.npz")
  same(mb.io.load_npz(at .. "none.npz"), {})
end)

spec.test("a file that cannot be read is an error that names it and says why", function()
  local function fails(why, read, file)
    spec.fails(file .. ": " .. why, function() read(file) end)
  end
  local npy, npz, safetensors, image = mb.io.load_npy, mb.io.load_npz, mb.io.load_safetensors, mb.io.load_image
  for _, read in ipairs { npy, npz, safetensors } do
    fails("it is a folder, not a file", read, "tests/fixtures")
    fails("", read, "no/such/file")
  end
  fails("is not a regular file", image, "tests/fixtures")
  fails("", image, "no/such/file.png")
  fails("is no array of numpy: it begins otherwise", npy, folder .. "torch.safetensors")
  fails("is no whole archive of arrays", npz, folder .. "ones.npy")
  fails("not a whole safetensors file", safetensors, folder .. "ones.npy")
  fails("is not an image of a known format", image, folder .. "ones.npy")
  for name, why in pairs {
    complex = "holds complex numbers ('<c8'), which no tensor has",
    text = "holds text ('<U3'), which no tensor has",
    bytes = "holds text ('|S3'), which no tensor has",
    objects = "holds objects of Python ('|O'), which no tensor has",
    records = "holds records ([('a', '<i4'), ('b', '<f4')]), which no tensor has",
    dates = "holds dates or times ('<M8[D]'), which no tensor has",
    unsigned = "9223372036854775808 is no 64-bit integer",
    rank_7 = "a tensor has at most 6 dims, got shape [1, 1, 1, 1, 1, 1, 1]",
    huge = "is cut off: an array of shape [1000000000, 1000000000] takes 4000000000000000000 bytes, and 64 follow",
  } do
    fails(why, npy, folder .. "refused_" .. name .. ".npy")
  end
  fails("x: is cut off: an array of shape", npz, folder .. "refused_huge.npz")
  fails("x: is cut off: an array of shape", npz, folder .. "refused_huge_compressed.npz")
  fails("has a part that is no array: 'readme.txt'", npz, folder .. "refused_part.npz")
  fails("not a whole safetensors file", safetensors, folder .. "refused_huge.safetensors")
  fails("not a whole safetensors file", safetensors, folder .. "refused_header.safetensors")
end)

spec.test("what cannot be written is an error, and no file", function()
  local at, t = spec.folder(), mb.ones(2, 3)
  spec.fails("no/such/a.npy: ", function() mb.io.save_npy(t, "no/such/a.npy") end)
  spec.fails("write: " .. at, function() mb.io.save_npz({ t = t }, at) end)
  spec.fails("tensors must be a table by name, got 1", function() mb.io.save_npz({ t }, at .. "a.npz") end)
  spec.fails("tensors[x] must be a tensor, got 3", function() mb.io.save_safetensors({ x = 3 }, at .. "a") end)
  spec.fails("metadata.step must be a string, got 7", function()
    mb.io.save_safetensors({ t = t }, at .. "a", { step = 7 })
  end)
  for _, file in ipairs { "a.gif", "a", "png", "a.png.txt" } do
    spec.fails(file .. ": ends in none of .png, .jpg and .jpeg", function() mb.io.save_image(t, at .. file) end)
  end
  spec.fails("wants an image [3, H, W], [1, H, W] or [H, W] (mb.io.grid puts several side by side), got shape [2, 3, 4]",
    function() mb.io.save_image(mb.ones(2, 3, 4), at .. "a.png") end)
  spec.fails("a.jpg: cannot be written: ", function() mb.io.save_image(mb.ones(1, 1, 70000), at .. "a.jpg") end)
  spec.fails("a name must be a path within the archive, got '../t'", function()
    mb.io.save_npz({ ["../t"] = t }, at .. "a.npz")
  end)
  spec.fails("an image of integers must be of 0 to 255, got 256", function()
    mb.io.save_image(mb.tensor { { 0, 256 } }, at .. "a.png")
  end)
  spec.fails("", function() mb.io.load_npz(at .. "a.npz") end)
end)

spec.test("an image is read as floats, upright, of any format", function()
  local image = mb.io.load_image("tests/fixtures/images/gray.pgm")
  spec.equal({ image.dtype, image.rank, image.shape[1] }, { "float32", 3, 3 })
  spec.holds(image:min():item() >= 0 and image:max():item() <= 1)
  spec.equal(mb.io.load_image("tests/fixtures/images/gray.pgm", { size = 4 }).shape, { 3, 4, 4 })
  local white = mb.io.load_image("tests/fixtures/images/clear.gif")
  local black = mb.io.load_image("tests/fixtures/images/clear.gif", { transparent = "black" })
  spec.holds(white:max():item() > black:max():item() or white:mean():item() > black:mean():item())
  spec.fails("size must be from 1 to 4096 pixels, got 5000", function() mb.io.load_image("a.png", { size = 5000 }) end)
end)

spec.test("an image is written as torchvision's save_image writes it", function()
  local file = spec.folder() .. "a.png"
  mb.io.save_image(mb.tensor(fixtures.image), file)
  spec.equal(mb.io.load_image(file), mb.io.load_image(folder .. "torchvision.png"))
end)

spec.test("gray, integers and truth values are images, and JPEG is near", function()
  local at = spec.folder()
  local function back(image, file)
    mb.io.save_image(image, at .. file)
    return mb.io.load_image(at .. file)
  end
  local bytes = mb.range(0, 255):reshape(16, 16)
  spec.equal((back(bytes, "ints.png") * 255):round():cast("int32"), mb.stack { bytes, bytes, bytes })
  spec.equal(back(bytes / 255, "gray.png"), back(bytes, "ints.png"))
  spec.equal(back(bytes:reshape(1, 16, 16), "gray.png"), back(bytes, "ints.png"))
  spec.equal(back(mb.tensor { { true, false } }, "mask.png")[1], { { 1.0, 0.0 } })
  spec.equal(back(mb.tensor { { 0 / 0, -1.0, 2.0, 1 / 0 } }, "odd.png")[1], { { 0.0, 0.0, 1.0, 1.0 } })
  local ramp = mb.stack { bytes / 255, bytes:transpose() / 255, mb.full({ 16, 16 }, 0.5) }
  for _, file in ipairs { "a.jpg", "a.JPEG" } do
    spec.holds((back(ramp, file) - ramp):abs():mean():item() < 0.05)
  end
end)

spec.test("a grid has torchvision's values", function()
  for _, case in ipairs(fixtures.grids) do
    spec.near(mb.io.grid(mb.tensor(case.images), case.options), case.grid)
  end
end)

spec.test("a grid keeps integers, and gradients flow through it", function()
  local grid = mb.io.grid(mb.range(1, 12):reshape(3, 2, 1, 2), { padding = 0, columns = 3 })
  spec.equal(grid, { { { 1, 2, 5, 6, 9, 10 } }, { { 3, 4, 7, 8, 11, 12 } } })
  spec.equal(grid.dtype, "int32")
  local images = mb.randn(3, 1, 2, 2):requires_grad()
  local slope = mb.grad(mb.io.grid(images, { pad_value = 2 }):sum(), { images })[1]
  spec.equal(slope, mb.full({ 3, 1, 2, 2 }, 3))
end)

spec.test("a grid refuses what is none", function()
  local images = mb.ones(2, 3, 2, 2)
  spec.fails("grid: wants images [N, C, H, W], [C, H, W] or [H, W], got shape [4]", function() mb.io.grid(mb.ones(4)) end)
  spec.fails("grid: wants a float32 tensor, got int32", function()
    mb.io.grid(images:cast("int32"), { normalize = true })
  end)
  spec.fails("columns must be a positive integer, got 0", function() mb.io.grid(images, { columns = 0 }) end)
  spec.fails("padding must be from 0 to 4096 pixels, got 5000", function() mb.io.grid(images, { padding = 5000 }) end)
  spec.fails("value_range must be", function() mb.io.grid(images, { normalize = true, value_range = { 2, 1 } }) end)
  spec.fails("unknown option 'nrow'", function() mb.io.grid(images, { nrow = 2 }) end)
end)
