#!/bin/sh
# The platform sources this as root before the session's own program: it must not end the shell and not wait.
# What serves needs no more rights than the session's owner.
setpriv --reuid="${LOCAL_USER_ID:-65534}" --regid="${LOCAL_GROUP_ID:-65534}" --clear-groups \
    python3 /opt/container/serve.py /models 8000 &
