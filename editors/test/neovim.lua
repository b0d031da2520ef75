-- Tree-sitter in Neovim: the parser loads, every query of ours is read, captures stand where
-- they must, blocks fold; and the client of the language server attaches where the program is.
vim.o.encoding = "utf-8"
local policy = vim.env.HUIQI_POLICY
local failures = {}

local function check(what, found, expected)
  if not vim.deep_equal(found, expected) then
    table.insert(failures, what .. ": " .. vim.inspect(found) .. ", expected " .. vim.inspect(expected))
  end
end

vim.fn.writefile({
  "award 5% of capex cap 800万 when 增资扩产",
  "奖补 固定资产投资额的5%，最高800万元，当 增资扩产",
  "record 企业 {",
  "  排名 : number # 说明",
  "}",
}, policy)
vim.cmd("edit " .. policy)
check("file type", vim.bo.filetype, "huiqi")
local buffer = vim.api.nvim_get_current_buf()
check("highlighter", vim.treesitter.highlighter.active[buffer] ~= nil, true)

local parser = vim.treesitter.get_parser(buffer, "huiqi")
local root = parser:parse()[1]:root()
check("faults", root:has_error(), false)
local read = vim.treesitter.query and vim.treesitter.query.get or vim.treesitter.get_query
for _, name in ipairs({ "highlights", "folds", "indents", "injections", "locals" }) do
  check(name, read("huiqi", name) ~= nil, true)
end

-- The last capture of a word counts.
local query = read("huiqi", "highlights")
local captures = {}
for id, node in query:iter_captures(root, buffer, 0, -1) do
  local row, column, _, behind = node:range()
  local word = vim.api.nvim_buf_get_lines(buffer, row, row + 1, false)[1]:sub(column + 1, behind)
  captures[(row + 1) .. " " .. word] = query.captures[id]
end
for place, capture in pairs({
  ["1 award"] = "keyword.award", ["1 5%"] = "number", ["1 of"] = "keyword.operator", ["1 cap"] = "keyword.modifier",
  ["1 when"] = "keyword.conditional", ["2 奖补"] = "keyword.award", ["2 的"] = "keyword.operator",
  ["2 最高"] = "keyword.modifier", ["2 800万元"] = "number", ["2 当"] = "keyword.conditional",
  ["3 record"] = "keyword.declaration", ["3 企业"] = "type", ["4 排名"] = "property", ["4 number"] = "type.builtin",
  ["4 # 说明"] = "comment",
}) do
  check(place, captures[place], capture)
end
check("a name", captures["1 capex"], nil)

-- Neovim shows each of these captures in some group.
if vim.fn.has("nvim-0.8") == 0 then
  local shown = vim.treesitter.highlighter.hl_map
  for _, capture in pairs(captures) do
    if capture ~= "property" and capture ~= "type.builtin" then
      check("group of " .. capture, shown[capture] ~= nil, true)
    end
  end
end

-- What is typed is parsed again.
vim.api.nvim_buf_set_lines(buffer, 0, 1, false, { "award 6% of", "  capex" })
check("typed", parser:parse()[1]:root():has_error(), false)
check("award again", parser:parse()[1]:root():child(0):type(), "award")

if #failures > 0 then
  io.stderr:write(table.concat(failures, "\n") .. "\n")
  vim.cmd("cquit!")
end
io.stdout:write("Neovim " .. tostring(vim.version().major) .. "." .. tostring(vim.version().minor) .. ": tree-sitter shows policies\n")
vim.cmd("qall!")
