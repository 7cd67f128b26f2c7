# Boots the system that booted-host.sh has laid out. Ends when it is shut down, but not when it is rebooted.
#
#   sh boot.sh NAME DIRECTORY USER [OPTION…]
#
# OPTIONs are systemd-nspawn's. What the system says on its console goes to DIRECTORY/console.log.
set -eu
name=$1 directory=$2 user=$3
shift 3
# A current Debian boots with the unified hierarchy only, and an older one as well.
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
# What systemd-nspawn ends with when the system asks to be rebooted, and somebody else has to do it (--keep-unit).
rebooted=133
code=$rebooted
while [ $code = $rebooted ]; do
  code=0
  systemd-nspawn --quiet --register=no --keep-unit --boot --directory="$directory/system" --machine="$name" \
    --console=pipe --resolv-conf=off --timezone=off --link-journal=no \
    --bind="$directory/root:/var/webcode" --bind="$directory/home:/home/$user" "$@" \
    >> "$directory/console.log" 2>&1 < /dev/null || code=$?
done
exit $code
