-- Heads by name, for scripts that leave the choice to an option. BYOL is none of them: it needs a second network.
local files = {
  nt_xent = "moonburn.heads.nt_xent",
  prototypes = "moonburn.heads.prototypes",
  ridge = "moonburn.heads.ridge",
  svm = "moonburn.heads.svm",
}

--- The head of a name with its options; a name that is none is an error at the caller's line.
---@param name string
---@param options? table
---@return fun(episode: moonburn.Episode, embeddings: moonburn.Tensor): moonburn.Tensor
return function(name, options)
  local file = files[name]
  if not file then error(("head must be nt_xent, prototypes, ridge or svm, got '%s'"):format(name), 2) end
  return require(file).new(options)
end
