# boot.cfg as the ESXi boot loader reads it, written from the descriptions of its behaviour and from nothing of src/: when
# the two disagree, one of them is wrong.
#
#   awk -v url=URL-OF-BOOT.CFG -v extra='WORDS OF THE LOADER’S OWN COMMAND LINE' -f boot-cfg.awk boot.cfg
#
# Says what is to be done, a line each, in this order: `title`, `timeout`, `errtimeout`, `nobootif`, `crypto`, `prefix`,
# `kernel URL`, `module URL [OPTIONS]` …, `cmdline TEXT`, then `limit TEXT` for what breaks only when all is loaded. Values
# that are not set are left out. A file that is refused as a whole gives one line `fatal NUMBER TEXT` and status 1.

BEGIN {
  # The order decides what an abbreviation means: `t=` is title, `e=` errtimeout, `=x` and `k=` kernel.
  n = split("kernel kernelopt modules title prefix nobootif timeout noquirks norts nativehttp crypto runtimewd " \
    "runtimewdtimeout tftpblksize acpitables skip errtimeout", keys, " ")
  split("nobootif timeout noquirks norts nativehttp runtimewd runtimewdtimeout tftpblksize skip errtimeout", numbers, " ")
  for (i in numbers) is_number[numbers[i]] = 1
}

{
  gsub(/[ \t\r\v\f]+/, " ")
  sub(/^ /, "")
  sub(/ $/, "")
  if ($0 == "" || substr($0, 1, 1) == "#") next
  at = index($0, "=")
  if (at == 0) next
  name = tolower(substr($0, 1, at - 1))
  value = substr($0, at + 1)
  sub(/^ /, "", value)
  for (i = 1; i <= n; i++) {
    if (substr(keys[i], 1, length(name)) != name) continue
    set(keys[i], value)
    break
  }
}

END {
  if (!failed) report()
  exit failed
}

function set(key, value) {
  if (is_number[key] && value !~ /^-?[0-9]*$/) fatal("32 (Syntax): " key "=" value)
  if (is_number[key] && value == "-") fatal("32 (Syntax): " key "=" value)
  # A number that is empty is 0; a text that is empty is not set.
  if (is_number[key]) value = decimal(value)
  config[key] = value
}

# busybox' awk takes a number with a zero in front for an octal one.
function decimal(value) {
  sub(/^0+/, "", value)
  sub(/^-0+/, "-", value)
  return value + 0 == 0 ? "0" : value + 0 ""
}

function fatal(text) {
  if (!failed) print "fatal " text
  failed = 1
  exit 1
}

function report(  count, parts, i, prefix, kernel, line, words) {
  if (config["kernel"] == "") {
    print "fatal 32 (Syntax): kernel=<FILEPATH> must be set"
    failed = 1
    return
  }
  count = split("title timeout errtimeout nobootif crypto", words, " ")
  for (i = 1; i <= count; i++) if (config[words[i]] != "") print words[i] " " config[words[i]]
  prefix = config["prefix"] != "" ? config["prefix"] : directory(url)
  print "prefix " prefix
  kernel = resolve(prefix, config["kernel"])
  print "kernel " kernel
  count = split(config["modules"], parts, "---")
  loaded = 0
  for (i = 1; i <= count; i++) module(prefix, parts[i])
  line = kernel
  if (config["kernelopt"] != "") line = line " " config["kernelopt"]
  if (extra != "") line = line " " extra
  print "cmdline " line
  if (length(line) >= 4096) print "limit the command line has " length(line) " characters and must have less than 4096"
  # 512 relocations, one for each module and one for its name.
  if (loaded > 250) print "limit " loaded " modules, more than the relocation table holds"
}

function module(prefix, item,  at, options, text) {
  gsub(/^ +| +$/, "", item)
  if (item == "") return
  at = index(item, " ")
  options = at ? substr(item, at + 1) : ""
  if (at) item = substr(item, 1, at - 1)
  text = resolve(prefix, item) (options == "" ? "" : " " options)
  print "module " text
  loaded++
  if (length(text) >= 256) print "limit the module string has " length(text) " characters and must have less than 256: " text
}

# Everything up to the last slash, wherever that stands.
function directory(path,  i) {
  for (i = length(path); i > 0; i--) if (substr(path, i, 1) == "/") return substr(path, 1, i - 1)
  return ""
}

function resolve(prefix, path) {
  if (path !~ /^[\/\\]/ && path !~ /:\/\// && prefix != "") path = prefix "/" path
  return sanitise(path)
}

# No blanks, no backslashes, no empty steps but the two slashes of the first `://`.
function sanitise(path,  at, scheme) {
  gsub(/ /, "", path)
  gsub(/\\/, "/", path)
  at = index(path, "://")
  if (at) {
    scheme = substr(path, 1, at - 1)
    path = substr(path, at + 3)
    gsub(/\/+/, "/", scheme)
    scheme = scheme "://"
  }
  gsub(/\/+/, "/", path)
  return scheme path
}
