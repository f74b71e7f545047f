#!/bin/bash
# A real S3 server with Object Lock for tests: Ceph's object gateway from Debian's packages, on loopback, in memory.
#
#   ceph-rgw.sh install         apt-get the packages (root)
#   ceph-rgw.sh start DIR PORT  start monitor, one memory-backed OSD and the gateway under DIR; print the
#                               endpoint and the keys of a user as AWS_ENDPOINT_URL=..., AWS_ACCESS_KEY_ID=... lines
#   ceph-rgw.sh stop DIR        end what was started there
#
# It keeps nothing: everything is gone when it stops.
set -euo pipefail

PACKAGES="ceph-mon ceph-osd radosgw"

die() { echo "ceph-rgw.sh: $*" >&2; exit 1; }

install_packages() {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $PACKAGES
}

wait_for() { # wait_for SECONDS WHAT COMMAND...
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >"$DIR/wait.log" 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || { tail -5 "$DIR"/*.log >&2 || true; die "$what did not come up"; }
        sleep 0.3
    done
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

write_configuration() {
    local fsid=$1 mon_port=$2
    cat >"$DIR/ceph.conf" <<CONF
[global]
fsid = $fsid
mon initial members = a
mon host = [v2:127.0.0.1:$mon_port]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = $DIR/keyring
run dir = $DIR
admin socket = $DIR/\$name.asok
pid file = $DIR/\$name.pid
log file = $DIR/\$name.log
mon data = $DIR/mon.a
mon cluster log file = $DIR/cluster.log
osd data = $DIR/osd.0
osd objectstore = memstore
memstore device bytes = 4294967296
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
rgw frontends = beast endpoint=127.0.0.1:$PORT
rgw dns name = localhost
rgw thread pool size = 64
CONF
}

make_keys() {
    local all="--cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'"
    eval ceph-authtool --create-keyring "$DIR/keyring" --gen-key -n client.admin "$all"
    eval ceph-authtool "$DIR/keyring" --gen-key -n mon. --cap mon "'allow *'"
    eval ceph-authtool "$DIR/keyring" --gen-key -n osd.0 "$all"
    eval ceph-authtool "$DIR/keyring" --gen-key -n client.rgw "$all"
}

start_daemons() {
    local fsid=$1 mon_port=$2 ceph="ceph -c $DIR/ceph.conf --connect-timeout 5"
    monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port]" "$DIR/monmap" >/dev/null
    mkdir -p "$DIR/mon.a" "$DIR/osd.0"
    ceph-mon -c "$DIR/ceph.conf" -i a --mkfs --monmap "$DIR/monmap" --keyring "$DIR/keyring"
    ceph-mon -c "$DIR/ceph.conf" -i a
    wait_for 60 "the monitor" $ceph mon stat
    local uuid
    uuid=$(cat /proc/sys/kernel/random/uuid)
    $ceph osd new "$uuid" 0 >/dev/null 2>&1
    $ceph auth import -i "$DIR/keyring" >/dev/null 2>&1
    ceph-osd -c "$DIR/ceph.conf" -i 0 --mkfs --osd-uuid "$uuid" >/dev/null 2>&1
    ceph-osd -c "$DIR/ceph.conf" -i 0 >/dev/null 2>&1
    wait_for 60 "the OSD" sh -c "$ceph osd stat | grep -q '1 up'"
    radosgw -c "$DIR/ceph.conf" -n client.rgw
    wait_for 120 "the gateway" curl -fsS "http://127.0.0.1:$PORT/"
}

make_user() {
    radosgw-admin -c "$DIR/ceph.conf" -n client.rgw user create --uid airtight --display-name airtight \
        --access-key airtightaccess --secret-key airtightsecret >"$DIR/user.json" 2>"$DIR/user.log" || die "no user: $(cat "$DIR/user.log")"
}

start() {
    command -v radosgw >/dev/null && command -v ceph-osd >/dev/null && command -v ceph-mon >/dev/null ||
        die "install the packages first: apt-get install $PACKAGES"
    mkdir -p "$DIR"
    [ -z "$(ls -A "$DIR")" ] || die "$DIR is not empty"
    local fsid mon_port
    fsid=$(cat /proc/sys/kernel/random/uuid)
    mon_port=$(free_port)
    write_configuration "$fsid" "$mon_port"
    make_keys >"$DIR/keys.log"
    start_daemons "$fsid" "$mon_port"
    make_user
    printf 'AWS_ENDPOINT_URL=http://127.0.0.1:%s\nAWS_ACCESS_KEY_ID=airtightaccess\nAWS_SECRET_ACCESS_KEY=airtightsecret\n' "$PORT"
}

stop() {
    local file pid
    for file in "$DIR"/client.rgw.pid "$DIR"/osd.0.pid "$DIR"/mon.a.pid; do
        [ -s "$file" ] || continue
        pid=$(cat "$file")
        kill -9 "$pid" 2>/dev/null || true # nothing is kept: a clean shutdown takes a minute
    done
}

case ${1:-} in
install) install_packages ;;
start) DIR=$(realpath -m "${2:?DIR}") PORT=${3:?PORT} && start ;;
stop) DIR=$(realpath -m "${2:?DIR}") && stop ;;
*) die "usage: ceph-rgw.sh install | start DIR PORT | stop DIR" ;;
esac
