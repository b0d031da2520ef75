" What highlight group Vim and Neovim give each character of some policies.
"
" In: $HUIQI_FILES, a file that lists paths; $HUIQI_GROUPS, where the answer is written. Out:
" one line of JSON for each path: a list of runs [line, from, to, group], columns in bytes.
set encoding=utf-8
function! s:Runs() abort
  let runs = []
  for line in range(1, line('$'))
    let [at, start, group] = [1, 1, '']
    for character in split(getline(line), '\zs') + ['']
      let here = character ==# '' ? '' : synIDattr(synID(line, at, 1), 'name')
      if here !=# group
        if group !=# ''
          call add(runs, [line - 1, start - 1, at - 1, group])
        endif
        let [start, group] = [at, here]
      endif
      let at += len(character)
    endfor
  endfor
  return runs
endfunction

let s:lines = []
for s:path in readfile($HUIQI_FILES)
  execute 'edit' fnameescape(s:path)
  call assert_equal('huiqi', &filetype)
  call assert_equal('# %s', &commentstring)
  call add(s:lines, json_encode(s:Runs()))
endfor
call writefile(v:errors + s:lines, $HUIQI_GROUPS)
execute len(v:errors) > 0 ? 'cquit!' : 'qall!'
