# shellcheck shell=bash
# What scripts/run, scripts/test, scripts/lint and scripts/bench share: where the repository is, how progress is
# said, and how what is missing gets installed. Sourced, never run; every function may be called any number of times.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# shellcheck disable=SC2034  # the lists are read by the scripts that source this file
# What the Swift packages are compiled and linked against.
build_packages=(
    libssl-dev libsodium-dev libcurl4-openssl-dev libsqlite3-dev libpq-dev libphonenumber-dev libxml2-dev
    libzip-dev pkg-config
)

# shellcheck disable=SC2034
# The real software that signs in through Loge, and what drives it. apache2-bin is the whole server without the
# service of the package apache2: nothing starts on port 80, neither now nor when the machine restarts. The same goes
# for PostgreSQL and HAProxy (see without_services): scripts/cluster starts its own, in a folder of its own.
test_packages=(
    apache2-bin libapache2-mod-auth-openidc chromium chromium-driver fonts-dejavu-core python3-venv shellcheck
    postgresql-15 haproxy strace
)

# shellcheck disable=SC2034
# The shared database that is measured beside the embedded one.
bench_packages=(postgresql-15 libxml2-utils)

step() { printf '\n==> %s\n' "$*"; }
say() { printf '    %s\n' "$*"; }
fail() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

# Prints the comment at the head of the script `$1`: its help is written once, where its reader looks first.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$1"; }

as_root() {
    if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

package_is_installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Prints `$1` ports of the loopback that nothing uses, and that the machine gives to no outgoing connection meanwhile.
free_ports() {
    python3 - "$1" <<'EOF'
import random, socket, sys

ports = []
for port in random.sample(range(10000, 32000), 22000):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    ports.append(port)
    if len(ports) == int(sys.argv[1]):
        break
print(*ports)
EOF
}

# Runs "$@" as root while Debian's packages may neither start a service nor make a database cluster, and leaves
# HAProxy's service, if it came with that, off for the next start of the machine too. What forbids it is taken away
# again at the end; a policy that the machine had stays.
without_services() {
    # shellcheck disable=SC2016  # expanded by the shell of root
    as_root sh -c '
        policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.d/90-loge-none.conf
        if [ -e "$policy" ]; then policy=; fi
        trap "rm -f $policy $clusters; rmdir --parents --ignore-fail-on-non-empty ${clusters%/*}" EXIT
        trap "exit 1" HUP INT TERM
        if [ -n "$policy" ]; then printf "#!/bin/sh\nexit 101\n" >"$policy" && chmod 755 "$policy"; fi
        mkdir -p "${clusters%/*}" && echo "create_main_cluster = false" >"$clusters"
        had_haproxy=$(command -v haproxy)
        "$@" || exit
        if [ -z "$had_haproxy" ] && [ -e /etc/init.d/haproxy ]; then update-rc.d haproxy disable; fi
    ' sh "$@"
}

# Installs those of the named Debian packages that are missing; asks the network for nothing when none is.
install_packages() {
    local missing=() package
    for package in "$@"; do
        package_is_installed "$package" || missing+=("$package")
    done
    step "System packages"
    if [[ ${#missing[@]} -eq 0 ]]; then
        say "all $# are installed"
        return
    fi
    local install=(apt-get install --yes --quiet --no-install-recommends "${missing[@]}")
    command -v apt-get >/dev/null || fail "These packages are missing and apt-get is not here: ${missing[*]}" \
        "Loge is built and tested on Debian 12; elsewhere, install their equivalents by hand."
    if [[ $(id -u) -ne 0 ]] && ! command -v sudo >/dev/null; then
        fail "These packages are missing and sudo is not here: ${missing[*]}" "As root, run: ${install[*]}"
    fi
    say "installing ${#missing[@]} of $#: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update --quiet ||
        fail "apt-get update failed." "Mend the network or the package sources, then run this again."
    without_services env DEBIAN_FRONTEND=noninteractive "${install[@]}" -o Dpkg::Use-Pty=0 ||
        fail "apt-get could not install: ${missing[*]}" "Its messages are above; run this again when they are mended."
}

# Checks that a Swift toolchain of at least the version the manifest asks for is on the path.
require_swift() {
    command -v swift >/dev/null || fail "The Swift toolchain is not on the PATH." \
        "Install Swift 6.3 for Debian 12 from https://www.swift.org/install/linux/ and run this again."
    local wanted=6.2 found
    found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    if [[ $(printf '%s\n%s\n' "$wanted" "$found" | sort --version-sort | head -n 1) != "$wanted" ]]; then
        fail "Swift $wanted or later is needed; this one is ${found:-unknown}." \
            "Install a later one from https://www.swift.org/install/linux/ and run this again."
    fi
    step "Swift $found"
}

# Makes .venv from Tests/RealParts/requirements.txt, again only when that file changed. The file names every
# package with its version, indirect ones too, so pip resolves nothing (--no-deps).
python_environment() {
    local requirements=$repository/Tests/RealParts/requirements.txt
    local environment=$repository/.venv
    local python=/usr/bin/python3  # Debian's own: its venv module is among the test packages
    [[ -x $python ]] || python=python3
    step "Python environment of the real parts"
    if cmp --silent "$requirements" "$environment/requirements.txt"; then
        say "up to date"
        return
    fi
    say "making .venv"
    rm -rf "$environment"
    "$python" -m venv "$environment"
    "$environment/bin/pip" install --quiet --no-deps --disable-pip-version-check --requirement "$requirements" ||
        fail "pip could not install Tests/RealParts/requirements.txt." "Its messages are above."
    cp "$requirements" "$environment/requirements.txt"  # last: a half-made environment is made again
}
