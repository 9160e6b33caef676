import { shellQuote } from '../../../render/quote.ts'
import { WORK_FOLDER } from './commands.ts'

/*
 * Pieces of shell for ESXi's busybox, in the installer and in the installed system. Python pieces keep to 3.5, which ESXi 6.5
 * has. No line may begin with `include` or `%`: it would end the section, wherever it stands.
 */

/** Which tool sets up the firewall: the installer has no host daemon for `esxcli` to talk to. */
export type ShellPhase = 'installer' | 'installed'

/**
 * What every section begins with. `tell URL TRIES` asks the server, by wget with a watch beside it, since not every busybox
 * has a timeout for it, then by Python; a server that is away costs time, never the install. An answer that refuses is an
 * answer. Scripts of the image find the boot's address in `METALSPRAY_BOOT`. The firewall is open for no longer than that: it knows web servers on ports 80 and 443 alone.
 */
export function prelude(phase: ShellPhase, boot: string): string {
  return `export METALSPRAY_BOOT=${shellQuote(boot)}
work=${WORK_FOLDER}
mkdir -p "$work"
firewall() {
  ${phase === 'installer' ? 'localcli' : 'esxcli'} network firewall "$@" 2>/dev/null
}
ask() {
  wget -q -O /dev/null "$1" </dev/null >/dev/null 2>&1 &
  asking=$!
  (sleep 10; kill "$asking") </dev/null >/dev/null 2>&1 &
  watching=$!
  wait "$asking"
  answer=$?
  kill "$watching" 2>/dev/null
  [ "$answer" -ne 0 ] || return 0
  python -c '
import ssl, sys
from urllib import error, request
try:
    request.urlopen(sys.argv[1], timeout=10, context=ssl._create_unverified_context()).read()
except error.HTTPError as refused:
    sys.exit(0 if refused.code < 500 else 1)
' "$1" </dev/null >/dev/null 2>&1
}
tell() {
  tries=$2
  guarded=$(firewall get | sed -n 's/^ *Enabled: *//p')
  [ "$guarded" != true ] || firewall set --enabled false
  until ask "$1"; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
      echo 'metalspray: the server does not answer' >&2
      break
    fi
    sleep 5
  done
  [ "$guarded" != true ] || firewall set --enabled true
}
`
}

/**
 * `run FILE NAME URL` runs a script of ours or of the image by its interpreter; when it fails, the server is told the status
 * and its last words at URL, before the installer stops for good with a red screen.
 */
export const RUN = String.raw`run() {
  case $1 in
    *.py) python "$work/$1" >"$work/log" 2>&1 ;;
    *) sh "$work/$1" >"$work/log" 2>&1 ;;
  esac
  status=$?
  cat "$work/log"
  [ "$status" -ne 0 ] || return 0
  words=$(sed -n '$ { s/[^A-Za-z0-9._:=/-]/+/g; s/^\(.\{200\}\).*/\1/; p; }' "$work/log")
  echo "metalspray: $2 ended with status $status" >&2
  tell "$3$2+ended+with+status+$status:+$words" 3
  return "$status"
}
`

/** Puts a script into a file. Each line has a mark in front, so that none can end the section or the document. */
export function putFile(name: string, text: string): string {
  const lines = text.replace(/\n$/, '').split('\n')
  return [`sed 's/^|//' >"$work/${name}" <<'END'`, ...lines.map((line) => `|${line}`), 'END', ''].join('\n')
}

/** Calls {@link prelude}'s `tell`. */
export function tell(url: string, tries: number): string {
  return `tell ${shellQuote(url)} ${tries}\n`
}
