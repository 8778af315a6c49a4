"""What systemd's sandboxing does to a service, done by hand where no systemd runs."""

from typing import Final

_NO_NEW_CODE: Final = """\
import ctypes, os, sys
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)  # older kernels do not know it
os.execv(sys.argv[1], sys.argv[1:])
"""

CONFINED: Final = f"""
account=$1; shift
umask 077
mount --make-rprivate /
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
mount -t tmpfs -o mode=0700,ro tmpfs /home
mount -t tmpfs -o mode=0700,ro tmpfs /root
mount -t tmpfs -o mode=0700,ro tmpfs /run/user 2>/dev/null || true
mount -o remount,bind,ro /
mount -t proc -o hidepid=2,subset=pid proc /proc 2>/dev/null || mount -t proc -o hidepid=2 proc /proc
exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 ${{HOME:+HOME="$HOME"}} \\
    ${{CREDENTIALS_DIRECTORY:+CREDENTIALS_DIRECTORY="$CREDENTIALS_DIRECTORY"}} \\
    setpriv --reuid="$account" --regid="$account" --clear-groups --no-new-privs \\
        --bounding-set=-all --inh-caps=-all --ambient-caps=-all \\
    /usr/bin/python3 -Ic '{_NO_NEW_CODE}' "$@"
"""
"""A script for ``sh``: the account, then the command to run in its place."""
