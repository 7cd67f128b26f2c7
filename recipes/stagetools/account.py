"""Who this account is, and what the host calls itself, by the host's own word."""
import grp
import json
import os
import pwd
import socket


def name_of(look, number):
    try:
        return look(number)[0]
    except KeyError:
        return str(number)


account = pwd.getpwuid(os.getuid())
print(json.dumps({
    "user": account.pw_name,
    "group": name_of(grp.getgrgid, account.pw_gid),
    "host": socket.gethostname(),
}))
