# Builds the file system of one test host and becomes its init. Runs as root in fresh mount, PID, UTS, IPC and
# network namespaces: nothing of this is seen from outside, and all of it goes when the namespaces go.
#
#   sh namespaced-host.sh NAME USER UID DIRECTORY DISK_MIB PROGRAM
#
# DIRECTORY (outside) holds etc/ ssh/ log/ home/ root/ of this host. DISK_MIB other than 0 puts the root on a
# file system of that size. PROGRAM is the path of host-supervisor.py.
set -eu
name=$1 user=$2 uid=$3 directory=$4 disk=$5 program=$6
hostname "$name"
ip link set lo up

new=$directory/system
mount -t tmpfs -o mode=755 system "$new"
cd "$new"

# The machine's own programs, in a layer that the host may write to without anybody else seeing it.
mkdir layers usr etc
for part in usr etc; do
  mkdir "layers/$part" "layers/$part.work"
  mount -t overlay -o "lowerdir=/$part,upperdir=layers/$part,workdir=layers/$part.work" overlay "$part"
done
for link in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$link" ]; then cp -P "/$link" "$link"; fi
done
mount -t tmpfs -o mode=755 local usr/local
cp "$directory"/etc/* etc/
chmod 600 etc/shadow
mount --bind "$directory/ssh" etc/ssh

mkdir proc dev run tmp var root home
mount -t proc proc proc
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
  : > "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mkdir -m 1777 dev/shm
mkdir dev/pts
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx

mount -t tmpfs -o mode=755 run run
mkdir run/sshd run/lock
mount -t tmpfs -o mode=1777 tmp tmp
chmod 700 root
mkdir -p var/log var/lib var/cache var/webcode
mkdir -m 1777 var/tmp
mount --bind "$directory/log" var/log
if [ "$disk" = 0 ]; then
  mount --bind "$directory/root" var/webcode
else
  mount -t tmpfs -o "mode=755,size=${disk}m" webcode var/webcode
  chown "$uid:$uid" var/webcode
fi
mkdir "home/$user"
mount --bind "$directory/home" "home/$user"

cp "$program" run/host-supervisor.py

mkdir old
pivot_root . old
umount -l old
rmdir old
cd /
exec /usr/bin/python3 -I -S -B /run/host-supervisor.py
