# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The one release build folder that scripts/run and scripts/test share. To be sourced after
# packages.sh; expects $takt_root. TAKT_BUILD_DIR moves the folder (default: build/).

takt_build=${TAKT_BUILD_DIR:-$takt_root/build}

# cached NAME: the value of a CMake cache variable of the build folder, or nothing.
cached() { sed -n "s/^$1:[A-Z]*=//p" "$takt_build/CMakeCache.txt" 2>/dev/null || true; }

# Is there no usable configuration: none yet, an interrupted one, or one of a tree that was moved?
stale() {
  [ ! -e "$takt_build/build.ninja" ] || [ "$(cached CMAKE_HOME_DIRECTORY)" != "$takt_root" ]
}

# configure NAME=VALUE…: brings the build folder to the preset `release` and these cache values.
# Does nothing where it has them already.
configure() {
  local options=() pair changed=$packages_changed
  if stale; then
    options=(--fresh)
    changed=yes
  fi
  for pair in CMAKE_BUILD_TYPE=Release TAKT_SANITIZE= "$@"; do
    [ "$(cached "${pair%%=*}")" = "${pair#*=}" ] || changed=yes
  done
  [ $changed = yes ] || return 0
  say "Configuring $takt_build"
  cmake "${options[@]}" -S "$takt_root" --preset release -B "$takt_build" "${@/#/-D}" \
    </dev/null >&2 || die "the configuration failed"
}

# build [TARGET…]: all targets by default. What ninja says when there is nothing to do is left out.
build() {
  cmake --build "$takt_build" ${1:+--target "$@"} </dev/null 2>&1 |
    sed -u -e '/Re-checking globbed directories/d' -e '/^ninja: no work to do\.$/d' >&2 ||
    die "the build failed"
}

# Two starts at once (a loop of a lab, two terminals) must not build in one folder at the same
# time: the second waits here. unlock before handing over to a program that may run for long.
lock() {
  mkdir -p "$takt_build"
  exec 9>"$takt_build/.lock"
  flock --nonblock 9 && return 0
  say "Waiting for another build in $takt_build to end"
  flock 9
}
unlock() { exec 9>&-; }
