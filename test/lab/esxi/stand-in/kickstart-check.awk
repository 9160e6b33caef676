# What the installer checks before it touches a disk: reads the lines of kickstart-split.awk without those of `include`,
# writes `error TEXT` and `warning TEXT`, and `KEY=VALUE` for what the install needs.

BEGIN {
  FS = "\037"
  disk = "disk= drive= firstdisk? "
  options["accepteula"] = options["vmaccepteula"] = options["dryrun"] = options["paranoid"] = " "
  options["reboot"] = " noeject "
  options["install"] = " " disk "overwritevmfs preservevmfs novmfsondisk overwritevsan ignoressd ignoreprereqwarnings " \
    "ignoreprereqerrors forceunsupportedinstall systemdisk= systemDisk= repartitionsystemdisk dpuPciSlots= dpupcislots= "
  options["installorupgrade"] = " " disk "overwritevsan overwritevmfs forcemigrate "
  options["upgrade"] = " " disk "diskBootedFrom savebootbank= bootDiskMarker= forcemigrate deletecosvmdk "
  options["clearpart"] = " alldrives drives= ignoredrives= firstdisk? overwritevmfs "
  options["network"] = " bootproto= device= ip= netmask= gateway= nameserver= nodns hostname= vlanid= addvmportgroup= "
  options["rootpw"] = " iscrypted "
  options["serialnum"] = options["vmserialnum"] = " esx= "
  options["keyboard"] = " "
  options["part"] = options["partition"] = " ondisk= ondrive= onfirstdisk? "
  options["pre"] = " interpreter= "
  options["post"] = " interpreter= timeout= ignorefailure= "
  options["firstboot"] = " interpreter= level= "
  n = split("auth autopart bootloader cmdline device esxlocation firewall firewallport firstboot harddrive ignoredisk " \
    "interactive lilo lilocheck mouse raid skipx text timezone url virtualdisk vnc volgroup xconfig vmlicense zerombr " \
    "packages vmlicense_text lang langsupport", list, " ")
  for (i = 1; i <= n; i++) ignored[list[i]] = 1
  keyboards = "|Belgian|Brazilian|Croatian|Czechoslovakian|Danish|Estonian|Finnish|French|German|Greek|Icelandic|" \
    "Italian|Japanese|Latin American|Norwegian|Polish|Portuguese|Russian|Slovenian|Spanish|Swedish|Swiss French|" \
    "Swiss German|Turkish|Ukrainian|United Kingdom|US Default|US Dvorak|"
}

$1 == "error" { error($3); next }
$1 == "warning" { warning($3); next }
{
  name = $1 == "command" ? $3 : $1
  if ($1 ~ /^(packages|vmlicense_text)$/) { warning("%" name " is ignored"); next }
  if ($1 == "command" && (ignored[name] || !(name in options) || name ~ /^(pre|post)$/)) {
    warning((ignored[name] ? "ignored" : "unknown") " command " name)
    next
  }
  delete value
  values = ""
  for (i = 4; i <= NF; i++) take(name, $i)
  if ($1 == "command") command(name)
  else section(name)
}
END { finish() }

function error(text) { print "error " text }
function warning(text) { print "warning " text; warnings++ }

function take(name, word,  at, key, given) {
  if (word !~ /^--/) {
    values = values (values == "" ? "" : " ") word
    count[name]++
    return
  }
  at = index(word, "=")
  key = at ? substr(word, 3, at - 3) : substr(word, 3)
  given = at ? substr(word, at + 1) : ""
  if (index(options[name], " " key "= ")) {
    if (given == "") error(name ": --" key " needs a value")
  } else if (index(options[name], " " key " ")) {
    if (at) error(name ": --" key " takes no value")
    given = "1"
  } else if (!index(options[name], " " key "? ")) {
    error(name ": unknown option --" key)
    return
  }
  if (key in value) error(name ": --" key " is given twice")
  value[key] = given == "" ? "default" : given
}

function command(name) {
  seen[name]++
  if (name ~ /^(vm)?accepteula$|^reboot$|^dryrun$|^paranoid$/ && values != "") error(name " takes no words: " values)
  if (name ~ /^(install|upgrade|installorupgrade)$/) install(name)
  else if (name == "network") network()
  else if (name == "rootpw") rootpw(values)
  else if (name == "keyboard" && !index(keyboards, "|" values "|")) error("keyboard: there is no " values)
  else if (name ~ /serialnum$/ && value["esx"] !~ /^[0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z](-[0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z])+$/) error(name ": not five times five characters")
}

function section(name) {
  if (values != "") error("%" name ": unknown word " values)
  if (("interpreter" in value) && value["interpreter"] !~ /^(python|busybox)$/) error("%" name ": unknown interpreter " value["interpreter"])
  if (("timeout" in value) && value["timeout"] !~ /^[0-9]+$/) error("%" name ": --timeout is no number")
  if (("ignorefailure" in value) && value["ignorefailure"] !~ /^(true|false)$/) error("%" name ": --ignorefailure is neither true nor false")
  if (name == "firstboot") print "firstboot=yes"
}

function install(name,  chosen) {
  installs++
  chosen = ("disk" in value) + ("drive" in value) + ("firstdisk" in value) + ("diskBootedFrom" in value)
  if (chosen != 1) error(name ": exactly one of --disk, --drive and --firstdisk is needed")
  if (("overwritevmfs" in value) && ("preservevmfs" in value)) error(name ": --overwritevmfs excludes --preservevmfs")
  if (("novmfsondisk" in value) && ("preservevmfs" in value)) error(name ": --novmfsondisk excludes --preservevmfs")
  if (("ignoressd" in value) && !("firstdisk" in value)) error(name ": --ignoressd needs --firstdisk")
  if (values != "") error(name ": unknown word " values)
  print "how=" name
  print "firstdisk=" value["firstdisk"]
  print "disk=" value["disk"] value["drive"]
  print "overwritevmfs=" value["overwritevmfs"]
  print "preservevmfs=" value["preservevmfs"]
}

function network(  proto) {
  proto = ("bootproto" in value) ? value["bootproto"] : "dhcp"
  if (!("bootproto" in value)) warning("network: no --bootproto, so dhcp")
  if (proto !~ /^(dhcp|static)$/) error("network: --bootproto is neither dhcp nor static")
  if (proto == "static" && !("ip" in value)) error("network: static without --ip")
  if (proto == "dhcp" && (("ip" in value) || ("netmask" in value) || ("gateway" in value))) error("network: dhcp with an address")
  if (proto == "static" && !("netmask" in value)) warning("network: no --netmask, so guessed")
  if (proto == "static" && !("gateway" in value)) warning("network: no --gateway, so guessed")
  if (("ip" in value) && !address(value["ip"])) error("network: --ip is no address: " value["ip"])
  if (("netmask" in value) && !mask(value["netmask"])) error("network: --netmask is none: " value["netmask"])
  if (("ip" in value) && ("netmask" in value) && ("gateway" in value)) gateway(value["ip"], value["netmask"], value["gateway"])
  if (("vlanid" in value) && (value["vlanid"] !~ /^[0-9]+$/ || value["vlanid"] > 4095)) error("network: --vlanid is not 0 to 4095")
  if (("addvmportgroup" in value) && value["addvmportgroup"] !~ /^(0|1|true|false)$/) error("network: --addvmportgroup is none of 0, 1, true, false")
  if (("nodns" in value) && ("nameserver" in value)) error("network: --nodns excludes --nameserver")
  if ("hostname" in value) hostname(value["hostname"])
  if (values != "") error("network: unknown word " values)
  print "bootproto=" proto
  print "device=" value["device"]
  print "ip=" value["ip"]
  print "netmask=" value["netmask"]
  print "gateway=" value["gateway"]
  # With dhcp the name comes from nowhere, and what stands here is ignored.
  print "hostname=" (proto == "static" && ("hostname" in value) ? value["hostname"] : "localhost")
}

function hostname(name,  labels, i) {
  if (length(name) > 255) error("network: --hostname has more than 255 characters")
  for (i = split(name, labels, "."); i > 0; i--) {
    if (length(labels[i]) > 63 || labels[i] !~ /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/) error("network: --hostname is no name: " name)
  }
  if (name ~ /^[0-9]/) warning("network: --hostname begins with a digit")
}

function address(text,  parts, i) {
  if (split(text, parts, ".") != 4) return 0
  for (i = 1; i <= 4; i++) if (parts[i] !~ /^[0-9]+$/ || parts[i] > 255) return 0
  return 1
}

function numeric(text,  parts) { split(text, parts, "."); return ((parts[1] * 256 + parts[2]) * 256 + parts[3]) * 256 + parts[4] }

# How many addresses the network has; 0 when the mask has holes.
function mask(text,  size, power) {
  if (!address(text)) return 0
  size = 4294967296 - numeric(text)
  for (power = 1; power < size; power *= 2) ;
  return power == size ? size : 0
}

function gateway(ip, netmask, other,  size, base) {
  size = mask(netmask)
  if (!size || !address(other)) { error("network: --gateway is no address: " other); return }
  base = int(numeric(ip) / size) * size
  if (numeric(other) <= base || numeric(other) >= base + size - 1) error("network: --gateway " other " is not in the network of " ip)
}

function rootpw(word) {
  if (count["rootpw"] != 1) error("rootpw needs exactly one word")
  if (!("iscrypted" in value)) { if (length(word) < 7 || length(word) > 40) error("rootpw: not 7 to 40 characters") }
  else if (word !~ /^\$1\$[.\/0-9A-Za-z]+\$[.\/0-9A-Za-z]+$/ && word !~ /^\$6\$[^$:]+\$[.\/0-9A-Za-z]+$/ && word !~ /^[.\/0-9A-Za-z]+$/) error("rootpw: a hash of no kind that is known")
  else if (word ~ /^\$6\$/ && (word ~ /^\$6\$rounds=/ || length(substr(word, 4 + index(substr(word, 4), "$"))) != 86 || index(substr(word, 4), "$") > 17)) error("rootpw: no SHA-512 hash as it has to be")
  else if (word !~ /^\$/ && length(word) != 13) error("rootpw: a DES hash has 13 characters")
}

function finish(  upgrade) {
  upgrade = seen["upgrade"] > 0
  if (!seen["accepteula"] && !seen["vmaccepteula"]) error("accepteula or vmaccepteula is missing")
  if (installs != 1) error("exactly one of install, upgrade and installorupgrade is needed, not " installs + 0)
  if (seen["network"] > 1) error("network is given more than once")
  if (seen["rootpw"] > 1) error("rootpw is given more than once")
  if (!upgrade && !seen["rootpw"]) error("rootpw is missing")
  if (upgrade && (seen["rootpw"] || seen["network"] || seen["keyboard"] || seen["serialnum"] || seen["clearpart"] || seen["part"])) error("upgrade excludes rootpw, network, keyboard, serialnum, clearpart and part")
  if (seen["clearpart"] && !seen["install"]) error("clearpart needs install")
  if ((seen["part"] || seen["partition"]) && !seen["install"]) error("part needs install")
  if (seen["paranoid"] && warnings) error("there are warnings, and paranoid")
  print "reboot=" (seen["reboot"] ? "yes" : "no")
  print "dryrun=" (seen["dryrun"] ? "yes" : "no")
}
