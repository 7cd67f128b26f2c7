# Takes back what open-way-out.sh has done for one host; the last one leaves the machine as it was. Nothing was done:
# nothing to do.
#
#   sh close-way-out.sh ID
set -eu
id=$1
[ -e /run/stage-way-out.before ] || exit 0
exec 9> /run/stage-way-out.lock
flock 9
for table in nat filter; do
  iptables-save -t "$table" | grep -e "--comment $id " | sed 's/^-A /-D /' | while read -r rule; do
    # Words without quotes, as all of ours are.
    iptables -w -t "$table" $rule
  done
done
if ! iptables-save | grep -q -e '--comment stage-booted-'; then
  cat /run/stage-way-out.before > /proc/sys/net/ipv4/ip_forward
  rm /run/stage-way-out.before
fi
