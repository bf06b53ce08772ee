-- The linter in Neovim 0.7 and later: `:luafile` it, or copy it to `~/.config/nvim/plugin/`.
local client
vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile" }, {
  callback = function(event)
    client = client or vim.lsp.start_client({
      name = "strports",
      cmd = { "strports", "lsp" },
      root_dir = vim.fn.getcwd(),
    })
    vim.lsp.buf_attach_client(event.buf, client)
  end,
})
