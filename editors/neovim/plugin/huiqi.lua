-- File type, highlighting by tree-sitter where the parser is built, and the language server.
-- In Neovim 0.7 (Debian 12) and later.
if vim.g.loaded_huiqi then
  return
end
vim.g.loaded_huiqi = true

local group = vim.api.nvim_create_augroup("huiqi", {})
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  group = group,
  pattern = "*.hq",
  command = "setfiletype huiqi",
})
vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = "huiqi",
  callback = function(event)
    require("huiqi").attach(event.buf)
  end,
})
