#!/bin/sh
# A machine of its own, in a mount and a process namespace: our units under a real systemd, on an installed copy of the
# project. Nothing of it is seen outside, and all of it goes with the process.
#
# machine.sh PROJECT VENV FOLDER ENVIRONMENT
set -eu
project=$1 venv=$2 folder=$3 environment=$4

# A control group of its own, or two machines would end each other's programs. systemd keeps its tree where it begins.
for tree in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [ -e "$tree/cgroup.procs" ]; then
        mkdir "$tree/${folder##*/}"
        echo $$ >"$tree/${folder##*/}/cgroup.procs"
    fi
done

mount --make-rprivate /
mkdir -p "$folder/opt" "$folder/state/manager" "$folder/backups"
cp -a /etc "$folder/etc"
echo 'vvdash:x:2244:2244::/nonexistent:/usr/sbin/nologin' >>"$folder/etc/passwd"
echo 'vvdash:x:2244:' >>"$folder/etc/group"

mkdir -p "$folder/etc/vvdash" "$folder/etc/systemd/user"
install -m 600 "$environment" "$folder/etc/vvdash/environment"
cp -r "$project"/deploy/systemd/. "$folder/etc/systemd/user"
# No journal runs here: what units say goes to our own output.
printf '[Manager]\nDefaultStandardOutput=inherit\nDefaultStandardError=inherit\n' >"$folder/etc/systemd/user.conf"
printf '[Unit]\nDescription=Nothing at first\n' >"$folder/etc/systemd/user/test.target"

mkdir -p "$folder/opt/vvdash/.venv" "$folder/opt/vvdash/var/static"
(cd "$project" && git ls-files -z --cached --others --exclude-standard | grep -zvE '^(tests|assets)/' | tar --create --null --files-from=- --ignore-failed-read) |
    tar --extract --directory="$folder/opt/vvdash" --no-same-owner
# The system's own manager makes the state's folder, and gives it to the user. A user's manager only makes it.
mkdir "$folder/backups/vvdash" "$folder/state/vvdash"
chown 2244:2244 "$folder/backups/vvdash" "$folder/state/vvdash"
chmod 755 "$folder" "$folder/opt" "$folder/state" "$folder/backups"

mount --bind "$folder/opt" /opt
mount --bind "$venv" /opt/vvdash/.venv
mount --bind "$folder/state" /var/lib
mount --bind "$folder/backups" /var/backups
mount --bind "$folder/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
mkdir -p /run/systemd/system /run/systemd/inaccessible /run/manager
# A manager of a user doesn't make what it lays over a path that a unit may not see.
mkdir -m 0 /run/systemd/inaccessible/dir
install -m 0 /dev/null /run/systemd/inaccessible/reg

# Not as the namespace's first process, which would have to be the system's own manager.
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/manager LANG=C.UTF-8 XDG_RUNTIME_DIR=/run/manager XDG_STATE_HOME=/var/lib \
    /lib/systemd/systemd --user --unit=test.target --log-target=console --show-status=no &
wait $!
