# shellcheck shell=bash
# The base images: root file systems made from Debian's packages, kept as tarballs, pushed as two-platform indexes.
# shellcheck disable=SC2154  # the paths are set by scripts/engine

suites=(bookworm trixie)
architectures=(amd64 arm64)
platforms=(linux/amd64 linux/arm64)

emulate_other_platforms() {
    local arch name entry
    for arch in $(foreign_architectures); do
        case $arch in
            amd64) name=qemu-x86_64 ;;
            arm64) name=qemu-aarch64 ;;
        esac
        [ -e /proc/sys/fs/binfmt_misc/register ] ||
            mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc ||
            fail 5 "linux/$arch needs the kernel's binfmt_misc, which cannot be mounted here"
        if ! arch-test "$arch" >/dev/null 2>&1; then
            entry=/usr/lib/binfmt.d/$name.conf
            [ -e "$entry" ] || fail 5 "linux/$arch needs qemu-user-static's $entry"
            # F opens the emulator at once, so that it is there inside containers.
            sed -E '/^:/!d; s/:([A-Z]*)$/:\1F/; s/F([A-Z]*)F$/F\1/' "$entry" >/proc/sys/fs/binfmt_misc/register
            arch-test "$arch" >/dev/null 2>&1 || fail 5 "$arch programs do not run, though qemu is registered for them"
            say "linux/$arch is emulated by qemu"
        elif [ -e "/proc/sys/fs/binfmt_misc/$name" ] && ! grep -q '^flags:.*F' "/proc/sys/fs/binfmt_misc/$name"; then
            fail 5 "$name is registered in binfmt_misc without the F flag, so $arch programs would not run in containers"
        fi
    done
}

registry_platforms() {
    local_http -H 'Accept: application/vnd.oci.image.index.v1+json' \
        "http://127.0.0.1:$port/v2/library/debian/manifests/$1" 2>/dev/null |
        grep -oE '"architecture":"[a-z0-9]+"' | sed -E 's#.*:"(.*)"#linux/\1#' | sort | paste -s -d ' ' || true
}

has_image() { [ "$(registry_platforms "$1")" = "${platforms[*]}" ]; }

provide_images() {
    local suite
    local -a missing=()
    for suite in "${suites[@]}"; do
        has_image "$suite-slim" || is_whole "$suite" || missing+=("$suite")
    done
    rm -rf --one-file-system -- "$cache/tmp"
    if [ "${#missing[@]}" -gt 0 ]; then
        say "making base images from Debian's packages, once: about 3 minutes where a platform is emulated"
        # A process group each, so that an interruption reaches all of it.
        set -m
        for suite in "${missing[@]}"; do
            make_tarballs "$suite" 8>&- 9>&- &
        done
        set +m
        for suite in "${missing[@]}"; do
            wait -n
        done
        rm -rf --one-file-system -- "$cache/tmp"
    fi
    for suite in "${suites[@]}"; do
        has_image "$suite-slim" || step "debian:$suite-slim pushed to localhost:$port" push_image "$suite"
    done
}

tarball_of() { printf '%s/base/debian-%s-slim-%s.tar.gz\n' "$cache" "$1" "$2"; }

# What a suite's tarballs are made from; ones made otherwise are made again.
recipe_of() {
    { printf '%s\n' "$1" && suite_sources "$1" && image_files && apt_dates; } | sha256sum | cut -c1-64
}

field() { sed -n "s/^$2=//p" "$1.about" 2>/dev/null; }

# The description is renamed into place after its tarball, so a tarball with a fitting one is whole.
is_whole() {
    local arch tarball recipe
    recipe=$(recipe_of "$1")
    for arch in "${architectures[@]}"; do
        tarball=$(tarball_of "$1" "$arch")
        [ -s "$tarball" ] && [ "$(field "$tarball" recipe)" = "$recipe" ] &&
            [ "$(field "$tarball" digest)" = "$(sha256sum -- "$tarball" | cut -c1-64)" ] || return 1
    done
}

# A machine whose apt does not mind old dates has a frozen mirror, on which apt in a container must not mind either.
apt_dates() {
    apt-config dump | grep -E '^Acquire::(Check-Valid-Until|Check-Date) "(false|no|0)";' || true
}

image_files() {
    cat <<'TEXT'
etc/dpkg/dpkg.cfg.d/docker
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/groff/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/linda/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*

etc/apt/apt.conf.d/docker-clean
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";

etc/apt/apt.conf.d/docker-gzip-indexes
Acquire::GzipIndexes "true";

etc/apt/apt.conf.d/docker-no-languages
Acquire::Languages "none";

etc/apt/apt.conf.d/docker-autoremove-suggests
Apt::AutoRemove::SuggestsImportant "false";

TEXT
}

# A tree that is laid over a suite's root file systems: the files above, the sources, the attitude to dates.
write_skeleton() {
    local suite=$1 tree=$2 name='' text uri
    mkdir -p -- "$tree/etc/apt/apt.conf.d" "$tree/etc/apt/sources.list.d" "$tree/etc/dpkg/dpkg.cfg.d"
    image_files | while IFS= read -r text; do
        if [ -z "$text" ]; then
            name=''
        elif [ -z "$name" ]; then
            name=$text
        else
            printf '%s\n' "$text" >>"$tree/$name"
        fi
    done
    apt_dates >"$tree/etc/apt/apt.conf.d/mirror-dates"
    [ -s "$tree/etc/apt/apt.conf.d/mirror-dates" ] || rm -- "$tree/etc/apt/apt.conf.d/mirror-dates"
    suite_sources "$suite" | cut -d ' ' -f 1 | uniq | while read -r uri; do
        printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' \
            "$uri" "$(suite_sources "$suite" | sed -n "s#^$uri ##p" | paste -s -d ' ')" "$debian_keyring"
    done >"$tree/etc/apt/sources.list.d/debian.sources"
}

# All platforms of a suite, the machine's own first.
make_tarballs() {
    local suite=$1 arch native
    native=$(dpkg --print-architecture)
    mkdir -p -- "$cache/base"
    write_skeleton "$suite" "$cache/tmp/$suite/skeleton"
    make_tarball "$suite" "$native"
    for arch in $(foreign_architectures); do
        make_tarball "$suite" "$arch" "$(tarball_of "$suite" "$native")"
    done
}

# shellcheck disable=SC2016  # the hooks are shell text for mmdebstrap, which passes the root file system as $1
make_tarball() {
    local suite=$1 arch=$2 from=$SECONDS target work=$cache/tmp/$1 tar=$cache/tmp/$1/$2.tar log=$cache/log/base-$1-$2.log
    local -a options sources
    target=$(tarball_of "$suite" "$arch")
    SOURCE_DATE_EPOCH=$(date +%s)
    export SOURCE_DATE_EPOCH BAKEGEN_SKELETON=$work/skeleton BAKEGEN_NATIVE=${3:-} TMPDIR=$work/$arch
    mkdir -p -- "$TMPDIR"
    mapfile -t sources < <(suite_sources "$suite" | sed -E 's#^([^ ]+) (.*)#deb \1 \2 main#')
    mapfile -t options < <(apt_dates | sed 's/^/--aptopt=/')
    # bookworm's packages still have files in /bin, /lib and /sbin.
    [ "$suite" != bookworm ] || options+=(--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr)
    # /etc/ssl/certs is the same on every platform, and emulated programs take longer to make it than all the rest: so
    # the package's script does nothing for now, and what it made on the machine's own platform is put in afterwards.
    [ -z "$BAKEGEN_NATIVE" ] || options+=(
        --dpkgopt='path-exclude=/usr/sbin/update-ca-certificates'
        --extract-hook='ln -s ../bin/true "$1/usr/sbin/update-ca-certificates"'
        --customize-hook='rm "$1/usr/sbin/update-ca-certificates"'
        --customize-hook='tar -xzf "$BAKEGEN_NATIVE" -C "$1" ./usr/sbin/update-ca-certificates ./etc/ssl/certs')
    # Mounts of its own end with it, however it ends.
    unshare --mount mmdebstrap --mode=root --architectures="$arch" --variant=minbase --include=ca-certificates \
        --dpkgopt="$work/skeleton/etc/dpkg/dpkg.cfg.d/docker" "${options[@]}" \
        --customize-hook='rm -f "$1/etc/apt/sources.list" "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap' \
        --customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname" "$1"/var/cache/apt/*.bin' \
        --customize-hook='cp -R "$BAKEGEN_SKELETON/." "$1/"' \
        "$suite" "$tar" "${sources[@]}" >"$log" 2>&1 </dev/null ||
        give_up "$log" "the root file system of debian:$suite-slim for linux/$arch could not be made"
    gzip -n <"$tar" >"$tar.gz"
    {
        printf 'recipe=%s\n' "$(recipe_of "$suite")"
        printf 'digest=%s\n' "$(sha256sum -- "$tar.gz" | cut -c1-64)"
        printf 'content=%s\n' "$(sha256sum -- "$tar" | cut -c1-64)"
        printf 'created=%s\n' "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)"
    } >"$tar.about"
    rm -f -- "$tar" "$target.about"
    mv -- "$tar.gz" "$target"
    mv -- "$tar.about" "$target.about"
    say "debian:$suite-slim for linux/$arch made ($((SECONDS - from)) s)"
}

# Puts a file into the registry's repository, unless it is there, and prints its digest.
push_blob() {
    local file=$1 digest location base=http://127.0.0.1:$port
    digest=sha256:$(sha256sum -- "$file" | cut -c1-64)
    if ! local_http -o /dev/null -I "$base/v2/library/debian/blobs/$digest" 2>/dev/null; then
        location=$(local_http -X POST -o /dev/null -D - "$base/v2/library/debian/blobs/uploads/" |
            tr -d '\r' | sed -nE 's/^[Ll]ocation: *//p')
        case $location in
            /*) location=$base$location ;;
        esac
        case $location in
            *\?*) location="$location&digest=$digest" ;;
            *) location="$location?digest=$digest" ;;
        esac
        local_http -o /dev/null -H 'Content-Type: application/octet-stream' -T "$file" "$location"
    fi
    printf '%s\n' "$digest"
}

push_manifest() {
    local file=$1 type=$2 reference=$3
    local_http -o /dev/null -X PUT -H "Content-Type: $type" --data-binary "@$file" \
        "http://127.0.0.1:$port/v2/library/debian/manifests/$reference"
}

# "mediaType", "digest" and "size" of a file, the members every OCI descriptor has.
descriptor() {
    printf '"mediaType":"%s","digest":"sha256:%s","size":%s' "$2" "$(sha256sum -- "$1" | cut -c1-64)" "$(stat -c %s -- "$1")"
}

# The registry is given the tarballs as they are: the same tarballs are the same digests, on every set-up.
push_image() {
    local suite=$1 oci=application/vnd.oci.image arch target work=$cache/tmp/push variant manifests=''
    rm -rf -- "$work"
    mkdir -p -- "$work"
    for arch in "${architectures[@]}"; do
        target=$(tarball_of "$suite" "$arch")
        variant=''
        [ "$arch" != arm64 ] || variant=',"variant":"v8"'
        printf '{"architecture":"%s"%s,"os":"linux","created":"%s","config":{"Env":["PATH=%s"],"Cmd":["bash"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"%s","created_by":"%s"}]}' \
            "$arch" "$variant" "$(field "$target" created)" \
            /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            "$(field "$target" content)" "$(field "$target" created)" "debian $suite, minbase with ca-certificates" \
            >"$work/config"
        printf '{"schemaVersion":2,"mediaType":"%s","config":{%s},"layers":[{%s}]}' "$oci.manifest.v1+json" \
            "$(descriptor "$work/config" "$oci.config.v1+json")" \
            "$(descriptor "$target" "$oci.layer.v1.tar+gzip")" >"$work/$arch"
        push_blob "$work/config" >/dev/null
        push_blob "$target" >/dev/null
        push_manifest "$work/$arch" "$oci.manifest.v1+json" "sha256:$(sha256sum -- "$work/$arch" | cut -c1-64)"
        manifests+=${manifests:+,}"{$(descriptor "$work/$arch" "$oci.manifest.v1+json"),\"platform\":{\"architecture\":\"$arch\",\"os\":\"linux\"$variant}}"
    done
    printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' "$oci.index.v1+json" "$manifests" >"$work/index"
    push_manifest "$work/index" "$oci.index.v1+json" "$suite-slim"
    rm -rf -- "$work"
}

# What an interrupted or failed start leaves running or lying about.
clean_up() {
    local group
    for group in $(jobs -p); do
        kill -- "-$group" 2>/dev/null || true
        while kill -0 -- "-$group" 2>/dev/null; do sleep 0.1; done
    done
    remove_policy
    rm -rf --one-file-system -- "$cache/tmp"
}
