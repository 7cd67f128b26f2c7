# Starts one host that boots, and takes away what would outlive it: its control groups, and the way out to the network
# of this machine. Ends when the host's supervisor has ended, which ends with the test.
#
#   sh keep-host.sh ID DIRECTORY LOWER USER UID DISK_MIB PROGRAM
#
# ID is unique on this machine. booted-host.sh says what the rest is.
set -eu
id=$1
here=$(dirname "$0")
# A service manager takes its control group to be the whole machine's: each host needs one of its own, in every
# hierarchy that systemd may use (cgroup2, and the one named systemd of older machines).
groups=$(awk '$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ /name=systemd/) { print $2 }' /proc/mounts | sort -u)

# Whoever ends us before the host has ended would leave all of it behind.
trap '' INT TERM HUP
# A background process has another standard input: sh gives it none.
exec 3<&0
(
  for group in $groups; do
    mkdir "$group/$id"
    # Of the shell itself, by the pid that this machine knows it by; what it becomes stays there.
    sh -c 'echo $PPID' > "$group/$id/cgroup.procs"
  done
  shift
  exec unshare --mount --pid --net --uts --ipc --fork --kill-child \
    /bin/sh "$here/booted-host.sh" "$@"
) <&3 3<&- &
exec 3<&- < /dev/null
code=0
wait $! || code=$?

sh "$here/close-way-out.sh" "$id"
for group in $groups; do
  # A process that was killed leaves its group a moment later.
  tries=0
  while [ -d "$group/$id" ] && [ $tries -lt 100 ]; do
    find "$group/$id" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.1
    tries=$((tries + 1))
  done
done
exit $code
