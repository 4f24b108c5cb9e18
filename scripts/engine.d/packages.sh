# shellcheck shell=bash
# Debian's packages and the machine's mirror, without a change to the machine's own apt configuration.
# shellcheck disable=SC2154  # the paths are set by scripts/engine

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

can_set_up() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ "$(os_release ID)" = debian ]
}

os_release() {
    # shellcheck disable=SC1091
    (. /etc/os-release && printf '%s\n' "${!1:-}") 2>/dev/null
}

# The machine's Debian sources as "URI SUITE" lines; apt itself reads them, so every way of writing them counts.
machine_sources() {
    local codename indexes
    codename=$(os_release VERSION_CODENAME)
    indexes=$(apt-get update --print-uris 2>&1) || fail 5 "apt cannot read this machine's sources: ${indexes##*$'\n'}"
    printf '%s\n' "$indexes" |
        sed -nE "s#^'(https?://[^' ]+)/dists/([^' ]+)/(In)?Release'.*#\1 \2#p" |
        awk -v codename="$codename" '
            { base = $2; sub(/(-updates|-security|\/updates)$/, "", base) }
            base == codename || base == "stable" || base == "oldstable" || base == "testing" { print }' |
        sort -u
}

# The sources of one suite on the machine's mirrors: its own, and updates and security where the machine has them.
suite_sources() {
    local uri suite
    machine_sources | while read -r uri suite; do
        case $suite in
            *-updates) printf '%s %s-updates\n' "$uri" "$1" ;;
            *-security | */updates) printf '%s %s-security\n' "$uri" "$1" ;;
            *) printf '%s %s\n' "$uri" "$1" ;;
        esac
    done | sort -u
}

# apt with sources, pins, lists and downloads of its own; everything else is the machine's configuration.
private_apt() {
    local command=$1
    shift
    DEBIAN_FRONTEND=noninteractive "$command" \
        -o Dir::Etc::sourcelist="$cache/apt/sources.list" \
        -o Dir::Etc::sourceparts="$cache/apt/none" \
        -o Dir::Etc::preferences="$cache/apt/preferences" \
        -o Dir::State::lists="$cache/apt/lists" \
        -o Dir::Cache::archives="$cache/debs" \
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
        -o APT::Sandbox::User=root \
        -o APT::Keep-Downloaded-Packages=true \
        -o DPkg::Lock::Timeout=300 \
        "$@"
}

configure_private_apt() {
    local signed='' uri suite newer codename
    codename=$(os_release VERSION_CODENAME)
    mkdir -p -- "$cache/apt/lists/partial" "$cache/apt/none" "$cache/debs/partial"
    [ ! -e "$debian_keyring" ] || signed="[signed-by=$debian_keyring] "
    {
        machine_sources | while read -r uri suite; do
            printf 'deb %s%s %s main\n' "$signed" "$uri" "$suite"
            case $suite in
                *-* | */*) ;;
                *)
                    for newer in sid trixie; do
                        [ "$newer" = "$codename" ] || printf 'deb %s%s %s main\n' "$signed" "$uri" "$newer"
                    done
                    ;;
            esac
        done
    } | sort -u >"$cache/apt/sources.list"
    [ -s "$cache/apt/sources.list" ] ||
        fail 5 "apt's sources name no http mirror of Debian $codename; Docker Engine with buildx has to be installed by hand"
    {
        for newer in sid trixie; do
            [ "$newer" = "$codename" ] || printf 'Package: *\nPin: release n=%s\nPin-Priority: 50\n\n' "$newer"
        done
        cat /etc/apt/preferences 2>/dev/null || true
    } >"$cache/apt/preferences"
}

# The platforms whose programs this machine's processor does not run.
foreign_architectures() {
    local arch native
    native=$(dpkg --print-architecture)
    for arch in "${architectures[@]}"; do
        [ "$arch" = "$native" ] || printf '%s\n' "$arch"
    done
}

# The packages whose programs are missing, but for the engine's own.
missing_packages() {
    local program
    for program in docker-registry mmdebstrap arch-test iptables curl; do
        command -v "$program" >/dev/null || printf '%s\n' "$program"
    done
    command -v ip >/dev/null || printf 'iproute2\n'
    [ -e /etc/ssl/certs/ca-certificates.crt ] || printf 'ca-certificates\n'
    compgen -G '/usr/lib/binfmt.d/qemu-*.conf' >/dev/null || [ -z "$(foreign_architectures)" ] ||
        printf 'qemu-user-static\n'
}

engine_is_missing() {
    ! command -v dockerd >/dev/null || ! command -v containerd >/dev/null ||
        ! timeout 20 docker buildx version >/dev/null 2>&1
}

refuse_old_engine() {
    local version
    version=$(dockerd --version | sed -nE 's/^Docker version ([0-9]+).*/\1/p')
    [ "${version:-0}" -ge 25 ] ||
        fail 5 "the installed dockerd is older than 25 and is left alone: upgrade Docker Engine, with buildx, and start it"
}

install_packages() {
    local -a plain wanted=()
    local log=$cache/log/packages.log from=$SECONDS
    ! command -v dockerd >/dev/null || refuse_old_engine
    mapfile -t plain < <(missing_packages)
    if [ "${#plain[@]}" -eq 0 ] && ! engine_is_missing; then
        return
    fi
    exec 8>/run/bakegen/lock
    flock 8
    : >"$log"
    say "installing packages from the machine's Debian mirror: about half a minute"
    configure_private_apt
    # A third party's source among the machine's own may fail to verify here; what is needed is proven by the next step.
    private_apt apt-get update >>"$log" 2>&1 || true
    ! engine_is_missing || choose_engine_packages
    install_quietly "$log" "${plain[@]}" "${wanted[@]}"
    say "packages installed ($((SECONDS - from)) s)"
    rm -rf -- "$cache/apt"
    exec 8>&-
    refuse_old_engine
}

# The newest engine whose packages fit; an engine that is installed already is only completed, never replaced.
choose_engine_packages() {
    local suite
    if command -v dockerd >/dev/null; then
        wanted=(docker-buildx)
        return
    fi
    for suite in /sid /trixie ''; do
        wanted=("docker.io$suite" "docker-cli$suite" "docker-buildx$suite")
        if can_install "${wanted[@]}" "${plain[@]}"; then
            ! can_install crane/sid || wanted+=(crane/sid)
            return
        fi
    done
    give_up "$log" "the mirror has no Docker Engine that fits this machine"
}

can_install() { private_apt apt-get -s --no-remove install --no-install-recommends "$@" >>"$log" 2>&1; }

install_quietly() {
    local log=$1 policy=/usr/sbin/policy-rc.d failed='' unit
    local -a units
    shift
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy.bakegen"
        chmod 755 "$policy.bakegen"
        mv -n -- "$policy.bakegen" "$policy"
        written_policy=$policy
    fi
    for unit in docker.socket docker.service containerd.service docker-registry.service; do
        [ -e "/lib/systemd/system/$unit" ] || units+=("$unit")
    done
    private_apt apt-get -y --no-remove --no-upgrade install --no-install-recommends "$@" >>"$log" 2>&1 </dev/null || failed=yes
    remove_policy
    for unit in "${units[@]}"; do
        [ ! -e "/lib/systemd/system/$unit" ] || disable_unit "$unit" >>"$log" 2>&1
    done
    [ -z "$failed" ] || give_up "$log" "the packages could not be installed"
}

remove_policy() {
    [ -z "${written_policy:-}" ] || rm -f -- "$written_policy"
    written_policy=''
}

# The engine is started by this script alone: a service of the packages must neither run now nor after a reboot.
disable_unit() {
    local now=
    [ ! -d /run/systemd/system ] || now=--now
    systemctl disable ${now:+"$now"} "$1" || true
}

give_up() {
    tail -n 12 -- "$1" >&2 || true
    fail 5 "$2; the whole log is $1"
}
