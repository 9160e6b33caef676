# Reading a kickstart: its %pre sections are run while it is read, then what it includes is put in its place.

SEP=$(printf '\037')
READ=0

# read_kickstart FILE: adds its lines to /work/items.
read_kickstart() {
  local file=$1 folder line
  READ=$((READ + 1))
  [ $READ -le 20 ] || weasel_fatal "files that include each other"
  folder=/work/ks.$READ
  mkdir -p "$folder"
  awk -v folder="$folder" -f /kickstart-split.awk "$file" >"$folder/items"
  while IFS= read -r line; do
    case $line in pre"$SEP"*) run_section "$line" || weasel_fatal "a %pre script failed" ;; esac
  done <"$folder/items"
  while IFS= read -r line; do
    case $line in
      include"$SEP"*) include_file "$line" ;;
      *) printf '%s\n' "$line" >>/work/items ;;
    esac
  done <"$folder/items"
}

include_file() {
  local name=${1##*"$SEP"} copy=/work/include.$READ
  case $1 in include"$SEP"-"$SEP"*"$SEP"*) ;; *) weasel_fatal "include needs one word" ;; esac
  case $name in
    http://*) download "$name" "$copy" ;;
    /*) cp "$name" "$copy" 2>/dev/null || weasel_fatal "include $name: there is no such file" ;;
    *) cp "/${name#./}" "$copy" 2>/dev/null || weasel_fatal "include $name: there is no such file" ;;
  esac
  note "weasel include $name"
  read_kickstart "$copy"
}

# section_option LINE NAME: the value of --NAME=.
section_option() { printf '%s\n' "$1" | tr "$SEP" '\n' | sed -n "s/^--$2=//p"; }

# run_section LINE: its status, which --ignorefailure may have made good. There is no Python here, and no pretending.
run_section() {
  local kind=${1%%"$SEP"*} rest=${1#*"$SEP"} script limit result
  script=${rest%%"$SEP"*}
  if [ "$(section_option "$1" interpreter)" = python ]; then
    note "$kind a script in Python, which the stand-in cannot run: left out"
    return 0
  fi
  limit=$(section_option "$1" timeout)
  note "$kind start"
  set -o pipefail
  ${limit:+timeout "$limit"} sh "$script" </dev/null 2>&1 | sed "s/^/esxi-stand-in: $kind: /"
  result=$?
  set +o pipefail
  note "$kind ended with $result"
  [ "$(section_option "$1" ignorefailure)" = true ] && return 0
  return $result
}
