# Is this tar one that visorfs mounts? Reads it as one line of hexadecimal for each 512 bytes, says what is wrong and ends
# with 1, or lists its members as `d PATH` and `f PATH`.

skip > 0 { skip--; next }
/^0+$/ { zeros++; next }
zeros > 0 { refuse("there is something after its end") }
{
  if (length($0) != 1024) refuse("its length is no multiple of 512")
  if (substr($0, 515, 16) != "7573746172202000") refuse("the magic of a member is not GNU’s: " substr($0, 515, 16))
  type = substr($0, 313, 2)
  name = text(1, 100)
  if (length(name) > 99) refuse(name " has more than 99 bytes")
  if (name ~ /^\// || name ~ /^\.\// || name ~ /(^|\/)\.\.(\/|$)/) refuse(name " is no path below /")
  if (substr($0, 691, 310) !~ /^0*$/) refuse(name " has a prefix, as in POSIX tars")
  if (number(109, 8) != 0 || number(117, 8) != 0) refuse(name " is not root’s")
  if (checksum() != number(149, 8)) refuse("the checksum of " name " is wrong")
  if (type == "35") directory(name)
  else if (type == "30" || type == "00") file(name, number(125, 12))
  else refuse(name " is neither a file nor a directory, but type " type)
}
END {
  if (!failed && zeros < 2) refuse("it ends without two blocks of zeros")
  exit failed
}

function directory(name) {
  if (name !~ /\/$/) refuse("the directory " name " does not end in a slash")
  parents(substr(name, 1, length(name) - 1))
  known[name] = 1
  print "d " name
}

function file(name, size) {
  parents(name)
  skip = int((size + 511) / 512)
  print "f " name
}

# Every folder above has to have come before.
function parents(name,  at) {
  at = last_slash(name)
  if (at && !known[substr(name, 1, at)]) refuse(name " comes before its folder")
}

function last_slash(name,  i) {
  for (i = length(name); i > 0; i--) if (substr(name, i, 1) == "/") return i
  return 0
}

function refuse(why) {
  if (!failed) print "refused: " why
  failed = 1
  exit 1
}

# Fields are counted in bytes from 1, as in the description of the format.
function text(from, bytes,  i, code, out) {
  for (i = from; i < from + bytes; i++) {
    code = byte(i)
    if (code == 0) return out
    out = out sprintf("%c", code)
  }
  return out
}

function number(from, bytes,  i, code, value) {
  for (i = from; i < from + bytes; i++) {
    code = byte(i)
    if (code >= 48 && code <= 55) value = value * 8 + code - 48
  }
  return value + 0
}

# The field of the sum itself counts as blanks.
function checksum(  i, sum) {
  for (i = 1; i <= 512; i++) sum += (i >= 149 && i < 157) ? 32 : byte(i)
  return sum
}

function byte(i) { return digit(substr($0, 2 * i - 1, 1)) * 16 + digit(substr($0, 2 * i, 1)) }
function digit(c) { return index("0123456789abcdef", c) - 1 }
