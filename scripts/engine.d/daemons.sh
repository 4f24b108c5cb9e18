# shellcheck shell=bash
# The engine's processes, its network and the folder its data are in.
# shellcheck disable=SC2154  # the paths are set by scripts/engine

# A pid counts as ours only while its command line names our own run folder, so a number used again is left alone.
pid_of() {
    local pid
    pid=$(cat "$run/$1.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
    tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- " $run/" || return 1
    printf '%s\n' "$pid"
}

local_http() { curl -q -fsS --noproxy '*' --max-time 60 "$@"; }

registry_answers() {
    [ -n "$port" ] && local_http -o /dev/null "http://127.0.0.1:$port/v2/" 2>/dev/null
}

engine_answers() {
    [ -S "$socket" ] && command -v docker >/dev/null &&
        timeout 20 docker -H "unix://$socket" version --format '{{.Server.Version}}' >/dev/null 2>&1 && registry_answers
}

complete() {
    local name suite
    for name in containerd dockerd registry; do
        pid_of "$name" >/dev/null || return 1
    done
    engine_answers || return 1
    for suite in "${suites[@]}"; do
        has_image "$suite-slim" || return 1
    done
}

# Runs a program that outlives this script: no terminal, no lock, its own session.
daemon() {
    local name=$1 log=$cache/log/$1.log
    shift
    [ ! -e "$log" ] || mv -f -- "$log" "$log.old"
    (
        cd / || exit
        exec setsid "$@" </dev/null >"$log" 2>&1 8>&- 9>&-
    ) &
    printf '%s\n' "$!" >"$run/$name.pid"
    disown
}

# Waits until a command succeeds; a process that died, or two minutes without success, ends it with the log's last lines.
await() {
    local name=$1 end=$((SECONDS + 120)) pid
    pid=$(cat "$run/$name.pid")
    shift
    until "$@" >/dev/null 2>&1; do
        # A process that was just made has not taken its command line yet, so pid_of cannot be asked.
        if ! kill -0 "$pid" 2>/dev/null || [ "$SECONDS" -ge "$end" ]; then
            give_up "$cache/log/$name.log" "$name did not come up"
        fi
        sleep 0.2
    done
}

end_process() {
    local name=$1 pid end=$((SECONDS + 40))
    if pid=$(pid_of "$name"); then
        kill "$pid" 2>/dev/null || true
        while pid_of "$name" >/dev/null; do
            [ "$SECONDS" -lt "$end" ] || kill -KILL "$pid" 2>/dev/null || true
            sleep 0.1
        done
    fi
    rm -f -- "$run/$name.pid"
}

# Text between double quotes, as JSON, YAML and TOML read it.
text() {
    local value=${1//\\/\\\\}
    printf '"%s"' "${value//\"/\\\"}"
}

# True where overlay mounts work and the data outlives a reboot.
holds_layers() {
    local probe=$1/probe works=1
    mkdir -p -- "$probe/lower" "$probe/upper" "$probe/work" "$probe/merged" || return 1
    case $(stat -f -c %T -- "$probe") in
        tmpfs | ramfs) ;;
        *)
            if mount -t overlay bakegen-probe -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" \
                "$probe/merged" 2>/dev/null; then
                umount -- "$probe/merged"
                works=0
            fi
            ;;
    esac
    rm -rf -- "$probe"
    return "$works"
}

choose_data_folder() {
    local folder
    if [ -z "$data" ]; then
        for folder in "$cache/data" "/var/lib/bakegen-$id"; do
            if holds_layers "$folder"; then
                data=$folder
                break
            fi
            rmdir -- "$folder" 2>/dev/null || true
        done
        [ -n "$data" ] || fail 5 "neither $cache nor /var/lib is on a file system that can hold image layers (overlay mounts fail)"
        write_settings
    fi
    mkdir -p -- "$data/docker" "$data/containerd" "$data/registry"
}

as_number() {
    local IFS=.
    # shellcheck disable=SC2086
    set -- $1
    printf '%s\n' $(((10#$1 << 24) | (10#$2 << 16) | (10#$3 << 8) | 10#$4))
}

# Every network and name server the machine knows, but for the ones on our own bridge.
used_networks() {
    ip -4 route show table all | grep -v -- " dev $bridge " | grep -oE '^([a-z]+ )?[0-9]+(\.[0-9]+){3}(/[0-9]+)?' | sed 's/.* //'
    sed -nE 's/^nameserver +([0-9.]+)$/\1/p' /etc/resolv.conf
}

is_free() {
    local base network length
    base=$(as_number "$1")
    while read -r network; do
        length=${network#*/}
        [ "$length" != "$network" ] || length=32
        # Half of all addresses is a way to write a default route.
        [ "$length" -ge 8 ] || continue
        [ "$length" -le 16 ] || length=16
        [ $((base >> (32 - length))) != $(($(as_number "${network%/*}") >> (32 - length))) ] || return 1
    done < <(used_networks)
}

choose_pool() {
    local n
    local -a candidates=()
    [ -z "$pool" ] || candidates+=("$pool")
    for n in {30..20}; do candidates+=("172.$n.0.0"); done
    for n in {239..200}; do candidates+=("10.$n.0.0"); done
    for pool in "${candidates[@]}"; do
        ! is_free "$pool" || return 0
    done
    fail 5 "no private network is free for the engine's containers"
}

# Each rule carries our bridge's name, so stopping removes these and no other.
rules() {
    local action=$1 mark=(-m comment --comment "$bridge")
    "$action" nat POSTROUTING -s "$pool/16" ! -d "$pool/16" "${mark[@]}" -j MASQUERADE
    "$action" filter FORWARD -s "$pool/16" "${mark[@]}" -j ACCEPT
    "$action" filter FORWARD -d "$pool/16" "${mark[@]}" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
}

insert_rule() {
    local table=$1 chain=$2
    shift 2
    iptables -w -t "$table" -C "$chain" "$@" 2>/dev/null || iptables -w -t "$table" -I "$chain" "$@"
}

remove_rule() {
    local table=$1 chain=$2
    shift 2
    while iptables -w -t "$table" -D "$chain" "$@" 2>/dev/null; do :; done
}

# The bridge and the rules are ours, not dockerd's: a dockerd that manages iptables clears the chains of any other one.
provide_network() {
    if ! ip link show dev "$bridge" >/dev/null 2>&1; then
        choose_pool
        ip link add name "$bridge" type bridge
        ip address add "${pool%.0.0}.0.1/20" dev "$bridge"
    fi
    ip link set dev "$bridge" up
    rules insert_rule
}

smallest_mtu() {
    local device
    device=$(ip -4 route show default | sed -nE 's/.* dev ([^ ]+).*/\1/p' | head -n 1)
    cat "/sys/class/net/${device:-lo}/mtu" 2>/dev/null | awk '{ print ($1 < 1500 ? $1 : 1500) }'
}

is_listened_on() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

choose_port() {
    local candidate
    for candidate in $port {5000..5099}; do
        if ! is_listened_on "$candidate"; then
            port=$candidate
            return
        fi
    done
    fail 5 "no port from 5000 to 5099 is free for the registry"
}

write_registry_config() {
    cat >"$run/registry.yml" <<YAML
version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: $(text "$data/registry")
  delete:
    enabled: true
http:
  addr: 127.0.0.1:$port
YAML
}

# A containerd of our own: dockerd would share the machine's, and with it the names of another dockerd's containers.
write_containerd_config() {
    cat >"$run/containerd.toml" <<TOML
version = 2
root = $(text "$data/containerd")
state = "$run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$run/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
path = $(text "$data/containerd/opt")
TOML
}

write_docker_config() {
    cat >"$run/daemon.json" <<JSON
{
  "hosts": ["unix://$socket"],
  "containerd": "$run/containerd.sock",
  "data-root": $(text "$data/docker"),
  "exec-root": "$run/docker",
  "pidfile": "$run/docker.pid",
  "bridge": "$bridge",
  "mtu": $(smallest_mtu),
  "iptables": false,
  "ip6tables": false,
  "default-address-pools": [{"base": "${pool%.0.0}.128.0/17", "size": 24}],
  "features": {"containerd-snapshotter": true},
  "registry-mirrors": ["http://localhost:$port"],
  "insecure-registries": ["localhost:$port"],
  "labels": ["bakegen.engine=$id"]
}
JSON
}

start_daemons() {
    if ! pid_of registry >/dev/null; then
        choose_port
        # dockerd knows the registry by its port, so it never outlives a change of it.
        [ "$port" = "$(running_port)" ] || end_process dockerd
        write_settings
        write_registry_config
        step "registry on localhost:$port" start_registry
    fi
    if ! pid_of containerd >/dev/null || ! pid_of dockerd >/dev/null; then
        exec 8>/run/bakegen/lock
        flock 8
        provide_network
        write_settings
        exec 8>&-
        step "Docker Engine on unix://$socket" start_docker
    fi
    await registry registry_answers
    await dockerd engine_answers
}

running_port() { sed -nE 's/.*"insecure-registries": \["localhost:([0-9]+)"\].*/\1/p' "$run/daemon.json" 2>/dev/null; }

start_registry() {
    daemon registry docker-registry serve "$run/registry.yml"
    await registry registry_answers
}

start_docker() {
    end_process dockerd
    end_process containerd
    rm -f -- "$run/docker.pid" "$run/containerd.sock"
    write_containerd_config
    write_docker_config
    daemon containerd containerd --config "$run/containerd.toml"
    await containerd test -S "$run/containerd.sock"
    daemon dockerd dockerd --config-file "$run/daemon.json"
    await dockerd engine_answers
}

stop_daemons() {
    end_process dockerd
    end_process containerd
    end_process registry
    if [ -n "$pool" ]; then
        rules remove_rule
        ip link delete dev "$bridge" 2>/dev/null || true
    fi
    unmount_below "$run"
    [ -z "$data" ] || unmount_below "$data"
    rm -rf --one-file-system -- "$run"
}

unmount_below() {
    local point
    # mountinfo writes blanks in a path as \040.
    awk '{ print $5 }' /proc/self/mountinfo | sort -r | while read -r point; do
        point=$(printf '%b' "$point")
        case $point in
            "$1"/*) umount -l -- "$point" || true ;;
        esac
    done
}

remove_data() {
    [ -z "$data" ] || rm -rf --one-file-system -- "$data"
    rm -rf --one-file-system -- "$cache/settings" "$cache/buildx" "$cache/log" "$cache/apt" "$cache/tmp"
}
