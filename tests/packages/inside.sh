#!/bin/sh
# inside.sh ROOT COMMAND...: run a command in the Debian below ROOT, in a mount namespace of its own (see chroots.py).
set -e
root=$1
shift
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm"
mount -t tmpfs tmpfs "$root/dev/shm"
# The outer desktop's sockets and its private home are there.
mount --bind /tmp "$root/tmp"
exec chroot "$root" "$@"
