# Lays out the system of one host that boots, in fresh mount, PID, UTS, IPC and network namespaces, and becomes the
# supervisor that boots it. Nothing of this is seen from outside, and all of it goes when the namespaces go.
#
#   sh booted-host.sh DIRECTORY LOWER USER UID DISK_MIB PROGRAM
#
# DIRECTORY (outside) holds what the host has of its own: files/ laid over the system, home/, root/, and prepare.sh,
# which is run in the system before it boots. LOWER: the layers below, as overlay(5) names them. DISK_MIB other than 0
# puts the root on a file system of that size. PROGRAM is the path of host-supervisor.py.
set -eu
directory=$1 lower=$2 user=$3 uid=$4 disk=$5 program=$6
mount -t proc proc /proc
# systemd-nspawn keeps something there for each name, and hosts of two fleets may have the same.
mount -t tmpfs -o mode=755 run /run
ip link set lo up

# Its changes live as long as the supervisor: longer than its power, shorter than the test.
mount -t tmpfs -o mode=755 changes "$directory/changes"
mkdir "$directory/changes/upper" "$directory/changes/work"
system=$directory/system
changes=upperdir=$directory/changes/upper,workdir=$directory/changes/work
mount -t overlay -o "lowerdir=$lower,$changes" overlay "$system"
cp -R "$directory/files/." "$system"
tr -d - < /proc/sys/kernel/random/uuid > "$system/etc/machine-id"
chroot "$system" /bin/sh < "$directory/prepare.sh"

cp -R "$system/etc/skel/." "$directory/home"
chown -R "$uid:$uid" "$directory/home"
if [ "$disk" != 0 ]; then mount -t tmpfs -o "mode=755,size=${disk}m" root "$directory/root"; fi
chown "$uid:$uid" "$directory/root"
exec /usr/bin/python3 -I -S -B "$program"
