# Sourced by every script here: finds the project, installs what is missing, puts the right Node first on the path.
# Not to be run by itself.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ROOT

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# The npm packages, once: again only when the lock file has changed since. Two scripts started at once wait for each other.
setup_npm() {
  local stamp="$ROOT/node_modules/.metalspray-lock"
  # A link leads to the packages of another checkout: installing through it would empty them under whoever runs there.
  if ! [ -L "$ROOT/node_modules" ] && ! cmp -s "$ROOT/package-lock.json" "$stamp"; then
    command -v npm >/dev/null || die "npm is missing; install Node.js with npm (Debian: apt-get install nodejs npm)"
    mkdir -p "$ROOT/node_modules"
    (
      flock 9
      if ! cmp -s "$ROOT/package-lock.json" "$stamp"; then
        say 'Installing npm packages (once) ...'
        npm --prefix "$ROOT" ci --no-audit --no-fund --loglevel=error >&2 || die "npm could not install the packages of $ROOT"
        cp "$ROOT/package-lock.json" "$stamp"
      fi
    ) 9>"$ROOT/.setup.lock" || exit 1
  fi
  export PATH="$ROOT/node_modules/.bin:$PATH"
}

# setup_debian PACKAGE=TEST ...: TEST is a program's name or, with a slash in it, a path (wildcards allowed).
# As root the missing packages are installed; otherwise they are named, with the command that brings them.
setup_debian() {
  local entry package test missing=()
  for entry in "$@"; do
    package=${entry%%=*}
    test=${entry#*=}
    if [[ $test == */* ]]; then
      compgen -G "$test" >/dev/null || missing+=("$package")
    else
      PATH="$PATH:/usr/sbin:/sbin" command -v "$test" >/dev/null || missing+=("$package")
    fi
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    die "missing: ${missing[*]}. Install with: sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "Installing Debian packages: ${missing[*]} ..."
  local log
  log=$(mktemp)
  if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# run_program FILE ARGUMENT ...: one of the programs in src/cli, in place of this shell. data/, images/ and templates/ are the checkout's,
# wherever it is called from.
run_program() {
  export METALSPRAY_HOME=${METALSPRAY_HOME:-$ROOT}
  # What is left of the sources without their types is kept, so that only the first start loads what strips them, 30 MB.
  export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$ROOT/node_modules/.cache/node}
  # What many threads give back to the C library stays with it, for each of its pools on its own.
  export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}
  # MB. Memory in which requests come and go: more of it is faster by little and never given back, less of it lets them outlive it.
  exec node --max-semi-space-size=4 "$ROOT/src/cli/$1" "${@:2}"
}
