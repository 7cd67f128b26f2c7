# Installs more Debian packages in a layer over the system that build-base.sh has made. Runs like that.
#
#   sh build-layer.sh TARGET BASE PACKAGE…
#
# TARGET is the upper directory of an overlay over BASE: only what the packages bring.
set -eu
target=$1 base=$2
shift 2
if [ -d "$target" ]; then exit 0; fi
new=$target.new work=$target.work
rm -rf "$new" "$work"
mkdir "$new" "$work"

mount -t tmpfs -o mode=755 system /mnt
mkdir /mnt/system
system=/mnt/system
mount -t overlay -o "lowerdir=$base,upperdir=$new,workdir=$work" overlay "$system"
mount -t proc proc "$system/proc"
mount --rbind /dev "$system/dev"
mount -t tmpfs -o mode=755 run "$system/run"
# This machine knows the way to the mirror, and whom to trust there.
mount --bind /etc/resolv.conf "$system/etc/resolv.conf"
options=
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  cp /etc/ssl/certs/ca-certificates.crt "$system/run/machine-ca.crt"
  options='-o Acquire::https::CAInfo=/run/machine-ca.crt'
fi
eval "$(apt-config shell proxy Acquire::http::Proxy)"
if [ -n "${proxy:-}" ]; then export http_proxy="$proxy"; fi

# invoke-rc.d(8) asks it whether a service may start; 101 is no. They start when the host boots.
printf '#!/bin/sh\nexit 101\n' > "$system/usr/sbin/policy-rc.d"
chmod 755 "$system/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
if ! {
  chroot "$system" apt-get -q $options update &&
    chroot "$system" apt-get -q -y $options install --no-install-recommends "$@"
} > "$target.log" 2>&1 < /dev/null; then
  tail -n 20 "$target.log" >&2
  exit 1
fi
chroot "$system" apt-get clean
rm -rf "$system/usr/sbin/policy-rc.d" "$system"/var/lib/apt/lists/*

umount -R "$system"
rm -rf "$work"
mv "$new" "$target"
