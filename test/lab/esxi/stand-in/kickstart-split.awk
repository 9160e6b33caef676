# Takes a kickstart apart, as the installer does:
#
#   awk -v folder=/work/ks.1 -f kickstart-split.awk FILE
#
# One line for each thing in it, in order: KIND, the file with its script or `-`, then its words, all kept apart by the
# character 037. Scripts go to folder/N.script. What cannot be read is a line `error` with the reason.

BEGIN { sep = "\037"; script = "" }

{
  sub(/\r$/, "")
  if ($0 ~ /[^\011\040-\176]/) print "warning" sep "-" sep "line " NR " is not plain ASCII"
  # A section ends where the next one starts, wherever that is: inside texts of its script too. There is no %end.
  if (match($0, /^(%pre|%post|%firstboot|%packages|%vmlicense_text|%include|include)/)) {
    script = ""
    begin(substr($0, 1, RLENGTH), split_words($0))
    next
  }
  if (script != "") {
    print >script
    next
  }
  if ($0 ~ /^[ \t]*(#|$)/) next
  commands++
  if (commands == 257) print "error" sep "-" sep "more than 256 commands"
  print "command" sep "-" sep split_words($0)
}

function begin(start, words,  kind) {
  kind = start
  sub(/^%/, "", kind)
  if (kind == "include") {
    print "include" sep "-" sep words
    return
  }
  sections++
  script = folder "/" sections ".script"
  printf "" >script
  print kind sep script sep words
}

# As a shell splits: blanks, quotes of both sorts, a backslash. Nothing is expanded.
function split_words(line,  i, c, word, open, quote, out, gap) {
  for (i = 1; i <= length(line); i++) {
    c = substr(line, i, 1)
    if (quote == "'") {
      if (c == "'") quote = ""
      else word = word c
    } else if (c == "\\") {
      i++
      word = word substr(line, i, 1)
      open = 1
    } else if (quote == "\"") {
      if (c == "\"") quote = ""
      else word = word c
    } else if (c == "'" || c == "\"") {
      quote = c
      open = 1
    } else if (c == " " || c == "\t") {
      if (open) { out = out gap word; gap = sep; word = ""; open = 0 }
    } else {
      word = word c
      open = 1
    }
  }
  if (quote != "") print "error" sep "-" sep "line " NR ": a quotation mark is not closed"
  if (open) out = out gap word
  return out
}
