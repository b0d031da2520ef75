autocmd BufRead,BufNewFile *.hq setfiletype huiqi
