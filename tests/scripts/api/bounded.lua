local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local long = ("ab "):rep(2000)

test("patterns on long texts find what they find on short ones", function()
  local first, last, a, b = long:find("(%w+) ()", 10)
  spec.equal({ first, last, a, b }, { 10, 12, "ab", 13 })
  spec.equal(long:match("^%s*(.-)%s*$"), long:sub(1, -2))
  spec.equal(select(2, long:gsub("%w+", "%0%0")), 2000)
  spec.equal(long:gsub("%w+", { ab = "x" }):sub(1, 6), "x x x ")
  spec.equal(long:gsub("(%w)(%w)", function(x, y) return y .. x end, 2):sub(1, 9), "ba ba ab ")
  local count = 0
  for word, place in long:gmatch("(%a+)()") do count = count + #word + (place > 0 and 0 or 1) end
  spec.equal(count, 4000)
end)

test("a pattern that is wrong is told in Lua's words, however long the text", function()
  spec.fails("unfinished capture", function() return long:find("(a-b-c-") end)
  spec.fails("malformed pattern (missing ']')", function() return long:find("a-b-c-[x") end)
  spec.fails("invalid use of '%' in replacement string", function() return long:gsub("a-b-", "%x") end)
  spec.fails("invalid replacement value (a table)", function() return long:gsub("a-b-", function() return {} end) end)
  spec.fails("bad argument #1 to 'find' (string expected, got nil)", function() return string.find(nil, "x") end)
end)

test("a list that claims to be endless is refused, or left as it is", function()
  local endless = setmetatable({}, { __len = function() return 1 << 62 end })
  spec.fails("array too big", function() table.sort(endless) end)
  spec.fails("invalid value (nil) at index 1", function() return table.concat(endless) end)
  spec.fails("too many results to unpack", function() return table.unpack(endless) end)
end)

test("load takes text alone", function()
  local code, why = load(string.dump(function() return 1 end))
  spec.equal({ code == nil, why }, { true, "load: the chunk must be text, got bytecode" })
  code, why = load("return 1", "x", "b")
  spec.equal({ code == nil, why }, { true, "load: the mode must be 't', got 'b': only text is loaded" })
  local parts = { string.dump(function() return 1 end) }
  spec.equal(load(function() return table.remove(parts) end), nil)
  spec.equal(load("return x", "chunk", "bt", { x = 3 })(), 3)
  spec.equal(select(2, load("x =", "=here")), "here:1: unexpected symbol near <eof>")
end)

test("a finalizer is refused, and what closes is not", function()
  spec.fails("setmetatable: __gc must be left out", function() return setmetatable({}, { __gc = function() end }) end)
  local closed = 0
  do
    local held <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
  end
  pcall(coroutine.wrap(function()
    local held <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
    error("oh")
  end))
  spec.equal(closed, 2)
end)

test("a wrapped coroutine gives, takes and fails as in Lua", function()
  local step = coroutine.wrap(function(a)
    local b = coroutine.yield(a + 1)
    error("with " .. b, 0)
  end)
  spec.equal(step(1), 2)
  spec.fails("with 7", function() step(7) end)
  spec.fails("cannot resume dead coroutine", step)
  spec.fails("bad argument #1 to 'wrap'", function() coroutine.wrap(3) end)
end)

test("what is too deep or too much is an error where it is made", function()
  spec.fails("sequential: the depth of modules must be at most 200, got 201", function()
    local deep = mb.nn.relu()
    for _ = 1, 20000 do deep = mb.nn.sequential { deep } end
  end)
  spec.fails("chain: the number of augmentations must be at most 10000", function()
    local chain = mb.augment.horizontal_flip()
    for _ = 1, 40 do chain = mb.augment.chain(chain, chain) end
  end)
  spec.fails("tensor: the number of values must be at most 2147483647", function()
    local list = { 1 }
    for _ = 1, 5 do
      local longer = {}
      for i = 1, 1000 do longer[i] = list end
      list = longer
    end
    mb.tensor(list)
  end)
end)
