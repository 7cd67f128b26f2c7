# Makes the system of hosts that boot: Debian with systemd, an SSH server and the account that deploys. Runs as root
# in mount and PID namespaces of its own, one at a time for each TARGET: what is mounted meanwhile goes when it ends
# in any way.
#
#   sh build-base.sh TARGET SUITE MIRROR PACKAGES USER UID
#
# TARGET appears when it is whole, and is never changed afterwards.
set -eu
target=$1 suite=$2 mirror=$3 packages=$4 user=$5 uid=$6
if [ -d "$target" ]; then exit 0; fi
new=$target.new
# Of one that was cut off.
rm -rf "$new"

# apt knows how this machine gets to the mirror; debootstrap knows it from the environment.
eval "$(apt-config shell proxy Acquire::http::Proxy)"
if [ -n "${proxy:-}" ]; then export http_proxy="$proxy"; fi
if ! debootstrap --variant=minbase --include="$packages" "$suite" "$new" "$mirror" > "$target.log" 2>&1; then
  tail -n 20 "$target.log" >&2
  exit 1
fi

# A star is no password at all, and still not a locked account (shadow(5), sshd(8)).
chroot "$new" useradd --uid "$uid" --user-group --create-home --shell /bin/bash --password '*' "$user"
mkdir -p "$new/var/webcode" "$new/var/lib/systemd/linger"
chown "$uid:$uid" "$new/var/webcode"
# loginctl enable-linger: its services run without a session.
touch "$new/var/lib/systemd/linger/$user"
echo 'PasswordAuthentication no' > "$new/etc/ssh/sshd_config.d/50-key-only.conf"

# What every host has of its own is made for it later.
rm -f "$new"/etc/ssh/ssh_host_*
: > "$new/etc/machine-id"
: > "$new/etc/resolv.conf"
# Nothing shall reach out, or work on the disk, by itself.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer; do
  ln -sf /dev/null "$new/etc/systemd/system/$unit"
done
rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/*
mv "$new" "$target"
