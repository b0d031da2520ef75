" Policies that Vim indents as they stand: lines that it would indent otherwise are written out.
let s:lines = []
for s:path in readfile($HUIQI_FILES)
  execute 'edit' fnameescape(s:path)
  let s:before = getline(1, '$')
  silent normal! gg=G
  for s:number in range(len(s:before))
    if getline(s:number + 1) !=# s:before[s:number]
      call add(s:lines, s:path .. ':' .. (s:number + 1) .. ': ' .. getline(s:number + 1))
    endif
  endfor
  edit!
endfor
call writefile(s:lines, $HUIQI_GROUPS)
qall!
