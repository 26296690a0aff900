#!/bin/sh
# Writes vvdash.conf and what it includes into a folder, with what differs in docker-compose.yml:
#   sh in-compose.sh /etc/nginx/conf.d
# The host's name is that of SITE_URL, whose certificate is where certbot puts it. Networks in INSIDE may ask for
# /metrics and /readyz. Gunicorn is called web, and may get another address; it has the static files.
set -eu
from=$(dirname -- "$0")
into=$1

case $SITE_URL in
    https://*) host=${SITE_URL#https://} host=${host%%[:/]*} ;;
    *) host='' ;;
esac
case $host in
    '' | *[!A-Za-z0-9.-]*)
        echo "SITE_URL must be the address that people open, such as https://dashboard.example." >&2
        exit 2
        ;;
esac
inside=$(printf %s "${INSIDE:-}" | tr , '\n' | sed -n 's/ //g; s/[^0-9a-fA-F.:/]//g; s/..*/allow &;/p' | tr '\n' ' ')
# A machine may have no IPv6 at all.
[ -f "${IPV6:-/proc/net/if_inet6}" ] && ipv6='' || ipv6='/listen \[::\]/d'

sed -e "s/dashboard\.example/$host/g" \
    -e '/^upstream /,/^}/d' \
    -e '/# Static files answer/,/^    }/d' \
    -e "s|allow ::1;|& $inside|" \
    -e "s|/etc/nginx/vvdash-proxy\.conf|$into/vvdash-proxy|" \
    -e "$ipv6" \
    "$from/vvdash.conf" >"$into/vvdash.conf"
# Docker's own names: asked again every ten seconds.
sed -e 's|^proxy_pass .*|resolver 127.0.0.11 valid=10s;\nset $vvdash web:8000;\nproxy_pass http://$vvdash;|' \
    "$from/vvdash-proxy.conf" >"$into/vvdash-proxy"
