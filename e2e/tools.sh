#!/usr/bin/env bash
# tools.sh PACKAGE...: makes sure that the Debian packages named are
# installed, through apt where this user may. Where apt cannot do it, it says
# so and succeeds: the tests that need the tool skip by name.
set -u

# What shows that a package is there: a command, or a file.
declare -A proof=([gcc-aarch64-linux-gnu]=aarch64-linux-gnu-gcc [qemu-user]=qemu-aarch64
  [libc6-dev-arm64-cross]=/usr/aarch64-linux-gnu/include/stdio.h [libc6-dev]=/usr/include/stdio.h
  [webkit2gtk-driver]=WebKitWebDriver [xvfb]=Xvfb)

missing=()
for package in "$@"; do
  what=${proof[$package]:-$package}
  [ -e "$what" ] || command -v "$what" >/dev/null || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "missing, and there is no apt here to install it: ${missing[*]}" >&2
  exit 0
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "missing: ${missing[*]} (install with: sudo apt-get install ${missing[*]})" >&2
    exit 0
  fi
  as_root=(sudo -n)
fi
echo "== installing ${missing[*]}"
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null </dev/null
}
# The lists may be absent or old: refresh them only when the first try fails.
install 2>/dev/null || { "${as_root[@]}" apt-get update -qq </dev/null && install; } ||
  echo "apt could not install: ${missing[*]}" >&2
exit 0
