" Comments, pairs, and the program for checking and laying out.
if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1
setlocal commentstring=#\ %s comments=:##,:#
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal matchpairs+=（:）,「:」,“:”,｛:｝
setlocal suffixesadd=.hq include=^\\s*\\%(use\\|引用\\)\\s*
if executable("huiqi")
  setlocal makeprg=huiqi\ check\ %:S formatprg=huiqi\ fmt\ --stdin
endif
let b:undo_ftplugin = "setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< matchpairs<"
      \ .. " suffixesadd< include< makeprg< formatprg<"
