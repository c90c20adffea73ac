-- Options of mb.data.images. What is read of which folder is the core's: runtime/data/layouts.rs.
local mb = require "moonburn"
local spec = require "spec"

-- One class, whose folder is called images: pictures of many formats, some with transparent pixels.
local pictures = "tests/fixtures"

spec.test("pictures of many formats are one data set", function()
  local set = mb.data.images(pictures, { size = 8 })
  spec.equal(set:classes(), { "images" })
  spec.holds(#set > 30)
end)

spec.test("transparent pixels have a colour, or their own", function()
  for _, transparent in ipairs { "white", "black", "gray", "#204080", "drop" } do
    spec.holds(#mb.data.images(pictures, { size = 8, transparent = transparent }) > 30)
  end
  spec.fails("got 'pink'", function() mb.data.images(pictures, { transparent = "pink" }) end)
  spec.fails("got a table", function() mb.data.images(pictures, { transparent = { 255, 255, 255 } }) end)
end)

spec.test("a layout is one of three", function()
  spec.holds(#mb.data.images(pictures, { size = 8, layout = "classes" }) > 30)
  spec.fails("those of splits are: none", function() return #mb.data.images(pictures, { layout = "splits" }) end)
  spec.fails("did you mean 'classes'?", function() mb.data.images(pictures, { layout = "class" }) end)
  spec.fails("layout must be left out for 'shapes'", function() return #mb.data.images("shapes", { layout = "classes" }) end)
end)

spec.test("a class that is not there is told from one that looks alike", function()
  spec.fails("'Images' and 'images', which differ by case only", function()
    return #mb.data.images(pictures, { size = 8, classes = { "Images" } })
  end)
end)
