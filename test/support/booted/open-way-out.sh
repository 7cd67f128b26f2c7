# Lets one host reach the network of this machine. close-way-out.sh takes it back.
#
#   sh open-way-out.sh ID ADDRESS DEVICE
set -eu
id=$1 address=$2 device=$3
exec 9> /run/stage-way-out.lock
flock 9
forwarding=/proc/sys/net/ipv4/ip_forward
# Of the machine as it was before the first of us.
[ -e /run/stage-way-out.before ] || cp "$forwarding" /run/stage-way-out.before
echo 1 > "$forwarding"
iptables -w -t nat -I POSTROUTING -s "$address/32" ! -o "$device" -m comment --comment "$id" -j MASQUERADE
iptables -w -I FORWARD -i "$device" -m comment --comment "$id" -j ACCEPT
iptables -w -I FORWARD -o "$device" -m comment --comment "$id" -j ACCEPT
