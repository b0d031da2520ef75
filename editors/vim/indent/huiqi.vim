" A line is indented once for every brace that is open where it begins.
if exists("b:did_indent")
  finish
endif
let b:did_indent = 1
setlocal indentexpr=HuiqiIndent(v:lnum) indentkeys=0},0],0),0｝,0），!^F,o,O
let b:undo_indent = "setlocal indentexpr< indentkeys<"

if exists("*HuiqiIndent")
  finish
endif

" How many braces a line leaves open, texts and comments apart.
function! s:Opened(line) abort
  let code = substitute(a:line, '"\%(\\.\|[^"\\]\)*"\|“[^”]*”\|「[^」]*」', '', 'g')
  let code = substitute(code, '[#＃].*$', '', '')
  return strchars(substitute(code, '[^{[(｛（［]', '', 'g')) - strchars(substitute(code, '[^]})｝）］]', '', 'g'))
endfunction

function! HuiqiIndent(number) abort
  let before = prevnonblank(a:number - 1)
  if before == 0
    return 0
  endif
  let line = getline(before)
  " Closing braces at its start have been counted by the line itself.
  let opened = s:Opened(substitute(line, '^\s*[]})｝）］]\+', '', ''))
  let indent = indent(before) + (opened > 0 ? shiftwidth() : opened * shiftwidth())
  if getline(a:number) =~# '^\s*[]})｝）］]'
    let indent -= shiftwidth()
  endif
  return max([indent, 0])
endfunction
