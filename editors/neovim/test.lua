-- Opens a file, waits for the finding, applies its fix and saves; `test.sh` runs this.
local function fail(message)
  io.stderr:write(message .. "\n")
  vim.cmd("cquit 1")
end

local function expect(actual, expected, what)
  if not vim.deep_equal(actual, expected) then
    fail(what .. ": expected " .. vim.inspect(expected) .. ", found " .. vim.inspect(actual))
  end
end

local patience = 20000

vim.cmd("edit Procfile")
local found = vim.wait(patience, function()
  return #vim.diagnostic.get(0) > 0
end)
if not found then
  fail("no diagnostics came")
end

local diagnostics = vim.diagnostic.get(0)
expect(#diagnostics, 1, "the number of findings")
local finding = diagnostics[1]
expect({ finding.lnum, finding.col, finding.end_col }, { 1, 34, 37 }, "the place")
expect(finding.severity, vim.diagnostic.severity.ERROR, "the severity")
expect(finding.source, "strports", "the source")

local start = { line = finding.lnum, character = finding.col }
local params = {
  textDocument = vim.lsp.util.make_text_document_params(),
  range = { start = start, ["end"] = start },
  context = { diagnostics = {} },
}
local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, patience)
local id, answer = next(answers or {})
if not answer or not answer.result then
  fail("no actions came: " .. vim.inspect(answers))
end
local fix = answer.result[1]
expect(fix.title, "write `\\\\:\\\\:1`", "the first action")
local encoding = vim.lsp.get_client_by_id(id).offset_encoding
vim.lsp.util.apply_workspace_edit(fix.edit, encoding)

local gone = vim.wait(patience, function()
  return #vim.diagnostic.get(0) == 0
end)
if not gone then
  fail("the finding is still there: " .. vim.inspect(vim.diagnostic.get(0)))
end

params.position = { line = 1, character = 18 }
local hovers = vim.lsp.buf_request_sync(0, "textDocument/hover", params, patience)
local _, hover = next(hovers or {})
if not hover or not vim.inspect(hover.result):find("listens on a TCP port", 1, true) then
  fail("no help came: " .. vim.inspect(hovers))
end

vim.cmd("write")
vim.cmd("qall!")
