# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debian packages by list. To be sourced; expects $takt_root, the project's folder.

# All that set-up has to say goes to standard error: standard output belongs to the program
# started in the end (`scripts/run run … --json | jq`).
say() { printf '%s\n' "$*" >&2; }

# A failed set-up must not look like one of takt's own exit codes; `git bisect run` skips on 125.
die() {
  say "error: $*"
  exit 125
}

# packages_of LIST…: the names of these lists, one a line.
packages_of() {
  local list
  for list in "$@"; do
    awk -v list="$list" '$1 == list {print $2; n++} END {exit n == 0}' \
      "$takt_root/scripts/packages.txt" || die "scripts/packages.txt has no list '$list'"
  done
}

# missing_packages NAME…: those of them that neither are installed nor are provided by an
# installed package (nodejs from other sources provides npm, pkgconf provides pkg-config).
missing_packages() {
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' |
    awk -v wanted="$*" '
      $1 == "installed" {
        gsub(/\([^)]*\)|,/, " ")
        for (i = 2; i <= NF; i++) have[$i] = 1
      }
      END {
        n = split(wanted, name, " ")
        for (i = 1; i <= n; i++) if (!(name[i] in have)) print name[i]
      }'
}

# need_packages LIST…: installs what is missing of these lists, after saying so. Asks dpkg's own
# records first, so that a machine once set up needs no network. Sets packages_changed=yes if it
# installed anything: what CMake looked for in vain before is worth another look then.
packages_changed=no
need_packages() {
  local names
  names=$(packages_of "$@") || exit
  local wanted missing as_root=()
  mapfile -t wanted <<<"$names"
  if ! command -v dpkg-query >/dev/null; then
    say "Not a Debian system; what these Debian packages hold must be there: ${wanted[*]}"
    return 0
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  [ ${#missing[@]} -gt 0 ] || return 0

  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "as root, please run: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  say "Installing Debian packages${as_root[0]:+ (with sudo)}: ${missing[*]}"
  # Nobody is there to answer questions, and another apt-get may hold the lock for a while.
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
  "${apt[@]}" update </dev/null >&2 || die "apt-get update failed; is there a network?"
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >&2 ||
    die "apt-get could not install: ${missing[*]}"
  packages_changed=yes
}
