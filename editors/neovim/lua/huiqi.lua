--- Policies in Neovim: highlighting and folding by tree-sitter, the language server.
--- `require("huiqi").setup { server = false }` changes what is done.
local M = {}

M.options = {
  --- Whether tree-sitter colours, rather than the syntax file of Vim.
  highlight = true,
  --- Whether the language server is started.
  server = true,
  --- The command of the server.
  command = { "huiqi", "lsp" },
  --- Where the root of a project is seen.
  root = { ".git", "huiqi.toml", "vocabulary.hq" },
}

function M.setup(options)
  M.options = vim.tbl_extend("force", M.options, options or {})
end

--- The parser that build.sh made: on the runtime path, as parser/huiqi.so.
local function parser()
  return vim.api.nvim_get_runtime_file("parser/huiqi.so", false)[1]
end

--- Neovim 0.7 shows only captures that it has a group for.
local function name_captures()
  local shown = vim.treesitter.highlighter.hl_map
  if vim.fn.has("nvim-0.8") == 1 or shown == nil then
    return
  end
  local groups = {
    ["keyword.award"] = "Statement", ["keyword.modifier"] = "Keyword", ["keyword.conditional"] = "Conditional",
    ["keyword.operator"] = "Operator", ["keyword.declaration"] = "Structure", ["keyword.settle"] = "Statement",
    ["keyword.test"] = "Label", ["attribute"] = "PreProc", ["variable.builtin"] = "Special",
    ["comment.documentation"] = "SpecialComment",
  }
  for capture, shown_as in pairs(groups) do
    shown[capture] = shown_as
  end
end

--- Whether tree-sitter could be started.
function M.highlight(buffer)
  local path = parser()
  if path == nil then
    return false
  end
  if vim.treesitter.language and vim.treesitter.language.add then
    vim.treesitter.language.add("huiqi", { path = path })
  else
    vim.treesitter.require_language("huiqi", path)
  end
  name_captures()
  if vim.treesitter.start then
    vim.treesitter.start(buffer, "huiqi")
  else
    vim.treesitter.highlighter.new(vim.treesitter.get_parser(buffer, "huiqi"))
  end
  if vim.treesitter.foldexpr then
    vim.opt_local.foldexpr = "v:lua.vim.treesitter.foldexpr()"
  end
  return true
end

--- Where the project of a file begins.
local function root(buffer)
  local path = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ":p:h")
  for _, mark in ipairs(M.options.root) do
    local found = vim.fn.findfile(mark, path .. ";")
    if found == "" then
      found = vim.fn.finddir(mark, path .. ";")
    end
    if found ~= "" then
      return vim.fn.fnamemodify(found, ":p"):gsub("/+$", ""):match("^(.*)/")
    end
  end
  return path
end

local started = {}

--- Starts the server for a buffer, one for each project.
function M.serve(buffer)
  if vim.fn.executable(M.options.command[1]) == 0 then
    return nil
  end
  local config = { name = "huiqi", cmd = M.options.command, root_dir = root(buffer) }
  if vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buffer })
  end
  local client = started[config.root_dir]
  if client == nil or vim.lsp.get_client_by_id(client) == nil then
    client = vim.lsp.start_client(config)
    started[config.root_dir] = client
  end
  if client then
    vim.lsp.buf_attach_client(buffer, client)
  end
  return client
end

function M.attach(buffer)
  if M.options.highlight then
    M.highlight(buffer)
  end
  if M.options.server then
    M.serve(buffer)
  end
end

return M
